//! What of the records a figure or a table shows: means, extremes and shares over a swept path, quantities side by side.

use super::records::{Records, Row, Span};

/// The series of a figure that are its quantities.
pub const QUANTITY: &str = "quantity";

/// Whether two rows differ in the swept path number `i` alone.
fn alike(i: usize, a: &Row, b: &Row) -> bool {
    let same = |(k, (x, y)): (usize, (&String, &String))| k == i || x == y;
    a.divergence == b.divergence && a.theorem == b.theorem && a.swept.iter().zip(&b.swept).enumerate().all(same)
}

/// The mean of the middles of some enclosures, with two standard errors of it on each side; of a single one, itself; of any that
/// is infinite, infinite from the mean of the lower ends on.
fn mean(spans: &[Span]) -> Option<Span> {
    let n = spans.len() as f64;
    match spans {
        [] => None,
        [one] => Some(*one),
        _ if spans.iter().any(|s| !s.hi.is_finite()) => {
            Some(Span { lo: spans.iter().map(|s| s.lo / n).sum(), hi: f64::INFINITY })
        }
        _ => {
            let middles: Vec<f64> = spans.iter().map(|s| 0.5 * (s.lo + s.hi)).collect();
            let mean = middles.iter().sum::<f64>() / n;
            let variance = middles.iter().map(|m| (m - mean).powi(2)).sum::<f64>() / (n - 1.0);
            let error = 2.0 * (variance / n).sqrt();
            Some(Span { lo: mean - error, hi: mean + error })
        }
    }
}

/// The mean of each term of a bound, where all rows have the same ones; of the first row else.
fn terms(group: &[&Row]) -> Vec<(String, f64)> {
    let names = |row: &Row| row.terms.iter().map(|(name, _)| name.clone()).collect::<Vec<_>>();
    let first = names(group[0]);
    if group.iter().any(|row| names(row) != first) {
        return group[0].terms.clone();
    }
    let mean = |k: usize| group.iter().map(|row| row.terms[k].1).sum::<f64>() / group.len() as f64;
    first.into_iter().enumerate().map(|(k, name)| (name, mean(k))).collect()
}

/// What stands in place of the evidence of a mean.
const SPREAD: &str = "2 standard errors";

/// The records with the means over the path of `mean-over`: of the numbers measured, and where every row has one of the bounds and
/// of their ratios. A mean says of how many rows it is; several verdicts are told by the gravest.
#[must_use]
pub fn averaged(records: &Records) -> Records {
    let path = records.meta.figure.as_ref().and_then(|f| f.mean_over.clone());
    let Some(i) = path.and_then(|path| records.swept.iter().position(|s| *s == path)) else { return records.clone() };
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
            if spans.len() == n { mean(&spans) } else { None }
        };
        let measured = spans(&|row| row.measured);
        let mut row = (*group.iter().max_by_key(grave).unwrap_or(&group[0])).clone();
        if n > 1 {
            row.swept[i] = match measured.len() {
                all if all == n => format!("mean of {n}"),
                some => format!("mean of {some} of {n}"),
            };
        }
        row.evidence = match &measured[..] {
            [] => String::new(),
            [_] => group.iter().find(|row| row.measured.is_some()).map_or_else(String::new, |row| row.evidence.clone()),
            _ => SPREAD.to_owned(),
        };
        (row.bound, row.ratio) = (of_all(&|row| row.bound), of_all(&|row| row.ratio));
        row.measured = mean(&measured);
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
        let figure = FigureSpec { mean_over: Some("repetition".into()), ..FigureSpec::default() };
        let swept = vec!["repetition".to_owned()];
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

    /// Of 1, 2 and 3 the mean is 2, the standard deviation 1 and the standard error 1/sqrt(3).
    #[test]
    fn means_come_with_two_standard_errors() {
        let mean = mean_of(vec![
            row(0, Some((0.9, 1.1)), Some(1.0)),
            row(1, Some((2.0, 2.0)), None),
            row(2, Some((3.0, 3.0)), Some(9.0)),
        ]);
        let found = mean.measured.unwrap();
        let error = 2.0 / 3f64.sqrt();
        assert!((found.lo - 2.0 + error).abs() < 1e-15 && (found.hi - 2.0 - error).abs() < 1e-15, "{found:?}");
        assert_eq!(
            (mean.swept[0].as_str(), mean.evidence.as_str(), mean.bound),
            ("mean of 3", "2 standard errors", None)
        );
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
