//! Two laws in the plane of which at least one is carried on tensor grids, at common nodes: checked.
//!
//! A law on tensor grids has values anywhere, so the nodes are chosen for the pair. Everything is done with the three grids of the
//! law, and with the finest at two spacings of the nodes: the differences are the error terms.

mod absolute;
mod frontier;
#[cfg(test)]
mod tests;

use super::line::{FROM_TAILS, Functional, Known, Node, Tally, UNSEEN};
use super::{Divergence, NoEngine};
use crate::laws::{Axes, Closed2, Grid2, Law, hull, nodes_a_side};
use crate::numerics::{Interval, Ledger, Measured, Source};

/// Nodes per smallest standard deviation of either law, coarse and fine.
const PER_SCALE: (f64, f64) = (11.0, 14.0);
/// The most nodes a side.
const MOST_NODES: f64 = 1000.0;
/// The mass by which the nodes may miss a law.
const MASS: f64 = 1e-6;
/// By what differences of two spacings are multiplied.
const SAFETY: f64 = 2.0;
/// What sums of rounded densities may be off by, of 1 and of themselves.
const ROUNDED: f64 = 64.0 * f64::EPSILON;

/// D(q, p); `None` when neither law is on tensor grids, or one is of a kind that has no density.
pub(super) fn between(divergence: Divergence, q: &Law, p: &Law) -> Option<Result<Measured, NoEngine>> {
    if !matches!((q, p), (Law::Grid2(_), _) | (_, Law::Grid2(_))) {
        return None;
    }
    let pair = Pair { divergence, q: Plane::of(q)?, p: Plane::of(p)? };
    Some(pair.measured())
}

/// A law in the plane.
enum Plane<'a> {
    Closed(Closed2),
    Carried(&'a Grid2),
}

impl<'a> Plane<'a> {
    fn of(law: &'a Law) -> Option<Self> {
        match law {
            Law::Closed(p) => Closed2::new(p).map(Plane::Closed),
            Law::Grid2(g) => Some(Plane::Carried(g)),
            _ => None,
        }
    }

    fn rectangle(&self) -> crate::laws::Rectangle {
        match self {
            Plane::Closed(p) => p.rectangle(),
            Plane::Carried(g) => g.rectangle(),
        }
    }

    fn scale(&self) -> f64 {
        match self {
            Plane::Closed(p) => p.scale(),
            Plane::Carried(g) => g.scale(),
        }
    }

    /// Its values, as the k-th grid has them.
    fn nodes(&self, k: usize, axes: &Axes) -> Vec<Node> {
        match self {
            Plane::Closed(p) => p.ln_density(axes).into_iter().map(Node::exactly).collect(),
            Plane::Carried(g) => {
                let values = g.density(k, axes);
                let noise = g.noise() * values.iter().copied().fold(0.0, f64::max);
                values.into_iter().map(|v| Node::seen(v, noise)).collect()
            }
        }
    }

    fn carried(&self) -> Option<&Grid2> {
        match self {
            Plane::Closed(_) => None,
            Plane::Carried(g) => Some(g),
        }
    }
}

/// What nodes say of a divergence.
struct Found {
    value: f64,
    /// By how much it may be off, for each reason.
    tails: f64,
    noise: f64,
    /// The largest derivative of the integrand in the density of q.
    sensitivity: f64,
    /// Whether nothing bounds it from above.
    open_end: bool,
    /// The mass of both laws that the nodes miss.
    missing: f64,
}

/// How a divergence of q and p is found from their values at common nodes.
type Rule<'a> = dyn Fn(&[Node], &[Node], &Axes) -> Found + 'a;

struct Pair<'a> {
    divergence: Divergence,
    q: Plane<'a>,
    p: Plane<'a>,
}

impl Pair<'_> {
    fn refuse(&self, why: String) -> NoEngine {
        NoEngine { divergence: self.divergence.name(), why }
    }

    fn measured(&self) -> Result<Measured, NoEngine> {
        match self.divergence {
            Divergence::Tv => self.checked(&total_variation),
            Divergence::Kl => self.checked(&|q, p, axes| additive(Functional::Kl, q, p, axes)),
            Divergence::KlReverse => self.checked(&|q, p, axes| additive(Functional::Kl, p, q, axes)),
            Divergence::HellingerSquared => {
                Ok(self.checked(&|q, p, axes| additive(Functional::Hellinger, q, p, axes))?.clamped(0.0, 1.0))
            }
            Divergence::ChiSquared => self.checked(&chi_squared),
            Divergence::Renyi2 => {
                let chi = self.checked(&chi_squared)?;
                Ok(Measured { value: chi.value.ln_1p(), ..chi })
            }
            Divergence::W2 => Err(self.refuse(
                "no engine transports a law that is carried on tensor grids in the plane; the other divergences have one"
                    .to_string(),
            )),
        }
    }

    /// The value on the finest grid with its finest nodes, and how much it differs from the others.
    fn checked(&self, of: &Rule) -> Result<Measured, NoEngine> {
        let (fine, coarse) = (self.axes(PER_SCALE.1), self.axes(PER_SCALE.0));
        let found = |k: usize, axes: &Axes| of(&self.q.nodes(k, axes), &self.p.nodes(k, axes), axes);
        let best = found(0, &fine);
        if best.missing > MASS || best.missing.is_nan() {
            return Err(self.refuse(format!(
                "{MOST_NODES:.0} nodes a side do not resolve both laws: their masses are off by {:.1e}",
                best.missing
            )));
        }
        let others: Vec<Found> = (0..Grid2::RUNGS).map(|k| found(k, &coarse)).collect();
        let apart = others.windows(2).map(|pair| (pair[0].value - pair[1].value).abs()).fold(0.0, f64::max);
        let quadrature = SAFETY * (best.value - others[0].value).abs();
        let carried = || self.q.carried().into_iter().chain(self.p.carried());
        let laws = carried().fold(Ledger::new(), |ledger, g| ledger.and(&g.ledger()));
        let laws = if self.divergence == Divergence::Tv {
            laws
        } else {
            let safety = carried().map(Grid2::safety).fold(1.0, f64::max);
            let why =
                format!("{safety} times the largest difference of the values from two neighbours among three grids");
            let lost = carried().map(Grid2::lost).sum::<f64>() * 2.0 * best.sensitivity;
            let box_exit = "mass that appeared or disappeared in all steps, at the largest derivative of the integrand";
            let rounding = ROUNDED * (1.0 + best.value.abs());
            let sums = "rounding of the laws and sums, estimated: more shows in the distance of the grids";
            Ledger::new().open(Source::Discretisation, safety * apart, why).open(Source::BoxExit, lost, box_exit).open(
                Source::Rounding,
                rounding,
                sums,
            )
        };
        let [n, m] = fine.nodes();
        let ledger = laws
            .open(
                Source::Discretisation,
                quadrature,
                format!("{SAFETY} times the difference of two sets of nodes, {n} x {m} and fewer"),
            )
            .open(Source::Truncation, best.tails, "where a density drowns in noise, and beyond")
            .open(Source::Rounding, best.noise, "noise of the density values, node by node");
        if best.open_end {
            let lo = (best.value - ledger.total()).clamp(0.0, f64::MAX);
            return Ok(Measured { value: Interval::new(lo, f64::INFINITY), evidence: ledger.evidence(), ledger });
        }
        Ok(Measured::with_ledger(Interval::point(best.value), ledger).clamped(0.0, self.divergence.ceiling()))
    }

    /// Nodes over both laws, `per_scale` to a standard deviation unless that takes too many.
    fn axes(&self, per_scale: f64) -> Axes {
        let rectangle = hull(self.q.rectangle(), self.p.rectangle());
        let spacing = self.q.scale().min(self.p.scale()) / per_scale;
        let most = MOST_NODES * per_scale / PER_SCALE.1;
        Axes::new(&rectangle, spacing * (nodes_a_side(&rectangle, spacing) / most).max(1.0))
    }
}

/// How far the masses of both laws at the nodes are from 1.
fn missing(q: &[Node], p: &[Node], axes: &Axes) -> f64 {
    let mass = |nodes: &[Node]| nodes.iter().map(|n| n.taken.value).sum::<f64>() * axes.cell();
    (mass(q) - 1.0).abs() + (mass(p) - 1.0).abs()
}

fn total_variation(q: &[Node], p: &[Node], axes: &Axes) -> Found {
    let gap: Vec<f64> = q.iter().zip(p).map(|(q, p)| q.taken.value - p.taken.value).collect();
    let missing = missing(q, p, axes);
    let value = 0.5 * absolute::integral(&gap, axes);
    // What the masses differ by belongs to one of the two signs.
    Found { value, tails: 0.5 * missing, noise: 1e-15, sensitivity: 1.0, open_end: false, missing }
}

fn additive(functional: Functional, a: &[Node], b: &[Node], axes: &Axes) -> Found {
    let cell = axes.cell();
    let tally = Tally::new(functional, a, b, |_| cell);
    let value = tally.clear.taken + tally.guessed.taken;
    let unseen = tally.unseen > UNSEEN && functional != Functional::Hellinger;
    let open_end = unseen || !tally.guessed.hi.is_finite();
    Found {
        // Without an upper end what counts is how little it may be.
        value: if open_end { tally.clear.taken + tally.guessed.lo } else { value },
        tails: if open_end { 0.0 } else { tally.guessed.spread() },
        noise: tally.clear.spread() + 1e-15 * value.abs(),
        sensitivity: tally.sensitivity,
        open_end,
        missing: missing(a, b, axes),
    }
}

/// `int q^2/p - 1` where both are clear, and what follows beyond from how it falls there.
fn chi_squared(q: &[Node], p: &[Node], axes: &Axes) -> Found {
    let cell = axes.cell();
    let known: Vec<bool> = q.iter().zip(p).map(|(q, p)| q.known == Known::Clear && p.known == Known::Clear).collect();
    let pick = |nodes: &[Node], clear: bool| -> Vec<Node> {
        nodes.iter().zip(&known).filter(|(_, k)| **k == clear).map(|(n, _)| *n).collect()
    };
    let tally = Tally::new(Functional::Chi, &pick(q, true), &pick(p, true), |_| cell);
    // Where q is not clear (q - p)^2/p is p - 2 q + q^2/p, and the last of these is what lies beyond.
    let rest = pick(q, false)
        .iter()
        .zip(pick(p, false))
        .map(|(q, p)| (p.taken.value - 2.0 * q.taken.value) * cell)
        .sum::<f64>();
    let unseen = q.iter().zip(p).filter(|(_, p)| p.known != Known::Clear).map(|(q, _)| q.hi.value * cell).sum::<f64>();
    let ln: Vec<f64> = q.iter().zip(p).map(|(q, p)| 2.0 * q.taken.ln - p.taken.ln).collect();
    let mean = |axis: usize| {
        let place = |k: usize| axes.at(axis, [k / axes.nodes()[1], k % axes.nodes()[1]][axis]);
        q.iter().enumerate().map(|(k, n)| n.taken.value * place(k)).sum::<f64>() * cell
    };
    let beyond = frontier::beyond(&ln, &known, axes, [mean(0), mean(1)]);
    let taken = tally.clear.taken + rest;
    let small = |beyond: f64| beyond <= FROM_TAILS * taken || beyond <= UNSEEN;
    let open_end = unseen > UNSEEN || !beyond.is_some_and(small);
    let tails = beyond.filter(|_| !open_end).unwrap_or(0.0);
    Found {
        value: taken + tails,
        tails,
        noise: tally.clear.spread() + 1e-15 * taken.abs(),
        sensitivity: tally.sensitivity,
        open_end,
        missing: missing(q, p, axes),
    }
}
