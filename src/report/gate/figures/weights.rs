//! The weights of modes.

use super::super::words::signed;
use super::{Figure, KNOWN, around_zero, band, found, level, line, panel};
use crate::report::axis::Scale;
use crate::report::chart::{Chart, STATED_DASH};
use crate::verdicts::gate::{Compared, Judged, Kind};

/// Modes that are drawn.
const MOST: usize = 20;

/// What was found beside what is known, and the difference with the interval in which it passes.
pub(super) fn weights(judged: &Judged) -> Option<Figure> {
    let all = judged.weights();
    if all.is_empty() {
        return None;
    }
    let off = |c: &Compared| (c.found - c.known).abs();
    let mut modes: Vec<usize> = (0..all.len()).collect();
    modes.sort_by(|a, b| {
        (!all[*a].fails, -off(&all[*a]))
            .partial_cmp(&(!all[*b].fails, -off(&all[*b])))
            .unwrap_or(std::cmp::Ordering::Equal)
    });
    let worst = modes[0];
    modes.truncate(MOST);
    modes.sort_unstable();
    let x = Scale::Words(modes.iter().map(usize::to_string).collect());
    let each = || modes.iter().enumerate().map(|(k, mode)| (k as f64, &all[*mode]));
    let most = each().map(|(_, c)| c.found.max(c.known)).fold(0.0, f64::max);
    let y = Scale::Linear { lo: 0.0, hi: (1.12 * most).min(1.05) };
    let mut series = vec![band("the test passes", &y, each().map(|(k, c)| (k, c.passes.0, c.passes.1)))];
    let known = each().flat_map(|(k, c)| [Some((k - 0.3, c.known)), Some((k + 0.3, c.known)), None]);
    series.push(line("as expected", KNOWN, STATED_DASH, known.collect()));
    series.extend(found(each().map(|(k, c)| (k, c.found, c.fails))));
    let left = panel("weights".into(), ("mode", "weight"), x.clone(), y, series);
    let y = around_zero(each().map(|(_, c)| c), 100.0);
    let points = |x: f64, c: &Compared| 100.0 * (x - c.known);
    let shaded = each().map(|(k, c)| (k, points(c.passes.0, c), points(c.passes.1, c)));
    let mut series = vec![band("the test passes", &y, shaded)];
    series.extend(found(each().map(|(k, c)| (k, points(c.found, c), c.fails))));
    let mut right = panel("how far off".into(), ("mode", "found less expected (percentage points)"), x, y, series);
    right.guides.push(level(0.0, "as expected"));
    let own = &all[worst];
    let fails = if own.fails { "fails" } else { "passes" };
    let here = format!(
        "Mode {worst} has {:.4} of the draws where {:.4} are expected: {} ({fails}).",
        own.found,
        own.known,
        signed(points(own.found, own), " percentage points")
    );
    Some(Figure {
        chart: Chart { title: "Weights of the modes".into(), rows: vec![vec![left, right]] },
        kinds: &[Kind::Weight],
        reading: "Markers above the shaded bar: too many draws belong to the mode; below it: too few. Modes are counted from 0, in the order of the spec.".into(),
        here: vec![here],
    })
}
