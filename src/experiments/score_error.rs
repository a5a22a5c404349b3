//! Score errors in specs: the shape, its size, and where it acts.

use super::error::Flaw;
use super::fields::{Fields, count, items, numbers};
use super::law::{matrix, vector_of};
use super::tree::{Node, Span, Value};
use crate::scores::errors::{Constant, Fourier, Linear, Random, Window};
use crate::scores::{Direction, ErrorShape, Size};
use nalgebra::{DMatrix, DVector};
use std::sync::Arc;

/// The kinds of score errors, as they are called in specs.
pub const ERRORS: [&str; 7] = ["none", "constant", "affine", "fourier", "bump", "outward", "random"];

/// The most coordinates for which a matrix is written out.
const MOST_DENSE: usize = 4096;

/// A score error as a spec describes it.
#[derive(Clone)]
pub struct ErrorSpec {
    /// The unscaled error.
    pub shape: Arc<dyn ErrorShape>,
    /// Its size.
    pub size: SizeSpec,
    /// Where it acts.
    pub confined: Confined,
    /// The table's place.
    pub span: Span,
}

/// The part of a sampler an error is confined to. Numbers are counted from 0 and ascend; each has its place.
#[derive(Clone, Debug, PartialEq)]
pub enum Confined {
    /// All of it.
    Nowhere,
    /// Some steps.
    Steps(Vec<(u64, Span)>),
    /// The steps that ask for the score at some of the noise levels, in the order of their first use.
    Levels(Vec<(u64, Span)>),
}

/// How large an error is to be.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum SizeSpec {
    /// A number.
    Given(Size),
    /// What the sampler's prescription says.
    Prescribed,
}

/// Reads `[error.<kind>]` for a target of dimension `dim`; `None` for an exact score.
///
/// # Errors
/// The first thing that is wrong, with its place.
pub fn read(kind: &str, node: &Node, dim: usize) -> Result<Option<ErrorSpec>, Flaw> {
    let mut fields = Fields::of(node, format!("error.{kind}"))?;
    if kind == "none" {
        fields.finish()?;
        return Ok(None);
    }
    let shape: Arc<dyn ErrorShape> = match kind {
        "constant" => {
            let direction = direction(&mut fields, dim)?.unwrap_or_else(|| Direction::uniform(dim));
            Arc::new(Constant { direction })
        }
        "affine" => Arc::new(affine(&mut fields, dim)?),
        "fourier" => Arc::new(Fourier {
            dim,
            frequency: fields.number("frequency")?.unwrap_or(1.0),
            phase: fields.number("phase")?.unwrap_or(0.0),
        }),
        "bump" => {
            let direction = direction(&mut fields, dim)?.unwrap_or_else(|| Direction::axis(dim, 0));
            let lo_hi = (required(&mut fields, "lo")?, required(&mut fields, "hi")?);
            let ((lo, _), (hi, span)) = lo_hi;
            if lo >= hi {
                let found = format!("the bump is empty: `lo` is {lo}, `hi` is {hi}");
                return Err(Flaw::new(span, found, "expected lo < hi"));
            }
            Arc::new(Window { direction, lo, hi: Some(hi), edge: edge(&mut fields)? })
        }
        "outward" => {
            let direction = direction(&mut fields, dim)?.unwrap_or_else(|| Direction::axis(dim, 0));
            let (lo, _) = required(&mut fields, "threshold")?;
            Arc::new(Window { direction, lo, hi: None, edge: edge(&mut fields)? })
        }
        _ => {
            small_enough(&fields, dim)?;
            let features = fields.count("features", 1)?.unwrap_or(16);
            if features > 1024 {
                let found = format!("{features} features");
                return Err(Flaw::new(&fields.span, found, "at most 1024: the mean square needs every pair of them"));
            }
            let frequency = fields.number("frequency")?.unwrap_or(1.0);
            let seed = fields.count("seed", 0)?.unwrap_or(0);
            Arc::new(Random::new(dim, features as usize, frequency, seed))
        }
    };
    let size = size(&mut fields)?;
    let confined = match (fields.maybe("at-steps"), fields.maybe("at-levels")) {
        (None, None) => Confined::Nowhere,
        (Some(node), None) => Confined::Steps(numbers_from_zero(node, &fields.path("at-steps"), "step")?),
        (None, Some(node)) => Confined::Levels(numbers_from_zero(node, &fields.path("at-levels"), "level")?),
        (Some(_), Some(node)) => {
            let found = format!("`{}` beside `at-steps`", fields.path("at-levels"));
            return Err(Flaw::new(&node.span, found, "an error is confined to steps or to levels: drop one of them"));
        }
    };
    let span = fields.span.clone();
    fields.finish()?;
    Ok(Some(ErrorSpec { shape, size, confined, span }))
}

fn required<'a>(fields: &mut Fields<'a>, key: &'static str) -> Result<(f64, &'a Span), Flaw> {
    let node = fields.need(key, "a number")?;
    Ok((super::fields::number(node, &fields.path(key))?, &node.span))
}

fn edge(fields: &mut Fields<'_>) -> Result<f64, Flaw> {
    let edge = fields.number("edge")?.unwrap_or(0.0);
    if edge >= 0.0 {
        return Ok(edge);
    }
    let span = fields.maybe("edge").map_or(fields.span.clone(), |node| node.span.clone());
    Err(Flaw::new(&span, format!("`{}` is {edge}", fields.path("edge")), "it must be at least 0; 0 is a sharp edge"))
}

fn direction(fields: &mut Fields<'_>, dim: usize) -> Result<Option<Direction>, Flaw> {
    let Some(node) = fields.maybe("direction") else { return Ok(None) };
    let name = fields.path("direction");
    let vector = match &node.value {
        Value::Array(_) => DVector::from_vec(numbers(node, &name)?),
        _ => return Err(super::fields::wrong(node, &name, "a vector")),
    };
    if vector.len() != dim {
        let found = format!("`{name}` has {} entries, the target has dimension {dim}", vector.len());
        return Err(Flaw::new(&node.span, found, "make the two agree"));
    }
    let flaw = || Flaw::new(&node.span, format!("`{name}` has no direction: its norm is not positive"), "not all 0");
    // A unit axis keeps its exact form: products then see which coordinates it touches.
    let axis = vector.iter().position(|x| *x == 1.0).filter(|_| vector.iter().filter(|x| **x != 0.0).count() == 1);
    match axis {
        Some(i) => Ok(Some(Direction::axis(dim, i))),
        None => Direction::normalised(vector).map(Some).ok_or_else(flaw),
    }
}

fn affine(fields: &mut Fields<'_>, dim: usize) -> Result<Linear, Flaw> {
    small_enough(fields, dim)?;
    let name = fields.path("matrix");
    let matrix = match fields.maybe("matrix") {
        None => DMatrix::identity(dim, dim),
        Some(node @ Node { value: Value::Array(_), .. }) => {
            let matrix = matrix(node, &name)?;
            if matrix.nrows() != dim {
                let found = format!("`{name}` is {0} x {0}, the target has dimension {dim}", matrix.nrows());
                return Err(Flaw::new(&node.span, found, "make the two agree"));
            }
            matrix
        }
        Some(node) => DMatrix::identity(dim, dim) * super::fields::number(node, &name)?,
    };
    let name = fields.path("offset");
    let offset = match fields.maybe("offset") {
        None => DVector::zeros(dim),
        Some(node) => vector_of(node, &name, dim)?,
    };
    Ok(Linear { matrix, offset })
}

fn small_enough(fields: &Fields<'_>, dim: usize) -> Result<(), Flaw> {
    if dim <= MOST_DENSE {
        return Ok(());
    }
    let found = format!("`{}` in dimension {dim}", fields.name);
    Err(Flaw::new(&fields.span, found, format!("it stores matrices: the dimension may be at most {MOST_DENSE}")))
}

fn size(fields: &mut Fields<'_>) -> Result<SizeSpec, Flaw> {
    let (epsilon, amplitude) = (fields.maybe("epsilon"), fields.maybe("amplitude"));
    let per_sigma = fields.boolean("per-sigma")?.unwrap_or(false);
    let name = |key: &str| format!("{}.{key}", fields.name);
    match (epsilon, amplitude) {
        (Some(_), Some(node)) => {
            let found = format!("`{}` has both `epsilon` and `amplitude`", fields.name);
            Err(Flaw::new(
                &node.span,
                found,
                "expected exactly one: `epsilon` is calibrated, `amplitude` is taken as it is",
            ))
        }
        (None, None) => {
            let found = format!("`{}` has neither `epsilon` nor `amplitude`", fields.name);
            let absent = || Flaw::new(&fields.span, found, "expected exactly one of them");
            Err(fields.misspelt(&["epsilon", "amplitude"]).unwrap_or_else(absent))
        }
        (Some(node), None) if matches!(&node.value, Value::Text(t) if t == "prescribed") => Ok(SizeSpec::Prescribed),
        (Some(node), None) => {
            let epsilon = super::fields::number(node, &name("epsilon"))?;
            if epsilon < 0.0 {
                let found = format!("`{}` is {epsilon}", name("epsilon"));
                return Err(Flaw::new(&node.span, found, "it must be at least 0"));
            }
            Ok(SizeSpec::Given(if per_sigma { Size::EpsilonPerSigma(epsilon) } else { Size::Epsilon(epsilon) }))
        }
        (None, Some(node)) if per_sigma => {
            Err(Flaw::new(&node.span, "`per-sigma` goes with `epsilon`", "drop `per-sigma`, or give `epsilon`"))
        }
        (None, Some(node)) => Ok(SizeSpec::Given(Size::Amplitude(super::fields::number(node, &name("amplitude"))?))),
    }
}

fn numbers_from_zero(node: &Node, name: &str, what: &str) -> Result<Vec<(u64, Span)>, Flaw> {
    let read = |(i, item): (usize, &Node)| Ok((count(item, &format!("{name}[{i}]"), 0)?, item.span.clone()));
    let list = items(node, name, &format!("a list of {what} numbers, counted from 0"))?;
    let mut steps: Vec<(u64, Span)> = list.iter().enumerate().map(read).collect::<Result<_, Flaw>>()?;
    if steps.is_empty() {
        let found = format!("`{name}` is empty: the error acts nowhere");
        return Err(Flaw::new(&node.span, found, "name at least one, or use [error.none]"));
    }
    steps.sort_by_key(|(step, _)| *step);
    steps.dedup_by_key(|(step, _)| *step);
    Ok(steps)
}
