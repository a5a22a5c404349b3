//! LLT-8. See `girsanov.md`.

use crate::support::*;
use proptest::prelude::*;
use scorebound::bounds::Pair;
use scorebound::bounds::lee_lu_tan_2022::GIRSANOV;
use scorebound::divergences::Divergence;
use scorebound::verdicts::{Asymptote, Better, Condition, Search, rate as measure};

#[test]
fn restated_independently() {
    // Constant error: every term is c^2.
    for (h, n, c) in [(0.05, 7, 0.3), (0.01, 3000, 0.02), (0.1, 100, 2.0)] {
        let at = given(&normal(2, 0.0, 1.0)).start(normal(2, 1.0, 0.5)).run(lmc(h, n)).error(constant(2), c);
        let claim = at.then(&GIRSANOV);
        let budget: f64 = h / 4.0 * n as f64 * c * c;
        assert_close(claim.bound(), (budget / 2.0).sqrt().min((-(-budget).exp_m1()).sqrt()));
    }
    // An affine error e = -c x/5 under the error-free chain from N(1, 1/2).
    let (h, n, c) = (0.02, 40, 0.5);
    let at = given(&normal(1, 0.0, 1.0)).start(normal(1, 1.0, 0.5)).run(lmc(h, n)).error(affine(1, -0.2), c);
    let (mut m, mut v, mut budget) = (1.0, 0.5, 0.0);
    for _ in 0..n {
        budget += h / 4.0 * (c / 5.0_f64).powi(2) * (m * m + v);
        (m, v) = ((1.0 - h) * m, (1.0 - h) * (1.0 - h) * v + 2.0 * h);
    }
    assert_close(at.then(&GIRSANOV).bound(), (budget / 2.0).sqrt());
    // Longer than what is followed step by step: an enclosure of the right-hand side, a few percent wide.
    let (h, n, c) = (0.002, 3000, 0.2);
    let at = given(&normal(1, 0.0, 1.0)).start(normal(1, 1.0, 0.5)).run(lmc(h, n)).error(affine(1, -0.2), c);
    let (mut m, mut v, mut budget) = (1.0, 0.5, 0.0);
    for _ in 0..n {
        budget += h / 4.0 * (c / 5.0_f64).powi(2) * (m * m + v);
        (m, v) = ((1.0 - h) * m, (1.0 - h) * (1.0 - h) * v + 2.0 * h);
    }
    let (found, by_hand) = (at.then(&GIRSANOV).bound(), (budget / 2.0_f64).sqrt());
    assert!(found.contains(by_hand) && found.width() <= 0.1 * by_hand, "{found} by hand {by_hand}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]
    #[test]
    fn holds_where_it_should(p in gaussians(1..=12, 8.0), x in 0.01..1.0f64, time in 0.1..30.0f64, c in 1e-4..1.0f64) {
        let (smoothness, _) = constants(&p);
        let d = scorebound::targets::Target::dim(&p);
        let h = x / smoothness;
        for shape in [constant(d), affine(d, -0.2)] {
            let claim = given(&p).start(normal(d, 0.3, 0.2)).run(lmc(h, steps(time, h))).error(shape, c).then(&GIRSANOV);
            prop_assert!(claim.holds_or_vacuous(), "{claim}");
        }
    }
}

#[test]
fn fails_when_a_hypothesis_is_dropped() {
    let good = given(&normal(2, 0.0, 1.0)).run(lmc(0.05, 10)).error(constant(2), 0.1);
    assert!(good.then(&GIRSANOV).holds(), "{}", good.then(&GIRSANOV));
    let noisy = good.clone().run(noisier(&lmc(0.05, 10), 1.5)).then(&GIRSANOV);
    assert_eq!(noisy.failed(), Some("the sampler is LMC(h) at the noise level of p"));
    let unbounded = given(&two_modes())
        .start(normal(1, 0.0, 1e306))
        .run(lmc(1e-3, 5000))
        .error(affine(1, 200.0), 1.0)
        .then(&GIRSANOV);
    assert!(unbounded.leaves_open("E_{q_k^0} |e|^2 < inf for k < N"), "{unbounded}");
}

#[test]
fn can_be_violated() {
    let good = given(&normal(1, 0.0, 1.0)).run(lmc(0.05, 100)).error(constant(1), 0.1);
    assert!(good.then(&GIRSANOV).holds());
    assert!(good.with_bound_over(1e6, &GIRSANOV).is_violated());
}

/// At fixed time the admissible amplitude is proportional to the accuracy, as guaranteed.
#[test]
fn rate() {
    let found = measure(
        &[1e-4, 1e-3, 1e-2, 1e-1],
        Asymptote::Small,
        Condition::AtMost(1.0),
        |_| Search::real(1e-6, 1.0),
        |accuracy, amplitude| {
            let at = given(&normal(1, 0.0, 1.0)).run(lmc(0.01, 200)).error(constant(1), amplitude).instance();
            at.between(Pair::OutputTwin, Divergence::Tv).map(|tv| tv.value / accuracy)
        },
    );
    let exponent = GIRSANOV.exponents.iter().find(|e| e.of == "path-epsilon" && e.in_ == "accuracy").unwrap();
    assert_eq!(found.compare(f64::from(exponent.power.0), Better::Larger, 0.01).word(), "matches", "{found:?}");
}

/// With the exact score the two chains are one program: the distance is 0, and the statement holds whatever engine there is.
#[test]
fn a_chain_is_at_distance_zero_from_itself() {
    let exact = given(&two_modes()).start(normal(1, 0.5, 1.3)).run(lmc(1e-3, 50));
    for at in [exact.clone(), exact.error(constant(1), 0.0)] {
        let claim = at.then(&GIRSANOV);
        assert!(claim.holds() && claim.measured() == scorebound::numerics::Interval::ZERO, "{claim}");
    }
}

/// Where the left-hand side has no engine the bound is still there, and the verdict says what is missing.
#[test]
fn a_bound_without_a_measured_side_is_shown() {
    let claim = given(&three_dimensional()).run(lmc(1e-3, 2)).error(constant(3), 0.05).then(&GIRSANOV);
    assert!(claim.leaves_open("the left-hand side is not measured"), "{claim}");
    assert!(claim.bound().hi() < 1e-2 && claim.judgement.measured.is_none(), "{claim}");
}
