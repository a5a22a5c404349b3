//! Laws in specs: `gaussian`, `mixture`, `points`, `box-mixture`, `product`.

use super::error::Flaw;
use super::fields::{Fields, count, items, number, numbers, positive, wrong};
use super::tree::{Node, Span, Value};
use crate::targets::{BoxMixture, Covariance, Data, Density, Gaussian, Mixture, Points, TargetError};
use nalgebra::{DMatrix, DVector};

/// The most coordinates a single Gaussian or mixture may have: its mean is stored.
const MOST_STORED: u64 = 10_000_000;

/// The most coordinates a law may have.
const MOST: u64 = 1_000_000_000;

/// The kinds of laws, as they are called in specs.
pub const LAWS: [&str; 5] = ["gaussian", "mixture", "points", "box-mixture", "product"];

/// What a law may take from its surroundings.
#[derive(Clone, Copy, Debug, Default)]
pub struct Surroundings {
    /// The dimension where the law does not say one (a start has that of its target).
    pub dim: Option<usize>,
    /// Whether `copies = "rest"` is allowed: as many as the dimension still needs.
    pub rest: bool,
}

/// Reads the one law inside a table such as `[target]`.
///
/// # Errors
/// The first thing that is wrong, with its place.
pub fn read(kind: &str, node: &Node, path: &str, given: Surroundings) -> Result<Data, Flaw> {
    let name = format!("{path}.{kind}");
    match kind {
        "gaussian" => gaussian(node, &name, given).map(|g| Data::Density(Density::Gaussian(g))),
        "mixture" => mixture(node, &name).map(|m| Data::Density(Density::Mixture(m))),
        "points" => points(node, &name).map(Data::Points),
        "box-mixture" => box_mixture(node, &name).map(Data::Box),
        _ => product(node, &name, given),
    }
}

fn gaussian(node: &Node, name: &str, given: Surroundings) -> Result<Gaussian, Flaw> {
    let mut fields = Fields::of(node, name)?;
    let mean = fields.need("mean", "a vector, or a number together with `dim`")?;
    let dim = match fields.maybe("dim") {
        Some(node) => Some(stored(count(node, &fields.path("dim"), 1)?, &node.span)?),
        None => None,
    };
    let spread = spread(&mut fields, &["cov", "variances", "variance"])?;
    let vector = match &mean.value {
        Value::Array(_) => Some(DVector::from_vec(numbers(mean, &fields.path("mean"))?)),
        _ => None,
    };
    let told = match (&spread, dim, &vector) {
        (_, Some(dim), _) => Some(dim),
        (_, None, Some(vector)) => Some(vector.len()),
        (Spread::Variances(v), ..) => Some(v.len()),
        (Spread::Matrix(m), ..) => Some(m.nrows()),
        (Spread::Variance(_), ..) => None,
    };
    let dim = told.or(given.dim).ok_or_else(|| {
        let help = "add `dim`, or write the mean as a vector";
        Flaw::new(&mean.span, format!("the dimension of `{}` is not known: its mean is a number", fields.name), help)
    })?;
    stored(dim as u64, &mean.span)?;
    let vector = match vector {
        Some(vector) if vector.len() != dim => {
            let found = format!("`{}` has {} entries, `dim` is {dim}", fields.path("mean"), vector.len());
            return Err(Flaw::new(&mean.span, found, "make the two agree"));
        }
        Some(vector) => vector,
        None => DVector::from_element(dim, number(mean, &fields.path("mean"))?),
    };
    let cov = match spread {
        Spread::Variance(v) => Covariance::Isotropic(v),
        Spread::Variances(v) => Covariance::Diagonal(DVector::from_vec(v)),
        Spread::Matrix(m) => Covariance::Dense(m),
    };
    fields.finish()?;
    Gaussian::new(vector, cov).map_err(|e| misfit(e, node, name))
}

/// Covariances as they are written.
enum Spread {
    Variance(f64),
    Variances(Vec<f64>),
    Matrix(DMatrix<f64>),
}

/// Exactly one of the keys for covariances.
fn one_of<'a>(fields: &mut Fields<'a>, keys: &[&'static str]) -> Result<(&'static str, &'a Node), Flaw> {
    let there: Vec<(&'static str, &'a Node)> =
        keys.iter().filter_map(|key| fields.maybe(key).map(|node| (*key, node))).collect();
    let list = keys.iter().map(|k| format!("`{k}`")).collect::<Vec<_>>().join(", ");
    match there[..] {
        [one] => Ok(one),
        [] => {
            let found = format!("`{}` has none of {list}", fields.name);
            let absent = || Flaw::new(&fields.span, found, "expected exactly one of them");
            Err(fields.misspelt(keys).unwrap_or_else(absent))
        }
        [(first, _), (second, node), ..] => {
            let found = format!("`{}` has both `{first}` and `{second}`", fields.name);
            Err(Flaw::new(&node.span, found, format!("expected exactly one of {list}")))
        }
    }
}

fn spread(fields: &mut Fields<'_>, keys: &[&'static str]) -> Result<Spread, Flaw> {
    let (key, node) = one_of(fields, keys)?;
    let name = fields.path(key);
    Ok(match key {
        "variance" => Spread::Variance(positive(node, &name)?),
        "variances" => Spread::Variances(numbers(node, &name)?),
        _ => Spread::Matrix(matrix(node, &name)?),
    })
}

/// A square matrix as a list of rows; a number is a 1 x 1 matrix.
///
/// # Errors
/// Rows of unequal lengths, entries that are no numbers.
pub fn matrix(node: &Node, name: &str) -> Result<DMatrix<f64>, Flaw> {
    if !matches!(node.value, Value::Array(_)) {
        return Ok(DMatrix::from_element(1, 1, number(node, name)?));
    }
    let rows = items(node, name, "a list of rows")?;
    let d = rows.len();
    let mut entries = Vec::with_capacity(d * d);
    for (i, row) in rows.iter().enumerate() {
        let values = numbers(row, &format!("{name}[{i}]"))?;
        if values.len() != d {
            let found = format!("row {i} of `{name}` has {} entries, the matrix has {d} rows", values.len());
            return Err(Flaw::new(&row.span, found, "expected a square matrix: a list of rows of equal length"));
        }
        entries.extend(values);
    }
    if d == 0 {
        return Err(Flaw::new(&node.span, format!("`{name}` is empty"), "expected a square matrix"));
    }
    Ok(DMatrix::from_row_slice(d, d, &entries))
}

/// A list of vectors; in one dimension plain numbers will do.
fn vectors(node: &Node, name: &str) -> Result<Vec<DVector<f64>>, Flaw> {
    let items = items(node, name, "a list of vectors, or of numbers in one dimension")?;
    let read = |(i, item): (usize, &Node)| match &item.value {
        Value::Array(_) => Ok(DVector::from_vec(numbers(item, &format!("{name}[{i}]"))?)),
        _ => Ok(DVector::from_element(1, number(item, &format!("{name}[{i}]"))?)),
    };
    let vectors: Vec<DVector<f64>> = items.iter().enumerate().map(read).collect::<Result<_, Flaw>>()?;
    if let Some(i) = vectors.iter().position(|v| v.is_empty() || v.len() != vectors[0].len()) {
        let found = format!("`{name}[{i}]` has {} entries, `{name}[0]` has {}", vectors[i].len(), vectors[0].len());
        return Err(Flaw::new(&items[i].span, found, "all must have the same dimension, at least 1"));
    }
    Ok(vectors)
}

fn mixture(node: &Node, name: &str) -> Result<Mixture, Flaw> {
    let mut fields = Fields::of(node, name)?;
    let weights_node = fields.need("weights", "one positive weight per component, summing to 1")?;
    let weights = numbers(weights_node, &fields.path("weights"))?;
    let means_node = fields.need("means", "one mean per component")?;
    let means = vectors(means_node, &fields.path("means"))?;
    same_length("means", means.len(), means_node, &weights)?;
    let (key, spread_node) = one_of(&mut fields, &["variances", "covs", "variance"])?;
    let path = fields.path(key);
    let covs: Vec<Covariance> = match key {
        "variance" => vec![Covariance::Isotropic(positive(spread_node, &path)?); weights.len()],
        "variances" => numbers(spread_node, &path)?.into_iter().map(Covariance::Isotropic).collect(),
        _ => {
            let matrices = items(spread_node, &path, "a list of matrices")?;
            let read = |(i, m): (usize, &Node)| Ok(Covariance::Dense(matrix(m, &format!("{path}[{i}]"))?));
            matrices.iter().enumerate().map(read).collect::<Result<_, Flaw>>()?
        }
    };
    same_length(key, covs.len(), spread_node, &weights)?;
    fields.finish()?;
    let place = |i: usize| match &spread_node.value {
        Value::Array(items) => items.get(i).map_or(&spread_node.span, |item| &item.span),
        _ => &spread_node.span,
    };
    let mut components = Vec::with_capacity(covs.len());
    for (i, (mean, cov)) in means.into_iter().zip(covs).enumerate() {
        let component = Gaussian::new(mean, cov).map_err(|e| Flaw {
            found: format!("component {i} of `{name}`: {e}"),
            ..Flaw::new(place(i), "", help_for(&e))
        })?;
        components.push(component);
    }
    Mixture::new(weights, components).map_err(|e| misfit(e, node, name))
}

fn points(node: &Node, name: &str) -> Result<Points, Flaw> {
    let mut fields = Fields::of(node, name)?;
    let weights_node = fields.need("weights", "one positive weight per point, summing to 1")?;
    let weights = numbers(weights_node, &fields.path("weights"))?;
    let points_node = fields.need("points", "a list of vectors, or of numbers in one dimension")?;
    let points = vectors(points_node, &fields.path("points"))?;
    same_length("points", points.len(), points_node, &weights)?;
    fields.finish()?;
    Points::new(weights, points).map_err(|e| misfit(e, node, name))
}

fn box_mixture(node: &Node, name: &str) -> Result<BoxMixture, Flaw> {
    let mut fields = Fields::of(node, name)?;
    let weights_node = fields.need("weights", "one positive weight per component, summing to 1")?;
    let weights = numbers(weights_node, &fields.path("weights"))?;
    let means_node = fields.need("means", "one centre per component: the mean of the Gaussian before it is cut")?;
    let means = vectors(means_node, &fields.path("means"))?;
    same_length("means", means.len(), means_node, &weights)?;
    let (key, sds_node) = one_of(&mut fields, &["sds", "sd"])?;
    let path = fields.path(key);
    let sds = match key {
        "sd" => vec![positive(sds_node, &path)?; weights.len()],
        _ => numbers(sds_node, &path)?,
    };
    same_length(key, sds.len(), sds_node, &weights)?;
    let width_node = fields.need("half-width", "b > 0: every component is conditioned on [-b, b]^d")?;
    let half_width = positive(width_node, &fields.path("half-width"))?;
    fields.finish()?;
    BoxMixture::new(weights, means, sds, half_width).map_err(|e| {
        let help = "standard deviations and the half-width are positive, centres in or not far from the cube";
        let weights = matches!(&e, TargetError::Parameter { what, .. } if what.starts_with("weights"));
        let flaw = misfit(e, node, name);
        if weights { flaw } else { Flaw { help: help.into(), ..flaw } }
    })
}

fn product(node: &Node, name: &str, given: Surroundings) -> Result<Data, Flaw> {
    let mut fields = Fields::of(node, name)?;
    let list = fields.need("factors", "a list of tables such as { copies = 1, gaussian = { ... } }")?;
    let path = fields.path("factors");
    fields.finish()?;
    let mut factors: Vec<(Data, u64)> = Vec::new();
    let mut rest: Option<(usize, &Node)> = None;
    for (i, item) in items(list, &path, "a list of tables")?.iter().enumerate() {
        let at = format!("{path}[{i}]");
        let (law, copies) = factor(item, &at)?;
        let copies = match copies {
            None => 1,
            Some(node) if given.rest && matches!(&node.value, Value::Text(t) if t == "rest") => {
                if rest.is_some() {
                    return Err(Flaw::new(
                        &node.span,
                        "`copies = \"rest\"` twice",
                        "only one factor can fill the rest",
                    ));
                }
                rest = Some((i, node));
                0
            }
            Some(node) => count(node, &format!("{at}.copies"), 1)?,
        };
        factors.push((law, copies));
        let total = factors.iter().map(|(f, n)| (f.dim() as u64).saturating_mul(*n)).fold(0, u64::saturating_add);
        if total > MOST {
            return Err(Flaw::new(&item.span, format!("`{name}` has {total} coordinates"), format!("at most {MOST}")));
        }
    }
    if let Some((i, node)) = rest {
        let others: usize = factors.iter().map(|(f, n)| f.dim() * *n as usize).sum();
        let (needed, each) = (given.dim.unwrap_or(others).saturating_sub(others), factors[i].0.dim());
        if needed % each != 0 {
            let found = format!("{needed} coordinates are left, this factor has {each}");
            return Err(Flaw::new(&node.span, found, "the rest must be a multiple of the factor's dimension"));
        }
        factors[i].1 = (needed / each) as u64;
        factors.retain(|(_, copies)| *copies > 0);
    }
    if factors.is_empty() {
        return Err(Flaw::new(&list.span, format!("`{path}` is empty"), "at least one factor is needed"));
    }
    Data::product(factors).map_err(|e| misfit(e, node, name))
}

/// A factor: its law and its `copies`.
fn factor<'a>(item: &'a Node, name: &str) -> Result<(Data, Option<&'a Node>), Flaw> {
    let mut fields = Fields::of(item, name)?;
    let copies = fields.maybe("copies");
    let there: Vec<(&'static str, &Node)> =
        LAWS.iter().filter_map(|kind| fields.maybe(kind).map(|node| (*kind, node))).collect();
    let laws = LAWS.map(|kind| format!("`{kind}`")).join(", ");
    let help = format!("expected `copies` and exactly one of {laws}");
    let law = match there[..] {
        [(kind, node)] => read(kind, node, name, Surroundings::default())?,
        [] => {
            fields.finish()?;
            return Err(Flaw::new(&item.span, format!("`{name}` has no law"), help));
        }
        [_, (second, node), ..] => {
            return Err(Flaw::new(&node.span, format!("`{name}` has a second law, `{second}`"), help));
        }
    };
    fields.finish()?;
    Ok((law, copies))
}

fn stored(dim: u64, span: &Span) -> Result<usize, Flaw> {
    if dim <= MOST_STORED {
        return Ok(dim as usize);
    }
    let help = format!("a single law may have {MOST_STORED}; write a product with `copies` for more");
    Err(Flaw::new(span, format!("{dim} coordinates"), help))
}

fn same_length(what: &str, found: usize, node: &Node, weights: &[f64]) -> Result<(), Flaw> {
    if found == weights.len() {
        return Ok(());
    }
    let found = format!("{found} `{what}`, but {} `weights`", weights.len());
    Err(Flaw::new(&node.span, found, "expected one per component"))
}

fn help_for(error: &TargetError) -> &'static str {
    match error {
        TargetError::Dimension { .. } => "make the dimensions agree",
        _ => "expected a symmetric positive definite covariance, positive variances and finite numbers",
    }
}

/// What a law's constructor refused, at the key it is about.
fn misfit(error: TargetError, node: &Node, name: &str) -> Flaw {
    let (TargetError::Dimension { what, .. } | TargetError::Parameter { what, .. }) = &error;
    let key = what.split(['[', ' ']).next().unwrap_or_default();
    let index = what.split_once('[').and_then(|(_, rest)| rest.split(']').next()?.parse::<usize>().ok());
    let span = match (node.get(key), index) {
        (Some(Node { value: Value::Array(items), span }), Some(i)) => items.get(i).map_or(span, |item| &item.span),
        (Some(found), _) => &found.span,
        (None, _) => &node.span,
    };
    let help = if key == "weights" { "weights are positive and sum to 1 within 1e-12" } else { help_for(&error) };
    Flaw::new(span, format!("`{name}`: {error}"), help)
}

/// Reads a vector of dimension `dim`, or a number that stands for all its entries.
///
/// # Errors
/// Another length, entries that are no numbers.
pub fn vector_of(node: &Node, name: &str, dim: usize) -> Result<DVector<f64>, Flaw> {
    match &node.value {
        Value::Array(items) if items.len() != dim => {
            let found = format!("`{name}` has {} entries, the target has dimension {dim}", items.len());
            Err(Flaw::new(&node.span, found, "make the two agree"))
        }
        Value::Array(_) => Ok(DVector::from_vec(numbers(node, name)?)),
        Value::Integer(_) | Value::Float(_) | Value::Text(_) => Ok(DVector::from_element(dim, number(node, name)?)),
        _ => Err(wrong(node, name, "a vector or a number")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::processes::Process;
    use crate::targets::{BoundedData, Target};

    /// A box mixture as it is written has the density, score and posterior mean that scipy's `ndtr` gives.
    #[test]
    fn a_box_mixture_has_its_posterior() {
        let text = "weights = [0.3, 0.7]\nmeans = [-1.4, 0.4]\nsds = [0.5, 0.25]\nhalf-width = 1.0\n";
        let data = read("box-mixture", &Node::parse(text).unwrap(), "target", Surroundings::default()).unwrap();
        let (bounded, level) = (BoundedData::of(&data).unwrap(), Process::Ou.level(0.1));
        for (x, density, score, mean) in [
            (-0.7, 0.304_475_652_239_524_05, 0.873_288_609_875_976_2, -0.598_670_678_891_708_2),
            (0.2, 0.601_923_038_985_167_4, 0.335_549_467_073_540_6, 0.288_255_982_790_424),
            (1.5, 0.033_475_820_367_781_15, -5.061_315_849_787_798, 0.643_805_258_119_133_8),
        ] {
            let close = |a: f64, b: f64| (a - b).abs() < 1e-13 * b.abs().max(1.0);
            let found = bounded.posterior(level, &[x]);
            let mut slope = [0.0];
            data.score(level, &[x], &mut slope);
            assert!(close(found.mean[0], mean) && close(found.ln_density.exp(), density), "{x}: {found:?}");
            assert!(close(slope[0], score), "{x}: {slope:?}");
        }
        let one = read(
            "box-mixture",
            &Node::parse(&text.replace("sds = [0.5, 0.25]", "sd = 0.5")).unwrap(),
            "target",
            Surroundings::default(),
        );
        assert!(matches!(one.unwrap(), Data::Box(p) if p.sds() == [0.5, 0.5] && p.half_width() == 1.0));
    }
}
