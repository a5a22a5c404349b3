//! LLT-9a. See `ve_levels.md`.

use crate::support::*;
use proptest::prelude::*;
use scorebound::bounds::lee_lu_tan_2022::{VE_LEVELS, level_pairs};
use scorebound::numerics::Interval;
use scorebound::processes::{Process, TimeGrid};
use scorebound::samplers::{Scheme, reverse_sde};
use scorebound::targets::{Data, Mixture};
use scorebound::verdicts::{Asymptote, Better, Condition, Search, rate as measure};

/// `p * N(0, sigma^2)` for 0.4 N(-1.5, 0.5) + 0.6 N(1, 0.8), as a density on the line.
fn at_level(x: f64, variance: f64) -> f64 {
    let normal = |m: f64, v: f64| (-(x - m).powi(2) / (2.0 * v)).exp() / (std::f64::consts::TAU * v).sqrt();
    0.4 * normal(-1.5, 0.5 + variance) + 0.6 * normal(1.0, 0.8 + variance)
}

#[test]
fn restated_independently() {
    let mixture = Mixture::scalar(&[0.4, 0.6], &[-1.5, 1.0], &[0.5, 0.8]).unwrap();
    let mixture = scorebound::targets::Density::Mixture(mixture);
    let (wide, narrow) = (0.45_f64, 0.3_f64);
    for d in [1, 7] {
        let claim =
            given(&copies(&mixture, d)).along(annealed(&[wide.sqrt(), narrow.sqrt()], 0.1, 1), at_sigma(narrow.sqrt()));
        let claim = claim.then(&VE_LEVELS);
        let a = wide / narrow;
        assert_close(claim.bound(), (a * (2.0 - a)).powf(-0.5 * d as f64) - 1.0);
        // The left-hand side by the trapezoid rule, which is spectral for these.
        let ratio = |k: i32| at_level(f64::from(k) * 0.01, wide).powi(2) / at_level(f64::from(k) * 0.01, narrow);
        let chi2 = (-2000..=2000).map(ratio).sum::<f64>() * 0.01;
        assert_close(claim.measured(), chi2.powi(d as i32) - 1.0);
        assert!(claim.holds(), "{claim}");
    }
    // Levels that all but coincide: 1 - (a - 1)^2 keeps what a (2 - a) would lose.
    let (sigma, excess) = (1.0, 1e-6_f64);
    let wider = sigma * (0.5 * excess.ln_1p()).exp();
    let claim =
        given(&normal(1000, 0.0, 1.0)).along(annealed(&[wider, sigma], 0.1, 1), at_sigma(sigma)).then(&VE_LEVELS);
    assert_close_to(claim.bound(), (-500.0 * (-excess * excess).ln_1p()).exp_m1(), 1e-6);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(10))]
    #[test]
    fn holds_where_it_should(
        p in gaussians(1..=30, 8.0),
        sigma in 0.05..3.0f64,
        alpha in 0.05..0.95f64,
        levels in 2..9i32,
    ) {
        let ratio = 1.0 + alpha / (scorebound::targets::Target::dim(&p) as f64).sqrt();
        let sigmas: Vec<f64> = (0..levels).rev().map(|m| sigma * ratio.powf(0.5 * f64::from(m))).collect();
        for data in [Data::Density(p), Data::Density(copies(&two_modes(), 5)), atoms()] {
            let at = given_data(data).along(annealed(&sigmas, 0.1, 1), at_sigma(sigma));
            let claim = at.then(&VE_LEVELS);
            prop_assert!(claim.holds(), "{claim}");
            // The other way round: from the narrower level to the wider one.
            let up: Vec<f64> = sigmas.iter().rev().copied().collect();
            let claim = at.along(annealed(&up, 0.1, 1), at_sigma(sigmas[0])).then(&VE_LEVELS);
            prop_assert!(claim.holds(), "{claim}");
        }
    }
}

/// Every pair of a ladder, not only the one that is shown.
#[test]
fn holds_for_every_pair_of_levels() {
    let grid = TimeGrid::geometric(2.0, 0.02, 16).unwrap();
    let program = reverse_sde(&Process::Ve, Scheme::EulerMaruyama, &grid);
    let at = given(&copies(&two_modes(), 3)).along(program, Process::Ve.level(0.02));
    let (instance, claim) = (at.instance(), at.then(&VE_LEVELS));
    let pairs = level_pairs(&instance).unwrap();
    assert_eq!((pairs.len(), claim.term("pairs")), (16, 16.0));
    let slack = claim.bound().mid() / claim.measured().mid();
    for pair in pairs {
        let chi2 = pair.chi2(&instance).unwrap().value;
        assert!(
            chi2.hi() <= pair.bound.lo() && pair.bound.mid() / chi2.mid() >= slack * (1.0 - 1e-9),
            "{pair:?} {chi2}"
        );
    }
}

#[test]
fn fails_when_a_hypothesis_is_dropped() {
    let good = given(&two_modes()).along(annealed(&[1.2, 1.0], 0.1, 1), at_sigma(1.0));
    assert!(good.then(&VE_LEVELS).holds(), "{}", good.then(&VE_LEVELS));
    let alone = good.clone().along(annealed(&[1.0], 0.1, 1), at_sigma(1.0)).then(&VE_LEVELS);
    assert_eq!(alone.failed(), Some("the sampler runs through several levels of VE"));
    let ou = reverse_sde(&Process::Ou, Scheme::Exponential, &TimeGrid::uniform(1.0, 0.8, 2).unwrap());
    let ou = good.clone().along(ou, Process::Ou.level(0.8)).then(&VE_LEVELS);
    assert_eq!(ou.failed(), Some("the sampler runs through several levels of VE"));
    let apart = good.clone().along(annealed(&[1.42, 1.0], 0.1, 1), at_sigma(1.0)).then(&VE_LEVELS);
    assert_eq!(apart.failed(), Some("sigma'^2 < 2 sigma^2 for consecutive levels"));
    let on_the_limit = good.along(annealed(&[2.0_f64.sqrt(), 1.0], 0.1, 1), at_sigma(1.0)).then(&VE_LEVELS);
    assert!(on_the_limit.leaves_open("sigma'^2 < 2 sigma^2 for consecutive levels"), "{on_the_limit}");
}

#[test]
fn can_be_violated() {
    let good = given(&normal(4, 0.0, 0.1)).along(annealed(&[1.1, 1.0], 0.1, 1), at_sigma(1.0));
    assert!(good.then(&VE_LEVELS).holds());
    // The levels of a coarser ladder under the bound of this one.
    let claim = good.sabotaged(annealed(&[1.3, 1.0], 0.1, 1), &VE_LEVELS);
    assert!(claim.is_violated(), "{claim}");
    let slack = good.then(&VE_LEVELS);
    let slack = slack.bound().hi() / slack.measured().lo();
    assert!(slack < 2.0 && good.with_bound_over(1.01 * slack, &VE_LEVELS).is_violated(), "{slack}");
}

/// At a given chi-squared the levels may be a distance ~ d^{-1/2} apart, as guaranteed, and no farther for Gaussians.
#[test]
fn rate() {
    let found = measure(
        &[64.0, 256.0, 1024.0, 4096.0],
        Asymptote::Large,
        Condition::AtMost(0.5),
        |_| Search::real(1e-4, 0.9),
        |d, excess| {
            let at = given(&normal(d as usize, 0.0, 1.0))
                .along(annealed(&[(1.0 + excess).sqrt(), 1.0], 0.1, 1), at_sigma(1.0));
            VE_LEVELS.about.measured(&at.instance()).map(|chi2| chi2.value)
        },
    );
    let stated = VE_LEVELS.exponents.iter().find(|e| e.in_ == "dim").unwrap().power;
    let outcome = found.compare(f64::from(stated.0) / f64::from(stated.1), Better::Larger, 0.02);
    assert_eq!(outcome.word(), "matches", "{outcome} {found:?}");
}

/// A single atom: the two sides are equal, and their enclosures hold one another's middle.
#[test]
fn one_atom_attains_it() {
    let atom = scorebound::targets::Points::new(vec![1.0], vec![nalgebra::DVector::from_element(3, 0.7)]).unwrap();
    let claim = given_data(Data::Points(atom)).along(annealed(&[1.1, 1.0], 0.1, 1), at_sigma(1.0)).then(&VE_LEVELS);
    let (chi2, bound): (Interval, Interval) = (claim.measured(), claim.bound());
    assert!(chi2.overlaps(bound) && chi2.hull(bound).width() <= 1e-10 * bound.hi(), "{claim}");
}
