//! What PMM-8a, 8b and 8 share: the truncated score at the corrector's noise level.

use super::exponential_error::exponential_error;
use crate::bounds::{Holds, Hypothesis, Instance};
use crate::numerics::{Interval, Measured};
use crate::scores::{ScoreField, Truncation, Within};
use crate::targets::{Data, Density, common_runs};

/// Beyond this exponent `ln(1 + e^x)` is x to a double.
const LARGE: f64 = 300.0;

/// Every step asks for the truncated score.
pub(super) const TRUNCATED: Hypothesis = Hypothesis {
    says: "the sampler is LMC(h) with the truncated score at the noise level of p",
    holds: |at| at.truncated_lmc().map_or_else(Holds::No, |_| Holds::Yes),
};

/// |X - c| <= R.
pub(super) const BOUNDED_SUPPORT: Hypothesis = Hypothesis {
    says: "|X - c| <= R < inf",
    holds: |at| match truncation(at) {
        Err(why) => Holds::No(why),
        Ok(t) if t.radius().hi().is_finite() => Holds::Yes,
        Ok(_) => Holds::No("X has a density without a bounded support".into()),
    },
};

/// B >= a R/q.
pub(super) const WIDE_ENOUGH: Hypothesis = Hypothesis {
    says: "B >= a R/q",
    holds: |at| match truncation(at) {
        Err(why) => Holds::No(why),
        Ok(t) if t.keeps_exact() => Holds::Yes,
        Ok(t) => Holds::No(format!("B = {:e}, a R/q = {:e}", t.bound(), t.least_bound().hi())),
    },
};

/// One ball, or coordinates that have nothing to do with each other.
pub(super) const SEPARATE: Hypothesis = Hypothesis {
    says: "the truncation is to a ball, or the coordinates of X and of e are independent of each other",
    holds: |at| parts(at).map_or_else(Holds::No, |_| Holds::Yes),
};

/// The truncation of an instance.
pub(super) fn truncation(at: &Instance) -> Result<&Truncation, String> {
    at.field.truncation.as_ref().ok_or_else(|| "the score is not truncated".into())
}

/// A part of the space that is truncated by itself.
pub(super) struct Part {
    /// How many such parts there are.
    pub copies: u64,
    /// `E|e|^2` of the score in this part.
    pub square: Interval,
    /// The first coordinate and the number of them.
    pub place: (usize, usize),
}

/// The whole space for a ball; the coordinates, if they are independent, for a truncation of each of them.
pub(super) fn parts(at: &Instance) -> Result<Vec<Part>, String> {
    let (truncation, d) = (truncation(at)?, at.dim());
    if truncation.within() == Within::Ball || d == 1 {
        return Ok(vec![Part { copies: 1, square: at.epsilon().sqr(), place: (0, d) }]);
    }
    let p = at.density()?;
    let runs = common_runs(&[&at.field.runs(), &p.runs(), &truncation.data().runs()]);
    let (shape, amplitude) = (at.error_shape(), at.amplitude());
    let one = |run: &crate::targets::Run| {
        if run.dim > 1 {
            return Err(format!("{} coordinates from {} on hang together", run.dim, run.first + 1));
        }
        let square = shape.map_or(Interval::ZERO, |shape| {
            let mean = shape.block(run.first, 1).mean_square(&p.block(run.first, 1)).value;
            mean * Interval::point(amplitude).sqr()
        });
        Ok(Part { copies: run.copies as u64, square, place: (run.first, 1) })
    };
    runs.iter().map(one).collect()
}

/// `eps_r^2` of the error that the chain sees, at a given r.
pub(super) fn measured(at: &Instance, r: f64) -> Result<Measured, String> {
    let asked: Vec<_> = at.program.blocks.iter().flat_map(|b| b.kernel.drift.scores()).collect();
    let seen = asked.iter().find(|score| !score.clean).or(asked.first());
    exponential_error(&at.field, *seen.ok_or("the program asks for no score")?, r)
}

/// `r = q exp(u R^2/q)`, PMM-4b's bound of the log-Sobolev constant of p, with the coordinates' R where these are truncated
/// by themselves: products have the constant of their factors.
pub(super) fn bounded_lsi(t: &Truncation) -> Interval {
    let (q, a) = (Interval::point(t.level().sigma).sqr(), Interval::point(t.level().alpha));
    q * ((a * t.radius()).sqr() / q).exp()
}

/// `r = q + u max_i Var X_i`, the log-Sobolev constant of p for a Gaussian X with independent coordinates.
pub(super) fn gaussian_lsi(t: &Truncation) -> Interval {
    let (q, a) = (Interval::point(t.level().sigma).sqr(), Interval::point(t.level().alpha));
    q + a.sqr() * largest_variance(t.data())
}

/// `max_i Var X_i`.
fn largest_variance(data: &Data) -> f64 {
    let of = |mean: nalgebra::DVector<f64>, second: &dyn Fn(usize) -> f64| {
        (0..mean.len()).map(|i| second(i) - mean[i] * mean[i]).fold(0.0, f64::max)
    };
    match data {
        Data::Points(p) => {
            of(data.mean(), &|i| p.weights.iter().zip(&p.points).map(|(w, x)| w * x[i] * x[i]).sum::<f64>())
        }
        Data::Box(p) => {
            let spread = |(mean, second): (Interval, Interval)| (second - mean.sqr()).hi();
            p.moments().into_iter().map(spread).fold(0.0, f64::max)
        }
        Data::Product(factors) => factors.iter().map(|(f, _)| largest_variance(f)).fold(0.0, f64::max),
        Data::Density(Density::Product(p)) => {
            p.factors.iter().map(|(f, _)| largest_variance(&Data::Density(f.clone()))).fold(0.0, f64::max)
        }
        Data::Density(Density::Gaussian(g)) => (0..g.dim()).map(|i| g.variance(i)).fold(0.0, f64::max),
        Data::Density(Density::Mixture(m)) => of(data.mean(), &|i| {
            m.weights.iter().zip(&m.components).map(|(w, c)| w * (c.variance(i) + c.mean[i] * c.mean[i])).sum::<f64>()
        }),
    }
}

/// `ln(1 + eps^2 (e^{4 r B^2} - 1)/(4 B^2) + e^{ln_tail})`.
pub(super) fn ln_growth(square: Interval, bound: f64, r: Interval, ln_tail: Option<Interval>) -> Interval {
    let most = Interval::point(bound).sqr() * 4.0;
    let x = most * r;
    let grown = (square.hi() > 0.0).then(|| {
        // ln((e^x - 1)/(4 B^2)) + ln eps^2, also where e^x overflows.
        let growth = if x.hi() < 30.0 { x.exp_m1().ln() } else { x + (-(-x).exp()).ln_1p() };
        growth - most.ln() + square.ln()
    });
    let terms: Vec<Interval> = grown.into_iter().chain(ln_tail).collect();
    let top = terms.iter().map(|t| t.hi()).fold(f64::NEG_INFINITY, f64::max);
    if top == f64::INFINITY {
        return Interval::new(0.0, f64::INFINITY);
    }
    if top < LARGE {
        return terms.iter().map(|t| t.exp()).sum::<Interval>().ln_1p();
    }
    (terms.iter().map(|t| (*t - top).exp()).sum::<Interval>() + (-Interval::point(top)).exp()).ln() + top
}
