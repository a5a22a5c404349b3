//! The constants a theorem needs of its target: each an interval with the statement it comes from.

mod ball;
mod boxed;
mod cholesky;
mod condition;
mod decomposition;
mod flow;
mod gaussian;
mod hessian;
mod least;
mod line;
mod metric;
mod mixing;
mod mixture;
mod muckenhoupt;
mod pages;
mod pair;
mod panels;
mod rules;
mod side;
mod singular;
mod smoothness;
mod spectrum;
mod support;
#[cfg(test)]
mod tests;
mod tilt;
mod transport;
mod trial;

pub(super) use cholesky::Factor;
pub use flow::Flow;
pub use least::{lsi_least, lsi_of_gaussian, poincare_least, smoothness_least};
pub use mixing::Mixing;
pub use muckenhoupt::Integrals;
pub use pages::{PAGES, Page};
pub use rules::{
    Ball, Convexity, Perturbation, Silent, Upper, along_the_flow, balls, bounded_support, convexity, diameter_sqr,
    integrals, largest_eigenvalue, log_concave_upper, mixing_tails, mixture_upper, perturbation, poincare_upper,
    smoothness_of_common_covariance, smoothness_of_two_isotropic, unequal_components,
};
pub use support::support_radius_sqr;

use super::gaussian::level_rounding;
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
            Density::Product(p) => Self::of_factors(p, Self::of),
        };
        found.consistent()
    }

    /// The constants of the law of `alpha x + sigma xi` for x of law p: those of the noised law, and what follows from the
    /// law itself: `alpha^2 C + sigma^2` (LLT-18e), L after noise, and L = infinity, which noise does not change (LLT-20c).
    ///
    /// # Promise
    /// As [`Constants::of`].
    #[must_use]
    pub fn at(p: &Density, level: NoiseLevel) -> Self {
        if level.is_data() {
            return Self::of(p);
        }
        if let Density::Product(product) = p {
            return Self::of_factors(product, |factor| Self::at(factor, level));
        }
        let Ok(noised) = p.noised(level) else {
            return Self::none("the law cannot be formed at this level in double precision");
        };
        let mut found = Self::of(&noised);
        if let (Density::Mixture(mixture), Density::Mixture(at_level)) = (p, &noised) {
            if !mixture::told_apart_alike(mixture, at_level) {
                found
                    .lipschitz
                    .forget_upper("not bounded: two components are told apart by less than the level's rounding");
            }
            found.improve_from_data(&Self::of(p), level);
        }
        found.consistent()
    }

    /// Uses the constants of the law before noise.
    fn improve_from_data(&mut self, data: &Self, level: NoiseLevel) {
        if level.alpha == 0.0 {
            return;
        }
        if data.lipschitz.value == Interval::INFINITY {
            self.lipschitz = data.lipschitz.clone();
        }
        let rounded = |x: f64| Interval::around(x, level_rounding(level) * x);
        let (scale, noise) = (rounded(level.alpha * level.alpha), rounded(level.variance()));
        for (constant, of_data) in [(&mut self.lsi, &data.lsi), (&mut self.poincare, &data.poincare)] {
            let value = (scale * of_data.value.hi() + noise).hi();
            let statement = format!("LLT-18e: alpha^2 C + sigma^2, C by {}", of_data.upper.statement);
            constant.improve_upper(Side { value, statement, evidence: of_data.upper.evidence });
        }
        smoothness::improve_by_noise(&mut self.lipschitz, &data.lipschitz, scale, noise);
    }

    /// Independent blocks: the largest constants of the factors (LLT-18d), the sum of the second moments.
    fn of_factors(p: &Product, of: impl Fn(&Density) -> Self) -> Self {
        let mut total: Option<Self> = None;
        for (factor, copies) in &p.factors {
            let own = of(factor).repeated(*copies);
            total = Some(match total {
                None => own,
                Some(so_far) => so_far.and(own),
            });
        }
        total.unwrap_or_else(|| Self::none("a product without factors has no constants"))
    }

    /// The constants of `copies` iid copies.
    pub(super) fn repeated(mut self, copies: u64) -> Self {
        self.second_moment *= Interval::point(copies as f64);
        self
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

    /// Every end moved outward by a relative amount, L by its own.
    fn widened(mut self, lipschitz: f64, others: f64) -> Self {
        let widen = |x: Interval, by: f64| match by == 0.0 {
            true => x,
            false => Interval::new((x.lo() * (1.0 - by)).max(0.0), x.hi() * (1.0 + by)),
        };
        self.lipschitz.value = widen(self.lipschitz.value, lipschitz);
        for constant in [&mut self.lsi, &mut self.poincare] {
            constant.value = widen(constant.value, others);
        }
        self
    }

    /// No constant at all, with the reason.
    #[must_use]
    pub fn none(why: &str) -> Self {
        let constant = || Constant::unknown(why);
        Self { lipschitz: constant(), lsi: constant(), poincare: constant(), second_moment: Interval::ENTIRE }
    }
}

impl Density {
    /// `E|x|^2`, the rounding of a law at a noise level included.
    #[must_use]
    pub fn second_moment(&self) -> Interval {
        match self {
            Density::Gaussian(g) => gaussian::second_moment(g),
            Density::Mixture(m) => mixture::second_moment(m),
            Density::Product(p) => p.factors.iter().map(|(f, copies)| f.second_moment() * *copies as f64).sum(),
        }
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

    /// The upper end given up, with the reason.
    fn forget_upper(&mut self, why: &str) {
        self.value = Interval::new(self.value.lo(), f64::INFINITY);
        self.upper = Certificate { statement: why.to_string(), evidence: Evidence::Exact };
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
            debug_assert!(
                value >= self.value.lo() || !(evidence.is_proved() && self.lower.evidence.is_proved()),
                "`{statement}` gives at most {value}, `{}` at least {}",
                self.lower.statement,
                self.value.lo()
            );
            self.value = Interval::new(self.value.lo().min(value), value);
            self.upper = Certificate { statement, evidence };
        }
    }

    /// Raises the lower end to a new bound when that is larger.
    pub(super) fn improve_lower(&mut self, side: Side) {
        let Side { value, statement, evidence } = side;
        if value > self.value.lo() {
            debug_assert!(
                value <= self.value.hi() || !(evidence.is_proved() && self.upper.evidence.is_proved()),
                "`{statement}` gives at least {value}, `{}` at most {}",
                self.upper.statement,
                self.value.hi()
            );
            self.value = Interval::new(value, self.value.hi().max(value));
            self.lower = Certificate { statement, evidence };
        }
    }
}
