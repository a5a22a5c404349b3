//! All f-divergences of one pair between bounds, tightened by the inequalities between them.

use super::coupling::Couplings;
use super::parts::Parts;
use super::second_order::by_products;
use super::shadow::lower_bounds;
use crate::divergences::Divergence;
use crate::numerics::Interval;

/// Lower and upper bounds of one divergence.
#[derive(Clone, Copy, Debug)]
struct Between {
    lo: f64,
    hi: f64,
}

impl Between {
    fn raise(&mut self, to: Interval) {
        self.lo = self.lo.max(to.lo());
    }

    fn lower(&mut self, to: Interval) {
        self.hi = self.hi.min(to.hi());
    }

    fn at_least(self) -> Interval {
        Interval::point(self.lo.max(0.0))
    }

    fn at_most(self) -> Interval {
        Interval::point(self.hi.max(0.0))
    }
}

/// Bounds of TV, KL both ways, chi-squared and the squared Hellinger distance.
pub(super) struct Bracket {
    tv: Between,
    kl: Between,
    kl_reverse: Between,
    chi: Between,
    hellinger: Between,
}

impl Bracket {
    /// Bounds of all divergences; the total variations of components, which cost more than the rest, are asked for only when TV
    /// itself is wanted.
    pub(super) fn of(q: &Parts, p: &Parts, wanted: Divergence) -> Self {
        let lower = lower_bounds(q, p);
        let couplings = Couplings::new(q, p);
        let affinities = couplings.table(Divergence::HellingerSquared);
        let tv = if wanted == Divergence::Tv { couplings.tv(&affinities) } else { 1.0 };
        let products = by_products(q, p);
        let chi = couplings.chi_squared().min(products.map_or(f64::INFINITY, |x| x.hi()));
        let between = |lo: f64, hi: f64| Between { lo, hi };
        let mut bracket = Self {
            tv: between(lower.tv, tv),
            kl: between(lower.kl, couplings.kl()),
            kl_reverse: between(lower.kl_reverse, couplings.kl_reverse()),
            chi: between(lower.chi.max(products.map_or(0.0, |x| x.lo())), chi),
            hellinger: between(lower.hellinger, couplings.hellinger(&affinities)),
        };
        // Twice, so that what one inequality gains the next may use.
        for _ in 0..2 {
            bracket.tighten();
        }
        bracket
    }

    /// Pinsker, Bretagnolle and Huber, Le Cam, Jensen:
    /// ```text
    /// H^2 <= TV <= sqrt(H^2 (2 - H^2)),   TV <= sqrt(KL/2), sqrt(1 - e^-KL), sqrt(chi^2)/2,   KL <= ln(1 + chi^2),
    /// -2 ln(1 - H^2) <= KL
    /// ```
    fn tighten(&mut self) {
        let h_of_tv = |tv: Interval| 1.0 - (1.0 - tv.sqr()).max(Interval::ZERO).sqrt();
        let tv_of_h = |h: Interval| (h * (2.0 - h)).max(Interval::ZERO).sqrt();
        self.tv.lower(tv_of_h(self.hellinger.at_most()));
        self.tv.lower(self.chi.at_most().sqrt() * 0.5);
        self.tv.raise(self.hellinger.at_least());
        for kl in [self.kl, self.kl_reverse] {
            let most = kl.at_most();
            self.tv.lower((most * 0.5).sqrt());
            self.tv.lower((-(-most).exp_m1()).max(Interval::ZERO).sqrt());
            self.hellinger.lower(-(most * -0.5).exp_m1());
        }
        self.hellinger.lower(self.tv.at_most());
        self.hellinger.raise(h_of_tv(self.tv.at_least()));
        let by_affinity = -((-self.hellinger.at_least()).ln_1p() * 2.0);
        let by_tv = self.tv.at_least().sqr() * 2.0;
        for kl in [&mut self.kl, &mut self.kl_reverse] {
            kl.raise(by_affinity);
            kl.raise(by_tv);
        }
        self.kl.lower(self.chi.at_most().ln_1p());
        self.chi.raise(self.kl.at_least().exp_m1());
        self.chi.raise(self.tv.at_least().sqr() * 4.0);
    }

    /// The interval of one divergence.
    ///
    /// # Promise
    /// Contains it; all of `[0, inf]` for W2, which is no f-divergence.
    pub(super) fn get(&self, divergence: Divergence) -> Interval {
        let found = match divergence {
            Divergence::Tv => self.tv,
            Divergence::Kl => self.kl,
            Divergence::KlReverse => self.kl_reverse,
            Divergence::ChiSquared | Divergence::Renyi2 => self.chi,
            Divergence::HellingerSquared => self.hellinger,
            Divergence::W2 => Between { lo: 0.0, hi: f64::INFINITY },
        };
        // Two proved bounds may cross by their roundings only; the upper one is kept.
        let value = Interval::new(found.lo.min(found.hi), found.hi).clamp(0.0, divergence.ceiling());
        if divergence == Divergence::Renyi2 { value.ln_1p() } else { value }
    }
}
