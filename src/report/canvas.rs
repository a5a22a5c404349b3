//! A drawing surface in pixels with one decimal, on top of plotters' SVG backend.

use super::axis::{Mark, minus};
use super::packed::packed;
use super::records::ReportError;
use plotters::coord::Shift;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

/// Units of the backend per pixel: plotters draws on whole units.
const UNITS: f64 = 10.0;

/// A point in pixels from the upper left corner.
pub type Point = (f64, f64);

/// Where a text's anchor is.
pub type Align = HPos;

/// Lengths of dashes and gaps in pixels; empty for a solid line.
pub type Dash = &'static [f64];

/// The shape of a marker.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Shape {
    /// Circle.
    Circle,
    /// Square.
    Square,
    /// Triangle, point up.
    Up,
    /// Diamond.
    Diamond,
    /// Triangle, point down.
    Down,
    /// Six-pointed star outline as a hexagon.
    Hexagon,
    /// Narrow upright bar.
    Bar,
}

/// A drawing surface.
pub struct Canvas<'a> {
    area: DrawingArea<SVGBackend<'a>, Shift>,
}

fn units(p: Point) -> (i32, i32) {
    ((p.0 * UNITS).round() as i32, (p.1 * UNITS).round() as i32)
}

fn failed<E: std::error::Error + Send + Sync>(e: DrawingAreaErrorKind<E>) -> ReportError {
    ReportError::Draw(e.to_string())
}

/// Draws with `paint` on a white page of `width` x `height` pixels and returns the SVG text.
pub fn page(
    width: f64,
    height: f64,
    title: &str,
    paint: impl FnOnce(&Canvas) -> Result<(), ReportError>,
) -> Result<String, ReportError> {
    let (w, h) = ((width * UNITS).ceil() as u32, (height * UNITS).ceil() as u32);
    let mut text = String::new();
    {
        let area = SVGBackend::with_string(&mut text, (w, h)).into_drawing_area();
        area.fill(&WHITE).map_err(failed)?;
        let canvas = Canvas { area };
        paint(&canvas)?;
        canvas.area.present().map_err(failed)?;
    }
    let old = format!("<svg width=\"{w}\" height=\"{h}\"");
    let new = format!("<svg width=\"{}\" height=\"{}\" role=\"img\"", f64::from(w) / UNITS, f64::from(h) / UNITS);
    let text = packed(&text.replacen(&old, &new, 1));
    let head = text.find(">\n").map_or(0, |i| i + 2);
    Ok(format!("{}<title>{}</title>\n{}", &text[..head], super::html::escape(title), &text[head..]))
}

impl Canvas<'_> {
    /// A line through points, dashed when `dash` is not empty.
    pub fn line(&self, points: &[Point], colour: RGBColor, width: f64, dash: Dash) -> Result<(), ReportError> {
        let style = ShapeStyle { color: colour.to_rgba(), filled: false, stroke_width: (width * UNITS) as u32 };
        for piece in dashes(points, dash) {
            let piece: Vec<_> = piece.into_iter().map(units).collect();
            self.area.draw(&PathElement::new(piece, style)).map_err(failed)?;
        }
        Ok(())
    }

    /// A filled polygon.
    pub fn fill(&self, points: &[Point], colour: RGBColor) -> Result<(), ReportError> {
        let points: Vec<_> = points.iter().copied().map(units).collect();
        self.area.draw(&Polygon::new(points, colour.filled())).map_err(failed)
    }

    /// A text in a sans-serif face.
    pub fn text(&self, text: &str, at: Point, size: f64, align: Align, colour: RGBColor) -> Result<(), ReportError> {
        self.styled(text, at, size, align, colour, FontStyle::Normal, FontTransform::None)
    }

    /// The same in bold.
    pub fn bold(&self, text: &str, at: Point, size: f64, align: Align) -> Result<(), ReportError> {
        self.styled(text, at, size, align, BLACK, FontStyle::Bold, FontTransform::None)
    }

    /// A text that runs upwards, centred.
    pub fn upwards(&self, text: &str, at: Point, size: f64) -> Result<(), ReportError> {
        self.styled(text, at, size, HPos::Center, BLACK, FontStyle::Normal, FontTransform::Rotate270)
    }

    #[allow(clippy::too_many_arguments)]
    fn styled(
        &self,
        text: &str,
        at: Point,
        size: f64,
        align: Align,
        colour: RGBColor,
        face: FontStyle,
        turn: FontTransform,
    ) -> Result<(), ReportError> {
        // The backend divides sizes by 1.24.
        let font = FontDesc::new(FontFamily::SansSerif, size * UNITS * 1.24, face).transform(turn);
        let style = TextStyle::from(font).color(&colour).pos(Pos::new(align, VPos::Center));
        self.area.draw(&Text::new(text.to_owned(), units(at), style)).map_err(failed)
    }

    /// The label of a tick, its anchor at `at`: exponents are raised, whatever the font can do.
    pub fn tick_label(&self, mark: &Mark, at: Point, size: f64, align: Align) -> Result<(), ReportError> {
        let (mantissa, exponent) = match mark {
            Mark::Minor => return Ok(()),
            Mark::Plain(text) => return self.text(text, at, size, align, BLACK),
            Mark::Power(mantissa, exponent) => (mantissa, exponent),
        };
        let base = if *mantissa == 1 { "10".to_owned() } else { format!("{mantissa}\u{d7}10") };
        let raised = minus(&exponent.to_string());
        let (wide, high) = (width_of(&base, size), width_of(&raised, 0.75 * size));
        let joint = match align {
            HPos::Left => at.0 + wide,
            HPos::Right => at.0 - high,
            HPos::Center => at.0 + 0.5 * (wide - high),
        };
        self.text(&base, (joint, at.1), size, HPos::Right, BLACK)?;
        self.text(&raised, (joint + 0.5, at.1 - 0.42 * size), 0.75 * size, HPos::Left, BLACK)
    }

    /// A marker; a hollow one is white inside.
    pub fn marker(&self, shape: Shape, at: Point, colour: RGBColor, hollow: bool) -> Result<(), ReportError> {
        let outline = outline(shape, at, 3.6);
        self.fill(&outline, if hollow { WHITE } else { colour })?;
        let mut closed = outline;
        closed.extend(closed.first().copied());
        self.line(&closed, if hollow { colour } else { WHITE }, if hollow { 1.3 } else { 0.5 }, &[])?;
        Ok(())
    }

    /// A small hollow marker.
    pub fn small_marker(&self, shape: Shape, at: Point, colour: RGBColor) -> Result<(), ReportError> {
        let mut closed = outline(shape, at, 2.4);
        self.fill(&closed, WHITE)?;
        closed.extend(closed.first().copied());
        self.line(&closed, colour, 1.0, &[])
    }

    /// A ring around a marker.
    pub fn ring(&self, at: Point, colour: RGBColor) -> Result<(), ReportError> {
        let mut ring = outline(Shape::Circle, at, 7.0);
        ring.extend(ring.first().copied());
        self.line(&ring, colour, 1.4, &[])
    }
}

/// The corners of a marker of "radius" `r` around a point.
fn outline(shape: Shape, (x, y): Point, r: f64) -> Vec<Point> {
    let regular = |corners: usize, turn: f64, r: f64| -> Vec<Point> {
        (0..corners)
            .map(|k| {
                let angle = turn + std::f64::consts::TAU * k as f64 / corners as f64;
                (x + r * libm::sin(angle), y - r * libm::cos(angle))
            })
            .collect()
    };
    let half_turn = std::f64::consts::PI;
    match shape {
        Shape::Circle => regular(24, 0.0, r),
        Shape::Square => regular(4, half_turn / 4.0, 1.25 * r),
        Shape::Up => regular(3, 0.0, 1.35 * r),
        Shape::Diamond => regular(4, 0.0, 1.35 * r),
        Shape::Down => regular(3, half_turn, 1.35 * r),
        Shape::Hexagon => regular(6, 0.0, 1.15 * r),
        Shape::Bar => vec![
            (x - 0.5 * r, y - 1.3 * r),
            (x + 0.5 * r, y - 1.3 * r),
            (x + 0.5 * r, y + 1.3 * r),
            (x - 0.5 * r, y + 1.3 * r),
        ],
    }
}

/// A polyline cut into its dashes; the line itself when `dash` is empty.
fn dashes(points: &[Point], dash: Dash) -> Vec<Vec<Point>> {
    if dash.is_empty() || points.len() < 2 {
        return vec![points.to_vec()];
    }
    let mut pieces: Vec<Vec<Point>> = vec![vec![points[0]]];
    let (mut slot, mut left) = (0, dash[0]);
    for pair in points.windows(2) {
        let ((x0, y0), (x1, y1)) = (pair[0], pair[1]);
        let length = (x1 - x0).hypot(y1 - y0);
        let mut walked = 0.0;
        while walked < length {
            let advance = left.min(length - walked);
            walked += advance;
            left -= advance;
            let here = (x0 + (x1 - x0) * walked / length, y0 + (y1 - y0) * walked / length);
            let drawing = slot % 2 == 0;
            if drawing && let Some(piece) = pieces.last_mut() {
                piece.push(here);
            }
            if left <= 0.0 {
                slot += 1;
                left = dash[slot % dash.len()];
                if slot % 2 == 0 {
                    pieces.push(vec![here]);
                }
            }
        }
    }
    pieces.retain(|piece| piece.len() > 1);
    pieces
}

/// A generous estimate of a text's width in pixels: layout must not depend on installed fonts.
pub fn width_of(text: &str, size: f64) -> f64 {
    let em = |c: char| match c {
        'i' | 'j' | 'l' | '.' | ',' | ':' | '\'' | '|' | '(' | ')' | '[' | ']' | ' ' | 'f' | 't' => 0.36,
        'm' | 'w' | 'M' | 'W' | '\u{2212}' | '=' | '+' | '~' | '<' | '>' => 0.84,
        c if c.is_uppercase() => 0.7,
        _ => 0.6,
    };
    size * text.chars().map(em).sum::<f64>()
}
