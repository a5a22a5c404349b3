//! The diffusion that a program discretises, in closed form where the score is affine.

use super::{GaussianLaw, Law, Unsupported};
use crate::numerics::Interval;
use crate::samplers::{Block, Drift, Program};
use crate::scores::ScoreField;

/// What a block discretises: `dX = s dt + sqrt(diffusivity) dB` over `time`.
struct Stretch<'a> {
    block: &'a Block,
    diffusivity: Interval,
    time: Interval,
}

impl<'a> Stretch<'a> {
    /// Steps `x <- x + h s(x) + noise xi` belong to a diffusivity of `noise^2/h`, which is 2 where the noise is `sqrt(2h)` up to
    /// rounding.
    fn of(block: &'a Block) -> Result<Self, Unsupported> {
        let Drift::Score { a_minus_one: 0.0, b, .. } = block.kernel.drift else {
            return Err(Unsupported {
                engine: "gaussian",
                needs: "steps `x <- x + h s(x) + noise xi`, for the diffusion they discretise".to_string(),
            });
        };
        let (noise, langevin) = (block.kernel.noise, (2.0 * b).sqrt());
        let diffusivity = match (noise - langevin).abs() <= 4.0 * f64::EPSILON * langevin {
            true => Interval::point(2.0),
            false => Interval::point(noise).sqr() / b,
        };
        Ok(Self { block, diffusivity, time: Interval::point(b) * block.repeat as f64 })
    }
}

impl Law {
    /// The law after the diffusion `dX = s dt + sqrt(noise^2/h) dB` that the steps `x <- x + h s(x) + noise xi` of a program
    /// discretise, over the same time.
    ///
    /// # Promise
    /// A closed form, every rounding error bounded.
    ///
    /// # Errors
    /// When the law is not Gaussian, the score not affine, or the coordinates of a block hang together.
    pub fn diffused(self, program: &Program, s: &dyn ScoreField) -> Result<Law, Unsupported> {
        let refuse = |needs: &str| Unsupported { engine: "gaussian", needs: needs.to_string() };
        let stretches = program.blocks.iter().map(Stretch::of).collect::<Result<Vec<_>, _>>()?;
        let through = self.try_map(s, &mut |factor, s| {
            let mut law = match factor {
                Law::Gaussian(law) => law,
                Law::Points(p) if p.points.len() == 1 => GaussianLaw::point(&p.points[0]),
                _ => return Err(refuse("a Gaussian law")),
            };
            for stretch in &stretches {
                let drift = &stretch.block.kernel.drift;
                let score = drift.scores().next().and_then(|at| s.affine(at));
                law.diffuse(&score.ok_or_else(|| refuse("an affine score"))?, stretch.diffusivity, stretch.time)?;
            }
            Ok(Law::Gaussian(law))
        });
        through.map(Law::moved)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::laws::Propagate;
    use crate::processes::NoiseLevel;
    use crate::samplers::lmc;
    use crate::scores::errors::Linear;
    use crate::scores::{Damaged, Size, calibrate};
    use crate::targets::{Covariance, Density, Gaussian, Points, Target};
    use nalgebra::{DMatrix, DVector};
    use std::sync::Arc;

    fn start() -> Law {
        let cov = Covariance::Diagonal(DVector::from_vec(vec![0.3, 2.0]));
        Law::Gaussian(GaussianLaw::exact(&Gaussian::new(DVector::from_vec(vec![1.0, -0.5]), cov).unwrap()))
    }

    fn field(offset: f64) -> Damaged {
        let cov = Covariance::Diagonal(DVector::from_vec(vec![2.0, 0.5]));
        let p = Density::Gaussian(Gaussian::new(DVector::zeros(2), cov).unwrap());
        let matrix = DMatrix::from_diagonal(&DVector::from_vec(vec![0.5, 0.25]));
        let shape = Linear { matrix, offset: DVector::from_element(2, offset) };
        let target: Arc<dyn Target> = Arc::new(p);
        calibrate(target, Arc::new(shape), Size::Amplitude(1.0), &[NoiseLevel::DATA]).unwrap()
    }

    /// `dX_1 = c dt + sqrt2 dB` (the error cancels the score's slope) and `dX_2 = (-1.75 X_2 + c) dt + sqrt2 dB`.
    #[test]
    fn affine_drifts_have_their_closed_form() {
        let program = lmc(0.01, 150, NoiseLevel::DATA);
        let law = start().diffused(&program, &field(0.2)).unwrap();
        let Law::Gaussian(law) = law else { panic!() };
        let (m, v) = (law.mean(), law.variances());
        let b = -1.75_f64;
        let left = (b * 1.5).exp();
        for (found, exact) in [
            (m[0], 1.0 + 0.2 * 1.5),
            (v[0], 0.3 + 2.0 * 1.5),
            (m[1], left * -0.5 + (left - 1.0) / b * 0.2),
            (v[1], left * left * 2.0 + (left * left - 1.0) / b),
        ] {
            assert!((found - exact).abs() < 1e-14 * exact.abs().max(1.0), "{found} {exact}");
        }
        assert!(law.cov_error() < 1e-14 && law.mean_error() < 1e-14);
    }

    /// The chain tends to it, at the rate of h; more noise is a larger diffusivity.
    #[test]
    fn chains_tend_to_the_diffusion() {
        for factor in [1.0, 1.3] {
            let gap = |n: u64| {
                let mut program = lmc(1.5 / n as f64, n, NoiseLevel::DATA);
                program.blocks[0].kernel.noise *= factor;
                let exact = start().diffused(&program, &field(0.2)).unwrap();
                let mut chain = start();
                chain.run(&program, &field(0.2)).unwrap();
                (exact.cov() - chain.cov()).norm() + (exact.mean() - chain.mean()).norm()
            };
            let (coarse, fine) = (gap(1000), gap(2000));
            assert!(coarse < 1e-2 && (coarse / fine - 2.0).abs() < 1e-2, "{coarse} {fine}");
        }
    }

    /// From a point: `N(e^{bT} x + ..., (e^{2bT} - 1)/b)`.
    #[test]
    fn a_point_spreads() {
        let at = Points::new(vec![1.0], vec![DVector::from_vec(vec![0.5, 1.0])]).unwrap();
        let law = Law::Points(at).diffused(&lmc(0.5, 2, NoiseLevel::DATA), &field(0.0)).unwrap();
        let Law::Gaussian(law) = law else { panic!() };
        let left = (-1.75_f64).exp();
        assert!((law.mean()[1] - left).abs() < 1e-15 && (law.mean()[0] - 0.5).abs() < 1e-15);
        assert!((law.variances()[1] - (1.0 - left * left) / 1.75).abs() < 1e-15);
    }

    #[test]
    fn what_has_no_closed_form_is_said() {
        let program = lmc(0.1, 3, NoiseLevel::DATA);
        let closed = Law::Closed(Density::Gaussian(Gaussian::isotropic(DVector::zeros(2), 1.0).unwrap()));
        assert_eq!(closed.diffused(&program, &field(0.0)).unwrap_err().needs, "a Gaussian law");
        let mut other = program.clone();
        other.blocks[0].kernel.drift = Drift::Scale { a_minus_one: 0.1 };
        assert!(start().diffused(&other, &field(0.0)).unwrap_err().needs.contains("x + h s(x)"));
    }
}
