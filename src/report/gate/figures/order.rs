//! Whether draws know of each other.

use super::{Figure, around_zero, band, found, level, panel};
use crate::report::axis::Scale;
use crate::report::chart::Chart;
use crate::verdicts::gate::{Judged, Kind};

/// The share of pairs of draws on one side of a median against the places between the two, for the most suspicious coordinate.
pub(super) fn order(judged: &Judged) -> Option<Figure> {
    let tests = judged.outcomes.iter().filter(|outcome| outcome.kind == Kind::Order).enumerate();
    let (k, outcome) = tests.min_by(|a, b| a.1.p_bound.total_cmp(&b.1.p_bound))?;
    let pairs = judged.agreement(k);
    let (first, last) = (pairs.first()?.0 as f64, pairs.last()?.0 as f64);
    let known = pairs[0].1.known;
    let y = around_zero(pairs.iter().map(|(_, c)| c), 100.0);
    let less = |x: f64| 100.0 * (x - known);
    let unit = if judged.asked.groups.is_some() { "groups" } else { "rows" };
    let shaded = pairs.iter().map(|(lag, c)| (*lag as f64, less(c.passes.0), less(c.passes.1)));
    let mut series = vec![band("the test passes", &y, shaded)];
    series.extend(found(pairs.iter().map(|(lag, c)| (*lag as f64, less(c.found), c.fails))));
    let across = format!("places between two {unit}");
    let axes = (&across[..], "pairs on one side, less expected (percentage points)");
    let mut frame = panel(String::new(), axes, Scale::log_around(first, last), y, series);
    frame.guides.push(level(0.0, "as expected of independent draws"));
    let here = match outcome.pass {
        true => format!("No pairs of {unit} along {} show that they know of each other.", outcome.of),
        false => format!("{}: {}.", outcome.of, outcome.says),
    };
    Some(Figure {
        chart: Chart { title: format!("Dependence of {unit} along {}", outcome.of), rows: vec![vec![frame]] },
        kinds: &[Kind::Order],
        reading: format!(
            "Markers above the shaded band: two {unit} so far apart lie on the same side of the median more often than independent ones; below it: less often."
        ),
        here: vec![here],
    })
}
