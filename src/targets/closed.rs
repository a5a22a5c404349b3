//! Every law a spec can name is a target.

use super::{BoxMixture, Constants, Data, Density, Gaussian, Mixture, Points, Product, Target};
use crate::numerics::Ledger;
use crate::processes::NoiseLevel;
use std::borrow::Cow;

/// At a level at which it cannot be formed (see [`Gaussian::noised`]) a law has no density; its values are NaN there.
impl Target for Density {
    fn dim(&self) -> usize {
        Density::dim(self)
    }

    fn ln_density(&self, level: NoiseLevel, xs: &[f64], out: &mut [f64]) {
        match self.at(level) {
            Some(p) => p.ln_density(xs, out),
            None => out.fill(f64::NAN),
        }
    }

    fn score(&self, level: NoiseLevel, xs: &[f64], out: &mut [f64]) {
        match self.at(level) {
            Some(p) => p.score(xs, out),
            None => out.fill(f64::NAN),
        }
    }

    fn sample(&self, level: NoiseLevel, rng: &mut dyn rand::Rng, n: usize, out: &mut [f64]) {
        match self.at(level) {
            Some(p) => p.sample(rng, n, out),
            None => out.fill(f64::NAN),
        }
    }

    fn density(&self, level: NoiseLevel) -> Option<Density> {
        self.noised(level).ok()
    }

    fn constants(&self, level: NoiseLevel) -> Constants {
        Constants::at(self, level)
    }

    fn data(&self) -> Option<Data> {
        Some(Data::Density(self.clone()))
    }
}

impl Density {
    /// The law at a level, without a copy at that of the data.
    fn at(&self, level: NoiseLevel) -> Option<Cow<'_, Density>> {
        if level.is_data() { Some(Cow::Borrowed(self)) } else { self.noised(level).ok().map(Cow::Owned) }
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
                Target::ln_density(&Density::$law(self.clone()), level, xs, out);
            }
            fn score(&self, level: NoiseLevel, xs: &[f64], out: &mut [f64]) {
                Target::score(&Density::$law(self.clone()), level, xs, out);
            }
            fn sample(&self, level: NoiseLevel, rng: &mut dyn rand::Rng, n: usize, out: &mut [f64]) {
                Target::sample(&Density::$law(self.clone()), level, rng, n, out);
            }
            fn density(&self, level: NoiseLevel) -> Option<Density> {
                self.noised(level).ok().map(Density::$law)
            }
            fn constants(&self, level: NoiseLevel) -> Constants {
                Constants::at(&Density::$law(self.clone()), level)
            }
            fn data(&self) -> Option<Data> {
                Some(Data::Density(Density::$law(self.clone())))
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

    fn data(&self) -> Option<Data> {
        Some(Data::Points(self.clone()))
    }
}

/// Under noise the density and the score are those of the posterior; without it the law has jumps at the sides of its box.
impl Target for BoxMixture {
    fn dim(&self) -> usize {
        BoxMixture::dim(self)
    }

    fn ln_density(&self, level: NoiseLevel, xs: &[f64], out: &mut [f64]) {
        for_each_point(BoxMixture::dim(self), xs, |j, x| {
            out[j] =
                if level.sigma > 0.0 { self.posterior(level, x).ln_density } else { self.ln_density_before(level, x) };
        });
    }

    /// At sigma = 0 it is reported as NaN: a gradient without the jumps is no score.
    fn score(&self, level: NoiseLevel, xs: &[f64], out: &mut [f64]) {
        let d = BoxMixture::dim(self);
        let n = xs.len() / d;
        if level.sigma <= 0.0 {
            return out.fill(f64::NAN);
        }
        for_each_point(d, xs, |j, x| {
            let mean = self.posterior(level, x).mean;
            for (i, (m, x)) in mean.iter().zip(x).enumerate() {
                out[i * n + j] = (level.alpha * m - x) / level.variance();
            }
        });
    }

    fn sample(&self, level: NoiseLevel, rng: &mut dyn rand::Rng, n: usize, out: &mut [f64]) {
        use rand_distr::{Distribution, StandardNormal};
        let data = crate::targets::BoundedData::Box(self.clone());
        let mut x = vec![0.0; BoxMixture::dim(self)];
        for j in 0..n {
            data.draw(rng, &mut x);
            for (i, x) in x.iter().enumerate() {
                let noise: f64 = if level.sigma > 0.0 { StandardNormal.sample(rng) } else { 0.0 };
                out[i * n + j] = level.alpha * x + level.sigma * noise;
            }
        }
    }

    fn density(&self, level: NoiseLevel) -> Option<Density> {
        self.noised(level)
    }

    fn stand_in(&self, level: NoiseLevel) -> Ledger {
        let runs = self.runs();
        runs.into_iter().fold(Ledger::new(), |all, run| {
            let own = self.block(run.first, run.dim).on_the_line(level).map(|stand_in| stand_in.errors);
            all.and(&own.unwrap_or_default().scaled(run.copies as f64))
        })
    }

    fn constants(&self, level: NoiseLevel) -> Constants {
        Constants::of_box(self, level)
    }

    fn data(&self) -> Option<Data> {
        Some(Data::Box(self.clone()))
    }
}

/// Calls `f(j, x_j)` for every point of a component-major batch.
fn for_each_point(d: usize, xs: &[f64], mut f: impl FnMut(usize, &[f64])) {
    let n = xs.len() / d;
    let mut x = vec![0.0; d];
    for j in 0..n {
        x.iter_mut().enumerate().for_each(|(i, x)| *x = xs[i * n + j]);
        f(j, &x);
    }
}
