//! `truncate = { .. }` in samplers with Langevin steps at a noise level: the truncated score of PMM-8.

use crate::experiments::error::Flaw;
use crate::experiments::fields::{Fields, counted, number, numbers};
use crate::experiments::tree::{Node, Span, Value};
use crate::processes::NoiseLevel;
use crate::scores::{Truncation, Within};
use crate::targets::Data;
use nalgebra::DVector;

/// A truncation as a spec describes it.
#[derive(Clone, Debug, PartialEq)]
pub struct TruncateSpec {
    /// B.
    pub bound: f64,
    /// c; `None`: the mean of the data.
    pub centre: Option<DVector<f64>>,
    /// What the score is truncated to.
    pub within: Within,
    /// The table's place.
    pub span: Span,
}

/// Reads `truncate` among the keys of a sampler, for a target of dimension `dim`.
///
/// # Errors
/// The first thing that is wrong, with its place.
pub fn read(fields: &mut Fields<'_>, dim: usize) -> Result<Option<TruncateSpec>, Flaw> {
    let name = fields.path("truncate");
    let Some(node) = fields.maybe("truncate") else { return Ok(None) };
    let mut inner = Fields::of(node, name.as_str())?;
    inner.need("bound", "the bound B > 0 of |s(x) + (x - alpha c)/sigma^2|")?;
    let bound = inner.positive("bound")?.unwrap_or_default();
    let centre_name = inner.path("centre");
    let centre = inner.maybe("centre").map(|node| centre(node, &centre_name, dim)).transpose()?;
    let within = match inner.boolean("per-coordinate")? {
        Some(true) => Within::EachCoordinate,
        Some(false) | None => Within::Ball,
    };
    inner.finish()?;
    Ok(Some(TruncateSpec { bound, centre, within, span: node.span.clone() }))
}

/// A vector of the target's dimension, or a number that stands for all of its coordinates.
fn centre(node: &Node, name: &str, dim: usize) -> Result<DVector<f64>, Flaw> {
    if !matches!(node.value, Value::Array(_)) {
        return Ok(DVector::from_element(dim, number(node, name)?));
    }
    let given = numbers(node, name)?;
    if given.len() != dim {
        let found = format!("`{name}` has {}, the target has dimension {dim}", counted(given.len(), "number"));
        return Err(Flaw::new(
            &node.span,
            found,
            "expected a list of one number for each coordinate, or a bare number for all of them: `centre = 0.0`",
        ));
    }
    Ok(DVector::from_vec(given))
}

impl TruncateSpec {
    /// The truncation of the score of `data` at `level`, which kernels ask for at the level `asked`.
    ///
    /// # Errors
    /// Where sigma = 0: nothing is known of such a score.
    pub fn truncation(&self, data: &Data, level: NoiseLevel, asked: NoiseLevel) -> Result<Truncation, Flaw> {
        let centre = self.centre.clone().unwrap_or_else(|| data.mean());
        Truncation::new(data.clone(), (level, asked), centre, self.bound, self.within).ok_or_else(|| {
            let found = "`truncate` divides by sigma^2, which is 0 at time 0";
            Flaw::new(&self.span, found, "set `time` > 0 in [sampler.lmc], so that sigma > 0")
        })
    }
}
