//! A mixture of Gaussians in place of a box mixture under noise on the line: quadrature over the box.

use super::{BoxMixture, Density, Mixture, Points, Product};
use crate::numerics::{Ledger, Source, gauss_legendre};
use crate::processes::NoiseLevel;
use nalgebra::DVector;

/// The most nodes: beyond, noise or components are less than about a hundredth of the box wide.
const MOST_NODES: f64 = 400.0;
/// The error in total variation that the rule is made for.
const TOLERANCE: f64 = 1e-17;
/// Nodes of a smaller weight are dropped.
const NEGLIGIBLE: f64 = 1e-22;

/// A mixture and how far it may be, in total variation, from the law it stands for.
pub(super) struct StandIn {
    pub law: Mixture,
    pub errors: Ledger,
}

impl BoxMixture {
    /// The law of `alpha x + sigma xi`, up to what [`super::Target::stand_in`] says; `None` without noise, where quadrature takes too
    /// many nodes, and where several coordinates hang together.
    #[must_use]
    pub fn noised(&self, level: NoiseLevel) -> Option<Density> {
        if self.dim() == 1 {
            return self.on_the_line(level).map(|found| Density::Mixture(found.law));
        }
        let runs = self.runs();
        if runs.iter().any(|run| run.dim > 1) {
            return None;
        }
        let factors = runs.into_iter().map(|run| Some((self.block(run.first, 1).noised(level)?, run.copies as u64)));
        Product::new(factors.collect::<Option<_>>()?).ok().map(Density::Product)
    }

    /// `ln p(x)` of the law of `alpha x`.
    pub(super) fn ln_density_before(&self, level: NoiseLevel, x: &[f64]) -> f64 {
        let b = self.half_width();
        if x.iter().any(|x| (x / level.alpha).abs() > b) {
            return f64::NEG_INFINITY;
        }
        let ln_part = |i: usize| {
            let along = |(c, x): (usize, &f64)| {
                let away = (x / level.alpha - self.means()[i][c]) / self.sds()[i];
                -0.5 * away * away - self.laws()[i][c].ln_mass() - libm::log(level.alpha)
            };
            libm::log(self.weights()[i]) + x.iter().enumerate().map(along).sum::<f64>()
        };
        let parts: Vec<f64> = (0..self.weights().len()).map(ln_part).collect();
        let top = parts.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        top + libm::log(parts.iter().map(|l| libm::exp(l - top)).sum())
    }

    /// Atoms at the nodes of a Gauss-Legendre rule on `[-b, b]`, noised; `None` in several dimensions, without noise, and where it
    /// takes too many nodes.
    ///
    /// The integrand `b p_0(b z) N(x; alpha b z, sigma^2)` is entire in z. On the ellipse with foci -1, 1 and half-axes
    /// A, B = (rho +- 1/rho)/2 the integral over x of its supremum is at most
    ///
    /// ```text
    /// M = b P e^{(alpha b B/sigma)^2/2} (1 + 2 alpha b A/(sqrt(2 pi) sigma)),
    /// P = sum_i w_i exp((b^2 B^2 - dist(mu_i, [-b A, b A])^2)/(2 s_i^2)) / int_{-b}^{b} exp(-(z - mu_i)^2/(2 s_i^2)) dz,
    /// ```
    ///
    /// so n nodes leave an error of `E = (64/15) M rho^{2 - 2n}/(1 - rho^{-2})` in L^1 (Trefethen, Approximation theory and
    /// approximation practice, theorem 19.3), hence of E in total variation once the weights are divided by their sum.
    pub(super) fn on_the_line(&self, level: NoiseLevel) -> Option<StandIn> {
        if self.dim() != 1 || level.sigma <= 0.0 {
            return None;
        }
        let (nodes, error) = self.rule(level)?;
        let (b, rule) = (self.half_width(), gauss_legendre(nodes));
        let (mut weights, mut places, mut dropped, mut rounding) = (Vec::new(), Vec::new(), 0.0, 0.0);
        for (z, share) in rule.nodes.iter().zip(&rule.weights) {
            let logs: Vec<f64> = (0..self.weights().len()).map(|i| self.ln_share(i, b * z)).collect();
            let weight = b * share * logs.iter().map(|l| libm::exp(*l)).sum::<f64>();
            let largest = logs.into_iter().fold(f64::NEG_INFINITY, f64::max).abs();
            if weight < NEGLIGIBLE {
                dropped += weight;
                continue;
            }
            rounding += weight * (32.0 + 4.0 * largest) * f64::EPSILON;
            weights.push(weight);
            places.push(DVector::from_element(1, b * z));
        }
        let mass: f64 = weights.iter().sum();
        weights.iter_mut().for_each(|w| *w /= mass);
        let law = Points { weights, points: places }.noised(level)?;
        let moved = level.alpha * b / level.sigma * f64::EPSILON;
        let errors = Ledger::new()
            .bounded(Source::Discretisation, error + dropped, "quadrature over the box: derivative-free error bound")
            .open(Source::Rounding, rounding + moved + (mass - 1.0).abs(), "rounding of its nodes and weights");
        Some(StandIn { law, errors })
    }

    /// The number of nodes with its error E; `None` where there are too many.
    fn rule(&self, level: NoiseLevel) -> Option<(usize, f64)> {
        let mut best: Option<(f64, f64, f64)> = None;
        for k in 0..=120 {
            let ln_rho = 0.01 * libm::exp(0.05 * f64::from(k));
            let ln_size = self.ln_size(level, ln_rho);
            let nodes = (1.0 + (ln_size - TOLERANCE.ln()) / (2.0 * ln_rho)).ceil().max(2.0);
            if best.is_none_or(|(fewest, ..)| nodes < fewest) {
                best = Some((nodes, ln_rho, ln_size));
            }
        }
        let (nodes, ln_rho, ln_size) = best.filter(|(nodes, ..)| *nodes <= MOST_NODES)?;
        // Larger by more than the rounding of a few dozen operations on logarithms of this size.
        let error = libm::exp(ln_size + (2.0 - 2.0 * nodes) * ln_rho) * (1.0 + 1e-9);
        Some((nodes as usize, error))
    }

    /// `ln (64/15) M/(1 - rho^{-2})`.
    fn ln_size(&self, level: NoiseLevel, ln_rho: f64) -> f64 {
        let b = self.half_width();
        let (a_axis, b_axis) = (libm::cosh(ln_rho), libm::sinh(ln_rho));
        let ln_part = |i: usize| {
            let (s, mu) = (self.sds()[i], self.means()[i][0]);
            let away = (mu.abs() - b * a_axis).max(0.0);
            let bend = ((b * b_axis).powi(2) - away * away) / (2.0 * s * s);
            libm::log(self.weights()[i]) + bend - self.laws()[i][0].ln_mass()
        };
        let parts: Vec<f64> = (0..self.weights().len()).map(ln_part).collect();
        let top = parts.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let ln_p = top + libm::log(parts.iter().map(|l| libm::exp(l - top)).sum());
        let reach = level.alpha * b / level.sigma;
        let spread = 1.0 + 2.0 * reach * a_axis / std::f64::consts::TAU.sqrt();
        libm::log(64.0 / 15.0 * b * spread) + ln_p + 0.5 * (reach * b_axis).powi(2)
            - libm::log(-libm::expm1(-2.0 * ln_rho))
    }

    /// The logarithm of component i's part of the density at the point z of the box, on the line.
    fn ln_share(&self, i: usize, z: f64) -> f64 {
        let away = (z - self.means()[i][0]) / self.sds()[i];
        libm::log(self.weights()[i]) - 0.5 * away * away - self.laws()[i][0].ln_mass()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::processes::Process;
    use crate::targets::Target;
    use proptest::prelude::*;

    fn line(components: &[(f64, f64, f64)], half_width: f64) -> BoxMixture {
        let means = components.iter().map(|c| DVector::from_element(1, c.1)).collect();
        let of = |f: fn(&(f64, f64, f64)) -> f64| components.iter().map(f).collect::<Vec<_>>();
        BoxMixture::new(of(|c| c.0), means, of(|c| c.2), half_width).unwrap()
    }

    proptest! {
        /// The mixture has the density and the score of the law it stands for.
        #[test]
        fn it_stands_for_the_law(
            mu in -3.0..3.0f64, nu in -3.0..3.0f64, s in 0.1..3.0f64, r in 0.1..3.0f64, b in 0.3..3.0f64, t in 0.01..3.0f64,
        ) {
            let law = line(&[(0.3, mu, s), (0.7, nu, r)], b);
            let level = Process::Ou.level(t);
            let StandIn { law: mixture, errors } = law.on_the_line(level).unwrap();
            prop_assert!(errors.total() < 1e-11, "{}", errors.total());
            let reach = level.alpha * b + 5.0 * level.sigma;
            let xs: Vec<f64> = (0..41).map(|k| reach * (f64::from(k) / 20.0 - 1.0)).collect();
            let (mut mine, mut its, mut score, mut slope) = ([0.0; 41], [0.0; 41], [0.0; 41], [0.0; 41]);
            law.ln_density(level, &xs, &mut mine);
            mixture.ln_density(&xs, &mut its);
            law.score(level, &xs, &mut score);
            mixture.score(&xs, &mut slope);
            let top = mine.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            for k in 0..41 {
                prop_assert!((mine[k].exp() - its[k].exp()).abs() < 1e-10 * top.exp(), "{}: {} {}", xs[k], mine[k], its[k]);
                // Where the law is not small.
                if mine[k] > top - 12.0 {
                    prop_assert!((score[k] - slope[k]).abs() < 1e-6 / level.sigma, "{}: {} {}", xs[k], score[k], slope[k]);
                }
            }
        }
    }

    /// With fewer nodes than the bound asks for the error shows, and stays below the bound.
    #[test]
    fn the_bound_is_a_bound() {
        let law = line(&[(1.0, 0.3, 0.4)], 1.0);
        let level = Process::Ou.level(0.02);
        let (nodes, _) = law.rule(level).unwrap();
        let b = law.half_width();
        for n in [nodes / 2, 2 * nodes / 3] {
            let rule = gauss_legendre(n);
            let bound = (0..=120)
                .map(|k| 0.01 * libm::exp(0.05 * f64::from(k)))
                .map(|ln_rho| libm::exp(law.ln_size(level, ln_rho) + (2.0 - 2.0 * n as f64) * ln_rho))
                .fold(f64::INFINITY, f64::min);
            let (xs, step): (Vec<f64>, f64) =
                ((0..4000).map(|k| -2.5 + 5.0 * f64::from(k) / 4000.0).collect(), 5.0 / 4000.0);
            let mut exact = vec![0.0; xs.len()];
            law.ln_density(level, &xs, &mut exact);
            let by_rule = |x: f64| -> f64 {
                let part = |(z, w): (&f64, &f64)| {
                    let away = (x - level.alpha * b * z) / level.sigma;
                    b * w * libm::exp(law.ln_share(0, b * z) - 0.5 * away * away)
                        / (level.sigma * std::f64::consts::TAU.sqrt())
                };
                rule.nodes.iter().zip(&rule.weights).map(part).sum()
            };
            let error: f64 = xs.iter().zip(&exact).map(|(&x, ln)| (by_rule(x) - ln.exp()).abs() * step).sum();
            assert!(error < bound && error > 1e-13, "{n} of {nodes}: {error:e} {bound:e}");
        }
    }

    #[test]
    fn what_it_cannot_stand_for() {
        let law = line(&[(1.0, 0.0, 0.5)], 1.0);
        assert!(law.on_the_line(NoiseLevel::DATA).is_none());
        assert!(law.on_the_line(NoiseLevel { alpha: 1.0, sigma: 1e-3 }).is_none());
        assert!(law.on_the_line(NoiseLevel { alpha: 0.0, sigma: 1.0 }).unwrap().errors.total() < 1e-12);
        assert!(line(&[(1.0, 0.0, 1e-3)], 1.0).on_the_line(Process::Ou.level(1.0)).is_none());
    }
}
