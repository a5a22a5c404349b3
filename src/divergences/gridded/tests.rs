//! Tensor grids against other engines and against values computed independently.

use crate::divergences::Divergence;
use crate::laws::{Engine, Law, Propagate, Settings, Start, plan};
use crate::numerics::Evidence;
use crate::processes::{NoiseLevel, Process, TimeGrid};
use crate::samplers::{Program, Scheme, lmc, reverse_sde};
use crate::scores::errors::{Fourier, Linear, Window};
use crate::scores::{Damaged, Direction, ErrorShape, Size, calibrate};
use crate::targets::{Covariance, Density, Gaussian, Mixture, Product};
use nalgebra::{DMatrix, DVector};
use proptest::prelude::*;
use std::sync::Arc;

const ALL_BUT_W2: [Divergence; 6] = [
    Divergence::Tv,
    Divergence::Kl,
    Divergence::KlReverse,
    Divergence::ChiSquared,
    Divergence::Renyi2,
    Divergence::HellingerSquared,
];

fn gaussian(mean: [f64; 2], cov: [f64; 3]) -> Gaussian {
    let cov = DMatrix::from_row_slice(2, 2, &[cov[0], cov[1], cov[1], cov[2]]);
    Gaussian::new(DVector::from_row_slice(&mean), Covariance::Dense(cov)).unwrap()
}

fn isotropic(parts: &[(f64, [f64; 2], f64)]) -> Density {
    let one = |&(_, mean, v): &(f64, [f64; 2], f64)| Gaussian::isotropic(DVector::from_row_slice(&mean), v).unwrap();
    Density::Mixture(Mixture::new(parts.iter().map(|p| p.0).collect(), parts.iter().map(one).collect()).unwrap())
}

fn three_modes() -> Density {
    isotropic(&[(0.3, [-1.5, 0.0], 0.6), (0.4, [1.0, 1.2], 0.8), (0.3, [0.8, -1.4], 0.5)])
}

fn damaged(target: &Density, shape: Arc<dyn ErrorShape>, amplitude: f64, levels: &[NoiseLevel]) -> Damaged {
    calibrate(Arc::new(target.clone()), shape, Size::Amplitude(amplitude), levels).unwrap()
}

/// The law by the planner's choice, or by tensor grids.
fn carried(start: &Density, program: &Program, field: &Damaged, engine: Option<Engine>) -> Law {
    let settings = Settings { engine, ..Settings::default() };
    let mut law = plan(&Start::Density(start.clone()), program, field, &settings).unwrap().start;
    law.run(program, field).unwrap();
    law
}

/// The joint law of a product on tensor grids agrees with its factors on the line.
#[test]
fn a_product_agrees_with_its_factors() {
    let factor = |w: f64, shift: f64| {
        Density::Mixture(Mixture::scalar(&[w, 1.0 - w], &[-1.2, 1.4 + shift], &[0.6, 0.9]).unwrap())
    };
    let target = Density::Product(Product::new(vec![(factor(0.4, 0.0), 1), (factor(0.7, 0.3), 1)]).unwrap());
    let line = |m: f64, v: f64| Density::Gaussian(Gaussian::scalar(m, v).unwrap());
    let start = Density::Product(Product::new(vec![(line(0.5, 1.1), 1), (line(-0.2, 0.8), 1)]).unwrap());
    let field = damaged(&target, Arc::new(Fourier { dim: 2, frequency: 1.3, phase: 0.4 }), 0.2, &[NoiseLevel::DATA]);
    let program = lmc(0.04, 25, NoiseLevel::DATA);
    let factors = carried(&start, &program, &field, None);
    assert!(matches!(factors, Law::Product(_)));
    let mut joint = Law::Closed(start);
    joint.run(&program, &field).unwrap();
    assert!(matches!(joint, Law::Grid2(_)));
    let p = Law::Closed(target);
    for divergence in ALL_BUT_W2 {
        let (a, b) = (divergence.between(&joint, &p).unwrap(), divergence.between(&factors, &p).unwrap());
        assert_eq!(a.evidence, Evidence::Checked);
        // TV of two factors goes through a transform that decays slowly, or a bracket.
        let slack = if divergence == Divergence::Tv { b.value.width() } else { 1e-9 };
        assert!((a.value.mid() - b.value.mid()).abs() <= slack, "{divergence}: {a} {b}");
        assert!(a.value.overlaps(b.value) && a.value.width() < 1e-8, "{divergence}: {a} {b}");
    }
    assert!((joint.mean() - factors.mean()).norm() < 1e-11 && (joint.cov() - factors.cov()).norm() < 1e-11);
    // One factor alone differs: TV is that of the factor.
    let still = Density::Product(Product::new(vec![(factor(0.4, 0.0), 1), (line(0.0, 1.0), 1)]).unwrap());
    let start = Density::Product(Product::new(vec![(line(0.5, 1.1), 1), (line(0.0, 1.0 / 0.98), 1)]).unwrap());
    let field = Damaged::exact(Arc::new(still));
    let factors = carried(&start, &program, &field, None);
    let mut joint = Law::Closed(start);
    joint.run(&program, &field).unwrap();
    let exact =
        Law::Closed(Density::Product(Product::new(vec![(factor(0.4, 0.0), 1), (line(0.0, 1.0 / 0.98), 1)]).unwrap()));
    let (a, b) = (Divergence::Tv.between(&joint, &exact).unwrap(), Divergence::Tv.between(&factors, &exact).unwrap());
    assert!((a.value.mid() - b.value.mid()).abs() < 1e-9 && a.value.overlaps(b.value), "{a} {b}");
}

/// Where one law drowns in noise under the mass of the other, KL has no upper end, and its lower end is what follows from the
/// largest that the drowned values may be: 30 times the noise.
#[test]
fn the_lower_end_does_not_rest_on_guesses() {
    use super::{Functional, Node, additive};
    let axes = crate::laws::Axes::new(&[(-8.0, 8.0), (-8.0, 8.0)], 0.1);
    let standard = Density::Gaussian(gaussian([0.0, 0.0], [1.0, 0.0, 1.0]));
    let closed = crate::laws::Closed2::new(&standard).unwrap();
    let a: Vec<Node> = closed.ln_density(&axes).into_iter().map(Node::exactly).collect();
    let b = vec![Node::seen(0.0, 1e-18); a.len()];
    let found = additive(Functional::Kl, &a, &b, &axes);
    let least = -(std::f64::consts::TAU.ln() + 1.0) - 3e-17_f64.ln() - 1.0;
    assert!(found.open_end && (found.value - least).abs() < 1e-9, "{} {least}", found.value);
}

/// Non-commuting affine steps: the closed form.
#[test]
fn a_gaussian_agrees_with_the_closed_form() {
    let target = Density::Gaussian(gaussian([0.2, -0.4], [1.3, 0.5, 0.8]));
    let start = Density::Gaussian(gaussian([1.0, 0.3], [0.7, -0.2, 1.1]));
    let matrix = DMatrix::from_row_slice(2, 2, &[0.2, 0.5, -0.3, 0.1]);
    let shape = Arc::new(Linear { matrix, offset: DVector::from_vec(vec![0.3, -0.1]) });
    let field = damaged(&target, shape, 0.4, &[NoiseLevel::DATA]);
    let program = lmc(0.05, 15, NoiseLevel::DATA);
    let (exact, grid) =
        (carried(&start, &program, &field, None), carried(&start, &program, &field, Some(Engine::Grid)));
    assert!(matches!((&exact, &grid), (Law::Gaussian(_), Law::Grid2(_))));
    assert!((exact.mean() - grid.mean()).norm() < 1e-12 && (exact.cov() - grid.cov()).norm() < 1e-12);
    let p = Law::Closed(target);
    for divergence in ALL_BUT_W2 {
        let (a, b) = (divergence.between(&grid, &p).unwrap(), divergence.between(&exact, &p).unwrap());
        assert!((a.value.mid() - b.value.mid()).abs() < 1e-9 && a.value.encloses(b.value), "{divergence}: {a} {b}");
        // Two representations of one law.
        let none = divergence.between(&grid, &exact).unwrap();
        assert!(none.value.lo() == 0.0 && none.value.hi() < 1e-8, "{divergence}: {none}");
    }
    let why = Divergence::W2.between(&grid, &p).unwrap_err();
    assert!(why.why.contains("tensor grids in the plane"), "{why}");
}

/// Two modes and an error along one direction, turned: the split engine carries them on the line.
#[test]
fn a_rotated_core_agrees_with_the_split_engine() {
    let u = [0.8, 0.6];
    let mode = |t: f64| [t * u[0] - 0.3 * u[1], t * u[1] + 0.3 * u[0]];
    let target = isotropic(&[(0.35, mode(-1.2), 0.7), (0.65, mode(1.3), 0.7)]);
    let start = Density::Gaussian(Gaussian::isotropic(DVector::from_vec(vec![0.1, 0.4]), 0.9).unwrap());
    let direction = Direction::explicit(DVector::from_row_slice(&u));
    let shape = Arc::new(Window { direction, lo: -0.5, hi: Some(1.0), edge: 0.3 });
    let field = damaged(&target, shape, 0.7, &[NoiseLevel::DATA]);
    let program = lmc(0.05, 20, NoiseLevel::DATA);
    let (split, grid) =
        (carried(&start, &program, &field, None), carried(&start, &program, &field, Some(Engine::Grid)));
    assert!(matches!((&split, &grid), (Law::Split { .. }, Law::Grid2(_))));
    assert!((split.mean() - grid.mean()).norm() < 1e-11 && (split.cov() - grid.cov()).norm() < 1e-11);
    let p = Law::Closed(target);
    for divergence in ALL_BUT_W2 {
        let (a, b) = (divergence.between(&grid, &p).unwrap(), divergence.between(&split, &p).unwrap());
        let slack = if divergence == Divergence::Tv { b.value.width() + 1e-9 } else { 1e-9 };
        assert!((a.value.mid() - b.value.mid()).abs() < slack && a.value.overlaps(b.value), "{divergence}: {a} {b}");
        assert!(a.value.width() < 1e-7, "{divergence}: {a}");
    }
}

/// Three modes that are not on a line and a wave in either coordinate. References: composite Gauss-Legendre rules with 280 and 352
/// nodes a side in place of tensor grids, dense products in place of bands, total variation from quintic splines whose rows are cut
/// at their zeros; the two agree to 2e-12 (chi-squared to 4e-12).
#[test]
fn laws_that_do_not_reduce_match_independent_values() {
    let target = three_modes();
    let wave = || Arc::new(Fourier { dim: 2, frequency: 1.5, phase: 0.0 });
    let start = Density::Gaussian(gaussian([0.3, 0.1], [1.5, 0.2, 1.0]));
    let langevin = (start, lmc(0.05, 20, NoiseLevel::DATA));
    let reverse = reverse_sde(&Process::Ou, Scheme::EulerMaruyama, &TimeGrid::uniform(2.0, 0.0, 20).unwrap());
    let prior = Density::Gaussian(Gaussian::isotropic(DVector::zeros(2), 1.0).unwrap());
    let langevin_values = [
        0.086_749_856_349_00,
        0.020_371_324_817_428,
        0.020_072_119_907_239,
        0.041_877_071_672_00,
        0.005_047_281_280_841,
    ];
    let reverse_values = [
        0.149_064_760_720_88,
        0.059_020_718_150_178,
        0.061_272_161_986_548,
        0.118_348_760_030_02,
        0.014_957_226_116_492,
    ];
    let langevin_moments =
        [0.276_859_548_429_86, 0.164_314_415_600_39, 1.781_951_187_738_0, 0.140_270_002_172_0, 1.663_689_874_603_1];
    let reverse_moments =
        [0.376_296_170_057_36, 0.261_447_073_448_60, 1.774_290_658_188_3, 0.139_938_161_834_7, 1.787_859_064_324_3];
    for ((start, program), values, moments) in
        [(langevin, langevin_values, langevin_moments), ((prior, reverse), reverse_values, reverse_moments)]
    {
        let field = damaged(&target, wave(), 0.3, &program.levels());
        let law = carried(&start, &program, &field, None);
        assert!(matches!(law, Law::Grid2(_)));
        let (mean, cov) = (law.mean(), law.cov());
        let found = [mean[0], mean[1], cov[(0, 0)], cov[(0, 1)], cov[(1, 1)]];
        assert!(found.iter().zip(moments).all(|(a, b)| (a - b).abs() < 2e-11), "{found:?} {moments:?}");
        let divergences = [
            Divergence::Tv,
            Divergence::Kl,
            Divergence::KlReverse,
            Divergence::ChiSquared,
            Divergence::HellingerSquared,
        ];
        for (divergence, value) in divergences.into_iter().zip(values) {
            let found = divergence.between(&law, &Law::Closed(target.clone())).unwrap();
            assert!((found.value.mid() - value).abs() < 1e-10, "{divergence}: {found} {value}");
            assert!(
                found.value.widen(1e-11).contains(value) && found.value.width() < 5e-9,
                "{divergence}: {found} {value}"
            );
        }
        // The error-free twin is not on a line either, and lies at a distance from the damaged chain that both see.
        let twin = carried(&start, &program.clean(), &field, None);
        let tv = Divergence::Tv.between(&law, &twin).unwrap();
        let kl = Divergence::Kl.between(&law, &twin).unwrap();
        assert!(tv.value.lo() > 0.01 && tv.value.width() < 1e-8, "{tv}");
        assert!(kl.value.hi() >= 2.0 * tv.value.lo().powi(2) && kl.value.width() < 1e-7, "{kl}");
        let chi = Divergence::ChiSquared.between(&law, &twin).unwrap();
        assert!(chi.value.lo() >= kl.value.lo().exp_m1() && chi.value.hi() < 10.0, "{chi}");
    }
}

/// A law with tails too wide for chi-squared has no finite upper end, and neither has one whose tails nothing shows; what lies
/// within reach is a number.
#[test]
fn chi_squared_ends_where_the_tails_allow() {
    let target = Density::Gaussian(gaussian([0.0, 0.0], [1.0, 0.0, 1.0]));
    let field = Damaged::exact(Arc::new(target.clone()));
    let program = lmc(0.1, 1, NoiseLevel::DATA);
    let p = Law::Closed(target.clone());
    // After one step the variance is 0.81 v + 0.2.
    for (variance, finite) in [(1.9, true), (2.1, true), (2.6, false), (9.0, false)] {
        let start = Density::Gaussian(Gaussian::isotropic(DVector::zeros(2), variance).unwrap());
        let grid = carried(&start, &program, &field, Some(Engine::Grid));
        let exact = carried(&start, &program, &field, None);
        for divergence in [Divergence::ChiSquared, Divergence::Renyi2] {
            let (a, b) = (divergence.between(&grid, &p).unwrap(), divergence.between(&exact, &p).unwrap());
            assert_eq!(b.value.is_finite(), finite, "{b}");
            if finite {
                assert!(a.value.is_finite() && a.value.overlaps(b.value), "{variance}: {a} {b}");
            } else {
                assert!(a.value.hi() == f64::INFINITY && a.value.lo().is_finite(), "{variance}: {a}");
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(14))]

    /// Random affine chains: the intervals contain the closed form.
    #[test]
    fn intervals_contain_the_truth(
        entries in proptest::array::uniform8(-1.0..1.0_f64),
        h in 0.03..0.3_f64,
        steps in 1_u64..12,
        lean in proptest::array::uniform4(0.3..1.5_f64),
    ) {
        let [a, b, c, d, e, f, tilt, other] = entries;
        let covariance = |v: f64, w: f64, r: f64| [v, 0.8 * r * (v * w).sqrt(), w];
        let target = Density::Gaussian(gaussian([e, f], covariance(lean[0], lean[1], tilt)));
        let start = Density::Gaussian(gaussian([a, b], covariance(lean[2], lean[3], other)));
        let matrix = DMatrix::from_row_slice(2, 2, &[a, b, c, d]);
        let shape = Arc::new(Linear { matrix, offset: DVector::from_vec(vec![c, d]) });
        let field = damaged(&target, shape, 0.3, &[NoiseLevel::DATA]);
        // Steps that the least variance allows.
        let step = h * (lean[0].min(lean[1]) * (1.0 - 0.8 * tilt.abs())).min(1.0);
        let program = lmc(step, steps, NoiseLevel::DATA);
        let (exact, grid) =
            (carried(&start, &program, &field, None), carried(&start, &program, &field, Some(Engine::Grid)));
        let p = Law::Closed(target);
        for divergence in ALL_BUT_W2 {
            let (on_grid, truth) = (divergence.between(&grid, &p).unwrap(), divergence.between(&exact, &p).unwrap());
            // The truth is somewhere in the enclosure of the closed form.
            let known_to = 1e-14 + truth.value.width();
            prop_assert!(on_grid.value.widen(known_to).encloses(truth.value), "{divergence}: {on_grid} {truth}");
        }
    }
}
