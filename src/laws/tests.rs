//! Engine A = engine B; N at once = N single steps; every structure carries the same law.

use super::{Engine, Law, Particles, Propagate, Settings, Start, carry, plan};
use crate::numerics::Evidence;
use crate::processes::{NoiseLevel, Process, Rate, TimeGrid};
use crate::samplers::{CorrectAt, Corrector, Program, Scheme, lmc, predictor_corrector};
use crate::scores::errors::{Constant, Fourier, Linear};
use crate::scores::{Damaged, Direction, ScoreField, Size, calibrate};
use crate::targets::{Covariance, Density, Gaussian, Mixture, Points, Product, Target};
use nalgebra::{DMatrix, DVector};
use std::sync::Arc;

fn carried(start: &Start, program: &Program, field: &Damaged, settings: &Settings) -> (Engine, Law) {
    let plan = plan(start, program, field, settings).unwrap();
    let mut law = plan.start;
    law.run(program, field).unwrap();
    (plan.engine, law)
}

fn line(mean: f64, variance: f64) -> Density {
    Density::Gaussian(Gaussian::scalar(mean, variance).unwrap())
}

fn damaged_line() -> Damaged {
    let shape = Linear { matrix: DMatrix::from_element(1, 1, 0.05), offset: DVector::from_element(1, 0.1) };
    calibrate(Arc::new(line(0.0, 1.0)), Arc::new(shape), Size::Amplitude(1.0), &[NoiseLevel::DATA]).unwrap()
}

/// The 1-D engine against the closed form, forced onto a Gaussian problem, from one step to 1e8.
#[test]
fn grid_is_gaussian_on_affine_problems() {
    let field = damaged_line();
    let start = Start::Density(line(1.5, 0.5));
    for (h, n) in [(0.1, 1), (0.1, 7), (1e-3, 1000), (1e-5, 300_000), (1e-7, 100_000_000)] {
        let program = lmc(h, n, NoiseLevel::DATA);
        let (engine, exact) = carried(&start, &program, &field, &Settings::default());
        assert_eq!(engine, Engine::Gaussian);
        let forced = Settings { engine: Some(Engine::Grid), ..Settings::default() };
        let (engine, grid) = carried(&start, &program, &field, &forced);
        assert_eq!(engine, Engine::Grid);
        let (a, b) = ((exact.mean()[0], exact.cov()[(0, 0)]), (grid.mean()[0], grid.cov()[(0, 0)]));
        assert!((a.0 - b.0).abs() < 1e-12 && (a.1 - b.1).abs() < 1e-12, "h={h} n={n}: {a:?} {b:?}");
        assert_eq!((exact.moments_evidence(), grid.moments_evidence()), (Some(Evidence::Exact), None));
    }
}

/// A narrow start and atoms are carried too: the closed form for h = 1e-4, 2000 steps from variance 1e-6, and from a point.
#[test]
fn narrow_starts_grow_into_the_box() {
    let field = damaged_line();
    let forced = Settings { engine: Some(Engine::Grid), ..Settings::default() };
    let program = lmc(1e-4, 2000, NoiseLevel::DATA);
    let point = Start::Points(Points::new(vec![1.0], vec![DVector::from_element(1, 1.5)]).unwrap());
    for start in [Start::Density(line(1.5, 1e-6)), point] {
        let (_, exact) = carried(&start, &program, &field, &Settings::default());
        let (_, grid) = carried(&start, &program, &field, &forced);
        assert!((exact.mean()[0] - grid.mean()[0]).abs() < 1e-11);
        assert!((exact.cov()[(0, 0)] - grid.cov()[(0, 0)]).abs() < 1e-11, "{} {}", exact.cov(), grid.cov());
    }
}

/// A mixture in R^3 with means on a line is a core times a rest; its law has the moments of the cloud. Nine moments at 6
/// standard errors: false alarm below 2e-8; a shift of 6 se = 0.03 in a mean would be seen (n = 1e5).
#[test]
fn split_agrees_with_particles() {
    let direction = DVector::from_vec(vec![1.0, -1.0, 0.5]);
    let mode = |t: f64| Gaussian::isotropic(&direction * t, 0.8).unwrap();
    let target = Density::Mixture(Mixture::new(vec![0.3, 0.7], vec![mode(-1.0), mode(1.2)]).unwrap());
    let shape = Arc::new(Constant { direction: Direction::uniform(3) });
    let field = calibrate(Arc::new(target), shape, Size::Epsilon(0.2), &[NoiseLevel::DATA]).unwrap();
    let start = Start::Density(Density::Gaussian(Gaussian::isotropic(DVector::zeros(3), 0.5).unwrap()));
    let program = lmc(0.05, 30, NoiseLevel::DATA);
    let (engine, split) = carried(&start, &program, &field, &Settings::default());
    assert_eq!(engine, Engine::Split);
    let (engine, cloud) =
        carried(&start, &program, &field, &Settings { engine: Some(Engine::Particles), ..Settings::default() });
    assert_eq!(engine, Engine::Particles);
    let n = 100_000.0_f64;
    let (a, b, cov) = (split.mean(), cloud.mean(), split.cov());
    for i in 0..3 {
        assert!((a[i] - b[i]).abs() < 6.0 * (cov[(i, i)] / n).sqrt(), "{a} {b}");
        for j in 0..=i {
            // Var(x_i x_j) is at most 3 v_i v_j for these light-tailed laws.
            let se = (3.0 * cov[(i, i)] * cov[(j, j)] / n).sqrt();
            assert!((cov[(i, j)] - cloud.cov()[(i, j)]).abs() < 6.0 * se);
        }
    }
}

#[test]
fn products_are_decomposed_and_counted() {
    let mode = Density::Mixture(Mixture::scalar(&[0.4, 0.6], &[-1.5, 1.5], &[0.6, 1.0]).unwrap());
    let d = 100_000;
    let target = Density::Product(Product::new(vec![(mode, 1), (line(0.0, 1.0), d - 1)]).unwrap());
    let field = Damaged::exact(Arc::new(target));
    let start = Start::Density(Density::Gaussian(Gaussian::isotropic(DVector::zeros(d as usize), 0.9).unwrap()));
    let program = lmc(0.01, 100, NoiseLevel::DATA);
    let (engine, law) = carried(&start, &program, &field, &Settings::default());
    assert_eq!(engine, Engine::Product);
    let Law::Product(factors) = &law else { panic!("not a product") };
    assert!(matches!(factors[..], [(Law::Grid1(_), 1), (Law::Gaussian(_), 99_999)]));
    assert_eq!(law.dim(), d as usize);
    assert_eq!(law.moments_evidence(), None, "one factor is on a grid");
}

#[test]
fn forced_engines_refuse_by_name() {
    let target = Density::Mixture(Mixture::scalar(&[0.4, 0.6], &[-1.5, 1.5], &[0.6, 1.0]).unwrap());
    let field = Damaged::exact(Arc::new(target));
    let start = Start::Density(line(0.0, 1.0));
    let program = lmc(0.01, 10, NoiseLevel::DATA);
    for (engine, word) in
        [(Engine::Gaussian, "a Gaussian target"), (Engine::Product, "factor"), (Engine::Split, "frame")]
    {
        let settings = Settings { engine: Some(engine), ..Settings::default() };
        let refused = plan(&start, &program, &field, &settings).unwrap_err();
        assert!(refused.iter().any(|r| r.engine == engine.name() && r.needs.contains(word)), "{refused:?}");
    }
    let correlated = DMatrix::from_fn(3, 3, |i, j| if i == j { 1.0 } else { 0.5 });
    let correlated = Gaussian::new(DVector::zeros(3), Covariance::Dense(correlated));
    let field = Damaged::exact(Arc::new(Density::Gaussian(correlated.unwrap())));
    let settings = Settings { engine: Some(Engine::Grid), ..Settings::default() };
    let start = Start::Density(Density::Gaussian(Gaussian::isotropic(DVector::zeros(3), 1.0).unwrap()));
    let refused = plan(&start, &program, &field, &settings).unwrap_err();
    assert!(refused[0].needs.contains("this block has 3 coordinates"), "{refused:?}");
}

#[test]
fn unstable_steps_run_until_they_overflow() {
    let field = Damaged::exact(Arc::new(line(0.0, 1.0)) as Arc<dyn Target>);
    let start = Start::Density(line(0.0, 1.0));
    // h = 2.5 > 2: the variance grows by 2.25 a step.
    let (_, law) = carried(&start, &lmc(2.5, 20, NoiseLevel::DATA), &field, &Settings::default());
    assert!(law.cov()[(0, 0)] > 1e6);
    let correlated =
        Gaussian::new(DVector::zeros(2), Covariance::Dense(DMatrix::from_row_slice(2, 2, &[1.0, 0.5, 0.5, 1.0])));
    let correlated = Density::Gaussian(correlated.unwrap());
    for p in [line(0.0, 1.0), correlated] {
        let field = Damaged::exact(Arc::new(p.clone()) as Arc<dyn Target>);
        let program = lmc(100.0, 1_000, NoiseLevel::DATA);
        let mut law = plan(&Start::Density(p), &program, &field, &Settings::default()).unwrap().start;
        let why = law.run(&program, &field).unwrap_err();
        assert!(why.needs.contains("does not overflow"), "{why}");
    }
    let mode = Density::Mixture(Mixture::scalar(&[0.5, 0.5], &[-1.0, 1.0], &[1.0, 1.0]).unwrap());
    let field = Damaged::exact(Arc::new(mode));
    let program = lmc(2.5, 2_000, NoiseLevel::DATA);
    let mut law = plan(&start, &program, &field, &Settings::default()).unwrap().start;
    let why = law.run(&program, &field).unwrap_err();
    assert!(why.needs.contains("small enough"), "{why}");
}

/// The same cloud whichever way the work is cut among threads.
#[test]
fn clouds_do_not_depend_on_threads() {
    let field = damaged_line();
    let program = lmc(0.1, 5, NoiseLevel::DATA);
    let run = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| {
            let mut cloud = Particles::from_start(&Start::Density(line(0.0, 1.0)), 10_000, 3, 0.99);
            cloud.run(&program, &field as &dyn ScoreField).unwrap();
            cloud
        })
    };
    assert_eq!(run(1), run(4));
}

fn coupled(d: usize, i: usize, j: usize) -> Start {
    let cov = DMatrix::from_fn(d, d, |a, b| match (a, b) {
        _ if a == b => 1.0,
        _ if (a, b) == (i, j) || (a, b) == (j, i) => 0.3,
        _ => 0.0,
    });
    Start::Density(Density::Gaussian(Gaussian::new(DVector::zeros(d), Covariance::Dense(cov)).unwrap()))
}

/// Blocks that are Gaussian each are Gaussian together: whatever couples them, the start or the error, stays in closed form.
#[test]
fn products_of_gaussians_are_gaussian() {
    let product = || Density::Product(Product::new(vec![(line(0.0, 1.0), 2), (line(0.5, 2.0), 1)]).unwrap());
    let whole = Covariance::Diagonal(DVector::from_vec(vec![1.0, 1.0, 2.0]));
    let whole = || Density::Gaussian(Gaussian::new(DVector::from_vec(vec![0.0, 0.0, 0.5]), whole.clone()).unwrap());
    let program = lmc(0.05, 20, NoiseLevel::DATA);
    let (_, exact) = carried(&coupled(3, 0, 1), &program, &Damaged::exact(Arc::new(whole())), &Settings::default());
    let (engine, law) =
        carried(&coupled(3, 0, 1), &program, &Damaged::exact(Arc::new(product())), &Settings::default());
    assert_eq!(engine, Engine::Gaussian);
    assert_eq!((law.mean(), law.cov()), (exact.mean(), exact.cov()));
    // A dense affine error couples all three.
    let damaged = |target: Density| {
        let matrix = DMatrix::from_fn(3, 3, |i, j| 0.1 * (i as f64 - 2.0 * j as f64));
        let shape = Linear { matrix, offset: DVector::zeros(3) };
        calibrate(Arc::new(target), Arc::new(shape), Size::Amplitude(0.5), &[NoiseLevel::DATA]).unwrap()
    };
    for start in [coupled(3, 1, 2), Start::Density(product())] {
        let (_, exact) = carried(&start, &program, &damaged(whole()), &Settings::default());
        let (engine, law) = carried(&start, &program, &damaged(product()), &Settings::default());
        assert_eq!(engine, Engine::Gaussian);
        assert_eq!((law.mean(), law.cov()), (exact.mean(), exact.cov()));
    }
}

/// A mixture beside Gaussians of which the start couples two: a grid beside a Gaussian of two coordinates and one alone.
#[test]
fn coupled_gaussian_factors_stay_exact_beside_a_mixture() {
    let mode = Density::Mixture(Mixture::scalar(&[0.4, 0.6], &[-1.5, 1.5], &[0.6, 1.0]).unwrap());
    let target = Density::Product(Product::new(vec![(mode, 1), (line(0.0, 1.0), 3)]).unwrap());
    let field = Damaged::exact(Arc::new(target));
    let (engine, law) = carried(&coupled(4, 1, 2), &lmc(0.05, 20, NoiseLevel::DATA), &field, &Settings::default());
    assert_eq!(engine, Engine::Product);
    let Law::Product(factors) = &law else { panic!("not a product") };
    assert!(matches!(factors[..], [(Law::Grid1(_), 1), (Law::Gaussian(_), 1), (Law::Gaussian(_), 1)]));
    // Both coordinates contract by 1 - h in each step, and so does their covariance by its square.
    assert!((law.cov()[(1, 2)] - 0.3 * 0.95_f64.powi(40)).abs() < 1e-15);
}

fn atoms(points: &[&[f64]]) -> Start {
    let points: Vec<_> = points.iter().map(|x| DVector::from_row_slice(x)).collect();
    Start::Points(Points::new(vec![1.0 / points.len() as f64; points.len()], points).unwrap())
}

/// Coordinates of an atom are independent: a point in five dimensions factors as its target does.
#[test]
fn point_starts_come_apart() {
    let mode = || Density::Mixture(Mixture::scalar(&[0.4, 0.6], &[-1.5, 1.5], &[0.6, 1.0]).unwrap());
    let target = Density::Product(Product::new(vec![(mode(), 2), (line(0.0, 1.0), 3)]).unwrap());
    let field = Damaged::exact(Arc::new(target));
    let program = lmc(0.05, 20, NoiseLevel::DATA);
    let (engine, law) = carried(&atoms(&[&[0.0; 5]]), &program, &field, &Settings::default());
    assert_eq!(engine, Engine::Product);
    let (_, alone) = carried(&atoms(&[&[0.0]]), &program, &Damaged::exact(Arc::new(mode())), &Settings::default());
    assert_eq!((law.mean()[1], law.cov()[(1, 1)]), (alone.mean()[0], alone.cov()[(0, 0)]));
    assert!((law.cov()[(4, 4)] - (1.0 - 0.95_f64.powi(40)) / 0.975).abs() < 1e-14);
    // Two atoms that differ in one coordinate only.
    let (engine, law) =
        carried(&atoms(&[&[0.0; 5], &[0.0, 1.0, 0.0, 0.0, 0.0]]), &program, &field, &Settings::default());
    assert_eq!(engine, Engine::Product);
    assert_eq!(law.mean()[0], alone.mean()[0]);
}

/// Atoms on a line are a core times one point, in a frame of the target's or of their own. Moments of the cloud as in
/// `split_agrees_with_particles`.
#[test]
fn atoms_on_a_line_split() {
    let direction = DVector::from_vec(vec![1.0, -1.0, 0.5]);
    let mode = |t: f64| Gaussian::isotropic(&direction * t, 0.8).unwrap();
    let modes = Density::Mixture(Mixture::new(vec![0.3, 0.7], vec![mode(-1.0), mode(1.2)]).unwrap());
    let ball = Density::Gaussian(Gaussian::isotropic(DVector::zeros(3), 0.8).unwrap());
    let start = atoms(&[&[1.0, -1.0, 0.5], &[-2.0, 2.0, -1.0]]);
    let program = lmc(0.05, 30, NoiseLevel::DATA);
    for target in [modes, ball] {
        let field = Damaged::exact(Arc::new(target));
        let (engine, split) = carried(&start, &program, &field, &Settings::default());
        assert_eq!(engine, Engine::Split);
        let forced = Settings { engine: Some(Engine::Particles), ..Settings::default() };
        let (_, cloud) = carried(&start, &program, &field, &forced);
        let (a, b, cov) = (split.mean(), cloud.mean(), split.cov());
        for i in 0..3 {
            assert!((a[i] - b[i]).abs() < 6.0 * (cov[(i, i)] / 1e5).sqrt(), "{a} {b}");
        }
    }
}

/// A wave far too fine for any grid: the planner's choice falls back to particles for that factor and says why; a forced
/// engine refuses, and does not call it an overflow.
#[test]
fn particles_take_over_where_a_grid_gives_up() {
    let mode = Density::Mixture(Mixture::scalar(&[0.4, 0.6], &[-1.5, 1.5], &[0.6, 1.0]).unwrap());
    let target = Density::Product(Product::new(vec![(mode, 1), (line(0.0, 1.0), 1)]).unwrap());
    let wave = Fourier { frequency: 1e6, phase: 0.0, dim: 2 };
    let field = calibrate(Arc::new(target), Arc::new(wave), Size::Amplitude(20.0), &[NoiseLevel::DATA]).unwrap();
    let start = Start::Density(Density::Gaussian(Gaussian::isotropic(DVector::zeros(2), 1.0).unwrap()));
    let program = lmc(1e-4, 50, NoiseLevel::DATA);
    let settings = Settings { particles: 1000, ..Settings::default() };
    let planned = plan(&start, &program, &field, &settings).unwrap();
    assert_eq!(planned.engine, Engine::Product);
    let carried = carry(planned.start.clone(), &program, &field, &settings).unwrap();
    let Law::Product(factors) = &carried.law else { panic!("not a product") };
    assert!(matches!(factors[..], [(Law::Particles(_), 1), (Law::Particles(_), 1)]));
    assert!(carried.refused.len() == 1 && carried.refused[0].needs.contains("resolved"), "{:?}", carried.refused);
    let forced = Settings { engine: Some(Engine::Product), ..settings };
    let refused = carry(planned.start, &program, &field, &forced).unwrap_err();
    assert!(refused.needs.contains("resolved"), "{refused}");
}

/// Chains through noise levels on N(0.7, 1.8), start N(0, 1) or N(0, sigma^2): the Gaussian engine encloses the recursion of mean
/// and variance written out from the formulas of the samplers, and the 1-D engine agrees to 1e-12.
#[test]
fn chains_through_noise_levels_agree_with_closed_recursions() {
    let (mean, variance) = (0.7, 1.8);
    let field = Damaged::exact(Arc::new(line(mean, variance)));
    let grid = TimeGrid::geometric(2.0, 0.05, 24).unwrap();
    // The score at (alpha, sigma) is -(x - alpha mean)/(alpha^2 variance + sigma^2).
    let score = |level: NoiseLevel| {
        let v = level.alpha * level.alpha * variance + level.variance();
        (-1.0 / v, level.alpha * mean / v)
    };
    let corrector = Corrector { at: CorrectAt::EveryLevel, step: 0.02, relative: false, steps: 3 };
    for (process, wide) in [(Process::Ou, 1.0), (Process::Ve, 4.0), (Process::Vp(Rate::linear(0.4, 3.0, 2.0)), 1.0)] {
        for scheme in Scheme::ALL {
            if process == Process::Ve && scheme == Scheme::ExponentialMinus {
                continue;
            }
            let (mut m, mut v) = (0.0, wide);
            let mut step = |a: f64, b: f64, noise: f64, level: NoiseLevel| {
                let (slope, offset) = score(level);
                let factor = a + b * slope;
                (m, v) = (factor * m + b * offset, factor * factor * v + noise);
            };
            for (from, to, length) in grid.steps() {
                let h = process.elapsed(to, length);
                let level = process.level(from);
                match (&process, scheme) {
                    (Process::Ve, _) => step(1.0, 2.0 * h, 2.0 * h, level),
                    (_, Scheme::EulerMaruyama) => step(1.0 + h, 2.0 * h, 2.0 * h, level),
                    (_, Scheme::Exponential) => step(h.exp(), 2.0 * h.exp_m1(), (2.0 * h).exp_m1(), level),
                    (_, Scheme::ExponentialMinus) => {
                        step(2.0 - (-h).exp(), -2.0 * (-h).exp_m1(), -(-2.0 * h).exp_m1(), level);
                    }
                }
                (0..corrector.steps).for_each(|_| step(1.0, corrector.step, 2.0 * corrector.step, process.level(to)));
            }
            let program = predictor_corrector(&process, scheme, &grid, &corrector);
            let start = Start::Density(line(0.0, wide));
            let settings = Settings::default();
            let (engine, law) = carried(&start, &program, &field, &settings);
            assert_eq!(engine, Engine::Gaussian);
            let Law::Gaussian(gaussian) = &law else { panic!("not a Gaussian law") };
            let (enclosed_mean, enclosed_variance) = gaussian.coordinate(0).unwrap();
            assert!((enclosed_mean - m).magnitude() < 1e-12 && enclosed_mean.width() < 1e-11, "{enclosed_mean} {m}");
            assert!(
                (enclosed_variance - v).magnitude() < 1e-11 && enclosed_variance.width() < 1e-11,
                "{enclosed_variance} {v}"
            );
            let forced = Settings { engine: Some(Engine::Grid), ..settings };
            let (_, on_grid) = carried(&start, &program, &field, &forced);
            assert!(matches!(on_grid, Law::Grid1(_)));
            assert!((on_grid.mean()[0] - m).abs() < 1e-12 && (on_grid.cov()[(0, 0)] - v).abs() < 1e-12, "{scheme}");
        }
    }
}
