//! The plots of a gate's page: each with the sentence that tells how to read it.

mod differences;
mod moments;
mod order;
mod overview;
mod quantiles;
mod tails;
mod weights;

use crate::report::axis::Scale;
use crate::report::canvas::{Dash, Shape};
use crate::report::chart::{Chart, Datum, Guide, Look, Panel, STATED_DASH, Series};
use crate::verdicts::gate::{Compared, Judged, Kind, Map};
use plotters::style::RGBColor;

/// What passes.
const FINE: RGBColor = RGBColor(0, 114, 178);
/// What fails.
const FAILED: RGBColor = RGBColor(200, 0, 0);
/// What is known.
const KNOWN: RGBColor = RGBColor(70, 70, 70);
/// Where a test passes.
const PASSING: RGBColor = RGBColor(208, 227, 240);

/// A plot.
pub struct Figure {
    /// What is drawn.
    pub chart: Chart,
    /// Whose tests it shows.
    pub kinds: &'static [Kind],
    /// How to read it.
    pub reading: String,
    /// What is to be seen in it here.
    pub here: Vec<String>,
}

/// All plots: the overview, then those that show a failure, then the others. Beside a run that was kept only those of tests that do not look at it:
/// the others would show where draws pass against the law alone.
pub fn figures(judged: &Judged) -> Vec<Figure> {
    let of_law: &[fn(&Judged) -> Option<Figure>] =
        &[weights::weights, moments::moments, quantiles::quantiles, differences::differences, tails::tails];
    let of_law = if judged.baseline.is_none() { of_law } else { &[] };
    let mut figures: Vec<Figure> = of_law.iter().filter_map(|figure| figure(judged)).collect();
    figures.extend(order::order(judged));
    let failed = |figure: &Figure| judged.failures().iter().any(|outcome| figure.kinds.contains(&outcome.kind));
    figures.sort_by_key(|figure| !failed(figure));
    figures.insert(0, overview::overview(judged));
    figures
}

/// The most suspicious views by tests of these kinds: coordinates, directions and others by turns, since one fault shows in many of a sort.
fn views(judged: &Judged, kinds: &[Kind], most: usize) -> Vec<usize> {
    let sort = |view: usize| match judged.reference.views[view].map {
        Map::Coordinate(_) => 0,
        Map::Direction(_) => 1,
        Map::Pooled(_) | Map::Radius { .. } => 2,
    };
    let mut turns = [0; 3];
    let mut views: Vec<(usize, usize)> = judged
        .views(kinds)
        .into_iter()
        .map(|view| {
            turns[sort(view)] += 1;
            (turns[sort(view)], view)
        })
        .collect();
    views.sort_by_key(|(turn, view)| (*turn, sort(*view)));
    views.into_iter().map(|(_, view)| view).take(most).collect()
}

/// A line; `None` breaks it.
fn line(label: &str, colour: RGBColor, dash: Dash, points: Vec<Option<(f64, f64)>>) -> Series {
    let datum = |(x, y)| Datum { x, lo: y, hi: y, ringed: false, is_mean: false };
    series(label, Look::Bound(None), colour, dash, points.into_iter().map(|p| p.map(datum)).collect())
}

/// Markers without a line.
fn dots(label: &str, shape: Shape, colour: RGBColor, points: impl IntoIterator<Item = (f64, f64)>) -> Series {
    let datum = |(x, y)| Some(Datum { x, lo: y, hi: y, ringed: false, is_mean: false });
    // A break after each marker: no line joins them.
    let points = points.into_iter().flat_map(|point| [datum(point), None]).collect();
    series(label, Look::Measured(shape), colour, &[], points)
}

/// Where a test passes, within the axis.
fn band(label: &str, y: &Scale, points: impl IntoIterator<Item = (f64, f64, f64)>) -> Series {
    let (least, most) = ends(y);
    let datum = |(x, lo, hi): (f64, f64, f64)| {
        let (lo, hi) = (lo.clamp(least, most), hi.clamp(least, most));
        Some(Datum { x, lo, hi, ringed: false, is_mean: false })
    };
    series(label, Look::Band, PASSING, &[], points.into_iter().map(datum).collect())
}

fn series(label: &str, look: Look, colour: RGBColor, dash: Dash, points: Vec<Option<Datum>>) -> Series {
    Series { label: label.into(), look, colour, dash, shift: 0.0, points, theorem: String::new() }
}

/// Markers of what was found: one kind for what passes, one for what fails.
fn found(points: impl IntoIterator<Item = (f64, f64, bool)>) -> [Series; 2] {
    let (failed, fine): (Vec<_>, Vec<_>) = points.into_iter().partition(|point| point.2);
    let places = |points: Vec<(f64, f64, bool)>| points.into_iter().map(|(x, y, _)| (x, y));
    [
        dots("found, passes", Shape::Circle, FINE, places(fine)),
        dots("found, fails", Shape::Diamond, FAILED, places(failed)),
    ]
}

/// A frame; series without points are left out, of the legend too.
fn panel(title: String, axes: (&str, &str), x: Scale, y: Scale, mut series: Vec<Series>) -> Panel {
    series.retain(|series| series.points.iter().any(Option::is_some));
    Panel {
        title,
        axes: (axes.0.into(), axes.1.into()),
        x,
        y,
        series,
        guides: Vec::new(),
        vacuous_from: None,
        notes: Vec::new(),
    }
}

/// A level line at what is expected.
fn level(y: f64, label: &str) -> Guide {
    Guide { slope: 0.0, through: (0.0, y), dash: STATED_DASH, short: String::new(), label: label.into() }
}

/// The values at the ends of an axis.
fn ends(scale: &Scale) -> (f64, f64) {
    match scale {
        Scale::Log { lo, hi } => (10f64.powf(*lo), 10f64.powf(*hi)),
        Scale::Linear { lo, hi } => (*lo, *hi),
        Scale::Words(words) => (-0.5, words.len() as f64 - 0.5),
    }
}

/// An axis around 0 for differences and the intervals in which they pass, which are drawn as far as they are not much wider than the rest.
fn around_zero<'a>(all: impl IntoIterator<Item = &'a Compared>, factor: f64) -> Scale {
    let (mut found, mut widths) = (0.0f64, Vec::new());
    for compared in all {
        found = found.max((factor * (compared.found - compared.known)).abs());
        let passes = [compared.passes.0, compared.passes.1].map(|end| (factor * (end - compared.known)).abs());
        widths.extend(passes.into_iter().filter(|width| width.is_finite()));
    }
    widths.sort_by(f64::total_cmp);
    let width = widths.get(widths.len() / 2).copied().unwrap_or(0.0);
    let most = found.max(1.6 * width).max(f64::MIN_POSITIVE);
    Scale::linear_around(-most, most)
}

/// Points that differ by a pixel or so.
fn thinned(points: Vec<(f64, f64)>, dx: f64, dy: f64) -> Vec<(f64, f64)> {
    let mut kept: Vec<(f64, f64)> = Vec::new();
    let last = points.len().saturating_sub(1);
    for (k, point) in points.into_iter().enumerate() {
        let near = kept.last().is_some_and(|(x, y)| (point.0 - x).abs() < dx && (point.1 - y).abs() < dy);
        if !near || k == last {
            kept.push(point);
        }
    }
    kept
}

/// The kinds of tests of a view that fail, as a title tells them.
fn state(judged: &Judged, view: usize) -> String {
    let name = &judged.reference.views[view].name;
    let own = judged.outcomes.iter().filter(|outcome| outcome.of == *name && !outcome.pass);
    let failed: Vec<&str> = own.map(|outcome| outcome.kind.name()).collect();
    if failed.is_empty() { format!("{name} (passes)") } else { format!("{name} (fails {})", failed.join(", ")) }
}
