//! Change of variables against the Gaussian engine and against integrals written out elsewhere.

use super::{Base, Pushed1};
use crate::laws::density1::Density1;
use crate::laws::grid1::tests::{line, two_modes};
use crate::laws::{Engine, Law, Propagate, Settings, Start, plan};
use crate::numerics::gauss_legendre;
use crate::processes::{NoiseLevel, Process, TimeGrid};
use crate::samplers::{CorrectAt, Corrector, FlowScheme, Program, flow_ode, lmc};
use crate::samplers::{prediction_correction, predictor_corrector, rescaled};
use crate::scores::errors::{Fourier, Window};
use crate::scores::{Damaged, Direction, ErrorShape, ScoreField, Size, calibrate};
use crate::targets::{Density, Mixture, Points};
use nalgebra::DVector;
use std::sync::Arc;

fn uniform(horizon: f64, stop: f64, steps: u64) -> TimeGrid {
    TimeGrid::uniform(horizon, stop, steps).unwrap()
}

fn ou(scheme: FlowScheme, grid: &TimeGrid) -> Program {
    flow_ode(&Process::Ou, scheme, grid)
}

fn damaged(target: Density, shape: impl ErrorShape + 'static, size: f64, program: &Program) -> Damaged {
    calibrate(Arc::new(target), Arc::new(shape), Size::Amplitude(size), &program.levels()).unwrap()
}

/// The image of a closed law.
fn pushed(start: &Density, program: &Program, s: &dyn ScoreField) -> Pushed1 {
    Pushed1::new(Base::Closed(start.as_mixture1().unwrap()), program.blocks.clone(), s).unwrap()
}

fn forced(start: &Density, program: &Program, field: &Damaged, engine: Engine) -> Law {
    let settings = Settings { engine: Some(engine), ..Settings::default() };
    let mut law = plan(&Start::Density(start.clone()), program, field, &settings).unwrap().start;
    law.run(program, field).unwrap();
    law
}

fn at(law: &dyn Density1, x: f64) -> (f64, f64) {
    let (mut value, mut ln) = ([0.0], [0.0]);
    law.density(&[x], &mut value);
    law.ln_density(&[x], &mut ln);
    (value[0], ln[0])
}

/// On affine problems the law is Gaussian: moments, both distribution functions and the density far out, against the closed form.
#[test]
fn affine_flows_are_gaussian() {
    let (start, target) = (line(0.4, 0.7), line(0.7, 1.8));
    let field = Damaged::exact(Arc::new(target));
    for process in [Process::Ou, Process::Ve] {
        for scheme in FlowScheme::ALL {
            let program = rescaled(flow_ode(&process, scheme, &uniform(2.0, 0.1, 24)), &process, 0.1);
            let (exact, law) =
                (forced(&start, &program, &field, Engine::Gaussian), forced(&start, &program, &field, Engine::Grid));
            let Law::Pushed1(pushed) = &law else { panic!("{law:?}") };
            let (m, v) = (exact.mean()[0], exact.cov()[(0, 0)]);
            assert!((law.mean()[0] - m).abs() < 1e-13 && (law.cov()[(0, 0)] - v).abs() < 1e-13, "{scheme}");
            let gaussian = line(m, v).as_mixture1().unwrap();
            for z in [-30.0, -6.0, -1.0, 0.0, 0.3, 5.0, 30.0, 60.0] {
                let x = m + z * v.sqrt();
                let ((_, found), (_, expected)) = (at(pushed, x), at(&gaussian, x));
                assert!((found - expected).abs() < 1e-12 * (1.0 + expected.abs()), "{scheme} {z}: {found} {expected}");
                for (found, expected) in [(pushed.cdf(x), gaussian.cdf(x)), (pushed.sf(x), gaussian.sf(x))] {
                    assert!((found - expected).abs() <= 2e-11 * expected, "{scheme} {z}: {found:e} {expected:e}");
                }
            }
            let (left, right) = pushed.tail_variance();
            assert!((left / v - 1.0).abs() < 1e-9 && (right / v - 1.0).abs() < 1e-9);
            assert!(pushed.poles().is_empty() && pushed.noise() == 0.0 && pushed.ledger().total() < 1e-12);
        }
    }
}

/// Steps of zero length on the exact flow of a Gaussian: mean and standard deviation of PFODE_N(1,4)_T2_d0.1 in
/// `prediction_correction.json` (`x -> m_delta + sqrt(v_delta/v_T) (x - m_T)`), approached with the order of each scheme.
#[test]
fn schemes_have_their_orders() {
    let field = Damaged::exact(Arc::new(line(1.0, 4.0)));
    let (mean, sd) = (0.659_877_696_751_355_4, 1.810_021_122_550_356_5);
    for (scheme, order) in [(FlowScheme::Euler, 1.0), (FlowScheme::Heun, 2.0), (FlowScheme::Exponential, 1.0)] {
        let error = |steps: u64| {
            let law = pushed(&line(0.0, 1.0), &ou(scheme, &uniform(2.0, 0.1, steps)), &field);
            (law.mean() - mean).hypot(law.variance().sqrt() - sd)
        };
        let (coarse, fine) = (error(200), error(400));
        let slope = (coarse / fine).log2();
        assert!((slope - order).abs() < 0.05 && fine < 0.01, "{scheme}: {coarse:e} {fine:e}");
    }
}

/// Atoms are carried to atoms; a start spread by noise first is carried from the last noise on.
#[test]
fn atoms_stay_atoms_and_noise_comes_first() {
    let field = Damaged::exact(Arc::new(two_modes()));
    let grid = uniform(1.0, 0.1, 8);
    let program = ou(FlowScheme::Heun, &grid);
    let atoms = Points::new(vec![0.5, 0.5], vec![DVector::from_element(1, -0.5), DVector::from_element(1, 1.0)]);
    let start = Start::Points(atoms.unwrap());
    let mut law = plan(&start, &program, &field, &Settings::default()).unwrap().start;
    law.run(&program, &field).unwrap();
    let Law::Points(points) = &law else { panic!("{law:?}") };
    let mut by = [0.0];
    let mut x = -0.5;
    for block in &program.blocks {
        block.kernel.drift.displacement(&field, &[x], &mut by);
        x += by[0];
    }
    assert_eq!(points.points[0][0], x);
    let both = prediction_correction(&Process::Ou, (0.05, 30), FlowScheme::Heun.into(), &grid);
    let settings = Settings::default();
    let mut whole = plan(&start, &both, &field, &settings).unwrap().start;
    whole.run(&both, &field).unwrap();
    let Law::Approximate { law: whole, .. } = whole else { panic!("{whole:?}") };
    assert!(matches!(*whole, Law::Pushed1(_)));
    // Block by block is the same law.
    let mut steps = plan(&start, &both, &field, &settings).unwrap().start;
    both.blocks.iter().for_each(|block| steps.block(block, &field).unwrap());
    assert!((whole.mean()[0] - steps.mean()[0]).abs() < 1e-12 && (whole.cov() - steps.cov()).amax() < 1e-12);
}

/// A map that folds: the branches hold all the mass, values add up over all preimages, and the density is unbounded at the
/// folds. By brute force: the mass between two points is that of the points of a fine grid carried there.
#[test]
fn folds_are_added_up() {
    let program = ou(FlowScheme::Euler, &uniform(1.0, 0.2, 2));
    let wave = Fourier { dim: 1, frequency: 3.0, phase: 0.0 };
    let field = damaged(two_modes(), wave, 1.0, &program);
    let law = pushed(&line(0.0, 1.0), &program, &field);
    let poles: Vec<f64> = law.poles().into_iter().filter(|y| y.abs() < 3.0).collect();
    assert!(poles.len() >= 4, "{poles:?}");
    let n = 400_000;
    let step = 18.0 / f64::from(n);
    let mut xs: Vec<f64> = (0..n).map(|k| -9.0 + step * (f64::from(k) + 0.5)).collect();
    let weights: Vec<f64> = xs.iter().map(|x| step * (-0.5 * x * x).exp() / std::f64::consts::TAU.sqrt()).collect();
    let mut by = vec![0.0; xs.len()];
    for block in &program.blocks {
        block.kernel.drift.displacement(&field, &xs, &mut by);
        xs.iter_mut().zip(&by).for_each(|(x, d)| *x += d);
    }
    for y in [-3.0, -1.8, -0.4, 0.0, 0.8, 1.5, 2.95, 3.1] {
        let below: f64 = xs.iter().zip(&weights).filter(|(x, _)| **x <= y).map(|(_, w)| w).sum();
        assert!((law.cdf(y) - below).abs() < 1e-4, "{y}: {} {below}", law.cdf(y));
        assert!((law.cdf(y) + law.sf(y) - 1.0).abs() < 1e-14, "{y}");
        // The density is the slope of the distribution function.
        let h = 1e-5;
        let slope = (law.cdf(y + h) - law.cdf(y - h)) / (2.0 * h);
        assert!((at(&law, y).0 - slope).abs() < 1e-4 * slope, "{y}: {} {slope}", at(&law, y).0);
        assert!((at(&law, y).0.ln() - at(&law, y).1).abs() < 1e-13);
    }
    for pole in poles {
        let beside = [pole - 1e-9, pole + 1e-9].map(|y| at(&law, y).0);
        assert!(beside[0].max(beside[1]) > 100.0, "{pole}: {beside:?}");
    }
}

/// A score that jumps tears the map: outwards it leaves a gap without mass, inwards two sheets lie over each other.
#[test]
fn jumps_tear_the_map() {
    for (size, gap) in [(0.5, true), (-0.5, false)] {
        let program = ou(FlowScheme::Euler, &uniform(0.5, 0.2, 1));
        let step = Window { direction: Direction::axis(1, 0), lo: 1.0, hi: None, edge: 0.0 };
        let field = damaged(line(0.0, 1.0), step, size, &program);
        let law = pushed(&line(0.0, 1.0), &program, &field);
        // N(0, 1) is left alone by the flow, so that the map is x + 0.3 size 1{x > 1}.
        let (shift, phi) = (0.3 * size, |x: f64| (-0.5 * x * x).exp() / std::f64::consts::TAU.sqrt());
        let density =
            |y: f64| f64::from(u8::from(y < 1.0)) * phi(y) + f64::from(u8::from(y - shift > 1.0)) * phi(y - shift);
        for y in [-2.0, 0.5, 0.9, 1.0 + 0.5 * shift, 1.1, 1.3, 4.0] {
            assert!((at(&law, y).0 - density(y)).abs() < 1e-14, "{size} {y}: {} {}", at(&law, y).0, density(y));
        }
        assert_eq!(at(&law, 1.0 + 0.5 * shift).0 == 0.0, gap);
        assert!((law.cdf(1.0 + 0.5 * shift) + law.sf(1.0 + 0.5 * shift) - 1.0).abs() < 1e-15);
        assert!(law.kinks().iter().any(|k| (k - 1.0).abs() < 1e-14) && law.poles().is_empty());
        assert!((law.mean() - shift * 0.158_655_253_931_457_05).abs() < 1e-14, "{}", law.mean());
    }
}

/// What cannot be done is refused by name: maps that turn too often, steps that overflow, too many steps, too many jumps.
#[test]
fn what_cannot_be_carried_is_refused() {
    let exact = || Damaged::exact(Arc::new(two_modes()));
    let wave = Fourier { dim: 1, frequency: 1e6, phase: 0.0 };
    let turning = ou(FlowScheme::Euler, &uniform(1.0, 0.1, 4));
    let kick = Window { direction: Direction::axis(1, 0), lo: 1.0, hi: None, edge: 0.0 };
    let torn = ou(FlowScheme::Euler, &uniform(1.0, 0.1, 300));
    let without_noise = |h: f64, steps: u64| {
        let mut program = lmc(h, steps, NoiseLevel::DATA);
        program.blocks[0].kernel.noise = 0.0;
        program
    };
    let cases = [
        (damaged(two_modes(), wave, 1.0, &turning), turning, "turns"),
        (exact(), without_noise(1e200, 4), "overflow"),
        (exact(), without_noise(1e-9, 1_000_000_000), "100000 steps"),
        (damaged(two_modes(), kick, 0.1, &torn), torn, "jumps"),
    ];
    for (field, program, word) in cases {
        let mut law = Law::Closed(line(0.0, 1.0));
        let refused = law.run(&program, &field).unwrap_err();
        assert!(refused.engine == "grid" && refused.needs.contains(word), "{refused}");
    }
}

/// Steps without noise before steps with noise, on a Gaussian: the grid agrees with the Gaussian engine.
#[test]
fn flows_with_correctors_agree_with_the_gaussian_engine() {
    let (start, field) = (line(0.3, 0.8), Damaged::exact(Arc::new(line(0.7, 1.8))));
    let grid = TimeGrid::geometric(2.0, 0.05, 12).unwrap();
    for process in [Process::Ou, Process::Ve] {
        for (scheme, at) in
            FlowScheme::ALL.into_iter().zip([CorrectAt::EveryLevel, CorrectAt::End, CorrectAt::EveryLevel])
        {
            let corrector = Corrector { at, step: 0.02, relative: false, steps: 3 };
            let program = predictor_corrector(&process, scheme, &grid, &corrector);
            let exact = forced(&start, &program, &field, Engine::Gaussian);
            let law = forced(&start, &program, &field, Engine::Grid);
            assert!(matches!(law, Law::Grid1(_)));
            let off = (law.mean()[0] - exact.mean()[0]).abs().max((law.cov() - exact.cov()).amax());
            assert!(off < 1e-12, "{scheme}: {off:e}");
        }
    }
}

/// A flow, then one step of Langevin Monte Carlo, against the convolution written out, `rho(y) = int q(x) N(y; T(x), 2h) dx`, by
/// 4000 panels: with a wave as error in both stages of Heun's step, and with a step that stretches the middle threefold.
#[test]
fn noise_after_a_flow_is_a_convolution() {
    let narrow = Density::Mixture(Mixture::scalar(&[0.5, 0.5], &[-2.0, 2.0], &[0.1, 0.1]).unwrap());
    let cases = [
        (two_modes(), ou(FlowScheme::Heun, &uniform(2.0, 0.3, 3)), 0.3, 0.2),
        (narrow, ou(FlowScheme::Euler, &uniform(0.3, 0.05, 1)), 0.05, 0.01),
    ];
    for (target, flow, stop, size) in cases {
        let mut program = flow.clone();
        program.blocks.extend(lmc(0.05, 1, Process::Ou.level(stop)).blocks);
        let field = damaged(target, Fourier { dim: 1, frequency: 2.0, phase: 0.5 }, size, &program);
        let law = forced(&line(0.2, 0.9), &program, &field, Engine::Grid);
        let Law::Grid1(grid) = &law else { panic!("{law:?}") };
        let before = pushed(&line(0.2, 0.9), &flow, &field);
        let (rule, (a, b)) = (gauss_legendre(16), before.support());
        let half = (b - a) / 8000.0;
        let node = |k: i32, node: &f64| a + half * (f64::from(2 * k + 1) + node);
        let xs: Vec<f64> = (0..4000).flat_map(|k| rule.nodes.iter().map(move |t| node(k, t))).collect();
        let (mut density, mut by) = (vec![0.0; xs.len()], vec![0.0; xs.len()]);
        before.density(&xs, &mut density);
        let kernel = &program.blocks[flow.blocks.len()].kernel;
        kernel.drift.displacement(&field, &xs, &mut by);
        for y in [-4.0, -2.0, -0.7, 0.0, 0.4, 1.3, 3.0] {
            let one = |i: usize| {
                let z = (y - xs[i] - by[i]) / kernel.noise;
                let normal = (-0.5 * z * z).exp() / (std::f64::consts::TAU.sqrt() * kernel.noise);
                half * rule.weights[i % 16] * density[i] * normal
            };
            let truth: f64 = (0..xs.len()).map(one).sum();
            assert!((at(grid, y).0 - truth).abs() < 3e-13, "{stop} {y}: {} {truth}", at(grid, y).0);
        }
    }
}

/// What folds before it is blurred is left to particles.
#[test]
fn folds_before_noise_are_refused() {
    let mut program = ou(FlowScheme::Heun, &uniform(2.0, 0.3, 3));
    program.blocks.extend(lmc(0.05, 1, Process::Ou.level(0.3)).blocks);
    let sharp = damaged(two_modes(), Fourier { dim: 1, frequency: 9.0, phase: 0.0 }, 0.6, &program);
    let refused = Law::Closed(line(0.2, 0.9)).run(&program, &sharp).unwrap_err();
    assert!(refused.needs.contains("fold"), "{refused}");
}

/// After Langevin steps with a score that jumps the law lives on panels; a flow without jumps carries it on. That of N(0.7, 1.8)
/// is affine.
#[test]
fn panels_are_carried_on() {
    let grid = uniform(1.0, 0.1, 6);
    let program = prediction_correction(&Process::Ou, (0.05, 20), FlowScheme::Exponential.into(), &grid);
    let program = program.confined_to(&(0..20).collect::<Vec<_>>());
    let step = Window { direction: Direction::axis(1, 0), lo: 1.0, hi: None, edge: 0.0 };
    let field = damaged(line(0.7, 1.8), step, 0.5, &program);
    let mut law = Law::Closed(line(0.0, 1.0));
    law.run(&program, &field).unwrap();
    let mut before = Law::Closed(line(0.0, 1.0));
    before.run(&Program { blocks: program.blocks[..1].to_vec() }, &field).unwrap();
    let (Law::Pushed1(law), Law::Panels1(before)) = (&law, &before) else { panic!("{law:?}") };
    let (mut x, mut by) = ([0.0, 1.0], [0.0, 0.0]);
    for block in &program.blocks[1..] {
        block.kernel.drift.displacement(&field, &x, &mut by);
        (0..2).for_each(|i| x[i] += by[i]);
    }
    let (shift, slope) = (x[0], x[1] - x[0]);
    for x in [-3.0, -1.0, 0.2, 0.99, 1.01, 2.5] {
        let y = shift + slope * x;
        assert!((at(law, y).0 - at(before, x).0 / slope).abs() < 1e-13, "{x}");
        assert!((law.cdf(y) - before.cdf(x)).abs() < 1e-13 && (law.sf(y) - before.sf(x)).abs() < 1e-13, "{x}");
    }
    assert!((law.mean() - shift - slope * before.mean()).abs() < 1e-13);
    assert!(law.ledger().total() >= before.ledger().total() && law.noise() > 0.0);
}

/// An error on a thousandth of the line with edges a hundred times narrower, and a component of the target as narrow as that:
/// the distribution functions and the mean of what is carried against four million points.
#[test]
fn narrow_features_of_the_score_are_seen() {
    let program = ou(FlowScheme::Exponential, &uniform(0.8, 0.3, 3));
    let bump = Window { direction: Direction::axis(1, 0), lo: 0.3001, hi: Some(0.3011), edge: 1e-5 };
    let spiked = Density::Mixture(Mixture::scalar(&[0.999, 0.001], &[0.2, 0.7003], &[1.0, 1e-6]).unwrap());
    let mut step = lmc(1e-4, 1, NoiseLevel::DATA);
    step.blocks[0].kernel.noise = 0.0;
    let cases =
        [(damaged(two_modes(), bump, 3.0, &program), program, 0.9), (Damaged::exact(Arc::new(spiked)), step, 0.75)];
    let n = 4_000_000;
    let width = 18.0 / f64::from(n);
    for (field, program, between) in cases {
        let mut xs: Vec<f64> = (0..n).map(|k| -9.0 + width * (f64::from(k) + 0.5)).collect();
        let weights: Vec<f64> =
            xs.iter().map(|x| width * (-0.5 * x * x).exp() / std::f64::consts::TAU.sqrt()).collect();
        let mut by = vec![0.0; xs.len()];
        for block in &program.blocks {
            block.kernel.drift.displacement(&field, &xs, &mut by);
            xs.iter_mut().zip(&by).for_each(|(x, d)| *x += d);
        }
        let law = pushed(&line(0.0, 1.0), &program, &field);
        assert!(!law.poles().is_empty());
        let mean: f64 = xs.iter().zip(&weights).map(|(x, w)| x * w).sum();
        assert!((law.mean() - mean).abs() < 1e-8, "{} {mean}", law.mean());
        for y in [between - 0.2, between, between + 0.2] {
            let below: f64 = xs.iter().zip(&weights).filter(|(x, _)| **x <= y).map(|(_, w)| w).sum();
            assert!((law.cdf(y) - below).abs() < 1e-5, "{y}: {} {below}", law.cdf(y));
        }
    }
}
