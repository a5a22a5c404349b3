//! PMM-4h. See `lsi_bounded_support_recalled.md`.

use crate::support::*;
use proptest::prelude::*;
use scorebound::bounds::pedrotti_maas_mondelli_2024::LSI_BOUNDED_SUPPORT_RECALLED;
use scorebound::bounds::{Relation, Theorem};

const THEOREM: &Theorem = &LSI_BOUNDED_SUPPORT_RECALLED;

fn by_hand(half: f64, s: f64) -> f64 {
    6.0 * (4.0 * half * half + s) * (4.0 * half * half / s).exp()
}

#[test]
fn restated_independently() {
    for (half, v) in [(0.3, 1.0), (1.5, 1.0), (1.0, 0.5)] {
        let at = law(pair(0.3, [-half, half], [v, v])).instance();
        let bound = (THEOREM.bound)(&at).unwrap();
        assert_close(bound.value, by_hand(half, v));
        // What is proved here is at least six times smaller.
        assert!(6.0 * bound.terms[0].1.hi() <= bound.value.lo());
    }
    assert!(!THEOREM.decides());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(8))]
    #[test]
    fn holds_where_it_should(w in 0.05..0.95f64, distance in 0.05..4.0f64, v in 0.2..3.0f64) {
        // It decides nothing; the two sides are in order all the same.
        let at = law(pair(w, [0.0, distance], [v, v])).instance();
        let (measured, bound) = (THEOREM.about.measured(&at).unwrap(), (THEOREM.bound)(&at).unwrap());
        prop_assert_eq!(Relation::AtMost.decide(measured.value, bound.value), Some(true));
        prop_assert!(law(pair(w, [0.0, distance], [v, v])).then(THEOREM).leaves_open("recalled"));
    }
}

#[test]
fn fails_when_a_hypothesis_is_dropped() {
    assert_eq!(law(two_modes()).then(THEOREM).failed(), Some("p = nu * N(0, S), nu in a ball"));
}

#[test]
fn can_be_violated() {
    let good = law(pair(0.5, [-1.0, 1.0], [1.0, 1.0]));
    assert!(good.against(&good, 1e6, THEOREM).is_violated());
}

/// ln C is 4 R^2/s in what is recalled, R^2/s in what is proved.
#[test]
fn rate() {
    let at = |half: f64| {
        let bound = (THEOREM.bound)(&law(pair(0.5, [-half, half], [1.0, 1.0])).instance()).unwrap();
        (bound.value.mid().ln(), bound.terms[0].1.mid().ln())
    };
    let (a, b) = (at(8.0), at(10.0));
    assert!(((b.0 - a.0) / 36.0 - 4.0).abs() < 0.05 && ((b.1 - a.1) / 36.0 - 1.0).abs() < 1e-6);
}
