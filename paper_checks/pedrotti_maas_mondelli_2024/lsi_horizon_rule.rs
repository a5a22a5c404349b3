//! PMM-4c. See `lsi_horizon_rule.md`.

use crate::support::*;
use proptest::prelude::*;
use scorebound::bounds::pedrotti_maas_mondelli_2024::{LSI_HORIZON_RULE, horizon_for};
use scorebound::numerics::Interval;
use scorebound::processes::Process;
use scorebound::targets::{Data, Target, constants};
use scorebound::verdicts::{Asymptote, Better, Condition, Search, rate as measure};

/// Two atoms at `+-R` at the horizon of the rule, a little later.
fn at_the_rule(radius: f64, later: f64) -> Given {
    at_time(points(&[0.5, 0.5], &[-radius, radius]), 0.5 * (2.0 * radius * radius).ln_1p() + later)
}

#[test]
fn restated_independently() {
    for radius in [0.5_f64, 2.0, 20.0] {
        let t = 0.5 * (1.0 + 2.0 * radius * radius).ln() + 1e-9;
        let claim = at_the_rule(radius, 1e-9).then(&LSI_HORIZON_RULE);
        assert_close(claim.bound(), (1.0 - (-2.0 * t).exp()) * 0.5_f64.exp());
        assert!((claim.term("T1 needed") - t).abs() < 1e-8 && claim.holds(), "{claim}");
    }
    // The value of the reference file: R = 5, rho = 1/2.
    assert_close(horizon_for(Interval::point(25.0), 0.5), 1.965_912_816_362_162_9);
    // Modes of variance 4: lambda_max = 4 u + q.
    let data = Data::Density(pair(0.3, [-1.0, 3.0], [4.0, 4.0]));
    let claim = at_time(data, 2.0).then(&LSI_HORIZON_RULE);
    assert_close(claim.bound(), (1.0 + 3.0 * (-4.0_f64).exp()) * 0.5_f64.exp());
    assert!((claim.term("R^2") - 4.0).abs() < 1e-9, "{claim}");
    // A sampler says what T1 is.
    let sampled = reversed_from(points(&[0.5, 0.5], &[-1.0, 1.0]), 2.0, 0.1).then(&LSI_HORIZON_RULE);
    assert_close(sampled.bound(), (1.0 - (-4.0_f64).exp()) * 0.5_f64.exp());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]
    #[test]
    fn holds_where_it_should(radius in 0.05..30.0f64, w in 0.05..0.95f64, v in 0.1..4.0f64, later in 1e-6..1.0f64) {
        let t = 0.5 * (2.0 * radius * radius).ln_1p() + later;
        let (a, b) = (points(&[w, 1.0 - w], &[-radius, radius]), Data::Density(pair(w, [-radius, radius], [v, v])));
        let both = Data::product(vec![(a.clone(), 5), (Data::Density(normal(3, 1.0, v)), 1)]).unwrap();
        for data in [a, b, both] {
            let claim = at_time(data, t).then(&LSI_HORIZON_RULE);
            prop_assert!(claim.holds(), "{claim}");
        }
    }
}

#[test]
fn fails_when_a_hypothesis_is_dropped() {
    let two = points(&[0.5, 0.5], &[-2.0, 2.0]);
    assert!(at_the_rule(2.0, 0.01).then(&LSI_HORIZON_RULE).holds());
    let ve = at_level(two.clone(), Process::Ve.level(5.0)).then(&LSI_HORIZON_RULE);
    assert_eq!(ve.failed(), Some("the first level is one of OU with sigma > 0"));
    let unlike = at_time(Data::Density(two_modes()), 3.0).then(&LSI_HORIZON_RULE);
    assert_eq!(unlike.failed(), Some("X = M + N, M in a ball, N Gaussian and independent of M"));
    assert_eq!(at_the_rule(2.0, -0.01).then(&LSI_HORIZON_RULE).failed(), Some("T1 >= (1/2) ln(1 + 2 R^2)"));
}

/// The radius of three atoms is half their range, and one that is known from above only refutes nothing.
#[test]
fn radii_are_what_they_are() {
    let three = points(&[0.3, 0.4, 0.3], &[-2.0, 0.5, 3.0]);
    assert!(at_time(three.clone(), 1.3014).then(&LSI_HORIZON_RULE).holds(), "(1/2) ln(1 + 2 2.5^2) = 1.30134");
    let says = "T1 >= (1/2) ln(1 + 2 R^2)";
    assert_eq!(at_time(three, 1.3013).then(&LSI_HORIZON_RULE).failed(), Some(says));
    let stretched = in_space(&[(0.5, &[-0.001, -1.0], &[100.0, 0.01]), (0.5, &[0.001, 1.0], &[100.0, 0.01])]);
    assert!(at_time(Data::Density(stretched), 1.0).then(&LSI_HORIZON_RULE).leaves_open(says));
}

#[test]
fn can_be_violated() {
    let good = at_the_rule(2.0, 0.01);
    assert!(good.then(&LSI_HORIZON_RULE).holds());
    // The bound for the horizon of the rule is wrong for a third of it.
    assert!(good.against(&at_time(points(&[0.5, 0.5], &[-2.0, 2.0]), 0.4), 1.0, &LSI_HORIZON_RULE).is_violated());
    let slack = good.then(&LSI_HORIZON_RULE);
    let slack = slack.bound().hi() / slack.measured().lo();
    assert!(slack < 1.4 && good.with_bound_over(1.01 * slack, &LSI_HORIZON_RULE).is_violated(), "{slack}");
}

/// The smallest `e^T1` with `C_P(p_T1) <= 1.5` for two atoms at `+-R` grows like R, as the rule's does; and for independent
/// coordinates R is `d^{1/2}`.
#[test]
fn rate() {
    let poincare = |radius: f64, growth: f64| {
        let data = points(&[0.5, 0.5], &[-radius, radius]);
        let p = data.density(Process::Ou.level(growth.ln())).unwrap();
        constants::poincare_least(&p).map(Interval::point)
    };
    let found = measure(
        &[16.0, 32.0, 64.0, 128.0],
        Asymptote::Large,
        Condition::AtMost(1.5),
        |_| Search::real(1.05, 1e3),
        poincare,
    );
    let stated = LSI_HORIZON_RULE.exponents.iter().find(|e| e.in_ == "radius").unwrap().power;
    assert_eq!(stated, (1, 1));
    assert_eq!(found.compare(1.0, Better::Smaller, 0.02).word(), "matches", "{found:?}");
    // The rule itself.
    let rule = |radius: f64| (2.0 * horizon_for(Interval::point(radius * radius), 0.5).mid()).exp().sqrt();
    assert!((slope((100.0, rule(100.0)), (1000.0, rule(1000.0))) - 1.0).abs() < 1e-3);
}
