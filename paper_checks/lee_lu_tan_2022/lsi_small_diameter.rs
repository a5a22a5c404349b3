//! LLT-18h. See `lsi_small_diameter.md`. The statement is recalled: its verdict is UNDECIDED, with the one it would have.

use crate::support::*;
use proptest::prelude::*;
use scorebound::bounds::lee_lu_tan_2022::LSI_SMALL_DIAMETER;
use scorebound::bounds::{Provenance, lee_lu_tan_2022::LSI_BOUNDED_SUPPORT};

const WOULD_HOLD: &str = "recalled (90 %), so it decides nothing; it would be HOLDS";

#[test]
fn restated_independently() {
    assert!(matches!(LSI_SMALL_DIAMETER.reference.provenance, Provenance::Recalled { .. }));
    for (gap, v) in [(0.5, 1.0), (0.9, 1.0), (1.0, 4.0_f64)] {
        let claim = law(pair(0.3, [0.0, gap], [v, v])).then(&LSI_SMALL_DIAMETER);
        assert_close(claim.bound(), 6.0 * (1.0 + std::f64::consts::E) * v);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]
    #[test]
    fn holds_where_it_should(w in 0.05..0.95f64, gap in 0.05..1.0f64, v in 0.2..3.0f64) {
        let plane = in_space(&[(w, &[0.0, 0.0], &[v; 2]), (1.0 - w, &[0.6 * gap * v.sqrt(), 0.7 * gap * v.sqrt()], &[v; 2])]);
        for p in [pair(w, [0.0, gap * v.sqrt() * 0.999], [v, v]), plane] {
            let claim = law(p).then(&LSI_SMALL_DIAMETER);
            prop_assert!(!claim.holds() && claim.leaves_open(WOULD_HOLD), "{claim}");
        }
    }
}

#[test]
fn fails_when_a_hypothesis_is_dropped() {
    let far = law(pair(0.5, [0.0, 1.1], [1.0, 1.0])).then(&LSI_SMALL_DIAMETER);
    assert_eq!(far.failed(), Some("the means are within one standard deviation of each other"));
    assert_eq!(law(two_modes()).then(&LSI_SMALL_DIAMETER).failed(), Some("p = nu * N(0, S), nu in a ball"));
}

/// Its two sides can contradict each other, and even then nothing is decided.
#[test]
fn can_be_violated() {
    let good = law(pair(0.5, [0.0, 0.8], [1.0, 1.0]));
    assert!(good.against(&good, 1e6, &LSI_SMALL_DIAMETER).is_violated());
    assert!(!good.then(&LSI_SMALL_DIAMETER).is_violated());
}

/// Proportional to sigma^2 on both sides; what is proved (LLT-18g) is more than ten times smaller.
#[test]
fn rate() {
    let at = |v: f64| law(pair(0.5, [0.0, 0.8 * v.sqrt()], [v, v]));
    for side in [|c: &Claim| c.bound().mid(), |c: &Claim| c.measured().mid()] {
        let exponent =
            slope((0.1, side(&at(0.1).then(&LSI_SMALL_DIAMETER))), (10.0, side(&at(10.0).then(&LSI_SMALL_DIAMETER))));
        assert!((exponent - 1.0).abs() < 1e-6, "{exponent}");
    }
    let proved = at(1.0).then(&LSI_BOUNDED_SUPPORT).bound().hi();
    assert!(proved < 0.1 * at(1.0).then(&LSI_SMALL_DIAMETER).bound().lo());
}
