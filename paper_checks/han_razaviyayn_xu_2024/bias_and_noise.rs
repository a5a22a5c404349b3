//! HRX-15b. See `bias_and_noise.md`.

use crate::lessons::*;
use crate::support::*;
use proptest::prelude::*;
use scorebound::bounds::han_razaviyayn_xu_2024::BIAS_AND_NOISE;
use scorebound::scores::learned::Regime;

#[test]
fn restated_independently() {
    for (data, steps) in [(two(), 3), (two(), 40), (triangle(), 15)] {
        let at = kernel(data, steps);
        let (claim, lesson) = (at.then(&BIAS_AND_NOISE), at.lesson());
        assert!(claim.holds(), "{claim}");
        let (train, test) = (lesson.train(), &lesson.test().regression);
        let f = walked(&lesson, &train.clean, steps).1;
        let of_target = walked(&lesson, &train.regression, steps).1;
        let parts = [rms(&f, &of_target), rms(&of_target, test)];
        for (name, part) in ["mismatch-noise", "bias"].into_iter().zip(parts) {
            assert!((claim.term(name) / part - 1.0).abs() < 1e-8, "{name} {part}: {claim}");
        }
        assert_close_to(claim.bound(), parts.iter().sum(), 1e-8);
        assert_close_to(claim.measured(), rms(&projected(&f, at.task.data.radius()), test), 1e-8);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn holds_where_it_should(at in kernels_and_networks(Regime::Linearised)) {
        let claim = at.then(&BIAS_AND_NOISE);
        prop_assert!(claim.holds() || claim.failed() == Some("training does not diverge"), "{claim}");
    }
}

#[test]
fn fails_when_a_hypothesis_is_dropped() {
    assert!(kernel(two(), 10).then(&BIAS_AND_NOISE).holds());
    assert_eq!(law(two()).then(&BIAS_AND_NOISE).failed(), Some("the score is learned on the spot"));
    assert_eq!(kernel(two(), 0).then(&BIAS_AND_NOISE).failed(), Some("training stops, after at least one step"));
    assert_eq!(diverging().then(&BIAS_AND_NOISE).failed(), Some("training does not diverge"));
}

#[test]
fn can_be_violated() {
    let good = kernel(two(), 30);
    assert!(good.then(&BIAS_AND_NOISE).holds());
    assert!(good.with_bound_over(1e6, &BIAS_AND_NOISE).is_violated());
    // After many steps it is the noise that is learned: without its term the sum is too small.
    let late = kernel(two(), 100_000).then(&BIAS_AND_NOISE);
    assert!(late.holds() && late.measured().lo() > late.bound().hi() - late.term("mismatch-noise"), "{late}");
    // And early it is the bias.
    let early = kernel(two(), 1).then(&BIAS_AND_NOISE);
    assert!(early.holds() && early.measured().lo() > early.bound().hi() - early.term("bias"), "{early}");
    // The sum of one lesson does not bound another.
    assert!(
        kernel(two(), 10).samples(400).against(&kernel(two(), 100_000).samples(10), 1.0, &BIAS_AND_NOISE).is_violated()
    );
}

/// Bias falls with the number of steps, and noise grows.
#[test]
fn rate() {
    let found: Vec<Claim> = [4, 40, 400, 4000].map(|steps| kernel(two(), steps).then(&BIAS_AND_NOISE)).into();
    for pair in found.windows(2) {
        assert!(pair[1].term("bias") < pair[0].term("bias"), "{} {}", pair[0], pair[1]);
        assert!(pair[1].term("mismatch-noise") > pair[0].term("mismatch-noise"), "{} {}", pair[0], pair[1]);
    }
}
