//! Programs as data.

use super::{CorrectAt, Corrector, Drift, Kernel, Program, Rung, Scheme, annealed_lmc, geometric_sigmas, lmc};
use super::{FlowScheme, ReversePhase, flow_ode, prediction_correction, rescaled};
use super::{predictor_corrector, reverse_sde, spaced_sigmas};
use crate::processes::{NoiseLevel, Process, Rate, TimeGrid};
use crate::scores::{Damaged, Size, calibrate, errors};
use crate::targets::{Gaussian, Mixture, Target};
use proptest::prelude::*;
use std::sync::Arc;

/// Whether each single step of a program uses the damaged score, written out.
fn unrolled(program: &Program) -> Vec<bool> {
    program.blocks.iter().flat_map(|b| std::iter::repeat_n(!b.kernel.drift.is_clean(), b.repeat as usize)).collect()
}

proptest! {
    #[test]
    fn confinement_marks_exactly_the_listed_steps(steps in 1..60u64, listed in prop::collection::btree_set(0..80u64, 0..12)) {
        let listed: Vec<u64> = listed.into_iter().collect();
        let program = lmc(0.01, steps, NoiseLevel::DATA).confined_to(&listed);
        let expected: Vec<bool> = (0..steps).map(|k| listed.contains(&k)).collect();
        prop_assert_eq!(unrolled(&program), expected);
        prop_assert_eq!(program.steps(), steps);
        prop_assert!(program.blocks.len() <= 2 * listed.len() + 1);
    }
}

#[test]
fn lmc_is_one_block_however_long() {
    let program = lmc(1e-9, 20_000_000_000, NoiseLevel::DATA);
    assert_eq!((program.blocks.len(), program.steps()), (1, 20_000_000_000));
    assert_eq!(program.levels(), [NoiseLevel::DATA]);
    assert!((program.blocks[0].kernel.noise.powi(2) / 2e-9 - 1.0).abs() < 1e-15);
    assert!(program.clean().blocks[0].kernel.drift.is_clean());
}

/// (a - 1, b, noise) of a kernel.
fn numbers(kernel: &Kernel) -> (f64, f64, f64) {
    let Drift::Score { a_minus_one, b, .. } = kernel.drift else { panic!("{:?}", kernel.drift) };
    (a_minus_one, b, kernel.noise)
}

proptest! {
    /// The formulas of the contract, written out; all schemes agree to second order in h.
    #[test]
    fn schemes_are_those_of_the_contract(h in 1e-6..0.8f64) {
        let level = Process::Ou.level(1.0);
        let close = |a: f64, b: f64| (a - b).abs() <= 1e-9 * b.abs() + 1e-15;
        let (a, b, c) = numbers(&Scheme::EulerMaruyama.kernel(&Process::Ou, h, level));
        prop_assert!(a == h && b == 2.0 * h && close(c * c, 2.0 * h));
        let (a, b, c) = numbers(&Scheme::Exponential.kernel(&Process::Ou, h, level));
        prop_assert!(close(a, h.exp() - 1.0) && close(b, 2.0 * (h.exp() - 1.0)) && close(c * c, (2.0 * h).exp() - 1.0));
        let (a, b, c) = numbers(&Scheme::ExponentialMinus.kernel(&Process::Ou, h, level));
        // e^-h y + 2 (1 - e^-h)(s + y): the factor of y is 2 - e^-h.
        prop_assert!(close(a, 1.0 - (-h).exp()) && close(b, 2.0 - 2.0 * (-h).exp()) && close(c * c, 1.0 - (-2.0 * h).exp()));
        for scheme in Scheme::ALL {
            prop_assert_eq!(numbers(&scheme.kernel(&Process::Ve, h, level)), (0.0, 2.0 * h, (2.0 * h).sqrt()));
            let (a, b, c) = numbers(&scheme.kernel(&Process::Ou, h, level));
            prop_assert!((a - h).abs() <= h * h && (b - 2.0 * h).abs() <= 2.0 * h * h && (c * c - 2.0 * h).abs() <= 5.0 * h * h);
        }
    }

    /// The rung sizes fall by the ratio and count as LLT-9a says.
    #[test]
    fn ladders_fall_by_the_ratio(narrow in 0.01..1.0f64, factor in 1.01..1e3f64, ratio in 1.01..3.0f64) {
        let sigmas = geometric_sigmas(narrow * factor, narrow, ratio - 1.0).unwrap();
        let count = ((2.0 * factor.ln()) / ratio.ln() - 1e-9).ceil() as usize + 1;
        prop_assert_eq!((sigmas.len(), sigmas[0], sigmas[sigmas.len() - 1]), (count, narrow * factor, narrow));
        let falls: Vec<f64> = sigmas.windows(2).map(|s| (s[0] / s[1]).powi(2)).collect();
        let (last, others) = falls.split_last().unwrap();
        prop_assert!(others.iter().all(|f| (f / ratio - 1.0).abs() < 1e-12) && *last <= ratio * (1.0 + 1e-8) && *last > 1.0);
    }
}

#[test]
fn ladders_of_so_many_levels_have_equal_ratios() {
    let sigmas = spaced_sigmas(6.0, 0.2, 7).unwrap();
    assert_eq!((sigmas.len(), sigmas[0], sigmas[6]), (7, 6.0, 0.2));
    assert!(sigmas.windows(2).all(|s| (s[0] / s[1] / 30f64.powf(1.0 / 6.0) - 1.0).abs() < 1e-14));
    assert_eq!(spaced_sigmas(6.0, 0.2, 1), None);
    assert_eq!(spaced_sigmas(0.2, 6.0, 3), None);
}

#[test]
fn a_reverse_step_takes_the_score_at_its_noisier_end() {
    let grid = TimeGrid::uniform(2.0, 0.5, 3).unwrap();
    let vp = Process::Vp(Rate::linear(0.1, 4.0, 2.0));
    for process in [Process::Ou, Process::Ve, vp] {
        let program = reverse_sde(&process, Scheme::Exponential, &grid);
        let levels: Vec<NoiseLevel> = [2.0, 1.5, 1.0].map(|t| process.level(t)).to_vec();
        assert_eq!((program.steps(), program.levels()), (3, levels));
    }
    // The steps of VP are as long as the OU time they take.
    let vp = Process::Vp(Rate::constant(3.0));
    let one = reverse_sde(&vp, Scheme::EulerMaruyama, &TimeGrid::uniform(1.0, 0.0, 1).unwrap());
    assert_eq!(numbers(&one.blocks[0].kernel), (1.5, 3.0, 3.0f64.sqrt()));
}

#[test]
fn correctors_run_at_the_new_level() {
    let grid = TimeGrid::uniform(2.0, 0.0, 4).unwrap();
    let ou = Process::Ou;
    let corrector = |at| Corrector { at, step: 0.01, relative: false, steps: 7 };
    let every = predictor_corrector(&ou, Scheme::EulerMaruyama, &grid, &corrector(CorrectAt::EveryLevel));
    let plain = reverse_sde(&ou, Scheme::EulerMaruyama, &grid);
    let kinds: Vec<(u64, NoiseLevel)> =
        every.blocks.iter().map(|b| (b.repeat, b.kernel.drift.scores().next().unwrap().level)).collect();
    let level = |t: f64| ou.level(t);
    let (a, b, c, d, e) = (level(2.0), level(1.5), level(1.0), level(0.5), level(0.0));
    assert_eq!(kinds, [(1, a), (7, b), (1, b), (7, c), (1, c), (7, d), (1, d), (7, e)]);
    assert!(e.is_data());
    let end = predictor_corrector(&ou, Scheme::EulerMaruyama, &grid, &corrector(CorrectAt::End));
    assert_eq!(end.blocks[..4], plain.blocks[..]);
    assert_eq!(end.blocks[4..], lmc(0.01, 7, NoiseLevel::DATA).blocks[..]);
    // In units of the predictor step, whose length is that of the grid in OU time.
    let vp = Process::Vp(Rate::constant(3.0));
    let geometric = TimeGrid::geometric(2.0, 0.25, 3).unwrap();
    let relative = Corrector { relative: true, step: 0.5, ..corrector(CorrectAt::EveryLevel) };
    for (process, rate) in [(Process::Ve, 1.0), (ou, 1.0), (vp, 1.5)] {
        let program = predictor_corrector(&process, Scheme::Exponential, &geometric, &relative);
        let steps: Vec<f64> = program.blocks.iter().skip(1).step_by(2).map(|b| numbers(&b.kernel).1).collect();
        for (found, h) in steps.iter().zip([1.0, 0.5, 0.25]) {
            assert!((found / (0.5 * rate * h) - 1.0).abs() < 1e-14, "{steps:?}");
        }
    }
}

#[test]
fn confinement_to_levels_leaves_the_other_levels_clean() {
    let rung = |sigma, steps| Rung { level: NoiseLevel { alpha: 1.0, sigma }, step: 0.1, steps, rounding: 0.0 };
    let program = annealed_lmc(&[rung(4.0, 3), rung(2.0, 1_000_000_000), rung(1.0, 2)]);
    let confined = program.confined_to_levels(&program.levels()[1..2]);
    let seen: Vec<(u64, bool)> = confined.blocks.iter().map(|b| (b.repeat, !b.kernel.drift.is_clean())).collect();
    assert_eq!(seen, [(3, false), (1_000_000_000, true), (2, false)]);
    assert_eq!(confined.clean(), program.clean());
}

#[test]
fn an_annealing_is_one_block_per_rung() {
    let rung = |sigma, step, steps| Rung { level: NoiseLevel { alpha: 1.0, sigma }, step, steps, rounding: 0.0 };
    let program = annealed_lmc(&[rung(4.0, 0.5, 1_000_000_000), rung(1.0, 0.01, 3)]);
    assert_eq!((program.blocks.len(), program.steps()), (2, 1_000_000_003));
    assert_eq!(geometric_sigmas(1.0, 1.0, 1.0), None);
    assert_eq!(geometric_sigmas(2.0, 1.0, 0.0), None);
    let sigmas = geometric_sigmas(4.0, 1.0, 3.0).unwrap();
    assert!(sigmas.len() == 3 && sigmas[0] == 4.0 && (sigmas[1] - 2.0).abs() < 1e-15 && sigmas[2] == 1.0);
}

/// The flow's maps on the line, written out with a mixture score and a wave.
#[test]
fn flow_steps_are_those_of_the_contract() {
    let target: Arc<dyn Target> = Arc::new(Mixture::scalar(&[0.3, 0.7], &[-2.0, 1.5], &[0.25, 0.64]).unwrap());
    let wave = Arc::new(errors::Fourier { dim: 1, frequency: 2.0, phase: 0.3 });
    let grid = TimeGrid::uniform(0.9, 0.4, 1).unwrap();
    for (process, growth) in [(Process::Ou, 1.0), (Process::Ve, 0.0)] {
        let (from, to) = (process.level(0.9), process.level(0.4));
        let field = calibrate(Arc::clone(&target), wave.clone(), Size::Amplitude(0.2), &[from, to]).unwrap();
        let score = |level: NoiseLevel, x: f64| {
            let mut out = [0.0];
            target.score(level, &[x], &mut out);
            out[0] + 0.2 * (2.0 * x + 0.3).cos()
        };
        let slope = |level: NoiseLevel, x: f64| growth * x + score(level, x);
        let h: f64 = 0.5;
        for x in [-3.1, -0.2, 0.7, 2.4] {
            let expected = [
                (FlowScheme::Euler, x + h * slope(from, x)),
                (FlowScheme::Heun, x + 0.5 * h * (slope(from, x) + slope(to, x + h * slope(from, x)))),
                (
                    FlowScheme::Exponential,
                    if growth == 1.0 { h.exp() * x + (h.exp() - 1.0) * score(from, x) } else { x + h * score(from, x) },
                ),
            ];
            for (scheme, expected) in expected {
                let program = flow_ode(&process, scheme, &grid);
                let kernel = &program.blocks[0].kernel;
                let mut moved = [0.0];
                kernel.drift.displacement(&field, &[x], &mut moved);
                assert!(kernel.is_deterministic() && program.steps() == 1);
                assert!((x + moved[0] - expected).abs() < 1e-14, "{process:?} {scheme} {x}");
            }
        }
    }
}

/// The affine form of every drift agrees with its values, and knows its own error.
#[test]
fn affine_maps_of_flow_steps_are_their_values() {
    let target: Arc<dyn Target> = Arc::new(Gaussian::scalar(1.3, 4.0).unwrap());
    let field = Damaged::exact(target);
    let grid = TimeGrid::uniform(1.7, 0.2, 3).unwrap();
    for scheme in FlowScheme::ALL {
        for block in rescaled(flow_ode(&Process::Ou, scheme, &grid), &Process::Ou, 0.2).blocks {
            let map = block.kernel.drift.affine_displacement(&field, block.kernel.rounding).unwrap();
            for x in [-2.0, 0.0, 5.0] {
                let mut moved = [0.0];
                block.kernel.drift.displacement(&field, &[x], &mut moved);
                let off = (map.matrix[(0, 0)] * x + map.offset[0] - moved[0]).abs();
                assert!(off <= map.matrix_error * x.abs() + map.offset_error + 1e-16, "{scheme} {x} {off:e}");
            }
            assert!(map.matrix_error < 1e-13 && map.offset_error < 1e-13);
        }
    }
}

#[test]
fn prediction_correction_corrects_at_the_horizon() {
    let grid = TimeGrid::uniform(1.0, 0.1, 4).unwrap();
    for phase in [ReversePhase::from(FlowScheme::Heun), ReversePhase::from(Scheme::Exponential)] {
        let program = prediction_correction(&Process::Ou, (0.05, 60), phase, &grid);
        assert_eq!(program.blocks[0], lmc(0.05, 60, Process::Ou.level(1.0)).blocks[0]);
        assert_eq!(program.blocks[1..], phase.program(&Process::Ou, &grid).blocks);
        let stretched = rescaled(program, &Process::Ou, 0.1);
        let last = stretched.blocks.last().unwrap();
        assert_eq!(last.kernel.drift, Drift::Scale { a_minus_one: libm::expm1(0.1) });
        assert_eq!((last.kernel.noise, last.repeat), (0.0, 1));
    }
    let keys: Vec<_> = FlowScheme::ALL.map(|s| flow_ode(&Process::Ou, s, &grid).blocks[0].kernel.key()).to_vec();
    assert!(keys[0] != keys[1] && keys[1] != keys[2] && keys[0] != keys[2]);
}
