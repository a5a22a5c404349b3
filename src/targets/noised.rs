//! A law at one noise level as a target of its own.

use super::{Constants, Data, Density, Target};
use crate::numerics::Ledger;
use crate::processes::NoiseLevel;

/// The law of `alpha x + sigma xi` at one level. Its own data level is that level; of its constants more is known than of
/// the noised law alone, because x has a law in closed form too (see [`Constants::at`]).
#[derive(Clone, Debug, PartialEq)]
pub struct Noised {
    /// The law of x.
    data: Data,
    level: NoiseLevel,
    /// The law of `alpha x + sigma xi`.
    law: Density,
}

impl Noised {
    /// The law of `alpha x + sigma xi` for x of law `data`; `None` where it cannot be formed in double precision, and for atoms
    /// without noise.
    #[must_use]
    pub fn new(data: Data, level: NoiseLevel) -> Option<Self> {
        let law = data.noised(level)?;
        Some(Self { data, level, law })
    }
}

impl Target for Noised {
    fn dim(&self) -> usize {
        self.law.dim()
    }

    fn ln_density(&self, level: NoiseLevel, xs: &[f64], out: &mut [f64]) {
        Target::ln_density(&self.law, level, xs, out);
    }

    fn score(&self, level: NoiseLevel, xs: &[f64], out: &mut [f64]) {
        Target::score(&self.law, level, xs, out);
    }

    fn sample(&self, level: NoiseLevel, rng: &mut dyn rand::Rng, n: usize, out: &mut [f64]) {
        Target::sample(&self.law, level, rng, n, out);
    }

    fn density(&self, level: NoiseLevel) -> Option<Density> {
        Target::density(&self.law, level)
    }

    /// More noise brings no two laws farther apart in total variation.
    fn stand_in(&self, _level: NoiseLevel) -> Ledger {
        self.data.stand_in(self.level)
    }

    fn constants(&self, level: NoiseLevel) -> Constants {
        if level.is_data() { self.data.constants(self.level) } else { Constants::at(&self.law, level) }
    }

    fn data(&self) -> Option<Data> {
        Some(Data::Density(self.law.clone()))
    }

    fn before(&self) -> Option<(Data, NoiseLevel)> {
        Some((self.data.clone(), self.level))
    }
}
