//! HRX-18b. See `early_stopping_rule.md`.

use crate::lessons::*;
use crate::support::*;
use proptest::prelude::*;
use scorebound::bounds::han_razaviyayn_xu_2024::EARLY_STOPPING_RULE;
use scorebound::scores::learned::{Learner, Stop};
use std::f64::consts::E;

/// Stopped at T^.
fn ruled(data: scorebound::targets::Data) -> Taught {
    taught(data, Learner::Kernel, Stop::CriticalRadius(1.0)).samples(60)
}

#[test]
fn restated_independently() {
    for data in [two(), atoms(), triangle()] {
        let at = ruled(data);
        let (claim, lesson) = (at.then(&EARLY_STOPPING_RULE), at.lesson());
        assert!(claim.holds(), "{claim}");
        let (n, steps) = (60.0, lesson.stopping_time().unwrap());
        let traces: Vec<f64> = lesson.train().variances.row_iter().map(|row| row.sum()).collect();
        let (largest, mean) = (traces.iter().copied().fold(0.0, f64::max), traces.iter().sum::<f64>() / n);
        let rho = lesson.element().0.norms_squared().iter().sum::<f64>();
        let eta = lesson.step() * n * steps as f64;
        assert_close(claim.bound(), rho / eta * (1.0 / (2.0 * E) + largest / mean / (4.0 * E * E)));
        // T^ is the last time before the crossing.
        let past = |t: u64| {
            let eta = lesson.step() * n * t as f64;
            let capped: f64 = lesson.spectrum().values().iter().map(|value| (value / n).min(1.0 / eta)).sum();
            (capped / n).sqrt() > rho.sqrt() / (2.0 * E * mean.sqrt() * eta)
        };
        assert!(steps >= 1 && !past(steps) && past(steps + 1), "{steps}");
        assert!(claim.term("least over t") <= claim.measured().hi(), "{claim}");
        assert!((claim.term("recalled 4 rho^2/(e eta)") / (4.0 * rho / (E * eta)) - 1.0).abs() < 1e-9, "{claim}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn holds_where_it_should(samples in 10..80usize, share in 0.05..1.0f64, plane in any::<bool>(), repetition in 0..1000u64) {
        let data = if plane { triangle() } else { atoms() };
        let at = ruled(data).samples(samples).repetition(repetition).stop(Stop::CriticalRadius(share));
        let claim = at.then(&EARLY_STOPPING_RULE);
        let none = Some("training stops, after at least one step");
        prop_assert!(claim.holds() || claim.failed() == none, "{claim}");
    }
}

#[test]
fn fails_when_a_hypothesis_is_dropped() {
    assert!(ruled(two()).then(&EARLY_STOPPING_RULE).holds());
    assert_eq!(law(two()).then(&EARLY_STOPPING_RULE).failed(), Some("the score is learned on the spot"));
    assert_eq!(kernel(two(), 0).then(&EARLY_STOPPING_RULE).failed(), Some("training stops, after at least one step"));
    let in_time = "it stops at T^ or before, where labels are noisy and f_H is not 0";
    assert_eq!(ruled(two()).stop(Stop::Steps(1_000_000)).then(&EARLY_STOPPING_RULE).failed(), Some(in_time));
    let sure = ruled(points(&[1.0], &[0.7])).stop(Stop::Steps(3));
    assert_eq!(sure.then(&EARLY_STOPPING_RULE).failed(), Some(in_time));
}

#[test]
fn can_be_violated() {
    let good = ruled(two());
    assert!(good.then(&EARLY_STOPPING_RULE).holds());
    assert!(good.with_bound_over(1e6, &EARLY_STOPPING_RULE).is_violated());
    // Far beyond T^ the bound, which goes on falling like 1/t, is false.
    let late = ruled(two()).stop(Stop::CriticalRadius(1000.0));
    let (claim, factor) =
        (good.then(&EARLY_STOPPING_RULE), late.lesson().steps().unwrap() / good.lesson().steps().unwrap());
    assert!(good.against(&late, factor as f64, &EARLY_STOPPING_RULE).is_violated(), "{claim} {factor}");
}

/// Up to T^ the bound is that of T^ times T^/t.
#[test]
fn rate() {
    let lesson = ruled(two()).samples(400);
    let last = lesson.lesson().stopping_time().unwrap();
    assert!(last >= 8, "{last}");
    let found: Vec<(f64, f64)> = [last / 8, last / 4, last / 2, last]
        .map(|t| (t as f64, lesson.clone().stop(Stop::Steps(t)).then(&EARLY_STOPPING_RULE).bound().mid()))
        .into();
    for pair in found.windows(2) {
        assert!((slope(pair[0], pair[1]) + 1.0).abs() < 1e-9, "{found:?}");
    }
}
