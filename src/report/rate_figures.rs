//! Charts from rates: thresholds with brackets, and local slopes below them.

use super::axis::Scale;
use super::chart::{COLOURS, Chart, Datum, Guide, Look, MEASURED_DASHES, Panel, SHAPES, Series};
use super::figures::{fraction, x_scale, y_scale};
use super::labels;
use super::rates::Rate;

/// The charts of rates: thresholds with brackets, and local slopes below, three rates to a figure.
pub fn rate_charts(question: &str, rates: &[Rate]) -> Vec<Chart> {
    rates
        .chunks(3)
        .map(|some| Chart {
            title: question.to_owned(),
            panels: some.iter().map(threshold_panel).chain(some.iter().map(slope_panel)).collect(),
            columns: some.len(),
        })
        .collect()
}

fn stated(rate: &Rate) -> (String, String) {
    let power = fraction(rate.stated);
    let provenance =
        if rate.stated_provenance.is_empty() { String::new() } else { format!(" ({})", rate.stated_provenance) };
    (format!("slope {power}"), format!("stated slope {power}{provenance}"))
}

fn threshold_panel(rate: &Rate) -> Panel {
    let points: Vec<Datum> = rate
        .points
        .iter()
        .filter(|p| p.value.is_finite() && !p.threshold_lo.is_nan() && !p.threshold_hi.is_nan())
        .map(|p| Datum { x: p.value, lo: p.threshold_lo, hi: p.threshold_hi, ringed: false })
        .collect();
    let last = points.iter().rfind(|d| d.lo > 0.0 && d.hi.is_finite()).copied();
    let series = vec![Series {
        label: "threshold (bracket as bar)".into(),
        look: Look::Measured(SHAPES[0]),
        colour: COLOURS[0],
        dash: MEASURED_DASHES[0],
        shift: 0.0,
        points: points.into_iter().map(Some).collect(),
    }];
    let (short, label) = stated(rate);
    let guide = last.filter(|_| rate.stated.is_finite()).map(|d| Guide {
        slope: rate.stated,
        through: (d.x, (d.lo * d.hi).sqrt()),
        short,
        label,
    });
    Panel {
        title: rate.such_that.clone(),
        axes: (
            labels::axis_of_path(&rate.parameter),
            format!("threshold of {}", labels::axis_of_path(&rate.solve_for)),
        ),
        x: x_scale(&series, None),
        y: y_scale(&series, None).unwrap_or(Scale::Log { lo: -1.0, hi: 0.0 }),
        series,
        guides: guide.into_iter().collect(),
        vacuous_from: None,
    }
}

fn slope_panel(rate: &Rate) -> Panel {
    let places = rate.points.windows(2).map(|pair| (pair[0].value * pair[1].value).sqrt());
    let points: Vec<Option<Datum>> = places
        .zip(&rate.local_slopes)
        .map(|(x, &slope)| slope.is_finite().then_some(Datum { x, lo: slope, hi: slope, ringed: false }))
        .collect();
    let heights: Vec<f64> =
        points.iter().flatten().map(|d| d.lo).chain(Some(rate.stated).filter(|s| s.is_finite())).collect();
    let low = heights.iter().copied().fold(f64::INFINITY, f64::min);
    let high = heights.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let (short, label) = stated(rate);
    let (first, last) = (rate.points.first().map_or(1.0, |p| p.value), rate.points.last().map_or(10.0, |p| p.value));
    let x = if first > 0.0 && last > 0.0 {
        Scale::log_around(first.min(last), first.max(last))
    } else {
        Scale::linear_around(first.min(last), first.max(last))
    };
    Panel {
        title: String::new(),
        axes: (labels::axis_of_path(&rate.parameter), "local slope".into()),
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
            dash: MEASURED_DASHES[2],
            shift: 0.0,
            points,
        }],
        guides: rate
            .stated
            .is_finite()
            .then_some(Guide { slope: 0.0, through: (last, rate.stated), short, label })
            .into_iter()
            .collect(),
        vacuous_from: None,
    }
}
