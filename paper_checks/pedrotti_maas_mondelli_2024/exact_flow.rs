//! PMM-16a. See `exact_flow.md`.

use crate::flows::*;
use crate::support::*;
use proptest::prelude::*;
use scorebound::bounds::pedrotti_maas_mondelli_2024::EXACT_FLOW;

#[test]
fn restated_independently() {
    for (d, mu, c, horizon, early) in [(1, 3.0, 0.01, 3.0, 0.1), (4, -0.5, 0.2, 1.0, 0.0), (10, 1.0, 0.003, 6.0, 0.02)]
    {
        for sign in [1.0, -1.0] {
            let by = exponential(horizon, early, 5);
            let claim = by.on(&normal(d, mu, 1.0)).error(constant(d), sign * c).then(&EXACT_FLOW);
            let size = mu.abs() * (d as f64).sqrt();
            assert_close(claim.bound(), size * (-horizon).exp() + c * (horizon - early));
            assert_close(claim.measured(), size * (-horizon).exp() + c * (horizon - early));
        }
    }
}

/// The minimum over T1 at `ln(|mu|/epsilon)` (`canon_T1star`), with value `epsilon (1 + ln(|mu|/epsilon) - delta)`.
#[test]
fn has_a_best_horizon() {
    let best = reference("canon_T1star");
    assert!((best - 300f64.ln()).abs() < 1e-14);
    let of =
        |t: f64| exponential(t, 0.1, 9).on(&line(3.0, 1.0)).error(constant(1), 0.01).then(&EXACT_FLOW).measured().mid();
    assert!(of(best) < of(best + 0.1) && of(best) < of(best - 0.1));
    assert!((of(best) - 0.01 * (1.0 + best - 0.1)).abs() < 1e-12);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn holds_where_it_should(d in 1..12usize, mu in -5.0..5.0f64, horizon in 0.3..8.0f64, early in 0.0..0.3f64, n in 1..20u64, c in 1e-3..1.0f64) {
        let claim = exponential(horizon + early, early, n).on(&normal(d, mu, 1.0)).error(constant(d), c).then(&EXACT_FLOW);
        prop_assert!(claim.holds(), "{claim}");
    }
}

#[test]
fn fails_when_a_hypothesis_is_dropped() {
    let by = exponential(1.0, 0.1, 4);
    let theorem = &EXACT_FLOW;
    let good = by.on(&line(0.5, 1.0)).error(constant(1), 0.1);
    assert!(good.then(theorem).holds(), "{}", good.then(theorem));
    let says = "the sampler is the probability flow of OU or VP, after Langevin steps at the horizon or none";
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
    let bent = scorebound::targets::Density::Gaussian(
        scorebound::targets::Gaussian::isotropic(nalgebra::DVector::from_vec(vec![1.0, 0.5]), 1.0).unwrap(),
    );
    assert_eq!(by.on(&bent).error(constant(2), 0.1).then(theorem).failed(), Some(says));
}

#[test]
fn can_be_violated() {
    let by = exponential(1.0, 0.1, 20);
    let good = by.on(&line(0.5, 1.0)).error(constant(1), 0.05);
    assert!(good.then(&EXACT_FLOW).holds(), "{}", good.then(&EXACT_FLOW));
    // An error in all steps but the last ten.
    let partly = by.program().confined_to(&(0..10).collect::<Vec<_>>());
    assert!(good.sabotaged(partly, &EXACT_FLOW).is_violated());
    assert!(good.with_bound_over(1e6, &EXACT_FLOW).is_violated());
}

/// At the best horizon the error goes like `epsilon ln(1/epsilon)`: each halving adds ln 2 to its ratio to epsilon.
#[test]
fn rate() {
    let of = |c: f64| {
        let at = exponential((3.0 / c).ln(), 0.1, 9).on(&line(3.0, 1.0)).error(constant(1), c);
        at.then(&EXACT_FLOW).measured().mid() / c
    };
    for c in [0.1, 0.01, 0.001] {
        assert!((of(c / 2.0) - of(c) - std::f64::consts::LN_2).abs() < 1e-9);
    }
}
