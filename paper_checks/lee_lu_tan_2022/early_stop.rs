//! LLT-10. See `early_stop.md`.

use crate::support::*;
use proptest::prelude::*;
use scorebound::bounds::lee_lu_tan_2022::EARLY_STOP;
use scorebound::processes::{NoiseLevel, Process, TimeGrid};
use scorebound::samplers::{Scheme, reverse_sde};
use scorebound::targets::{Density, Mixture};
use scorebound::verdicts::{Asymptote, Better, Condition, Search, rate as measure};

/// An annealing whose last level is this one.
fn annealed_to(p: &Density, sigma: f64) -> Given {
    given(p).along(annealed(&[2.0 * sigma, sigma], 0.1, 1), at_sigma(sigma))
}

/// A reverse OU sampler that stops at t.
fn reversed_to(p: &Density, t: f64) -> Given {
    let grid = TimeGrid::uniform(t + 0.5, t, 2).unwrap();
    given(p).along(reverse_sde(&Process::Ou, Scheme::Exponential, &grid), Process::Ou.level(t))
}

/// `KL(N(0, b) | N(0, 1))`.
fn kl(b: f64) -> f64 {
    0.5 * (b - 1.0 - b.ln())
}

#[test]
fn restated_independently() {
    let (sigma, t): (f64, f64) = (0.3, 0.05);
    for (d, v) in [(1, 2.0), (3, 0.25)] {
        let p = normal(d, 0.0, v);
        let (d, smoothness) = (d as f64, 1.0 / v);
        let claim = annealed_to(&p, sigma).then(&EARLY_STOP);
        assert_close(claim.bound(), 0.5 * d * smoothness * sigma * sigma);
        assert_close(claim.measured(), d * kl(1.0 + sigma * sigma / v));
        let tv = claim.bound().mid();
        assert!((claim.term("tv") - (tv / 2.0).sqrt().min((-(-tv).exp_m1()).sqrt())).abs() < 1e-12);
        let claim = reversed_to(&p, t).then(&EARLY_STOP);
        let (m, spread) = ((-t).exp(), -(-2.0 * t).exp_m1());
        let expected = d * (t - 1.0 + m) + 0.5 * smoothness * ((1.0 - m).powi(2) * d * v + d * spread);
        assert_close(claim.bound(), expected);
        assert_close_to(claim.measured(), d * kl(m * m + spread / v), 1e-7);
        assert!(claim.holds(), "{claim}");
    }
    // The value of the reference file: KL of 0.4 N(-1.5, 0.5) + 0.6 N(1, 0.8) noised with variance 0.1.
    let mixture = Density::Mixture(Mixture::scalar(&[0.4, 0.6], &[-1.5, 1.0], &[0.5, 0.8]).unwrap());
    let claim = annealed_to(&mixture, 0.1_f64.sqrt()).then(&EARLY_STOP);
    assert_close(claim.measured(), 0.003_505_206_014_535_596);
    assert!(claim.holds(), "{claim}");
    // Where the output is compared with the data, the level of the last score counts.
    let to_data = given(&mixture).along(annealed(&[0.6, 0.3], 0.1, 1), NoiseLevel::DATA).then(&EARLY_STOP);
    assert_eq!(to_data.term("sigma"), 0.3);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]
    #[test]
    fn holds_where_it_should(p in gaussians(1..=30, 8.0), log in -6.0..0.3f64) {
        let sigma = 10f64.powf(log);
        for p in [p, two_modes(), copies(&two_modes(), 9)] {
            for at in [annealed_to(&p, sigma), reversed_to(&p, 0.5 * sigma * sigma)] {
                let claim = at.then(&EARLY_STOP);
                prop_assert!(claim.holds(), "{claim}");
            }
        }
    }
}

#[test]
fn fails_when_a_hypothesis_is_dropped() {
    let good = annealed_to(&two_modes(), 0.2);
    assert!(good.then(&EARLY_STOP).holds(), "{}", good.then(&EARLY_STOP));
    let at_the_data = good.run(lmc(1e-3, 3)).along(lmc(1e-3, 3), NoiseLevel::DATA).then(&EARLY_STOP);
    assert_eq!(at_the_data.failed(), Some("the sampler stops at a level of VE or OU with sigma > 0"));
    let rough = annealed_to(&rough(), 0.2).then(&EARLY_STOP);
    assert_eq!(rough.failed(), Some("the data have an L-smooth density"));
    let atoms = given_data(atoms()).along(annealed(&[0.4, 0.2], 0.1, 1), at_sigma(0.2)).then(&EARLY_STOP);
    assert_eq!(atoms.failed(), Some("the data have an L-smooth density"));
    // `E |X|^2 < inf and, for OU, E <grad V, X> = d` holds for every density that can be written down here.
}

#[test]
fn can_be_violated() {
    let good = annealed_to(&normal(2, 0.0, 1.0), 0.2);
    assert!(good.then(&EARLY_STOP).holds());
    // Much more noise under the bound for little: the bound goes like sigma^2, the truth here like sigma^4.
    let claim = good.sabotaged(annealed(&[2.0, 1.0], 0.1, 1), &EARLY_STOP);
    assert!(claim.holds(), "the level at which the output is compared decides: {claim}");
    let to_data = given(&normal(2, 0.0, 1.0)).along(annealed(&[0.4, 0.2], 0.1, 1), NoiseLevel::DATA);
    assert!(to_data.then(&EARLY_STOP).holds());
    let claim = to_data.sabotaged(annealed(&[2.0, 1.0], 0.1, 1), &EARLY_STOP);
    assert!(claim.is_violated(), "{claim}");
    let slack = good.then(&EARLY_STOP);
    let slack = slack.bound().hi() / slack.measured().lo();
    assert!(slack > 10.0 && good.with_bound_over(1.01 * slack, &EARLY_STOP).is_violated(), "{slack}");
}

/// The guarantee is sigma ~ accuracy^{1/2}; on a Gaussian accuracy^{1/4} is enough, and so it is for d: -1/4, not -1/2.
#[test]
fn rate() {
    let kl = |d: usize, sigma: f64| {
        let at = annealed_to(&normal(d, 0.0, 1.0), sigma).instance();
        EARLY_STOP.about.measured(&at).map(|kl| kl.value)
    };
    let stated = |in_: &str| {
        let power = EARLY_STOP.exponents.iter().find(|e| e.in_ == in_).unwrap().power;
        f64::from(power.0) / f64::from(power.1)
    };
    let accuracy = measure(
        &[1e-8, 1e-7, 1e-6, 1e-5],
        Asymptote::Small,
        Condition::AtMost(1.0),
        |_| Search::real(1e-4, 1.0),
        |accuracy, sigma| kl(1, sigma).map(|kl| kl / accuracy),
    );
    assert_eq!(accuracy.compare(stated("accuracy"), Better::Larger, 0.02).word(), "beaten", "{accuracy:?}");
    assert!((accuracy.fit.unwrap().value - 0.25).abs() < 0.01, "{accuracy:?}");
    let dim = measure(
        &[64.0, 256.0, 1024.0, 4096.0],
        Asymptote::Large,
        Condition::AtMost(0.01),
        |_| Search::real(1e-4, 1.0),
        |d, sigma| kl(d as usize, sigma),
    );
    assert_eq!(dim.compare(stated("dim"), Better::Larger, 0.02).word(), "beaten", "{dim:?}");
    assert!((dim.fit.unwrap().value + 0.25).abs() < 0.01, "{dim:?}");
}
