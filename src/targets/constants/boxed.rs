//! The constants of box mixtures under noise: from the support, and from how narrow the components are.

use super::{Constant, Constants, Side, ball};
use crate::numerics::Interval;
use crate::processes::NoiseLevel;
use crate::targets::BoxMixture;
use crate::targets::gaussian::level_rounding;

impl Constants {
    /// The constants of the law of `alpha x + sigma xi` for x of a box mixture; without noise, of which there is none but the second
    /// moment.
    ///
    /// # Promise
    /// As [`Constants::of`].
    #[must_use]
    pub fn of_box(p: &BoxMixture, level: NoiseLevel) -> Self {
        if level.sigma <= 0.0 {
            let none = Self::none("a law cut to a box has jumps at its sides");
            return Self { second_moment: p.second_moment() * Interval::point(level.alpha).sqr(), ..none };
        }
        let each =
            p.runs().into_iter().map(|run| of_block(&p.block(run.first, run.dim), level).repeated(run.copies as u64));
        each.reduce(Self::and).unwrap_or_else(|| Self::none("a law without coordinates has no constants"))
    }
}

/// One block of d coordinates that hang together, h = sigma^2:
///
/// ```text
/// -Hess ln p = (I - alpha^2 Cov(X_0 | x)/h)/h,    0 <= Cov <= V
/// ```
///
/// with V = d b^2 for the box (a quarter of its squared diagonal), and `1/(1/s^2 + alpha^2/h)` for a single component, which given x is
/// a normal law cut to a convex set (Brascamp and Lieb). Far away along an axis the covariance vanishes in it.
fn of_block(p: &BoxMixture, level: NoiseLevel) -> Constants {
    let rounded = |x: f64| Interval::around(x, level_rounding(level) * x);
    let (scale, noise) = (rounded(level.alpha * level.alpha), rounded(level.variance()));
    let reach_sqr = Interval::point(p.half_width()).sqr() * p.dim() as f64;
    let (mut variance, mut why) = (reach_sqr, "level constants: bounded support");
    if let [sd] = p.sds() {
        let narrow = 1.0 / (1.0 / Interval::point(*sd).sqr() + scale / noise);
        if narrow.hi() < variance.hi() {
            (variance, why) = (narrow, "level constants: a normal law cut to a convex set");
        }
    }
    let told = scale * variance / noise;
    let flat = 1.0 / noise;
    let lipschitz = Interval::new(flat.lo(), flat.max((told - 1.0) / noise).hi());
    let mut lipschitz = Constant::exact(lipschitz, why);
    lipschitz.lower.statement = "LLT-20: the noise rules far away".into();
    let unknown = || Constant::unknown("no bound");
    let mut found = Constants { lipschitz, lsi: unknown(), poincare: unknown(), second_moment: Interval::ENTIRE };
    let (lsi, poincare) = ball::sides(scale * reach_sqr / noise, noise);
    found.lsi.improve_upper(lsi);
    found.poincare.improve_upper(poincare);
    let convexity = 1.0 - told;
    if convexity.lo() > 0.0 {
        found.lsi.improve_upper(Side::proved((noise / convexity).hi(), "LLT-18b: strongly log-concave"));
    }
    let moments = p.moments();
    let spread =
        |&(mean, second): &(Interval, Interval)| (scale * (second - mean.sqr()).max(Interval::ZERO) + noise).lo();
    let widest = moments.iter().map(spread).fold(0.0, f64::max);
    found.poincare.improve_lower(Side::proved(widest, "LLT-18f: the variance"));
    let square: Interval = moments.into_iter().map(|(_, second)| second).sum();
    found.second_moment = scale * square + noise * p.dim() as f64;
    found.consistent()
}
