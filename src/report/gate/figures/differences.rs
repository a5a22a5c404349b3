//! Differences of distribution functions, of all views at once.

use super::super::words::list;
use super::{FAILED, FINE, Figure, band, level, line, panel};
use crate::report::axis::Scale;
use crate::report::canvas::Dash;
use crate::report::chart::Chart;
use crate::verdicts::gate::{Judged, Kind, Place};
use plotters::style::RGBColor;

/// Lines that are drawn, the most suspicious ones.
const MOST: usize = 60;
/// Lines with a colour and a name of their own, with these dashes.
const NAMED: [(RGBColor, Dash); 4] = [
    (FAILED, &[]),
    (RGBColor(213, 94, 0), &[8.0, 3.0]),
    (RGBColor(150, 60, 130), &[3.0, 2.5]),
    (FINE, &[9.0, 2.5, 2.0, 2.5]),
];
const OTHERS: RGBColor = RGBColor(235, 150, 100);
const PASSED: RGBColor = RGBColor(160, 160, 160);
/// Points of a line.
const POINTS: usize = 256;

/// `F_n - F` of every coordinate and direction against F, with the band in which it passes.
pub(super) fn differences(judged: &Judged) -> Option<Figure> {
    let mut views = judged.views(&[Kind::Kolmogorov, Kind::Tails, Kind::Mean, Kind::Variance]);
    views.retain(|view| judged.reference.views[*view].map.per_draw() == 1);
    views.truncate(MOST);
    let lines: Vec<(usize, Vec<Place>)> = views.iter().map(|&view| (view, judged.places(view))).collect();
    let allowed = lines.iter().flat_map(|(_, places)| places).map(|place| place.allowed).fold(0.0, f64::max);
    let far = lines.iter().flat_map(|(_, places)| places).map(|p| p.difference().abs()).fold(0.0, f64::max);
    let most = far.max(1.15 * allowed).min(1.0);
    let (x, y) = (Scale::Linear { lo: 0.0, hi: 1.0 }, Scale::linear_around(-most, most));
    let failing = |view: usize| judged.of_view(view).any(|outcome| !outcome.pass);
    let failed: Vec<usize> = views.iter().copied().filter(|view| failing(*view)).collect();
    let mut series = vec![band("the test passes", &y, [(0.0, -allowed, allowed), (1.0, -allowed, allowed)])];
    // The most suspicious last, on top of the others.
    for (view, places) in lines.iter().rev() {
        let name = &judged.reference.views[*view].name;
        let (label, colour, dash) = match failed.iter().position(|v| v == view) {
            Some(k) if k < NAMED.len() => (format!("{name} (fails)"), NAMED[k].0, NAMED[k].1),
            Some(_) => ("others that fail a test".into(), OTHERS, &[][..]),
            None => ("passes every test".into(), PASSED, &[][..]),
        };
        series.push(line(&label, colour, dash, peaks(places).into_iter().map(Some).collect()));
    }
    let axes = ("share of the law at or below the point", "share of the draws less share of the law");
    let mut frame = panel(String::new(), axes, x, y, series);
    frame.guides.push(level(0.0, "as expected"));
    let outside: Vec<String> = views
        .iter()
        .map(|view| &judged.reference.views[*view].name)
        .filter(|name| judged.outcome(Kind::Kolmogorov, name).is_some_and(|outcome| !outcome.pass))
        .cloned()
        .collect();
    let here = match (&outside[..], failed.len()) {
        ([], 0) => "No line leaves the band, and no number fails another test.".to_owned(),
        ([], n) => format!(
            "No line leaves the band; {n} of {} numbers fail tests that look for something more special.",
            views.len()
        ),
        (some, _) if some.len() > 5 => format!("{} of {} lines leave the band.", some.len(), views.len()),
        (some, _) => format!("{} of {} lines leave the band: {}.", some.len(), views.len(), list(some)),
    };
    (!views.is_empty()).then(|| Figure {
        chart: Chart { title: "Differences of distribution functions".into(), rows: vec![vec![frame]] },
        kinds: &[Kind::Kolmogorov],
        reading: "Lines above 0: too many draws at or below a point; lines below 0: too few; one that leaves the shaded band fails. \
                  One arch: the draws are shifted. An S through the middle: they spread too far (first up, then down) or too little. A plateau: a mode has the wrong weight."
            .into(),
        here: vec![here],
    })
}

/// The differences against the shares of the law; of several that fall together the largest.
fn peaks(places: &[Place]) -> Vec<(f64, f64)> {
    let mut points: Vec<(f64, f64)> = vec![(0.0, 0.0)];
    let mut cell = 0;
    for place in places {
        let point = (place.known.0, place.difference());
        let own = 1 + (point.0 * POINTS as f64) as usize;
        match points.last_mut() {
            Some(last) if own == cell => {
                if point.1.abs() > last.1.abs() {
                    *last = point;
                }
            }
            _ => points.push(point),
        }
        cell = own;
    }
    points.push((1.0, 0.0));
    points
}
