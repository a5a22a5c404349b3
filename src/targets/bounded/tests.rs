//! Posteriors against high precision, difference quotients and identities; draws against moments; bounds against what they bound.

use super::{BoundedData, tail_of_bounded};
use crate::numerics::{gauss_legendre, stream};
use crate::processes::{NoiseLevel, Process};
use crate::targets::{BoxMixture, Data, Points};
use nalgebra::{DMatrix, DVector};
use proptest::prelude::*;
use serde_json::Value;

/// An entry of `reference/learned_scores.json`: its values and the tolerance it asks for.
fn reference(id: &str) -> (Vec<f64>, f64) {
    let text = include_str!("../../../paper_checks/reference/learned_scores.json");
    let all: Value = serde_json::from_str(text).unwrap();
    let entry = all["values"].as_array().unwrap().iter().find(|entry| entry["id"] == id).unwrap();
    let value = match &entry["value"] {
        Value::Array(values) => values.iter().map(|v| v.as_f64().unwrap()).collect(),
        one => vec![one.as_f64().unwrap()],
    };
    (value, entry["rtol"].as_f64().unwrap())
}

/// Every value is that of the reference, to its tolerance.
fn assert_reference(id: &str, found: &[f64]) {
    let (expected, rtol) = reference(id);
    assert_eq!(found.len(), expected.len(), "{id}");
    for (x, y) in found.iter().zip(&expected) {
        assert!((x - y).abs() <= rtol * y.abs(), "{id}: {x} against {y}");
    }
}

fn points(weights: &[f64], points: &[&[f64]]) -> BoundedData {
    let points = points.iter().map(|x| DVector::from_column_slice(x)).collect();
    BoundedData::Points(Points::new(weights.to_vec(), points).unwrap())
}

fn cut(weights: &[f64], means: &[&[f64]], sds: &[f64], half_width: f64) -> BoundedData {
    let means = means.iter().map(|x| DVector::from_column_slice(x)).collect();
    BoundedData::Box(BoxMixture::new(weights.to_vec(), means, sds.to_vec(), half_width).unwrap())
}

fn two() -> BoundedData {
    points(&[0.5, 0.5], &[&[-1.0], &[1.0]])
}

fn three() -> BoundedData {
    points(&[0.5, 0.3, 0.2], &[&[1.0, 0.0], &[-0.5, 0.8], &[-0.5, -0.9]])
}

fn box1() -> BoundedData {
    cut(&[0.3, 0.7], &[&[-0.6], &[0.4]], &[0.25, 0.5], 1.0)
}

fn box2() -> BoundedData {
    cut(&[0.6, 0.4], &[&[-0.5, 0.7], &[0.9, -0.2]], &[0.3, 0.6], 1.2)
}

fn ou(t: f64) -> NoiseLevel {
    Process::Ou.level(t)
}

#[test]
fn reference_values_of_points() {
    let level = ou(0.3);
    assert_reference("alpha_h_gamma", &[level.alpha, level.variance(), level.snr()]);
    let (data, x) = (three(), [0.2, -0.7]);
    let mut score = [0.0; 2];
    data.scores(level, &x, &mut score);
    assert_reference("score_pts", &score);
    let at = data.posterior(level, &x);
    assert_reference("post_cov_pts", &[at.covariance[(0, 0)], at.covariance[(0, 1)], at.covariance[(1, 1)]]);
    let slope = at.slope_in_time(level, Process::Ou.level_rate(0.3), &x);
    assert_reference("dfdt_pts", slope.as_slice());
    assert_reference("post_mean_tgauss", cut(&[1.0], &[&[0.3]], &[0.5], 1.0).posterior(level, &[-0.4]).mean.as_slice());
}

#[test]
fn reference_values_of_the_noise() {
    let noise = [0.05, 0.1, 0.3, 1.0, 2.0].map(|t| two().noise_on_line(ou(t)).unwrap().value.mid());
    assert_reference("noise_2pt", &noise);
    assert_reference("fisher_2pt", &[two().fisher_on_line(ou(0.3)).unwrap().value.mid()]);
    // gamma = 1/sigma^2 at alpha = 1. Beyond gamma = 80 the noise is below e^-40.
    let rule = gauss_legendre(24);
    let mut total = 0.0;
    for panel in [[0.0, 2.0], [2.0, 6.0], [6.0, 14.0], [14.0, 30.0], [30.0, 80.0]] {
        for (x, w) in rule.nodes.iter().zip(&rule.weights) {
            let gamma = panel[0] + 0.5 * (panel[1] - panel[0]) * (1.0 + x);
            let level = NoiseLevel { alpha: 1.0, sigma: gamma.sqrt().recip() };
            total += 0.25 * (panel[1] - panel[0]) * w * two().noise_on_line(level).unwrap().value.mid();
        }
    }
    assert_reference("immse_2pt", &[total]);
    assert!((total - std::f64::consts::LN_2).abs() < 1e-12, "{total}");
    assert!(two().entropy().unwrap().widen(1e-12).contains(total));
}

/// Values of 60-digit arithmetic, the level being that of the process: ln density, then moments.
#[test]
fn posteriors_hold_at_every_level_and_far_away() {
    let close = |found: f64, expected: f64, why: &str| {
        assert!((found - expected).abs() <= 2e-12 * expected.abs(), "{why}: {found:e} against {expected:e}");
    };
    // (t, x): ln density, mean, variance, Cov(X, X^2).
    let boxes = [
        ((0.001, 0.3), [-0.47853337784746197, 0.30104898300384786, 0.0019872672324382124, 0.0011965000164092358]),
        ((0.001, -0.97), [-1.8746991433633324, -0.9454535259015918, 0.0011770463882284348, -0.0022004150368071505]),
        ((0.001, 1000.0), [-249750345.27656633, 0.9999979979900562, 4.00804379907837e-12, 8.016055501582705e-12]),
        ((0.001, -50.0), [-600884.7547402828, -0.9999591740138383, 1.6667582875971728e-09, -3.3332443874580073e-09]),
        ((0.3, -0.4), [-0.8282746876379792, -0.1328640767081554, 0.24101711340919094, -0.030552633362038218]),
        ((0.3, 1.7), [-2.9728177952045747, 0.5563086619878204, 0.11386110767346015, 0.08220598541340639]),
        ((2.0, 1000.0), [-509197.8250120508, 0.9926199767187518, 5.444092773110269e-05, 0.00010727545656233368]),
        ((2.0, 0.5), [-1.0366455572573745, 0.054653345376385054, 0.2871486623879145, 0.014413441639351007]),
        ((20.0, 1000.0), [-500000.9189384612, 0.034916491092232244, 0.28872956541044087, 0.009761329125546492]),
        ((20.0, -3.0), [-5.418938533420574, 0.0349158941908724, 0.28872958691367534, 0.009761187469846694]),
    ];
    for ((t, x), [ln_density, mean, variance, cross]) in boxes {
        let at = box1().posterior(ou(t), &[x]);
        let why = format!("box, t = {t}, x = {x}");
        close(at.ln_density, ln_density, &why);
        close(at.mean[0], mean, &why);
        close(at.covariance[(0, 0)], variance, &why);
        close(at.with_square[0], cross, &why);
    }
    // (t, x): ln density, mean, covariance.
    let atoms = [
        (
            (0.001, [0.24, 0.41]),
            [
                -171.58525989343255,
                -0.4999739694173477,
                0.7999861170225855,
                3.904519638727247e-05,
                -2.0824104739878648e-05,
                1.1106189194601947e-05,
            ],
        ),
        ((0.001, [1000.0, 1750.0]), [-1016141209.6904771, 1.0, 0.0, 0.0, -0.0, 0.0]),
        ((0.01, [-400.0, -20.0]), [-4039359.6086320793, -0.5, -0.9, 0.0, 0.0, 0.0]),
        (
            (2.0, [700.0, -700.0]),
            [
                -499048.12624805945,
                1.0,
                -2.5694268216246943e-26,
                6.423567054061735e-26,
                3.8541402324370414e-26,
                2.312484139462225e-26,
            ],
        ),
        (
            (20.0, [1000.0, 0.0]),
            [
                -500001.83787655114,
                0.2500011593989126,
                0.05999990724808698,
                0.5624999999986557,
                -0.04499999999989246,
                0.3503994638939342,
            ],
        ),
    ];
    for ((t, x), expected) in atoms {
        let at = three().posterior(ou(t), &x);
        let found = [
            at.ln_density,
            at.mean[0],
            at.mean[1],
            at.covariance[(0, 0)],
            at.covariance[(0, 1)],
            at.covariance[(1, 1)],
        ];
        found.iter().zip(expected).for_each(|(f, e)| close(*f, e, &format!("points, t = {t}, x = {x:?}")));
    }
}

/// HRX-6 (a): `sigma^2(t) = (h/alpha)^2 (1/h - I(p_t))`, and the mass of the nodes is 1.
#[test]
fn noise_is_fisher_information() {
    let lines =
        [two(), points(&[0.3, 0.4, 0.3], &[&[-2.0], &[0.5], &[3.0]]), points(&[0.2, 0.8], &[&[-40.0], &[0.1]]), box1()];
    for (k, data) in lines.iter().enumerate() {
        for t in [0.003, 0.05, 0.1, 0.3, 1.0, 2.0] {
            let (level, h) = (ou(t), ou(t).variance());
            let noise = data.noise_on_line(level).unwrap().value.mid();
            let fisher = data.fisher_on_line(level).unwrap().value.mid();
            // The right-hand side is a difference of numbers of this size.
            let size = h / level.alpha.powi(2);
            assert!((noise - size * (1.0 - h * fisher)).abs() < 1e-12 * size.max(noise), "{k} {t}: {noise}");
            let mass: f64 = data.line_nodes(level).unwrap().iter().map(|node| node.weight).sum();
            assert!((mass - 1.0).abs() < 1e-12, "{k} {t}: {mass}");
        }
    }
}

/// HRX-6 (b) between two levels: half the integral of the noise over the signal-to-noise ratio is the information gained; and the
/// information of atoms tends to their entropy.
#[test]
fn noise_integrates_to_information() {
    let rule = gauss_legendre(20);
    for data in [two(), points(&[0.3, 0.4, 0.3], &[&[-2.0], &[0.5], &[3.0]]), box1()] {
        let information = |gamma: f64| {
            let found = data.information_on_line(NoiseLevel { alpha: 1.0, sigma: gamma.sqrt().recip() });
            found.unwrap().value.mid()
        };
        for (from, to) in [(0.1, 0.5), (0.5, 2.0), (2.0, 5.0), (20.0, 40.0)] {
            let at = |x: f64| from + 0.5 * (to - from) * (1.0 + x);
            let noise = |gamma: f64| data.noise_on_line(NoiseLevel { alpha: 1.0, sigma: gamma.sqrt().recip() });
            let each = rule.nodes.iter().zip(&rule.weights).map(|(x, w)| w * noise(at(*x)).unwrap().value.mid());
            let half = 0.25 * (to - from) * each.sum::<f64>();
            assert!((half - (information(to) - information(from))).abs() < 1e-11, "{from} {to}: {half}");
        }
        for t in [0.01, 0.3, 2.0] {
            let found = data.information_on_line(ou(t)).unwrap().value;
            assert!(found.lo() <= data.most_information(ou(t)), "{t}: {found}");
        }
    }
    let data = points(&[0.3, 0.4, 0.3], &[&[-2.0], &[0.5], &[3.0]]);
    assert!((data.information_on_line(ou(0.001)).unwrap().value.mid() - data.entropy().unwrap().mid()).abs() < 1e-12);
}

/// HRX-4: `E|f(X_t) - X_0|^2 = E|f - f_*|^2 + sigma^2(t)`, the left-hand side from the joint law of X_0 and X_t.
#[test]
fn the_loss_of_any_function_is_its_error_and_the_noise() {
    let (data, atoms) = (points(&[0.3, 0.4, 0.3], &[&[-2.0], &[0.5], &[3.0]]), [(0.3, -2.0), (0.4, 0.5), (0.3, 3.0)]);
    for t in [0.02, 0.2, 1.5] {
        let level = ou(t);
        let f = |x: f64| 2.0 * (0.7 * x).tanh() - 0.1;
        let normal = |u: f64| (-0.5 * u * u).exp() * 0.005 / std::f64::consts::TAU.sqrt();
        let joint = |(w, a): (f64, f64)| {
            let loss = |k: i32| {
                let u = f64::from(k) * 0.005;
                normal(u) * (f(level.alpha * a + level.sigma * u) - a).powi(2)
            };
            w * (-2800..=2800).map(loss).sum::<f64>()
        };
        let loss: f64 = atoms.into_iter().map(joint).sum();
        let nodes = data.line_nodes(level).unwrap();
        let error: f64 = nodes.iter().map(|node| node.weight * (f(node.x) - node.mean).powi(2)).sum();
        let noise = data.noise_on_line(level).unwrap().value.mid();
        assert!((loss - error - noise).abs() < 1e-12 * loss, "{t}: {loss} {error} {noise}");
    }
}

proptest! {
    /// The regression moves as its posterior says, within the proved bounds, and the score is the slope of the density.
    #[test]
    fn slopes_are_difference_quotients(
        which in 0..2usize, t in 0.02..2.0f64, x in prop::array::uniform2(-2.0..2.0f64), ve in any::<bool>(),
    ) {
        let data = if which == 0 { three() } else { box2() };
        let process = if ve { Process::Ve } else { Process::Ou };
        let level = process.level(t);
        let at = data.posterior(level, &x);
        let f = |t: f64, x: &[f64]| data.posterior(process.level(t), x);
        // The scale on which f_* and ln p move; third derivatives are bounded by its inverse cube.
        let scale = level.sigma.powi(2).min(1.0);
        let h = 1e-5 * scale;
        let space = at.slope_in_space(level);
        let mut score = [0.0; 2];
        data.scores(level, &x, &mut score);
        for c in 0..2 {
            let moved = |by: f64| { let mut y = x; y[c] += by; f(t, &y) };
            let (above, below) = (moved(h), moved(-h));
            let quotient = (&above.mean - &below.mean) / (2.0 * h);
            prop_assert!((quotient - space.column(c)).amax() < 1e-8 / scale + 1e-9, "{c}");
            let slope = (above.ln_density - below.ln_density) / (2.0 * h);
            prop_assert!((slope - score[c]).abs() < 1e-8 / scale * (1.0 + score[c].abs()), "{c}: {slope} {}", score[c]);
        }
        let rate = process.level_rate(t);
        let h = 1e-5 * t * scale;
        let quotient = (f(t + h, &x).mean - f(t - h, &x).mean) / (2.0 * h);
        let time = at.slope_in_time(level, rate, &x);
        prop_assert!((&quotient - &time).amax() < 1e-7 * (1.0 / scale.powi(2) + time.amax()), "{quotient} {time}");
        // Bounds.
        let bound = data.lipschitz_in_space(level);
        let steepest = space.symmetric_eigenvalues().max();
        prop_assert!(space.symmetric_eigenvalues().min() > -1e-13 * bound.sharp);
        prop_assert!(steepest <= bound.sharp * (1.0 + 1e-12) && bound.sharp <= bound.crude * (1.0 + 1e-12));
        let bound = data.lipschitz_in_time(level, rate, x[0].hypot(x[1]));
        prop_assert!(time.norm() <= bound.sharp && bound.sharp <= bound.crude, "{} {bound:?}", time.norm());
        prop_assert!(at.mean.norm() <= data.radius());
    }

    /// Posteriors are finite and posteriors at every level and any distance.
    #[test]
    fn posteriors_never_break(which in 0..2usize, ln_t in -6.9..3.0f64, size in -1.0..3.0f64, angle in 0.0..6.3f64) {
        let data = if which == 0 { three() } else { box2() };
        let r = 10.0_f64.powf(size);
        let at = data.posterior(ou(ln_t.exp()), &[r * angle.cos(), r * angle.sin()]);
        prop_assert!(at.ln_density.is_finite() && at.mean.norm() <= data.radius());
        let least = at.covariance.symmetric_eigenvalues().min();
        prop_assert!(least >= -1e-15 * at.covariance.trace());
        let cauchy = at.covariance.trace().sqrt() * data.radius().powi(2);
        prop_assert!(at.with_square.norm() <= cauchy * (1.0 + 1e-9));
    }

    /// The projection fixes the ball, lands in it and lengthens no distance.
    #[test]
    fn the_projection_is_one(x in prop::array::uniform2(-3.0..3.0f64), y in prop::array::uniform2(-3.0..3.0f64)) {
        let data = three();
        let projected = |x: [f64; 2]| { let mut p = x; data.project(&mut p); p };
        let norm = |x: [f64; 2]| x[0].hypot(x[1]);
        let (p, q) = (projected(x), projected(y));
        prop_assert!(norm(p) <= data.radius() * (1.0 + 1e-15) && (norm(x) > data.radius() || p == x));
        prop_assert!(norm([p[0] - q[0], p[1] - q[1]]) <= norm([x[0] - y[0], x[1] - y[1]]) * (1.0 + 1e-14) + 1e-15);
    }
}

/// diam^2/4 is attained, where a D^2 is 4/3 times too large: the corners of an equilateral triangle.
#[test]
fn the_sharp_bound_of_the_slope_is_attained() {
    let corner = |k: f64| [(k * std::f64::consts::TAU / 3.0).cos(), (k * std::f64::consts::TAU / 3.0).sin()];
    let third = 1.0 / 3.0;
    let data = points(&[third, third, third], &[&corner(0.0), &corner(1.0), &corner(2.0)]);
    let level = ou(0.05);
    let bound = data.lipschitz_in_space(level);
    assert!((bound.crude / bound.sharp - 4.0 / 3.0).abs() < 1e-13);
    // Halfway between two corners.
    let x = [-0.5 * level.alpha, 0.0];
    let steepest = data.posterior(level, &x).slope_in_space(level).symmetric_eigenvalues().max();
    assert!(steepest <= bound.sharp && steepest > 0.999 * bound.sharp, "{steepest} {bound:?}");
}

#[test]
fn sizes_of_the_support() {
    let data = three();
    let (longest, farthest) = (3.06_f64.sqrt(), 1.06_f64.sqrt());
    assert!(data.diameter() >= longest && data.diameter() < longest + 1e-14);
    assert!(data.radius() >= farthest && data.radius() < farthest + 1e-14);
    let cube = box2();
    assert!(
        (cube.radius() / (1.2 * 2.0_f64.sqrt()) - 1.0).abs() < 1e-14
            && (cube.diameter() / cube.radius() - 2.0).abs() < 1e-14
    );
    assert!((data.mean() - DVector::from_vec(vec![0.25, 0.06])).norm() < 1e-15);
    assert!(data.second_moment().widen(1e-15).contains(0.5 + 0.3 * 0.89 + 0.2 * 1.06));
    assert_eq!(box1().entropy(), None);
}

/// The sixteen corners of setting D, one of them twice: duplicates are one atom.
#[test]
fn duplicates_are_one_atom() {
    let signs = "10100111 11111101 00101100 00011011 11010000 10001110 10001110 10110111 \
                 11010001 11111011 00101000 01001101 01011110 10000010 01100100 01011011";
    let corner = |s: &str| DVector::from_iterator(8, s.chars().map(|c| if c == '1' { 0.5 } else { -0.5 }));
    let all = Points::new(vec![1.0 / 16.0; 16], signs.split_whitespace().map(corner).collect()).unwrap();
    assert_eq!(all.merged().points.len(), 15);
    assert!((all.merged().weights.iter().sum::<f64>() - 1.0).abs() < 1e-15);
    let entropy = BoundedData::Points(all).entropy().unwrap();
    let expected = 14.0 / 16.0 * 16.0_f64.ln() + 2.0 / 16.0 * 8.0_f64.ln();
    assert!(entropy.widen(1e-15).contains(expected) && entropy.width() < 1e-13, "{entropy}");
    let zeros =
        Points::new(vec![0.5, 0.5], vec![DVector::from_element(1, 0.0), DVector::from_element(1, -0.0)]).unwrap();
    assert_eq!(zeros.merged().weights, [1.0]);
    assert_eq!(BoundedData::Points(zeros).entropy().unwrap().hi(), 0.0);
}

/// Draws have the moments of the law; each deviation is below 6 of its standard errors (a false alarm below 1e-7 in all).
#[test]
fn draws_follow_the_law() {
    for data in [three(), box2()] {
        let (n, mut rng, mut x) = (200_000, stream(1, "targets/test", 0), [0.0; 2]);
        let (mut sum, mut square) = (DVector::zeros(2), 0.0);
        for _ in 0..n {
            data.draw(&mut rng, &mut x);
            sum += DVector::from_column_slice(&x);
            square += x[0] * x[0] + x[1] * x[1];
        }
        // A value on an interval of length w has a standard deviation of at most w/2.
        let error = 6.0 / f64::from(n).sqrt();
        assert!((sum / f64::from(n) - data.mean()).amax() < error * data.diameter() / 2.0);
        let gap = square / f64::from(n) - data.second_moment().mid();
        assert!(gap.abs() < error * data.radius().powi(2) / 2.0, "{gap}");
    }
}

/// Without signal the posterior is the law itself: mean, variance and density of pure noise.
#[test]
fn without_signal_the_posterior_is_the_prior() {
    for data in [three(), box2()] {
        let at = data.posterior(NoiseLevel { alpha: 0.0, sigma: 2.0 }, &[0.0, 1.0]);
        assert!((&at.mean - data.mean()).amax() < 1e-15);
        let second = at.covariance.trace() + at.mean.norm_squared();
        assert!((second - data.second_moment().mid()).abs() < 1e-14, "{second}");
        assert!((at.ln_density + (std::f64::consts::TAU * 4.0).ln() + 0.125).abs() < 1e-15);
    }
}

/// The batch is the single point.
#[test]
fn batches_are_single_points() {
    let (data, level, xs) = (box2(), ou(0.4), [0.1, -0.7, 2.0, 0.5, 0.9, -1.0]);
    let mut out = [0.0; 6];
    data.posterior_means(level, &xs, &mut out);
    for j in 0..3 {
        let mean = data.posterior(level, &[xs[j], xs[3 + j]]).mean;
        assert_eq!([mean[0], mean[1]], [out[j], out[3 + j]]);
    }
    assert!(data.noise_on_line(level).is_none() && data.line_nodes(level).is_none());
}

/// HRX-8: no more draws leave a ball than the bound says, which is not vacuous.
#[test]
fn few_leave_the_ball() {
    let (data, level, n) = (three(), ou(0.3), 100_000);
    let mut rng = stream(2, "targets/test", 0);
    let mut norms: Vec<f64> = Vec::new();
    let mut x = [0.0; 2];
    for _ in 0..n {
        data.draw(&mut rng, &mut x);
        let xi: [f64; 2] =
            std::array::from_fn(|_| rand_distr::Distribution::sample(&rand_distr::StandardNormal, &mut rng));
        norms.push((level.alpha * x[0] + level.sigma * xi[0]).hypot(level.alpha * x[1] + level.sigma * xi[1]));
    }
    let tail = |reach: f64| tail_of_bounded(2, data.radius(), level, reach).hi();
    for reach in [1.0, 2.0, 2.5, 3.0, 3.5] {
        let found = norms.iter().filter(|r| **r > reach).count() as f64 / f64::from(n);
        let bound = tail(reach);
        assert!(found <= bound + 6.0 * (bound / f64::from(n)).sqrt(), "{reach}: {found} {bound}");
    }
    assert_eq!(tail(1.0), 1.0);
    assert!(tail(3.5) < 0.1 && tail(1e3) < 1e-300);
}

/// Correlated coordinates: the covariance of a mixture is within plus between.
#[test]
fn covariances_add_up() {
    let data = box2();
    let at = data.posterior(NoiseLevel { alpha: 0.0, sigma: 1.0 }, &[0.0, 0.0]);
    let parts = [cut(&[1.0], &[&[-0.5, 0.7]], &[0.3], 1.2), cut(&[1.0], &[&[0.9, -0.2]], &[0.6], 1.2)];
    let each: Vec<_> = parts.iter().map(|p| p.posterior(NoiseLevel { alpha: 0.0, sigma: 1.0 }, &[0.0, 0.0])).collect();
    let gap = &each[0].mean - &each[1].mean;
    let expected: DMatrix<f64> = &each[0].covariance * 0.6 + &each[1].covariance * 0.4 + &gap * gap.transpose() * 0.24;
    assert!((expected - at.covariance).amax() < 1e-15);
}

/// A product of blocks is the law of all its atoms, written out.
#[test]
fn products_are_their_atoms_written_out() {
    let block = |weights: &[f64], rows: &[&[f64]]| {
        Data::Points(Points::new(weights.to_vec(), rows.iter().map(|x| DVector::from_row_slice(x)).collect()).unwrap())
    };
    let (coin, plane) = (block(&[0.3, 0.7], &[&[-1.0], &[0.5]]), block(&[0.4, 0.6], &[&[0.0, 1.0], &[1.5, -0.5]]));
    let product = BoundedData::of(&Data::product(vec![(coin, 2), (plane, 1)]).unwrap()).unwrap();
    let (mut weights, mut atoms) = (Vec::new(), Vec::new());
    for (u, a) in [(0.3, -1.0), (0.7, 0.5)] {
        for (v, b) in [(0.3, -1.0), (0.7, 0.5)] {
            for (w, c) in [(0.4, [0.0, 1.0]), (0.6, [1.5, -0.5])] {
                weights.push(u * v * w);
                atoms.push(DVector::from_vec(vec![a, b, c[0], c[1]]));
            }
        }
    }
    let written = BoundedData::Points(Points::new(weights, atoms).unwrap());
    let close = |a: f64, b: f64| (a - b).abs() < 1e-13 * b.abs().max(1.0);
    assert!(product.dim() == 4 && close(product.radius(), written.radius()));
    assert!(close(product.diameter(), written.diameter()) && (product.mean() - written.mean()).amax() < 1e-15);
    assert!(product.second_moment().overlaps(written.second_moment()));
    assert!(product.entropy().unwrap().overlaps(written.entropy().unwrap()));
    for (t, x) in [(0.1, [0.3, -0.8, 0.6, 0.2]), (1.0, [2.0, 0.1, -1.0, 0.4]), (0.02, [-1.0, 0.5, 1.4, -0.6])] {
        let level = Process::Ou.level(t);
        let (mine, its) = (product.posterior(level, &x), written.posterior(level, &x));
        assert!(close(mine.ln_density, its.ln_density) && (mine.mean - its.mean).amax() < 1e-13, "{t}");
        assert!((mine.covariance - its.covariance).amax() < 1e-13, "{t}");
        assert!((mine.with_square - its.with_square).amax() < 1e-12, "{t}");
    }
    let mut rng = crate::numerics::stream(1, "targets/bounded/product", 0);
    let mut x = [0.0; 4];
    for _ in 0..100 {
        product.draw(&mut rng, &mut x);
        assert!(
            [-1.0, 0.5].contains(&x[0])
                && [-1.0, 0.5].contains(&x[1])
                && [[0.0, 1.0], [1.5, -0.5]].contains(&[x[2], x[3]])
        );
    }
    let gaussian =
        Data::Density(crate::targets::Density::Gaussian(crate::targets::Gaussian::scalar(0.0, 1.0).unwrap()));
    let mixed =
        Data::product(vec![(gaussian, 1), (Data::Points(Points::new(vec![1.0], vec![DVector::zeros(1)]).unwrap()), 1)]);
    assert!(BoundedData::of(&mixed.unwrap()).unwrap_err().to_string().contains("not bounded"));
}

/// Of many atoms a bound of the diameter is known, not more than twice as large.
#[test]
fn the_diameter_of_many_atoms() {
    let atoms: Vec<DVector<f64>> = (0..5000).map(|k| DVector::from_vec(vec![f64::from(k) / 4999.0, 0.0])).collect();
    let found = BoundedData::Points(Points::new(vec![1.0 / 5000.0; 5000], atoms).unwrap()).diameter();
    assert!((1.0..1.01).contains(&found), "{found}");
}

/// Points so far out that their squares overflow go to the ball as others do.
#[test]
fn points_far_out_go_to_the_ball() {
    for size in [2.0, 1e10, 1e200, f64::MAX] {
        let mut x = [0.6 * size, -0.8 * size];
        super::onto_ball(&mut x, 1.5);
        assert!((x[0] - 0.9).abs() < 1e-15 && (x[1] + 1.2).abs() < 1e-15, "{size:e}: {x:?}");
    }
    let mut inside = [0.3, 0.0];
    super::onto_ball(&mut inside, 1.5);
    assert_eq!(inside, [0.3, 0.0]);
}
