//! `given(target).error(..).start(..).run(lmc(h, n)).then(&THEOREM)`: thin sugar over the public API, nothing private.

use nalgebra::{DMatrix, DVector};
use proptest::prelude::*;
use scorebound::bounds::{Instance, Theorem};
use scorebound::laws::{Settings, Start};
use scorebound::numerics::Interval;
use scorebound::processes::{NoiseLevel, Process, TimeGrid};
use scorebound::samplers::{self, Program, Rung, annealed_lmc};
use scorebound::scores::errors::{Constant, Fourier, Linear, Window};
use scorebound::scores::{Damaged, Direction, ErrorShape, Size, calibrate};
use scorebound::targets::{Covariance, Data, Density, Gaussian, Mixture, Points, Product, Target};
use scorebound::verdicts::{Judgement, Verdict, check_hypotheses, compare, judge};
use std::fmt;
use std::sync::Arc;

/// Langevin Monte Carlo on the data themselves.
pub fn lmc(step: f64, steps: u64) -> Program {
    samplers::lmc(step, steps, NoiseLevel::DATA)
}

/// `seen` steps of LMC with the error, then `clean` steps without it.
pub fn partly(step: f64, seen: u64, clean: u64) -> Program {
    let mut program = lmc(step, seen);
    program.blocks.extend(lmc(step, clean).clean().blocks);
    program
}

/// A noise level of VE.
pub fn at_sigma(sigma: f64) -> NoiseLevel {
    NoiseLevel { alpha: 1.0, sigma }
}

/// `steps` Langevin steps of size `step` times sigma^2 at each of the noise levels.
pub fn annealed(sigmas: &[f64], step: f64, steps: u64) -> Program {
    let rung = |&sigma: &f64| Rung { level: at_sigma(sigma), step: step * sigma * sigma, steps, rounding: 0.0 };
    annealed_lmc(&sigmas.iter().map(rung).collect::<Vec<_>>())
}

/// Three atoms on the line, at -1.2, 0.1 and 0.9.
pub fn atoms() -> Data {
    let points = [-1.2, 0.1, 0.9].map(|x| DVector::from_element(1, x)).to_vec();
    Data::Points(Points::new(vec![0.3, 0.45, 0.25], points).unwrap())
}

/// Independent copies of a law.
pub fn copies(law: &Density, n: u64) -> Density {
    Density::Product(Product::new(vec![(law.clone(), n)]).unwrap())
}

/// The reverse SDE of VE from time `horizon` to `early_stop` in `n` equal steps, and the level it ends at.
pub fn ve_predictor(horizon: f64, early_stop: f64, n: u64) -> (Program, NoiseLevel) {
    let grid = TimeGrid::uniform(horizon, early_stop, n).unwrap();
    let program = samplers::reverse_sde(&Process::Ve, samplers::Scheme::EulerMaruyama, &grid);
    (program, Process::Ve.level(early_stop))
}

/// The same with Langevin steps.
pub fn ve_corrected(horizon: f64, early_stop: f64, n: u64, corrector: samplers::Corrector) -> (Program, NoiseLevel) {
    let grid = TimeGrid::uniform(horizon, early_stop, n).unwrap();
    let program = samplers::predictor_corrector(&Process::Ve, samplers::Scheme::EulerMaruyama, &grid, &corrector);
    (program, Process::Ve.level(early_stop))
}

/// The same program with its noise multiplied: no longer LMC.
pub fn noisier(program: &Program, factor: f64) -> Program {
    let mut program = program.clone();
    for block in &mut program.blocks {
        block.kernel.noise *= factor;
    }
    program
}

/// N(mean, variance I) on R^dim.
pub fn normal(dim: usize, mean: f64, variance: f64) -> Density {
    Density::Gaussian(Gaussian::isotropic(DVector::from_element(dim, mean), variance).unwrap())
}

/// N(0, diag(variances)).
pub fn diagonal(variances: &[f64]) -> Density {
    let cov = Covariance::Diagonal(DVector::from_row_slice(variances));
    Density::Gaussian(Gaussian::new(DVector::zeros(variances.len()), cov).unwrap())
}

/// 0.4 N(-1, 0.7) + 0.6 N(1, 1).
pub fn two_modes() -> Density {
    Density::Mixture(Mixture::scalar(&[0.4, 0.6], &[-1.0, 1.0], &[0.7, 1.0]).unwrap())
}

/// A mixture in space with full covariances that no frame splits.
pub fn three_dimensional() -> Density {
    let component = |mean: [f64; 3], cov: [f64; 9]| {
        let cov = Covariance::Dense(DMatrix::from_row_slice(3, 3, &cov));
        Gaussian::new(DVector::from_row_slice(&mean), cov).unwrap()
    };
    let one = component([-1.0, 0.5, 0.0], [1.0, 0.3, 0.0, 0.3, 0.8, 0.1, 0.0, 0.1, 0.6]);
    let other = component([1.2, -0.3, 0.4], [0.7, 0.0, 0.1, 0.0, 1.1, 0.2, 0.1, 0.2, 0.9]);
    Density::Mixture(Mixture::new(vec![0.35, 0.65], vec![one, other]).unwrap())
}

/// A mixture in the plane whose Hessian of ln p is unbounded (LLT-20c).
pub fn rough() -> Density {
    let component = |a: f64, b: f64| {
        let cov = Covariance::Dense(DMatrix::from_row_slice(2, 2, &[a, 0.0, 0.0, b]));
        Gaussian::new(DVector::zeros(2), cov).unwrap()
    };
    Density::Mixture(Mixture::new(vec![0.5, 0.5], vec![component(1.0, 2.0), component(2.0, 1.0)]).unwrap())
}

/// Two modes so far apart that no double holds the log-Sobolev constant.
pub fn far_modes() -> Density {
    Density::Mixture(Mixture::scalar(&[0.5, 0.5], &[-60.0, 60.0], &[1.0, 1.0]).unwrap())
}

/// N(0, diag) with the given numbers of dimensions and variances between 1/condition and 1.
pub fn gaussians(dims: std::ops::RangeInclusive<usize>, condition: f64) -> impl Strategy<Value = Density> {
    dims.prop_flat_map(move |d| prop::collection::vec(-condition.ln()..=0.0, d))
        .prop_map(|logs| diagonal(&logs.iter().map(|x| x.exp()).collect::<Vec<_>>()))
}

/// L and C of a target: upper ends.
pub fn constants(target: &Density) -> (f64, f64) {
    let constants = target.constants(NoiseLevel::DATA);
    (constants.lipschitz.value.hi(), constants.lsi.value.hi())
}

/// A situation under construction.
#[derive(Clone)]
pub struct Given {
    target: Data,
    start: Start,
    error: Option<(Arc<dyn ErrorShape>, Size)>,
    program: Program,
    level: NoiseLevel,
}

/// A target; exact score, started at the target, one step of LMC unless told otherwise.
pub fn given(target: &Density) -> Given {
    given_data(Data::Density(target.clone()))
}

/// The same for data that may have atoms.
pub fn given_data(target: Data) -> Given {
    Given { start: target.clone(), target, error: None, program: lmc(1e-3, 1), level: NoiseLevel::DATA }
}

impl Given {
    pub fn start(mut self, start: Density) -> Self {
        self.start = Start::Density(start);
        self
    }

    /// Starts at two atoms, on the diagonal at -1 and 1: no divergence to a density is finite.
    pub fn start_at_atoms(mut self) -> Self {
        let atoms = [-1.0, 1.0].map(|x| DVector::from_element(self.target.dim(), x)).to_vec();
        self.start = Start::Points(Points::new(vec![0.5, 0.5], atoms).unwrap());
        self
    }

    /// Damages the score by `amplitude` times a shape.
    pub fn error(mut self, shape: Arc<dyn ErrorShape>, amplitude: f64) -> Self {
        self.error = Some((shape, Size::Amplitude(amplitude)));
        self
    }

    /// Damages the score by a shape scaled to `E_p|e|^2 = epsilon^2`.
    pub fn epsilon(mut self, shape: Arc<dyn ErrorShape>, epsilon: f64) -> Self {
        self.error = Some((shape, Size::Epsilon(epsilon)));
        self
    }

    pub fn run(mut self, program: Program) -> Self {
        self.program = program;
        self
    }

    /// A program through noise levels that ends at this one; an error is scaled at every level at which it takes a score.
    pub fn along(mut self, program: Program, last: NoiseLevel) -> Self {
        self.level = last;
        self.run(program)
    }

    pub fn instance(&self) -> Instance {
        let target: Arc<dyn Target> = Arc::new(self.target.clone());
        // Without a sampler an error is one at the level of the law.
        let mut levels = self.program.levels();
        if self.program.steps() == 0 {
            levels.push(self.level);
        }
        let field = damaged(Arc::clone(&target), self.error.clone(), &levels);
        let settings = Settings::default();
        Instance::new(target, self.level, self.start.clone(), field, self.program.clone(), settings)
    }

    /// Holds the theorem against the situation.
    pub fn then(&self, theorem: &'static Theorem) -> Claim {
        Claim { theorem, judgement: judge(theorem, &self.instance()) }
    }

    /// Holds the theorem's bound for this situation against what another program makes of it.
    pub fn sabotaged(&self, by: Program, theorem: &'static Theorem) -> Claim {
        let honest = self.instance();
        held(&honest, &honest.with_program(by), 1.0, theorem)
    }

    /// Holds the theorem with its bound divided by `factor`.
    pub fn with_bound_over(&self, factor: f64, theorem: &'static Theorem) -> Claim {
        self.against(self, factor, theorem)
    }

    /// Holds the theorem's bound for this situation, divided by `factor`, against what is measured of another.
    pub fn against(&self, other: &Given, factor: f64, theorem: &'static Theorem) -> Claim {
        held(&self.instance(), &other.instance(), factor, theorem)
    }
}

/// The theorem's bound for a situation, divided by `factor`, held against what is measured of another.
pub fn held(at: &Instance, other: &Instance, factor: f64, theorem: &'static Theorem) -> Claim {
    let doubts = check_hypotheses(theorem, at).unwrap();
    let mut bound = (theorem.bound)(at).unwrap();
    bound.value = bound.value / factor;
    let measured = theorem.about.measured(other).unwrap();
    Claim { theorem, judgement: compare(theorem.relation, theorem.ceiling, measured, bound, doubts) }
}

/// Equal atoms on the line at -1 and 1.
pub fn two() -> Data {
    points(&[0.5, 0.5], &[-1.0, 1.0])
}

/// A theorem held against a situation.
pub struct Claim {
    pub theorem: &'static Theorem,
    pub judgement: Judgement,
}

impl Claim {
    pub fn holds(&self) -> bool {
        matches!(self.judgement.verdict, Verdict::Holds { .. })
    }

    pub fn holds_or_vacuous(&self) -> bool {
        self.judgement.holds_or_vacuous()
    }

    /// Whether it holds, or both sides may be equal: their enclosures overlap and that of the bound is narrow, so that neither
    /// can tell.
    pub fn holds_or_equal(&self) -> bool {
        let narrow = || self.bound().width() <= 1e-2 * self.bound().hi();
        self.holds() || self.bound().overlaps(self.measured()) && narrow()
    }

    pub fn is_violated(&self) -> bool {
        self.judgement.verdict.is_violated()
    }

    /// The statement of the hypothesis that failed.
    pub fn failed(&self) -> Option<&'static str> {
        match self.judgement.verdict {
            Verdict::HypothesisFailed { says, .. } => Some(says),
            _ => None,
        }
    }

    /// Whether nothing is decided, for a reason in these words.
    pub fn leaves_open(&self, what: &str) -> bool {
        matches!(&self.judgement.verdict, Verdict::Undecided { decide } if decide.contains(what))
    }

    pub fn bound(&self) -> Interval {
        self.judgement.bound.as_ref().expect("the hypotheses hold").value
    }

    /// A term of the bound by name.
    pub fn term(&self, name: &str) -> f64 {
        let bound = self.judgement.bound.as_ref().expect("the hypotheses hold");
        bound.terms.iter().find(|(n, _)| *n == name).unwrap_or_else(|| panic!("no term {name}")).1.mid()
    }

    pub fn measured(&self) -> Interval {
        self.judgement.measured.as_ref().expect("the hypotheses hold").value
    }
}

impl fmt::Display for Claim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.theorem.labels[0], self.judgement)
    }
}

/// An enclosure that is narrow and holds a number by hand, both to a relative 1e-9: what plain arithmetic written twice
/// should give.
pub fn assert_close(found: Interval, by_hand: f64) {
    assert_close_to(found, by_hand, 1e-9);
}

/// The same to another relative accuracy.
pub fn assert_close_to(found: Interval, by_hand: f64, relative: f64) {
    let slack = relative * by_hand.abs();
    assert!(found.width() <= slack, "{found:?} is wider than {relative:e} of {by_hand:e}");
    assert!(found.widen(slack).contains(by_hand), "{found:?} against {by_hand:e} by hand");
}

/// P(|Z| > x) for a standard Gaussian Z.
pub fn tails(x: f64) -> f64 {
    statrs::function::erf::erfc(x / std::f64::consts::SQRT_2)
}

/// `delta + D sqrt(delta (1 - delta))`, at most 1 (LLT-1), for `D^2 = chi2`.
pub fn mass(delta: f64, chi2: f64) -> f64 {
    if delta * (1.0 + chi2) >= 1.0 { 1.0 } else { delta + (chi2 * delta * (1.0 - delta)).sqrt() }
}

/// h such that the whole time is `time`.
pub fn steps(time: f64, step: f64) -> u64 {
    (time / step).ceil().max(1.0) as u64
}

fn damaged(target: Arc<dyn Target>, error: Option<(Arc<dyn ErrorShape>, Size)>, levels: &[NoiseLevel]) -> Arc<Damaged> {
    Arc::new(match error {
        None => Damaged::exact(target),
        Some((shape, size)) => calibrate(target, shape, size, levels).unwrap(),
    })
}

pub fn constant(dim: usize) -> Arc<dyn ErrorShape> {
    Arc::new(Constant { direction: Direction::uniform(dim) })
}

/// e = c slope x.
pub fn affine(dim: usize, slope: f64) -> Arc<dyn ErrorShape> {
    Arc::new(Linear { matrix: DMatrix::identity(dim, dim) * slope, offset: DVector::zeros(dim) })
}

pub fn fourier(dim: usize, frequency: f64) -> Arc<dyn ErrorShape> {
    Arc::new(Fourier { dim, frequency, phase: 0.0 })
}

/// A step along the first axis, sharp for `edge = 0`.
pub fn outward(dim: usize, threshold: f64, edge: f64) -> Arc<dyn ErrorShape> {
    Arc::new(Window { direction: Direction::axis(dim, 0), lo: threshold, hi: None, edge })
}

/// A law at a noise level, with nothing to run: what statements about constants speak of.
#[derive(Clone)]
pub struct OfLaw {
    target: Arc<dyn Target>,
    level: NoiseLevel,
}

/// A law as it is.
pub fn law(target: impl Target + 'static) -> OfLaw {
    OfLaw { target: Arc::new(target), level: NoiseLevel::DATA }
}

impl OfLaw {
    /// The law of `alpha x + sigma xi`.
    pub fn at(mut self, alpha: f64, sigma: f64) -> Self {
        self.level = NoiseLevel { alpha, sigma };
        self
    }

    pub fn instance(&self) -> Instance {
        let start = Start::Density(normal(self.target.dim(), 0.0, 1.0));
        let field = damaged(Arc::clone(&self.target), None, &[]);
        let program = Program { blocks: Vec::new() };
        Instance::new(Arc::clone(&self.target), self.level, start, field, program, Settings::default())
    }

    pub fn then(&self, theorem: &'static Theorem) -> Claim {
        Claim { theorem, judgement: judge(theorem, &self.instance()) }
    }

    /// Holds the theorem's bound for this law, divided by `factor`, against what is measured of another.
    pub fn against(&self, other: &OfLaw, factor: f64, theorem: &'static Theorem) -> Claim {
        held(&self.instance(), &other.instance(), factor, theorem)
    }
}

/// Two weighted Gaussians on the line.
pub fn pair(weight: f64, means: [f64; 2], variances: [f64; 2]) -> Density {
    Density::Mixture(Mixture::scalar(&[weight, 1.0 - weight], &means, &variances).unwrap())
}

/// Gaussians of diagonal covariances.
pub fn in_space(parts: &[(f64, &[f64], &[f64])]) -> Density {
    let component = |mean: &[f64], v: &[f64]| {
        Gaussian::new(DVector::from_row_slice(mean), Covariance::Diagonal(DVector::from_row_slice(v))).unwrap()
    };
    let components = parts.iter().map(|(_, mean, v)| component(mean, v)).collect();
    Density::Mixture(Mixture::new(parts.iter().map(|p| p.0).collect(), components).unwrap())
}

/// Independent blocks with their numbers of copies.
pub fn product(factors: Vec<(Density, u64)>) -> Density {
    Density::Product(Product::new(factors).unwrap())
}

/// The slope of ln y in ln x between two points.
pub fn slope(a: (f64, f64), b: (f64, f64)) -> f64 {
    (b.1 / a.1).ln() / (b.0 / a.0).ln()
}

/// Data at time t of OU without a sampler, beside a start at N(0, I).
pub fn at_time(data: Data, t: f64) -> Given {
    at_level(data, Process::Ou.level(t))
}

/// The same at any level.
pub fn at_level(data: Data, level: NoiseLevel) -> Given {
    let start = normal(data.dim(), 0.0, 1.0);
    given_data(data).start(start).along(Program { blocks: Vec::new() }, level)
}

/// The same from N(alpha E X, sigma^2 I).
pub fn warm_at_time(data: Data, t: f64) -> Given {
    let level = Process::Ou.level(t);
    let start = Gaussian::isotropic(data.mean() * level.alpha, level.variance()).unwrap();
    at_level(data, level).start(Density::Gaussian(start))
}

/// A reverse SDE from T to `early_stop` in two steps, started at N(0, I).
pub fn reversed_from(data: Data, horizon: f64, early_stop: f64) -> Given {
    let grid = TimeGrid::uniform(horizon, early_stop, 2).unwrap();
    let program = samplers::reverse_sde(&Process::Ou, samplers::Scheme::Exponential, &grid);
    let start = normal(data.dim(), 0.0, 1.0);
    given_data(data).start(start).along(program, Process::Ou.level(early_stop))
}

/// Atoms on the line.
pub fn points(weights: &[f64], places: &[f64]) -> Data {
    let atoms = places.iter().map(|&x| DVector::from_element(1, x)).collect();
    Data::Points(Points::new(weights.to_vec(), atoms).unwrap())
}

/// The law of the reference values: 0.3, 0.4, 0.3 at -2, 1/2, 3.
pub fn three_points() -> Data {
    points(&[0.3, 0.4, 0.3], &[-2.0, 0.5, 3.0])
}
