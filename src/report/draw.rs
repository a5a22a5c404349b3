//! Draws a chart: frames, axes, enclosures, lines and guides, with every word outside the frames.

use super::axis::Scale;
use super::canvas::{Align, Canvas, Point, page, width_of};
use super::chart::{Chart, Datum, Guide, Look, Panel, Series};
use super::legend::{draw_key, flow, key_width, keys, notes};
use super::records::ReportError;
use plotters::style::{BLACK, RGBColor, WHITE};

/// Size of axis and legend texts in pixels.
pub const TEXT: f64 = 11.0;
const SMALL: f64 = 10.0;
const TITLE: f64 = 14.0;
/// Height of the strips for 0 and infinity.
const STRIP: f64 = 15.0;
/// Width of the strip for x = 0.
const SIDE: f64 = 30.0;
/// A vacuous region is shaded when it starts below this fraction of the frame.
pub const ROOF: f64 = 0.98;
/// Colour of guides and notes.
pub const GREY: RGBColor = RGBColor(95, 95, 95);
const PALE: RGBColor = RGBColor(232, 232, 232);
const RED: RGBColor = RGBColor(200, 0, 0);

/// A rectangle in pixels; `top < bottom`.
#[derive(Clone, Copy, Debug)]
struct Frame {
    left: f64,
    right: f64,
    top: f64,
    bottom: f64,
}

/// What a chart needs beside its frames.
#[derive(Clone, Copy, Debug, Default)]
struct Needs {
    /// A strip under the frame for enclosures that reach 0.
    below: bool,
    /// A strip above the frame for infinite values.
    above: bool,
    /// A strip left of the frame for x = 0 on a log axis.
    left: bool,
}

/// The chart as SVG text; the same chart gives the same bytes.
pub fn svg(chart: &Chart) -> Result<String, ReportError> {
    let columns = chart.rows.iter().map(Vec::len).max().unwrap_or(0).max(1);
    let rows = chart.rows.len();
    let (frame_w, frame_h) = match columns {
        1 => (470.0, 300.0),
        2 => (330.0, 235.0),
        _ => (255.0, 190.0),
    };
    let guides = chart.panels().flat_map(|p| &p.guides).map(|g| width_of(&g.short, SMALL)).fold(0.0, f64::max);
    let any = |f: fn(&Panel) -> bool| chart.panels().any(f);
    let (left, right) = (84.0, if guides > 0.0 { guides + 14.0 } else { 14.0 });
    let top =
        8.0 + if any(|p| !p.title.is_empty()) { 18.0 } else { 0.0 } + if any(|p| needs(p).above) { STRIP } else { 0.0 };
    let bottom = 44.0 + if any(|p| needs(p).below) { STRIP } else { 0.0 };
    let (cell_w, cell_h) = (left + frame_w + right, top + frame_h + bottom);
    let width = cell_w * columns as f64 + 12.0;
    let title = wrap(&chart.title, width - 30.0, 1.1 * TITLE);
    let head = 14.0 + 18.0 * title.len() as f64;
    let keys = keys(chart);
    let key_rows = flow(&keys, width - 30.0);
    let notes = wrap(&notes(chart).join(" "), width - 30.0, SMALL);
    let legend_top = head + cell_h * rows as f64 + 6.0;
    let height = legend_top + 17.0 * key_rows.len() as f64 + 14.0 * notes.len() as f64 + 12.0;
    page(width, height, &chart.title, |canvas| {
        for (i, line) in title.iter().enumerate() {
            canvas.bold(line, (0.5 * width, 18.0 + 18.0 * i as f64), TITLE, Align::Center)?;
        }
        let placed =
            chart.rows.iter().enumerate().flat_map(|(row, panels)| panels.iter().enumerate().map(move |p| (row, p)));
        for (row, (column, panel)) in placed {
            // A row shorter than the others stands in the middle.
            let indent = 0.5 * (columns - chart.rows[row].len()) as f64;
            let from = left + cell_w * (column as f64 + indent);
            let frame = Frame {
                left: from,
                right: from + frame_w,
                top: head + top + cell_h * row as f64,
                bottom: head + top + cell_h * row as f64 + frame_h,
            };
            draw_panel(canvas, panel, frame)?;
        }
        for (row, keys) in key_rows.iter().enumerate() {
            let total: f64 = keys.iter().map(|k| key_width(k)).sum();
            let mut x = 0.5 * (width - total).max(0.0);
            for key in keys {
                draw_key(canvas, key, (x, legend_top + 10.0 + 17.0 * row as f64))?;
                x += key_width(key);
            }
        }
        let notes_top = legend_top + 17.0 * key_rows.len() as f64 + 8.0;
        for (i, note) in notes.iter().enumerate() {
            canvas.text(note, (0.5 * width, notes_top + 14.0 * i as f64), SMALL - 0.5, Align::Center, GREY)?;
        }
        Ok(())
    })
}

fn needs(panel: &Panel) -> Needs {
    let log_y = matches!(panel.y, Scale::Log { .. });
    let log_x = matches!(panel.x, Scale::Log { .. });
    let data = || panel.series.iter().flat_map(|s| s.points.iter().flatten());
    Needs {
        below: log_y && data().any(|d| d.lo <= 0.0),
        above: data().any(|d| d.hi == f64::INFINITY),
        left: log_x && data().any(|d| d.x == 0.0),
    }
}

fn draw_panel(canvas: &Canvas, panel: &Panel, frame: Frame) -> Result<(), ReportError> {
    let needs = needs(panel);
    shade(canvas, panel, frame)?;
    for guide in &panel.guides {
        draw_guide(canvas, panel, guide, frame)?;
    }
    for band in panel.series.iter().filter(|s| s.look == Look::Band) {
        draw_band(canvas, panel, band, frame)?;
    }
    for series in panel.series.iter().filter(|s| s.look.is_bound()) {
        draw_series(canvas, panel, series, frame)?;
    }
    for series in panel.series.iter().filter(|s| matches!(s.look, Look::Measured(_))) {
        draw_series(canvas, panel, series, frame)?;
    }
    guide_labels(canvas, panel, frame)?;
    draw_axes(canvas, panel, frame, needs)
}

fn shade(canvas: &Canvas, panel: &Panel, frame: Frame) -> Result<(), ReportError> {
    let Some(at) = panel.vacuous_from.and_then(|y| panel.y.place(y)).filter(|at| *at < ROOF) else { return Ok(()) };
    let y = frame.bottom - at.max(0.0) * (frame.bottom - frame.top);
    let corners = [(frame.left, frame.top), (frame.right, frame.top), (frame.right, y), (frame.left, y)];
    canvas.fill(&corners, PALE)?;
    canvas.line(&[(frame.left, y), (frame.right, y)], RGBColor(150, 150, 150), 0.6, &[])
}

fn draw_axes(canvas: &Canvas, panel: &Panel, frame: Frame, needs: Needs) -> Result<(), ReportError> {
    let Frame { left, right, top, bottom } = frame;
    let outline = [(left, top), (right, top), (right, bottom), (left, bottom), (left, top)];
    canvas.line(&outline, BLACK, 0.9, &[])?;
    let strip = |a: Point, b: Point| {
        canvas.line(&[(a.0, a.1), (b.0, a.1), (b.0, b.1), (a.0, b.1), (a.0, a.1)], RGBColor(170, 170, 170), 0.6, &[])
    };
    if needs.below {
        strip((left, bottom), (right, bottom + STRIP))?;
        canvas.text("\u{2264} 0", (left - 7.0, bottom + 0.5 * STRIP), TEXT, Align::Right, BLACK)?;
    }
    if needs.above {
        strip((left, top - STRIP), (right, top))?;
        canvas.text("+inf", (left - 7.0, top - 0.5 * STRIP), TEXT, Align::Right, BLACK)?;
    }
    let floor = if needs.below { bottom + STRIP } else { bottom };
    let zero_x = left + 0.5 * SIDE;
    if needs.left {
        canvas.line(&[(left + SIDE, bottom), (left + SIDE, top)], RGBColor(170, 170, 170), 0.6, &[])?;
        canvas.text("0", (zero_x, floor + 11.0), TEXT, Align::Center, BLACK)?;
    }
    let x_from = if needs.left { left + SIDE } else { left };
    let longest = panel.x.ticks(6).iter().map(|t| mark_width(&t.mark)).fold(0.0, f64::max);
    let fit = ((right - left) / (longest + 10.0)).floor().clamp(2.0, 7.0) as usize;
    for tick in panel.x.ticks(fit) {
        let x = x_from + tick.at * (right - x_from);
        let long = if tick.mark == super::axis::Mark::Minor { 2.5 } else { 4.5 };
        canvas.line(&[(x, floor), (x, floor - long)], BLACK, 0.8, &[])?;
        canvas.tick_label(&tick.mark, (x, floor + 12.0), TEXT, Align::Center)?;
    }
    for tick in panel.y.ticks(7) {
        let y = bottom - tick.at * (bottom - top);
        let long = if tick.mark == super::axis::Mark::Minor { 2.5 } else { 4.5 };
        canvas.line(&[(left, y), (left + long, y)], BLACK, 0.8, &[])?;
        canvas.tick_label(&tick.mark, (left - 6.0, y), TEXT, Align::Right)?;
    }
    let roof = if needs.above { top - STRIP } else { top };
    canvas.bold(
        &shortened(&panel.title, right - left + 60.0, TEXT),
        (0.5 * (left + right), roof - 11.0),
        TEXT,
        Align::Center,
    )?;
    canvas.text(&panel.axes.0, (0.5 * (left + right), floor + 30.0), TEXT, Align::Center, BLACK)?;
    canvas.upwards(&panel.axes.1, (left - 68.0, 0.5 * (top + bottom)), TEXT)
}

fn mark_width(mark: &super::axis::Mark) -> f64 {
    match mark {
        super::axis::Mark::Minor => 0.0,
        super::axis::Mark::Plain(text) => width_of(text, TEXT),
        super::axis::Mark::Power(..) => 30.0,
    }
}

/// The horizontal place in pixels; x = 0 on a log axis stands in the strip.
fn across(panel: &Panel, frame: Frame, x: f64) -> Option<f64> {
    let strip = needs(panel).left;
    if strip && x == 0.0 {
        return Some(frame.left + 0.5 * SIDE);
    }
    let from = if strip { frame.left + SIDE } else { frame.left };
    panel.x.place(x).map(|at| from + at * (frame.right - from))
}

/// The vertical place in pixels: 0 and less on a log axis below the frame, infinity above it.
fn up(panel: &Panel, frame: Frame, y: f64) -> f64 {
    if y == f64::INFINITY {
        return frame.top - 0.5 * STRIP;
    }
    match panel.y.place(y) {
        Some(at) => frame.bottom - at * (frame.bottom - frame.top),
        None => frame.bottom + 0.5 * STRIP,
    }
}

/// Whether an enclosure goes below a log axis: it reaches 0, or values too small to be shown beside the others.
pub fn leaves_below(panel: &Panel, datum: &Datum) -> bool {
    matches!(panel.y, Scale::Log { .. }) && (datum.lo <= 0.0 || panel.y.place(datum.lo).is_some_and(|at| at < 0.0))
}

/// Whether a line starts inside the frame and goes on above it, to finite values that the axis does not reach.
pub fn leaves_above(panel: &Panel, series: &Series) -> bool {
    let above = |d: &Datum| d.hi.is_finite() && panel.y.place(middle(panel, d)).is_some_and(|at| at > 1.0);
    let mut last = series.points.iter().flatten().rev();
    last.next().is_some_and(above) && last.any(|d| !above(d))
}

/// The value a marker stands at: the middle of the enclosure on this scale, its upper end when it goes below the axis.
fn middle(panel: &Panel, datum: &Datum) -> f64 {
    match panel.y {
        Scale::Log { .. } if datum.is_mean && datum.hi.is_finite() && datum.on_log() > 0.0 => datum.on_log(),
        Scale::Log { .. } if datum.hi == f64::INFINITY || leaves_below(panel, datum) => datum.hi,
        Scale::Log { .. } => datum.on_log(),
        _ => 0.5 * (datum.lo + datum.hi),
    }
}

fn draw_series(canvas: &Canvas, panel: &Panel, series: &Series, frame: Frame) -> Result<(), ReportError> {
    let zero_strip = |x: f64| matches!(panel.x, Scale::Log { .. }) && x == 0.0;
    let mut runs: Vec<Vec<Point>> = vec![Vec::new()];
    for datum in &series.points {
        let place = datum.as_ref().filter(|d| !zero_strip(d.x)).and_then(|d| {
            let value = middle(panel, d);
            let on_scale = value.is_finite() && panel.y.place(value).is_some();
            on_scale.then(|| across(panel, frame, d.x).map(|x| (x, up(panel, frame, value)))).flatten()
        });
        match (place, runs.last_mut()) {
            (Some(p), Some(run)) => run.push(p),
            _ => runs.push(Vec::new()),
        }
    }
    let width = if series.look.is_bound() { 1.5 } else { 1.2 };
    let words = matches!(panel.x, Scale::Words(_));
    for run in runs.iter().filter(|run| run.len() > 1) {
        for piece in clip(run, frame) {
            canvas.line(&piece, series.colour, width, series.dash)?;
        }
    }
    if let Look::Bound(Some(shape)) = series.look {
        let inside =
            |p: &&Point| (frame.left..=frame.right).contains(&p.0) && (frame.top..=frame.bottom).contains(&p.1);
        let places: Vec<Point> = runs.iter().flatten().filter(inside).copied().collect();
        // Where the line leaves the frame, it does not end: an arrow stands there, not the marker of an end.
        let first = places.first().into_iter();
        for place in first.chain(places.last().filter(|_| places.len() > 1 && !leaves_above(panel, series))) {
            canvas.small_marker(shape, *place, series.colour)?;
        }
    }
    if series.look.is_bound() && leaves_above(panel, series) {
        let pieces = runs.iter().flat_map(|run| clip(run, frame)).collect::<Vec<_>>();
        for (x, y) in pieces.iter().filter_map(|piece| piece.last()).filter(|(_, y)| *y < frame.top + 0.5) {
            canvas.fill(&[(x - 3.6, y + 7.0), (x + 3.6, y + 7.0), (*x, *y)], series.colour)?;
        }
    }
    for datum in series.points.iter().flatten() {
        if let Some(x) = across(panel, frame, datum.x) {
            let x = if zero_strip(datum.x) || words { x + series.shift } else { x };
            draw_datum(canvas, panel, series, frame, datum, x)?;
        }
    }
    Ok(())
}

/// Half the width of a bar in pixels.
const BAR: f64 = 9.0;

/// A band: filled between neighbours, a bar where a place has none or is a word; its upper edge in white.
fn draw_band(canvas: &Canvas, panel: &Panel, band: &Series, frame: Frame) -> Result<(), ReportError> {
    let words = matches!(panel.x, Scale::Words(_));
    let alone = |x: f64| words || matches!(panel.x, Scale::Log { .. }) && x == 0.0;
    let mut runs: Vec<Vec<(f64, f64, f64)>> = vec![Vec::new()];
    for datum in &band.points {
        let place = datum.as_ref().and_then(|d| {
            Some((across(panel, frame, d.x)?, up(panel, frame, d.lo), up(panel, frame, d.hi), alone(d.x)))
        });
        match (place, runs.last_mut()) {
            (Some((x, lo, hi, false)), Some(run)) => run.push((x, lo, hi)),
            (Some((x, lo, hi, true)), _) => runs.extend([vec![(x, lo, hi)], Vec::new()]),
            _ => runs.push(Vec::new()),
        }
    }
    for run in runs.iter().filter(|run| !run.is_empty()) {
        let run = match run[..] {
            [(x, lo, hi)] => vec![(x - BAR, lo, hi), (x + BAR, lo, hi)],
            _ => run.clone(),
        };
        let upper: Vec<Point> = run.iter().map(|(x, _, hi)| (*x, *hi)).collect();
        let lower = run.iter().rev().map(|(x, lo, _)| (*x, *lo));
        let corners: Vec<Point> = upper.iter().copied().chain(lower).collect();
        canvas.fill(&corners, band.colour)?;
        canvas.line(&upper, WHITE, 0.7, &[])?;
    }
    Ok(())
}

fn draw_datum(
    canvas: &Canvas,
    panel: &Panel,
    series: &Series,
    frame: Frame,
    datum: &Datum,
    x: f64,
) -> Result<(), ReportError> {
    let floor = if datum.lo > 0.0 { frame.bottom } else { frame.bottom + 0.5 * STRIP };
    let clamp = |y: f64| y.clamp(frame.top - 0.5 * STRIP, floor);
    let (low, high) = (clamp(up(panel, frame, datum.lo)), clamp(up(panel, frame, datum.hi)));
    let colour = series.colour;
    let cap = |y: f64, half: f64| canvas.line(&[(x - half, y), (x + half, y)], colour, 1.1, &[]);
    let open_below = leaves_below(panel, datum);
    if low - high > 1.0 {
        canvas.line(&[(x, low), (x, high)], colour, 1.1, &[])?;
        if !open_below {
            cap(low, 4.0)?;
        }
        if datum.hi.is_finite() {
            cap(high, 4.0)?;
        }
    }
    if open_below && datum.hi > 0.0 {
        let tip = if datum.lo > 0.0 { frame.bottom - 1.0 } else { frame.bottom + STRIP - 3.0 };
        canvas.fill(&[(x - 3.2, tip - 6.0), (x + 3.2, tip - 6.0), (x, tip)], colour)?;
    }
    let zero = datum.x == 0.0 && matches!(panel.x, Scale::Log { .. });
    let y = up(panel, frame, middle(panel, datum));
    let inside = y >= frame.top - STRIP && y <= frame.bottom + STRIP;
    match series.look {
        Look::Measured(shape) if inside => canvas.marker(shape, (x, y), colour, open_below && datum.hi > 0.0)?,
        Look::Bound(_) if datum.hi == f64::INFINITY => {
            let tip = frame.top - STRIP + 3.0;
            canvas.fill(&[(x - 3.2, tip + 6.0), (x + 3.2, tip + 6.0), (x, tip)], colour)?;
        }
        // A bound that stands alone: a short level line.
        Look::Bound(_) if inside && (zero || series.points.len() == 1) => {
            canvas.line(&[(x - 7.0, y), (x + 7.0, y)], colour, 2.0, &[])?;
        }
        _ => {}
    }
    if datum.ringed && inside {
        canvas.ring((x, y), RED)?;
    }
    Ok(())
}

/// The two ends of a guide line inside the frame.
fn guide_ends(panel: &Panel, guide: &Guide, frame: Frame) -> Option<Vec<Point>> {
    let (x0, y0) = (across(panel, frame, guide.through.0)?, up(panel, frame, guide.through.1));
    let tilt = match (&panel.x, &panel.y) {
        (Scale::Log { lo, hi }, Scale::Log { lo: a, hi: b }) => {
            let from = if needs(panel).left { frame.left + SIDE } else { frame.left };
            guide.slope * ((frame.bottom - frame.top) / (b - a)) / ((frame.right - from) / (hi - lo))
        }
        _ => 0.0,
    };
    let at = |x: f64| (x, y0 - tilt * (x - x0));
    clip(&[at(frame.left), at(frame.right)], frame).into_iter().next()
}

fn draw_guide(canvas: &Canvas, panel: &Panel, guide: &Guide, frame: Frame) -> Result<(), ReportError> {
    match guide_ends(panel, guide, frame) {
        Some(ends) => canvas.line(&ends, GREY, 1.0, guide.dash),
        None => Ok(()),
    }
}

/// Guide labels stand right of the frame at the height where the line leaves it, moved apart when they collide.
fn guide_labels(canvas: &Canvas, panel: &Panel, frame: Frame) -> Result<(), ReportError> {
    let mut labels: Vec<(f64, &str)> =
        panel.guides.iter().filter_map(|g| Some((guide_ends(panel, g, frame)?.last()?.1, g.short.as_str()))).collect();
    labels.sort_by(|a, b| a.0.total_cmp(&b.0));
    labels.dedup_by(|a, b| a.1 == b.1 && (a.0 - b.0).abs() < 8.0);
    let mut free = frame.top;
    for (y, text) in labels {
        let y = y.max(free);
        canvas.text(text, (frame.right + 6.0, y), SMALL, Align::Left, GREY)?;
        free = y + 13.0;
    }
    Ok(())
}

/// A polyline restricted to the frame, in pieces (Liang-Barsky on each segment).
fn clip(points: &[Point], frame: Frame) -> Vec<Vec<Point>> {
    let mut pieces: Vec<Vec<Point>> = Vec::new();
    for pair in points.windows(2) {
        let ((x0, y0), (x1, y1)) = (pair[0], pair[1]);
        let (dx, dy) = (x1 - x0, y1 - y0);
        let edges = [(-dx, x0 - frame.left), (dx, frame.right - x0), (-dy, y0 - frame.top), (dy, frame.bottom - y0)];
        let (mut enter, mut leave) = (0.0f64, 1.0f64);
        for (speed, room) in edges {
            if speed < 0.0 {
                enter = enter.max(room / speed);
            } else if speed > 0.0 {
                leave = leave.min(room / speed);
            } else if room < 0.0 {
                leave = -1.0;
            }
        }
        if enter > leave {
            continue;
        }
        let at = |t: f64| (x0 + t * dx, y0 + t * dy);
        match pieces.last_mut() {
            Some(piece) if enter == 0.0 && piece.last() == Some(&(x0, y0)) => piece.push(at(leave)),
            _ => pieces.push(vec![at(enter), at(leave)]),
        }
    }
    pieces
}

fn shortened(text: &str, width: f64, size: f64) -> String {
    if width_of(text, size) <= width {
        return text.to_owned();
    }
    let mut short = text.to_owned();
    while !short.is_empty() && width_of(&short, size) > width - size {
        short.pop();
    }
    short + "\u{2026}"
}

/// A text in lines no wider than `width`.
fn wrap(text: &str, width: f64, size: f64) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if width_of(&format!("{line} {word}"), size) <= width => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}
