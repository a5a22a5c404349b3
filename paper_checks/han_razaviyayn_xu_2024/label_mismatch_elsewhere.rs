//! HRX-16c. See `label_mismatch_elsewhere.md`.

use crate::lessons::*;
use crate::support::*;
use proptest::prelude::*;
use scorebound::bounds::han_razaviyayn_xu_2024::LABEL_MISMATCH_ELSEWHERE;
use scorebound::scores::learned::kappa;

#[test]
fn restated_independently() {
    for (data, steps) in [(two(), 1), (two(), 40), (triangle(), 15)] {
        let at = kernel(data, steps);
        let (claim, lesson) = (at.then(&LABEL_MISMATCH_ELSEWHERE), at.lesson());
        assert!(claim.holds(), "{claim}");
        let delta = &lesson.train().regression - lesson.element().1;
        assert_close(claim.bound(), (lesson.step() * steps as f64).sqrt() * delta.norm());
        let values = walked(&lesson, &delta, steps).1;
        let largest = (0..lesson.test().len()).map(|i| {
            let z: Vec<f64> = lesson.test().inputs.column(i).iter().copied().collect();
            values.row(i).norm() / kappa(&z, &z).sqrt()
        });
        assert_close_to(claim.measured(), largest.fold(0.0, f64::max), 1e-8);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn holds_where_it_should(at in descents(3..60, 1..5000)) {
        let claim = at.then(&LABEL_MISMATCH_ELSEWHERE);
        prop_assert!(claim.holds(), "{claim}");
    }
}

#[test]
fn fails_when_a_hypothesis_is_dropped() {
    assert!(kernel(two(), 10).then(&LABEL_MISMATCH_ELSEWHERE).holds());
    assert_eq!(law(two()).then(&LABEL_MISMATCH_ELSEWHERE).failed(), Some("the score is learned on the spot"));
    let stops = "training stops, after at least one step";
    assert_eq!(kernel(two(), 0).then(&LABEL_MISMATCH_ELSEWHERE).failed(), Some(stops));
}

#[test]
fn can_be_violated() {
    let good = kernel(two(), 30);
    assert!(good.then(&LABEL_MISMATCH_ELSEWHERE).holds());
    assert!(good.with_bound_over(1e6, &LABEL_MISMATCH_ELSEWHERE).is_violated());
    // The bound of one step does not do for many, nor that of few samples for more.
    assert!(kernel(two(), 1).against(&kernel(two(), 100_000), 1.0, &LABEL_MISMATCH_ELSEWHERE).is_violated());
}

/// The bound grows like the square root of the number of steps, the left-hand side no faster.
#[test]
fn rate() {
    let found: Vec<(f64, Claim)> = [10, 100, 1000, 10_000]
        .map(|steps| (steps as f64, kernel(two(), steps).then(&LABEL_MISMATCH_ELSEWHERE)))
        .into();
    for pair in found.windows(2) {
        let of = |side: fn(&Claim) -> f64| slope((pair[0].0, side(&pair[0].1)), (pair[1].0, side(&pair[1].1)));
        assert!((of(|claim| claim.bound().mid()) - 0.5).abs() < 1e-9);
        assert!((0.0..0.5).contains(&of(|claim| claim.measured().mid())), "{} {}", pair[0].1, pair[1].1);
    }
}
