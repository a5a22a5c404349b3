//! PMM-16b. See `exact_corrected.md`.

use crate::flows::*;
use crate::support::*;
use proptest::prelude::*;
use scorebound::bounds::pedrotti_maas_mondelli_2024::EXACT_CORRECTED;

fn by(horizon: f64, early: f64, corrector: f64) -> Falling {
    exponential(horizon, early, 6).after(corrector / 64.0, 64)
}

#[test]
fn restated_independently() {
    for (d, mu, c, horizon, early, corrector) in
        [(1, 3.0, 0.01, 0.75, 0.1, 4.0), (4, -0.5, 0.2, 1.0, 0.0, 0.5), (10, 1.0, 0.003, 2.0, 0.02, 9.0)]
    {
        for sign in [1.0, -1.0] {
            let claim = by(horizon, early, corrector)
                .on(&normal(d, mu, 1.0))
                .error(constant(d), sign * c)
                .then(&EXACT_CORRECTED);
            let size = mu.abs() * (d as f64).sqrt();
            let by_hand = size * (-horizon - corrector).exp() - c * (-corrector).exp_m1() + c * (horizon - early);
            assert_close(claim.bound(), by_hand);
            assert_close(claim.measured(), by_hand);
        }
    }
    // `canon_PC_T1_0.75_T2_4` of the reference values: |mu| = 3, epsilon = 0.01, delta = 0.1.
    let claim = by(0.75, 0.1, 4.0).on(&line(3.0, 1.0)).error(constant(1), 0.01).then(&EXACT_CORRECTED);
    assert_close_to(claim.measured(), reference("canon_PC_T1_0.75_T2_4"), 1e-11);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn holds_where_it_should(d in 1..12usize, mu in -5.0..5.0f64, horizon in 0.3..8.0f64, early in 0.0..0.3f64, corrector in 0.1..9.0f64, c in 1e-3..1.0f64) {
        let claim = by(horizon + early, early, corrector).on(&normal(d, mu, 1.0)).error(constant(d), c).then(&EXACT_CORRECTED);
        prop_assert!(claim.holds(), "{claim}");
    }
}

#[test]
fn fails_when_a_hypothesis_is_dropped() {
    let (theorem, by) = (&EXACT_CORRECTED, by(1.0, 0.1, 1.0));
    let good = by.on(&line(0.5, 1.0)).error(constant(1), 0.1);
    assert!(good.then(theorem).holds(), "{}", good.then(theorem));
    let says = "the sampler is the probability flow of OU or VP, after Langevin steps at the horizon or none";
    assert_eq!(good.clone().run(with_late_steps(&by)).then(theorem).failed(), Some(says));
    let classical = good.clone().run(exponential(1.0, 0.1, 6).program());
    assert_eq!(classical.then(theorem).failed(), Some("Langevin steps at the horizon come first"));
    assert_eq!(
        by.to_data(&line(0.5, 1.0)).then(theorem).failed(),
        Some("the output is compared with p_delta as it is")
    );
    assert_eq!(good.start(normal(1, 0.1, 1.0)).then(theorem).failed(), Some("q_0 = N(0, I)"));
    assert_eq!(by.on(&line(0.5, 0.9)).then(theorem).failed(), Some("p = N(mu, I)"));
    let says = "e is one and the same vector along mu at all places and levels";
    assert_eq!(by.on(&line(0.5, 1.0)).error(affine(1, 0.2), 0.1).then(theorem).failed(), Some(says));
}

#[test]
fn can_be_violated() {
    let by = by(1.0, 0.1, 1.0);
    let good = by.on(&line(0.5, 1.0)).error(constant(1), 0.05);
    assert!(good.then(&EXACT_CORRECTED).holds(), "{}", good.then(&EXACT_CORRECTED));
    // No error in the corrector.
    let reverse = by.program().confined_to(&(64..70).collect::<Vec<_>>());
    assert!(good.sabotaged(reverse, &EXACT_CORRECTED).is_violated());
    assert!(good.with_bound_over(1e6, &EXACT_CORRECTED).is_violated());
}

/// With T1 fixed and T2 long the ratio of the error to epsilon is a constant.
#[test]
fn rate() {
    let of =
        |c: f64| by(0.75, 0.1, 20.0).on(&line(3.0, 1.0)).error(constant(1), c).then(&EXACT_CORRECTED).measured().mid();
    for c in [0.1, 0.01, 0.001] {
        assert!((slope((c, of(c)), (c / 2.0, of(c / 2.0))) - 1.0).abs() < 1e-4);
    }
}
