//! All tests at a glance.

use super::super::words::list;
use super::{FAILED, Figure, found, line, panel};
use crate::report::axis::Scale;
use crate::report::chart::Chart;
use crate::verdicts::gate::{Judged, Kind, Outcome};

/// Probabilities below this are drawn here.
const FLOOR: f64 = 1e-40;
/// Tests of a kind that are drawn, the most suspicious ones.
const MOST: usize = 120;

/// The bound of every test, kind by kind, with the level from which on it fails.
pub(super) fn overview(judged: &Judged) -> Figure {
    let mut kinds: Vec<Kind> = judged.outcomes.iter().map(|outcome| outcome.kind).collect();
    kinds.sort_unstable();
    kinds.dedup();
    let all = judged.by_suspicion();
    let (mut points, mut levels, mut least) = (Vec::new(), Vec::new(), 1e-8f64);
    for (k, kind) in kinds.iter().enumerate() {
        let own: Vec<&&Outcome> = all.iter().filter(|outcome| outcome.kind == *kind).take(MOST).collect();
        let middle = k as f64;
        for (i, outcome) in own.iter().enumerate() {
            let aside = 0.36 * ((2 * i + 1) as f64 / own.len() as f64 - 1.0);
            points.push((middle + aside, outcome.p_bound.max(FLOOR), !outcome.pass));
            least = least.min(outcome.p_bound.max(FLOOR)).min(outcome.share);
        }
        let share = own.first().map_or(1.0, |outcome| outcome.share.max(FLOOR));
        levels.extend([Some((middle - 0.45, share)), Some((middle + 0.45, share)), None]);
    }
    let y = Scale::log_around(least, 1.0);
    let words = kinds.iter().map(|kind| kind.name().into()).collect();
    let mut series = vec![line("fails at or below", FAILED, &[5.0, 3.0], levels)];
    series.extend(found(points));
    let axes = ("kind of test", "probability of what was found, at most");
    let chart = Chart {
        title: "All tests at a glance".into(),
        rows: vec![vec![panel(String::new(), axes, Scale::Words(words), y, series)]],
    };
    let failed = judged.failures();
    let mut names: Vec<String> = failed.iter().map(|outcome| outcome.kind.name().to_owned()).collect();
    names.sort();
    names.dedup();
    Figure {
        chart,
        kinds: &[],
        reading: "One marker a test: how probable is what was found, or worse, if the sampler is right? Markers on or below the red line fail; the lower, the surer (1e-40 and less in one row)."
            .into(),
        here: vec![if names.is_empty() {
            "No marker is below its line.".into()
        } else {
            format!("{} of {} tests fail, of the kinds {}.", failed.len(), all.len(), list(&names))
        }],
    }
}
