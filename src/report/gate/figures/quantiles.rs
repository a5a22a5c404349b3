//! Quantiles of the draws against those of the law, with the band in which the test of distribution functions passes.

use super::super::words::{number, signed};
use super::{FAILED, FINE, Figure, KNOWN, band, ends, level, line, panel, state, thinned, views};
use crate::report::axis::Scale;
use crate::report::chart::{Chart, Panel, STATED_DASH};
use crate::verdicts::gate::{Bins, Judged, Kind, Map, Place};

/// Views that are drawn.
const MOST: usize = 3;
/// Less their own value, quantiles are drawn as far as so many draws lie beyond.
const BEYOND: u64 = 8;
/// Directions are written out in up to so many coordinates.
const WRITTEN: usize = 6;

/// Two frames for each of the worst views: the quantiles, and how far they are off.
pub(super) fn quantiles(judged: &Judged) -> Option<Figure> {
    let kinds = [Kind::Kolmogorov, Kind::Tails, Kind::Mean, Kind::Variance];
    let mut views = views(judged, &kinds, usize::MAX);
    views.retain(|view| !judged.reference.views[*view].bins.has_atoms());
    views.truncate(MOST);
    let rows: Vec<Vec<Panel>> = views.iter().map(|&view| row(judged, view)).collect();
    if rows.is_empty() {
        return None;
    }
    let here: Vec<String> = views.iter().map(|&view| told(judged, view)).collect();
    Some(Figure {
        chart: Chart { title: "Quantiles of the draws against quantiles of the law".into(), rows },
        kinds: &[Kind::Kolmogorov],
        reading: "Left, a right sampler follows the dashed diagonal within the shaded band; right, the same less the diagonal. All above the diagonal: the draws are shifted up. \
                  Below it on the left and above it on the right: they spread too far (the other way round: too little). Flat ends: the tails are cut. \
                  Only what leaves the band fails the test of distribution functions; tails, means and variances are tested by themselves."
            .into(),
        here,
    })
}

/// A value of the draws beside that of the law at the same rank.
struct Ranked {
    law: f64,
    draws: f64,
    /// Draws beyond it, on the side where there are fewer.
    beyond: u64,
    fails: bool,
}

/// One for each rank between draws that is seen: where several edges lie between the same two draws, their middle.
fn ranked(bins: &Bins, places: &[Place]) -> Vec<Ranked> {
    let within: Vec<&Place> = places.iter().filter(|place| place.found.0 > 0 && place.found.1 > 0).collect();
    let one = |run: &[&Place]| {
        let (first, last) = (run[0], run[run.len() - 1]);
        Ranked {
            law: same_rank(bins, first),
            draws: 0.5 * (first.at + last.at),
            beyond: first.found.0.min(first.found.1),
            fails: run.iter().any(|place| fails(place)),
        }
    };
    within.chunk_by(|a, b| a.found == b.found).map(one).collect()
}

/// The quantiles, and how far they are off.
fn row(judged: &Judged, view: usize) -> Vec<Panel> {
    let bins = &judged.reference.views[view].bins;
    let places = judged.places(view);
    let ranked = ranked(bins, &places);
    let least = ranked.iter().map(|r| r.law.min(r.draws)).fold(f64::INFINITY, f64::min);
    let most = ranked.iter().map(|r| r.law.max(r.draws)).fold(f64::NEG_INFINITY, f64::max);
    // All draws in one bin.
    let (least, most) = if least < most { (least, most) } else { (bins.edges[0], bins.edges[bins.edges.len() - 1]) };
    let axis = Scale::linear_around(least, most);
    let (lower, upper) = ends(&axis);
    let pixel = (most - least) / 400.0;
    let inside: Vec<&Place> = places.iter().filter(|place| lower < place.at && place.at < upper).collect();
    let mut around: Vec<(f64, f64, f64)> = inside.iter().map(|place| passing(bins, place)).collect();
    // Up to the frame.
    if let (Some(first), Some(last)) = (around.first().copied(), around.last().copied()) {
        around.insert(0, (lower, f64::NEG_INFINITY, first.2));
        around.push((upper, last.1, f64::INFINITY));
    }
    let names = ("value of the law at the same rank", "value of the draws");
    let diagonal = vec![Some((lower, lower)), Some((upper, upper))];
    let mut series =
        vec![band("the test passes", &axis, spread(&around, pixel)), line("as expected", KNOWN, STATED_DASH, diagonal)];
    series.extend(curve(ranked.iter().map(|r| (r.law, r.draws, r.fails)), pixel, pixel));
    let left = panel(state(judged, view), names, axis.clone(), axis.clone(), series);

    let near = ranked.iter().filter(|r| r.beyond >= BEYOND).map(|r| (r.law, r.draws - r.law, r.fails));
    let mut widths: Vec<f64> = around.iter().map(|(x, lo, hi)| (x - lo).min(hi - x)).collect();
    widths.sort_by(f64::total_cmp);
    let width = widths.get(widths.len() / 2).copied().filter(|w| w.is_finite()).unwrap_or(0.0);
    let off = near.clone().map(|p| p.1.abs()).fold(1.5 * width, f64::max).max(1e-9 * (most - least));
    let y = Scale::linear_around(-off, off);
    let less: Vec<(f64, f64, f64)> = around.iter().map(|(x, lo, hi)| (*x, lo - x, hi - x)).collect();
    let mut series = vec![band("the test passes", &y, spread(&less, pixel))];
    series.extend(curve(near, pixel, off / 150.0));
    let names = ("value of the law at the same rank", "draws less law");
    let title = format!("{}: how far off", judged.reference.views[view].name);
    let mut right = panel(title, names, axis, y, series);
    right.guides.push(level(0.0, "as expected"));
    vec![left, right]
}

fn fails(place: &Place) -> bool {
    place.difference().abs() >= place.allowed
}

/// The value of the law at the rank that a point has among the draws.
fn same_rank(bins: &Bins, place: &Place) -> f64 {
    let (below, above) = (place.found.0 as f64, place.found.1 as f64);
    bins.quantile(below / (below + above), above / (below + above))
}

/// A point with the values that the draws may have at its rank.
fn passing(bins: &Bins, place: &Place) -> (f64, f64, f64) {
    let ((below, above), far) = (place.known, place.allowed);
    let lo = if below > far { bins.quantile(below - far, above + far) } else { f64::NEG_INFINITY };
    let hi = if above > far { bins.quantile(below + far, above - far) } else { f64::INFINITY };
    (place.at, lo, hi)
}

/// Every so many points of a band.
fn spread(around: &[(f64, f64, f64)], dx: f64) -> Vec<(f64, f64, f64)> {
    let mut kept: Vec<(f64, f64, f64)> = Vec::new();
    for (k, point) in around.iter().enumerate() {
        if k + 1 == around.len() || kept.last().is_none_or(|last| point.0 - last.0 >= dx) {
            kept.push(*point);
        }
    }
    kept
}

/// What was found as a line, and once more where it fails.
fn curve(points: impl Iterator<Item = (f64, f64, bool)> + Clone, dx: f64, dy: f64) -> [super::Series; 2] {
    let all = thinned(points.clone().map(|p| (p.0, p.1)).collect(), dx, dy);
    let mut failed: Vec<Option<(f64, f64)>> = Vec::new();
    for (x, y, fails) in points {
        let near = |p: &Option<(f64, f64)>| p.is_some_and(|(a, b)| (x - a).abs() < dx && (y - b).abs() < dy);
        match fails {
            true if failed.last().is_some_and(near) => {}
            true => failed.push(Some((x, y))),
            false if failed.last().is_some_and(Option::is_some) => failed.push(None),
            false => {}
        }
    }
    [
        line("found", FINE, &[], all.into_iter().map(Some).collect()),
        line("found, outside of the band", FAILED, &[], failed),
    ]
}

/// A view in a sentence.
fn told(judged: &Judged, view: usize) -> String {
    let own = &judged.reference.views[view];
    let what = match &own.map {
        Map::Direction(v) if v.len() <= WRITTEN => {
            let terms: Vec<String> = v.iter().enumerate().map(|(i, v)| format!("{} x{i}", signed(*v, ""))).collect();
            format!("{} (that is {})", own.name, terms.join(" "))
        }
        _ => own.name.clone(),
    };
    let of = |compared: Option<super::Compared>, factor: f64, unit: &str| {
        compared.map_or_else(String::new, |c| {
            format!("{}{}", signed(factor * c.found, unit), if c.fails { " (fails)" } else { "" })
        })
    };
    let far = judged.outcome(Kind::Kolmogorov, &own.name).map_or_else(String::new, |outcome| {
        let fails = if outcome.pass { "" } else { " (fails)" };
        format!(
            "; largest difference of distribution functions {}{fails}, fails from {}",
            number(outcome.statistic),
            number(outcome.threshold)
        )
    });
    format!(
        "{what}: mean {}, variance {}{far}.",
        of(judged.moment(view, Kind::Mean), 1.0, " sd"),
        of(judged.moment(view, Kind::Variance), 100.0, " %")
    )
}
