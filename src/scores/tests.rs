//! The reached error encloses epsilon^2; structure claims agree with pointwise values.

use super::errors::{Constant, Fourier, Linear, Random, Window};
use super::{At, CalibrateError, Damaged, Direction, ErrorShape, ScoreField, Size, Truncation, Within, calibrate};
use crate::processes::NoiseLevel;
use crate::samplers::{Drift, lmc};
use crate::targets::{Covariance, Data, Density, Gaussian, Mixture, Points, Product, Target};
use nalgebra::{DMatrix, DVector};
use proptest::prelude::*;
use std::sync::Arc;

const DATA: At = At { level: NoiseLevel::DATA, clean: false, truncated: false };

fn two_modes() -> Density {
    Density::Mixture(Mixture::scalar(&[0.4, 0.6], &[-1.5, 1.5], &[0.6, 1.0]).unwrap())
}

fn standard(d: usize) -> Density {
    Density::Gaussian(Gaussian::isotropic(DVector::zeros(d), 1.0).unwrap())
}

fn window(direction: Direction, lo: f64, hi: Option<f64>, edge: f64) -> Window {
    Window { direction, lo, hi, edge }
}

fn reached(target: Density, shape: impl ErrorShape + 'static, amplitude: f64) -> crate::numerics::Interval {
    let damaged =
        calibrate(Arc::new(target), Arc::new(shape), Size::Amplitude(amplitude), &[NoiseLevel::DATA]).unwrap();
    damaged.error.unwrap().levels[0].epsilon
}

#[test]
fn known_error_sizes_are_enclosed() {
    let close = |found: crate::numerics::Interval, expected: f64| {
        assert!(
            found.widen(2e-16 * expected).contains(expected) && found.width() < 1e-12 * expected,
            "{found} {expected}"
        );
    };
    // From the theory pages' reference values: LLT-7a with (m, w) = (8, 0.999), LLT-7b with (A, R) = (9, 4), LLT-4's affine
    // error, and the specification's example.
    let (m, o) = (8.0_f64, 0.999_f64 / 0.001);
    let step = window(Direction::axis(1, 0), m / 2.0 - o.ln() / m, None, 1.0 / m);
    let reference = reached(standard(1), step, m);
    assert!(reference.widen(1e-13).contains(0.206_361_910_994_948_76), "{reference}");
    close(reached(standard(1), window(Direction::axis(1, 0), 4.0, None, 0.0), 9.0), 0.050_649_487_544_127_37);
    let linear = Linear { matrix: DMatrix::from_element(1, 1, 0.1), offset: DVector::from_element(1, 0.2) };
    let target = Density::Gaussian(Gaussian::scalar(0.5, 0.8).unwrap());
    close(reached(target, linear, 1.0), 0.0705_f64.sqrt());
    let wave = reached(two_modes(), Fourier { dim: 1, frequency: 2.0, phase: 0.0 }, 0.1);
    assert!(wave.lo() >= 0.070_829_16 && wave.hi() <= 0.070_829_17, "{wave}");
}

/// E_p g by the trapezoid rule on a fine grid (spectrally accurate for smooth g against Gaussians).
fn trapezoid(p: &Density, g: impl Fn(f64) -> f64) -> f64 {
    let n = 160_001;
    let xs: Vec<f64> = (0..n).map(|k| -20.0 + 40.0 * f64::from(k) / f64::from(n - 1)).collect();
    let mut ln = vec![0.0; xs.len()];
    p.ln_density(&xs, &mut ln);
    xs.iter().zip(&ln).map(|(x, l)| g(*x) * l.exp()).sum::<f64>() * 40.0 / f64::from(n - 1)
}

/// Far out an affine error exceeds a threshold on two tails, known relatively (mpmath): 15 standard deviations of a Gaussian, and
/// a mixture off its centre.
#[test]
fn affine_errors_are_known_far_out() {
    let line = |a: f64, b: f64| Linear { matrix: DMatrix::from_element(1, 1, a), offset: DVector::from_element(1, b) };
    for (p, shape, t, exact) in [
        (standard(1), line(-0.2, 0.0), 3.0, 7.341_932_398_625_502e-51),
        (two_modes(), line(-0.5, 0.25), 6.0, 1.146_395_744_815_025_6e-28),
        (two_modes(), line(0.5, -0.25), 6.0, 1.146_395_744_815_025_6e-28),
    ] {
        let found = shape.exceedance(&p, t);
        assert!((found.mid() / exact - 1.0).abs() < 1e-10 && found.width() < 1e-10 * exact, "{found:?} {exact:e}");
    }
    assert!(line(0.0, 0.25).exceedance(&standard(1), 0.2).lo() > 0.999);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn mean_squares_agree_with_quadrature(a in -2.0..2.0f64, b in 0.1..3.0f64, edge in 0.05..0.5f64, seed in 0..1000u64) {
        let p = two_modes();
        let shapes: Vec<Box<dyn ErrorShape>> = vec![
            Box::new(Fourier { dim: 1, frequency: b, phase: a }),
            Box::new(Linear { matrix: DMatrix::from_element(1, 1, a), offset: DVector::from_element(1, b) }),
            Box::new(window(Direction::axis(1, 0), a, Some(a + b), edge)),
            Box::new(window(Direction::axis(1, 0), a, None, edge)),
            Box::new(Random::new(1, 6, b, seed)),
        ];
        for shape in &shapes {
            let square = |x: f64| { let mut u = [0.0]; shape.eval(&[x], &mut u); u[0] * u[0] };
            let expected = trapezoid(&p, square);
            let found = shape.mean_square(&p).value;
            prop_assert!(found.widen(1e-12).contains(expected), "{found} {expected}");
            prop_assert!(found.width() < 1e-11 * (1.0 + expected));
            prop_assert!(shape.sup().powi(2) >= expected);
            // The exceedance by the same quadrature; the indicator costs it an accuracy of one cell.
            let tau = 0.5 * expected.sqrt();
            let above = trapezoid(&p, |x| f64::from(u8::from(square(x) > tau * tau)));
            let p_above = shape.exceedance(&p, tau);
            prop_assert!(p_above.widen(2e-3).contains(above) && p_above.width() < 1e-6, "{p_above} {above}");
        }
    }

    /// Exponential moments are bounded from above, tightly where the formula is exact.
    #[test]
    fn exponential_moments_are_bounded(a in -0.4..0.4f64, b in 0.1..2.0f64, edge in 0.05..0.5f64, seed in 0..1000u64, s in 0.01..1.0f64) {
        let p = two_modes();
        let shapes: Vec<(Box<dyn ErrorShape>, f64)> = vec![
            (Box::new(Constant { direction: Direction::uniform(1) }), 1e-9),
            (Box::new(Linear { matrix: DMatrix::from_element(1, 1, a), offset: DVector::from_element(1, b) }), 1e-9),
            (Box::new(Fourier { dim: 1, frequency: b, phase: a }), 2.5e-3),
            (Box::new(window(Direction::axis(1, 0), a, Some(a + b), 0.0)), 3e-3),
            (Box::new(window(Direction::axis(1, 0), a, None, edge)), 2.5e-3),
            (Box::new(Random::new(1, 6, b, seed)), f64::INFINITY),
        ];
        for (shape, slack) in &shapes {
            let square = |x: f64| { let mut u = [0.0]; shape.eval(&[x], &mut u); u[0] * u[0] };
            let expected = trapezoid(&p, |x| (s * square(x)).exp()).ln();
            let found = shape.ln_exponential_moments(&p, &[0.0, s]);
            prop_assert!(found[0] == 0.0 && found[1] >= expected - 3e-3 * f64::from(u8::from(*slack == 3e-3)) - 1e-12);
            prop_assert!(found[1] <= expected + slack * s.max(expected), "{} {expected}", found[1]);
        }
    }

    /// Difference quotients lie between the one-sided constants and below the Lipschitz constant.
    #[test]
    fn difference_quotients_are_bounded(
        x in prop::collection::vec(-3.0..3.0f64, 3),
        y in prop::collection::vec(-3.0..3.0f64, 3),
        a in prop::collection::vec(-1.0..1.0f64, 9),
        edge in 0.05..0.5f64,
        seed in 0..1000u64,
    ) {
        let along = Direction::normalised(DVector::from_vec(vec![1.0, 1.0, -0.5])).unwrap();
        let offset = DVector::from_element(3, 0.3);
        let shapes: Vec<Box<dyn ErrorShape>> = vec![
            Box::new(Constant { direction: Direction::uniform(3) }),
            Box::new(Fourier { dim: 3, frequency: -1.7, phase: 0.3 }),
            Box::new(Linear { matrix: DMatrix::from_row_slice(3, 3, &a), offset: offset.clone() }),
            Box::new(Linear { matrix: DMatrix::from_diagonal(&DVector::from_row_slice(&a[..3])), offset }),
            Box::new(window(along.clone(), -0.5, Some(1.0), edge)),
            Box::new(window(along.clone(), 0.5, None, edge)),
            Box::new(window(along, 0.5, None, 0.0)),
            Box::new(Random::new(3, 5, 1.0, seed)),
        ];
        let both: Vec<f64> = x.iter().zip(&y).flat_map(|(&x, &y)| [x, y]).collect();
        for shape in &shapes {
            let mut u = vec![0.0; 6];
            shape.eval(&both, &mut u);
            let apart = |v: &[f64], i: usize| v[2 * i] - v[2 * i + 1];
            let sum = |f: &dyn Fn(usize) -> f64| (0..3).map(f).sum::<f64>();
            let square = sum(&|i| apart(&both, i).powi(2));
            let quotient = sum(&|i| apart(&both, i) * apart(&u, i)) / square;
            prop_assert!(shape.one_sided().widen(1e-12 / square).contains(quotient), "{} {quotient}", shape.one_sided());
            let size = (sum(&|i| apart(&u, i).powi(2)) / square).sqrt();
            prop_assert!(size <= shape.lipschitz() + 1e-12 / square, "{} {size}", shape.lipschitz());
        }
    }

    /// Calibration reaches any epsilon, however small, at every level.
    #[test]
    fn calibration_reaches_epsilon(exponent in -27.0..0.0f64, sigma in 0.1..2.0f64) {
        let epsilon = 10f64.powf(exponent);
        let levels = [NoiseLevel::DATA, NoiseLevel { alpha: 1.0, sigma }];
        let shape = Arc::new(Fourier { dim: 1, frequency: 1.5, phase: 0.3 });
        let damaged = calibrate(Arc::new(two_modes()), shape.clone(), Size::Epsilon(epsilon), &levels).unwrap();
        for level in damaged.error.as_ref().unwrap().levels.iter() {
            prop_assert!(level.epsilon.widen(4e-16 * epsilon).contains(epsilon));
            prop_assert!(level.epsilon.width() < 1e-12 * epsilon);
        }
        prop_assert!(matches!(
            calibrate(Arc::new(two_modes()), shape, Size::EpsilonPerSigma(epsilon), &levels),
            Err(CalibrateError::ZeroSigma)
        ));
    }

    /// Blocks and frames of a field give the field's own values.
    #[test]
    fn blocks_and_frames_agree_with_the_field(x in prop::collection::vec(-3.0..3.0f64, 3), c in -1.0..1.0f64, kind in 0..4usize) {
        let line = DVector::from_vec(vec![1.0, 1.0, -0.5]);
        let target = Density::Mixture(Mixture::new(vec![0.5, 0.5], vec![
            Gaussian::isotropic(&line * -1.0, 0.7).unwrap(), Gaussian::isotropic(line.clone(), 0.7).unwrap()]).unwrap());
        let shape: Arc<dyn ErrorShape> = match kind {
            0 => Arc::new(Constant { direction: Direction::uniform(3) }),
            1 => Arc::new(Linear { matrix: DMatrix::identity(3, 3) * 0.3, offset: line.clone() }),
            2 => Arc::new(window(Direction::normalised(line.clone()).unwrap(), -0.5, Some(1.0), 0.2)),
            _ => Arc::new(window(Direction::normalised(DVector::from_vec(vec![0.5, 0.0, 1.0])).unwrap(), 0.0, None, 0.0)),
        };
        let field = calibrate(Arc::new(target.clone()), shape, Size::Amplitude(c), &[NoiseLevel::DATA]).unwrap();
        let frame = target.core_frame().unwrap();
        let (core, rest) = field.in_frame(&frame).unwrap();
        let (y, z) = frame.coordinates(&DVector::from_vec(x.clone()));
        let (mut s, mut a, mut b) = (vec![0.0; 3], vec![0.0; 1], vec![0.0; 2]);
        field.eval(DATA, &x, &mut s);
        core.eval(DATA, y.as_slice(), &mut a);
        rest.eval(DATA, z.as_slice(), &mut b);
        let back = &frame.basis * DVector::from_iterator(3, a.into_iter().chain(b));
        // A point within rounding of the sharp hyperplane may fall on either side.
        let near_edge = kind == 3 && (0.5 * x[0] + x[2]).abs() < 1e-9;
        prop_assert!(near_edge || (back - DVector::from_vec(s)).amax() < 1e-10);
    }

    /// The affine meaning of a drift is its pointwise meaning, within its stated rounding bounds and those of evaluation.
    #[test]
    fn affine_meaning_is_pointwise_meaning(x in prop::collection::vec(-3.0..3.0f64, 3), h in 1e-6..0.3f64, c in -1.0..1.0f64) {
        let cov = DMatrix::from_row_slice(3, 3, &[2.0, 0.5, 0.0, 0.5, 1.0, 0.2, 0.0, 0.2, 0.5]);
        let target = Gaussian::new(DVector::from_vec(vec![0.3, -0.2, 0.1]), Covariance::Dense(cov)).unwrap();
        let matrix = DMatrix::from_row_slice(3, 3, &[0.02, 0.05, -0.01, -0.03, 0.01, 0.02, 0.04, 0.0, -0.02]);
        let shape = Arc::new(Linear { matrix, offset: DVector::from_vec(vec![0.1, -0.05, 0.02]) });
        let field = calibrate(Arc::new(target), shape, Size::Amplitude(c), &[NoiseLevel::DATA]).unwrap();
        for drift in [lmc(h, 1, NoiseLevel::DATA).blocks[0].kernel.drift.clone(), Drift::Score { a_minus_one: 0.1, b: 0.2, at: DATA }] {
            let mut out = vec![0.0; 3];
            drift.displacement(&field, &x, &mut out);
            let map = drift.affine_displacement(&field, 0.0).unwrap();
            let by_matrix = &map.matrix * DVector::from_vec(x.clone()) + &map.offset;
            prop_assert!((by_matrix - DVector::from_vec(out)).amax() < 1e-13);
            prop_assert!(map.matrix_error < 1e-14 && map.offset_error < 1e-14);
        }
    }
}

/// In several dimensions coordinates add up; a full matrix is bounded by its norm; what diverges is infinite.
#[test]
fn exponential_moments_in_several_dimensions() {
    let diagonal = Covariance::Diagonal(DVector::from_vec(vec![2.0, 0.5]));
    let p = Density::Gaussian(Gaussian::new(DVector::from_vec(vec![0.3, -0.2]), diagonal).unwrap());
    let linear = |m: &[f64]| Linear { matrix: DMatrix::from_row_slice(2, 2, m), offset: DVector::from_element(2, 0.1) };
    let along = |a: f64, m: f64, v: f64, s: f64| {
        let (m, v) = (a * m + 0.1, a * a * v);
        -0.5 * (1.0 - 2.0 * s * v).ln() + s * m * m / (1.0 - 2.0 * s * v)
    };
    let by_hand = along(0.5, 0.3, 2.0, 0.7) + along(-0.4, -0.2, 0.5, 0.7);
    let found = linear(&[0.5, 0.0, 0.0, -0.4]).ln_exponential_moments(&p, &[0.7, 1.001]);
    assert!((found[0] - by_hand).abs() < 1e-14 && found[1] == f64::INFINITY, "{found:?} {by_hand}");
    // A rotation by a right angle: (0.1 - x_2, 0.1 + x_1)/2.
    let by_hand = along(-0.5, -0.2, 0.5, 0.7).max(0.0) + along(0.5, 0.3, 2.0, 0.7);
    let found = linear(&[0.0, -0.5, 0.5, 0.0]).ln_exponential_moments(&p, &[0.7])[0];
    assert!(found > by_hand - 0.1 && found < by_hand + 1.0, "{found} {by_hand}");
    let wave = Fourier { dim: 2, frequency: 1.0, phase: 0.0 };
    let one = |variance: f64, mean: f64| {
        let p = Density::Gaussian(Gaussian::scalar(mean, variance).unwrap());
        Fourier { dim: 1, frequency: 1.0, phase: 0.0 }.ln_exponential_moments(&p, &[0.7])[0]
    };
    assert!((wave.ln_exponential_moments(&p, &[0.7])[0] - one(2.0, 0.3) - one(0.5, -0.2)).abs() < 1e-14);
}

/// Where they are attained the constants are the smallest; a jump has none of its own sign, and one of the other.
#[test]
fn lipschitz_constants_are_attained() {
    let of = |shape: &dyn ErrorShape| (shape.one_sided(), shape.lipschitz());
    let (range, size) = of(&Constant { direction: Direction::uniform(4) });
    assert!(range.lo() == 0.0 && range.hi() == 0.0 && size == 0.0);
    let (range, size) = of(&Fourier { dim: 5, frequency: 2.0, phase: 0.0 });
    assert!(range.lo() == -2.0 && range.hi() == 2.0 && size == 2.0);
    // A rotation by a right angle does not spread points; (A + A^T)/2 of the shear has eigenvalues +-1/2.
    let linear = |m: &[f64]| Linear { matrix: DMatrix::from_row_slice(2, 2, m), offset: DVector::zeros(2) };
    let (range, size) = of(&linear(&[0.0, -1.0, 1.0, 0.0]));
    assert!(range.contains(0.0) && range.width() < 1e-5 && (1.0..1.00001).contains(&size), "{range} {size}");
    let (range, size) = of(&linear(&[0.0, 1.0, 0.0, 0.0]));
    assert!(
        (range.hi() - 0.5).abs() < 1e-5 && (range.lo() + 0.5).abs() < 1e-5 && (1.0..1.00001).contains(&size),
        "{range} {size}"
    );
    let (range, size) = of(&linear(&[-2.0, 0.0, 0.0, 0.5]));
    assert!(range.lo() == -2.0 && range.hi() == 0.5 && size == 2.0);
    let (range, size) = of(&window(Direction::axis(3, 1), 0.5, None, 0.125));
    assert!(range.lo() == 0.0 && range.hi() == 2.0 && size == 2.0);
    let (range, size) = of(&window(Direction::axis(3, 1), 0.5, None, 0.0));
    assert!(range.lo() == 0.0 && range.hi() == f64::INFINITY && size == f64::INFINITY);
    let (range, _) = of(&window(Direction::axis(3, 1), 0.5, Some(1.0), 0.0));
    assert!(range == crate::numerics::Interval::ENTIRE);
}

#[test]
fn structure_of_errors_in_many_dimensions() {
    let d = 1_000_000;
    let target: Arc<dyn Target> = Arc::new(standard(d));
    let runs = |shape: Arc<dyn ErrorShape>| {
        let field = calibrate(target.clone(), shape, Size::Epsilon(0.1), &[NoiseLevel::DATA]).unwrap();
        field.runs().iter().map(|r| (r.first, r.dim, r.copies)).collect::<Vec<_>>()
    };
    assert_eq!(runs(Arc::new(Constant { direction: Direction::uniform(d) })), [(0, 1, d)]);
    assert_eq!(runs(Arc::new(Fourier { dim: d, frequency: 1.0, phase: 0.0 })), [(0, 1, d)]);
    assert_eq!(runs(Arc::new(window(Direction::axis(d, 0), 0.0, Some(1.0), 0.0))), [(0, 1, 1), (1, 1, d - 1)]);
    assert_eq!(runs(Arc::new(Constant { direction: Direction::axis(d, 5) })), [(0, 1, 5), (5, 1, 1), (6, 1, d - 6)]);
}

#[test]
fn no_error_is_no_error() {
    let target: Arc<dyn Target> = Arc::new(standard(1));
    let shape = Arc::new(window(Direction::axis(1, 0), 0.0, Some(1.0), 0.0));
    let zero = calibrate(target.clone(), shape.clone(), Size::Epsilon(0.0), &[NoiseLevel::DATA]).unwrap();
    assert!(zero.jumps(DATA).is_empty() && zero.affine(DATA) == Damaged::exact(target.clone()).affine(DATA));
    let kicked = calibrate(target.clone(), shape.clone(), Size::Epsilon(0.1), &[NoiseLevel::DATA]).unwrap();
    assert_eq!(kicked.jumps(DATA), [0.0, 1.0]);
    assert!(kicked.affine(DATA).is_none() && kicked.affine(At { clean: true, ..DATA }).is_some());
    // A window where the target has no mass cannot be calibrated.
    let far = Arc::new(window(Direction::axis(1, 0), 60.0, Some(61.0), 0.0));
    assert!(matches!(
        calibrate(target.clone(), far, Size::Epsilon(0.1), &[NoiseLevel::DATA]),
        Err(CalibrateError::Vanishes { .. })
    ));
    assert!(matches!(
        calibrate(target, shape, Size::Epsilon(f64::NAN), &[NoiseLevel::DATA]),
        Err(CalibrateError::Size { .. })
    ));
}

fn affine_error(matrix: f64, offset: f64, dim: usize) -> Linear {
    Linear { matrix: DMatrix::identity(dim, dim) * matrix, offset: DVector::from_element(dim, offset) }
}

/// Covariances of products that lose their positive definiteness in floating point, or overflow, are refused, not fatal.
#[test]
fn affine_errors_on_extreme_products() {
    let product = |mean: f64, d: usize| {
        let at = |x: f64| Gaussian::isotropic(DVector::from_element(d, x), 1e-3).unwrap();
        let mixture = Mixture::new(vec![0.5, 0.5], vec![at(mean), at(-mean)]).unwrap();
        Density::Product(Product::new(vec![(Density::Mixture(mixture), 1), (standard(1), 1)]).unwrap())
    };
    // E|x|^2 = 2 (1e18 + 1e-3) + 1.
    let square = affine_error(1.0, 0.0, 3).mean_square(&product(1e9, 2)).value;
    assert!(square.contains(2e18 + 1.002) && square.width() < 1e4, "{square}");
    let shape = Arc::new(affine_error(1.0, 0.0, 2));
    let found = calibrate(Arc::new(product(1e200, 1)), shape, Size::Epsilon(0.1), &[NoiseLevel::DATA]);
    assert!(matches!(found, Err(CalibrateError::Vanishes { .. })));
}

/// An offset that cancels a far mean leaves an accurate mean square; so do components near a far common point.
#[test]
fn affine_errors_survive_cancellation() {
    let far = Density::Gaussian(Gaussian::scalar(1e5, 1.0).unwrap());
    assert_eq!(affine_error(1.0, -1e5, 1).mean_square(&far).value, crate::numerics::Interval::ONE);
    let pair = Density::Mixture(Mixture::scalar(&[0.25, 0.75], &[1e9, 1e9 + 4.0], &[1.0, 1.0]).unwrap());
    let product = Density::Product(Product::new(vec![(pair, 2)]).unwrap());
    // E|x - 1e9 - 3|^2 = 2 (1 + 0.25 * 9 + 0.75).
    let square = affine_error(1.0, -1e9 - 3.0, 2).mean_square(&product).value;
    assert!(square.contains(8.0) && square.width() < 1e-5, "{square}");
}

/// Mean squares that are small because two large numbers nearly agree, or because a tail is far out.
#[test]
fn small_mean_squares_are_calibrated() {
    let shapes: Vec<(Arc<dyn ErrorShape>, f64)> = vec![
        // phi(1) 1e-10, the interval being that between the two doubles.
        (
            Arc::new(window(Direction::axis(1, 0), 1.0, Some(1.0 + 1e-10), 0.0)),
            0.241_970_724_519_143_37 * (1.0 + 1e-10 - 1.0),
        ),
        // (1 - e^{-2e-12})/2.
        (Arc::new(Fourier { dim: 1, frequency: 1e-6, phase: std::f64::consts::FRAC_PI_2 }), 1e-12 - 1e-24),
    ];
    for (shape, expected) in shapes {
        let found = shape.mean_square(&standard(1)).value;
        assert!((found.mid() / expected - 1.0).abs() < 1e-9 && found.width() < 1e-7 * expected, "{found} {expected}");
    }
    let far = window(Direction::axis(1, 0), 12.0, None, 0.1);
    let found = far.mean_square(&standard(1)).value;
    // By the trapezoid rule, spectrally accurate.
    let square = |x: f64| far_profile(x).powi(2) * (-0.5 * x * x).exp() / std::f64::consts::TAU.sqrt();
    let expected = (0..40_000).map(|k| square(-10.0 + 1e-3 * f64::from(k))).sum::<f64>() * 1e-3;
    assert!((found.mid() / expected - 1.0).abs() < 1e-7 && found.width() < 1e-6 * expected, "{found} {expected}");
}

fn far_profile(x: f64) -> f64 {
    1.0 / (1.0 + (-(x - 12.0) / 0.1).exp())
}

/// At a noise level the parameters carry rounding, and so does the error they are measured with.
#[test]
fn epsilon_at_a_level_encloses_that_at_the_time_meant() {
    use crate::processes::Process;
    let level = Process::Ou.level(1.696_393_136_505_093);
    let target: Arc<dyn Target> = Arc::new(Gaussian::scalar(1.0, 0.680_477_578_120_882_2).unwrap());
    let shape = Arc::new(affine_error(1.0, 0.0, 1));
    let field = calibrate(target, shape, Size::Amplitude(1.0), &[level]).unwrap();
    let epsilon = field.error.unwrap().levels[0].epsilon;
    // E x^2 = 1 + e^{-2t} (v - 1) + e^{-2t}, with e^{-2t} (v - 1) = 0.98925929019905414472 - 1.
    let variance = crate::numerics::Interval::point(0.989_259_290_199_054_1) + 4.472e-17;
    let decay = (crate::numerics::Interval::point(-2.0) * 1.696_393_136_505_093).exp();
    assert!(epsilon.encloses((variance + decay).sqrt()) && epsilon.width() < 1e-13, "{epsilon}");
}

#[test]
fn directions_of_any_length_have_a_direction() {
    for size in [1e200, 1e-200, 3.0] {
        let v = Direction::normalised(DVector::from_vec(vec![0.0, size])).unwrap();
        assert_eq!((v.component(0), v.component(1)), (0.0, 1.0));
    }
    assert!(Direction::normalised(DVector::from_vec(vec![0.0])).is_none());
    assert!(Direction::normalised(DVector::from_vec(vec![f64::INFINITY])).is_none());
}

/// `E <u, grad ln p>` and `E <u, x>` in the plane by the trapezoidal rule, which is spectrally accurate for smooth u.
fn cross_by_grid(p: &Density, u: &dyn ErrorShape) -> [f64; 2] {
    let (n, h) = (361_usize, 0.06);
    let at = |k: usize| (k as f64 - (n / 2) as f64) * h;
    let xs: Vec<f64> = (0..n * n).map(|i| at(i % n)).chain((0..n * n).map(|i| at(i / n))).collect();
    let (mut ln, mut score, mut value) = (vec![0.0; n * n], vec![0.0; 2 * n * n], vec![0.0; 2 * n * n]);
    p.ln_density(&xs, &mut ln);
    p.score(&xs, &mut score);
    u.eval(&xs, &mut value);
    let with = |v: &[f64]| -> f64 {
        (0..n * n).map(|i| (ln[i].exp()) * (value[i] * v[i] + value[n * n + i] * v[n * n + i]) * h * h).sum()
    };
    [with(&score), with(&xs)]
}

/// Both cross moments of every smooth shape under a correlated Gaussian, a mixture and a product in the plane.
#[test]
fn cross_moments_agree_with_quadrature() {
    let gaussian = |m: [f64; 2], s: [f64; 3]| {
        let cov = Covariance::Dense(DMatrix::from_row_slice(2, 2, &[s[0], s[1], s[1], s[2]]));
        Gaussian::new(DVector::from_row_slice(&m), cov).unwrap()
    };
    let one = gaussian([0.4, -0.3], [1.1, 0.4, 0.7]);
    let mixture = Mixture::new(vec![0.3, 0.7], vec![one.clone(), gaussian([-1.0, 0.8], [0.6, -0.2, 0.9])]).unwrap();
    let normal = Density::Gaussian(Gaussian::scalar(0.5, 1.3).unwrap());
    let laws = [
        Density::Gaussian(one),
        Density::Mixture(mixture),
        Density::Product(Product::new(vec![(two_modes(), 1), (normal, 1)]).unwrap()),
        Density::Product(Product::new(vec![(two_modes(), 2)]).unwrap()),
    ];
    let linear = Linear {
        matrix: DMatrix::from_row_slice(2, 2, &[0.3, -0.8, 0.5, 1.2]),
        offset: DVector::from_row_slice(&[0.2, -0.4]),
    };
    let slanted = || Direction::explicit(DVector::from_row_slice(&[0.6, -0.8]));
    let shapes: Vec<Arc<dyn ErrorShape>> = vec![
        Arc::new(Constant { direction: Direction::uniform(2) }),
        Arc::new(linear),
        Arc::new(Fourier { dim: 2, frequency: 1.7, phase: 0.4 }),
        Arc::new(Random::new(2, 5, 1.2, 3)),
        Arc::new(window(slanted(), 0.3, None, 0.25)),
        Arc::new(window(slanted(), -0.5, Some(0.9), 0.3)),
    ];
    for (i, p) in laws.iter().enumerate() {
        for (k, u) in shapes.iter().enumerate() {
            let found = u.cross_moments(p).unwrap();
            let expected = cross_by_grid(p, u.as_ref());
            for (found, expected) in [&found.score, &found.position].into_iter().zip(expected) {
                let value = found.value;
                assert!(value.width() < 1e-13 && found.evidence.is_proved(), "{i} {k}: {found}");
                assert!((value.mid() - expected).abs() < 1e-11, "{i} {k}: {found} against {expected}");
            }
        }
    }
}

/// Jumps: values of the density at them, and truncated means. Under N(m, v) with `a = (R - m)/sqrt v`:
/// `E 1{x > R} (ln p)' = -phi(a)/sqrt v`, `E x 1{x > R} = m Phi(-a) + sqrt v phi(a)`.
#[test]
fn cross_moments_of_jumps_are_boundary_values() {
    let (m, v, r) = (0.3_f64, 1.7_f64, 1.1_f64);
    let p = Density::Gaussian(Gaussian::scalar(m, v).unwrap());
    let a = (r - m) / v.sqrt();
    let (phi, beyond) = ((-0.5 * a * a).exp() / std::f64::consts::TAU.sqrt(), 0.5 * libm::erfc(a / 2f64.sqrt()));
    let agrees = |found: &crate::numerics::Measured, expected: f64| {
        assert!(found.value.widen(1e-16).contains(expected) && found.value.width() < 1e-14, "{found} {expected}");
    };
    let step = window(Direction::axis(1, 0), r, None, 0.0).cross_moments(&p).unwrap();
    agrees(&step.score, -phi / v.sqrt());
    agrees(&step.position, m * beyond + v.sqrt() * phi);
    // A slab is the difference of two half-lines, also under a mixture and in a direction that is not normalised.
    let law = Density::Product(Product::new(vec![(two_modes(), 2)]).unwrap());
    let v = || Direction::explicit(DVector::from_row_slice(&[1.2, 0.7]));
    let of = |lo, hi| window(v(), lo, hi, 0.0).cross_moments(&law).unwrap();
    let (slab, from, to) = (of(-0.4, Some(1.3)), of(-0.4, None), of(1.3, None));
    for (slab, from, to) in [(slab.score, &from.score, &to.score), (slab.position, &from.position, &to.position)] {
        assert!(slab.value.overlaps(from.value - to.value) && slab.value.width() < 1e-14, "{slab}");
    }
    // A narrow edge is nearly a jump.
    let (sharp, smooth) = (of(0.2, None), window(v(), 0.2, None, 1e-4).cross_moments(&law).unwrap());
    assert!((sharp.score.value - smooth.score.value).magnitude() < 1e-7);
    assert!((sharp.position.value - smooth.position.value).magnitude() < 1e-7);
}

/// The slope at x against the derivative of the field by differences of eighth order.
fn slope_by_differences(f: &dyn Fn(&[f64]) -> Vec<f64>, x: f64, h: f64) -> f64 {
    let weights = [4.0 / 5.0, -1.0 / 5.0, 4.0 / 105.0, -1.0 / 280.0];
    let at = |t: f64| f(&[t])[0];
    (1..=4).map(|k| weights[k - 1] * (at(x + h * k as f64) - at(x - h * k as f64))).sum::<f64>() / h
}

#[test]
fn slopes_are_derivatives_on_the_line() {
    let shapes: Vec<Arc<dyn ErrorShape>> = vec![
        Arc::new(Constant { direction: Direction::uniform(1) }),
        Arc::new(affine_error(0.3, -0.2, 1)),
        Arc::new(Fourier { dim: 1, frequency: 2.0, phase: 0.4 }),
        Arc::new(Random::new(1, 12, 1.5, 7)),
        Arc::new(window(Direction::axis(1, 0), 0.3, None, 0.25)),
        Arc::new(window(Direction::explicit(DVector::from_element(1, -0.7)), -0.5, Some(0.9), 0.2)),
        Arc::new(window(Direction::axis(1, 0), -0.5, Some(0.9), 0.0)),
    ];
    let level = NoiseLevel { alpha: 0.8, sigma: 0.6 };
    let target: Arc<dyn Target> = Arc::new(two_modes());
    for (k, shape) in shapes.into_iter().enumerate() {
        let field = calibrate(Arc::clone(&target), shape, Size::Amplitude(0.7), &[level]).unwrap();
        for clean in [false, true] {
            let at = At { level, clean, truncated: false };
            let eval = |xs: &[f64]| {
                let mut out = vec![0.0; xs.len()];
                field.eval(at, xs, &mut out);
                out
            };
            let xs: Vec<f64> = (-20..=20).map(|i| 0.1903 * f64::from(i)).collect();
            let found = field.slope(at, &xs).unwrap();
            for (x, found) in xs.iter().zip(found) {
                let expected = slope_by_differences(&eval, *x, 0.01);
                assert!((found - expected).abs() < 1e-11, "{k} {x}: {found} against {expected}");
            }
        }
    }
    // Far out the widest component rules, and the parts of the others are nothing rather than NaN.
    let wide = Damaged::exact(Arc::new(two_modes()));
    let far = wide.slope(DATA, &[-1e8, -60.0, 60.0, 1e8]).unwrap();
    assert!(far.iter().all(|s| (s + 1.0).abs() < 1e-12), "{far:?}");
}

/// T' of every drift against differences of T.
#[test]
fn drifts_have_the_slopes_of_their_maps() {
    let [from, to] = [(0.5, 0.9), (0.7, 0.7)].map(|(alpha, sigma)| NoiseLevel { alpha, sigma });
    let wave = Arc::new(Fourier { dim: 1, frequency: 2.0, phase: 0.4 });
    let field = calibrate(Arc::new(two_modes()), wave, Size::Amplitude(0.3), &[from, to]).unwrap();
    let at = |level| At { level, clean: false, truncated: false };
    let drifts = [
        Drift::Score { a_minus_one: 0.3, b: 0.2, at: at(from) },
        Drift::Heun { growth: 1.0, h: 0.4, from: at(from), to: at(to) },
        Drift::Scale { a_minus_one: 0.25 },
    ];
    for drift in drifts {
        let map = |xs: &[f64]| {
            let mut out = vec![0.0; xs.len()];
            drift.displacement(&field, xs, &mut out);
            xs.iter().zip(&out).map(|(x, d)| x + d).collect()
        };
        let xs: Vec<f64> = (-20..=20).map(|i| 0.1903 * f64::from(i)).collect();
        for (x, found) in xs.iter().zip(drift.slope(&field, &xs).unwrap()) {
            let expected = slope_by_differences(&map, *x, 0.01);
            assert!((found - expected).abs() < 1e-11, "{drift:?} {x}: {found} against {expected}");
        }
    }
}

/// The slope of a truncated score, away from its kinks, against differences.
#[test]
fn truncated_scores_have_slopes() {
    for kind in 0..4 {
        let field = truncated(1, kind, 0.8, Some(0.3), Within::Ball);
        let at = asked(false, true);
        let kinks = field.jumps(at);
        let eval = |xs: &[f64]| {
            let mut out = vec![0.0; xs.len()];
            field.eval(at, xs, &mut out);
            out
        };
        let xs: Vec<f64> = (-40..=40).map(|i| 0.0903 * f64::from(i)).collect();
        let smooth: Vec<f64> = xs
            .into_iter()
            .filter(|x| kinks.iter().all(|kink| (x - kink).abs() > 0.02) && (x - 0.5).abs() > 0.02)
            .collect();
        for (x, found) in smooth.iter().zip(field.slope(at, &smooth).unwrap()) {
            let expected = slope_by_differences(&eval, *x, 0.004);
            assert!((found - expected).abs() < 1e-8, "{kind} {x}: {found} against {expected}");
        }
    }
}

/// Two or three atoms in R^d with their scores at a level, and an error truncated about 0.
fn truncated(d: usize, kind: usize, amplitude: f64, bound: Option<f64>, within: Within) -> Damaged {
    let level = NoiseLevel { alpha: 0.6, sigma: 0.8 };
    let atoms = [-1.0, 0.4, 1.0].map(|x| DVector::from_fn(d, |i, _| x * (1.0 - 0.2 * i as f64))).to_vec();
    let data = Data::Points(Points::new(vec![0.3, 0.5, 0.2], atoms).unwrap());
    let shape: Arc<dyn ErrorShape> = match kind {
        0 => Arc::new(Constant { direction: Direction::uniform(d) }),
        1 => Arc::new(Linear { matrix: DMatrix::identity(d, d) * 0.3, offset: DVector::from_element(d, 0.1) }),
        2 => Arc::new(Fourier { dim: d, frequency: 2.0, phase: 0.3 }),
        _ => Arc::new(window(Direction::axis(d, 0), 0.5, None, 0.0)),
    };
    let field = calibrate(Arc::new(data.clone()), shape, Size::Amplitude(amplitude), &[level]).unwrap();
    let cut = |bound| Truncation::new(data.clone(), (level, level), DVector::zeros(d), bound, within).unwrap();
    let least = cut(1.0).least_bound().mid();
    field.with_truncation(cut(bound.unwrap_or(least)))
}

/// What kernels ask for at the level of [`truncated`].
fn asked(clean: bool, truncated: bool) -> At {
    At { level: NoiseLevel { alpha: 0.6, sigma: 0.8 }, clean, truncated }
}

proptest! {
    /// Truncation never enlarges an error where B >= aR/q: `|e~| <= min(|e|, 2B)` at every point; written out by hand it is
    /// the projection of s + (x - a c)/q.
    #[test]
    fn truncation_never_enlarges_an_error(
        x in prop::collection::vec(-6.0..6.0f64, 3), d in 1..4usize, kind in 0..4usize, c in -3.0..1.0f64, each in any::<bool>(),
    ) {
        let within = if each { Within::EachCoordinate } else { Within::Ball };
        let field = truncated(d, kind, 10f64.powf(c), None, within);
        let truncation = field.truncation.as_ref().unwrap();
        prop_assert!(truncation.keeps_exact());
        let (b, x) = (truncation.bound(), &x[..d]);
        let score = |at: At| {
            let mut s = vec![0.0; d];
            field.eval(at, x, &mut s);
            DVector::from_vec(s)
        };
        let (g, s, cut) = (score(asked(true, true)), score(asked(false, false)), score(asked(false, true)));
        prop_assert_eq!(&g, &score(asked(true, false)));
        let pull = DVector::from_row_slice(x) / 0.64;
        let w = &s + &pull;
        let projected = match within {
            Within::Ball => &w * (b / w.norm()).min(1.0),
            Within::EachCoordinate => w.map(|w| w.clamp(-b, b)),
        };
        prop_assert!((&projected - pull - &cut).norm() < 1e-12 * (1.0 + s.norm()));
        let (before, after) = (s - &g, cut - g);
        for i in 0..if each { d } else { 1 } {
            let (before, after) = if each { (before[i].abs(), after[i].abs()) } else { (before.norm(), after.norm()) };
            prop_assert!(after <= before.min(2.0 * b) + 1e-12, "{after} {before} {b}");
        }
    }

    /// The strip of a truncated error holds it, whether the exact score is kept or not.
    #[test]
    fn strips_hold_truncated_errors(x in -30.0..30.0f64, kind in 0..4usize, c in -2.0..1.0f64, tight in any::<bool>()) {
        let field = truncated(1, kind, 10f64.powf(c), tight.then_some(0.3), Within::Ball);
        let strip = field.departure(asked(false, true));
        let at = |at: At| {
            let mut s = [0.0];
            field.eval(at, &[x], &mut s);
            s[0]
        };
        let error = at(asked(false, true)) - at(asked(true, true));
        prop_assert!(strip.range.widen(1e-2).contains(error - strip.slope * x), "{error} {strip:?}");
        prop_assert!(strip.range.is_finite());
    }
}

/// Coordinates hang together in a ball, not where each is truncated by itself; one that never cuts is no truncation.
#[test]
fn structure_of_truncated_scores() {
    let at = asked(false, true);
    let runs = |field: &Damaged| field.runs().iter().map(|r| (r.first, r.dim, r.copies)).collect::<Vec<_>>();
    let line = || {
        Data::Points(Points::new(vec![0.5, 0.5], [-1.0, 1.0].map(|x| DVector::from_element(1, x)).to_vec()).unwrap())
    };
    let level = at.level;
    let lines = |bound: f64, within: Within| {
        let data = Data::product(vec![(line(), 5)]).unwrap();
        let shape = Arc::new(Fourier { dim: 5, frequency: 1.0, phase: 0.0 });
        let field = calibrate(Arc::new(data.clone()), shape, Size::Amplitude(0.1), &[level]).unwrap();
        field.with_truncation(Truncation::new(data, (level, level), DVector::zeros(5), bound, within).unwrap())
    };
    assert_eq!(runs(&lines(2.0, Within::Ball)), [(0, 5, 1)]);
    assert_eq!(runs(&lines(1.0, Within::EachCoordinate)), [(0, 1, 5)]);
    // a R/q = 0.6 sqrt 5/0.64 = 2.0963, sup |e| = 0.1 sqrt 5.
    assert_eq!(runs(&lines(2.4, Within::Ball)), [(0, 1, 5)]);
    assert!(
        lines(2.4, Within::Ball).truncation_at(at).is_none() && lines(2.3, Within::Ball).truncation_at(at).is_some()
    );
    // A block of lines truncated by themselves is truncated too.
    let (whole, x) = (lines(1.0, Within::EachCoordinate), [0.3, -2.0, 1.1, 0.0, 5.0]);
    let (mut all, mut one) = ([0.0; 5], [0.0]);
    whole.eval(at, &x, &mut all);
    whole.block(4, 1).eval(at, &x[4..], &mut one);
    assert_eq!(all[4], one[0]);
    // One point and a constant error: affine, cut or not.
    let point = Data::Points(Points::new(vec![1.0], vec![DVector::from_vec(vec![0.5, -0.2])]).unwrap());
    let shape = Arc::new(Constant { direction: Direction::uniform(2) });
    let field = calibrate(Arc::new(point.clone()), shape, Size::Amplitude(3.0), &[level]).unwrap();
    let field =
        field.with_truncation(Truncation::new(point, (level, level), DVector::zeros(2), 0.7, Within::Ball).unwrap());
    let map = field.affine(at).unwrap();
    for x in [[0.0, 0.0], [4.0, -1.0]] {
        let mut s = [0.0; 2];
        field.eval(at, &x, &mut s);
        let by_map = &map.matrix * DVector::from_row_slice(&x) + &map.offset;
        assert!((by_map - DVector::from_row_slice(&s)).norm() < 1e-13);
    }
    // On the line its kinks are where s + x/q passes +-B.
    let line = truncated(1, 2, 0.8, None, Within::Ball);
    let kinks = line.jumps(at);
    assert!(kinks.len() > 2, "{kinks:?}");
    let bound = line.truncation.as_ref().unwrap().bound();
    for x in kinks {
        let mut s = [0.0];
        line.eval(asked(false, false), &[x], &mut s);
        assert!(((s[0] + x / 0.64).abs() - bound).abs() < 1e-12);
    }
    assert!(line.jumps(asked(true, true)).is_empty() && line.jumps(asked(false, false)).is_empty());
}
