//! Errors measured by their exponential moments: the rates of PMM-6 and PMM-7, and their best parameters.

use super::corrector::lsi;
use crate::bounds::general::{count, geometric_series, minimise};
use crate::bounds::lee_lu_tan_2022::Setting;
use crate::bounds::{Holds, Hypothesis, Instance};
use crate::numerics::Interval;

/// r runs through `(C/2) RATIO^j`, j = 1, ..., EXPONENTS.
const RATIO: f64 = 1.35;
const EXPONENTS: i32 = 32;

/// An exponent r with `epsr^2 = (1/r) ln E_p exp(r |e|^2)`, from above.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Moment {
    /// r.
    pub r: f64,
    /// `epsr^2`.
    pub square: Interval,
}

/// `epsr^2` at each r; 0 when no step sees the error.
fn moments(at: &Instance, exponents: &[f64]) -> Result<Vec<Moment>, String> {
    let squares = match at.error_shape() {
        Some(shape) if !at.is_exact() => {
            let c2 = Interval::point(at.amplitude()).sqr();
            let scales: Vec<f64> = exponents.iter().map(|&r| (c2 * r).hi()).collect();
            shape.ln_exponential_moments(&at.density()?, &scales)
        }
        _ => vec![0.0; exponents.len()],
    };
    let moment = |(&r, ln): (&f64, f64)| Moment { r, square: Interval::point((Interval::point(ln) / r).hi()) };
    Ok(exponents.iter().zip(squares).map(moment).collect())
}

/// The moments that are finite, that at `r = C` first if it is.
pub(super) fn finite_moments(at: &Instance) -> Result<Vec<Moment>, String> {
    let lsi = lsi(at).hi();
    let exponents: Vec<f64> = std::iter::once(lsi).chain((1..=EXPONENTS).map(|j| 0.5 * lsi * RATIO.powi(j))).collect();
    Ok(moments(at, &exponents)?.into_iter().filter(|m| m.square.is_finite()).collect())
}

/// Some exponential moment beyond C/2 is finite.
pub(super) const MOMENT: Hypothesis = Hypothesis {
    says: "E_p exp(r |e|^2) < inf for some r > C/2",
    holds: |at| {
        let decides = "a finite bound of an exponential moment of |e|^2, for example from a smaller error";
        match finite_moments(at) {
            Ok(found) if !found.is_empty() => Holds::Yes,
            Ok(_) => Holds::unknown("none is known to be finite", decides),
            Err(why) => Holds::unknown(why, decides),
        }
    },
};

/// PMM-6 after a time T: what is left of `K_0`, and what the error adds; `None` unless kappa > 0.
///
/// ```text
/// kappa = 2 (1 - lambda)/C - 1/(4 lambda r)
/// e^{-kappa T} K_0   +   (1 - e^{-kappa T}) epsr^2/(4 lambda kappa)
/// ```
#[must_use]
pub fn mgf_kl(start: Interval, lsi: Interval, time: Interval, moment: Moment, lambda: f64) -> Option<[Interval; 2]> {
    let lambda = Interval::point(lambda);
    let kappa = 2.0 * (1.0 - lambda) / lsi - 1.0 / (4.0 * lambda * moment.r);
    let pace = kappa * time;
    (kappa.lo() > 0.0).then(|| [(-pace).exp() * start, -(-pace).exp_m1() * moment.square / (4.0 * lambda * kappa)])
}

/// The best lambda for one moment, by a search in plain arithmetic.
pub(super) fn best_lambda(start: f64, lsi: f64, time: f64, moment: Moment) -> (f64, f64) {
    // kappa > 0 between 1/2 -+ root/2.
    let root = (1.0 - lsi / (2.0 * moment.r)).max(0.0).sqrt();
    let lambda = |x: f64| 0.5 + 0.5 * root * (2.0 * x - 1.0);
    let value = |x: &[f64]| {
        let lambda = lambda(x[0]);
        let kappa = 2.0 * (1.0 - lambda) / lsi - 1.0 / (4.0 * lambda * moment.r);
        match kappa > 0.0 {
            true => {
                (-kappa * time).exp() * start - (-kappa * time).exp_m1() * moment.square.hi() / (4.0 * lambda * kappa)
            }
            false => f64::INFINITY,
        }
    };
    let x = minimise(&[(0.0, 1.0)], 7, value);
    (value(&x), lambda(x[0]))
}

/// The parameters of PMM-7.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MgfParameters {
    /// lambda, in (0, 1).
    pub lambda: f64,
    /// theta > 0.
    pub theta: f64,
}

/// One step of PMM-7: `K_{k+1} <= factor K_k + from_error + from_step`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MgfStep {
    /// A.
    pub factor: Interval,
    /// `E epsr^2`.
    pub from_error: Interval,
    /// The rest of B.
    pub from_step: Interval,
}

impl MgfStep {
    /// ```text
    /// c = 1/(4 lambda),   w = c (1 + 1/theta) L^2
    /// E = c (1 + theta) h + 2 w h^3/3
    /// A = e^{-2 (1 - lambda) h/C} + E/r + (8/3) w L^2 C h^3
    /// B = E epsr^2 + w (d h^2 + (4/3) d L h^3)
    /// ```
    #[must_use]
    pub fn new(s: &Setting, moment: Moment, with: MgfParameters) -> Self {
        let (lambda, theta) = (Interval::point(with.lambda), Interval::point(with.theta));
        let c = 1.0 / (4.0 * lambda);
        let w = c * (1.0 + 1.0 / theta) * s.smoothness.sqr();
        let cube = s.step.powi(3);
        let error = c * (1.0 + theta) * s.step + w * cube * 2.0 / 3.0;
        let kept = (-(2.0 * (1.0 - lambda) * s.pace())).exp();
        Self {
            factor: kept + error / moment.r + w * s.smoothness.sqr() * s.lsi * cube * 8.0 / 3.0,
            from_error: error * moment.square,
            from_step: w * s.dim * (s.step.sqr() + s.smoothness * cube * 4.0 / 3.0),
        }
    }

    /// `A^n K_0`, and what errors and steps add: `(1 - A^n)/(1 - A)` times each.
    #[must_use]
    pub fn after(&self, start: Interval, steps: u64) -> [Interval; 3] {
        let (decay, n) = (-self.factor.ln(), count(steps));
        let series = geometric_series(decay, n);
        [(-(n * decay)).exp() * start, self.from_error * series, self.from_step * series]
    }
}

/// The best lambda and theta for one moment, by a search in plain arithmetic.
pub(super) fn best_step(s: &Setting, start: f64, steps: u64, moment: Moment) -> (f64, MgfParameters) {
    let (d, l, lsi, h) = (s.dim.mid(), s.smoothness.mid(), s.lsi.mid(), s.step.mid());
    let parameters = |x: &[f64]| MgfParameters { lambda: 0.001 + 0.998 * x[0], theta: (14.0 * x[1] - 7.0).exp() };
    let value = |x: &[f64]| {
        let MgfParameters { lambda, theta } = parameters(x);
        let c = 0.25 / lambda;
        let w = c * (1.0 + 1.0 / theta) * l * l;
        let error = c * (1.0 + theta) * h + w * h.powi(3) * 2.0 / 3.0;
        let less =
            (-2.0 * (1.0 - lambda) * h / lsi).exp_m1() + error / moment.r + w * l * l * lsi * h.powi(3) * 8.0 / 3.0;
        let added = error * moment.square.hi() + w * d * (h * h + l * h.powi(3) * 4.0 / 3.0);
        let grown = (steps as f64 * less.ln_1p()).exp_m1();
        (1.0 + grown) * start + added * if less == 0.0 { steps as f64 } else { grown / less }
    };
    let x = minimise(&[(0.0, 1.0); 2], 7, value);
    (value(&x), parameters(&x))
}
