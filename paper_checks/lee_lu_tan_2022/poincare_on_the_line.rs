//! LLT-21, C_P <= 4 B. See `poincare_on_the_line.md`.

use crate::support::*;
use proptest::prelude::*;
use scorebound::bounds::lee_lu_tan_2022::POINCARE_ON_THE_LINE;
use scorebound::targets::Density;

/// `sup weight(T) I` over both sides of the median by sums on a grid, T the mass beyond x.
pub fn suprema(p: &Density, weight: impl Fn(f64) -> f64) -> f64 {
    let (dx, reach) = (1e-3, 12.0 * p.cov()[(0, 0)].sqrt());
    let n = (reach / dx) as i32;
    let grid: Vec<f64> = (-n..=n).map(|k| p.mean()[0] + f64::from(k) * dx).collect();
    let mut ln = vec![0.0; grid.len()];
    p.ln_density(&grid, &mut ln);
    let density: Vec<f64> = ln.iter().map(|l| l.exp()).collect();
    let side = |density: &[f64]| {
        let mut beyond: f64 = density.iter().sum::<f64>() * dx;
        let (mut integral, mut largest) = (0.0, 0.0_f64);
        for &y in density {
            beyond -= y * dx;
            if beyond < 0.5 && beyond > 1e-9 {
                integral += dx / y;
                largest = largest.max(weight(beyond) * integral);
            }
        }
        largest
    };
    let mirrored: Vec<f64> = density.iter().rev().copied().collect();
    side(&density).max(side(&mirrored))
}

pub fn laws() -> Vec<Density> {
    vec![normal(1, 0.5, 2.0), two_modes(), pair(0.2, [-1.5, 2.0], [0.4, 1.0])]
}

#[test]
fn restated_independently() {
    for p in laws() {
        let by_hand = 4.0 * suprema(&p, |t| t);
        let claim = law(p).then(&POINCARE_ON_THE_LINE);
        assert_close_to(claim.bound(), by_hand, 4e-3);
        assert!(claim.bound().lo() >= by_hand * 0.999, "{claim}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]
    #[test]
    fn holds_where_it_should(w in 0.02..0.98f64, distance in 0.0..7.0f64, v in 0.3..2.0f64) {
        for p in [pair(w, [0.0, distance], [1.0, v]), normal(1, w, v)] {
            let claim = law(p).then(&POINCARE_ON_THE_LINE);
            prop_assert!(claim.holds(), "{claim}");
            // The two halves of the statement leave a factor of 8.
            prop_assert!(claim.bound().hi() <= 8.02 * claim.measured().lo(), "{claim}");
        }
    }
}

#[test]
fn fails_when_a_hypothesis_is_dropped() {
    assert_eq!(law(normal(2, 0.0, 1.0)).then(&POINCARE_ON_THE_LINE).failed(), Some("p is a law on the line"));
}

#[test]
fn can_be_violated() {
    let good = law(two_modes());
    assert!(good.then(&POINCARE_ON_THE_LINE).holds());
    assert!(good.against(&good, 1e6, &POINCARE_ON_THE_LINE).is_violated());
    assert!(good.against(&law(pair(0.4, [-3.5, 3.5], [0.7, 1.0])), 1.0, &POINCARE_ON_THE_LINE).is_violated());
}

/// Far modes: both sides grow like e^{D^2/8}.
#[test]
fn rate() {
    let at = |distance: f64| law(pair(0.5, [0.0, distance], [1.0, 1.0])).then(&POINCARE_ON_THE_LINE);
    let (a, b) = (at(8.0), at(10.0));
    let growth = |side: fn(&Claim) -> f64| (side(&b) / side(&a)).ln() / 36.0;
    let (bound, truth) = (growth(|c| c.bound().mid()), growth(|c| c.measured().mid()));
    assert!((bound - truth).abs() < 5e-3 && (truth - 0.125).abs() < 0.02, "{bound} {truth}");
}
