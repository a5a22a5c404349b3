//! The closed set of law representations.

use super::fallback::above_rounding;
use super::grid1::Layout;
use super::pushed1::Base;
use super::{GaussianLaw, Grid1, Grid2, Panels1, Particles, Pushed1};
use crate::numerics::{Evidence, Ledger, Source};
use crate::samplers::{Block, Kernel, Program};
use crate::scores::{At, ScoreField};
use crate::targets::{Data, Defect, Density, Frame, Gaussian, Mixture, Mixture1, Points, Run, Target, common_runs};
use nalgebra::{DMatrix, DVector};
use std::collections::HashSet;
use thiserror::Error;

/// Panels are assembled kernel by kernel, which costs up to seconds each: they replace a grid for this many at most.
const MOST_ASSEMBLED: usize = 40;

/// Up to this part of a law's size, rounding leaves moments in closed form exact.
const ROUNDED: f64 = 1e-9;

/// Why an engine cannot carry a law through a program.
#[derive(Clone, Debug, Error, PartialEq)]
#[error("the {engine} engine cannot do this: it needs {needs}")]
pub struct Unsupported {
    /// Which engine.
    pub engine: &'static str,
    /// What it would need, in a sentence for the user.
    pub needs: String,
}

/// Where a sampler starts.
pub use crate::targets::Data as Start;

/// A representation of a law that a Markov kernel can act on. One step, a repeated step, a whole program.
pub trait Propagate {
    /// Replaces the law by its image under one kernel.
    ///
    /// # Errors
    /// `Unsupported` names the engine and what it would need.
    fn step(&mut self, kernel: &Kernel, s: &dyn ScoreField) -> Result<(), Unsupported>;

    /// Replaces the law by its image under `block.repeat` equal kernels.
    ///
    /// # Errors
    /// As `step`.
    fn block(&mut self, block: &Block, s: &dyn ScoreField) -> Result<(), Unsupported> {
        for _ in 0..block.repeat {
            self.step(&block.kernel, s)?;
        }
        Ok(())
    }

    /// Replaces the law by its image under a whole program.
    ///
    /// # Errors
    /// As `step`.
    fn run(&mut self, program: &Program, s: &dyn ScoreField) -> Result<(), Unsupported> {
        program.blocks.iter().try_for_each(|block| self.block(block, s))
    }
}

/// A law in one of the representations the engines know.
#[derive(Clone, Debug)]
pub enum Law {
    /// Gaussian moments with a bound on their rounding error.
    Gaussian(GaussianLaw),
    /// A closed-form density (start laws and targets).
    Closed(Density),
    /// Atoms.
    Points(Points),
    /// A smooth 1-D density: trigonometric interpolation on a box.
    Grid1(Grid1),
    /// A 1-D density with kinks: Legendre panels.
    Panels1(Panels1),
    /// A 1-D density carried by steps without noise.
    Pushed1(Pushed1),
    /// A density in the plane on tensor grids.
    Grid2(Grid2),
    /// Independent blocks with copies.
    Product(Vec<(Law, u64)>),
    /// In the coordinates of a frame: core (x) rest.
    Split {
        /// The frame.
        frame: Frame,
        /// The law of the core coordinates.
        core: Box<Law>,
        /// The law of the remaining coordinates.
        rest: Box<Law>,
        /// How far the product of the two is from the law that was split.
        defect: Defect,
    },
    /// A cloud of particles.
    Particles(Particles),
    /// A law known up to errors, in total variation, that its representation does not carry itself.
    Approximate {
        /// The law as it is represented.
        law: Box<Law>,
        /// The errors.
        ledger: Ledger,
    },
}

impl Law {
    /// A law in closed form as it is.
    ///
    /// # Errors
    /// A law that is cut to a box.
    pub fn closed(data: &Start) -> Result<Self, Unsupported> {
        Ok(match data {
            Start::Density(p) => Law::Closed(p.clone()),
            Start::Points(p) => Law::Points(p.clone()),
            Start::Box(_) => {
                let needs = "laws without jumps; a box mixture without noise has them at the sides of its box";
                return Err(Unsupported { engine: "grid", needs: needs.to_string() });
            }
            Start::Product(factors) => {
                let each = factors.iter().map(|(f, n)| Ok((Law::closed(f)?, *n)));
                Law::Product(each.collect::<Result<_, Unsupported>>()?)
            }
        })
    }

    /// The law with errors, in total variation, that its representation does not carry itself.
    #[must_use]
    pub fn known_up_to(self, ledger: Ledger) -> Self {
        if ledger.terms().is_empty() { self } else { Law::Approximate { law: Box::new(self), ledger } }
    }

    /// d.
    #[must_use]
    pub fn dim(&self) -> usize {
        match self {
            Law::Gaussian(g) => g.dim(),
            Law::Closed(p) => p.dim(),
            Law::Points(p) => Target::dim(p),
            Law::Grid1(_) | Law::Panels1(_) | Law::Pushed1(_) => 1,
            Law::Grid2(_) => 2,
            Law::Product(factors) => factors.iter().map(|(f, n)| f.dim() * *n as usize).sum(),
            Law::Split { frame, .. } => frame.dim(),
            Law::Particles(p) => p.dim(),
            Law::Approximate { law, .. } => law.dim(),
        }
    }

    /// E X, all coordinates in order.
    #[must_use]
    pub fn mean(&self) -> DVector<f64> {
        match self {
            Law::Gaussian(g) => g.mean(),
            Law::Closed(p) => p.mean(),
            Law::Points(p) => {
                p.weights.iter().zip(&p.points).fold(DVector::zeros(Target::dim(p)), |m, (w, x)| m + x * *w)
            }
            Law::Grid1(g) => DVector::from_element(1, g.mean()),
            Law::Panels1(g) => DVector::from_element(1, g.mean()),
            Law::Pushed1(g) => DVector::from_element(1, g.mean()),
            Law::Grid2(g) => g.mean(),
            Law::Product(factors) => {
                let each = factors.iter().flat_map(|(f, n)| std::iter::repeat_n(f.mean(), *n as usize));
                DVector::from_vec(each.flat_map(|m| m.iter().copied().collect::<Vec<_>>()).collect())
            }
            Law::Split { frame, core, rest, .. } => {
                let (a, b) = (core.mean(), rest.mean());
                &frame.basis * DVector::from_iterator(frame.dim(), a.iter().chain(b.iter()).copied())
            }
            Law::Particles(p) => DVector::from_vec(p.mean()),
            Law::Approximate { law, .. } => law.mean(),
        }
    }

    /// Cov X as a full matrix (only sensible for moderate d).
    #[must_use]
    pub fn cov(&self) -> DMatrix<f64> {
        match self {
            Law::Gaussian(g) => g.cov(),
            Law::Closed(p) => p.cov(),
            Law::Points(p) => {
                let mean = self.mean();
                let spread = |x: &DVector<f64>| (x - &mean) * (x - &mean).transpose();
                let d = mean.len();
                p.weights.iter().zip(&p.points).fold(DMatrix::zeros(d, d), |c, (w, x)| c + spread(x) * *w)
            }
            Law::Grid1(g) => DMatrix::from_element(1, 1, g.variance()),
            Law::Panels1(g) => DMatrix::from_element(1, 1, g.variance()),
            Law::Pushed1(g) => DMatrix::from_element(1, 1, g.variance()),
            Law::Grid2(g) => g.cov(),
            Law::Product(factors) => {
                let mut cov = DMatrix::zeros(self.dim(), self.dim());
                let mut at = 0;
                for (factor, copies) in factors {
                    let own = factor.cov();
                    for _ in 0..*copies {
                        cov.view_mut((at, at), own.shape()).copy_from(&own);
                        at += own.nrows();
                    }
                }
                cov
            }
            Law::Split { frame, core, rest, .. } => {
                let (k, d) = (frame.core, frame.dim());
                let mut y = DMatrix::zeros(d, d);
                y.view_mut((0, 0), (k, k)).copy_from(&core.cov());
                y.view_mut((k, k), (d - k, d - k)).copy_from(&rest.cov());
                &frame.basis * y * frame.basis.transpose()
            }
            Law::Particles(p) => {
                let rows = p.cov();
                DMatrix::from_fn(p.dim(), p.dim(), |i, j| rows[i][j])
            }
            Law::Approximate { law, .. } => law.cov(),
        }
    }

    /// What mean and covariance are worth: exact where they are closed forms that rounding changes by a bounded and tiny part of the
    /// law's size; `None` where the law stands on nodes, in a rounded frame or in particles, whose moments nothing bounds.
    #[must_use]
    pub fn moments_evidence(&self) -> Option<Evidence> {
        let exact = match self {
            Law::Gaussian(g) => {
                let spread = g.variances().iter().sum::<f64>();
                g.mean_error() <= ROUNDED * (g.mean().norm() + spread.sqrt()) && g.cov_error() <= ROUNDED * spread
            }
            Law::Closed(p) => has_exact_moments(p),
            Law::Points(p) => p.points.len() == 1 || cancels_little(&self.mean(), self.cov().trace()),
            Law::Product(factors) => factors.iter().all(|(f, _)| f.moments_evidence().is_some()),
            Law::Grid1(_)
            | Law::Panels1(_)
            | Law::Pushed1(_)
            | Law::Grid2(_)
            | Law::Split { .. }
            | Law::Particles(_)
            | Law::Approximate { .. } => false,
        };
        exact.then_some(Evidence::Exact)
    }

    /// Runs of the factors of this representation.
    #[must_use]
    pub fn runs(&self) -> Vec<Run> {
        match self {
            Law::Product(factors) => {
                let mut first = 0;
                let mut runs = Vec::with_capacity(factors.len());
                for (factor, copies) in factors {
                    let run = Run { first, dim: factor.dim(), copies: *copies as usize };
                    first = run.end();
                    runs.push(run);
                }
                runs
            }
            other => vec![Run { first: 0, dim: other.dim(), copies: 1 }],
        }
    }
}

/// Whether mean and covariance of a closed form are exact up to rounding that is tiny beside its size: sums over components cancel
/// where these lie far out and close together.
fn has_exact_moments(p: &Density) -> bool {
    match p {
        Density::Gaussian(_) => true,
        Density::Mixture(m) => cancels_little(&m.mean(), m.cov().trace()),
        Density::Product(p) => p.factors.iter().all(|(f, _)| has_exact_moments(f)),
    }
}

/// Whether the variance of a law is known to a part of [`ROUNDED`] after sums whose terms are of the size of its second moment.
fn cancels_little(mean: &DVector<f64>, variance: f64) -> bool {
    64.0 * f64::EPSILON * (mean.norm_squared() + variance) <= ROUNDED * variance
}

/// The density p represented in the same factorisation and frame as `like`.
///
/// # Errors
/// When p couples coordinates that are independent in `like`.
pub fn align(p: &Density, like: &Law) -> Result<Law, Unsupported> {
    match like {
        Law::Product(factors) => {
            in_blocks(&p.runs(), factors, like, &|run, own| align(&p.block(run.first, run.dim), own))
        }
        Law::Split { frame, core, rest, .. } => {
            let split = p
                .in_frame(frame)
                .ok_or_else(|| other_structure("a target that splits in the frame of the output law"))?;
            let (core, rest) = (Box::new(align(&split.core, core)?), Box::new(align(&split.rest, rest)?));
            let defect = split.defect.and(Defect::of_rounding(p));
            Ok(Law::Split { frame: frame.clone(), core, rest, defect })
        }
        Law::Approximate { law, .. } => align(p, law),
        Law::Gaussian(_)
        | Law::Closed(_)
        | Law::Points(_)
        | Law::Grid1(_)
        | Law::Panels1(_)
        | Law::Pushed1(_)
        | Law::Grid2(_)
        | Law::Particles(_) => Ok(Law::Closed(p.clone())),
    }
}

/// The same for data, with atoms or without.
///
/// # Errors
/// When they couple coordinates that are independent in `like`.
pub fn align_data(data: &Data, like: &Law) -> Result<Law, Unsupported> {
    match (data, like) {
        (Data::Density(p), _) => align(p, like),
        (_, Law::Product(factors)) => {
            in_blocks(&data.runs(), factors, like, &|run, own| align_data(&data.block(run.first, run.dim), own))
        }
        (_, Law::Approximate { law, .. }) => align_data(data, law),
        _ => Law::closed(data),
    }
}

/// A law that comes apart into `runs` as a product of the blocks it has in common with `like`, a product of `factors`.
fn in_blocks(
    runs: &[Run],
    factors: &[(Law, u64)],
    like: &Law,
    part: &dyn Fn(&Run, &Law) -> Result<Law, Unsupported>,
) -> Result<Law, Unsupported> {
    let own = like.runs();
    let joint = common_runs(&[&own, runs]);
    if joint.iter().any(|r| !own.iter().any(|o| o.dim == r.dim && o.first <= r.first && r.end() <= o.end())) {
        return Err(other_structure("a target whose blocks are those of the output law"));
    }
    let block = |run: &Run| {
        let k = own.iter().position(|o| o.first <= run.first && run.end() <= o.end()).unwrap_or(0);
        Ok((part(run, &factors[k].0)?, run.copies as u64))
    };
    Ok(Law::Product(joint.iter().map(block).collect::<Result<_, _>>()?))
}

fn other_structure(needs: &str) -> Unsupported {
    Unsupported { engine: "product", needs: needs.to_string() }
}

/// The law of one step from atoms: a mixture of N(T(x_i), noise^2 I), or atoms again without noise.
///
/// T is evaluated in floating point and noise^2 is rounded; with `delta_i` an estimate of the error of T(x_i),
/// ```text
/// TV <= sum_i w_i (delta_i/(2 noise) + d u),
/// ```
/// and the term stays open, since nothing bounds the rounding of a score.
fn from_points(points: &Points, kernel: &Kernel, s: &dyn ScoreField) -> Result<Law, Unsupported> {
    let overflow = || Unsupported {
        engine: "grid",
        needs: "positions that stay finite; the first step overflows: use a smaller step".to_string(),
    };
    let (mut moved, mut rounding) = (Vec::with_capacity(points.points.len()), 0.0);
    for (w, x) in points.weights.iter().zip(&points.points) {
        let mut by = DVector::zeros(x.len());
        kernel.drift.displacement(s, x.as_slice(), by.as_mut_slice());
        let units = (x.norm() + 4.0 * by.norm()) / (2.0 * kernel.noise) + x.len() as f64;
        rounding += w * units * f64::EPSILON;
        moved.push(x + by);
    }
    if kernel.noise == 0.0 {
        return Points::new(points.weights.clone(), moved).map(Law::Points).map_err(|_| overflow());
    }
    let variance = kernel.noise * kernel.noise;
    let components = moved.into_iter().map(|m| Gaussian::isotropic(m, variance)).collect::<Result<Vec<_>, _>>();
    let components = components.map_err(|_| overflow())?;
    let law = Box::new(Law::Closed(Density::Mixture(Mixture { weights: points.weights.clone(), components })));
    let why = "rounding of the first step from atoms, estimated; the rounding of the score is not bounded";
    Ok(Law::Approximate { law, ledger: Ledger::new().open(Source::Rounding, rounding, why) })
}

/// How many of the blocks come before and with the last one that adds noise.
fn noisy(blocks: &[Block]) -> usize {
    blocks.iter().rposition(|block| !block.kernel.is_deterministic()).map_or(0, |last| last + 1)
}

/// Whether every score the program asks for is affine.
fn is_affine(blocks: &[Block], s: &dyn ScoreField) -> bool {
    let mut seen: Vec<At> = Vec::new();
    blocks.iter().flat_map(|b| b.kernel.drift.scores()).all(|at| {
        seen.contains(&at) || {
            seen.push(at);
            s.affine(at).is_some()
        }
    })
}

impl Law {
    /// Carries a closed 1-D law through blocks: up to the last one with noise on a grid or panels, by change of variables from
    /// there on.
    fn one_dimensional(start: Mixture1, blocks: &[Block], s: &dyn ScoreField) -> Result<Law, Unsupported> {
        let (noisy, flow) = blocks.split_at(noisy(blocks));
        match noisy {
            [] => Self::pushed(Base::Closed(start), flow, s),
            noisy => Self::under_noise(start, noisy, s)?.carry(flow, s),
        }
    }

    /// The deterministic `flow` applied to a law on the line.
    fn pushed(base: Base, flow: &[Block], s: &dyn ScoreField) -> Result<Law, Unsupported> {
        Ok(match base {
            Base::Grid(g) if flow.is_empty() => Law::Grid1(g),
            Base::Panels(g) if flow.is_empty() => Law::Panels1(g),
            base => Law::Pushed1(Pushed1::new(base, flow.to_vec(), s)?),
        })
    }

    /// Carries a closed 1-D law through blocks the last of which adds noise: by Legendre panels if the score jumps anywhere, or
    /// turns so steeply that a grid does not show or does not resolve it, else on a grid.
    fn under_noise(start: Mixture1, blocks: &[Block], s: &dyn ScoreField) -> Result<Law, Unsupported> {
        let program = Program { blocks: blocks.to_vec() };
        let reach = start.means.iter().fold(0.0_f64, |top, m| top.max(m.abs()));
        let narrow = start.variances.iter().copied().fold(f64::INFINITY, f64::min).sqrt();
        above_rounding("grid", narrow, reach)?;
        if Self::needs_panels(&start, blocks, s) {
            let mut law = Panels1::of(start);
            law.run(&program, s)?;
            return Ok(Law::Panels1(law));
        }
        let mut law = Grid1::of(start.clone());
        let run = law.run(&program, s);
        Self::settled(run.map(|()| law), start, blocks, s)
    }

    /// Whether the score jumps, or turns within less than a grid shows.
    fn needs_panels(start: &Mixture1, blocks: &[Block], s: &dyn ScoreField) -> bool {
        blocks.iter().any(|b| !b.kernel.drift.jumps(s).is_empty())
            || Layout::new(start, blocks, s).is_ok_and(|layout| layout.hides())
    }

    /// What a grid came to where it resolves the law; else whichever of the grid and Legendre panels does so better.
    fn settled(
        grid: Result<Grid1, Unsupported>,
        start: Mixture1,
        blocks: &[Block],
        s: &dyn ScoreField,
    ) -> Result<Law, Unsupported> {
        let distinct: HashSet<_> = blocks.iter().map(|block| block.kernel.key()).collect();
        if grid.as_ref().is_ok_and(Grid1::is_steady) || distinct.len() > MOST_ASSEMBLED {
            return grid.map(Law::Grid1);
        }
        let mut panels = Panels1::of(start);
        let run = panels.run(&Program { blocks: blocks.to_vec() }, s);
        let better = || grid.as_ref().map_or(true, |grid| panels.difference() < grid.difference());
        if run.is_ok() && better() { Ok(Law::Panels1(panels)) } else { grid.map(Law::Grid1) }
    }

    /// A law that has been carried: what its frames lost is from now on only an estimate.
    pub(super) fn moved(self) -> Self {
        match self {
            Law::Product(factors) => Law::Product(factors.into_iter().map(|(f, n)| (f.moved(), n)).collect()),
            Law::Split { frame, core, rest, defect } => {
                let (core, rest) = (Box::new(core.moved()), Box::new(rest.moved()));
                Law::Split { frame, core, rest, defect: Defect { estimated: true, ..defect } }
            }
            alone => alone,
        }
    }

    /// Every factor that does not come apart replaced by its image under `f`, which is given the factor's own field.
    pub(super) fn try_map(
        self,
        s: &dyn ScoreField,
        f: &mut dyn FnMut(Law, &dyn ScoreField) -> Result<Law, Unsupported>,
    ) -> Result<Law, Unsupported> {
        match self {
            Law::Product(factors) => {
                let mut at = 0;
                let mut mapped = Vec::with_capacity(factors.len());
                for (factor, copies) in factors {
                    let dim = factor.dim();
                    mapped.push((factor.try_map(s.block(at, dim).as_ref(), f)?, copies));
                    at += dim * copies as usize;
                }
                Ok(Law::Product(mapped))
            }
            Law::Split { frame, core, rest, defect } => {
                let (a, b) = s.in_frame(&frame).ok_or_else(|| Unsupported {
                    engine: "split",
                    needs: "a score that does not couple the core with the rest".to_string(),
                })?;
                let core = Box::new(core.try_map(a.as_ref(), f)?);
                let rest = Box::new(rest.try_map(b.as_ref(), f)?);
                Ok(Law::Split { frame, core, rest, defect })
            }
            alone => f(alone, s),
        }
    }

    /// The blocks applied to this law.
    fn carry(self, blocks: &[Block], s: &dyn ScoreField) -> Result<Law, Unsupported> {
        let blocks: Vec<Block> = blocks.iter().filter(|b| b.repeat > 0).cloned().collect();
        let Some(first) = blocks.first() else { return Ok(self) };
        match self {
            Law::Gaussian(mut g) => {
                g.run(&Program { blocks }, s)?;
                Ok(Law::Gaussian(g))
            }
            Law::Closed(p) if p.dim() == 1 => {
                let line = || Unsupported { engine: "grid", needs: "one dimension".to_string() };
                Self::one_dimensional(p.as_mixture1().ok_or_else(line)?, &blocks, s)
            }
            Law::Closed(p) if p.dim() == 2 => {
                let mut law = Grid2::new(&p)?;
                law.run(&Program { blocks }, s)?;
                Ok(Law::Grid2(law))
            }
            Law::Closed(_) => Err(Unsupported {
                engine: "grid",
                needs: "one or two dimensions; a law in more of them needs particles".to_string(),
            }),
            Law::Points(p) if p.points.len() == 1 && is_affine(&blocks, s) => {
                Law::Gaussian(GaussianLaw::point(&p.points[0])).carry(&blocks, s)
            }
            Law::Points(p) => {
                let law = from_points(&p, &first.kernel, s)?;
                let mut rest = blocks.clone();
                rest[0].repeat -= 1;
                law.carry(&rest, s)
            }
            Law::Grid1(mut g) => {
                let (noisy, flow) = blocks.split_at(noisy(&blocks));
                if noisy.is_empty() {
                    return Self::pushed(Base::Grid(g), flow, s);
                }
                let (start, taken) = g.history();
                let (start, all) = (start.clone(), [taken, noisy].concat());
                if Self::needs_panels(&start, &all, s) {
                    return Self::under_noise(start, &all, s)?.carry(flow, s);
                }
                let run = g.run(&Program { blocks: noisy.to_vec() }, s);
                Self::settled(run.map(|()| g), start, &all, s)?.carry(flow, s)
            }
            Law::Panels1(mut g) => {
                let (noisy, flow) = blocks.split_at(noisy(&blocks));
                if !noisy.is_empty() {
                    g.run(&Program { blocks: noisy.to_vec() }, s)?;
                }
                Self::pushed(Base::Panels(g), flow, s)
            }
            Law::Pushed1(p) => {
                let (base, taken) = p.history();
                let blocks = [taken, &blocks].concat();
                match base.clone() {
                    Base::Closed(start) => Self::one_dimensional(start, &blocks, s),
                    Base::Grid(g) => Law::Grid1(g).carry(&blocks, s),
                    Base::Panels(g) => Law::Panels1(g).carry(&blocks, s),
                }
            }
            Law::Grid2(mut g) => {
                g.run(&Program { blocks }, s)?;
                Ok(Law::Grid2(g))
            }
            Law::Product(_) | Law::Split { .. } => {
                self.try_map(s, &mut |factor, s| factor.carry(&blocks, s)).map(Law::moved)
            }
            Law::Particles(mut p) => {
                p.run(&Program { blocks }, s)?;
                Ok(Law::Particles(p))
            }
            // A kernel brings no two laws farther apart in total variation.
            Law::Approximate { law, ledger } => Ok(Law::Approximate { law: Box::new(law.carry(&blocks, s)?), ledger }),
        }
    }
}

impl Propagate for Law {
    fn step(&mut self, kernel: &Kernel, s: &dyn ScoreField) -> Result<(), Unsupported> {
        self.block(&Block { kernel: kernel.clone(), repeat: 1 }, s)
    }

    fn block(&mut self, block: &Block, s: &dyn ScoreField) -> Result<(), Unsupported> {
        *self = self.clone().carry(std::slice::from_ref(block), s)?;
        Ok(())
    }

    fn run(&mut self, program: &Program, s: &dyn ScoreField) -> Result<(), Unsupported> {
        *self = self.clone().carry(&program.blocks, s)?;
        Ok(())
    }
}
