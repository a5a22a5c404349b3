//! score = grad ln density, noised = convolved, blocks and frames reassemble the joint law.

use super::{
    Covariance, Data, Density, Gaussian, InFrame, Line, Mixture, Mixture1, Points, Product, Run, Target, TargetError,
    common_runs,
};
use crate::numerics::Interval;
use crate::processes::NoiseLevel;
use nalgebra::{DMatrix, DVector};
use proptest::prelude::*;

fn gaussian(mean: &[f64], rows: &[f64]) -> Gaussian {
    let d = mean.len();
    Gaussian::new(DVector::from_row_slice(mean), Covariance::Dense(DMatrix::from_row_slice(d, d, rows))).unwrap()
}

/// A law with every kind of structure: mixture (2-D, full covariances), diagonal Gaussian, 1-D mixture twice.
fn rich() -> Density {
    let mixture = Mixture::new(
        vec![0.3, 0.7],
        vec![gaussian(&[-1.0, 0.5], &[1.0, 0.3, 0.3, 0.5]), gaussian(&[1.5, 0.0], &[0.7, -0.2, -0.2, 1.2])],
    )
    .unwrap();
    let diagonal = Gaussian::new(
        DVector::from_vec(vec![0.0, 0.0, 1.0]),
        Covariance::Diagonal(DVector::from_vec(vec![2.0, 2.0, 3.0])),
    )
    .unwrap();
    let line = Mixture::scalar(&[0.4, 0.6], &[-1.5, 1.5], &[0.6, 1.0]).unwrap();
    Density::Product(
        Product::new(vec![
            (Density::Mixture(mixture), 1),
            (Density::Gaussian(diagonal), 1),
            (Density::Mixture(line), 2),
        ])
        .unwrap(),
    )
}

proptest! {
    #[test]
    fn score_is_the_gradient_of_the_log_density(x in prop::collection::vec(-4.0..4.0f64, 7), alpha in 0.2..1.0f64, sigma in 0.0..1.5f64) {
        let (p, level) = (rich(), NoiseLevel { alpha, sigma });
        let mut score = vec![0.0; 7];
        Target::score(&p, level, &x, &mut score);
        // Central differences with step 1e-5: truncation about 1e-10, rounding about 1e-10.
        for i in 0..7 {
            let at = |h: f64| { let mut y = x.clone(); y[i] += h; let mut out = [0.0]; Target::ln_density(&p, level, &y, &mut out); out[0] };
            let slope = (at(1e-5) - at(-1e-5)) / 2e-5;
            prop_assert!((slope - score[i]).abs() < 1e-7 * (1.0 + score[i].abs()), "{i}: {slope} {}", score[i]);
        }
    }

    /// Noising twice is noising once with the composed level, and the noised density integrates the noise.
    #[test]
    fn noised_is_convolved(x in -3.0..3.0f64, alpha in 0.3..1.0f64, sigma in 0.2..1.0f64) {
        let p = Density::Mixture(Mixture::scalar(&[0.4, 0.6], &[-1.5, 1.5], &[0.6, 1.0]).unwrap());
        let at = |p: &Density, x: f64| { let mut out = [0.0]; p.ln_density(&[x], &mut out); out[0].exp() };
        // int p(z) N(x; alpha z, sigma^2) dz by the trapezoid rule, spectrally accurate for Gaussians.
        let h = 0.02;
        let sum: f64 = (-600..600).map(|k| f64::from(k) * h).map(|z| at(&p, z) * (-(x - alpha * z).powi(2) / (2.0 * sigma * sigma)).exp()).sum();
        let expected = sum * h / (sigma * std::f64::consts::TAU.sqrt());
        let noised = p.noised(NoiseLevel { alpha, sigma }).unwrap();
        prop_assert!((at(&noised, x) - expected).abs() < 1e-13, "{} {expected}", at(&noised, x));
    }

    /// Enclosures over a cell contain the plain values at a point of it, and the slope of the score.
    #[test]
    fn enclosures_on_the_line_contain_plain_values(x in -8.0..8.0f64, width in 0.0..0.5f64, t in 0.0..=1.0f64, v in 0.3..2.0f64) {
        let law = Mixture1 { weights: vec![0.2, 0.5, 0.3], means: vec![-2.0, 0.5, 3.0], variances: vec![v, 0.6, 1.0] };
        let line = Line::from(&law);
        let cell = Interval::new(x, x + width);
        let y = (x + t * width).min(x + width);
        // The plain values carry rounding errors of a few units.
        let holds = |i: Interval, value: f64| i.widen(1e-13 * value.abs()).contains(value);
        prop_assert!(holds(line.ln_density(cell), law.ln_density(y)));
        prop_assert!(holds(line.density(cell), law.ln_density(y).exp()));
        prop_assert!(line.score(cell).widen(1e-12).contains(law.score(y)));
        prop_assert!(holds(line.cdf(cell), law.cdf(y)) && holds(line.sf(cell), law.sf(y)));
        let h = 1e-4;
        let bend = (law.score(y - h) - law.score(y + h)) / (2.0 * h);
        prop_assert!(line.curvature(cell).widen(1e-5).contains(bend));
        // On narrow cells the enclosures are narrow: their width is of the order of the cell's.
        let narrow = Interval::new(x, x + 1e-6);
        prop_assert!(line.curvature(narrow).width() < 1e-2 && line.score(narrow).width() < 1e-4);
        prop_assert!((law.cdf(y) + law.sf(y) - 1.0).abs() < 1e-14);
    }

    #[test]
    fn blocks_reassemble_the_joint_density(x in prop::collection::vec(-4.0..4.0f64, 7)) {
        let p = rich();
        let (mut joint, mut sum) = ([0.0], 0.0);
        p.ln_density(&x, &mut joint);
        for run in p.runs() {
            for copy in 0..run.copies {
                let first = run.first + copy * run.dim;
                let mut part = [0.0];
                p.block(first, run.dim).ln_density(&x[first..first + run.dim], &mut part);
                sum += part[0];
            }
        }
        prop_assert!((sum - joint[0]).abs() < 1e-12);
    }

    #[test]
    fn frames_reassemble_the_joint_density(x in prop::collection::vec(-3.0..3.0f64, 4), v in 0.3..2.0f64) {
        // Three means on a line in R^4, isotropic covariance: a 1-D core.
        let direction = DVector::from_vec(vec![1.0, -2.0, 0.5, 1.0]);
        let components = [-1.0, 0.3, 2.0].iter().map(|t| Gaussian::isotropic(&direction * *t + DVector::from_element(4, 0.2), v).unwrap()).collect();
        let p = Density::Mixture(Mixture::new(vec![0.2, 0.5, 0.3], components).unwrap());
        let frame = p.core_frame().unwrap();
        prop_assert_eq!(frame.core, 1);
        let InFrame { core, rest, .. } = p.in_frame(&frame).unwrap();
        let (y, z) = frame.coordinates(&DVector::from_vec(x.clone()));
        let (mut a, mut b, mut joint) = ([0.0], [0.0], [0.0]);
        core.ln_density(y.as_slice(), &mut a);
        rest.ln_density(z.as_slice(), &mut b);
        p.ln_density(&x, &mut joint);
        prop_assert!((a[0] + b[0] - joint[0]).abs() < 1e-11);
    }
}

#[test]
fn runs_find_independent_coordinates() {
    let runs = rich().runs();
    let expected = [(0, 2, 1), (2, 1, 2), (4, 1, 1), (5, 1, 2)];
    assert_eq!(runs, expected.map(|(first, dim, copies)| Run { first, dim, copies }));
    // A dense covariance with a hidden block structure.
    let g = gaussian(&[0.0; 4], &[1.0, 0.5, 0.0, 0.0, 0.5, 1.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.5, 0.0, 0.0, 0.5, 1.0]);
    assert_eq!(g.runs(), [Run { first: 0, dim: 2, copies: 2 }]);
    let chained = gaussian(&[0.0; 3], &[1.0, 0.1, 0.0, 0.1, 1.0, 0.1, 0.0, 0.1, 1.0]);
    assert_eq!(chained.runs(), [Run { first: 0, dim: 3, copies: 1 }]);
}

/// Coordinates on which all components of a mixture agree are blocks of their own.
#[test]
fn coordinates_common_to_all_components_are_independent() {
    let component = |x: f64, v: f64| {
        let variances = DVector::from_vec(vec![2.0, 2.0, v, 1.0, 0.5]);
        Gaussian::new(DVector::from_vec(vec![1.0, 1.0, x, 0.0, -x]), Covariance::Diagonal(variances)).unwrap()
    };
    let p = Density::Mixture(Mixture::new(vec![0.3, 0.7], vec![component(-1.0, 1.0), component(2.0, 0.4)]).unwrap());
    let run = |first, dim, copies| Run { first, dim, copies };
    assert_eq!(p.runs(), [run(0, 1, 2), run(2, 3, 1)]);
    let x = [0.3, -1.0, 0.2, 0.7, 1.1];
    let at = |p: &Density, x: &[f64]| {
        let mut out = [0.0];
        p.ln_density(x, &mut out);
        out[0]
    };
    assert!(matches!(p.block(0, 1), Density::Gaussian(_)));
    let parts = at(&p.block(0, 1), &x[..1]) + at(&p.block(1, 1), &x[1..2]) + at(&p.block(2, 3), &x[2..]);
    assert!((parts - at(&p, &x)).abs() < 1e-13);
}

#[test]
fn common_runs_are_the_finest_joint_ones() {
    let run = |first, dim, copies| Run { first, dim, copies };
    let iid = [run(0, 1, 1_000_000)];
    let kicked = [run(0, 1, 1), run(1, 1, 999_999)];
    assert_eq!(common_runs(&[&iid, &kicked]), kicked);
    assert_eq!(common_runs(&[&[run(0, 2, 3)], &[run(0, 1, 6)]]), [run(0, 2, 3)]);
    // Blocks of 2 against blocks of 3 meet at multiples of 6; a coupling of all coordinates leaves one block.
    assert_eq!(common_runs(&[&[run(0, 2, 6)], &[run(0, 3, 4)]]), [run(0, 6, 1), run(6, 6, 1)]);
    assert_eq!(common_runs(&[&[run(0, 1, 5)], &[run(0, 5, 1)]]), [run(0, 5, 1)]);
    assert_eq!(common_runs(&[&[run(0, 1, 1), run(1, 2, 2)], &[run(0, 1, 5)]]), [run(0, 1, 1), run(1, 2, 2)]);
}

/// Sample moments against exact ones: 7 means and 28 covariances at 6 standard errors each, false alarm below 1e-7; a
/// shift of any mean by 0.05 or of any variance by 10 % would be seen (n = 1e5: 6 se are at most 0.035 and 0.09).
#[test]
fn samples_have_the_stated_moments() {
    use rand::SeedableRng;
    let (p, n) = (rich(), 100_000_usize);
    let mut xs = vec![0.0; 7 * n];
    p.sample(&mut rand::rngs::ChaCha8Rng::seed_from_u64(11), n, &mut xs);
    let (mean, cov) = (p.mean(), p.cov());
    for i in 0..7 {
        let row = |i: usize| &xs[i * n..(i + 1) * n];
        let m = row(i).iter().sum::<f64>() / n as f64;
        assert!((m - mean[i]).abs() < 6.0 * (cov[(i, i)] / n as f64).sqrt());
        for j in 0..=i {
            let products: Vec<f64> = row(i).iter().zip(row(j)).map(|(a, b)| (a - mean[i]) * (b - mean[j])).collect();
            let c = products.iter().sum::<f64>() / n as f64;
            let sd = (products.iter().map(|x| (x - c).powi(2)).sum::<f64>() / n as f64).sqrt();
            assert!((c - cov[(i, j)]).abs() < 6.0 * sd / (n as f64).sqrt(), "{i} {j}: {c} {}", cov[(i, j)]);
        }
    }
}

#[test]
fn far_tails_are_accurate() {
    let p = Mixture::scalar(&[0.5, 0.5], &[-1.0, 1.0], &[1.0, 1.0]).unwrap();
    let (mut ln, mut s) = ([0.0], [0.0]);
    p.ln_density(&[100.0], &mut ln);
    p.score(&[100.0], &mut s);
    let expected = 0.5_f64.ln() - 0.5 * 99.0 * 99.0 - 0.5 * std::f64::consts::TAU.ln();
    assert!((ln[0] - expected).abs() < 1e-11 && (s[0] + 99.0).abs() < 1e-12);
    p.score(&[1e200], &mut s);
    assert!(s[0].is_finite());
}

#[test]
fn wrong_parameters_are_named() {
    let line = |e: TargetError| e.to_string();
    let asymmetric =
        Gaussian::new(DVector::zeros(2), Covariance::Dense(DMatrix::from_row_slice(2, 2, &[1.0, 0.5, 0.4, 1.0])));
    assert_eq!(line(asymmetric.unwrap_err()), "cov: is not symmetric: entry (1, 0) is 0.4, entry (0, 1) is 0.5");
    let indefinite =
        Gaussian::new(DVector::zeros(2), Covariance::Dense(DMatrix::from_row_slice(2, 2, &[1.0, 2.0, 2.0, 1.0])));
    assert_eq!(line(indefinite.unwrap_err()), "cov: is not positive definite: its smallest eigenvalue is -1.000000e0");
    assert!(
        line(Mixture::scalar(&[0.4, 0.7], &[0.0, 1.0], &[1.0, 1.0]).unwrap_err())
            .contains("must sum to 1 within 1e-12")
    );
    assert!(line(Gaussian::scalar(f64::NAN, 1.0).unwrap_err()).contains("must be finite"));
    assert!(line(Gaussian::scalar(0.0, 0.0).unwrap_err()).contains("must be positive"));
    let unequal = Points::new(vec![0.5, 0.5], vec![DVector::zeros(1), DVector::zeros(2)]).unwrap_err();
    assert_eq!(unequal, TargetError::Dimension { what: "points[1]".into(), found: 2, expected: 1 });
    assert!(Points::new(vec![1.0], vec![DVector::zeros(1)]).unwrap().density(NoiseLevel::DATA).is_none());
}

/// A product of Gaussians keeps the sparsest covariance it has, and a very large one is never made dense.
#[test]
fn products_of_gaussians_stay_sparse() {
    let gaussian = |factors: Vec<(Gaussian, u64)>| {
        let factors = factors.into_iter().map(|(g, n)| (Density::Gaussian(g), n)).collect();
        Density::Product(Product::new(factors).unwrap()).as_gaussian().map(std::borrow::Cow::into_owned)
    };
    let (a, b) = (Gaussian::scalar(0.0, 1.0).unwrap(), Gaussian::scalar(1.0, 2.0).unwrap());
    let correlated = DMatrix::from_row_slice(2, 2, &[1.0, 0.5, 0.5, 1.0]);
    let c = Gaussian::new(DVector::zeros(2), Covariance::Dense(correlated)).unwrap();
    assert_eq!(gaussian(vec![(a.clone(), 1_000_000)]).unwrap().cov, Covariance::Isotropic(1.0));
    let mixed = gaussian(vec![(a.clone(), 2), (b, 1)]).unwrap();
    assert_eq!(mixed.cov, Covariance::Diagonal(DVector::from_vec(vec![1.0, 1.0, 2.0])));
    assert_eq!(mixed.mean[2], 1.0);
    let dense = gaussian(vec![(a, 1), (c.clone(), 2)]).unwrap();
    assert_eq!((dense.cov_matrix()[(3, 4)], dense.cov_matrix()[(2, 3)]), (0.5, 0.0));
    assert!(gaussian(vec![(c, 1_000_000)]).is_none());
}

/// `E exp(c |x|^2)` against closed forms, at the edge of the finite ones, and for c so small that the expectation is nearly 1.
#[test]
fn exponential_moments_in_closed_form() {
    let gaussian = |m: f64, v: f64| (1.0 - 2.0 * 0.2 * v).powf(-0.5) * (0.2 * m * m / (1.0 - 0.4 * v)).exp();
    let close = |data: &Data, c: f64, expected: f64| {
        let found = data.ln_exponential_moment(Interval::point(c));
        let slack = 1e-12 * expected.abs();
        assert!(found.widen(slack).contains(expected) && found.width() <= slack, "{found} {expected}");
    };
    let mixture = Density::Mixture(Mixture::scalar(&[0.3, 0.7], &[-1.0, 2.0], &[0.5, 1.5]).unwrap());
    let of_mixture = 0.3 * gaussian(-1.0, 0.5) + 0.7 * gaussian(2.0, 1.5);
    close(&Data::Density(mixture.clone()), 0.2, of_mixture.ln());
    let product = Density::Product(Product::new(vec![(mixture, 3)]).unwrap());
    close(&Data::Density(product), 0.2, 3.0 * of_mixture.ln());
    // I - 2 c S = [[0.6, -0.2], [-0.2, 0.2]]: determinant 0.08, inverse [[2.5, 2.5], [2.5, 7.5]].
    let coupled = Covariance::Dense(DMatrix::from_row_slice(2, 2, &[1.0, 0.5, 0.5, 2.0]));
    let coupled = Gaussian::new(DVector::from_row_slice(&[1.0, -2.0]), coupled).unwrap();
    close(&Data::Density(Density::Gaussian(coupled.clone())), 0.2, -0.5 * 0.08_f64.ln() + 0.2 * (2.5 - 10.0 + 30.0));
    // Atoms: E (e^{c x^2} - 1) keeps its digits; and far atoms do not overflow.
    let atoms =
        Points::new(vec![0.5, 0.5], vec![DVector::from_element(1, 1.0), DVector::from_element(1, 2.0)]).unwrap();
    close(&Data::Points(atoms.clone()), 1e-20, 2.5e-20);
    close(&Data::Points(atoms), 1e4, 4e4 + 0.5_f64.ln());
    let at = |g: Gaussian, c: f64| Data::Density(Density::Gaussian(g)).ln_exponential_moment(Interval::point(c));
    assert_eq!(at(Gaussian::scalar(0.0, 2.0).unwrap(), 0.25), Interval::INFINITY);
    assert_eq!(at(coupled.clone(), 0.3), Interval::INFINITY);
    // Infinite by the largest eigenvalue, 2.207, and by no diagonal entry: not decided, but nothing false is said.
    assert_eq!(at(coupled, 0.24).hi(), f64::INFINITY);
    assert_eq!(at(Gaussian::scalar(3.0, 1e9).unwrap(), 0.0), Interval::ZERO);
}
