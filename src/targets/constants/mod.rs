//! The constants a theorem needs of its target: each an interval with the statement it comes from.

mod ball;
mod cholesky;
mod decomposition;
mod gaussian;
mod line;
mod metric;
mod mixture;
mod muckenhoupt;
mod pair;
mod panels;
mod side;
mod smoothness;
mod spectrum;
#[cfg(test)]
mod tests;
mod transport;
mod trial;

use super::{Density, Product};
use crate::numerics::{Evidence, Interval};
use crate::processes::NoiseLevel;
use side::Side;

/// Whose bound one end of a constant is.
#[derive(Clone, Debug, PartialEq)]
pub struct Certificate {
    /// Statement label and a few words, for example `LLT-18a: largest eigenvalue of the covariance`.
    pub statement: String,
    /// Exact or Certified when proved; Checked when it rests on plain numerics.
    pub evidence: Evidence,
}

/// A constant of a law, enclosed: a theorem that holds for C holds for every larger C, so it is instantiated at `hi`.
#[derive(Clone, Debug, PartialEq)]
pub struct Constant {
    /// The interval; `hi` may be `+inf` (unknown or truly infinite, the certificate says which).
    pub value: Interval,
    /// Where the lower end comes from.
    pub lower: Certificate,
    /// Where the upper end comes from.
    pub upper: Certificate,
}

/// The constants of one law.
#[derive(Clone, Debug, PartialEq)]
pub struct Constants {
    /// L: the Lipschitz constant of grad ln p.
    pub lipschitz: Constant,
    /// C_LS: KL(q|p) <= (C/2) FI(q|p).
    pub lsi: Constant,
    /// C_P: Var_p f <= C_P E_p |grad f|^2.
    pub poincare: Constant,
    /// E_p |x|^2.
    pub second_moment: Interval,
}

/// Units in the last place by which constants at a noise level are widened: the level's `alpha^2 v + sigma^2` is rounded.
const LEVEL_ULPS: f64 = 16.0;

impl Constants {
    /// The constants of a law in closed form.
    ///
    /// # Promise
    /// An end whose certificate is `Exact` or `Certified` is on its side of the true constant.
    #[must_use]
    pub fn of(p: &Density) -> Self {
        let found = match p {
            Density::Gaussian(g) => gaussian::constants(g),
            Density::Mixture(m) => mixture::constants(m),
            Density::Product(p) => Self::of_product(p),
        };
        found.consistent()
    }

    /// The constants of the law of `alpha x + sigma xi` for x of law p: those of the noised law, and
    /// `alpha^2 C + sigma^2` from the law itself (LLT-18e).
    ///
    /// # Promise
    /// As [`Constants::of`].
    #[must_use]
    pub fn at(p: &Density, level: NoiseLevel) -> Self {
        if level.is_data() {
            return Self::of(p);
        }
        let mut found = Self::of(&p.noised(level));
        if level.alpha > 0.0 && !found.lsi.is_tight() {
            let data = Self::of(p);
            let (scale, noise) = (Interval::point(level.alpha).sqr(), Interval::point(level.sigma).sqr());
            for (constant, of_data) in [(&mut found.lsi, &data.lsi), (&mut found.poincare, &data.poincare)] {
                let value = (scale * of_data.value.hi() + noise).hi();
                let statement = format!("LLT-18e: alpha^2 C + sigma^2, C by {}", of_data.upper.statement);
                constant.improve_upper(Side { value, statement, evidence: of_data.upper.evidence });
            }
            smoothness::improve_by_noise(&mut found.lipschitz, &data.lipschitz, scale, noise);
        }
        found.consistent().widened(LEVEL_ULPS * f64::EPSILON)
    }

    /// Independent blocks: the largest constants of the factors (LLT-18d), the sum of the second moments.
    fn of_product(p: &Product) -> Self {
        let mut total: Option<Self> = None;
        for (factor, copies) in &p.factors {
            let mut own = Self::of(factor);
            own.second_moment *= Interval::point(*copies as f64);
            total = Some(match total {
                None => own,
                Some(so_far) => so_far.and(own),
            });
        }
        total.unwrap_or_else(|| Self::none("a product without factors has no constants"))
    }

    /// The constants of the product of two independent laws.
    pub(super) fn and(self, other: Self) -> Self {
        Self {
            lipschitz: self.lipschitz.larger(other.lipschitz),
            lsi: self.lsi.larger(other.lsi),
            poincare: self.poincare.larger(other.poincare),
            second_moment: self.second_moment + other.second_moment,
        }
    }

    /// Uses `C_P <= C_LS` in both directions.
    fn consistent(mut self) -> Self {
        self.poincare.improve_upper(Side::upper_of(&self.lsi));
        self.lsi.improve_lower(Side::lower_of(&self.poincare));
        self
    }

    /// Every end moved outward by a relative amount.
    fn widened(mut self, by: f64) -> Self {
        let widen = |x: Interval| Interval::new(x.lo() - by * x.lo().abs(), x.hi() + by * x.hi().abs());
        for constant in [&mut self.lipschitz, &mut self.lsi, &mut self.poincare] {
            constant.value = widen(constant.value);
        }
        self.second_moment = widen(self.second_moment);
        self
    }

    /// No constant at all, with the reason.
    #[must_use]
    pub fn none(why: &str) -> Self {
        let constant = || Constant::unknown(why);
        Self { lipschitz: constant(), lsi: constant(), poincare: constant(), second_moment: Interval::ENTIRE }
    }
}

impl Constant {
    /// Nothing is known, with the reason.
    pub(super) fn unknown(why: &str) -> Self {
        let certificate = || Certificate { statement: why.to_string(), evidence: Evidence::Exact };
        Self { value: Interval::new(0.0, f64::INFINITY), lower: certificate(), upper: certificate() }
    }

    /// A value in closed form.
    pub(super) fn exact(value: Interval, statement: &str) -> Self {
        let certificate = || Certificate { statement: statement.to_string(), evidence: Evidence::Exact };
        Self { value, lower: certificate(), upper: certificate() }
    }

    /// Whether the two ends agree up to rounding.
    fn is_tight(&self) -> bool {
        self.value.width() <= 1e-12 * self.value.hi()
    }

    /// The larger of two constants, end by end.
    fn larger(mut self, other: Self) -> Self {
        if other.value.hi() > self.value.hi() {
            self.value = Interval::new(self.value.lo(), other.value.hi());
            self.upper = other.upper.clone();
        }
        self.improve_lower(Side::lower_of(&other));
        self
    }

    /// Lowers the upper end to a new bound when that is smaller; an end that is Checked never replaces a proved one.
    pub(super) fn improve_upper(&mut self, side: Side) {
        let Side { value, statement, evidence } = side;
        if value < self.value.hi() && (evidence.is_proved() || !self.upper.evidence.is_proved()) {
            self.value = Interval::new(self.value.lo().min(value), value);
            self.upper = Certificate { statement, evidence };
        }
    }

    /// Raises the lower end to a new bound when that is larger.
    pub(super) fn improve_lower(&mut self, side: Side) {
        let Side { value, statement, evidence } = side;
        if value > self.value.lo() {
            self.value = Interval::new(value, self.value.hi().max(value));
            self.lower = Certificate { statement, evidence };
        }
    }
}
