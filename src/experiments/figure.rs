//! The `[figure]` table of a spec, handed on to the report as it is.

use super::error::Flaw;
use super::fields::{Fields, items, number, suggestion, text};
use super::sampler::help_on_theorems;
use super::sweep::{Axis, help_on_axes};
use super::tree::{Node, Span};
use crate::bounds;
use crate::divergences::Divergence;
use serde::{Deserialize, Serialize};

/// What a figure shows.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct FigureSpec {
    /// The swept path on the horizontal axis, or one of [`CONSTANTS`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub x: Option<String>,
    /// Divergences and other quantities, and `bound` for all bounds or labels of theorems for theirs.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub y: Vec<String>,
    /// The swept path that tells series apart.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub series: Option<String>,
    /// The text of the horizontal axis.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub x_label: Option<String>,
    /// What the values of `series` are called.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub series_label: Option<String>,
    /// Stated slopes, drawn as guide lines.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub slopes: Vec<SlopeSpec>,
}

/// A guide line.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SlopeSpec {
    /// Which divergence's panels; empty means all.
    pub of: String,
    /// The exponent.
    pub power: f64,
    /// What is said about it.
    pub label: String,
    /// The theorem through whose bound it goes.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub on: String,
}

/// Constants of the target that a figure may have on its horizontal axis: the upper ends of their enclosures.
pub const CONSTANTS: [&str; 3] = ["lsi", "poincare", "smoothness"];

impl FigureSpec {
    /// The constant on the horizontal axis, if there is one.
    #[must_use]
    pub fn constant(&self) -> Option<&str> {
        self.x.as_deref().filter(|x| CONSTANTS.contains(x))
    }
}

/// Reads `[figure]`.
///
/// # Errors
/// The first thing that is wrong, with its place.
pub fn read(node: &Node, axes: &[Axis]) -> Result<FigureSpec, Flaw> {
    let mut fields = Fields::of(node, "figure")?;
    let mut path = |key: &'static str| -> Result<Option<String>, Flaw> {
        let Some((path, span)) = fields.text(key)? else { return Ok(None) };
        if axes.iter().any(|axis| axis.path == path) || (key == "x" && CONSTANTS.contains(&path)) {
            return Ok(Some(path.to_owned()));
        }
        let found = format!("`figure.{key}` is \"{path}\", which is not swept");
        Err(Flaw::new(span, found, help_on_axes(path, axes)))
    };
    let (x, series) = (path("x")?, path("series")?);
    let mut y = Vec::new();
    if let Some(list) = fields.maybe("y") {
        for (i, item) in items(list, "figure.y", "a list such as [\"tv\", \"bound\"]")?.iter().enumerate() {
            let name = text(item, &format!("figure.y[{i}]"))?;
            if bounds::find(name).is_none() {
                quantity(name, &item.span, &["bound"])?;
            }
            y.push(name.to_owned());
        }
    }
    let x_label = fields.text("x-label")?.map(|(text, _)| text.to_owned());
    let series_label = fields.text("series-label")?.map(|(text, _)| text.to_owned());
    let mut slopes = Vec::new();
    if let Some(list) = fields.maybe("slopes") {
        for item in items(list, "figure.slopes", "a list of tables such as { of = \"kl\", power = 1.0 }")? {
            let mut slope = Fields::of(item, "figure.slopes")?;
            let power = number(slope.need("power", "the exponent")?, "figure.slopes.power")?;
            let of = match slope.text("of")? {
                None => String::new(),
                Some((name, span)) => quantity(name, span, &[])?.to_owned(),
            };
            let label = slope.text("label")?.map_or_else(String::new, |(t, _)| t.to_owned());
            let on = match slope.text("on")? {
                None => String::new(),
                Some((name, span)) => {
                    let flaw = || Flaw::new(span, format!("no theorem is called `{name}`"), help_on_theorems(name));
                    bounds::find(name).ok_or_else(flaw)?.labels[0].to_owned()
                }
            };
            slope.finish()?;
            slopes.push(SlopeSpec { of, power, label, on });
        }
    }
    fields.finish()?;
    Ok(FigureSpec { x, y, series, x_label, series_label, slopes })
}

/// The name of something that is measured, or one of `others`.
fn quantity<'a>(name: &'a str, span: &Span, others: &[&'static str]) -> Result<&'a str, Flaw> {
    let mut known: Vec<&str> = Divergence::ALL.into_iter().map(Divergence::name).collect();
    for theorem in bounds::THEOREMS {
        if !known.contains(&theorem.about.name()) {
            known.push(theorem.about.name());
        }
    }
    known.extend(others);
    match known.contains(&name) {
        true => Ok(name),
        false => Err(Flaw::new(span, format!("nothing called `{name}` is drawn"), suggestion(name, known))),
    }
}
