//! HRX-16b. See `label_mismatch_norm.md`.

use crate::lessons::*;
use crate::support::*;
use proptest::prelude::*;
use scorebound::bounds::han_razaviyayn_xu_2024::LABEL_MISMATCH_NORM;

#[test]
fn restated_independently() {
    for (data, steps) in [(two(), 1), (two(), 40), (triangle(), 15)] {
        let at = kernel(data, steps);
        let (claim, lesson) = (at.then(&LABEL_MISMATCH_NORM), at.lesson());
        assert!(claim.holds(), "{claim}");
        let delta = &lesson.train().regression - lesson.element().1;
        let elapsed = lesson.step() * steps as f64;
        assert_close(claim.bound(), elapsed * delta.norm_squared());
        // The coefficients are the residuals of descent on delta, added up.
        let residuals = walked(&lesson, &delta, steps).0;
        let inputs = &lesson.train().inputs;
        let mut sum = &delta * 0.0;
        residuals[..steps as usize].iter().for_each(|r| sum += r * lesson.step());
        let by_hand = (sum.transpose() * kernel_between(inputs, inputs) * &sum).trace();
        assert_close_to(claim.measured(), by_hand, 1e-7);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn holds_where_it_should(at in descents(3..60, 1..5000)) {
        let claim = at.then(&LABEL_MISMATCH_NORM);
        prop_assert!(claim.holds(), "{claim}");
    }
}

#[test]
fn fails_when_a_hypothesis_is_dropped() {
    assert!(kernel(two(), 10).then(&LABEL_MISMATCH_NORM).holds());
    assert_eq!(law(two()).then(&LABEL_MISMATCH_NORM).failed(), Some("the score is learned on the spot"));
    assert_eq!(kernel(two(), 0).then(&LABEL_MISMATCH_NORM).failed(), Some("training stops, after at least one step"));
}

#[test]
fn can_be_violated() {
    let good = kernel(two(), 30);
    assert!(good.then(&LABEL_MISMATCH_NORM).holds());
    assert!(good.with_bound_over(1e6, &LABEL_MISMATCH_NORM).is_violated());
    // The bound of one step does not do for many.
    assert!(kernel(two(), 1).against(&kernel(two(), 100_000), 1.0, &LABEL_MISMATCH_NORM).is_violated());
}

/// The bound grows like the number of steps; the left-hand side grows too, and in the end it is its finite norm that is left.
#[test]
fn rate() {
    let found: Vec<(f64, Claim)> =
        [10, 100, 1000, 1_000_000].map(|steps| (steps as f64, kernel(two(), steps).then(&LABEL_MISMATCH_NORM))).into();
    for pair in found.windows(2) {
        let bound = slope((pair[0].0, pair[0].1.bound().mid()), (pair[1].0, pair[1].1.bound().mid()));
        assert!((bound - 1.0).abs() < 1e-9, "{bound}");
        assert!(pair[1].1.measured().mid() > pair[0].1.measured().mid(), "{} {}", pair[0].1, pair[1].1);
    }
    let last = slope((found[2].0, found[2].1.measured().mid()), (found[3].0, found[3].1.measured().mid()));
    assert!(last < 1.0, "{last}");
}
