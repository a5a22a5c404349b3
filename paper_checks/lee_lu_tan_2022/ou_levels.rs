//! LLT-9b. See `ou_levels.md`.

use crate::support::*;
use proptest::prelude::*;
use scorebound::bounds::lee_lu_tan_2022::{OU_LEVELS, level_pairs};
use scorebound::processes::{NoiseLevel, Process, TimeGrid};
use scorebound::samplers::{Program, Scheme, reverse_sde};
use scorebound::targets::{Data, Density};
use scorebound::verdicts::{Asymptote, Condition, Search, rate as measure};

/// One reverse step from one time to another, and the level it ends at.
fn from_to(far: f64, near: f64) -> (Program, NoiseLevel) {
    let grid = TimeGrid::uniform(far, near, 1).unwrap();
    (reverse_sde(&Process::Ou, Scheme::Exponential, &grid), Process::Ou.level(near))
}

#[test]
fn restated_independently() {
    let (far, near) = (0.5_f64, 0.4_f64);
    let (m_far, m) = ((-far).exp(), (-near).exp());
    let (v_far, v) = (1.0 - m_far * m_far, 1.0 - m * m);
    let a = v_far / v;
    let c = (m - m_far).powi(2) / (v * (2.0 - a));
    let (program, level) = from_to(far, near);
    // E exp(c |x|^2): Gaussians in closed form, a mixture and atoms as sums of such.
    let normal_moment =
        |mean: f64, v: f64| (1.0 - 2.0 * c * v).powf(-0.5) * (c * mean * mean / (1.0 - 2.0 * c * v)).exp();
    let mixture = 0.4 * normal_moment(-1.0, 0.7) + 0.6 * normal_moment(1.0, 1.0);
    let points = 0.3 * (c * 1.44).exp() + 0.45 * (c * 0.01).exp() + 0.25 * (c * 0.81).exp();
    for (data, d, moment) in [
        (Data::Density(normal(1, 0.3, 2.0)), 1, normal_moment(0.3, 2.0)),
        (Data::Density(diagonal(&[0.5, 3.0])), 2, normal_moment(0.0, 0.5) * normal_moment(0.0, 3.0)),
        (Data::Density(copies(&two_modes(), 4)), 4, mixture.powi(4)),
        (atoms(), 1, points),
    ] {
        let claim = given_data(data).along(program.clone(), level).then(&OU_LEVELS);
        assert_close(claim.bound(), (a * (2.0 - a)).powf(-0.5 * f64::from(d)) * moment - 1.0);
        assert!(claim.holds(), "{claim}");
    }
    // N(0, 2): the left-hand side by the formula for two Gaussians.
    let claim = given(&normal(1, 0.0, 2.0)).along(program, level).then(&OU_LEVELS);
    let b = (m_far * m_far * 2.0 + v_far) / (m * m * 2.0 + v);
    assert_close(claim.measured(), (b * (2.0 - b)).powf(-0.5) - 1.0);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(10))]
    #[test]
    fn holds_where_it_should(
        p in gaussians(1..=20, 8.0),
        near in 0.05..1.0f64,
        kappa in 0.05..0.8f64,
        span in 0.1..1.5f64,
    ) {
        let grid = TimeGrid::kappa(near + span, near, kappa).unwrap();
        let program = reverse_sde(&Process::Ou, Scheme::Exponential, &grid);
        for data in [Data::Density(p), Data::Density(copies(&two_modes(), 5)), atoms()] {
            let at = given_data(data).along(program.clone(), Process::Ou.level(near));
            prop_assert!(at.then(&OU_LEVELS).holds(), "{}", at.then(&OU_LEVELS));
            // And at every pair, not only at the one that is shown.
            let instance = at.instance();
            for pair in level_pairs(&instance).unwrap() {
                let chi2 = pair.chi2(&instance).unwrap().value;
                prop_assert!(chi2.hi() <= pair.bound.lo(), "{pair:?} {chi2}");
            }
        }
    }
}

#[test]
fn fails_when_a_hypothesis_is_dropped() {
    let (program, level) = from_to(0.5, 0.4);
    let good = given(&two_modes()).along(program, level);
    assert!(good.then(&OU_LEVELS).holds(), "{}", good.then(&OU_LEVELS));
    let ve = good.clone().along(annealed(&[1.1, 1.0], 0.1, 1), at_sigma(1.0)).then(&OU_LEVELS);
    assert_eq!(ve.failed(), Some("the sampler runs through several levels of OU"));
    let (program, level) = from_to(0.5, 0.15);
    let apart = good.clone().along(program, level).then(&OU_LEVELS);
    assert_eq!(apart.failed(), Some("sigma'^2 < 2 sigma^2 for consecutive levels"));
    let (program, level) = from_to(0.5, 0.3);
    let wide = given(&normal(2, 0.0, 200.0)).along(program, level).then(&OU_LEVELS);
    assert_eq!(wide.failed(), Some("E exp((m - m')^2 |x|^2/(sigma^2 (2 - a))) < inf"));
}

#[test]
fn can_be_violated() {
    let (program, level) = from_to(0.5, 0.4);
    let good = given(&normal(3, 2.0, 0.1)).along(program, level);
    assert!(good.then(&OU_LEVELS).holds());
    // Levels farther apart under the bound of this pair.
    let (wider, _) = from_to(0.7, 0.4);
    let claim = good.sabotaged(wider, &OU_LEVELS);
    assert!(claim.is_violated(), "{claim}");
    let slack = good.then(&OU_LEVELS);
    let slack = slack.bound().hi() / slack.measured().lo();
    assert!(slack < 3.0 && good.with_bound_over(1.01 * slack, &OU_LEVELS).is_violated(), "{slack}");
}

/// No exponent is stated. Towards t = 0 the levels are those of VE: steps in proportion to the time are what the truth allows
/// for narrow data too.
#[test]
fn rate() {
    assert!(OU_LEVELS.exponents.is_empty());
    let narrow: Density = normal(2, 1.0, 1e-6);
    let found = measure(
        &[0.1, 0.03, 0.01, 0.003],
        Asymptote::Small,
        Condition::AtMost(0.05),
        |t| Search::real(1e-3 * t, 0.9 * t),
        |t, h| {
            let (program, level) = from_to(t + h, t);
            OU_LEVELS.about.measured(&given(&narrow).along(program, level).instance()).map(|chi2| chi2.value)
        },
    );
    assert!((found.fit.unwrap().value - 1.0).abs() < 0.05, "{found:?}");
}
