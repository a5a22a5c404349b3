//! The closed set of divergences, and the dispatch over pairs of laws.

use super::consistent::narrowed;
use super::gaussian;
use super::gridded;
use super::line::{AnalyticFactor, LineFactor, between_any, between_closed, closed_bins, sampled_bins};
use super::nearby::Nearby;
use super::pairs::{Atom, Line, Pairs, split};
use super::pld::{Binned, lattice_for, tv_bracket};
use super::sampled;
use super::transform::{ChernoffFactor, count, tv_of_factors};
use crate::laws::{GaussianLaw, Law};
use crate::numerics::{Interval, Ledger, Measured, Source};
use crate::targets::Mixture1;
use std::fmt;
use std::str::FromStr;
use thiserror::Error;

/// No engine computes this divergence for this pair of laws.
#[derive(Clone, Debug, Error, PartialEq)]
#[error("{divergence} of these laws has no engine: {why}")]
pub struct NoEngine {
    /// The divergence's name in specs.
    pub divergence: &'static str,
    /// Why, and what would make it possible.
    pub why: String,
}

/// D(q, p) with q the law of the output and p the target. Nats; TV in [0, 1].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Divergence {
    /// sup_A |q(A) - p(A)|.
    Tv,
    /// KL(q | p).
    Kl,
    /// KL(p | q).
    KlReverse,
    /// int q^2/p - 1.
    ChiSquared,
    /// ln(1 + chi^2).
    Renyi2,
    /// 1 - int sqrt(q p).
    HellingerSquared,
    /// The 2-Wasserstein distance.
    W2,
}

impl Divergence {
    /// All of them, in the order of the specification.
    pub const ALL: [Divergence; 7] = [
        Divergence::Tv,
        Divergence::Kl,
        Divergence::KlReverse,
        Divergence::ChiSquared,
        Divergence::Renyi2,
        Divergence::HellingerSquared,
        Divergence::W2,
    ];

    /// The name in specs.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Divergence::Tv => "tv",
            Divergence::Kl => "kl",
            Divergence::KlReverse => "kl-reverse",
            Divergence::ChiSquared => "chi2",
            Divergence::Renyi2 => "renyi2",
            Divergence::HellingerSquared => "hellinger-squared",
            Divergence::W2 => "w2",
        }
    }

    /// The largest value it can take.
    #[must_use]
    pub fn ceiling(self) -> f64 {
        match self {
            Divergence::Tv | Divergence::HellingerSquared => 1.0,
            _ => f64::INFINITY,
        }
    }

    /// D(q, p), enclosed.
    ///
    /// The pair is taken apart into independent factors. KL, both ways, and Renyi-2 add over them, affinities multiply,
    /// squares of W2 add; TV goes through the Chernoff transform unless one factor alone differs.
    ///
    /// # Errors
    /// `NoEngine` when no engine computes this divergence for this pair of representations.
    ///
    /// # Promise
    /// With exact or certified evidence the divergence lies in the interval.
    pub fn between(self, q: &Law, p: &Law) -> Result<Measured, NoEngine> {
        let pairs = split(q, p).map_err(|e| NoEngine { divergence: self.name(), ..e })?;
        Ok(narrowed(self, self.of_pairs(&pairs, q.dim())?, &|other| other.of_pairs(&pairs, q.dim()).ok()))
    }

    /// D from its own engine, with what taking the laws apart cost.
    fn of_pairs(self, Pairs { atoms, lost, outside }: &Pairs, dim: usize) -> Result<Measured, NoEngine> {
        let found = lost.charged(self, &Nearby { atoms, dim }, self.of_product(atoms)?);
        // Total variation is the distance in which these errors are given; what they do to others is left open.
        let (value, outside) = match self {
            Divergence::Tv => (found.value.widen(outside.total()).clamp(0.0, 1.0), outside.clone()),
            _ => (found.value, outside.clone().opened()),
        };
        Ok(Measured { value, evidence: found.evidence.and(outside.evidence()), ledger: found.ledger.and(&outside) })
    }

    /// D of two products of independent pairs with copies.
    pub(super) fn of_product(self, atoms: &[(Atom, u64)]) -> Result<Measured, NoEngine> {
        // All Gaussian pairs together are one list of directions.
        let gaussians: Vec<(&GaussianLaw, &GaussianLaw, u64)> = atoms
            .iter()
            .filter_map(|(atom, n)| match atom {
                Atom::Gaussian(a, b) => Some((a, b, *n)),
                _ => None,
            })
            .collect();
        let others: Vec<&(Atom, u64)> = atoms.iter().filter(|(a, _)| !matches!(a, Atom::Gaussian(..))).collect();
        match self {
            _ if others.is_empty() => gaussian::between_products(self, &gaussians),
            Divergence::Tv => total_variation(&gaussians, &others),
            Divergence::ChiSquared => {
                let log = Divergence::Renyi2.sum(&gaussians, &others)?;
                Ok(Measured { value: log.value.exp_m1().max(Interval::ZERO), ..log })
            }
            Divergence::HellingerSquared => hellinger_of(&gaussians, &others),
            Divergence::W2 => {
                let square = self.combine(&gaussians, &others, |m| m.value.sqr(), |x| x)?;
                Ok(Measured { value: square.value.sqrt(), ..square })
            }
            Divergence::Kl | Divergence::KlReverse | Divergence::Renyi2 => self.sum(&gaussians, &others),
        }
    }

    fn sum(
        self,
        gaussians: &[(&GaussianLaw, &GaussianLaw, u64)],
        others: &[&(Atom, u64)],
    ) -> Result<Measured, NoEngine> {
        self.combine(gaussians, others, |m| m.value, |x| x)
    }

    /// `outer(sum_i n_i inner(D_i))` with the evidence and ledgers of all factors.
    fn combine(
        self,
        gaussians: &[(&GaussianLaw, &GaussianLaw, u64)],
        others: &[&(Atom, u64)],
        inner: impl Fn(&Measured) -> Interval,
        outer: impl Fn(Interval) -> Interval,
    ) -> Result<Measured, NoEngine> {
        let mut parts = Vec::new();
        if !gaussians.is_empty() {
            parts.push((gaussian::between_products(self, gaussians)?, 1));
        }
        for (atom, copies) in others {
            parts.push((self.of_atom(atom)?, *copies));
        }
        let (mut total, mut evidence, mut ledger) = (Interval::ZERO, crate::numerics::Evidence::Exact, Ledger::new());
        for (part, copies) in &parts {
            total += inner(part) * count(*copies);
            evidence = evidence.and(part.evidence);
            ledger = ledger.and(&part.ledger.clone().scaled(*copies as f64));
        }
        Ok(Measured { value: outer(total), evidence, ledger })
    }

    /// D of one pair that does not come apart.
    fn of_atom(self, atom: &Atom) -> Result<Measured, NoEngine> {
        match atom {
            Atom::Gaussian(q, p) => gaussian::between(self, q, p),
            Atom::Line(Line::Closed(q), Line::Closed(p)) => Ok(between_closed(self, q, p)),
            Atom::Line(q, p) => between_any(self, q.density(), p.density()),
            Atom::Other(q, p) => gridded::between(self, q, p).unwrap_or_else(|| sampled::between(self, q, p)),
        }
    }
}

/// `1 - prod (1 - H_i^2)^{n_i} = -expm1(sum n_i ln1p(-H_i^2))`.
fn hellinger_of(
    gaussians: &[(&GaussianLaw, &GaussianLaw, u64)],
    others: &[&(Atom, u64)],
) -> Result<Measured, NoEngine> {
    let product = Divergence::HellingerSquared.combine(gaussians, others, |m| (-m.value).ln_1p(), |x| -x.exp_m1())?;
    Ok(product.clamped(0.0, 1.0))
}

/// TV of several factors: that of the only one that differs, or the transform of all, or a bracket from the single ones.
fn total_variation(
    gaussians: &[(&GaussianLaw, &GaussianLaw, u64)],
    others: &[&(Atom, u64)],
) -> Result<Measured, NoEngine> {
    let same = |atom: &Atom| match atom {
        Atom::Line(Line::Closed(q), Line::Closed(p)) => q == p,
        _ => false,
    };
    let moved: Vec<&(Atom, u64)> = others.iter().copied().filter(|(atom, _)| !same(atom)).collect();
    if moved.is_empty() {
        return gaussian::between_products(Divergence::Tv, gaussians);
    }
    if let [(atom, 1)] = moved[..] {
        let alone = Divergence::Tv.of_atom(atom)?;
        if gaussians.is_empty() {
            return Ok(alone);
        }
        // TV of a product lies between that of one factor and the sum over all; Gaussian factors that moved by no more
        // than their rounding errors leave it at that.
        let rest = gaussian::between_products(Divergence::Tv, gaussians)?;
        if rest.value.hi() <= STILL * alone.value.lo() || rest.value.hi() == 0.0 {
            let value = Interval::new(alone.value.lo(), (alone.value + rest.value.hi()).hi()).clamp(0.0, 1.0);
            let ledger =
                alone.ledger.bounded(Source::Rounding, rest.value.hi(), "total variation of the Gaussian factors");
            return Ok(Measured { value, evidence: ledger.evidence(), ledger });
        }
    }
    // Laws that hardly overlap: the affinity says all there is to say, and transforms decay slowly.
    if let Ok(h) = hellinger_of(gaussians, &moved)
        && h.value.lo() >= DISJOINT
    {
        return bracketed(gaussians, &moved);
    }
    // Up to about eight factors the transform decays too slowly to be of use.
    let very_few = few_factors(gaussians, &moved, VERY_FEW);
    if let Some(bracket) = very_few.as_ref().filter(|bracket| bracket.value.width() <= WIDE * bracket.value.lo()) {
        return Ok(bracket.clone());
    }
    transformed(gaussians, &moved).or_else(|why| {
        let bracket = bracketed(gaussians, &moved).map_err(|_| why)?;
        Ok(match very_few.or_else(|| few_factors(gaussians, &moved, FEW)) {
            Some(few) if few.value.width() < bracket.value.width() => few,
            _ => bracket,
        })
    })
}

/// From this squared Hellinger distance on, which is a lower bound of TV, no more is asked.
const DISJOINT: f64 = 1.0 - 1e-13;

/// Gaussian factors whose total variation is below this part of another factor's do not call for the transform.
const STILL: f64 = 1e-12;

fn transformed(gaussians: &[(&GaussianLaw, &GaussianLaw, u64)], moved: &[&(Atom, u64)]) -> Result<Measured, NoEngine> {
    let line = |(atom, copies): &&(Atom, u64)| -> Result<(Box<dyn ChernoffFactor>, u64), NoEngine> {
        match atom {
            Atom::Line(Line::Closed(q), Line::Closed(p)) => Ok((Box::new(AnalyticFactor::new(q, p)), *copies)),
            Atom::Line(q, p) => Ok((Box::new(LineFactor::sampled(q.density(), p.density())), *copies)),
            Atom::Gaussian(..) | Atom::Other(..) => Err(NoEngine {
                divergence: "tv",
                why: "one of several independent blocks has neither a Gaussian nor a one-dimensional law".to_string(),
            }),
        }
    };
    let lines = moved.iter().map(line).collect::<Result<Vec<_>, _>>()?;
    let gaussian_factors = gaussians
        .iter()
        .map(|(q, p, copies)| Ok((gaussian::GaussianFactor::new(q, p)?, *copies)))
        .collect::<Result<Vec<_>, NoEngine>>()?;
    let mut factors: Vec<(&dyn ChernoffFactor, u64)> = Vec::new();
    factors.extend(lines.iter().map(|(f, n)| (f.as_ref(), *n)));
    factors.extend(gaussian_factors.iter().map(|(f, n)| (f as &dyn ChernoffFactor, *n)));
    tv_of_factors(&factors)
}

/// The most factors for which the law of the log-ratio is composed directly.
const FEW: u64 = 100;
/// The relative width up to which a bracket needs no rival.
const WIDE: f64 = 1e-3;
/// So few that nothing else is tried first.
const VERY_FEW: u64 = 8;

/// The bracket from the law of the log-ratio, for few factors, all on the line (or Gaussian with independent coordinates).
fn few_factors(gaussians: &[(&GaussianLaw, &GaussianLaw, u64)], moved: &[&(Atom, u64)], most: u64) -> Option<Measured> {
    let total: u64 = moved.iter().map(|(_, n)| n).sum::<u64>()
        + gaussians.iter().map(|(q, _, n)| (q.dim() as u64).saturating_mul(*n)).sum::<u64>();
    if total > most {
        return None;
    }
    let mut ledger = Ledger::new();
    let mut binned = Vec::new();
    for (atom, copies) in moved {
        let Atom::Line(q, p) = atom else { return None };
        binned.push((
            match (q, p) {
                (Line::Closed(q), Line::Closed(p)) => closed_bins(q, p),
                (q, p) if q.density().poles().len() + p.density().poles().len() > 0 => return None,
                (q, p) => {
                    let laws = q.density().ledger().and(&p.density().ledger());
                    ledger = ledger.and(&laws.scaled(*copies as f64));
                    sampled_bins(q.density(), p.density())
                }
            },
            *copies,
        ));
    }
    // Coordinates with the same two laws are copies of one factor.
    let mut coordinates: Vec<([(Interval, Interval); 2], u64)> = Vec::new();
    for (q, p, copies) in gaussians {
        for i in 0..q.dim() {
            let laws = [q.coordinate(i)?, p.coordinate(i)?];
            match coordinates.iter_mut().find(|(known, _)| *known == laws) {
                Some((_, n)) => *n += copies,
                None => coordinates.push((laws, *copies)),
            }
        }
    }
    for ([a, b], copies) in coordinates {
        let one = |(m, v): (Interval, Interval)| Mixture1 {
            weights: vec![1.0],
            means: vec![m.mid()],
            variances: vec![v.mid()],
        };
        // Moving the parameters to the middles of their enclosures costs at most |dm|/s + |dv|/v each.
        let moved = |(m, v): (Interval, Interval)| m.width() / v.lo().sqrt() + v.width() / v.lo();
        let why = "parameters of the Gaussian factors taken at the middles of their enclosures";
        ledger = ledger.bounded(Source::Rounding, (moved(a) + moved(b)) * copies as f64, why);
        if a != b {
            binned.push((closed_bins(&one(a), &one(b)), copies));
        }
    }
    let factors: Vec<(&Binned, u64)> = binned.iter().map(|(b, n)| (b, *n)).collect();
    let (spacing, length) = lattice_for(&factors);
    let value = tv_bracket(&factors, spacing, length);
    let why = "law of the log-ratio on a lattice: an explicit test from below, a dominating pair from above";
    let value = value.widen(ledger.total()).clamp(0.0, 1.0);
    let ledger = ledger.bounded(Source::Discretisation, value.width(), why);
    Some(Measured { value, evidence: ledger.evidence(), ledger })
}

/// What the factors' own total variations and the affinity say: `max_i TV_i <= TV <= sum_i n_i TV_i` and
/// `1 - BC <= TV <= sqrt(1 - BC^2)`, BC the product of the affinities.
fn bracketed(gaussians: &[(&GaussianLaw, &GaussianLaw, u64)], moved: &[&(Atom, u64)]) -> Result<Measured, NoEngine> {
    let mut parts: Vec<(Measured, u64)> = Vec::new();
    if !gaussians.is_empty() {
        parts.push((gaussian::between_products(Divergence::Tv, gaussians)?, 1));
    }
    for (atom, copies) in moved {
        parts.push((Divergence::Tv.of_atom(atom)?, *copies));
    }
    let mut lower = parts.iter().map(|(m, _)| m.value.lo()).fold(0.0, f64::max);
    let mut upper =
        parts.iter().map(|(m, n)| Interval::point(m.value.hi()) * count(*n)).sum::<Interval>().hi().min(1.0);
    let mut evidence = parts.iter().fold(crate::numerics::Evidence::Certified, |e, (m, _)| e.and(m.evidence));
    let mut ledger = parts.iter().fold(Ledger::new(), |l, (m, n)| l.and(&m.ledger.clone().scaled(*n as f64)));
    if let Ok(h) = hellinger_of(gaussians, moved) {
        lower = lower.max(h.value.lo());
        upper = upper.min((h.value * (Interval::point(2.0) - h.value)).sqrt().hi());
        evidence = evidence.and(h.evidence);
        ledger = ledger.and(&h.ledger);
    }
    ledger = ledger.bounded(
        Source::Discretisation,
        upper - lower,
        "inequalities between divergences; no transform decays here",
    );
    Ok(Measured { value: Interval::new(lower.min(upper), upper), evidence, ledger })
}

impl fmt::Display for Divergence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Divergence {
    type Err = String;
    fn from_str(name: &str) -> Result<Self, String> {
        Divergence::ALL
            .into_iter()
            .find(|d| d.name() == name)
            .ok_or_else(|| format!("no divergence is called `{name}`"))
    }
}
