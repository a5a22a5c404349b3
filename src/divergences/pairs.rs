//! Two laws side by side, taken apart into independent pairs.

use super::NoEngine;
use super::lost::Lost;
use crate::laws::{Density1, GaussianLaw, Law, align};
use crate::numerics::Ledger;
use crate::targets::{Covariance, Defect, Density, Gaussian, Mixture1, common_runs};

/// A law on the line in a form the 1-D divergences take.
#[derive(Clone)]
pub(super) enum Line {
    /// A mixture with exact parameters.
    Closed(Mixture1),
    /// A propagated density.
    Carried(Law),
}

impl Line {
    pub(super) fn density(&self) -> &dyn Density1 {
        match self {
            Line::Closed(m) => m,
            Line::Carried(Law::Grid1(g)) => g,
            Line::Carried(Law::Panels1(g)) => g,
            Line::Carried(Law::Pushed1(g)) => g,
            Line::Carried(other) => unreachable_line(other),
        }
    }
}

/// Lines are only made of grids, panels and what is carried from them.
fn unreachable_line(law: &Law) -> ! {
    unreachable!("a law on the line is a mixture, a grid, panels or the image of one of them, not {law:?}")
}

/// One independent pair.
pub(super) enum Atom {
    /// Two Gaussians of any dimension.
    Gaussian(GaussianLaw, GaussianLaw),
    /// Two laws on the line.
    Line(Line, Line),
    /// Anything else: closed densities in several dimensions, grids in the plane, atoms, particles.
    Other(Law, Law),
}

/// Two laws as independent pairs.
#[derive(Default)]
pub(super) struct Pairs {
    /// The pairs, with copies.
    pub atoms: Vec<(Atom, u64)>,
    /// How far the products of the pairs are from the two laws.
    pub lost: Lost,
    /// The errors of the laws that no pair carries itself, as errors in total variation.
    pub outside: Ledger,
}

impl Pairs {
    /// A pair that does not come apart, charged with the rounding of closed laws at a noise level unless its engine encloses
    /// their parameters itself.
    fn push(&mut self, q: &Law, p: &Law, copies: u64) {
        let atom = single(q, p);
        if !matches!(atom, Atom::Gaussian(..) | Atom::Other(Law::Closed(_), Law::Closed(_))) {
            for law in [q, p] {
                if let Law::Closed(density) = law {
                    self.lost.add(Defect::of_rounding(density), copies);
                }
            }
        }
        self.atoms.push((atom, copies));
    }
}

/// Splits a pair into independent atoms with copies.
pub(super) fn split(q: &Law, p: &Law) -> Result<Pairs, NoEngine> {
    if q.dim() != p.dim() {
        let why = format!("the laws live in {} and {} dimensions", q.dim(), p.dim());
        return Err(NoEngine { divergence: "every divergence", why });
    }
    let mut pairs = Pairs::default();
    push(q, p, 1, &mut pairs)?;
    Ok(pairs)
}

fn mismatch(why: &str) -> NoEngine {
    NoEngine { divergence: "every divergence", why: why.to_string() }
}

fn push(q: &Law, p: &Law, copies: u64, pairs: &mut Pairs) -> Result<(), NoEngine> {
    match (q, p) {
        (Law::Approximate { law, ledger }, p) => {
            pairs.outside = std::mem::take(&mut pairs.outside).and(&ledger.clone().scaled(copies as f64));
            push(law, p, copies, pairs)
        }
        (q, Law::Approximate { law, ledger }) => {
            pairs.outside = std::mem::take(&mut pairs.outside).and(&ledger.clone().scaled(copies as f64));
            push(q, law, copies, pairs)
        }
        (Law::Product(a), Law::Product(b)) => push_products(a, b, copies, pairs),
        (
            Law::Split { frame: f, core: a, rest: b, defect: lost },
            Law::Split { frame: g, core: c, rest: d, defect: other },
        ) if f == g => {
            pairs.lost.add(*lost, copies);
            pairs.lost.add(*other, copies);
            push(a, c, copies, pairs)?;
            push(b, d, copies, pairs)
        }
        (Law::Product(_) | Law::Split { .. }, Law::Closed(p)) => {
            let p = align(p, q).map_err(|e| mismatch(&e.to_string()))?;
            push(q, &p, copies, pairs)
        }
        (Law::Closed(q), Law::Product(_) | Law::Split { .. }) => {
            let q = align(q, p).map_err(|e| mismatch(&e.to_string()))?;
            push(&q, p, copies, pairs)
        }
        (Law::Closed(a), Law::Closed(b)) => push_closed(a, b, copies, pairs),
        // In several dimensions mixtures are compared in closed form.
        (Law::Gaussian(g), Law::Closed(b)) if g.dim() > 1 && b.as_gaussian().is_none() => {
            let (a, defect) = closed(g)?;
            pairs.lost.add(defect, copies);
            push_closed(&a, b, copies, pairs)
        }
        (Law::Closed(a), Law::Gaussian(g)) if g.dim() > 1 && a.as_gaussian().is_none() => {
            let (b, defect) = closed(g)?;
            pairs.lost.add(defect, copies);
            push_closed(a, &b, copies, pairs)
        }
        (Law::Gaussian(g), Law::Grid2(_)) => {
            let (a, defect) = closed(g)?;
            pairs.lost.add(defect, copies);
            push(&Law::Closed(a), p, copies, pairs)
        }
        (Law::Grid2(_), Law::Gaussian(g)) => {
            let (b, defect) = closed(g)?;
            pairs.lost.add(defect, copies);
            push(q, &Law::Closed(b), copies, pairs)
        }
        _ => {
            pairs.push(q, p, copies);
            Ok(())
        }
    }
}

/// A Gaussian law as the closed density that its numbers say, with how far that may be from it.
fn closed(g: &GaussianLaw) -> Result<(Density, Defect), NoEngine> {
    let cov = match g.coordinate(0) {
        Some(_) => Covariance::Diagonal(g.variances()),
        None => Covariance::Dense(g.cov()),
    };
    let density = Gaussian::new(g.mean(), cov).map_err(|e| mismatch(&e.to_string()))?;
    let defect = Defect::of_errors(&density.cov_matrix(), g.mean_error(), g.cov_error());
    Ok((Density::Gaussian(density), defect))
}

/// Two lists of factors whose copies may be cut differently.
fn push_products(a: &[(Law, u64)], b: &[(Law, u64)], copies: u64, pairs: &mut Pairs) -> Result<(), NoEngine> {
    let (mut i, mut j) = (0, 0);
    let (mut left, mut right) = (a.first().map_or(0, |f| f.1), b.first().map_or(0, |f| f.1));
    while i < a.len() && j < b.len() {
        if a[i].0.dim() != b[j].0.dim() {
            return Err(mismatch("the blocks of the two products do not match"));
        }
        let both = left.min(right);
        if both > 0 {
            push(&a[i].0, &b[j].0, copies * both, pairs)?;
        }
        (left, right) = (left - both, right - both);
        if left == 0 {
            i += 1;
            left = a.get(i).map_or(0, |f| f.1);
        }
        if right == 0 {
            j += 1;
            right = b.get(j).map_or(0, |f| f.1);
        }
    }
    Ok(())
}

/// Two closed densities: independent blocks first, then a common frame.
fn push_closed(a: &Density, b: &Density, copies: u64, pairs: &mut Pairs) -> Result<(), NoEngine> {
    let runs = common_runs(&[&a.runs(), &b.runs()]);
    if runs.len() > 1 || runs.iter().any(|r| r.copies > 1) {
        for run in runs {
            let (a, b) = (a.block(run.first, run.dim), b.block(run.first, run.dim));
            push_block(&a, &b, copies * run.copies as u64, pairs)?;
        }
        return Ok(());
    }
    push_block(a, b, copies, pairs)
}

fn push_block(a: &Density, b: &Density, copies: u64, pairs: &mut Pairs) -> Result<(), NoEngine> {
    if a == b {
        // Nothing tells them apart.
        return Ok(());
    }
    let gaussian = a.as_gaussian().is_some() && b.as_gaussian().is_some();
    if a.dim() > 1 && !gaussian {
        let in_frame = [b.core_frame(), a.core_frame()].into_iter().flatten().find_map(|frame| {
            let (q, p) = (a.in_frame(&frame)?, b.in_frame(&frame)?);
            Some((q, p))
        });
        if let Some((q, p)) = in_frame {
            for defect in [q.defect, Defect::of_rounding(a), p.defect, Defect::of_rounding(b)] {
                pairs.lost.add(defect, copies);
            }
            push_closed(&q.core, &p.core, copies, pairs)?;
            return push_closed(&q.rest, &p.rest, copies, pairs);
        }
    }
    pairs.push(&Law::Closed(a.clone()), &Law::Closed(b.clone()), copies);
    Ok(())
}

/// A pair that does not come apart.
fn single(q: &Law, p: &Law) -> Atom {
    if let (Some(a), Some(b)) = (as_gaussian(q), as_gaussian(p)) {
        return Atom::Gaussian(a, b);
    }
    match (as_line(q), as_line(p)) {
        (Some(a), Some(b)) => Atom::Line(a, b),
        _ => Atom::Other(q.clone(), p.clone()),
    }
}

fn as_gaussian(law: &Law) -> Option<GaussianLaw> {
    match law {
        Law::Gaussian(g) => Some(g.clone()),
        Law::Closed(p) => p.as_gaussian().map(|g| GaussianLaw::exact(&g)),
        _ => None,
    }
}

/// A law on the line in a form the 1-D divergences take, if it is one.
pub(super) fn as_line(law: &Law) -> Option<Line> {
    match law {
        Law::Closed(p) => p.as_mixture1().map(Line::Closed),
        Law::Grid1(_) | Law::Panels1(_) | Law::Pushed1(_) => Some(Line::Carried(law.clone())),
        // Only a Gaussian whose parameters are exact is a closed law on the line.
        Law::Gaussian(g) if g.dim() == 1 && g.mean_error() == 0.0 && g.cov_error() == 0.0 && g.variances()[0] > 0.0 => {
            Some(Line::Closed(Mixture1 {
                weights: vec![1.0],
                means: vec![g.mean()[0]],
                variances: vec![g.variances()[0]],
            }))
        }
        _ => None,
    }
}
