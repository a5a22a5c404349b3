//! LLT-1b. See `bad_sets_to_target.md`.

use crate::support::*;
use proptest::prelude::*;
use scorebound::bounds::lee_lu_tan_2022::BAD_SETS_TO_TARGET;
use scorebound::numerics::Interval;
use scorebound::verdicts::{Asymptote, Better, Condition, Search, rate as measure};
use statrs::distribution::{ContinuousCDF, Normal};

#[test]
fn restated_independently() {
    for (h, n, threshold, v0, shift) in [(0.05, 7, 3.0, 1.3, 0.2), (0.2, 40, 2.5, 0.5, 0.0), (0.01, 3, 4.0, 1.0, 1.0)] {
        let at = given(&normal(1, 0.0, 1.0)).start(normal(1, shift, v0)).run(lmc(h, n));
        let at = at.error(outward(1, threshold, 0.0), 2.0);
        let delta = Normal::standard().sf(threshold);
        let chi2 = |m: f64, v: f64| (m * m / (2.0 - v)).exp() / (v * (2.0 - v)).sqrt() - 1.0;
        let (mut m, mut v, mut by_hand) = (shift, v0, 0.0_f64);
        for _ in 0..n {
            by_hand += (delta + (chi2(m, v) * delta * (1.0 - delta)).sqrt()).min(1.0);
            (m, v) = ((1.0 - h) * m, (1.0 - h) * (1.0 - h) * v + 2.0 * h);
        }
        by_hand += chi2(m, v).sqrt() / 2.0;
        // statrs' tail is good to about 1e-11.
        assert_close_to(at.then(&BAD_SETS_TO_TARGET).bound(), by_hand, 1e-8);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]
    #[test]
    fn holds_where_it_should(p in gaussians(1..=4, 3.0), h in 0.01..0.3f64, n in 1..30u64, r in 2.0..4.0f64, a in 0.2..4.0f64) {
        let d = scorebound::targets::Target::dim(&p);
        let (smoothness, _) = constants(&p);
        let at = given(&p).start(normal(d, 0.1, 0.3)).run(lmc(h / smoothness, n)).error(outward(d, r, 0.0), a);
        let claim = at.then(&BAD_SETS_TO_TARGET);
        prop_assert!(claim.holds_or_vacuous(), "{claim}");
    }
}

#[test]
fn fails_when_a_hypothesis_is_dropped() {
    let theorem = &BAD_SETS_TO_TARGET;
    let good =
        given(&normal(1, 0.0, 1.0)).start(normal(1, 0.2, 1.3)).run(lmc(0.05, 7)).error(outward(1, 3.0, 0.0), 2.0);
    assert!(good.then(theorem).holds(), "{}", good.then(theorem));
    let noisy = good.clone().run(noisier(&lmc(0.05, 7), 1.5)).then(theorem);
    assert_eq!(noisy.failed(), Some("the sampler is LMC(h) at the noise level of p"));
    assert_eq!(good.clone().start(normal(1, 0.0, 2.5)).then(theorem).failed(), Some("chi2(q_0 | p) < inf"));
    assert_eq!(good.clone().error(constant(1), 0.1).then(theorem).failed(), Some("the bad set {e != 0} has p(B) < 1"));
    let long = good.clone().run(lmc(1.5, 7)).then(theorem);
    assert_eq!(long.failed(), Some("chi2(qbar_k | p) <= D_k^2 < inf for k <= N"));
}

#[test]
fn can_be_violated() {
    let theorem = &BAD_SETS_TO_TARGET;
    let good = given(&normal(1, 0.0, 1.0)).run(lmc(0.05, 40)).error(outward(1, 4.0, 0.0), 0.5);
    assert!(good.then(theorem).holds(), "{}", good.then(theorem));
    let claim = good.sabotaged(noisier(&lmc(0.05, 40), 1.5), theorem);
    assert!(claim.is_violated(), "{claim}");
    assert!(good.with_bound_over(1e6, theorem).is_violated());
}

/// The distance of the good chain that the bound allows is proportional to the accuracy, and so is the one that the truth
/// allows: both sides of the statement, solved for the shift of the start with a bad set too far out to matter.
#[test]
fn rate() {
    let solved = |side: fn(&Claim) -> Interval| {
        measure(
            &[1e-4, 2e-4, 4e-4, 8e-4],
            Asymptote::Small,
            Condition::AtMost(1.0),
            |_| Search::real(1e-6, 1.0),
            move |accuracy, shift| {
                let at = given(&normal(1, 0.0, 1.0)).start(normal(1, shift, 1.0)).run(lmc(1e-6, 2));
                Ok(side(&at.error(outward(1, 20.0, 0.0), 1.0).then(&BAD_SETS_TO_TARGET)) / accuracy)
            },
        )
    };
    let stated = BAD_SETS_TO_TARGET.exponents.iter().find(|e| e.of == "chi" && e.in_ == "accuracy").unwrap().power;
    let stated = f64::from(stated.0) / f64::from(stated.1);
    let (bound, truth) = (solved(Claim::bound), solved(Claim::measured));
    assert_eq!(bound.compare(stated, Better::Larger, 0.01).word(), "matches", "{bound:?}");
    assert_eq!(truth.compare(stated, Better::Larger, 0.01).word(), "matches", "{truth:?}");
    for (bound, truth) in bound.points.iter().zip(&truth.points) {
        assert!(bound.threshold.hi <= truth.threshold.lo, "what the bound allows is allowed: {bound:?} {truth:?}");
    }
}
