//! Every law a spec can name is a target.

use super::{Constants, Density, Gaussian, Mixture, Points, Product, Target};
use crate::processes::NoiseLevel;

impl Target for Density {
    fn dim(&self) -> usize {
        Density::dim(self)
    }

    fn ln_density(&self, level: NoiseLevel, xs: &[f64], out: &mut [f64]) {
        if level.is_data() { Density::ln_density(self, xs, out) } else { self.noised(level).ln_density(xs, out) }
    }

    fn score(&self, level: NoiseLevel, xs: &[f64], out: &mut [f64]) {
        if level.is_data() { Density::score(self, xs, out) } else { self.noised(level).score(xs, out) }
    }

    fn sample(&self, level: NoiseLevel, rng: &mut dyn rand::Rng, n: usize, out: &mut [f64]) {
        if level.is_data() { Density::sample(self, rng, n, out) } else { self.noised(level).sample(rng, n, out) }
    }

    fn density(&self, level: NoiseLevel) -> Option<Density> {
        Some(self.noised(level))
    }

    fn constants(&self, level: NoiseLevel) -> Constants {
        Constants::at(self, level)
    }
}

/// A target that is a density once wrapped: everything is delegated.
macro_rules! as_density {
    ($($law:ident),*) => {$(
        impl Target for $law {
            fn dim(&self) -> usize {
                $law::dim(self)
            }
            fn ln_density(&self, level: NoiseLevel, xs: &[f64], out: &mut [f64]) {
                Density::$law(self.noised(level)).ln_density(xs, out);
            }
            fn score(&self, level: NoiseLevel, xs: &[f64], out: &mut [f64]) {
                Density::$law(self.noised(level)).score(xs, out);
            }
            fn sample(&self, level: NoiseLevel, rng: &mut dyn rand::Rng, n: usize, out: &mut [f64]) {
                Density::$law(self.noised(level)).sample(rng, n, out);
            }
            fn density(&self, level: NoiseLevel) -> Option<Density> {
                Some(Density::$law(self.noised(level)))
            }
            fn constants(&self, level: NoiseLevel) -> Constants {
                Constants::at(&Density::$law(self.clone()), level)
            }
        }
    )*};
}
as_density!(Gaussian, Mixture, Product);

impl Target for Points {
    fn dim(&self) -> usize {
        Points::dim(self)
    }

    /// At sigma = 0 there is no density; the logarithm is reported as minus infinity everywhere.
    fn ln_density(&self, level: NoiseLevel, xs: &[f64], out: &mut [f64]) {
        match self.noised(level) {
            Some(m) => m.ln_density(xs, out),
            None => out.fill(f64::NEG_INFINITY),
        }
    }

    /// At sigma = 0 there is no score; it is reported as NaN.
    fn score(&self, level: NoiseLevel, xs: &[f64], out: &mut [f64]) {
        match self.noised(level) {
            Some(m) => m.score(xs, out),
            None => out.fill(f64::NAN),
        }
    }

    fn sample(&self, level: NoiseLevel, rng: &mut dyn rand::Rng, n: usize, out: &mut [f64]) {
        use rand::RngExt;
        use rand_distr::{Distribution, StandardNormal};
        for j in 0..n {
            let mut u: f64 = rng.random();
            let last = self.weights.len() - 1;
            let k = self.weights[..last].iter().position(|w| {
                u -= w;
                u < 0.0
            });
            let x = &self.points[k.unwrap_or(last)];
            for i in 0..self.dim() {
                let noise: f64 = if level.sigma > 0.0 { StandardNormal.sample(rng) } else { 0.0 };
                out[i * n + j] = level.alpha * x[i] + level.sigma * noise;
            }
        }
    }

    fn density(&self, level: NoiseLevel) -> Option<Density> {
        self.noised(level).map(Density::Mixture)
    }

    fn constants(&self, level: NoiseLevel) -> Constants {
        match self.density(level) {
            Some(p) => Constants::of(&p),
            None => Constants::none("a law of atoms has no density, hence none of the constants"),
        }
    }
}
