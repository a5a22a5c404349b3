//! Charts from rates: thresholds with brackets, and local slopes below them.

use super::axis::Scale;
use super::canvas::Dash;
use super::chart::{
    COLOURS, Chart, Datum, Guide, Look, MEASURED_DASHES, Panel, RECALLED_DASH, SHAPES, STATED_DASH, Series,
};
use super::figures::{fraction, x_scale, y_scale};
use super::labels;
use super::rates::{LocalSlope, Rate};

/// At most this many rates in one figure, and in one row of it.
const RATES: usize = 12;
const IN_A_ROW: usize = 4;

/// The charts of rates: one grid, every rate a frame with thresholds and their brackets and one with local slopes below.
pub fn rate_charts(question: &str, rates: &[Rate]) -> Vec<Chart> {
    let grid = |some: &[Rate]| {
        let columns = some.len().div_ceil(some.len().div_ceil(IN_A_ROW));
        let rows = some.chunks(columns).flat_map(|row| {
            [row.iter().map(threshold_panel).collect::<Vec<_>>(), row.iter().map(slope_panel).collect()]
        });
        Chart { title: question.to_owned(), rows: rows.collect() }
    };
    rates.chunks(RATES).map(grid).collect()
}

/// The guides of a panel through a point of the threshold's curve, or level ones at the slopes themselves.
fn guides(rate: &Rate, through: Option<(f64, f64)>) -> Vec<Guide> {
    let provenance =
        if rate.stated_provenance.is_empty() { String::new() } else { format!(" ({})", rate.stated_provenance) };
    // Two lines on top of each other look like one: then one line says both.
    let both = rate.stated == rate.recalled;
    let also = if both { "; recalled: the same" } else { "" };
    let kinds = [
        (rate.stated, STATED_DASH, format!("stated slope{provenance}{also}")),
        (if both { f64::NAN } else { rate.recalled }, RECALLED_DASH, "recalled slope (decides nothing)".to_owned()),
    ];
    let guide = |(power, dash, label): (f64, Dash, String)| {
        let level = through.is_none();
        let through = through.or(rate.points.last().map(|p| (p.value, power)))?;
        let slope = if level { 0.0 } else { power };
        power.is_finite().then(|| Guide { slope, through, dash, short: format!("slope {}", fraction(power)), label })
    };
    kinds.into_iter().filter_map(guide).collect()
}

/// What a rate is about, for the title of its frames: the theorem, the threshold, and what it is solved against.
fn title(rate: &Rate) -> String {
    let theorem = if rate.theorem.is_empty() { String::new() } else { format!("{}: ", rate.theorem) };
    let [of, against] = [&rate.solve_for, rate.against()].map(labels::symbol);
    let of = rate.scaled_name(&of);
    format!("{theorem}{of} against {against}, {}", rate.condition())
}

fn threshold_panel(rate: &Rate) -> Panel {
    let points: Vec<Datum> = rate
        .points
        .iter()
        .filter(|p| p.value.is_finite() && !p.threshold_lo.is_nan() && !p.threshold_hi.is_nan())
        .map(|p| Datum {
            x: p.value,
            lo: rate.on_scale(p.threshold_lo),
            hi: rate.on_scale(p.threshold_hi),
            ringed: false,
            is_mean: false,
        })
        .collect();
    let drawn = points.iter().filter(|d| d.x > 0.0 && d.lo > 0.0 && d.hi.is_finite());
    let end = if rate.towards_zero() {
        drawn.min_by(|a, b| a.x.total_cmp(&b.x))
    } else {
        drawn.max_by(|a, b| a.x.total_cmp(&b.x))
    };
    let guides = end.map(|d| guides(rate, Some((d.x, d.on_log())))).unwrap_or_default();
    let series = vec![Series {
        label: "threshold (bracket as bar)".into(),
        look: Look::Measured(SHAPES[0]),
        colour: COLOURS[0],
        dash: MEASURED_DASHES[0],
        shift: 0.0,
        points: points.into_iter().map(Some).collect(),
        theorem: String::new(),
    }];
    Panel {
        title: title(rate),
        axes: (
            labels::axis_of_path(rate.against()),
            format!("threshold of {}", rate.scaled_name(&labels::quantity(&rate.solve_for))),
        ),
        x: x_scale(&series, None),
        y: y_scale(&series, None).unwrap_or(Scale::Log { lo: -1.0, hi: 0.0 }),
        series,
        guides,
        vacuous_from: None,
        notes: Vec::new(),
    }
}

fn slope_panel(rate: &Rate) -> Panel {
    let places = rate.points.windows(2).map(|pair| (pair[0].value * pair[1].value).sqrt());
    let datum = |(x, slope): (f64, &LocalSlope)| {
        let (lo, hi) = (slope.value - slope.uncertainty, slope.value + slope.uncertainty);
        (lo.is_finite() && hi.is_finite()).then_some(Datum { x, lo, hi, ringed: false, is_mean: false })
    };
    let points: Vec<Option<Datum>> = places.zip(&rate.local_slopes).map(datum).collect();
    let heights: Vec<f64> = points
        .iter()
        .flatten()
        .flat_map(|d| [d.lo, d.hi])
        .chain([rate.stated, rate.recalled].into_iter().filter(|s| s.is_finite()))
        .collect();
    let low = heights.iter().copied().fold(f64::INFINITY, f64::min);
    let high = heights.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let (first, last) = (rate.points.first().map_or(1.0, |p| p.value), rate.points.last().map_or(10.0, |p| p.value));
    let x = if first > 0.0 && last > 0.0 {
        Scale::log_around(first.min(last), first.max(last))
    } else {
        Scale::linear_around(first.min(last), first.max(last))
    };
    Panel {
        title: String::new(),
        axes: (labels::axis_of_path(rate.against()), "local slope".into()),
        x,
        y: if low <= high {
            Scale::linear_around(low - 0.05, high + 0.05)
        } else {
            Scale::Linear { lo: -1.0, hi: 1.0 }
        },
        series: vec![Series {
            label: "local slope".into(),
            look: Look::Measured(SHAPES[1]),
            colour: COLOURS[1],
            dash: MEASURED_DASHES[0],
            shift: 0.0,
            points,
            theorem: String::new(),
        }],
        guides: guides(rate, None),
        vacuous_from: None,
        notes: Vec::new(),
    }
}
