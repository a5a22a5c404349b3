//! LLT-21 for C_LS. See `lsi_on_the_line.md`. The statement is recalled: its verdict is UNDECIDED, with the one it would have.

use super::poincare_on_the_line::{laws, suprema};
use crate::support::*;
use proptest::prelude::*;
use scorebound::bounds::Provenance;
use scorebound::bounds::lee_lu_tan_2022::{LSI_MIXTURE, LSI_ON_THE_LINE};

const WOULD_HOLD: &str = "recalled (90 %), so it decides nothing; it would be HOLDS";

#[test]
fn restated_independently() {
    assert!(matches!(LSI_ON_THE_LINE.reference.provenance, Provenance::Recalled { .. }));
    for p in laws() {
        let upper = 2.0 * suprema(&p, |t| t * (1.0 + 2.0_f64.exp() / t).ln());
        let lower = 0.5 * suprema(&p, |t| t * (1.0 + 0.5 / t).ln());
        let claim = law(p).then(&LSI_ON_THE_LINE);
        assert_close_to(claim.bound(), upper, 1e-2);
        assert!((claim.term("b/2") / lower - 1.0).abs() < 1e-2, "{claim} by hand {lower}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]
    #[test]
    fn holds_where_it_should(w in 0.02..0.98f64, distance in 0.0..7.0f64, v in 0.3..2.0f64) {
        let p = law(pair(w, [0.0, distance + 1e-3], [1.0, v]));
        let claim = p.then(&LSI_ON_THE_LINE);
        prop_assert!(!claim.holds() && claim.leaves_open(WOULD_HOLD), "{claim}");
        // The lower half against what is proved from above.
        prop_assert!(claim.term("b/2") <= p.then(&LSI_MIXTURE).bound().hi(), "{claim}");
    }
}

#[test]
fn fails_when_a_hypothesis_is_dropped() {
    assert_eq!(law(normal(2, 0.0, 1.0)).then(&LSI_ON_THE_LINE).failed(), Some("p is a law on the line"));
}

/// Its two sides can contradict each other, and even then nothing is decided.
#[test]
fn can_be_violated() {
    let good = law(two_modes());
    assert!(good.against(&good, 1e6, &LSI_ON_THE_LINE).is_violated());
    assert!(!good.then(&LSI_ON_THE_LINE).is_violated());
}

/// Far modes: both sides grow like e^{D^2/8}.
#[test]
fn rate() {
    let at = |distance: f64| law(pair(0.3, [0.0, distance], [1.0, 1.0])).then(&LSI_ON_THE_LINE);
    let (a, b) = (at(8.0), at(10.0));
    let growth = |side: fn(&Claim) -> f64| (side(&b) / side(&a)).ln() / 36.0;
    let (bound, truth) = (growth(|c| c.bound().mid()), growth(|c| c.measured().mid()));
    assert!((bound - truth).abs() < 5e-3 && (truth - 0.125).abs() < 0.02, "{bound} {truth}");
}
