//! What two laws lost when they were taken apart in rotated frames, as error terms of their divergence.
//!
//! Let q', p' be the two laws in the coordinates of the frames and q^, p^ the products that stand for them. A component of
//! either is `N(u, I + E)` where the product's is `N(0, I)`, `|E|_F^2 + |u|^2 <= r^2`. All divergences here are convex in the pair,
//! so what holds for components holds for mixtures.
//!
//! *TV, Hellinger, W2* are metrics: r/2 for the first two; W2 also changes with the coordinates, by the stretch of the basis.
//!
//! *KL.* `KL(q'|p^) = KL(q'|q^) + E_q' L` with `L = ln(q^/p^)`; the first is at most `r^2/2`, and by Cauchy and Schwarz
//! `|E_q' L - E_q^ L| <= sqrt(chi^2(q'|q^)) sd(L)`, sd under q^, `chi^2(q'|q^) <= exp(r^2/(1 - r)) - 1`. Then, for every t >= 1 with
//! `(1 + t) r <= 1/2`, Donsker and Varadhan's inequality gives
//! ```text
//! +- E_q' ln(p^/p') <= [KL(q'|p^) + ln int p^ (p^/p')^{+-t}]/t <= K/t + (1 + t)^2 r^2/t <= K/t + 4 t r^2,   K = KL(q'|p^),
//! ```
//! which is at most `4 r (sqrt K + K) + 8 r^2` at the best t.
//!
//! *Renyi-2* is not continuous at all: it may be infinite for one of two laws that are as close as one likes. But for
//! `r < eta` the products with all covariances multiplied by `1 + eta` or `1 - eta` are bounds of the laws point by point,
//! ```text
//! (1 - eta: narrow)   e^{-k} q^_narrow <= q' <= e^k q^_wide   (wide: 1 + eta),   k = (d/2) (eta + eta^2 + r + r^2) + r^2/(2 (eta - r)),
//! ```
//! so `ln int q'^2/p'` lies between that of (narrow, wide) less 3k and that of (wide, narrow) plus 3k.

use super::{Divergence, NoEngine};
use crate::numerics::{Interval, Measured, Source};
use crate::targets::Defect;

/// Standard deviations of L, in units of `sqrt D + D`, that the estimate for KL and Renyi-2 allows.
const SPREADS: f64 = 10.0;
/// Nothing is proved of KL and Renyi-2 for a larger r.
const LARGEST: f64 = 1e-3;
/// By how much more than its factor says a rounded covariance may be wider or narrower.
const SLACK: f64 = 4.0 * f64::EPSILON;

/// The defects of all pairs of a product, added.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Lost(Defect);

/// What the bounds of KL and Renyi-2 need to know of a pair of products.
pub(super) trait Products {
    /// The dimension of the laws.
    fn dim(&self) -> f64;

    /// A bound of the standard deviation of `ln(q/p)` under q, or of `ln(p/q)` under p for the reverse KL.
    ///
    /// # Errors
    /// When nothing is proved.
    fn spread(&self, divergence: Divergence) -> Result<f64, NoEngine>;

    /// Renyi-2 after the covariances of q and p are multiplied by these factors, or moved up to [`SLACK`] further from 1.
    ///
    /// # Errors
    /// When nothing is proved.
    fn renyi2_scaled(&self, q: f64, p: f64) -> Result<Interval, NoEngine>;
}

impl Lost {
    /// Adds what a law with copies lost.
    pub(super) fn add(&mut self, defect: Defect, copies: u64) {
        self.0 = self.0.and(defect.times(copies));
    }

    /// A divergence of the products as one of the laws.
    ///
    /// # Promise
    /// When nothing lost is an estimate and the divergence of the products is proved, that of the laws lies in the interval;
    /// so it does when an end is infinite.
    pub(super) fn charged(&self, divergence: Divergence, products: &dyn Products, measured: Measured) -> Measured {
        let defect = self.0;
        if defect.is_zero() {
            return measured;
        }
        let before = measured.value;
        let proved = bounded(divergence, products, &measured, defect);
        let value = proved.unwrap_or_else(|| estimated(divergence, before, defect.relative));
        // How far an end moved; an infinite one does not.
        let moved = |a: f64, b: f64| if a == b { 0.0 } else { (Interval::point(a) - b).magnitude() };
        let size = moved(value.lo(), before.lo()).max(moved(value.hi(), before.hi()));
        let ledger = if proved.is_some() && !defect.estimated {
            let why = "rotation into a frame: what was rounded and dropped, bounded";
            measured.ledger.bounded(Source::Rounding, size, why)
        } else {
            let why = "rotation into a frame: what was rounded and dropped, by its effect to first order";
            measured.ledger.open(Source::Rounding, size, why)
        };
        let evidence = measured.evidence.and(ledger.evidence());
        Measured { value, evidence, ledger }
    }
}

/// What follows for the laws from an enclosure for the products; `None` when nothing is proved.
fn bounded(divergence: Divergence, products: &dyn Products, measured: &Measured, defect: Defect) -> Option<Interval> {
    let before = measured.value;
    let half = 0.5 * defect.relative;
    // What follows needs closed forms and, of the basis, that it is one.
    let small = defect.relative <= LARGEST && defect.stretch < 1.0 && measured.evidence.is_proved();
    match divergence {
        Divergence::Tv => Some(before.widen(half).clamp(0.0, 1.0)),
        Divergence::HellingerSquared => Some(before.sqrt().widen(half).max(Interval::ZERO).sqr().clamp(0.0, 1.0)),
        Divergence::W2 => {
            let stretched = Interval::ONE.widen(defect.stretch);
            Some((before.widen(defect.distance) / stretched).max(Interval::ZERO))
        }
        _ if !small => None,
        Divergence::Kl | Divergence::KlReverse => {
            let by = kl_change(before.hi(), products.spread(divergence).ok()?, defect.relative);
            Some(before.widen(by).max(Interval::ZERO))
        }
        Divergence::Renyi2 => renyi2_between(products, defect.relative).ok(),
        Divergence::ChiSquared => Some(renyi2_between(products, defect.relative).ok()?.exp_m1().max(Interval::ZERO)),
    }
}

/// A bound of `|KL(q'|p') - KL(q^|p^)|`, given bounds of the latter, of sd(L) and of r.
fn kl_change(kl: f64, spread: f64, r: f64) -> f64 {
    let r = Interval::point(r);
    let by_q = (r.sqr() / (1.0 - r)).exp_m1().sqrt() * spread + r.sqr() * 0.5;
    let k = Interval::point(kl) + by_q;
    (by_q + r * 4.0 * (k.sqrt() + k) + r.sqr() * 8.0).hi()
}

/// Renyi-2 of the laws between those of narrower and of wider products.
fn renyi2_between(products: &dyn Products, r: f64) -> Result<Interval, NoEngine> {
    let (wide, narrow) = ((1.0 + 2.0 * r).next_up(), (1.0 - 2.0 * r).next_down());
    let (least, most) = (Interval::point(2.0 * r), Interval::point(2.0 * r) + SLACK);
    let r = Interval::point(r);
    let k = (most + most.sqr() + r + r.sqr()) * (0.5 * products.dim()) + r.sqr() / ((least - r) * 2.0);
    // Blocks on which q^ and p^ agree are not among the factors of the products; wide against narrow they are worth
    // `-ln(1 - ((wide - narrow)/narrow)^2)/2` a coordinate.
    let equal = most.sqr() * (5.0 * products.dim());
    let above = (products.renyi2_scaled(wide, narrow)? + k * 3.0 + equal).hi();
    let below = (products.renyi2_scaled(narrow, wide)? - k * 3.0).lo();
    Ok(Interval::new(below.max(0.0), above))
}

/// The effect of a relative change r of the laws on an additive divergence, to first order.
fn estimated(divergence: Divergence, value: Interval, r: f64) -> Interval {
    if divergence == Divergence::ChiSquared {
        return estimated(Divergence::Renyi2, value.ln_1p(), r).exp_m1().max(Interval::ZERO);
    }
    let by = |d: f64| if d.is_finite() { SPREADS * r * (d.max(0.0).sqrt() + d.max(0.0) + r) } else { 0.0 };
    value.widen(by(value.lo()).max(by(value.hi()))).max(Interval::ZERO)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::divergences::gaussian;
    use crate::laws::{GaussianLaw, Law};
    use crate::numerics::Evidence;
    use crate::targets::{Covariance, Density, Gaussian, Mixture};
    use nalgebra::{DMatrix, DVector};

    /// `sum_i w_i N(t_i u, rest I + k_i u u^T)`, u of integers with an integer norm: rotated, and without any rounding.
    fn along(u: &[f64], components: &[(f64, f64, f64)], rest: f64) -> Law {
        let u = DVector::from_column_slice(u);
        let component = |&(_, t, k): &(f64, f64, f64)| {
            let cov = DMatrix::identity(u.len(), u.len()) * rest + &u * u.transpose() * k;
            Gaussian::new(&u * t, Covariance::Dense(cov)).unwrap()
        };
        let weights = components.iter().map(|c| c.0).collect();
        Law::Closed(Density::Mixture(Mixture::new(weights, components.iter().map(component).collect()).unwrap()))
    }

    /// The same law turned onto the first axis.
    fn upright(u: &[f64], components: &[(f64, f64, f64)], rest: f64) -> Law {
        let norm = u.iter().map(|x| x * x).sum::<f64>().sqrt();
        let axis: Vec<f64> = (0..u.len()).map(|i| if i == 0 { norm } else { 0.0 }).collect();
        along(&axis, components, rest)
    }

    const Q: [(f64, f64, f64); 2] = [(0.375, -0.25, 1.0 / 64.0), (0.625, 0.375, 1.0 / 128.0)];
    const P: [(f64, f64, f64); 2] = [(0.5, -0.25, 1.0 / 64.0), (0.5, 0.25, 1.0 / 32.0)];

    /// References: 40 digits, on the axis and in closed form beside it; and the laws turned onto the axis.
    #[test]
    fn divergences_do_not_depend_on_the_frame() {
        let cases: [(&[f64], [f64; 4]); 3] = [
            (
                &[3.0, 4.0],
                [0.158_658_735_843_823_99, 0.151_140_476_543_017, 0.366_032_529_654_088_9, 0.311_910_574_667_461_9],
            ),
            (
                &[1.0, 2.0, 2.0],
                [0.104_117_575_984_521_94, 0.103_800_149_479_547_7, 0.226_540_148_614_962_2, 0.204_197_318_477_400_2],
            ),
            (
                &[1.0, 1.0, 1.0, 2.0, 3.0],
                [0.161_840_565_380_603_76, 0.161_532_685_651_319_67, 0.369_127_319_935_034_5, 0.314_173_544_125_806_4],
            ),
        ];
        for (u, truths) in cases {
            let (q, p) = (along(u, &Q, 0.5), along(u, &P, 0.625));
            for (divergence, truth) in
                [Divergence::Kl, Divergence::KlReverse, Divergence::ChiSquared, Divergence::Renyi2]
                    .into_iter()
                    .zip(truths)
            {
                let found = divergence.between(&q, &p).unwrap();
                assert_eq!(found.evidence, Evidence::Certified, "{divergence} {u:?}");
                // The reference is the nearest double.
                assert!(found.value.widen(1e-16).contains(truth), "{divergence} {u:?}: {found} misses {truth}");
                assert!(found.value.width() < 2e-12, "{divergence} {u:?}: {found}");
                let turned = divergence.between(&upright(u, &Q, 0.5), &upright(u, &P, 0.625)).unwrap();
                assert!(turned.value.overlaps(found.value), "{divergence} {u:?}: {found} {turned}");
            }
        }
    }

    /// Finite, infinite, or too close to say: variances 1.9, 2.1 and 2 times those of p along the line or beside it.
    #[test]
    fn infinite_values_are_found_in_any_frame() {
        let u = [3.0, 4.0];
        let q = |k: f64, rest: f64| along(&u, &[(0.5, -0.25, k), (0.5, 0.25, k)], rest);
        // Along the line the variance is 1/2 + 25 k.
        let p = along(&u, &[(0.5, -0.25, 0.02), (0.5, 0.25, 0.02)], 0.5);
        for divergence in [Divergence::ChiSquared, Divergence::Renyi2] {
            let found = |k: f64, rest: f64| divergence.between(&q(k, rest), &p).unwrap();
            for finite in [found(0.056, 0.5), found(0.02, 0.95)] {
                assert!(finite.evidence.is_proved() && finite.value.is_finite(), "{divergence}: {finite}");
            }
            for infinite in [found(0.064, 0.5), found(0.02, 1.05)] {
                assert!(
                    infinite.evidence.is_proved() && infinite.value.lo() == f64::INFINITY,
                    "{divergence}: {infinite}"
                );
            }
            for unknown in [found(0.06, 0.5), found(0.02, 1.0)] {
                let value = unknown.value;
                assert!(unknown.evidence.is_proved() && value.hi() == f64::INFINITY, "{divergence}: {unknown}");
                assert!(value.lo() > 0.5 && value.lo() < f64::INFINITY, "{divergence}: {unknown}");
            }
        }
        // KL is finite whatever the variances are.
        let kl = Divergence::Kl.between(&q(0.5, 5.0), &p).unwrap();
        assert!(kl.evidence.is_proved() && kl.value.width() < 1e-11, "{kl}");
    }

    /// The bound of the change of KL is one, and of its size: it is at most thirty times what the worst of these pairs show.
    #[test]
    fn changes_of_kl_are_bounded() {
        let law = |m: f64, v: f64| GaussianLaw::exact(&Gaussian::scalar(m, v).unwrap());
        let kl = |q: (f64, f64), p: (f64, f64)| {
            gaussian::between(Divergence::Kl, &law(q.0, q.1), &law(p.0, p.1)).unwrap().value.mid()
        };
        for (m, v) in [(0.5, 1.0), (0.0, 1.5), (1e-3, 1.0), (3.0, 0.5), (0.1_f64, 4.0_f64)] {
            // Of the log-ratio under q: a quadratic in a standard normal variable.
            let spread = ((v - 1.0) * (v - 1.0) / 2.0 + v * m * m).sqrt();
            for r in [1e-3, 1e-5] {
                let before = kl((m, v), (0.0, 1.0));
                let bound = kl_change(before, spread, r);
                let mut largest = 0.0_f64;
                for turn in 0..64 {
                    let (a, b) = (
                        f64::from(turn % 8) * std::f64::consts::FRAC_PI_4,
                        f64::from(turn / 8) * std::f64::consts::FRAC_PI_4,
                    );
                    let near = |m: f64, v: f64, a: f64| (m + r * a.cos() * v.sqrt(), v * (1.0 + r * a.sin()));
                    let change = (kl(near(m, v, a), near(0.0, 1.0, b)) - before).abs();
                    assert!(change <= bound, "{m} {v} {r}: {change:e} > {bound:e}");
                    largest = largest.max(change);
                }
                assert!(bound <= 30.0 * largest, "{m} {v} {r}: {bound:e} is far from {largest:e}");
            }
        }
    }

    /// Products around a law bound it point by point: Renyi-2 of laws at the distance r, in the plane, beside that of the product.
    #[test]
    fn renyi_divergences_of_near_laws_are_enclosed() {
        struct Pair([(f64, f64); 2]);
        impl Products for Pair {
            fn dim(&self) -> f64 {
                1.0
            }
            fn spread(&self, divergence: Divergence) -> Result<f64, NoEngine> {
                Err(NoEngine { divergence: divergence.name(), why: String::new() })
            }
            fn renyi2_scaled(&self, q: f64, p: f64) -> Result<Interval, NoEngine> {
                let law = |(m, v): (f64, f64), by: f64| GaussianLaw::exact(&Gaussian::scalar(m, v).unwrap()).scaled(by);
                Ok(gaussian::between(Divergence::Renyi2, &law(self.0[0], q), &law(self.0[1], p))?.value)
            }
        }
        for (m, v) in [(0.5, 1.0), (0.0, 1.5), (1e-3, 1.0), (3.0, 0.5), (0.1, 1.99)] {
            for r in [1e-3, 1e-5] {
                let found = renyi2_between(&Pair([(m, v), (0.0, 1.0)]), r).unwrap();
                for turn in 0..64 {
                    let (a, b) = (
                        f64::from(turn % 8) * std::f64::consts::FRAC_PI_4,
                        f64::from(turn / 8) * std::f64::consts::FRAC_PI_4,
                    );
                    let near = |m: f64, v: f64, a: f64| (m + r * a.cos() * v.sqrt(), v * (1.0 + r * a.sin()));
                    let (q, p) = (near(m, v, a), near(0.0, 1.0, b));
                    let truth = Pair([q, p]).renyi2_scaled(1.0, 1.0).unwrap();
                    assert!(found.encloses(truth), "{m} {v} {r}: {found} misses {truth}");
                }
            }
        }
    }
}
