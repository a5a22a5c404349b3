//! HRX-7. See `amplification.md`.

use crate::lessons::*;
use crate::support::*;
use proptest::prelude::*;
use scorebound::bounds::han_razaviyayn_xu_2024::AMPLIFICATION;
use scorebound::processes::{Process, Rate};
use scorebound::scores::learned::{Design, Norm, Part, Regime, TimeMeasure};

#[test]
fn restated_independently() {
    // 1.9/(2 sinh 0.1)^2, and `a^2` at each test point.
    let factor = 1.9 / (2.0 * 0.1_f64.sinh()).powi(2);
    assert!((factor - 47.4).abs() < 0.1);
    for (data, measure) in [(two(), TimeMeasure::UniformTime), (triangle(), TimeMeasure::UniformSnr)] {
        let at = kernel(data, 30).design(measure, true);
        let (claim, lesson) = (at.then(&AMPLIFICATION), at.lesson());
        assert!(claim.holds(), "{claim}");
        let squares = lesson.squares(Part::Total).unwrap();
        let mean = squares.mean();
        assert_close(claim.bound(), factor * mean);
        let weighted = lesson.test().times.iter().zip(&squares).map(|(t, s)| 1.9 / (2.0 * t.sinh()).powi(2) * s);
        assert_close(claim.measured(), weighted.sum::<f64>() / lesson.test().len() as f64);
        assert!((claim.term("factor") - factor).abs() < 1e-9 * factor, "{claim}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn holds_where_it_should(at in kernels_and_networks(Regime::Network)) {
        let claim = at.then(&AMPLIFICATION);
        prop_assert!(claim.holds() || claim.failed() == Some("training does not diverge"), "{claim}");
    }
}

#[test]
fn fails_when_a_hypothesis_is_dropped() {
    assert!(kernel(two(), 10).then(&AMPLIFICATION).holds());
    assert_eq!(law(two()).then(&AMPLIFICATION).failed(), Some("the score is learned on the spot"));
    assert_eq!(kernel(two(), 0).then(&AMPLIFICATION).failed(), Some("training stops, after at least one step"));
    assert_eq!(diverging().then(&AMPLIFICATION).failed(), Some("training does not diverge"));
    let mut preserving = kernel(two(), 10);
    let process = Process::Vp(Rate::linear(0.1, 4.0, 1.0));
    preserving.task.design = Design::new(process, (0.1, 0.9), TimeMeasure::UniformTime, true).unwrap();
    assert_eq!(preserving.then(&AMPLIFICATION).failed(), Some("the process of the design is Ornstein-Uhlenbeck"));
    let mut once = kernel(two(), 10);
    once.task.design = Design::new(Process::Ou, (0.5, 0.5), TimeMeasure::UniformTime, true).unwrap();
    assert_eq!(once.then(&AMPLIFICATION).failed(), Some("the training times fill an interval, T_0 < T"));
}

#[test]
fn can_be_violated() {
    let good = kernel(two(), 30);
    let claim = good.then(&AMPLIFICATION);
    assert!(claim.holds(), "{claim}");
    assert!(good.with_bound_over(1e6, &AMPLIFICATION).is_violated());
    // The weight of a later time is too small.
    let late =
        1.9 / (2.0 * 0.8_f64.sinh()).powi(2) * good.lesson().distance(Part::Total, Norm::Regression).unwrap().powi(2);
    assert!(claim.measured().lo() > late, "{claim} {late}");
}

/// The factor grows like the inverse square of the earliest time.
#[test]
fn rate() {
    let of = |early: f64| {
        let mut at = kernel(two(), 10);
        at.task.design = Design::new(Process::Ou, (early, 2.0), TimeMeasure::UniformTime, true).unwrap();
        let claim = at.then(&AMPLIFICATION);
        assert!(claim.holds(), "{claim}");
        (early, claim.term("factor"))
    };
    let found: Vec<(f64, f64)> = [0.1, 0.03, 0.01, 0.003].map(of).into();
    for pair in found.windows(2) {
        assert!((slope(pair[0], pair[1]) + 2.0).abs() < 0.05, "{found:?}");
    }
}
