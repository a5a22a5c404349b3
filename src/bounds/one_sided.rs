//! One-sided Lipschitz constants of the score a sampler is handed.

use super::Instance;
use crate::numerics::Interval;
use crate::processes::NoiseLevel;

impl Instance {
    /// c times the shape's [`one_sided`](crate::scores::ErrorShape::one_sided) at a level: it holds
    /// `<x - y, e(x) - e(y)>/|x - y|^2` for all x != y.
    #[must_use]
    pub fn error_one_sided_at(&self, level: NoiseLevel) -> Interval {
        let amplitude = self.amplitude_at(level);
        match self.error_shape_at(level) {
            Some(shape) if amplitude != 0.0 => shape.one_sided() * amplitude,
            _ => Interval::ZERO,
        }
    }

    /// An upper bound of `sup |e(x) - e(y)|/|x - y|` at a level; `+inf` for an error that jumps.
    #[must_use]
    pub fn error_lipschitz_at(&self, level: NoiseLevel) -> f64 {
        let amplitude = self.amplitude_at(level).abs();
        match self.error_shape_at(level) {
            Some(shape) if amplitude != 0.0 => (Interval::point(amplitude) * shape.lipschitz()).hi(),
            _ => 0.0,
        }
    }

    /// An upper bound of `<x - y, s(x) - s(y)>/|x - y|^2` over x != y at a level, `s = grad ln p + e`:
    /// ```text
    /// sup lambda_max(Hess ln p) + the one-sided Lipschitz constant of e
    /// ```
    /// `+inf` when the error has none.
    ///
    /// # Errors
    /// When the target has no closed form at the level, or nothing is known of its Hessian.
    pub fn one_sided_at(&self, level: NoiseLevel) -> Result<f64, String> {
        Ok((Interval::point(self.hessian_at(level)?) + self.error_one_sided_at(level).hi()).hi())
    }

    /// An upper bound of the Lipschitz constant of `s = grad ln p + e` at a level; `+inf` when there is none.
    #[must_use]
    pub fn score_lipschitz_at(&self, level: NoiseLevel) -> f64 {
        let own = Interval::point(self.constants_at(level).lipschitz.value.hi());
        (own + self.error_lipschitz_at(level)).hi()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::laws::{Settings, Start};
    use crate::samplers::lmc;
    use crate::scores::errors::Fourier;
    use crate::scores::{Size, calibrate};
    use crate::targets::{Covariance, Data, Gaussian, Mixture, Points, Target};
    use nalgebra::{DMatrix, DVector};
    use std::sync::Arc;

    fn instance(target: Data, level: NoiseLevel, amplitude: f64) -> Instance {
        let dim = target.dim();
        let target: Arc<dyn Target> = Arc::new(target);
        let shape = Arc::new(Fourier { dim, frequency: 2.0, phase: 0.0 });
        let field = calibrate(Arc::clone(&target), shape, Size::Amplitude(amplitude), &[level]).unwrap();
        let start =
            Start::Density(crate::targets::Density::Gaussian(Gaussian::isotropic(DVector::zeros(dim), 1.0).unwrap()));
        Instance::new(target, level, start, Arc::new(field), lmc(0.1, 1, level), Settings::default())
    }

    /// Two atoms at +-R: the Hessian of ln p between them is exactly `-1/q + u R^2/q^2`, and nowhere more (PMM-4a).
    #[test]
    fn two_atoms_attain_the_bound_of_their_ball() {
        let atoms = [-2.0, 2.0].map(|x| DVector::from_element(1, x)).to_vec();
        let level = crate::processes::Process::Ou.level(0.8);
        let (u, q) = (level.alpha * level.alpha, level.sigma * level.sigma);
        let at = instance(Data::Points(Points::new(vec![0.5, 0.5], atoms).unwrap()), level, -0.1);
        let hessian = -1.0 / q + 4.0 * u / (q * q);
        let found = at.one_sided_at(level).unwrap();
        assert!((hessian + 0.2..hessian + 0.2 + 1e-4).contains(&found), "{found} {hessian}");
        assert!(at.score_lipschitz_at(level) >= hessian.max(1.0 / q) + 0.2 - 1e-9);
    }

    /// The same in the plane, where nothing is log-concave: the direction between the atoms has the smallest variance.
    #[test]
    fn mixtures_that_are_not_log_concave_have_a_one_sided_constant() {
        let cov = || Covariance::Dense(DMatrix::from_row_slice(2, 2, &[0.25, 0.0, 0.0, 1.0]));
        let mode = |x: f64| Gaussian::new(DVector::from_vec(vec![x, 0.0]), cov()).unwrap();
        let law = Mixture::new(vec![0.5, 0.5], vec![mode(-2.0), mode(2.0)]).unwrap();
        let at = instance(Data::Density(crate::targets::Density::Mixture(law)), NoiseLevel::DATA, 0.0);
        let found = at.one_sided_at(NoiseLevel::DATA).unwrap();
        // -1/v + R^2/v^2.
        assert!((60.0..60.001).contains(&found), "{found}");
    }

    #[test]
    fn gaussians_have_their_largest_eigenvalue() {
        let law = Gaussian::new(DVector::zeros(2), Covariance::Diagonal(DVector::from_vec(vec![2.0, 0.5]))).unwrap();
        let at = instance(Data::Density(crate::targets::Density::Gaussian(law)), NoiseLevel::DATA, 0.1);
        assert!((at.one_sided_at(NoiseLevel::DATA).unwrap() + 0.3).abs() < 1e-12);
        assert!((at.score_lipschitz_at(NoiseLevel::DATA) - 2.2).abs() < 1e-12);
    }
}
