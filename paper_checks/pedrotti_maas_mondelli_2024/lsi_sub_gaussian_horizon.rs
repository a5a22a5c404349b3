//! PMM-4d-norm. See `lsi_sub_gaussian_horizon.md`.

use crate::support::*;
use proptest::prelude::*;
use scorebound::bounds::pedrotti_maas_mondelli_2024::{LSI_SUB_GAUSSIAN_HORIZON, sub_gaussian_bound};
use scorebound::numerics::Interval;
use scorebound::processes::Process;
use scorebound::targets::{Data, Target, constants};
use scorebound::verdicts::{Asymptote, Better, Condition, Search, rate as measure};

fn by_hand(norm: f64, t: f64) -> f64 {
    let (q, x) = (-(-2.0 * t).exp_m1(), (2.0 * t).exp_m1() / (6.0 * norm * norm));
    q * (2.0 + (1.0 + 4.0_f64.ln() / (2.0 * x)) / (2.0 - 4.0_f64.powf(1.0 / (3.0 * x))))
}

#[test]
fn restated_independently() {
    // Two atoms at `+-r` have K^2 = r^2/ln 2, N(0, v I_d) has 2 v/(1 - 2^{-2/d}).
    for (data, norm) in [
        (points(&[0.5, 0.5], &[-2.0, 2.0]), 2.0 / 2.0_f64.ln().sqrt()),
        (Data::Density(normal(4, 0.0, 0.5)), (1.0 / (1.0 - 2.0_f64.powf(-0.5))).sqrt()),
    ] {
        for later in [1e-6, 0.3, 2.0] {
            let t = 0.5 * (1.0 + 6.0 * norm * norm).ln() + later;
            let claim = at_time(data.clone(), t).then(&LSI_SUB_GAUSSIAN_HORIZON);
            assert_close(claim.bound(), by_hand(norm, t));
            assert!(claim.holds() && (claim.term("K") / norm - 1.0).abs() < 1e-9, "{claim}");
        }
    }
    // The constants of the statement.
    let at = |x: f64| sub_gaussian_bound(Interval::ONE, Interval::point(x)).mid();
    assert!((at(1.0) - 6.1035).abs() < 1e-3 && (at(2.0) - 3.8195).abs() < 1e-3, "{} {}", at(1.0), at(2.0));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]
    #[test]
    fn holds_where_it_should(p in gaussians(1..=12, 8.0), later in 1e-3..2.0f64, w in 0.05..0.95f64, radius in 0.05..4.0f64) {
        let two = points(&[w, 1.0 - w], &[-radius, radius]);
        let both = Data::product(vec![(two.clone(), 5), (Data::Density(p.clone()), 1)]).unwrap();
        for data in [Data::Density(p), two, both, Data::Density(pair(w, [-radius, radius], [0.3, 0.5]))] {
            let t = 0.5 * (6.0 * data.sub_gaussian_norm().sqr().hi()).ln_1p() + later;
            let claim = at_time(data, t).then(&LSI_SUB_GAUSSIAN_HORIZON);
            prop_assert!(claim.holds(), "{claim}");
        }
    }
}

#[test]
fn fails_when_a_hypothesis_is_dropped() {
    let two = points(&[0.5, 0.5], &[-2.0, 2.0]);
    assert!(at_time(two.clone(), 3.0).then(&LSI_SUB_GAUSSIAN_HORIZON).holds());
    let ve = at_level(two.clone(), Process::Ve.level(50.0)).then(&LSI_SUB_GAUSSIAN_HORIZON);
    assert_eq!(ve.failed(), Some("the first level is one of OU with sigma > 0"));
    assert_eq!(at_time(two, 1.0).then(&LSI_SUB_GAUSSIAN_HORIZON).failed(), Some("T1 >= (1/2) ln(1 + 6 K^2)"));
    // Data at 0 have K = 0, and any horizon is long enough.
    let nothing = at_time(points(&[1.0], &[0.0]), 0.1).then(&LSI_SUB_GAUSSIAN_HORIZON);
    assert!(nothing.holds() && nothing.bound().hi() < 3.01 * -(-0.2_f64).exp_m1(), "{nothing}");
    // `E exp(|X|^2/K^2) <= 2, K < inf` holds for every law that can be written down here.
}

#[test]
fn can_be_violated() {
    let good = at_time(points(&[0.5, 0.5], &[-2.0, 2.0]), 2.5);
    assert!(good.then(&LSI_SUB_GAUSSIAN_HORIZON).holds());
    let early = at_time(points(&[0.5, 0.5], &[-2.0, 2.0]), 0.2);
    assert!(good.against(&early, 1.0, &LSI_SUB_GAUSSIAN_HORIZON).is_violated());
    assert!(good.with_bound_over(10.0, &LSI_SUB_GAUSSIAN_HORIZON).is_violated());
}

/// The smallest `e^T1` with `C_P(p_T1) <= 1.5` grows like K for two atoms; and K like `d^{1/2}`.
#[test]
fn rate() {
    let stated = |in_: &str| {
        let power = LSI_SUB_GAUSSIAN_HORIZON.exponents.iter().find(|e| e.in_ == in_).unwrap().power;
        f64::from(power.0) / f64::from(power.1)
    };
    let found = measure(
        &[16.0, 32.0, 64.0, 128.0],
        Asymptote::Large,
        Condition::AtMost(1.5),
        |_| Search::real(1.05, 1e3),
        |norm, growth: f64| {
            let half = norm * 2.0_f64.ln().sqrt();
            let p = points(&[0.5, 0.5], &[-half, half]).density(Process::Ou.level(growth.ln())).unwrap();
            constants::poincare_least(&p).map(Interval::point)
        },
    );
    assert_eq!(found.compare(stated("norm"), Better::Smaller, 0.02).word(), "matches", "{found:?}");
    let norm = |d: usize| Data::Density(normal(d, 0.0, 1.0)).sub_gaussian_norm().mid();
    let exponent = slope((1e3, norm(1000)), (1e4, norm(10_000)));
    assert!((exponent - stated("dim")).abs() < 1e-2, "{exponent}");
}
