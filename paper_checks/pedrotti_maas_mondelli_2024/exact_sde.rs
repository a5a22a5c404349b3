//! PMM-16c. See `exact_sde.md`.

use crate::flows::*;
use crate::support::*;
use proptest::prelude::*;
use scorebound::bounds::pedrotti_maas_mondelli_2024::EXACT_SDE;
use scorebound::samplers::Scheme;

fn by(horizon: f64, early: f64, n: u64) -> Falling {
    sde(Scheme::ALL[n as usize % 3], horizon, early, n)
}

#[test]
fn restated_independently() {
    for (d, mu, c, horizon, early, n) in
        [(1, 3.0, 0.01, 3.0, 0.1, 3), (4, -0.5, 0.2, 1.0, 0.0, 4), (10, 1.0, 0.003, 6.0, 0.02, 20)]
    {
        for sign in [1.0, -1.0] {
            let claim = by(horizon, early, n).on(&normal(d, mu, 1.0)).error(constant(d), sign * c).then(&EXACT_SDE);
            let size = mu.abs() * (d as f64).sqrt();
            let by_hand = size * (early - 2.0 * horizon).exp() - 2.0 * c * (early - horizon).exp_m1();
            assert_close(claim.bound(), by_hand);
            assert_close(claim.measured(), by_hand);
        }
    }
    // `canon_SDE_T1_3` of the reference values: |mu| = 3, epsilon = 0.01, delta = 0.1.
    let claim = by(3.0, 0.1, 8).on(&line(3.0, 1.0)).error(constant(1), 0.01).then(&EXACT_SDE);
    assert_close_to(claim.measured(), reference("canon_SDE_T1_3"), 1e-11);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn holds_where_it_should(d in 1..12usize, mu in -5.0..5.0f64, horizon in 0.3..8.0f64, early in 0.0..0.3f64, n in 1..20u64, c in 1e-3..1.0f64) {
        let claim = by(horizon + early, early, n).on(&normal(d, mu, 1.0)).error(constant(d), c).then(&EXACT_SDE);
        prop_assert!(claim.holds(), "{claim}");
    }
}

#[test]
fn fails_when_a_hypothesis_is_dropped() {
    let (theorem, by) = (&EXACT_SDE, by(1.0, 0.1, 4));
    let good = by.on(&line(0.5, 1.0)).error(constant(1), 0.1);
    assert!(good.then(theorem).holds(), "{}", good.then(theorem));
    let says = "the sampler is the reverse SDE of OU or VP, after Langevin steps at the horizon or none";
    assert_eq!(good.clone().run(with_late_steps(&by)).then(theorem).failed(), Some(says));
    let corrected = good.clone().run(by.clone().after(0.1, 3).program());
    assert_eq!(corrected.then(theorem).failed(), Some("no Langevin steps: the reverse phase starts at q_0"));
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
    let by = by(1.0, 0.1, 20);
    let good = by.on(&line(0.5, 1.0)).error(constant(1), 0.05);
    assert!(good.then(&EXACT_SDE).holds(), "{}", good.then(&EXACT_SDE));
    assert!(good.sabotaged(exponential(1.0, 0.1, 20).program(), &EXACT_SDE).is_violated());
    assert!(good.with_bound_over(1e6, &EXACT_SDE).is_violated());
}

/// The error saturates at 2 epsilon: no best horizon; what is left of the start falls like `e^{-2 T1}`.
#[test]
fn rate() {
    let of = |t: f64, c: f64| by(t, 0.1, 6).on(&line(3.0, 1.0)).error(constant(1), c).then(&EXACT_SDE).measured().mid();
    assert!((of(20.0, 0.01) / 0.02 - 1.0).abs() < 1e-6);
    assert!((of(6.0, 0.0) / of(5.0, 0.0) - (-2.0_f64).exp()).abs() < 1e-9);
}
