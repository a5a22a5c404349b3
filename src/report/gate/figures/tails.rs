//! How many draws are far out, beside how many should be.

use super::{Figure, KNOWN, band, ends, found, line, panel};
use crate::report::axis::Scale;
use crate::report::chart::{Chart, Panel, STATED_DASH};
use crate::verdicts::gate::{Compared, Judged, Kind};

/// Counts below this are not drawn, but 0.
const LEAST: f64 = 0.3;

/// Both tails of the most suspicious view.
pub(super) fn tails(judged: &Judged) -> Option<Figure> {
    let view = *judged.views(&[Kind::Tails]).first()?;
    let own = &judged.reference.views[view];
    let (lower, upper) = (judged.tails(view, false), judged.tails(view, true));
    let frames: Vec<Panel> = [("lower tail", "at or below", &lower), ("upper tail", "above", &upper)]
        .into_iter()
        .filter(|(.., tail)| !tail.is_empty())
        .map(|(title, side, tail)| frame(title, side, tail))
        .collect();
    if frames.is_empty() {
        return None;
    }
    let outcome = judged.outcome(Kind::Tails, &own.name)?;
    let state = if outcome.pass { "passes" } else { "fails" };
    let here = format!("{}, at its most suspicious point: {} ({state}).", own.name, outcome.says);
    Some(Figure {
        chart: Chart { title: format!("Draws far out: {} ({state})", own.name), rows: vec![frames] },
        kinds: &[Kind::Tails],
        reading: "Markers above the shaded band: too many draws that far out; below it: too few. The lowest row is for no draw at all.".into(),
        here: vec![here],
    })
}

fn frame(title: &str, side: &str, tail: &[(f64, Compared)]) -> Panel {
    let points = tail.iter().map(|(at, _)| *at);
    let (least, most) = (points.clone().fold(f64::INFINITY, f64::min), points.fold(f64::NEG_INFINITY, f64::max));
    let x = Scale::linear_around(least, most);
    let counts = tail.iter().flat_map(|(_, c)| [c.known, c.found, c.passes.1]).filter(|n| n.is_finite());
    let y = Scale::log_around(LEAST, counts.fold(10.0, f64::max));
    let each = |f: &dyn Fn(&Compared) -> f64| tail.iter().map(|(at, c)| (*at, f(c))).collect::<Vec<_>>();
    let known = each(&|c| c.known).into_iter().filter(|(_, n)| *n >= ends(&y).0).map(Some).collect();
    let shaded = tail.iter().map(|(at, c)| (*at, c.passes.0, c.passes.1));
    let mut series = vec![band("the test passes", &y, shaded), line("as expected", KNOWN, STATED_DASH, known)];
    series.extend(found(tail.iter().map(|(at, c)| (*at, c.found, c.fails))));
    panel(title.into(), (&format!("draws {side} this value")[..], "number of draws"), x, y, series)
}
