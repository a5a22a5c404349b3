//! LLT-21, B/2 <= C_P. See `poincare_on_the_line_lower.md`.

use super::poincare_on_the_line::{laws, suprema};
use crate::support::*;
use proptest::prelude::*;
use scorebound::bounds::lee_lu_tan_2022::POINCARE_ON_THE_LINE_LOWER;

#[test]
fn restated_independently() {
    for p in laws() {
        let by_hand = 0.5 * suprema(&p, |t| t);
        let claim = law(p).then(&POINCARE_ON_THE_LINE_LOWER);
        assert_close_to(claim.measured(), by_hand, 4e-3);
        assert!(claim.measured().hi() <= by_hand * 1.001, "{claim}");
    }
    // The right-hand side of reference s1 is that of LLT-19.
    let s1 = law(pair(0.5, [-1.5, 1.5], [1.0, 1.0])).then(&POINCARE_ON_THE_LINE_LOWER);
    assert_close(s1.bound(), 4.009_938_467_671_059);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]
    #[test]
    fn holds_where_it_should(w in 0.02..0.98f64, distance in 0.0..7.0f64, v in 0.3..2.0f64) {
        for p in [pair(w, [0.0, distance], [1.0, v]), normal(1, w, v)] {
            let claim = law(p).then(&POINCARE_ON_THE_LINE_LOWER);
            prop_assert!(claim.holds(), "{claim}");
        }
    }
}

#[test]
fn fails_when_a_hypothesis_is_dropped() {
    assert_eq!(law(normal(2, 0.0, 1.0)).then(&POINCARE_ON_THE_LINE_LOWER).failed(), Some("p is a law on the line"));
}

#[test]
fn can_be_violated() {
    let good = law(two_modes());
    assert!(good.then(&POINCARE_ON_THE_LINE_LOWER).holds());
    assert!(good.against(&good, 1e6, &POINCARE_ON_THE_LINE_LOWER).is_violated());
    assert!(good.against(&law(pair(0.4, [-4.0, 4.0], [0.7, 1.0])), 1.0, &POINCARE_ON_THE_LINE_LOWER).is_violated());
}

/// The factor 1/2 is needed: for modes of weights 0.01 and 0.99, B/2 comes within a few percent of half of C_P times 2 w.
#[test]
fn rate() {
    let at = |distance: f64| law(pair(0.5, [0.0, distance], [1.0, 1.0])).then(&POINCARE_ON_THE_LINE_LOWER);
    let (a, b) = (at(8.0), at(10.0));
    let growth = |side: fn(&Claim) -> f64| (side(&b) / side(&a)).ln() / 36.0;
    let (bound, truth) = (growth(|c| c.bound().mid()), growth(|c| c.measured().mid()));
    assert!((bound - truth).abs() < 5e-3, "{bound} {truth}");
    // C_P/B for nearly balanced and for unbalanced far modes: 4 p q B', from 1/2 on.
    let quotient = |w: f64| {
        let claim = law(pair(w, [0.0, 10.0], [1.0, 1.0])).then(&POINCARE_ON_THE_LINE_LOWER);
        claim.bound().mid() / (2.0 * claim.measured().mid())
    };
    assert!(quotient(0.49) < 0.75 && quotient(0.05) < 1.1, "{} {}", quotient(0.49), quotient(0.05));
}
