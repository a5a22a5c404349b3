//! What of the records a figure or a table shows: means, extremes and shares over a swept path, quantities side by side.

use super::records::{Records, Row, Span};
use crate::numerics::Mean;
use crate::scores::learned::Asked;
use crate::verdicts::LEVEL;

/// The series of a figure that are its quantities.
pub const QUANTITY: &str = "quantity";

/// Whether two rows differ in the swept path number `i` alone.
fn alike(i: usize, a: &Row, b: &Row) -> bool {
    let same = |(k, (x, y)): (usize, (&String, &String))| k == i || x == y;
    a.divergence == b.divergence && a.theorem == b.theorem && a.swept.iter().zip(&b.swept).enumerate().all(same)
}

/// What the widths of enclosures are.
#[derive(Clone, Copy, PartialEq)]
enum Widths {
    /// Bounds or estimates of errors that may have one sign in all of them: the mean is off by as much as they are on average.
    Errors,
    /// The chance of draws that are made anew for every enclosure: their middles differ by it, and it is in their spread.
    Chance,
}

/// The mean of the middles of some enclosures, on each side with half of Student's 95 % interval by their spread and, where widths are errors, the mean
/// of the half-widths; of a single one, itself; of any that is infinite, infinite from the mean of the lower ends on.
fn mean(spans: &[Span], widths: Widths) -> Option<Span> {
    match spans {
        [] => None,
        [one] => Some(*one),
        _ if spans.iter().any(|s| !s.hi.is_finite()) => {
            Some(Span { lo: Mean::of(spans.iter().map(|s| s.lo)).value, hi: f64::INFINITY })
        }
        _ => {
            let middles = Mean::of(spans.iter().map(|s| 0.5 * (s.lo + s.hi)));
            let own = match widths {
                Widths::Errors => Mean::of(spans.iter().map(|s| 0.5 * (s.hi - s.lo))).value,
                Widths::Chance => 0.0,
            };
            let error = middles.student(LEVEL) + own;
            Some(Span { lo: middles.value - error, hi: middles.value + error })
        }
    }
}

/// What the widths of a quantity are to means over a swept path: a repetition draws all of a lesson anew, its test points among them.
fn widths(quantity: &str, path: &str) -> Widths {
    let sampled = Asked::ALL.into_iter().any(|asked| asked.name() == quantity && asked.is_sampled());
    if sampled && path == REPETITION { Widths::Chance } else { Widths::Errors }
}

/// The swept path that numbers the draws of lessons.
const REPETITION: &str = "score.learned.repetition";

/// The mean of each term of a bound, where all rows have the same ones; of the first row else.
fn terms(group: &[&Row]) -> Vec<(String, f64)> {
    let names = |row: &Row| row.terms.iter().map(|(name, _)| name.clone()).collect::<Vec<_>>();
    let first = names(group[0]);
    if group.iter().any(|row| names(row) != first) {
        return group[0].terms.clone();
    }
    let mean = |k: usize| Mean::of(group.iter().map(|row| row.terms[k].1)).value;
    first.into_iter().enumerate().map(|(k, name)| (name, mean(k))).collect()
}

impl Widths {
    /// What stands in place of the evidence of a mean.
    fn evidence(self) -> &'static str {
        match self {
            Widths::Errors => "Student's 95 % + mean half-width",
            Widths::Chance => "Student's 95 %",
        }
    }
}

/// The records with the means over the path of `mean-over`: of the numbers measured, and where every row has one of the bounds and
/// of their ratios. A mean says of how many rows it is; several verdicts are told by the gravest.
#[must_use]
pub fn averaged(records: &Records) -> Records {
    let path = records.meta.figure.as_ref().and_then(|f| f.mean_over.clone()).unwrap_or_default();
    let Some(i) = records.swept.iter().position(|s| *s == path) else { return records.clone() };
    let mut groups: Vec<Vec<&Row>> = Vec::new();
    for row in &records.rows {
        match groups.iter_mut().find(|group| alike(i, group[0], row)) {
            Some(group) => group.push(row),
            None => groups.push(vec![row]),
        }
    }
    let grave = |row: &&&Row| match row.verdict.as_str() {
        verdict if verdict.starts_with("VIOLATED") => 4,
        "HYPOTHESIS-FAILED" => 3,
        "UNDECIDED" => 2,
        "VACUOUS" => 1,
        _ => 0,
    };
    let one = |group: Vec<&Row>| {
        let n = group.len();
        let spans = |of: &dyn Fn(&Row) -> Option<Span>| group.iter().filter_map(|row| of(row)).collect::<Vec<_>>();
        let of_all = |of: &dyn Fn(&Row) -> Option<Span>| {
            let spans = spans(of);
            if spans.len() == n { mean(&spans, Widths::Errors) } else { None }
        };
        let measured = spans(&|row| row.measured);
        let mut row = (*group.iter().max_by_key(grave).unwrap_or(&group[0])).clone();
        let widths = widths(&row.divergence, &path);
        if n > 1 {
            row.swept[i] = match measured.len() {
                all if all == n => format!("mean of {n}"),
                some => format!("mean of {some} of {n}"),
            };
        }
        row.evidence = match &measured[..] {
            [] => String::new(),
            [_] => group.iter().find(|row| row.measured.is_some()).map_or_else(String::new, |row| row.evidence.clone()),
            _ => widths.evidence().to_owned(),
        };
        (row.bound, row.ratio) = (of_all(&|row| row.bound), of_all(&|row| row.ratio));
        row.measured = mean(&measured, widths);
        row.terms = terms(&group);
        row
    };
    Records { rows: groups.into_iter().map(one).collect(), ..records.clone() }
}

/// Means that nothing tells apart but of how many rows they are: one line in a figure.
#[must_use]
pub fn uncounted(mut records: Records) -> Records {
    let path = records.meta.figure.as_ref().and_then(|f| f.mean_over.clone());
    if let Some(i) = path.and_then(|path| records.swept.iter().position(|s| *s == path)) {
        records.rows.iter_mut().for_each(|row| row.swept[i] = "mean".to_owned());
    }
    records
}

/// The records with what is measured as the values of a path of its own, where the figure's series are its quantities.
#[must_use]
pub fn together(records: &Records) -> Records {
    let asked = records.meta.figure.as_ref().is_some_and(|f| f.series.as_deref() == Some(QUANTITY));
    if !asked {
        return records.clone();
    }
    let mut all = records.clone();
    let drawn = records.meta.figure.iter().flat_map(|figure| &figure.y).collect::<Vec<_>>();
    if records.rows.iter().any(|row| drawn.contains(&&row.divergence)) {
        all.rows.retain(|row| drawn.contains(&&row.divergence));
    }
    all.swept.push(QUANTITY.into());
    all.quantities.push(QUANTITY.into());
    for row in &mut all.rows {
        row.swept.push(std::mem::replace(&mut row.divergence, QUANTITY.into()));
    }
    all
}

/// The records with one of the rows that differ in a swept path alone: the one with the largest divergence (with the largest
/// bound where nothing was measured), or with the smallest.
fn one_over(records: &Records, path: Option<&String>, largest: bool) -> Records {
    let Some(i) = path.and_then(|path| records.swept.iter().position(|s| s == path)) else { return records.clone() };
    let none = if largest { f64::NEG_INFINITY } else { f64::INFINITY };
    let size = |row: &Row| {
        let of = |span: Option<Span>| span.map_or(none, |s| s.hi);
        (of(row.measured), of(row.bound))
    };
    let mut kept: Vec<Row> = Vec::new();
    for row in &records.rows {
        match kept.iter_mut().find(|known| alike(i, known, row)) {
            Some(known) if (size(row) > size(known)) == largest && size(row) != size(known) => *known = row.clone(),
            Some(_) => {}
            None => kept.push(row.clone()),
        }
    }
    // The path tells nothing apart any more.
    let first = kept.first().map_or_else(String::new, |row| row.swept[i].clone());
    kept.iter_mut().for_each(|row| row.swept[i].clone_from(&first));
    Records { rows: kept, ..records.clone() }
}

/// The records with the worst rows over one path, and of these the best over another.
pub fn extremes(records: &Records) -> Records {
    let figure = records.meta.figure.as_ref();
    let worst = one_over(records, figure.and_then(|f| f.worst_over.as_ref()), true);
    one_over(&worst, figure.and_then(|f| f.best_over.as_ref()), false)
}

/// The records with what stands on the vertical axis divided by the value of the path of `per`.
pub fn divided(records: &Records) -> Records {
    let path = records.meta.figure.as_ref().and_then(|f| f.per.clone());
    let Some(i) = path.and_then(|path| records.swept.iter().position(|s| *s == path)) else { return records.clone() };
    let row = |row: &Row| {
        let by: f64 = row.swept[i].trim().parse().unwrap_or(1.0);
        let part = |span: Option<Span>| span.map(|s| Span { lo: s.lo / by, hi: s.hi / by });
        Row { measured: part(row.measured), bound: part(row.bound), ..row.clone() }
    };
    Records { rows: records.rows.iter().map(row).collect(), ..records.clone() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::records::{FigureSpec, Meta};

    fn row(repetition: usize, measured: Option<(f64, f64)>, bound: Option<f64>) -> Row {
        Row {
            swept: vec![repetition.to_string()],
            divergence: "kl".into(),
            measured: measured.map(|(lo, hi)| Span { lo, hi }),
            evidence: measured.map_or_else(String::new, |_| "checked".into()),
            bound: bound.map(|x| Span { lo: x, hi: x }),
            cell: String::new(),
            constant: None,
            theorem: String::new(),
            ratio: None,
            verdict: String::new(),
            engine: String::new(),
            why: String::new(),
            terms: Vec::new(),
            prescribed: None,
        }
    }

    fn mean_of(rows: Vec<Row>) -> Row {
        mean_over("repetition", rows)
    }

    fn mean_over(path: &str, rows: Vec<Row>) -> Row {
        let figure = FigureSpec { mean_over: Some(path.to_owned()), ..FigureSpec::default() };
        let swept = vec![path.to_owned()];
        let meta = Meta { figure: Some(figure), ..Meta::default() };
        let mut averaged = averaged(&Records { meta, quantities: swept.clone(), swept, rows }).rows;
        assert_eq!(averaged.len(), 1);
        averaged.swap_remove(0)
    }

    /// What `y` leaves out is not among the quantities on one axis.
    #[test]
    fn quantities_on_one_axis_are_those_of_y() {
        let of = |divergence: &str| Row { divergence: divergence.into(), ..row(0, Some((1.0, 1.0)), None) };
        let figure = |y: &[&str]| FigureSpec {
            y: y.iter().map(|y| (*y).to_owned()).collect(),
            series: Some(QUANTITY.into()),
            ..FigureSpec::default()
        };
        let count = |y: &[&str]| {
            let meta = Meta { figure: Some(figure(y)), ..Meta::default() };
            let rows = vec![of("total"), of("bias"), of("steps")];
            together(&Records { meta, rows, swept: vec!["repetition".into()], ..Records::default() }).rows.len()
        };
        assert_eq!((count(&[]), count(&["total", "bias"]), count(&["bound"])), (3, 2, 3));
    }

    /// A mean of fewer repetitions stays in the line of the others.
    #[test]
    fn a_line_is_one_however_many_repetitions_its_points_have() {
        let figure = |y: &[&str]| FigureSpec {
            y: y.iter().map(|y| (*y).to_owned()).collect(),
            series: Some(QUANTITY.into()),
            mean_over: Some("repetition".into()),
            ..FigureSpec::default()
        };
        for names in [["rwy-ratio", "explicit-ratio"], ["total", "bias"]] {
            let of = |name: &str, k: usize, x: Option<f64>| Row {
                divergence: name.into(),
                ..row(k, x.map(|x| (x, x)), None)
            };
            let rows = vec![
                of(names[0], 0, Some(1.0)),
                of(names[0], 1, None),
                of(names[1], 0, Some(1.0)),
                of(names[1], 1, Some(2.0)),
            ];
            let meta = Meta { figure: Some(figure(&names)), ..Meta::default() };
            let swept = vec!["repetition".to_owned()];
            let records = Records { meta, rows, quantities: swept.clone(), swept };
            let found = together(&uncounted(averaged(&records))).rows;
            assert_eq!(found.len(), 2);
            assert_eq!(found[0].swept[0], found[1].swept[0]);
        }
    }

    /// Student's 97.5 % quantile with two degrees of freedom.
    const QUANTILE: f64 = 4.302_652_729_911_275;

    /// Of 1, 2 and 3 the mean is 2, the standard deviation 1 and the standard error 1/sqrt(3); half-widths of 0.1, 0 and 0 are 1/30 on
    /// average.
    #[test]
    fn means_come_with_students_interval() {
        let mean = mean_of(vec![
            row(0, Some((0.9, 1.1)), Some(1.0)),
            row(1, Some((2.0, 2.0)), None),
            row(2, Some((3.0, 3.0)), Some(9.0)),
        ]);
        let found = mean.measured.unwrap();
        let error = QUANTILE / 3f64.sqrt() + 0.1 / 3.0;
        assert!((found.lo - 2.0 + error).abs() < 1e-8 && (found.hi - 2.0 - error).abs() < 1e-8, "{found:?}");
        assert_eq!(
            (mean.swept[0].as_str(), mean.evidence.as_str(), mean.bound),
            ("mean of 3", "Student's 95 % + mean half-width", None)
        );
    }

    /// Widths that are the chance of draws made anew in every repetition are in the spread of the middles; over another path, or of
    /// another quantity, they are errors that all rows may share.
    #[test]
    fn widths_are_counted_once() {
        let half_width = |quantity: &str, path: &str| {
            let of = |k: usize, x: f64| Row { divergence: quantity.into(), ..row(k, Some((x - 0.3, x + 0.3)), None) };
            let found = mean_over(path, vec![of(0, 1.0), of(1, 2.0), of(2, 3.0)]).measured.unwrap();
            0.5 * (found.hi - found.lo)
        };
        let spread = QUANTILE / 3f64.sqrt();
        for (quantity, path, own) in [
            ("total", REPETITION, 0.0),
            ("path-kl", REPETITION, 0.0),
            ("total", "score.learned.samples", 0.3),
            ("kl", REPETITION, 0.3),
            ("extrapolated-time", REPETITION, 0.3),
        ] {
            let found = half_width(quantity, path);
            assert!((found - spread - own).abs() < 1e-8, "{quantity} over {path}: {found}");
        }
    }

    /// Chance: few or many rows measured with errors of their own about one truth. Student's interval by the spread, without the widths, covers
    /// it 95 times in 100; 400 draws leave less than one in ten thousand to a share outside 0.90 to 0.99. Two standard errors of three rows
    /// cover it 82 times in 100.
    #[test]
    fn chance_in_the_widths_is_in_the_spread() {
        use crate::numerics::stream;
        use rand_distr::{Distribution, StandardNormal};
        let mut rng = stream(17, "report/gathered", 0);
        let mut normal = || -> f64 { StandardNormal.sample(&mut rng) };
        for rows in [3, 40] {
            let covers = (0..400).filter(|_| {
                let one = |_| {
                    let middle = 1.0 + 0.1 * normal();
                    Span { lo: middle - 0.2, hi: middle + 0.2 }
                };
                let found = mean(&(0..rows).map(one).collect::<Vec<_>>(), Widths::Chance).unwrap();
                found.lo <= 1.0 && 1.0 <= found.hi
            });
            let count = covers.count();
            assert!((360..=396).contains(&count), "{count} of {rows} rows");
        }
    }

    /// Terms are averaged with their bound.
    #[test]
    fn terms_are_averaged() {
        let with = |repetition, x| Row {
            terms: vec![("a".to_owned(), x), ("b".to_owned(), 2.0 * x)],
            ..row(repetition, Some((1.0, 1.0)), Some(3.0 * x))
        };
        let mean = mean_of(vec![with(0, 1.0), with(1, 2.0)]);
        assert_eq!(mean.terms, [("a".to_owned(), 1.5), ("b".to_owned(), 3.0)]);
    }

    #[test]
    fn missing_and_infinite_numbers_are_told() {
        let mean = mean_of(vec![row(0, None, None), row(1, Some((0.5, 0.7)), None), row(2, None, None)]);
        assert_eq!(mean.measured, Some(Span { lo: 0.5, hi: 0.7 }));
        assert_eq!((mean.swept[0].as_str(), mean.evidence.as_str()), ("mean of 1 of 3", "checked"));
        let mean = mean_of(vec![row(0, Some((1.0, 1.0)), None), row(1, Some((2.0, f64::INFINITY)), None)]);
        assert_eq!(mean.measured, Some(Span { lo: 1.5, hi: f64::INFINITY }));
        let mean = mean_of(vec![row(0, None, None), row(1, None, None)]);
        assert_eq!((mean.measured, mean.swept[0].as_str(), mean.evidence.as_str()), (None, "mean of 0 of 2", ""));
        // A single row is what it was.
        assert_eq!(mean_of(vec![row(7, Some((1.0, 2.0)), Some(3.0))]), row(7, Some((1.0, 2.0)), Some(3.0)));
    }
}
