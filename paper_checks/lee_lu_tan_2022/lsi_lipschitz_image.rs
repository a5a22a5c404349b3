//! LLT-18d. See `lsi_lipschitz_image.md`.

use crate::support::*;
use proptest::prelude::*;
use scorebound::bounds::lee_lu_tan_2022::LSI_LIPSCHITZ_IMAGE;

#[test]
fn restated_independently() {
    for m in [0.3, 1.0, 5.0] {
        let gaussians = product(vec![(diagonal(&[0.2, 3.0]), 4), (normal(2, 1.0, 2.0), 1)]);
        assert_close(law(gaussians).at(m, 0.0).then(&LSI_LIPSCHITZ_IMAGE).bound(), 3.0 * m * m);
        let (_, c) = constants(&two_modes());
        let mixed = product(vec![(two_modes(), 7), (normal(1, 0.0, 0.5), 1)]);
        assert_close(law(mixed).at(m, 0.0).then(&LSI_LIPSCHITZ_IMAGE).bound(), c * m * m);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]
    #[test]
    fn holds_where_it_should(m in 0.1..10.0f64, w in 0.1..0.9f64, distance in 0.0..4.0f64, v in 0.3..2.0f64) {
        let factor = pair(w, [0.0, distance], [1.0, v]);
        let plane = in_space(&[(w, &[0.0, 0.0], &[v, 1.0]), (1.0 - w, &[0.3, distance], &[v, 1.0])]);
        for p in [product(vec![(factor, 20), (diagonal(&[v, 0.7]), 1)]), plane] {
            let claim = law(p).at(m, 0.0).then(&LSI_LIPSCHITZ_IMAGE);
            prop_assert!(claim.holds(), "{claim}");
        }
    }
}

#[test]
fn fails_when_a_hypothesis_is_dropped() {
    let noisy = law(two_modes()).at(2.0, 0.1).then(&LSI_LIPSCHITZ_IMAGE);
    assert_eq!(noisy.failed(), Some("p is the image of a law under x -> M x"));
    let unknown = law(far_modes()).at(2.0, 0.0).then(&LSI_LIPSCHITZ_IMAGE);
    assert!(unknown.leaves_open("the law before the level satisfies LSI(C)"), "{unknown}");
}

#[test]
fn can_be_violated() {
    let good = law(two_modes()).at(2.0, 0.0);
    assert!(good.then(&LSI_LIPSCHITZ_IMAGE).holds());
    assert!(good.against(&good, 1e6, &LSI_LIPSCHITZ_IMAGE).is_violated());
    // The image under a steeper map.
    assert!(good.against(&law(two_modes()).at(2.5, 0.0), 1.0, &LSI_LIPSCHITZ_IMAGE).is_violated());
}

/// Both sides grow with the square of the Lipschitz constant.
#[test]
fn rate() {
    let at = |m: f64| law(two_modes()).at(m, 0.0).then(&LSI_LIPSCHITZ_IMAGE);
    for side in [|c: &Claim| c.bound().mid(), |c: &Claim| c.measured().mid()] {
        let exponent = slope((0.5, side(&at(0.5))), (8.0, side(&at(8.0))));
        assert!((exponent - 2.0).abs() < 1e-9, "{exponent}");
    }
}
