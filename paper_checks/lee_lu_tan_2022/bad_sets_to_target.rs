//! LLT-1b. See `bad_sets_to_target.md`.

use crate::support::*;
use proptest::prelude::*;
use scorebound::bounds::lee_lu_tan_2022::{BAD_SETS, BAD_SETS_TO_TARGET};
use scorebound::divergences::Divergence;
use scorebound::verdicts::{Asymptote, Better, Condition, Search, rate as measure};

#[test]
fn restated_independently() {
    for (h, n, threshold, v0, shift) in [(0.05, 7, 3.0, 1.3, 0.2), (0.2, 40, 2.5, 0.5, 0.0), (0.01, 3, 4.0, 1.0, 1.0)] {
        let at = given(&normal(1, 0.0, 1.0)).start(normal(1, shift, v0)).run(lmc(h, n));
        let at = at.error(outward(1, threshold, 0.0), 2.0);
        let (mut m, mut v) = (shift, v0);
        for _ in 0..n {
            (m, v) = ((1.0 - h) * m, (1.0 - h) * (1.0 - h) * v + 2.0 * h);
        }
        let chi2: f64 = (m * m / (2.0 - v)).exp() / (v * (2.0 - v)).sqrt() - 1.0;
        // The bad-set sum is LLT-1's, which is restated there.
        let by_hand = chi2.sqrt() / 2.0 + at.then(&BAD_SETS).bound().mid();
        assert_close(at.then(&BAD_SETS_TO_TARGET).bound(), by_hand);
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

/// TV and chi of a shifted normal both go like the shift: D_n/2 has the right exponent.
#[test]
fn rate() {
    let threshold = |kind: Divergence| {
        measure(
            &[1e-4, 2e-4, 4e-4, 8e-4],
            Asymptote::Small,
            Condition::AtMost(1.0),
            |_| Search::real(1e-6, 1.0),
            move |accuracy, shift| {
                let at = given(&normal(1, 0.0, 1.0)).start(normal(1, shift, 1.0)).instance();
                let found = at.between(scorebound::bounds::Pair::StartTarget, kind)?.value;
                Ok(if kind == Divergence::Tv { found / accuracy } else { found.sqrt() / 2.0 / accuracy })
            },
        )
    };
    for kind in [Divergence::Tv, Divergence::ChiSquared] {
        let found = threshold(kind);
        assert_eq!(found.compare(1.0, Better::Larger, 0.01).word(), "matches", "{found:?}");
    }
}
