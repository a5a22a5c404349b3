//! `[[exponent]]` in specs: with which power of a swept parameter measured quantities move, from the records of a run.

use super::error::{Flaw, SpecError};
use super::fields::{Fields, items, number, text};
use super::figure::Recorded;
use super::learned::{From, SAMPLES, WIDTH};
use super::record::CellRecord;
use super::spec::Spec;
use super::sweep::{Axis, Cell, help_on_axes};
use super::tree::{Node, Span};
use crate::numerics::Mean;
use crate::scores::learned::{Asked, Expected, Varied};
use crate::verdicts::{Agreement, Curves, Fit, LEVEL, Slope, agreement};
use serde::Serialize;
use std::collections::BTreeMap;

/// What one `[[exponent]]` asks for.
#[derive(Clone, Debug, PartialEq)]
pub struct ExponentSpec {
    /// The quantities.
    pub of: Vec<String>,
    /// The swept path whose power is told.
    pub against: String,
    /// The swept path of the repetitions.
    pub mean_over: String,
    /// Only where a quantity is at most this in every repetition.
    pub only: Option<(String, f64)>,
    /// A quantity whose exponent stands beside, and takes the place of the expected one.
    pub beside: Option<String>,
    /// By how much exponents may differ and still match.
    pub tolerance: f64,
}

/// By how much exponents may differ and still match unless a spec says otherwise.
const TOLERANCE: f64 = 0.05;

/// Reads `[[exponent]]`, one table or several.
///
/// # Errors
/// The first thing that is wrong or that will not be in the records, with its place.
pub fn read(node: &Node, recorded: &Recorded<'_>, usual: Option<&String>) -> Result<Vec<ExponentSpec>, Flaw> {
    match node.table() {
        Some(_) => Ok(vec![one(node, recorded, usual)?]),
        None => {
            let tables = items(node, "exponent", "a table or several: [[exponent]]")?;
            tables.iter().map(|table| one(table, recorded, usual)).collect()
        }
    }
}

fn one(node: &Node, recorded: &Recorded<'_>, usual: Option<&String>) -> Result<ExponentSpec, Flaw> {
    let mut fields = Fields::of(node, "exponent")?;
    let of = fields.need("of", "a measured quantity, or a list of them")?;
    let named: &[Node] = match text(of, "exponent.of") {
        Ok(_) => std::slice::from_ref(of),
        Err(_) => items(of, "exponent.of", "a measured quantity, or a list of them")?,
    };
    let name = |node: &Node| Ok(recorded.quantity(text(node, "exponent.of")?, &node.span, &[])?.to_owned());
    let of: Vec<String> = named.iter().map(name).collect::<Result<_, Flaw>>()?;
    let against = fields.need("against", "a swept path")?;
    let axis = axis(against, "exponent.against", recorded.axes)?;
    if axis.values.len() < 2 || !axis.values.iter().all(|value| number(value, &axis.path).is_ok_and(|x| x > 0.0)) {
        let found = format!("`{}` does not take several positive numbers", axis.path);
        return Err(Flaw::new(&against.span, found, "an exponent is one of a positive number that is swept"));
    }
    let against = axis.path.clone();
    let mean_over = match (fields.maybe("mean-over"), usual) {
        (Some(node), _) => self::axis(node, "exponent.mean-over", recorded.axes)?.path.clone(),
        (None, Some(path)) => path.clone(),
        (None, None) => {
            let help = "name the swept path of the repetitions, here or in `figure.mean-over`";
            return Err(Flaw::new(&fields.span, "the exponent has no `mean-over`", help));
        }
    };
    if mean_over == against {
        let found = format!("`exponent.against` is `{against}`, the path of the repetitions");
        return Err(Flaw::new(&fields.span, found, "name a path that is swept beside it"));
    }
    let only = fields.text("where")?.map(|(words, span)| condition(words, span, recorded)).transpose()?;
    let beside = match fields.text("beside")? {
        Some((name, span)) => Some(recorded.quantity(name, span, &[])?.to_owned()),
        None => None,
    };
    let tolerance = fields.positive("tolerance")?.unwrap_or(TOLERANCE);
    fields.finish()?;
    Ok(ExponentSpec { of, against, mean_over, only, beside, tolerance })
}

/// The axis at a path that is named.
fn axis<'a>(node: &Node, name: &str, axes: &'a [Axis]) -> Result<&'a Axis, Flaw> {
    let path = text(node, name)?;
    axes.iter().find(|axis| axis.path == path).ok_or_else(|| {
        Flaw::new(&node.span, format!("`{name}` is \"{path}\", which is not swept"), help_on_axes(path, axes))
    })
}

/// `<quantity> <= <number>`.
fn condition(words: &str, span: &Span, recorded: &Recorded<'_>) -> Result<(String, f64), Flaw> {
    let help = "expected `<quantity> <= <number>`, for example \"flips <= 0.01\"";
    let wrong = || Flaw::new(span, format!("`exponent.where` is \"{words}\""), help);
    let (name, limit) = words.split_once("<=").ok_or_else(wrong)?;
    let limit: f64 = limit.trim().parse().ok().filter(|x: &f64| x.is_finite()).ok_or_else(wrong)?;
    Ok((recorded.quantity(name.trim(), span, &[])?.to_owned(), limit))
}

/// An exponent as `exponents.json` holds it. Uncertainties are Student's 95 % intervals over the repetitions that have a number above 0;
/// absent of a single one.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct ExponentRecord {
    of: String,
    against: String,
    /// What else is swept, and its values here.
    r#where: BTreeMap<String, String>,
    /// What must hold in every repetition, as the spec says it.
    condition: Option<String>,
    repetitions: usize,
    points: Vec<PointRecord>,
    local_slopes: Vec<SlopeRecord>,
    slope: Option<SlopeRecord>,
    window: Option<(f64, f64)>,
    /// The limit, and the statement it comes from.
    expected: Option<f64>,
    statement: Option<&'static str>,
    beside: Option<BesideRecord>,
    excluded: Vec<Excluded>,
    tolerance: f64,
    outcome: &'static str,
    because: String,
}

/// The geometric mean over repetitions at one value of the parameter.
#[derive(Clone, Debug, Serialize)]
struct PointRecord {
    value: f64,
    mean: f64,
    /// The ends of the mean, from Student's interval of its logarithm.
    lo: Option<f64>,
    hi: Option<f64>,
    /// How many of the repetitions have a number above 0 here.
    repetitions: usize,
}

/// A slope.
#[derive(Clone, Copy, Debug, Serialize)]
struct SlopeRecord {
    value: f64,
    uncertainty: Option<f64>,
    /// How many of the repetitions have a number above 0 at all of its places: the others do not count.
    repetitions: usize,
}

/// The exponent of another quantity over the same values.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
struct BesideRecord {
    of: String,
    local_slopes: Vec<SlopeRecord>,
    slope: Option<SlopeRecord>,
}

/// A value of the parameter that takes no part.
#[derive(Clone, Debug, Serialize)]
struct Excluded {
    value: f64,
    why: String,
    /// Whether the condition was looked at there, and fails.
    #[serde(skip)]
    fails: bool,
}

fn slope_record(slope: Slope) -> SlopeRecord {
    let uncertainty = Some(slope.uncertainty).filter(|u| u.is_finite());
    SlopeRecord { value: slope.value, uncertainty, repetitions: slope.count }
}

/// What the records of a run say of some quantities: cell by cell.
struct Found<'a> {
    spec: &'a Spec,
    cells: &'a [Cell],
    records: &'a BTreeMap<usize, CellRecord>,
}

impl Found<'_> {
    /// The middle of a quantity in a cell.
    fn value(&self, cell: usize, of: &str) -> Option<f64> {
        let first = 1 + self.spec.axes.len();
        let row = self.records.get(&cell)?.rows.iter().find(|row| row.get(first).is_some_and(|name| name == of))?;
        let end = |i: usize| row.get(i)?.parse::<f64>().ok();
        Some(0.5 * (end(first + 1)? + end(first + 2)?)).filter(|x| x.is_finite())
    }
}

/// The exponents of a run whose cells are all there.
///
/// # Errors
/// What is wrong with the question of a cell.
pub fn exponents(
    spec: &Spec,
    cells: &[Cell],
    records: &BTreeMap<usize, CellRecord>,
) -> Result<Vec<ExponentRecord>, SpecError> {
    let found = Found { spec, cells, records };
    let mut all = Vec::new();
    for asked in &spec.exponents {
        for group in groups(spec, cells, asked) {
            for of in &asked.of {
                all.push(found.exponent(asked, of, &group)?);
            }
        }
    }
    Ok(all)
}

/// Cells that differ in the parameter and the repetition alone: their numbers by the value of the parameter.
struct Group {
    labels: BTreeMap<String, String>,
    /// Ascending values, and at each the cells of the repetitions, by the repetition's label.
    at: Vec<(f64, BTreeMap<String, usize>)>,
    /// A cell of the group.
    first: usize,
}

fn groups(spec: &Spec, cells: &[Cell], asked: &ExponentSpec) -> Vec<Group> {
    let place = |path: &str| spec.axes.iter().position(|axis| axis.path == path);
    let (Some(against), Some(over)) = (place(&asked.against), place(&asked.mean_over)) else { return Vec::new() };
    let mut groups: Vec<Group> = Vec::new();
    for cell in cells {
        let rest = spec.axes.iter().zip(&cell.labels).enumerate().filter(|(i, _)| *i != against && *i != over);
        let labels: BTreeMap<String, String> =
            rest.map(|(_, (axis, label))| (axis.path.clone(), label.clone())).collect();
        let Ok(value) = cell.labels[against].parse::<f64>() else { continue };
        let known = groups.iter().position(|group| group.labels == labels);
        let i = known.unwrap_or_else(|| {
            groups.push(Group { labels, at: Vec::new(), first: cell.index });
            groups.len() - 1
        });
        let at = &mut groups[i].at;
        let j = at.iter().position(|(x, _)| *x == value).unwrap_or_else(|| {
            at.push((value, BTreeMap::new()));
            at.len() - 1
        });
        at[j].1.insert(cell.labels[over].clone(), cell.index);
    }
    groups.iter_mut().for_each(|group| group.at.sort_by(|a, b| a.0.total_cmp(&b.0)));
    groups
}

impl Found<'_> {
    /// The curves of a quantity over a group.
    fn curves(&self, group: &Group, of: &str) -> Curves {
        let mut repetitions: Vec<&String> = group.at.iter().flat_map(|(_, cells)| cells.keys()).collect();
        repetitions.sort();
        repetitions.dedup();
        let positive = |cell: &usize| self.value(*cell, of).filter(|x| *x > 0.0);
        let curve = |r: &&String| group.at.iter().map(|(_, cells)| cells.get(*r).and_then(positive)).collect();
        Curves {
            parameters: group.at.iter().map(|(value, _)| *value).collect(),
            values: repetitions.iter().map(curve).collect(),
        }
    }

    /// The values of the parameter that take no part: where the condition fails in a repetition, or nothing was measured.
    fn excluded(&self, asked: &ExponentSpec, group: &Group, curves: &Curves) -> Vec<(usize, Excluded)> {
        let why = |(i, (value, cells)): (usize, &(f64, BTreeMap<String, usize>))| {
            let failed = asked.only.as_ref().and_then(|(name, limit)| {
                let found: Vec<Option<f64>> = cells.values().map(|cell| self.value(*cell, name)).collect();
                match found.iter().flatten().copied().reduce(f64::max) {
                    Some(found) if found > *limit => Some((format!("{name} is {found:.3e} in a repetition"), true)),
                    Some(_) if found.iter().all(Option::is_some) => None,
                    _ => Some((format!("{name} was not measured"), false)),
                }
            });
            let empty = || ("nothing above 0 was measured".to_owned(), false);
            let (why, fails) = failed.or_else(|| curves.values.iter().all(|curve| curve[i].is_none()).then(empty))?;
            Some((i, Excluded { value: *value, why, fails }))
        };
        group.at.iter().enumerate().filter_map(why).collect()
    }

    fn exponent(&self, asked: &ExponentSpec, of: &str, group: &Group) -> Result<ExponentRecord, SpecError> {
        let whole = self.curves(group, of);
        let excluded = self.excluded(asked, group, &whole);
        let left_out: Vec<usize> = excluded.iter().map(|(i, _)| *i).collect();
        let curves = whole.without(&left_out);
        let fit = curves.fit();
        let point = |(value, mean): (&f64, Option<Mean>)| {
            let mean = mean?;
            let (ln, error) = (mean.value, mean.student(LEVEL));
            let end = |x: f64| Some(x.exp()).filter(|_| error.is_finite());
            let (lo, hi) = (end(ln - error), end(ln + error));
            Some(PointRecord { value: *value, mean: ln.exp(), lo, hi, repetitions: mean.count })
        };
        let beside = asked.beside.as_ref().map(|name| {
            let other = self.curves(group, name).without(&left_out);
            (name.clone(), other.local_slopes(), other.fit())
        });
        let expected = self.expected(asked, of, group)?;
        let against = match (&beside, expected) {
            (Some((name, _, Some(other))), _) => Against::Other(name, other),
            (_, Some(expected)) => Against::Limit(expected),
            _ => Against::Nothing,
        };
        let (outcome, because) = self::outcome(asked, &excluded, fit.as_ref(), &against);
        Ok(ExponentRecord {
            of: of.to_owned(),
            against: asked.against.clone(),
            r#where: group.labels.clone(),
            condition: asked.only.as_ref().map(|(name, limit)| format!("{name} \u{2264} {limit}")),
            repetitions: whole.values.len(),
            points: whole.parameters.iter().zip(whole.logarithms()).filter_map(point).collect(),
            local_slopes: curves.local_slopes().into_iter().map(slope_record).collect(),
            slope: fit.as_ref().map(|fit| slope_record(fit.slope)),
            window: fit.as_ref().map(|fit| fit.window),
            expected: expected.map(|e| e.power),
            statement: expected.map(|e| e.statement),
            beside: beside.map(|(of, local, fit)| BesideRecord {
                of,
                local_slopes: local.into_iter().map(slope_record).collect(),
                slope: fit.map(|fit| slope_record(fit.slope)),
            }),
            excluded: excluded.into_iter().map(|(_, excluded)| excluded).collect(),
            tolerance: asked.tolerance,
            outcome,
            because,
        })
    }

    /// What is expected of a quantity of what is learned in a group.
    fn expected(&self, asked: &ExponentSpec, of: &str, group: &Group) -> Result<Option<Expected>, SpecError> {
        let varied = match asked.against.as_str() {
            SAMPLES => Varied::Samples,
            WIDTH => Varied::Width,
            _ => return Ok(None),
        };
        let Some(of) = Asked::ALL.into_iter().find(|asked| asked.name() == of) else { return Ok(None) };
        let Some(cell) = self.cells.iter().find(|cell| cell.index == group.first) else { return Ok(None) };
        let question = self.spec.question_of(&cell.tree)?;
        Ok(match question.score.map(|score| score.from) {
            Some(From::Task(task)) => Expected::of(of, varied, &task),
            _ => None,
        })
    }
}

/// What an exponent is held against.
enum Against<'a> {
    /// That of another quantity, by name.
    Other(&'a str, &'a Fit),
    /// A limit.
    Limit(Expected),
    /// Nothing.
    Nothing,
}

/// The outcome in a word and in a sentence.
fn outcome(
    asked: &ExponentSpec,
    excluded: &[(usize, Excluded)],
    fit: Option<&Fit>,
    against: &Against<'_>,
) -> (&'static str, String) {
    let Some(fit) = fit else {
        let first = excluded.first().map(|(_, e)| format!(": at {} {}", e.value, e.why)).unwrap_or_default();
        return match &asked.only {
            Some((name, limit)) if excluded.iter().any(|(_, e)| e.fails) => {
                ("hypothesis-failed", format!("HYPOTHESIS-FAILED ({name} <= {limit}{first})"))
            }
            _ => ("unresolved", format!("UNRESOLVED (fewer than two values{first})")),
        };
    };
    let moving = |by: f64, than: &str| format!("the local slopes still move by {by:.3}{than} in the last window");
    let (apart, whose, than) = match against {
        Against::Other(name, other) => {
            (fit.beside(other), format!("that of {name}"), format!(" against those of {name}"))
        }
        Against::Limit(expected) => (fit.less(expected.power), expected.statement.to_owned(), String::new()),
        Against::Nothing => {
            let drift = fit.drift().filter(|by| *by > asked.tolerance);
            let drift = drift.map(|by| format!("; {}", moving(by, ""))).unwrap_or_default();
            return ("measured", format!("nothing is expected{drift}"));
        }
    };
    let unresolved = |why: String| ("unresolved", format!("UNRESOLVED ({why})"));
    let Slope { value, uncertainty, .. } = apart.slope;
    let by = format!("{value:+.3}").replace('-', "\u{2212}");
    let known = format!("uncertain by {uncertainty:.3}, tolerance {}", asked.tolerance);
    match agreement(&apart, asked.tolerance) {
        Agreement::Matches => ("matches", format!("MATCHES {whose} ({by} from it, {known})")),
        Agreement::Differs => ("differs", format!("DIFFERS from {whose} by {by} ({known})")),
        Agreement::Drifts(by) => unresolved(moving(by, &than)),
        Agreement::Short => unresolved("fewer than two local slopes: their drift is unknown".into()),
        Agreement::Unresolved => unresolved(format!("{by} from {whose}, {known}")),
    }
}

#[cfg(test)]
mod tests;
