//! LLT-18e. See `lsi_convolution.md`.

use crate::support::*;
use nalgebra::DVector;
use proptest::prelude::*;
use scorebound::bounds::lee_lu_tan_2022::LSI_CONVOLUTION;
use scorebound::targets::Points;

#[test]
fn restated_independently() {
    for (alpha, sigma) in [(1.0, 0.5), (0.3, 2.0), (0.9, 0.435_889_894_354_067_4_f64)] {
        let gaussian = law(diagonal(&[0.2, 3.0])).at(alpha, sigma).then(&LSI_CONVOLUTION);
        assert_close(gaussian.bound(), 3.0 * alpha * alpha + sigma * sigma);
        let (_, c) = constants(&two_modes());
        let mixed = law(two_modes()).at(alpha, sigma).then(&LSI_CONVOLUTION);
        assert_close(mixed.bound(), c * alpha * alpha + sigma * sigma);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]
    #[test]
    fn holds_where_it_should(t in 0.001..3.0f64, w in 0.1..0.9f64, distance in 0.0..5.0f64, v in 0.3..2.0f64) {
        let (alpha, sigma) = ((-t).exp(), (-(-2.0 * t).exp_m1()).sqrt());
        let plane = in_space(&[(w, &[0.0, 0.0], &[v, 1.0]), (1.0 - w, &[0.3, distance], &[v, 1.0])]);
        for p in [pair(w, [0.0, distance], [1.0, v]), plane, diagonal(&[v, 1.0, 0.2])] {
            for level in [(alpha, sigma), (1.0, t)] {
                let claim = law(p.clone()).at(level.0, level.1).then(&LSI_CONVOLUTION);
                prop_assert!(claim.holds(), "{claim}");
            }
        }
    }
}

#[test]
fn fails_when_a_hypothesis_is_dropped() {
    let before = "the law before the level satisfies LSI(C)";
    let atoms = Points::new(vec![0.5, 0.5], [-1.0, 1.0].map(|x| DVector::from_element(1, x)).to_vec()).unwrap();
    assert_eq!(law(atoms).at(1.0, 0.5).then(&LSI_CONVOLUTION).failed(), Some(before));
    assert!(law(far_modes()).at(1.0, 0.5).then(&LSI_CONVOLUTION).leaves_open(before));
}

#[test]
fn can_be_violated() {
    let good = law(two_modes()).at(1.0, 0.5);
    assert!(good.then(&LSI_CONVOLUTION).holds());
    assert!(good.against(&good, 1e6, &LSI_CONVOLUTION).is_violated());
    assert!(good.against(&law(two_modes()).at(1.0, 2.0), 1.0, &LSI_CONVOLUTION).is_violated());
}

/// At large noise both sides are sigma^2, and the bound loses nothing.
#[test]
fn rate() {
    let at = |sigma: f64| law(two_modes()).at(1.0, sigma).then(&LSI_CONVOLUTION);
    let (a, b) = (at(100.0), at(1000.0));
    for side in [|c: &Claim| c.bound().mid(), |c: &Claim| c.measured().mid()] {
        let exponent = slope((100.0, side(&a)), (1000.0, side(&b)));
        assert!((exponent - 2.0).abs() < 1e-3, "{exponent}");
    }
    assert!(b.bound().mid() / b.measured().mid() < 1.0 + 1e-5);
}
