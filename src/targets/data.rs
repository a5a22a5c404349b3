//! The closed set of laws a sampler can be aimed at or start from.

use super::product::{block_of, runs_of};
use super::{BoxMixture, Constants, Defect, Density, Frame, Points, Product, Run, Target, TargetError};
use crate::numerics::linalg::norm_upper;
use crate::numerics::{Interval, Ledger};
use crate::processes::NoiseLevel;
use nalgebra::DVector;

/// A law with a density in closed form, atoms, Gaussians cut to a box, or independent blocks of these.
#[derive(Clone, Debug, PartialEq)]
pub enum Data {
    /// A law with a density.
    Density(Density),
    /// Atoms; noise makes them a mixture.
    Points(Points),
    /// Gaussian components cut to a cube; on the line, noise makes them what a mixture can stand in for.
    Box(BoxMixture),
    /// Independent blocks in order with their numbers of copies, not all of them closed forms (see [`Data::product`]).
    Product(Vec<(Data, u64)>),
}

impl Data {
    /// Independent blocks in order; `(block, copies)` stands for `copies` iid repetitions.
    ///
    /// # Errors
    /// No factors, or a factor with 0 copies.
    pub fn product(factors: Vec<(Data, u64)>) -> Result<Self, TargetError> {
        let plain = |(law, copies): &(Data, u64)| match law {
            Data::Density(p) => Some((p.clone(), *copies)),
            Data::Points(_) | Data::Box(_) | Data::Product(_) => None,
        };
        match factors.iter().map(plain).collect::<Option<Vec<_>>>() {
            Some(plain) => Product::new(plain).map(|p| Data::Density(Density::Product(p))),
            None => match factors.iter().position(|(_, copies)| *copies == 0) {
                None => Ok(Data::Product(factors)),
                Some(i) => Err(TargetError::parameter(&format!("factors[{i}].copies"), "is 0; it must be at least 1")),
            },
        }
    }

    /// d.
    #[must_use]
    pub fn dim(&self) -> usize {
        match self {
            Data::Density(p) => p.dim(),
            Data::Points(p) => p.dim(),
            Data::Box(p) => p.dim(),
            Data::Product(factors) => factors.iter().map(|(f, copies)| f.dim() * *copies as usize).sum(),
        }
    }

    /// E X.
    #[must_use]
    pub fn mean(&self) -> DVector<f64> {
        match self {
            Data::Density(p) => p.mean(),
            Data::Points(p) => {
                p.weights.iter().zip(&p.points).fold(DVector::zeros(p.dim()), |mean, (w, x)| mean + x * *w)
            }
            Data::Box(p) => p.mean(),
            Data::Product(factors) => {
                let each = factors.iter().flat_map(|(f, n)| std::iter::repeat_n(f.mean(), *n as usize));
                DVector::from_vec(each.flat_map(|m| m.iter().copied().collect::<Vec<_>>()).collect())
            }
        }
    }

    /// `sup |X|`, an upper bound; `+inf` for a law with a density.
    #[must_use]
    pub fn reach(&self) -> f64 {
        match self {
            Data::Density(_) => f64::INFINITY,
            Data::Points(p) => p.points.iter().map(|x| norm_upper(x.iter())).fold(0.0, f64::max),
            Data::Box(p) => norm_upper(vec![p.half_width(); p.dim()].iter()),
            Data::Product(factors) => {
                let squares = factors.iter().map(|(f, copies)| Interval::point(f.reach()).sqr() * *copies as f64);
                squares.sum::<Interval>().sqrt().hi()
            }
        }
    }

    /// Whether the law has atoms, hence no density without noise.
    #[must_use]
    pub fn has_atoms(&self) -> bool {
        match self {
            Data::Density(_) | Data::Box(_) => false,
            Data::Points(_) => true,
            Data::Product(factors) => factors.iter().any(|(f, _)| f.has_atoms()),
        }
    }

    /// The law of `alpha x + sigma xi`, if it has a density that can be formed in double precision; up to what [`Target::stand_in`] says.
    #[must_use]
    pub fn noised(&self, level: NoiseLevel) -> Option<Density> {
        match self {
            Data::Density(p) => p.noised(level).ok(),
            Data::Points(p) => p.noised(level).map(Density::Mixture),
            Data::Box(p) => p.noised(level),
            Data::Product(factors) => {
                let noised = factors.iter().map(|(f, copies)| Some((f.noised(level)?, *copies)));
                Product::new(noised.collect::<Option<_>>()?).ok().map(Density::Product)
            }
        }
    }

    /// The finest runs of independent consecutive coordinates, the same at every noise level.
    #[must_use]
    pub fn runs(&self) -> Vec<Run> {
        match self {
            Data::Density(p) => p.runs(),
            Data::Points(p) => p.runs(),
            Data::Box(p) => p.runs(),
            Data::Product(factors) => runs_of(factors, Data::dim, Data::runs),
        }
    }

    /// The marginal on `first .. first + dim`, a union of blocks.
    #[must_use]
    pub fn block(&self, first: usize, dim: usize) -> Self {
        match self {
            Data::Density(p) => Data::Density(p.block(first, dim)),
            Data::Points(p) => Data::Points(p.block(first, dim)),
            Data::Box(p) => Data::Box(p.block(first, dim)),
            Data::Product(factors) => match &block_of(factors, first, dim, Data::dim, Data::block)[..] {
                [(only, 1)] => only.clone(),
                several => {
                    // At least one factor, each with a copy: what `product` asks for.
                    Data::product(several.to_vec()).unwrap_or_else(|_| Data::Product(several.to_vec()))
                }
            },
        }
    }

    /// A frame in which this law is a low-dimensional core times a rest, if there is one.
    #[must_use]
    pub fn core_frame(&self) -> Option<Frame> {
        match self {
            Data::Density(p) => p.core_frame(),
            Data::Points(p) => p.core_frame(),
            Data::Box(_) | Data::Product(_) => None,
        }
    }

    /// The law of y = Q^T x as (core, rest) with the defect of writing it so, when the two are independent up to that.
    #[must_use]
    pub fn in_frame(&self, frame: &Frame) -> Option<(Self, Self, Defect)> {
        match self {
            Data::Density(p) => p.in_frame(frame).map(|split| {
                let defect = split.defect.and(Defect::of_rounding(p));
                (Data::Density(split.core), Data::Density(split.rest), defect)
            }),
            Data::Points(p) => p.in_frame(frame).map(|(a, b, defect)| (Data::Points(a), Data::Points(b), defect)),
            Data::Box(_) | Data::Product(_) => None,
        }
    }

    /// Calls `f(factor, its coordinates)` for every factor of a product, copy by copy.
    fn for_each_factor(factors: &[(Data, u64)], mut f: impl FnMut(&Data, std::ops::Range<usize>)) {
        let mut first = 0;
        for (factor, copies) in factors {
            for _ in 0..*copies {
                f(factor, first..first + factor.dim());
                first += factor.dim();
            }
        }
    }
}

impl Target for Data {
    fn dim(&self) -> usize {
        Data::dim(self)
    }

    fn ln_density(&self, level: NoiseLevel, xs: &[f64], out: &mut [f64]) {
        match self {
            Data::Density(p) => Target::ln_density(p, level, xs, out),
            Data::Points(p) => Target::ln_density(p, level, xs, out),
            Data::Box(p) => Target::ln_density(p, level, xs, out),
            Data::Product(factors) => {
                let n = out.len();
                out.fill(0.0);
                let mut part = vec![0.0; n];
                Self::for_each_factor(factors, |factor, range| {
                    factor.ln_density(level, &xs[range.start * n..range.end * n], &mut part);
                    out.iter_mut().zip(&part).for_each(|(o, x)| *o += x);
                });
            }
        }
    }

    fn score(&self, level: NoiseLevel, xs: &[f64], out: &mut [f64]) {
        match self {
            Data::Density(p) => Target::score(p, level, xs, out),
            Data::Points(p) => Target::score(p, level, xs, out),
            Data::Box(p) => Target::score(p, level, xs, out),
            Data::Product(factors) => {
                let n = xs.len() / self.dim();
                Self::for_each_factor(factors, |factor, range| {
                    let range = range.start * n..range.end * n;
                    factor.score(level, &xs[range.clone()], &mut out[range]);
                });
            }
        }
    }

    fn sample(&self, level: NoiseLevel, rng: &mut dyn rand::Rng, n: usize, out: &mut [f64]) {
        match self {
            Data::Density(p) => Target::sample(p, level, rng, n, out),
            Data::Points(p) => Target::sample(p, level, rng, n, out),
            Data::Box(p) => Target::sample(p, level, rng, n, out),
            Data::Product(factors) => Self::for_each_factor(factors, |factor, range| {
                factor.sample(level, rng, n, &mut out[range.start * n..range.end * n]);
            }),
        }
    }

    fn density(&self, level: NoiseLevel) -> Option<Density> {
        self.noised(level)
    }

    fn stand_in(&self, level: NoiseLevel) -> Ledger {
        match self {
            Data::Density(_) | Data::Points(_) => Ledger::new(),
            Data::Box(p) => Target::stand_in(p, level),
            Data::Product(factors) => {
                let of = |all: Ledger, (f, copies): &(Data, u64)| all.and(&f.stand_in(level).scaled(*copies as f64));
                factors.iter().fold(Ledger::new(), of)
            }
        }
    }

    fn constants(&self, level: NoiseLevel) -> Constants {
        match self {
            Data::Density(p) => Target::constants(p, level),
            Data::Points(p) => Target::constants(p, level),
            Data::Box(p) => Target::constants(p, level),
            Data::Product(factors) => {
                let each = factors.iter().map(|(f, copies)| f.constants(level).repeated(*copies));
                let none = || Constants::none("a product without factors has no constants");
                each.reduce(Constants::and).unwrap_or_else(none)
            }
        }
    }

    fn data(&self) -> Option<Data> {
        Some(self.clone())
    }
}
