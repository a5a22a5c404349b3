//! What a figure shows, before it is drawn.

use super::axis::Scale;
use super::canvas::{Dash, Shape};
use plotters::style::RGBColor;

/// A value with its enclosure.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Datum {
    /// Horizontal place.
    pub x: f64,
    /// Lower end.
    pub lo: f64,
    /// Upper end.
    pub hi: f64,
    /// Ringed: the verdict at this point is VIOLATED.
    pub ringed: bool,
    /// Whether the enclosure is a mean less and plus its error, on any scale.
    pub is_mean: bool,
}

impl Datum {
    /// The value a marker stands at on a logarithmic scale: the geometric middle of an enclosure, and a mean itself.
    pub fn on_log(&self) -> f64 {
        if self.is_mean { 0.5 * (self.lo + self.hi) } else { self.lo.sqrt() * self.hi.sqrt() }
    }
}

/// How a series is drawn.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Look {
    /// Markers with enclosures as bars, joined by a line.
    Measured(Shape),
    /// A line, with small hollow markers at both ends when several series have bounds of their own.
    Bound(Option<Shape>),
    /// A filled band between the ends of its enclosures; bars where places are words or there is one only.
    Band,
}

impl Look {
    /// Whether this is a bound.
    pub fn is_bound(self) -> bool {
        matches!(self, Look::Bound(_))
    }
}

/// Points of one kind.
#[derive(Clone, Debug, PartialEq)]
pub struct Series {
    /// Legend text.
    pub label: String,
    /// Markers or line.
    pub look: Look,
    /// Colour.
    pub colour: RGBColor,
    /// Dash pattern.
    pub dash: Dash,
    /// Pixels to the right of its place where places are few: at x = 0 and on an axis of words.
    pub shift: f64,
    /// Its points, ascending in `x`; `None` breaks the line.
    pub points: Vec<Option<Datum>>,
    /// Whose bound it is; empty when it is measured.
    pub theorem: String,
}

/// A straight guide line: `y = y0 (x/x0)^slope` on log-log axes, `y = y0` on a linear one.
#[derive(Clone, Debug, PartialEq)]
pub struct Guide {
    /// The exponent.
    pub slope: f64,
    /// A point it goes through.
    pub through: (f64, f64),
    /// Dash pattern.
    pub dash: Dash,
    /// Short label, set outside the frame at the end of the line.
    pub short: String,
    /// Legend text.
    pub label: String,
}

/// One frame with its axes.
#[derive(Clone, Debug, PartialEq)]
pub struct Panel {
    /// Text above the frame.
    pub title: String,
    /// Axis texts: horizontal, vertical.
    pub axes: (String, String),
    /// The horizontal scale.
    pub x: Scale,
    /// The vertical scale.
    pub y: Scale,
    /// What is drawn.
    pub series: Vec<Series>,
    /// Guide lines.
    pub guides: Vec<Guide>,
    /// A bound at or above this height says nothing; the region is shaded.
    pub vacuous_from: Option<f64>,
    /// What a reader cannot see: lines on top of each other, bounds that are not there and why.
    pub notes: Vec<String>,
}

/// A whole figure.
#[derive(Clone, Debug, PartialEq)]
pub struct Chart {
    /// The question.
    pub title: String,
    /// The frames, row by row; rows may differ in length.
    pub rows: Vec<Vec<Panel>>,
}

impl Chart {
    /// All frames.
    pub fn panels(&self) -> impl Iterator<Item = &Panel> {
        self.rows.iter().flatten()
    }
}

/// Colours that stay apart for colour-blind readers and, with their markers and dashes, in greyscale.
pub const COLOURS: [RGBColor; 7] = [
    RGBColor(0, 0, 0),
    RGBColor(0, 114, 178),
    RGBColor(213, 94, 0),
    RGBColor(0, 140, 105),
    RGBColor(190, 90, 150),
    RGBColor(120, 120, 120),
    RGBColor(150, 110, 0),
];

/// Fills of bands: neighbours differ in lightness, also for colour-blind readers.
pub const FILLS: [RGBColor; 8] = [
    RGBColor(150, 205, 235),
    RGBColor(190, 80, 20),
    RGBColor(240, 200, 90),
    RGBColor(0, 110, 85),
    RGBColor(225, 170, 200),
    RGBColor(90, 90, 90),
    RGBColor(205, 205, 205),
    RGBColor(120, 70, 140),
];

/// Markers, one per series.
pub const SHAPES: [Shape; 7] =
    [Shape::Circle, Shape::Square, Shape::Up, Shape::Diamond, Shape::Down, Shape::Hexagon, Shape::Bar];

/// Dash patterns of measured series, one per series.
pub const MEASURED_DASHES: [Dash; 4] = [&[], &[7.0, 3.0], &[2.0, 2.5], &[8.0, 2.5, 2.0, 2.5]];

/// Dash patterns of bounds, one per theorem.
pub const BOUND_DASHES: [Dash; 4] = [&[11.0, 4.0], &[4.0, 3.0], &[11.0, 3.0, 3.0, 3.0], &[1.5, 3.0]];

/// Dash pattern of a guide that states a proved exponent.
pub const STATED_DASH: Dash = &[5.0, 4.0];

/// Dash pattern of a guide that shows a recalled exponent.
pub const RECALLED_DASH: Dash = &[1.5, 3.5];
