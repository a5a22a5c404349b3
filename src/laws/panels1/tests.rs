//! The panel engine against independent values, closed forms and the smooth engine.

use crate::laws::density1::Density1;
use crate::laws::grid1::tests::{distances, line, reference, two_modes};
use crate::laws::{Grid1, Law, Panels1, Particles, Propagate, Start};
use crate::numerics::gauss_legendre;
use crate::processes::NoiseLevel;
use crate::samplers::{Program, lmc};
use crate::scores::errors::{Fourier, Window};
use crate::scores::learned::{Estimate, Model, learned};
use crate::scores::{At, Damaged, Direction, ScoreField, Size, Truncation, Within, calibrate};
use crate::targets::{Data, Density, Gaussian, Mixture, Mixture1, Points};
use nalgebra::{DMatrix, DVector};
use std::sync::Arc;

/// The score of `target` plus `amplitude` on (lo, hi), or beyond lo.
fn kicked(target: Density, amplitude: f64, lo: f64, hi: Option<f64>) -> Damaged {
    let shape = Window { direction: Direction::axis(1, 0), lo, hi, edge: 0.0 };
    calibrate(Arc::new(target), Arc::new(shape), Size::Amplitude(amplitude), &[NoiseLevel::DATA]).unwrap()
}

fn carried(start: &Density, program: &Program, s: &dyn ScoreField) -> Panels1 {
    let mut law = Panels1::new(start, program, s).unwrap();
    law.run(program, s).unwrap();
    law
}

#[test]
fn bad_sets_reach_their_reference_values() {
    let p = two_modes().as_mixture1().unwrap();
    let field = kicked(two_modes(), 3.0, -0.5, Some(0.25));
    for (id, h, n) in [("badset_h1e-2_N100", 1e-2, 100), ("badset_h1e-7_N1e7", 1e-7, 10_000_000)] {
        let law = carried(&line(0.5, 1.0), &lmc(h, n, NoiseLevel::DATA), &field);
        let (truth, tolerance) = reference(id, "tv").unwrap();
        let [tv, ..] = distances(&law, &p);
        assert!((tv - truth).abs() <= tolerance, "{id}: {tv} against {truth}");
        assert!(law.ledger().total() < 1e-11, "{:?}", law.ledger());
    }
    // Two values of the theory page, from panel Nystrom discretisations of two orders that agree to 1e-15.
    for (h, n, truth) in [(1e-2, 100, 0.276430830030082), (1e-3, 1000, 0.278221158869879)] {
        let law = carried(&line(0.5, 1.0), &lmc(h, n, NoiseLevel::DATA), &field);
        assert!((distances(&law, &p)[0] - truth).abs() < 1e-14);
    }
}

/// An independent discretisation: quadrature nodes on equal panels with breakpoints at the jumps, one sum per step.
fn nystrom(start: &Mixture1, (h, steps): (f64, u64), s: &dyn ScoreField, knots: &[f64], at: &[f64]) -> Vec<f64> {
    nystrom_asking(At { level: NoiseLevel::DATA, clean: false, truncated: false }, start, (h, steps), s, knots, at)
}

/// The same for any score.
fn nystrom_asking(
    asked: At,
    start: &Mixture1,
    (h, steps): (f64, u64),
    s: &dyn ScoreField,
    knots: &[f64],
    at: &[f64],
) -> Vec<f64> {
    let rule = gauss_legendre(20);
    let (mut ys, mut weights) = (Vec::new(), Vec::new());
    for pair in knots.windows(2) {
        let count = ((pair[1] - pair[0]) / (1.5 * (2.0 * h).sqrt())).ceil();
        for k in 0..count as usize {
            let half = 0.5 * (pair[1] - pair[0]) / count;
            let mid = pair[0] + half * (2.0 * k as f64 + 1.0);
            ys.extend(rule.nodes.iter().map(|t| mid + half * t));
            weights.extend(rule.weights.iter().map(|w| half * w));
        }
    }
    let mut moved = vec![0.0; ys.len()];
    s.eval(asked, &ys, &mut moved);
    let mut q = vec![0.0; ys.len()];
    start.density(&ys, &mut q);
    let kernel = |x: f64, j: usize| {
        let z = x - (ys[j] + h * moved[j]);
        weights[j] * (-z * z / (4.0 * h)).exp() / (4.0 * std::f64::consts::PI * h).sqrt()
    };
    let matrix = DMatrix::from_fn(ys.len(), ys.len(), |i, j| kernel(ys[i], j));
    for _ in 1..steps {
        q = (&matrix * DVector::from_vec(q)).data.into();
    }
    at.iter().map(|x| (0..ys.len()).map(|j| kernel(*x, j) * q[j]).sum()).collect()
}

#[test]
fn panels_agree_with_independent_quadrature() {
    let at: Vec<f64> = (-60..=120).map(|k| 0.1 * f64::from(k)).collect();
    let start = line(0.5, 1.0);
    // A bad set with one jump off the lattice of panels; a kick whose drift is as long as the noise; a coarse step.
    for (amplitude, lo, hi, h, n) in
        [(3.0, -0.5, Some(0.26), 1e-2, 40), (9.0, 1.0, None, 0.02, 30), (-6.0, 0.3, Some(2.0), 0.3, 6)]
    {
        let field = kicked(two_modes(), amplitude, lo, hi);
        let law = carried(&start, &lmc(h, n, NoiseLevel::DATA), &field);
        let knots: Vec<f64> = [Some(-14.0), Some(lo), hi, Some(26.0)].into_iter().flatten().collect();
        let truth = nystrom(&start.as_mixture1().unwrap(), (h, n), &field, &knots, &at);
        let mut found = vec![0.0; at.len()];
        law.density(&at, &mut found);
        let worst = truth.iter().zip(&found).fold(0.0, |w: f64, (a, b)| w.max((a - b).abs()));
        assert!(worst < 1e-12, "amplitude {amplitude}: {worst:e}");
    }
}

#[test]
fn panels_agree_with_the_smooth_engine() {
    let field = Damaged::exact(Arc::new(two_modes()));
    for (h, n) in [(0.05, 20), (1e-4, 1000), (1e-6, 1_000_000)] {
        let program = lmc(h, n, NoiseLevel::DATA);
        let panels = carried(&line(0.5, 2.0), &program, &field);
        let mut grid = Grid1::new(&line(0.5, 2.0), &program, &field).unwrap();
        grid.run(&program, &field).unwrap();
        let errors = panels.ledger().total() + grid.ledger().total();
        for k in -50..50 {
            let x = 0.1 * f64::from(k);
            assert!((panels.cdf(x) - grid.cdf(x)).abs() <= errors.max(1e-13), "h = {h}, x = {x}");
            assert!((panels.sf(x) - grid.sf(x)).abs() <= errors.max(1e-13), "h = {h}, x = {x}");
        }
        assert!((panels.mean() - grid.mean()).abs() < 1e-12 && (panels.variance() - grid.variance()).abs() < 1e-11);
    }
}

#[test]
fn steps_at_once_are_single_steps_and_keep_the_mass() {
    let field = kicked(two_modes(), 3.0, -0.5, Some(0.25));
    let start = line(0.5, 1.0);
    let one = lmc(1e-3, 1, NoiseLevel::DATA);
    let many = lmc(1e-3, 2000, NoiseLevel::DATA);
    let at_once = carried(&start, &many, &field);
    // The same step cut into 2000 mat-vecs, then one more by way of a second run.
    let mut single = carried(&start, &lmc(1e-3, 1999, NoiseLevel::DATA), &field);
    single.run(&one, &field).unwrap();
    for k in -40..40 {
        let x = 0.1 * f64::from(k);
        assert!((at_once.cdf(x) - single.cdf(x)).abs() < 1e-13);
    }
    let law = &at_once;
    assert!((law.cdf(20.0) - 1.0).abs() < 1e-13 && (law.cdf(0.3) + law.sf(0.3) - 1.0).abs() < 1e-13);
    let mass = law.expectation(&mut |xs, out| out.iter_mut().zip(xs).for_each(|(o, _)| *o = 1.0));
    assert!((mass - 1.0).abs() < 1e-13);
}

/// LLT-7b: the stationary law of the diffusion with score -x + A 1{x > R} is known; the chain's tends to it with h. The law
/// spreads from the mode at 0 over a barrier to a mode at A.
#[test]
fn kicks_carry_the_law_to_the_wrong_mode() {
    let p = line(0.0, 1.0).as_mixture1().unwrap();
    let below = |x: f64| 0.5 * libm::erfc(-x / std::f64::consts::SQRT_2);
    let (a, r) = (9.0, 4.0);
    let field = kicked(line(0.0, 1.0), a, r, None);
    let weight = (a * a / 2.0 - a * r).exp();
    let z = below(r) + weight * below(a - r);
    let x = r + z.ln() / a;
    let stationary = below(x) - (below(r) + weight * (below(x - a) - below(r - a))) / z;
    let bias = |h: f64, steps: u64| {
        let law = carried(&line(0.0, 1.0), &lmc(h, steps, NoiseLevel::DATA), &field);
        assert!(law.ledger().total() < 1e-11, "{:?}", law.ledger());
        distances(&law, &p)[0] - stationary
    };
    // Both far beyond the relaxation time of about 3e3; the observed order of the bias is 3/2.
    let (coarse, fine) = (bias(4e-3, 250_000_000), bias(1e-4, 10_000_000_000));
    assert!(fine.abs() < 1e-7 && coarse.abs() > 1e-5, "{coarse:e} {fine:e}");
    // At medium time the law has hardly begun to leave.
    assert!(bias(1e-2, 1000) + stationary < 4e-3);
}

/// E_q 1{lo < x < hi} by quadrature is the difference of the distribution function: jumps of the score are panel edges.
#[test]
fn expectations_see_the_jumps() {
    let field = kicked(two_modes(), 3.0, -0.5, Some(0.25));
    let law = carried(&line(0.5, 1.0), &lmc(1e-4, 5000, NoiseLevel::DATA), &field);
    let inside = |x: f64| f64::from(u8::from(-0.5 < x && x < 0.25));
    let mass = law.expectation(&mut |xs, out| out.iter_mut().zip(xs).for_each(|(o, x)| *o = inside(*x)));
    assert!((mass - (law.cdf(0.25) - law.cdf(-0.5))).abs() < 1e-14);
}

/// Step by step, and with blocks that alternate, the law is the one that is carried at once; its panels change only as the
/// number of steps doubles.
#[test]
fn a_law_that_is_followed_is_the_law_carried_at_once() {
    let field = kicked(two_modes(), 3.0, -0.5, Some(0.25));
    let all = lmc(1e-2, 24, NoiseLevel::DATA);
    let alternating = all.confined_to(&[0, 3, 4, 5, 9, 20]);
    let far = |a: &Panels1, b: &Panels1| {
        let (law, other) = (a.law.nodes(), &b.law);
        law.0.iter().map(|x| (a.law.value(*x) - other.value(*x)).abs()).fold(0.0, f64::max)
    };
    for program in [&all, &alternating] {
        let mut followed = Panels1::new(&line(0.5, 1.0), program, &field).unwrap();
        let (mut panels, mut changes) = (Vec::new(), 0);
        for block in &program.blocks {
            for _ in 0..block.repeat {
                followed.step(&block.kernel, &field).unwrap();
                changes += u32::from(followed.law.space.edges != panels);
                panels.clone_from(&followed.law.space.edges);
            }
        }
        let at_once = carried(&line(0.5, 1.0), program, &field);
        let difference = far(&followed, &at_once);
        assert!(difference < 1e-12, "{difference}");
        assert!((followed.lost - at_once.lost).abs() < 1e-14);
        assert!(changes <= 7, "{changes} meshes");
    }
}

/// Two far modes: between them the score turns within 0.004, which no grid of 2025 nodes resolves. References by a Nystrom
/// method on locally refined Gauss-Legendre panels, halved until steady.
#[test]
fn steep_scores_go_to_panels() {
    for (weight, mode, variance, wide, step, steps, tv) in
        [(0.3, 6.0, 0.05, 4.0, 0.01, 100, 0.179_937_414_785), (0.4, 3.0, 0.05, 2.0, 0.01, 30, 0.074_287_546_545)]
    {
        let target =
            Density::Mixture(Mixture::scalar(&[weight, 1.0 - weight], &[-mode, mode], &[variance; 2]).unwrap());
        let field = Damaged::exact(Arc::new(target.clone()));
        let start = Density::Gaussian(Gaussian::scalar(0.1, wide).unwrap());
        let program = lmc(step, steps, NoiseLevel::DATA);
        let mut law = Law::Closed(start);
        law.run(&program, &field).unwrap();
        let Law::Panels1(law) = law else { panic!("{mode}: not on panels") };
        let [found, ..] = distances(&law, &target.as_mixture1().unwrap());
        assert!((found - tv).abs() < 2e-12, "{found} {tv}");
    }
}

/// The truncated score of two atoms under a wave turns at its kinks: carried by panels, against the other discretisation with
/// the kinks found by hand. The same score without the truncation is smooth and goes to a grid.
#[test]
fn truncated_scores_are_carried_between_their_kinks() {
    let level = NoiseLevel { alpha: 0.6, sigma: 0.8 };
    let atoms = [-1.0, 1.0].map(|x| DVector::from_element(1, x)).to_vec();
    let data = Data::Points(Points::new(vec![0.5, 0.5], atoms).unwrap());
    let shape = Arc::new(Fourier { dim: 1, frequency: 1.0, phase: -std::f64::consts::FRAC_PI_2 });
    let field = calibrate(Arc::new(data.clone()), shape, Size::Amplitude(0.5), &[level]).unwrap();
    let bound = 0.6 / 0.64;
    let cut = Truncation::new(data, (level, level), DVector::zeros(1), bound, Within::Ball).unwrap();
    let field = field.with_truncation(cut);
    // |w| = B with w = B tanh(0.6 x/0.64) + 0.5 sin x, an odd function: the sign changes on a fine grid, halved.
    let w = |x: f64| (bound * (0.6 * x / 0.64).tanh() + 0.5 * x.sin()).abs() - bound;
    let mut kinks = Vec::new();
    for k in 0..90_000 {
        let (mut a, mut b) = (1e-4 * f64::from(k), 1e-4 * f64::from(k + 1));
        if w(a).signum() != w(b).signum() {
            for _ in 0..60 {
                let x = 0.5 * (a + b);
                if w(x).signum() == w(a).signum() { a = x } else { b = x }
            }
            kinks.push(b);
        }
    }
    let mut knots: Vec<f64> = kinks.iter().map(|x| -x).chain(kinks.iter().copied()).chain([-9.0, 9.0]).collect();
    knots.sort_by(f64::total_cmp);
    let start = line(0.4, 0.9);
    let program = lmc(0.05, 40, level).truncated_first();
    let mut law = Law::closed(&Start::Density(start.clone())).unwrap();
    law.run(&program, &field).unwrap();
    let Law::Panels1(panels) = &law else { panic!("{law:?}") };
    let xs = [-2.5, -1.3, -0.2, 0.0, 0.7, 1.4, 2.9];
    let mut found = [0.0; 7];
    panels.density(&xs, &mut found);
    let asked = At { level, clean: false, truncated: true };
    let other = nystrom_asking(asked, &start.as_mixture1().unwrap(), (0.05, 40), &field, &knots, &xs);
    for (a, b) in found.iter().zip(other) {
        assert!((a - b).abs() < 1e-9, "{a} {b}");
    }
    // The truncation is seen: without it the law is another one.
    let mut plain = Law::closed(&Start::Density(start)).unwrap();
    plain.run(&program.untruncated(), &field).unwrap();
    assert!(!matches!(plain, Law::Panels1(_)) && (plain.cov()[(0, 0)] - law.cov()[(0, 0)]).abs() > 1e-3);
}

/// The score of a kernel estimate of a single time, the level of the target, with `n` training inputs.
fn of_one_time(n: usize) -> (NoiseLevel, Vec<f64>, Damaged) {
    let time = 0.5_f64;
    let level = NoiseLevel { alpha: (-time).exp(), sigma: (-(-2.0 * time).exp_m1()).sqrt() };
    let xs: Vec<f64> = (0..n).map(|j| 2.5 * (1.7 * j as f64).sin()).collect();
    let inputs = DMatrix::from_fn(3, n, |i, j| [xs[j], 0.0, 1.0][i]);
    // Rough beside a smooth part, as labels leave it.
    let each = |j: usize| 3.0 * (xs[j].signum() + 2.0 * (2.3 * j as f64).cos()) / n as f64;
    let coefficients = DMatrix::from_fn(n, 1, |j, _| each(j));
    let estimate = Estimate::new(Model::Kernel { inputs, coefficients }, (time, time), true, 1.0).unwrap();
    let atoms = [-1.0, 1.0].map(|x| DVector::from_element(1, x)).to_vec();
    let data = Data::Points(Points::new(vec![0.5, 0.5], atoms).unwrap());
    (level, xs, learned(Arc::new(data), &Arc::new(estimate), (1.0, 0), &[(level, level)]))
}

/// A kernel score of a single time has a kink at every training input: few of them end panels, of many those that are apart.
#[test]
fn kernel_scores_of_a_single_time_are_carried() {
    for n in [64, 130] {
        let (level, xs, field) = of_one_time(n);
        let asked = At { level, clean: false, truncated: false };
        let mut knots: Vec<f64> = xs.into_iter().chain(field.jumps(asked)).chain([-9.0, 9.0]).collect();
        knots.sort_by(f64::total_cmp);
        knots.dedup_by(|a, b| (*a - *b).abs() < 1e-12);
        let (start, (h, steps)) = (line(0.4, 0.9), (0.05, 20));
        let law = carried(&start, &lmc(h, steps, level), &field);
        let at = [-2.5, -1.3, -0.2, 0.0, 0.7, 1.4, 2.9];
        let mut found = [0.0; 7];
        law.density(&at, &mut found);
        let truth = nystrom_asking(asked, &start.as_mixture1().unwrap(), (h, steps), &field, &knots, &at);
        for (a, b) in found.iter().zip(truth) {
            assert!((a - b).abs() < 1e-9, "{n}: {a} {b}");
        }
        assert!(law.ledger().total() < 1e-8, "{n}: {:?}", law.ledger());
    }
}

/// The same with more kinks than panels, against particles: by the inequality of Dvoretzky, Kiefer, Wolfowitz and Massart a right
/// distribution function is off by more than this with probability 1e-9.
#[test]
fn kernel_scores_with_many_kinks_agree_with_particles() {
    let (level, _, field) = of_one_time(400);
    let (start, program) = (line(0.4, 0.9), lmc(0.05, 10, level));
    let mut law = Law::closed(&Start::Density(start.clone())).unwrap();
    law.run(&program, &field).unwrap();
    let Law::Panels1(law) = &law else { panic!("{law:?}") };
    let count = 20_000;
    let mut cloud = Particles::from_start(&Start::Density(start), count, 11, 0.99);
    cloud.run(&program, &field).unwrap();
    let mut xs = cloud.chunks().concat();
    xs.sort_by(f64::total_cmp);
    let part = |k: usize| k as f64 / count as f64;
    let off = |(k, x): (usize, &f64)| (law.cdf(*x) - part(k)).abs().max((law.cdf(*x) - part(k + 1)).abs());
    let worst = xs.iter().enumerate().map(off).fold(0.0, f64::max);
    let most = ((2.0 / 1e-9_f64).ln() / (2.0 * count as f64)).sqrt();
    assert!(worst < most && law.ledger().total() < 1e-6, "{worst} {most} {:?}", law.ledger());
}

/// An error on a thousandth of the line with edges a hundred times narrower, which no grid and no panel as wide as the noise
/// shows: the planner goes to panels, and these agree with an independent quadrature whose pieces end at the edges.
#[test]
fn narrow_smooth_edges_are_seen() {
    let (lo, hi, edge) = (0.3001, 0.3011, 1e-5);
    let shape = Window { direction: Direction::axis(1, 0), lo, hi: Some(hi), edge };
    let field = calibrate(Arc::new(two_modes()), Arc::new(shape), Size::Amplitude(30.0), &[NoiseLevel::DATA]).unwrap();
    let (start, (h, n)) = (line(0.5, 1.0), (0.02, 10));
    let carry = |s: &dyn ScoreField| {
        let mut law = Law::Closed(start.clone());
        law.run(&lmc(h, n, NoiseLevel::DATA), s).unwrap();
        law
    };
    let law = carry(&field);
    let Law::Panels1(law) = &law else { panic!("{law:?}") };
    let around = |x: f64| [-40.0, -20.0, -10.0, -5.0, 0.0, 5.0, 10.0, 20.0, 40.0].map(move |k| x + k * edge);
    let knots: Vec<f64> = [-12.0].into_iter().chain(around(lo)).chain(around(hi)).chain([12.0]).collect();
    let at: Vec<f64> = (-40..=40).map(|k| 0.1 * f64::from(k)).collect();
    let truth = nystrom(&start.as_mixture1().unwrap(), (h, n), &field, &knots, &at);
    let mut found = vec![0.0; at.len()];
    law.density(&at, &mut found);
    let worst = truth.iter().zip(&found).fold(0.0, |w: f64, (a, b)| w.max((a - b).abs()));
    assert!(worst < 1e-11, "{worst:e}");
    // Without the error the law is another one.
    let Law::Grid1(clean) = carry(&Damaged::exact(Arc::new(two_modes()))) else { panic!("a smooth score") };
    let mut without = vec![0.0; at.len()];
    clean.density(&at, &mut without);
    assert!(truth.iter().zip(&without).any(|(a, b)| (a - b).abs() > 1e-4));
}
