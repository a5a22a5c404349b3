//! A normal law conditioned on an interval: mass, moments and quantiles at any distance from its centre.

use crate::numerics::{Rule, gauss_legendre};
use std::sync::LazyLock;

/// Nodes per side of the mode: 24 leave a relative error of a few units of rounding, 20 leave 1e-11 of a third moment.
const NODES: usize = 24;
/// A side is cut where the density has fallen by `e^-40`.
const FALL: f64 = 40.0;
/// Newton's method from below takes a step per standard deviation in the tail, and doubles its digits at the end.
const STEPS: usize = 100;

static RULE: LazyLock<Rule> = LazyLock::new(|| gauss_legendre(NODES));

/// The law with density proportional to `exp(-(z - centre)^2/(2 scale^2))` on `[lo, hi]`.
///
/// Everything is an integral of a positive function outward from the mode,
///
/// ```text
/// int_0^S e^{-s (k + s/2)} ds,    k = |mode - centre|/scale,    S = min(length/scale, where the exponent is -40)
/// ```
///
/// and moments are taken about the mean: nothing cancels where the interval is short, or far out in the tail, and nothing
/// underflows.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct TruncatedNormal {
    centre: f64,
    scale: f64,
    ends: (f64, f64),
    mode: f64,
    /// Downward and upward from the mode.
    sides: [Side; 2],
}

/// `e^{-s (k + s/2)}` on `[0, end]`.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Side {
    k: f64,
    end: f64,
    mass: f64,
}

impl Side {
    fn new(k: f64, length: f64) -> Self {
        let end = length.min(2.0 * FALL / (k + (k * k + 2.0 * FALL).sqrt()));
        let mut side = Self { k, end, mass: 0.0 };
        side.mass = side.up_to(end);
        side
    }

    fn at(&self, s: f64) -> f64 {
        libm::exp(-s * (self.k + 0.5 * s))
    }

    /// The nodes on `[0, t]` with their weights times the function.
    fn nodes(&self, t: f64) -> impl Iterator<Item = (f64, f64)> + '_ {
        RULE.nodes.iter().zip(&RULE.weights).map(move |(x, w)| {
            let s = 0.5 * t * (1.0 + x);
            (s, 0.5 * t * w * self.at(s))
        })
    }

    /// The integral over `[0, t]`.
    fn up_to(&self, t: f64) -> f64 {
        self.nodes(t).map(|(_, w)| w).sum()
    }

    /// The t up to which the integral is `mass`. It is concave in t, so Newton's method from 0 never oversteps.
    fn inverse(&self, mass: f64) -> f64 {
        let mut t = 0.0;
        for _ in 0..STEPS {
            let step = (mass - self.up_to(t)) / self.at(t);
            let next = (t + step).min(self.end);
            // Negated, so that a NaN ends the search.
            let advances = next > t * (1.0 + f64::EPSILON);
            if !advances {
                break;
            }
            t = next;
        }
        t
    }
}

/// Mean, variance and third central moment.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Central {
    pub mean: f64,
    pub variance: f64,
    pub third: f64,
}

impl TruncatedNormal {
    /// The law on `[lo, hi]`; `scale > 0`, `lo < hi`.
    pub fn new(centre: f64, scale: f64, (lo, hi): (f64, f64)) -> Self {
        let mode = centre.clamp(lo, hi);
        let down = Side::new((centre - mode).max(0.0) / scale, (mode - lo) / scale);
        let up = Side::new((mode - centre).max(0.0) / scale, (hi - mode) / scale);
        Self { centre, scale, ends: (lo, hi), mode, sides: [down, up] }
    }

    /// Where the density is largest.
    pub fn mode(&self) -> f64 {
        self.mode
    }

    /// `ln int_lo^hi exp(-((z - centre)^2 - (mode - centre)^2)/(2 scale^2)) dz`.
    pub fn ln_mass_from_mode(&self) -> f64 {
        libm::log(self.scale) + libm::log(self.sides[0].mass + self.sides[1].mass)
    }

    /// `ln int_lo^hi exp(-(z - centre)^2/(2 scale^2)) dz`.
    pub fn ln_mass(&self) -> f64 {
        let k = (self.mode - self.centre) / self.scale;
        self.ln_mass_from_mode() - 0.5 * k * k
    }

    /// Mean, variance and third central moment.
    pub fn central(&self) -> Central {
        let mut nodes = [(0.0, 0.0); 2 * NODES];
        let [down, up] = &self.sides;
        let both = down.nodes(down.end).map(|(s, w)| (-s, w)).chain(up.nodes(up.end));
        nodes.iter_mut().zip(both).for_each(|(slot, node)| *slot = node);
        let mass: f64 = nodes.iter().map(|(_, w)| w).sum();
        let shift = nodes.iter().map(|(s, w)| w * s).sum::<f64>() / mass;
        let moment = |n: i32| nodes.iter().map(|(s, w)| w * (s - shift).powi(n)).sum::<f64>() / mass;
        let square = self.scale * self.scale;
        Central {
            mean: (self.mode + self.scale * shift).clamp(self.ends.0, self.ends.1),
            variance: square * moment(2),
            third: square * self.scale * moment(3),
        }
    }

    /// The p-quantile, `0 <= p <= 1`: of a uniform p, an exact draw.
    pub fn quantile(&self, p: f64) -> f64 {
        let [down, up] = &self.sides;
        let below = p * (down.mass + up.mass);
        let z = match below < down.mass {
            true => self.mode - self.scale * down.inverse(down.mass - below),
            false => self.mode + self.scale * up.inverse(below - down.mass),
        };
        z.clamp(self.ends.0, self.ends.1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Values of 40-digit quadrature: `ln` of the mass from the mode, mean, variance, third central moment.
    #[test]
    fn moments_are_those_of_high_precision() {
        let table = [
            ((0.3, 0.5), [0.13650337096611512, 0.22557011090047527, 0.17750771195353696, -0.02472669056803406]),
            ((0.02, 0.05), [-2.076793740349318, 0.02, 0.0025000000000000005, 0.0]),
            (
                (1000.0, 0.0447),
                [-13.122318335375873, 0.9999979999099179, 4.000360320422043e-12, -1.6002161875104672e-17],
            ),
            ((-3.0, 0.25), [-3.480792987829768, -0.9696579719409718, 0.0008953052152088069, 5.143557134912712e-05]),
            ((0.2, 100.0), [0.6931285140710551, 6.66657777802329e-06, 0.3333288888833874, -2.666565080550278e-06]),
            ((1.0, 0.2), [-1.3836465597893728, 0.8404230878394269, 0.014535209105296747, -0.0017441089131599217]),
            ((0.95, 0.02), [-2.999313497709333, 0.9496472434902616, 0.0003822377373579206, -7.5954203575799e-07]),
            ((5.0, 3.0), [0.2249499539999897, 0.17890621954181463, 0.3096061613392784, -0.06461157793458755]),
        ];
        for ((centre, scale), [ln_mass, mean, variance, third]) in table {
            let law = TruncatedNormal::new(centre, scale, (-1.0, 1.0));
            let found = law.central();
            let close = |a: f64, b: f64, tol: f64| (a - b).abs() <= tol * b.abs();
            assert!((law.ln_mass_from_mode() - ln_mass).abs() < 1e-13, "{centre} {scale}: {}", law.ln_mass_from_mode());
            assert!((found.mean - mean).abs() < 1e-15, "{centre} {scale}: {found:?}");
            assert!(close(found.variance, variance, 1e-13), "{centre} {scale}: {found:?}");
            // The third moment of a nearly symmetric law is a small difference.
            let skew = 1e-12 * third.abs() + 1e-15 * variance.powf(1.5);
            assert!((found.third - third).abs() <= skew, "{centre} {scale}: {found:?}");
        }
    }

    proptest! {
        /// Quantiles invert the distribution function, which the same law on a shorter interval gives.
        #[test]
        fn quantiles_invert(centre in -30.0..30.0f64, ln_scale in -5.0..5.0f64, p in 0.0..1.0f64) {
            let scale = ln_scale.exp();
            let law = TruncatedNormal::new(centre, scale, (-1.0, 1.0));
            let z = law.quantile(p);
            prop_assert!((-1.0..=1.0).contains(&z));
            if z > -1.0 && z < 1.0 {
                let below = TruncatedNormal::new(centre, scale, (-1.0, z)).ln_mass() - law.ln_mass();
                // A rounding of z changes the distribution function by at most the density times it.
                let k = 1.0 + (centre.abs() + 1.0) / scale;
                prop_assert!((below.exp() - p).abs() < 1e-14 + 1e-15 * k / scale * (1.0 + k), "{} {p}", below.exp());
            }
        }
    }

    #[test]
    fn quantiles_reach_the_ends() {
        let law = TruncatedNormal::new(0.3, 0.5, (-1.0, 1.0));
        // Near an end, a rounding of the mass is one over the density there.
        assert!((law.quantile(0.0) + 1.0).abs() < 1e-14 && (law.quantile(1.0) - 1.0).abs() < 1e-14);
        // Far out: an exponential law of rate k^2 at the end, whose median is ln 2/k.
        let far = TruncatedNormal::new(1e3, 0.05, (-1.0, 1.0));
        let k = 999.0 / 0.05;
        assert!(((1.0 - far.quantile(0.5)) * k / (0.05 * 2.0_f64.ln()) - 1.0).abs() < 1e-8);
        assert!(far.quantile(1.0) == 1.0 && far.quantile(0.0) > 1.0 - 41.0 * 0.05 / k);
    }
}
