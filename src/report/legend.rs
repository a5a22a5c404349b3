//! The legend and the notes under a chart.

use super::canvas::{Align, Canvas, Point, width_of};
use super::chart::{Chart, Datum, Guide, Look, Panel, Series};
use super::draw::{GREY, ROOF, TEXT, leaves_above, leaves_below};
use super::records::ReportError;
use plotters::style::BLACK;

/// One entry of the legend.
pub enum Key<'a> {
    Series(&'a Series),
    Guide(&'a Guide),
}

impl Key<'_> {
    fn label(&self) -> &str {
        match self {
            Key::Series(series) => &series.label,
            Key::Guide(guide) => &guide.label,
        }
    }
}

/// The entries: measured series, then bounds, then guides, each label once.
pub fn keys(chart: &Chart) -> Vec<Key<'_>> {
    let mut keys: Vec<Key> = Vec::new();
    let series = |bounds: bool| {
        let chosen = move |s: &&Series| s.look.is_bound() == bounds;
        chart.panels().flat_map(move |p| p.series.iter().filter(chosen).map(Key::Series))
    };
    let guides = chart.panels().flat_map(|p| p.guides.iter().map(Key::Guide));
    for key in series(false).chain(series(true)).chain(guides) {
        if !key.label().is_empty() && !keys.iter().any(|k| k.label() == key.label()) {
            keys.push(key);
        }
    }
    keys
}

/// The width of an entry in pixels.
pub fn key_width(key: &Key) -> f64 {
    58.0 + width_of(key.label(), TEXT)
}

/// The entries in rows no wider than `width`.
pub fn flow<'a, 'b>(keys: &'b [Key<'a>], width: f64) -> Vec<Vec<&'b Key<'a>>> {
    let mut rows: Vec<Vec<&Key>> = Vec::new();
    let mut used = f64::INFINITY;
    for key in keys {
        if used + key_width(key) > width {
            rows.push(Vec::new());
            used = 0.0;
        }
        used += key_width(key);
        if let Some(row) = rows.last_mut() {
            row.push(key);
        }
    }
    rows
}

/// Draws an entry with its left end at a point.
pub fn draw_key(canvas: &Canvas, key: &Key, (x, y): Point) -> Result<(), ReportError> {
    let line = [(x, y), (x + 34.0, y)];
    match key {
        Key::Series(series) => {
            if series.look == Look::Band {
                let corners = [(x + 8.0, y - 5.0), (x + 34.0, y - 5.0), (x + 34.0, y + 5.0), (x + 8.0, y + 5.0)];
                canvas.fill(&corners, series.colour)?;
                return canvas.text(key.label(), (x + 41.0, y), TEXT, Align::Left, BLACK);
            }
            let width = if series.look.is_bound() { 1.5 } else { 1.2 };
            // One entry stands for the bounds of all series, whatever their colours.
            let shared = matches!(series.look, Look::Bound(Some(_)));
            canvas.line(&line, if shared { GREY } else { series.colour }, width, series.dash)?;
            if let Look::Measured(shape) = series.look {
                canvas.marker(shape, (x + 17.0, y), series.colour, false)?;
            }
        }
        Key::Guide(guide) => canvas.line(&line, GREY, 1.0, guide.dash)?,
    }
    canvas.text(key.label(), (x + 41.0, y), TEXT, Align::Left, BLACK)
}

/// What a reader must know about marks that stand in this chart.
pub fn notes(chart: &Chart) -> Vec<String> {
    let any = |f: &dyn Fn(&Panel) -> bool| chart.panels().any(f);
    let data = |p: &Panel, f: &dyn Fn(&Datum) -> bool| p.series.iter().flat_map(|s| s.points.iter().flatten()).any(f);
    let mut notes = Vec::new();
    if any(&|p| p.vacuous_from.and_then(|y| p.y.place(y)).is_some_and(|at| at < ROOF)) {
        notes.push("Shaded: a bound here is at or above the largest possible value and says nothing.".to_owned());
    }
    let marked = |p: &Panel, f: &dyn Fn(&Datum) -> bool| {
        let series = p.series.iter().filter(|s| s.look != Look::Band);
        series.flat_map(|s| s.points.iter().flatten()).any(f)
    };
    if any(&|p| marked(p, &|d| d.hi > 0.0 && leaves_below(p, d))) {
        notes.push(
            "Hollow marker with an arrow down: the upper end of an enclosure that reaches below the axis.".to_owned(),
        );
    }
    if any(&|p| data(p, &|d| d.hi == f64::INFINITY)) {
        notes.push("Above the frame: infinite.".to_owned());
    }
    if any(&|p| p.series.iter().any(|s| matches!(s.look, Look::Bound(Some(_))))) {
        notes.push("Small hollow markers at the ends of a line: whose line it is.".to_owned());
    }
    if any(&|p| p.series.iter().any(|s| s.look.is_bound() && leaves_above(p, s))) {
        notes.push("Arrow up at the frame: the bound goes on above it.".to_owned());
    }
    if any(&|p| data(p, &|d| d.ringed)) {
        notes.push("Ringed in red: the bound is violated.".to_owned());
    }
    for note in chart.panels().flat_map(|p| &p.notes) {
        if !notes.contains(note) {
            notes.push(note.clone());
        }
    }
    notes
}
