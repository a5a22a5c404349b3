//! The path-KL of a reverse SDE as a sum over its steps (LLT-12), from moments and errors at the noise levels.
//!
//! With `Delta` the time since the beginning of a step of length h at the level tau, everything is expressed by the excess
//! `E = int J dtau - h J(tau)`, which entropies give without a quadrature over time, and by functions of h that do not cancel:
//! `X = e^h - 1 - h`, `B = (e^{2h} - 1 - 2h)/2`, `kappa = cosh h - 1`, `s = sinh h - h`.
//!
//! ```text
//!      discretisation                                        cross
//! EI   E + 2 (e^-h - 1 + h) J                                2 (e^-h - 1 + h) <e, S>
//! REL  E + (M - d) B - 2 X I                                 -2 X <e, S + x>
//! EM   E + (M - d) B/4 + 2 (d - J) s + d kappa - M X/2       -2 s <e, S> - X <e, x>
//! VE   E                                                     0
//! ```

use crate::bounds::{Bound, Family, PathTerms};
use crate::numerics::Interval;
use crate::samplers::Scheme;

/// One predictor step: from the level tau to tau - h.
#[derive(Clone, Debug, PartialEq)]
pub struct PathStep {
    /// h.
    pub h: Interval,
    /// A - 1, B and v of the kernel `N(A x + B s(x), v I)`.
    pub kernel: [Interval; 3],
    /// `J = E|S|^2`, S the score at the level.
    pub fisher: Interval,
    /// `M = E|x|^2` at the level.
    pub second_moment: Interval,
    /// `I = E|S + x|^2 = J - 2d + M`.
    pub relative: Interval,
    /// `int J dtau - h J` over the step.
    pub excess: Interval,
    /// `epsilon^2 = E|e|^2`.
    pub epsilon_squared: Interval,
    /// `E <e, S>`.
    pub error_score: Interval,
    /// `E <e, x>`.
    pub error_position: Interval,
}

/// What one step adds to the bounds of LLT-12a to c and to that of LLT-12d.
#[derive(Clone, Debug, PartialEq)]
pub struct StepTerms {
    /// `h epsilon^2`.
    pub error: Interval,
    /// The discretisation term, at least 0.
    pub discretisation: Interval,
    /// The cross term.
    pub cross: Interval,
}

/// The functions of h that do not cancel.
struct Lengths {
    /// `e^h - 1 - h`.
    growth: Interval,
    /// `e^-h - 1 + h`.
    decay: Interval,
    /// `(e^{2h} - 1 - 2h)/2`.
    double: Interval,
    /// `sinh h - h`.
    sinh: Interval,
    /// `cosh h - 1`.
    cosh: Interval,
}

impl Lengths {
    fn of(h: Interval) -> Self {
        let (growth, decay) = (h.exp_excess(), (-h).exp_excess());
        Self {
            growth,
            decay,
            double: (h * 2.0).exp_excess() * 0.5,
            sinh: (growth - decay) * 0.5,
            cosh: (growth + decay) * 0.5,
        }
    }
}

impl PathStep {
    /// The discretisation term without the excess.
    #[must_use]
    pub fn beside_excess(&self, family: Family, scheme: Scheme, dim: f64) -> Interval {
        let (j, m, n) = (self.fisher, self.second_moment, Lengths::of(self.h));
        match (family, scheme) {
            (Family::Ve, _) => Interval::ZERO,
            (Family::Ou, Scheme::Exponential) => n.decay * j * 2.0,
            (Family::Ou, Scheme::ExponentialMinus) => (m - dim) * n.double - n.growth * self.relative * 2.0,
            (Family::Ou, Scheme::EulerMaruyama) => {
                (m - dim) * n.double * 0.25 + (Interval::point(dim) - j) * n.sinh * 2.0 + n.cosh * dim
                    - m * n.growth * 0.5
            }
        }
    }

    /// The cross term.
    #[must_use]
    pub fn cross(&self, family: Family, scheme: Scheme) -> Interval {
        let (score, position, n) = (self.error_score, self.error_position, Lengths::of(self.h));
        match (family, scheme) {
            (Family::Ve, _) => Interval::ZERO,
            (Family::Ou, Scheme::Exponential) => n.decay * score * 2.0,
            (Family::Ou, Scheme::ExponentialMinus) => -(n.growth * (score + position) * 2.0),
            (Family::Ou, Scheme::EulerMaruyama) => -(n.sinh * score * 2.0) - n.growth * position,
        }
    }

    /// All three terms of the step.
    #[must_use]
    pub fn terms(&self, family: Family, scheme: Scheme, dim: f64) -> StepTerms {
        StepTerms {
            error: self.h * self.epsilon_squared,
            discretisation: (self.excess + self.beside_excess(family, scheme, dim)).max(Interval::ZERO),
            cross: self.cross(family, scheme),
        }
    }

    /// The step's share of LLT-12d without the excess: with `a x + b S = E[X_{tau-h} | x]`, `a = e^h`, `b = 2 sinh h` (VE: 1, 2h),
    /// `r = e^{2h} - 1` (VE: 2h), `f = 1 - e^{-2h}` (VE: 2h), the conditional variance of `X_{tau-h}` is `r (d - f J)` in mean, and the
    /// sum of entropies, logarithms and squares is
    ///
    /// ```text
    /// E + (d/2) (rho - 1 - ln rho) + J (h - rho f/2) + E|(a - A) x + (b - B) S - B e|^2/(2v),   rho = r/v.
    /// ```
    #[must_use]
    pub fn chain_rule_beside_excess(&self, family: Family, dim: f64) -> ChainTerms {
        let (h, j, m) = (self.h, self.fisher, self.second_moment);
        let [a, b, v] = self.kernel;
        let (r, a_meant, b_meant, short) = match family {
            // `h - f/2`, without cancellation.
            Family::Ou => ((h * 2.0).exp_m1(), h.exp_m1(), h.exp_m1() - (-h).exp_m1(), (h * -2.0).exp_excess() * 0.5),
            Family::Ve => (h * 2.0, Interval::ZERO, h * 2.0, Interval::ZERO),
        };
        let more = (r - v) / v;
        let (da, db) = (a_meant - a, b_meant - b);
        // h - rho f/2 = (h - f/2) rho - h (rho - 1).
        let late = j * (short * (more + 1.0) - h * more);
        let square = da.sqr() * m - da * db * (2.0 * dim) + db.sqr() * j;
        let half_precision = Interval::ONE / (v * 2.0);
        ChainTerms {
            error: b.sqr() * self.epsilon_squared * half_precision,
            discretisation: more.ln_1p_excess() * dim * 0.5 + late + square.max(Interval::ZERO) * half_precision,
            cross: -(b * (da * self.error_position + db * self.error_score) * 2.0 * half_precision),
        }
    }
}

/// `KL(p_T | q_0)` and the sums over a path.
pub(in crate::bounds) fn path_bound(start: Interval, terms: PathTerms) -> Result<Bound, String> {
    let value = start + terms.total();
    let PathTerms { error, discretisation, cross } = terms;
    let named = [start, error, discretisation, cross];
    let names = ["KL(p_T | q_0)", "score error", "discretisation", "cross"];
    Ok(Bound { value, terms: names.into_iter().zip(named).collect() })
}

/// The parts of LLT-12d.
#[derive(Clone, Debug, PartialEq)]
pub struct ChainTerms {
    /// `B^2 epsilon^2/(2v)`.
    pub error: Interval,
    /// What is there without an error, the excess left out.
    pub discretisation: Interval,
    /// What is linear in the error.
    pub cross: Interval,
}

/// `int J dtau - h J` over a step of length h for a Gaussian coordinate of variance `1/j` at its beginning.
///
/// ```text
/// OU   (y - ln(1 + y))/2 - (1 - j) (e^{2h} - 1 - 2h)/2,   y = (1 - j)(e^{2h} - 1)
/// VE   (y - ln(1 + y))/2,   y = -2 h j
/// ```
#[must_use]
pub fn gaussian_excess(family: Family, h: Interval, j: Interval) -> Interval {
    match family {
        Family::Ou => {
            let rest = Interval::ONE - j;
            (rest * (h * 2.0).exp_m1()).ln_1p_excess() * 0.5 - rest * (h * 2.0).exp_excess() * 0.5
        }
        Family::Ve => (-(h * j * 2.0)).ln_1p_excess() * 0.5,
    }
}
