//! What the divergences of one pair say of each other, for those whose own enclosure is poor.
//!
//! ```text
//! H^2 <= TV <= (H^2 (2 - H^2))^{1/2},    TV <= min((KL/2)^{1/2}, (1 - e^{-KL})^{1/2}),
//! -2 ln(1 - H^2) <= KL <= R2 = ln(1 + chi^2),
//! ```
//! KL in either direction where it bounds TV or is bounded by H^2 (Pinsker; Bretagnolle and Huber; Jensen).

use super::Divergence;
use crate::numerics::{Evidence, Interval, Measured, Source};

/// A width that is at most this part of the upper end is not poor.
const POOR: f64 = 1e-3;

/// A divergence narrowed, where its own enclosure is poor, by those of the same pair that are known at least as well.
pub(super) fn narrowed(
    divergence: Divergence,
    own: Measured,
    rival: &dyn Fn(Divergence) -> Option<Measured>,
) -> Measured {
    let mut found = own;
    for &other in rivals(divergence) {
        if !is_poor(found.value) {
            break;
        }
        // Two statements of one confidence hold together with less than that.
        let usable = |k: &Measured| {
            k.evidence.is_proved() || (k.evidence == Evidence::Checked && found.evidence == Evidence::Checked)
        };
        let Some(known) = rival(other).filter(usable) else { continue };
        let Some(value) = found.value.intersect(implied(divergence, other, known.value)) else { continue };
        if value != found.value {
            let why = format!("an inequality between {divergence} and {other} of the same pair");
            let ledger = found.ledger.and(&known.ledger).bounded(Source::Discretisation, value.width(), why);
            found = Measured { value, evidence: found.evidence.and(ledger.evidence()), ledger };
        }
    }
    honest(divergence, found)
}

/// An interval that says nothing, or nothing on one side, is not a closed form evaluated: the enclosures overflowed on the way.
fn honest(divergence: Divergence, found: Measured) -> Measured {
    let (lo, hi) = (found.value.lo(), found.value.hi());
    let open = hi > lo && (hi == f64::INFINITY || (lo <= 0.0 && hi >= divergence.ceiling()));
    if found.evidence != Evidence::Exact || !open {
        return found;
    }
    let ledger = found.ledger.bounded(Source::Rounding, hi - lo, "enclosures that overflow, or errors of the laws");
    Measured { evidence: ledger.evidence(), ledger, ..found }
}

fn is_poor(value: Interval) -> bool {
    // Two infinite ends are a value.
    value.lo() < value.hi() && (value.hi() == f64::INFINITY || value.width() > POOR * value.hi())
}

/// Which other divergences to ask, the best known ones first.
fn rivals(divergence: Divergence) -> &'static [Divergence] {
    use Divergence::{ChiSquared, HellingerSquared, Kl, KlReverse, Renyi2, Tv, W2};
    match divergence {
        Tv => &[HellingerSquared, Kl, KlReverse],
        Kl => &[HellingerSquared, Renyi2],
        KlReverse => &[HellingerSquared],
        ChiSquared | Renyi2 => &[Kl],
        HellingerSquared => &[Kl, KlReverse],
        W2 => &[],
    }
}

/// Where `divergence` lies when `other` lies in `known`.
fn implied(divergence: Divergence, other: Divergence, known: Interval) -> Interval {
    use Divergence::{ChiSquared, HellingerSquared, Kl, KlReverse, Renyi2, Tv};
    let known = known.max(Interval::ZERO);
    let from = |least: Interval| Interval::new(least.lo().max(0.0), f64::INFINITY);
    let upto = |most: Interval| Interval::new(0.0, most.hi());
    match (divergence, other) {
        (Tv, HellingerSquared) => {
            let h = known.clamp(0.0, 1.0);
            let most = Interval::point(h.hi());
            Interval::new(h.lo(), (most * (2.0 - most)).sqrt().hi().min(1.0))
        }
        (Tv, Kl | KlReverse) => upto((known * 0.5).sqrt().min((-(-known).exp_m1()).sqrt())),
        (Kl | KlReverse, HellingerSquared) => from((-known.clamp(0.0, 1.0)).ln_1p() * -2.0),
        (Kl, Renyi2) => upto(known),
        (Renyi2, Kl) => from(known),
        (ChiSquared, Kl) => from(known.exp_m1()),
        // -2 ln(1 - H^2) <= KL, solved for H^2.
        (HellingerSquared, Kl | KlReverse) => upto(-(known * -0.5).exp_m1()),
        _ => Interval::new(0.0, f64::INFINITY),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::numerics::Ledger;

    fn between(lo: f64, hi: f64) -> Measured {
        Measured::enclosed(Interval::new(lo, hi), Ledger::new().bounded(Source::Rounding, hi - lo, "made up"))
    }

    #[test]
    fn a_poor_enclosure_is_narrowed_by_the_others() {
        let tv = narrowed(Divergence::Tv, between(0.0, 1.0), &|d| {
            (d == Divergence::HellingerSquared).then(|| between(0.934, 0.961))
        });
        assert!(tv.value.lo() >= 0.934 && tv.value.hi() < 1.0 && tv.evidence == Evidence::Certified, "{tv}");
        let renyi = narrowed(Divergence::Renyi2, between(0.0, 1e12), &|_| Some(between(4.9e11, 5e11)));
        assert!(renyi.value.lo() >= 4.9e11, "{renyi}");
        let chi = narrowed(Divergence::ChiSquared, between(0.0, f64::INFINITY), &|_| Some(between(10.0, 10.1)));
        assert!((22_000.0..22_026.0).contains(&chi.value.lo()), "{chi}");
        // What is known well is left alone, and what is checked does not touch what is certified.
        let sharp = narrowed(Divergence::Tv, between(0.5, 0.5001), &|_| None);
        assert_eq!(sharp.value, Interval::new(0.5, 0.5001));
        let checked = Measured { evidence: Evidence::Checked, ..between(0.9, 0.95) };
        let kept = narrowed(Divergence::Tv, between(0.0, 1.0), &|_| Some(checked.clone()));
        assert_eq!(kept.value, Interval::new(0.0, 1.0));
        let sampled = |lo: f64, hi: f64| Measured { evidence: Evidence::Confidence { level: 0.99 }, ..between(lo, hi) };
        let alone = narrowed(Divergence::Tv, sampled(0.0, 1.0), &|_| Some(sampled(0.9, 0.95)));
        assert_eq!(alone.value, Interval::new(0.0, 1.0));
    }

    #[test]
    fn intervals_that_say_nothing_are_not_exact() {
        let vacuous = narrowed(Divergence::Kl, Measured::exact(Interval::new(0.0, f64::INFINITY)), &|_| None);
        assert_eq!(vacuous.evidence, Evidence::Certified);
        assert!(vacuous.ledger.terms().iter().any(|t| t.why.contains("overflow")), "{:?}", vacuous.ledger);
        let infinite = narrowed(Divergence::Kl, Measured::exact(Interval::INFINITY), &|_| None);
        assert_eq!(infinite.evidence, Evidence::Exact);
    }
}
