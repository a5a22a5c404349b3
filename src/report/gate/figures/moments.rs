//! Means and variances beside what they should be.

use super::super::words::{short, signed};
use super::{Figure, around_zero, band, found, level, panel, views};
use crate::report::axis::Scale;
use crate::report::chart::{Chart, Panel};
use crate::verdicts::gate::{Compared, Judged, Kind};

/// Views that are drawn.
const MOST: usize = 6;

/// The differences of means and variances with the intervals in which they pass, for the most suspicious views.
pub(super) fn moments(judged: &Judged) -> Option<Figure> {
    let views = views(judged, &[Kind::Mean, Kind::Variance], MOST);
    let (mean, worst_mean) =
        one(judged, &views, (Kind::Mean, 1.0, " standard deviations"), "found less expected (standard deviations)")?;
    let (variance, worst_variance) =
        one(judged, &views, (Kind::Variance, 100.0, " %"), "found less expected (% of the expected)")?;
    let here = format!("Farthest off are the mean of {worst_mean} and the variance of {worst_variance}.");
    Some(Figure {
        chart: Chart { title: "Means and variances".into(), rows: vec![vec![mean, variance]] },
        kinds: &[Kind::Mean, Kind::Variance],
        reading: "Markers above the shaded bar: the mean (left) or the variance (right) of the draws is too large; below it: too small. Both are taken over bins, and clipped far out: what is expected may differ a little from the law's own."
            .into(),
        here: vec![here],
    })
}

/// The frame of one kind, and what is farthest off in units of what passes, in words.
fn one(judged: &Judged, views: &[usize], of: (Kind, f64, &str), axis: &str) -> Option<(Panel, String)> {
    let (kind, factor, unit) = of;
    let named = |&view: &usize| Some((judged.reference.views[view].name.clone(), judged.moment(view, kind)?));
    let compared: Vec<(String, Compared)> = views.iter().filter_map(named).collect();
    let y = around_zero(compared.iter().map(|(_, compared)| compared), factor);
    let each = || compared.iter().enumerate().map(|(k, (_, compared))| (k as f64, compared));
    let mut series =
        vec![band("the test passes", &y, each().map(|(k, c)| (k, factor * c.passes.0, factor * c.passes.1)))];
    series.extend(found(each().map(|(k, c)| (k, factor * c.found, c.fails))));
    let words = compared.iter().map(|(name, _)| short(name)).collect();
    let mut panel = panel(kind.name().into(), ("what is looked at", axis), Scale::Words(words), y, series);
    panel.guides.push(level(0.0, "as expected"));
    let far = |c: &Compared| c.found / if c.found > 0.0 { c.passes.1 } else { c.passes.0.abs() };
    let worst = compared.iter().max_by(|a, b| far(&a.1).abs().total_cmp(&far(&b.1).abs()))?;
    let state = if worst.1.fails { "fails" } else { "passes" };
    Some((panel, format!("{}, by {} ({state})", worst.0, signed(factor * worst.1.found, unit))))
}
