//! Charts from records: which panel, which series, which scale.

use super::axis::Scale;
use super::chart::{
    BOUND_DASHES, COLOURS, Chart, Datum, FILLS, Guide, Look, MEASURED_DASHES, Panel, SHAPES, STATED_DASH, Series,
};
use super::gathered::{QUANTITY, averaged, divided, extremes, together, uncounted};
use super::labels;
use super::records::{Records, Row, Slope, Span, Stack, unique};
use crate::bounds;
use crate::experiments::PRESCRIBED;

/// At most this many panels in one figure; further ones go to further figures.
const PANELS: usize = 9;

/// The charts of a run; none when nothing was swept.
pub fn charts(records: &Records) -> Vec<Chart> {
    let each = &divided(&extremes(&uncounted(averaged(&with_prescribed(records)))));
    let records = &together(each);
    let Some(plan) = Plan::of(records) else { return Vec::new() };
    let mut panels = Vec::new();
    for divergence in &plan.divergences {
        for group in &plan.groups {
            let rows: Vec<&Row> =
                records.rows.iter().filter(|r| r.divergence == *divergence && plan.group(r) == *group).collect();
            panels.extend(panel(records, &plan, divergence, group, &rows).into_iter().flat_map(apart));
        }
    }
    let meta = &records.meta;
    let title = if meta.question.is_empty() { &meta.title } else { &meta.question };
    let grid = |some: &[Panel]| {
        let rows = some.chunks(columns(some.len())).map(<[Panel]>::to_vec).collect();
        Chart { title: title.clone(), rows }
    };
    // The terms of a bound stand above what it bounds alone, also where all quantities are on one axis.
    let alone = Plan::of(each);
    let stacks = meta.figure.iter().flat_map(|f| &f.stack);
    let stacked = stacks.flat_map(|stack| alone.iter().flat_map(|plan| stacked(each, plan, stack, title)));
    panels.chunks(PANELS).map(grid).chain(stacked).collect()
}

/// A frame with more lines than this is drawn as several.
const LINES: usize = 8;

/// A frame that can be read: one with too many lines as several with the same axes, whole series in each.
fn apart(panel: Panel) -> Vec<Panel> {
    let lines = panel.series.iter().filter(|s| s.points.iter().any(Option::is_some)).count();
    let starts: Vec<usize> = (0..panel.series.len()).filter(|&i| !panel.series[i].look.is_bound()).collect();
    let frames = lines.div_ceil(LINES).clamp(1, starts.len().max(1));
    let each = starts.len().div_ceil(frames).max(1);
    let part = |k: usize| {
        let end = starts.get((k + 1) * each).copied().unwrap_or(panel.series.len());
        let series = panel.series[starts.get(k * each).copied().unwrap_or(0)..end].to_vec();
        Panel { series, ..panel.clone() }
    };
    (0..starts.len().div_ceil(each).max(1)).map(part).collect()
}

/// Frames of one stacked figure beside each other.
const STACKS: usize = 3;

/// The terms of one bound: their shares, and below them the bound and what it bounds, for every combination of what is swept
/// beside x; rows whose terms are not recorded are left out.
fn stacked(records: &Records, plan: &Plan, stack: &Stack, title: &str) -> Vec<Chart> {
    let Some(divergence) = records.rows.iter().find(|r| r.theorem == stack.theorem).map(|r| r.divergence.clone())
    else {
        return Vec::new();
    };
    let plan = plan.apart(records, &stack.theorem);
    let rows_of = |group: &[String]| -> Vec<&Row> {
        records.rows.iter().filter(|r| r.divergence == divergence && plan.group(r) == *group).collect()
    };
    let own: Vec<&Row> = records.rows.iter().filter(|r| r.theorem == stack.theorem && !r.terms.is_empty()).collect();
    let terms = if stack.terms.is_empty() { leading(&own) } else { stack.terms.clone() };
    let some_below = own.iter().any(|r| r.terms.iter().any(|(name, x)| terms.contains(name) && *x < 0.0));
    let of = if some_below {
        "the terms above 0"
    } else if add_up(&own, &terms) {
        "the bound"
    } else {
        "the sum of these terms (not the bound)"
    };
    let pairs: Vec<[Panel; 2]> = plan
        .groups
        .iter()
        .filter_map(|group| {
            let below = panel(records, &plan, &divergence, group, &rows_of(group))?;
            let mine: Vec<&Row> = own.iter().copied().filter(|r| plan.group(r) == *group).collect();
            let xs = |row: &Row| plan.place(row, &below.x);
            Some([shares((&stack.theorem, of), &terms, &mine, xs, &below)?, Panel { title: String::new(), ..below }])
        })
        .collect();
    let chart = |some: &[[Panel; 2]]| Chart {
        title: format!("{title} The terms of {}.", stack.theorem),
        rows: [0, 1].map(|i| some.iter().map(|pair| pair[i].clone()).collect()).to_vec(),
    };
    let each = pairs.len().div_ceil(pairs.len().div_ceil(STACKS).max(1)).max(1);
    pairs.chunks(each).map(chart).collect()
}

/// Whether terms add up to the bound in every row.
fn add_up(rows: &[&Row], terms: &[String]) -> bool {
    rows.iter().all(|row| {
        let sum: f64 = row.terms.iter().filter(|(name, _)| terms.contains(name)).map(|(_, x)| x).sum();
        row.bound.is_some_and(|bound| bound.hi == sum || (sum - bound.hi).abs() <= 1e-6 * bound.hi)
    })
}

/// The names of the first terms that add up to the bound; of all terms where none do.
fn leading(rows: &[&Row]) -> Vec<String> {
    let names: Vec<String> = unique(rows.iter().flat_map(|r| r.terms.iter().map(|(name, _)| name.clone())));
    let some = (1..=names.len()).find(|&n| add_up(rows, &names[..n])).unwrap_or(names.len());
    names[..some].to_vec()
}

/// The shares of the terms in their sum, one band each, over the places of the frame below.
fn shares(
    (theorem, of): (&str, &str),
    terms: &[String],
    rows: &[&Row],
    x_of: impl Fn(&Row) -> f64,
    below: &Panel,
) -> Option<Panel> {
    let mut places: Vec<(f64, Vec<f64>)> = rows
        .iter()
        .filter_map(|row| {
            let size = |name: &String| row.terms.iter().find(|(known, _)| known == name).map_or(0.0, |(_, x)| *x);
            let sizes: Vec<f64> = terms.iter().map(|name| size(name).max(0.0)).collect();
            let all: f64 = sizes.iter().sum();
            let mut so_far = 0.0;
            let mut edge = |x: &f64| {
                so_far += x / all;
                so_far
            };
            (all > 0.0 && all.is_finite()).then(|| (x_of(row), sizes.iter().map(&mut edge).collect()))
        })
        .collect();
    places.sort_by(|a, b| a.0.total_cmp(&b.0));
    if places.is_empty() {
        return None;
    }
    let band = |(i, name): (usize, &String)| Series {
        label: name.clone(),
        look: Look::Band,
        colour: FILLS[i % FILLS.len()],
        dash: MEASURED_DASHES[0],
        shift: 0.0,
        points: places
            .iter()
            .map(|(x, edges)| {
                let lo = if i == 0 { 0.0 } else { edges[i - 1] };
                Some(Datum { x: *x, lo, hi: edges[i], ringed: false, is_mean: false })
            })
            .collect(),
        theorem: theorem.to_owned(),
    };
    let negative = |name: &&String| rows.iter().any(|r| r.terms.iter().any(|(known, x)| known == *name && *x < 0.0));
    let signed: Vec<&str> = terms.iter().filter(negative).map(String::as_str).collect();
    let left_out = (!signed.is_empty())
        .then(|| format!("{}: negative in places, and not in the shares there.", signed.join(", ")));
    let missing = terms.iter().filter(|name| !rows.iter().any(|r| r.terms.iter().any(|(known, _)| known == *name)));
    Some(Panel {
        title: below.title.clone(),
        axes: (below.axes.0.clone(), format!("share of {of}")),
        x: below.x.clone(),
        y: Scale::Linear { lo: 0.0, hi: 1.0 },
        series: terms.iter().enumerate().map(band).collect(),
        guides: Vec::new(),
        vacuous_from: None,
        notes: missing.map(|name| format!("{theorem} has no term `{name}`.")).chain(left_out).collect(),
    })
}

/// The name under which the accuracy that a prescription promises is drawn.
const PROMISED: &str = "promised";

/// The records with rows for what is prescribed: each quantity that the figure names, and the promise beside the measured TV.
fn with_prescribed(records: &Records) -> Records {
    let mut all = records.clone();
    let y: &[String] = records.meta.figure.as_ref().map_or(&[], |f| &f.y);
    let mut seen: Vec<&str> = Vec::new();
    for row in &records.rows {
        let Some(prescribed) = row.prescribed.filter(|_| !seen.contains(&row.cell.as_str())) else { continue };
        seen.push(&row.cell);
        for (name, x) in PRESCRIBED.iter().zip(prescribed) {
            let here = Some(Span { lo: x, hi: x });
            let bare = Row {
                measured: None,
                theorem: String::new(),
                bound: None,
                ratio: None,
                why: String::new(),
                ..row.clone()
            };
            if *name == PROMISED {
                all.rows.push(Row { divergence: "tv".into(), theorem: PROMISED.into(), bound: here, ..bare });
            } else if y.iter().any(|wanted| wanted == name) {
                all.rows.push(Row { divergence: (*name).to_owned(), measured: here, ..bare });
            }
        }
    }
    all
}

/// What a line is called: the bound of a theorem, or a promise.
fn line_name(theorem: &str) -> String {
    match theorem {
        PROMISED => "promised accuracy".into(),
        theorem => format!("bound {}", labels::theorem(theorem)),
    }
}

/// What several such lines are called.
fn lines_name(theorem: &str) -> String {
    match theorem {
        PROMISED => "The promised accuracies".into(),
        theorem => format!("The bounds of {}", labels::theorem(theorem)),
    }
}

fn columns(panels: usize) -> usize {
    match panels {
        1 => 1,
        2 | 4 => 2,
        _ => 3,
    }
}

/// Which swept path plays which part.
#[derive(Clone)]
struct Plan {
    /// Index of the horizontal path; `None` when a constant of the target is there.
    x: Option<usize>,
    /// Index of the path that tells series apart.
    series: Option<usize>,
    /// The remaining paths with at least two values: one panel per combination.
    rest: Vec<usize>,
    symbols: Vec<String>,
    divergences: Vec<String>,
    groups: Vec<Vec<String>>,
    /// Labels of the theorems whose bounds are drawn.
    theorems: Vec<String>,
    /// What the values of the path that tells series apart are called.
    series_label: Option<String>,
}

impl Plan {
    fn of(records: &Records) -> Option<Self> {
        let spec = records.meta.figure.clone().unwrap_or_default();
        let distinct = |i: usize| unique(records.rows.iter().map(|r| r.swept[i].clone())).len();
        let varied: Vec<usize> = (0..records.swept.len()).filter(|&i| distinct(i) > 1).collect();
        let named = |path: &Option<String>| records.swept.iter().position(|s| Some(s) == path.as_ref());
        let constant = records.rows.iter().any(|r| r.constant.is_some());
        let x = if constant { None } else { Some(named(&spec.x).or_else(|| varied.first().copied())?) };
        let others: Vec<usize> = varied.into_iter().filter(|&i| Some(i) != x).collect();
        let series = named(&spec.series).filter(|i| others.contains(i)).or_else(|| others.first().copied());
        // What is swept beside a constant moves the constant: it does not part the figure.
        let rest: Vec<usize> = others.into_iter().filter(|&i| Some(i) != series && !constant).collect();
        let present = unique(records.rows.iter().map(|r| r.divergence.clone()));
        let wanted: Vec<String> = spec.y.iter().filter(|y| present.contains(y)).cloned().collect();
        let all = unique(records.rows.iter().map(|r| r.theorem.clone()).filter(|t| !t.is_empty()));
        let every = spec.y.is_empty() || spec.y.iter().any(|y| y == "bound");
        let theorems = all.into_iter().filter(|t| every || spec.y.contains(t)).collect();
        let groups = groups(records, &rest);
        Some(Self {
            x,
            series,
            rest,
            symbols: labels::symbols(&records.quantities),
            divergences: if wanted.is_empty() { present } else { wanted },
            groups,
            theorems,
            series_label: spec.series_label,
        })
    }

    fn group(&self, row: &Row) -> Vec<String> {
        self.rest.iter().map(|&i| row.swept[i].clone()).collect()
    }

    /// What a value of the path that tells series apart is called; empty when there is none. Words stand for themselves.
    fn tag(&self, value: &str) -> String {
        let Some(i) = self.series else { return String::new() };
        let name = self.series_label.as_ref().unwrap_or(&self.symbols[i]);
        let is_word = value.trim().parse::<f64>().is_err() && self.series_label.is_none();
        if is_word { value.to_owned() } else { format!("{name} = {}", labels::value(value)) }
    }

    /// The same with one bound alone, and what tells series apart in frames of their own.
    fn apart(&self, records: &Records, theorem: &str) -> Self {
        let rest: Vec<usize> = self.series.iter().chain(&self.rest).copied().collect();
        let groups = groups(records, &rest);
        Self { series: None, rest, groups, theorems: vec![theorem.to_owned()], ..self.clone() }
    }

    /// The horizontal place of a row on a scale: of words, the place of its word.
    fn place(&self, row: &Row, scale: &Scale) -> f64 {
        let text = self.x_text(row);
        match scale {
            Scale::Words(words) => words.iter().position(|w| *w == labels::value(&text)).unwrap_or(0) as f64,
            _ => text.trim().parse().unwrap_or(0.0),
        }
    }

    /// The text at the horizontal place of a row.
    fn x_text(&self, row: &Row) -> String {
        match self.x {
            Some(i) => row.swept[i].clone(),
            None => row.constant.map_or_else(String::new, |x| x.to_string()),
        }
    }
}

/// The combinations of values of some swept paths.
fn groups(records: &Records, paths: &[usize]) -> Vec<Vec<String>> {
    unique(records.rows.iter().map(|r| paths.iter().map(|&i| r.swept[i].clone()).collect()))
}

fn panel(records: &Records, plan: &Plan, divergence: &str, group: &[String], rows: &[&Row]) -> Option<Panel> {
    let words = unique(rows.iter().map(|r| plan.x_text(r)));
    let numbers: Option<Vec<f64>> =
        words.iter().map(|w| w.trim().parse().ok().filter(|x: &f64| x.is_finite())).collect();
    let x_of = |row: &Row| -> f64 {
        let text = &plan.x_text(row);
        match &numbers {
            Some(_) => text.trim().parse().unwrap_or(0.0),
            None => words.iter().position(|w| w == text).unwrap_or(0) as f64,
        }
    };
    let values = unique(rows.iter().map(|r| plan.series.map_or(String::new(), |i| r.swept[i].clone())));
    let all_values = unique(records.rows.iter().map(|r| plan.series.map_or(String::new(), |i| r.swept[i].clone())));
    let is_mean = records.meta.figure.as_ref().is_some_and(|f| f.mean_over.is_some());
    let mut series = Vec::new();
    let mut silent: Vec<(String, String, String)> = Vec::new();
    let mut lines: Vec<Line> = Vec::new();
    for value in &values {
        let k = all_values.iter().position(|v| v == value).unwrap_or(0);
        let mine: Vec<&&Row> = rows.iter().filter(|r| plan.series.is_none_or(|i| r.swept[i] == *value)).collect();
        let tag = plan.tag(value);
        let label = if tag.is_empty() { "measured".to_owned() } else { tag.clone() };
        // A cell has a row for each theorem, and one number.
        let mut points: Vec<(&str, Datum)> = Vec::new();
        for row in &mine {
            let ringed = row.verdict.starts_with("VIOLATED");
            match (row.measured, points.iter_mut().find(|(cell, d)| *cell == row.cell && d.x == x_of(row))) {
                (Some(_), Some((_, known))) => known.ringed |= ringed,
                (Some(Span { lo, hi }), None) => {
                    points.push((&row.cell, Datum { x: x_of(row), lo, hi, ringed, is_mean }))
                }
                (None, _) => {}
            }
        }
        points.sort_by(|(_, a), (_, b)| a.x.total_cmp(&b.x).then(a.lo.total_cmp(&b.lo)));
        series.push(Series {
            label,
            look: Look::Measured(SHAPES[k % SHAPES.len()]),
            colour: COLOURS[k % COLOURS.len()],
            dash: MEASURED_DASHES[k % MEASURED_DASHES.len()],
            shift: (k as f64 - 0.5 * (all_values.len() as f64 - 1.0)) * 7.0f64.min(21.0 / all_values.len() as f64),
            points: points.into_iter().map(|(_, datum)| Some(datum)).collect(),
            theorem: String::new(),
        });
        for (j, theorem) in plan.theorems.iter().enumerate() {
            let own = || mine.iter().filter(|r| r.theorem == *theorem);
            let mut points: Vec<(f64, Option<Span>)> = own().map(|r| (x_of(r), r.bound)).collect();
            points.sort_by(|a, b| a.0.total_cmp(&b.0));
            if points.iter().all(|(_, bound)| bound.is_none()) {
                if let Some(why) = own().map(|r| r.why.clone()).find(|why| !why.is_empty()) {
                    silent.push((theorem.clone(), tag.clone(), why));
                }
                continue;
            }
            lines.push(Line { theorem: theorem.clone(), tag: tag.clone(), points: points.clone() });
            let name = line_name(theorem);
            series.push(Series {
                label: if tag.is_empty() { name } else { format!("{name}, in these colours") },
                look: Look::Bound((!tag.is_empty()).then_some(SHAPES[k % SHAPES.len()])),
                shift: 0.0,
                colour: COLOURS[(if tag.is_empty() { j + 1 } else { k }) % COLOURS.len()],
                dash: BOUND_DASHES[j % BOUND_DASHES.len()],
                points: points
                    .into_iter()
                    .map(|(x, bound)| bound.map(|Span { lo, hi }| Datum { x, lo, hi, ringed: false, is_mean }))
                    .collect(),
                theorem: theorem.clone(),
            });
        }
    }
    let x = x_scale(&series, numbers.is_none().then(|| words.iter().map(|w| labels::value(w)).collect()));
    let is_divided = records.meta.figure.as_ref().is_some_and(|f| f.per.is_some());
    let y = y_scale(&series, labels::ceiling(divergence).filter(|_| !is_divided))?;
    let guides = guides(records, plan, divergence, &series);
    let tags: Vec<String> = plan
        .rest
        .iter()
        .zip(group)
        .map(|(&i, value)| format!("{} = {}", plan.symbols[i], labels::value(value)))
        .collect();
    let spec = records.meta.figure.as_ref();
    let x_path = match plan.x {
        Some(i) => &records.quantities[i],
        None => spec.and_then(|f| f.x.as_ref())?,
    };
    let x_text = spec.and_then(|f| f.x_label.clone()).unwrap_or_else(|| labels::axis_of_path(x_path));
    let mut notes = coinciding(&lines);
    notes.extend(silences(&silent));
    let symbol = |path: &Option<String>| {
        path.as_ref().and_then(|path| records.swept.iter().position(|s| s == path)).map(|i| plan.symbols[i].clone())
    };
    let per = spec.and_then(|f| symbol(&f.per));
    if let Some(path) = spec.and_then(|f| symbol(&f.mean_over)) {
        notes.push(format!("Every point is the mean over {path}, with Student's 95 % interval."));
    }
    for (word, path) in [("worst", spec.map(|f| &f.worst_over)), ("best", spec.map(|f| &f.best_over))] {
        if let Some(path) = path.and_then(symbol) {
            notes.push(format!("Every point is the {word} over {path}."));
        }
    }
    let y_text = match records.swept.iter().position(|path| path == QUANTITY) {
        Some(i) => labels::axis_of_quantities(&unique(records.rows.iter().map(|row| row.swept[i].as_str()))),
        None => labels::axis_of_divergence(divergence),
    };
    Some(Panel {
        title: tags.join(", "),
        axes: (
            x_text,
            per.as_ref().map_or_else(|| y_text.clone(), |per| format!("{y_text} / {per}").trim().to_owned()),
        ),
        x,
        y,
        series,
        guides,
        vacuous_from: labels::ceiling(divergence).filter(|_| per.is_none()),
        notes,
    })
}

/// Which theorems give no bound, for whom and why: one sentence for each reason.
fn silences(silent: &[(String, String, String)]) -> Vec<String> {
    let reasons = unique(silent.iter().map(|(theorem, _, why)| (theorem, why)));
    let sentence = |(theorem, why): (&String, &String)| {
        let mine = silent.iter().filter(|(t, _, w)| (t, w) == (theorem, why));
        let tags: Vec<&str> = mine.map(|(_, tag, _)| tag.as_str()).filter(|tag| !tag.is_empty()).collect();
        let whose = if tags.is_empty() { String::new() } else { format!(" for {}", tags.join(" and ")) };
        format!("{theorem} gives no bound{whose}: {}.", labels::typeset(why))
    };
    reasons.into_iter().map(sentence).collect()
}

/// The bound of a theorem along one series.
struct Line {
    theorem: String,
    tag: String,
    points: Vec<(f64, Option<Span>)>,
}

impl Line {
    /// Whether two lines of a theorem cannot be told apart by eye.
    fn coincides(&self, other: &Line) -> bool {
        let close = |a: f64, b: f64| a == b || (a - b).abs() <= 5e-3 * a.abs().max(b.abs());
        let mut pairs = self.points.iter().zip(&other.points);
        let same = pairs.all(|((x, p), (y, q))| match (p, q) {
            (Some(p), Some(q)) => x == y && close(p.lo, q.lo) && close(p.hi, q.hi),
            _ => x == y && p.is_none() && q.is_none(),
        });
        same && self.theorem == other.theorem && self.points.len() == other.points.len()
    }
}

/// Bounds of one theorem that lie on top of each other look like one line: which these are.
fn coinciding(lines: &[Line]) -> Vec<String> {
    let mut notes = Vec::new();
    let mut told = vec![false; lines.len()];
    for (i, line) in lines.iter().enumerate() {
        let group: Vec<usize> = (i..lines.len()).filter(|&j| !told[j] && line.coincides(&lines[j])).collect();
        if !told[i] && group.len() > 1 {
            let tags: Vec<&str> = group.iter().map(|&j| lines[j].tag.as_str()).collect();
            notes.push(format!("{} coincide for {}.", lines_name(&line.theorem), tags.join(" and ")));
        }
        group.into_iter().for_each(|j| told[j] = true);
    }
    notes
}

fn guides(records: &Records, plan: &Plan, divergence: &str, series: &[Series]) -> Vec<Guide> {
    let slopes = records.meta.figure.iter().flat_map(|f| &f.slopes);
    let drawn = |d: &&Datum| d.x > 0.0 && d.on_log() > 0.0 && d.hi.is_finite();
    let last = |s: &Series| s.points.iter().flatten().rfind(drawn).copied();
    let first = |s: &Series| s.points.iter().flatten().find(drawn).copied();
    // On an axis of several quantities each is a series, called as `series-label` says.
    let is_own = |s: &Series, of: &str| of.is_empty() || of == divergence || s.label == plan.tag(of);
    let measured = |of: &str| series.iter().filter(|s| !s.look.is_bound() && is_own(s, of)).find_map(last);
    let bound = |theorem: &str| series.iter().filter(|s| s.theorem == theorem).find_map(first);
    slopes
        .filter(|s| series.iter().any(|own| is_own(own, &s.of)))
        .filter_map(|s| {
            let anchor = if s.on.is_empty() { measured(&s.of)? } else { bound(&s.on)? };
            let power = fraction(s.power);
            let label = if s.label.is_empty() { String::new() } else { format!(" ({})", s.label) };
            Some(Guide {
                slope: s.power,
                through: (anchor.x, anchor.on_log()),
                dash: STATED_DASH,
                short: format!("slope {power}"),
                label: format!("{}slope {power}{label}", if is_stated(s) { "stated " } else { "" }),
            })
        })
        .collect()
}

/// Whether a slope is a theorem's, by what it stands on or by its label, and not the reader's own.
fn is_stated(slope: &Slope) -> bool {
    let first = slope.label.split([':', ' ', ',']).next().unwrap_or_default();
    !slope.on.is_empty() || bounds::find(first).is_some()
}

/// A number as a fraction with a small denominator, if it is one.
pub fn fraction(x: f64) -> String {
    for denominator in 1..=6 {
        let numerator = x * f64::from(denominator);
        if (numerator - numerator.round()).abs() < 1e-9 {
            let whole = format!("{}", numerator.round());
            let text = if denominator == 1 { whole } else { format!("{whole}/{denominator}") };
            return super::axis::minus(&text);
        }
    }
    super::axis::minus(&labels::rounded(x, 3))
}

/// A log scale when no value is negative (0 stands in a strip of its own), a linear one otherwise, words for words.
pub fn x_scale(series: &[Series], words: Option<Vec<String>>) -> Scale {
    if let Some(words) = words {
        return Scale::Words(words);
    }
    let xs: Vec<f64> = series.iter().flat_map(|s| s.points.iter().flatten().map(|d| d.x)).collect();
    let least = |xs: &mut dyn Iterator<Item = f64>| xs.fold(f64::INFINITY, f64::min);
    let low = least(&mut xs.iter().copied());
    let high = xs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let positive = least(&mut xs.iter().copied().filter(|x| *x > 0.0));
    if low >= 0.0 && positive.is_finite() && high.is_finite() {
        Scale::log_around(positive, high)
    } else if low.is_finite() && high.is_finite() {
        Scale::linear_around(low, high)
    } else {
        Scale::Linear { lo: 0.0, hi: 1.0 }
    }
}

/// A log scale over the measured values, opened for bounds as far as that leaves the measured ones readable.
pub fn y_scale(series: &[Series], ceiling: Option<f64>) -> Option<Scale> {
    let ends = |look: fn(&Series) -> bool| {
        let positive = series.iter().filter(|s| look(s)).flat_map(|s| s.points.iter().flatten()).flat_map(|d| {
            // An enclosure that all but reaches 0 must not stretch the axis; a mean itself is on it.
            let lowest = match d.lo > 1e-4 * d.hi || d.hi == f64::INFINITY {
                true => d.lo,
                false if d.is_mean => d.on_log(),
                false => d.hi,
            };
            [lowest, d.hi]
        });
        positive
            .filter(|y| *y > 0.0 && y.is_finite())
            .fold(None, |ends: Option<(f64, f64)>, y| Some(ends.map_or((y, y), |(a, b)| (a.min(y), b.max(y)))))
    };
    let measured = ends(|s| !s.look.is_bound());
    let bounds = ends(|s| s.look.is_bound());
    let any = series.iter().any(|s| s.points.iter().any(Option::is_some));
    let (low, high) = match (measured, bounds) {
        (Some((a, b)), Some((c, d))) => {
            let roof = ceiling.map_or(b * 1e9, |top| top * 20.0).max(b);
            (a.min(c.max(a * 1e-3)), b.max(d.min(roof)))
        }
        (Some(ends), None) | (None, Some(ends)) => ends,
        (None, None) if any => (0.1, 1.0),
        (None, None) => return None,
    };
    Some(Scale::log_around(low, high))
}
