//! LLT-1c. See `bad_sets_kl.md`.

use crate::support::*;
use proptest::prelude::*;
use scorebound::bounds::lee_lu_tan_2022::{BAD_SETS_KL, excess_mass_kl};
use scorebound::numerics::Interval;
use scorebound::verdicts::{Asymptote, Better, Condition, Search, rate as measure};
use statrs::distribution::{ContinuousCDF, Normal};

#[test]
fn restated_independently() {
    for (h, n, threshold, v0) in [(0.05, 7, 2.0, 1.6), (0.2, 4, 1.5, 0.5), (0.01, 30, 3.0, 3.0)] {
        let at = given(&normal(1, 0.0, 1.0)).start(normal(1, 0.3, v0)).run(lmc(h, n));
        let claim = at.error(outward(1, threshold, 0.0), 2.0).then(&BAD_SETS_KL);
        let (mut m, mut v) = (0.3, v0);
        for _ in 0..n {
            (m, v) = ((1.0 - h) * m, (1.0 - h) * (1.0 - h) * v + 2.0 * h);
        }
        let kl = 0.5 * (v - 1.0 - f64::ln(v) + m * m);
        let delta = Normal::standard().sf(threshold);
        let entropy = |x: f64| x * (x / delta).ln() + (1.0 - x) * ((1.0 - x) / (1.0 - delta)).ln();
        let x = claim.bound().mid();
        assert!((entropy(x) / kl - 1.0).abs() < 1e-6 && x > delta, "{claim}");
        let closed = (kl + 2f64.ln()) / (1.0 / delta).ln_1p();
        assert!((claim.term("closed-form") / closed - 1.0).abs() < 1e-8, "{claim}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]
    #[test]
    fn holds_where_it_should(p in gaussians(1..=4, 3.0), h in 0.01..0.3f64, n in 1..30u64, r in 0.5..4.0f64, shift in -1.0..3.0f64) {
        let d = scorebound::targets::Target::dim(&p);
        let (smoothness, _) = constants(&p);
        let at = given(&p).start(normal(d, shift, 0.3)).run(lmc(h / smoothness, n)).error(outward(d, r, 0.0), 1.0);
        let claim = at.then(&BAD_SETS_KL);
        prop_assert!(claim.holds_or_vacuous(), "{claim}");
    }
}

#[test]
fn fails_when_a_hypothesis_is_dropped() {
    let theorem = &BAD_SETS_KL;
    let good =
        given(&normal(1, 0.0, 1.0)).start(normal(1, 0.2, 1.3)).run(lmc(0.05, 7)).error(outward(1, 3.0, 0.0), 2.0);
    assert!(good.then(theorem).holds(), "{}", good.then(theorem));
    let noisy = good.clone().run(noisier(&lmc(0.05, 7), 1.5)).then(theorem);
    assert_eq!(noisy.failed(), Some("the sampler is LMC(h) at the noise level of p"));
    assert_eq!(good.clone().error(constant(1), 0.1).then(theorem).failed(), Some("the bad set {e != 0} has p(B) < 1"));
    // Steps so long that the variance leaves the doubles.
    let long = good.clone().run(lmc(3.0, 1000)).then(theorem);
    assert!(long.leaves_open("KL(qbar_N | p) < inf"), "{long}");
}

#[test]
fn can_be_violated() {
    let theorem = &BAD_SETS_KL;
    let good = given(&normal(1, 0.0, 1.0)).run(lmc(0.05, 40)).error(outward(1, 1.0, 0.0), 0.5);
    assert!(good.then(theorem).holds(), "{}", good.then(theorem));
    assert!(good.with_bound_over(1e6, theorem).is_violated());
}

/// In delta the bound is only logarithmic: its exponent tends to 0, where chi-squared would give 1/2.
#[test]
fn rate() {
    let found = measure(
        &[1e-280, 1e-270, 1e-260, 1e-250],
        Asymptote::Small,
        Condition::AtMost(1.0),
        |_| Search::real(1e-9, 1.0),
        |delta, mass| Ok(Interval::point(mass) / excess_mass_kl(delta.into(), 0.05.into())),
    );
    assert_eq!(found.compare(0.0, Better::Smaller, 0.01).word(), "matches", "{found:?}");
    let slope = found.fit.unwrap().value;
    assert!(slope > 0.001 && slope < 0.005, "{slope}");
}
