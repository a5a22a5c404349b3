//! LLT-9c. See `ve_start.md`.

use crate::support::*;
use nalgebra::{DMatrix, DVector};
use proptest::prelude::*;
use scorebound::bounds::lee_lu_tan_2022::VE_START_CHI2;
use scorebound::processes::{Process, TimeGrid};
use scorebound::samplers::{Scheme, reverse_sde};
use scorebound::targets::{Covariance, Data, Density, Gaussian};
use scorebound::verdicts::{Asymptote, Better, Condition, Search, rate as measure};

/// A run from pure noise of this size.
fn from_noise(data: Data, sigma: f64) -> Given {
    let d = data.dim();
    given_data(data).start(normal(d, 0.0, sigma * sigma)).along(annealed(&[sigma], 0.1, 1), at_sigma(sigma))
}

#[test]
fn restated_independently() {
    let sigma: f64 = 2.5;
    let c = sigma.powi(-2);
    let moment = |mean: f64, v: f64| (1.0 - 2.0 * c * v).powf(-0.5) * (c * mean * mean / (1.0 - 2.0 * c * v)).exp();
    // N(0, S) coupled: E exp(c |x|^2) = det(I - 2 c S)^{-1/2}, here with S = [[1, 0.5], [0.5, 2]].
    let coupled = Covariance::Dense(DMatrix::from_row_slice(2, 2, &[1.0, 0.5, 0.5, 2.0]));
    let coupled = Density::Gaussian(Gaussian::new(DVector::zeros(2), coupled).unwrap());
    let det = (1.0 - 2.0 * c) * (1.0 - 4.0 * c) - c * c;
    for (data, expected) in [
        (Data::Density(normal(3, 0.0, 1.5)), (1.0 - 3.0 * c).powf(-1.5)),
        (Data::Density(normal(2, 0.6, 1.0)), moment(0.6, 1.0).powi(2)),
        (Data::Density(coupled), det.powf(-0.5)),
        (Data::Density(copies(&two_modes(), 3)), (0.4 * moment(-1.0, 0.7) + 0.6 * moment(1.0, 1.0)).powi(3)),
        (atoms(), 0.3 * (c * 1.44).exp() + 0.45 * (c * 0.01).exp() + 0.25 * (c * 0.81).exp()),
    ] {
        let claim = from_noise(data, sigma).then(&VE_START_CHI2);
        assert_close(claim.bound(), expected - 1.0);
        assert!(claim.holds(), "{claim}");
    }
    // The left-hand side for N(0, S I): two Gaussians of one mean.
    let claim = from_noise(Data::Density(normal(3, 0.0, 1.5)), sigma).then(&VE_START_CHI2);
    let a = 1.0 / (1.0 + 1.5 * c);
    assert_close(claim.measured(), (a * (2.0 - a)).powf(-1.5) - 1.0);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]
    #[test]
    fn holds_where_it_should(p in gaussians(1..=30, 8.0), room in 1.05..30.0f64) {
        for data in [Data::Density(p), Data::Density(copies(&two_modes(), 6)), atoms()] {
            // No variance in the tails of these exceeds 1.
            let claim = from_noise(data, (2.0 * room).sqrt()).then(&VE_START_CHI2);
            prop_assert!(claim.holds(), "{claim}");
        }
    }
}

#[test]
fn fails_when_a_hypothesis_is_dropped() {
    let good = from_noise(Data::Density(two_modes()), 2.0);
    assert!(good.then(&VE_START_CHI2).holds(), "{}", good.then(&VE_START_CHI2));
    let ou = reverse_sde(&Process::Ou, Scheme::Exponential, &TimeGrid::uniform(1.0, 0.5, 2).unwrap());
    let ou = good.clone().along(ou, Process::Ou.level(0.5)).then(&VE_START_CHI2);
    assert_eq!(ou.failed(), Some("the first level is one of VE with sigma > 0"));
    let wider = good.clone().start(normal(1, 0.0, 4.1)).then(&VE_START_CHI2);
    assert_eq!(wider.failed(), Some("the start is N(0, sigma^2 I) of the first level"));
    let shifted = good.clone().start(normal(1, 0.1, 4.0)).then(&VE_START_CHI2);
    assert_eq!(shifted.failed(), Some("the start is N(0, sigma^2 I) of the first level"));
    assert_eq!(
        good.start_at_atoms().then(&VE_START_CHI2).failed(),
        Some("the start is N(0, sigma^2 I) of the first level")
    );
    let tails = from_noise(Data::Density(normal(2, 0.0, 2.0)), 1.9).then(&VE_START_CHI2);
    assert_eq!(tails.failed(), Some("E_p exp(|x|^2/sigma^2) < inf at the first level"));
}

#[test]
fn can_be_violated() {
    // Data on a sphere but for a little: the bound is nearly attained.
    let good = from_noise(Data::Density(normal(2, 1.0, 1e-3)), 2.0);
    assert!(good.then(&VE_START_CHI2).holds());
    // A level with less noise under the bound of this one.
    let claim = good.sabotaged(annealed(&[1.6], 0.1, 1), &VE_START_CHI2);
    assert!(claim.is_violated(), "{claim}");
    let slack = good.then(&VE_START_CHI2);
    let slack = slack.bound().hi() / slack.measured().lo();
    assert!(slack < 1.1 && good.with_bound_over(1.01 * slack, &VE_START_CHI2).is_violated(), "{slack}");
}

/// The guarantee lets the first sigma grow like d^{1/2}; on N(0, I_d), which have mean 0, d^{1/4} is enough.
#[test]
fn rate() {
    let found = measure(
        &[64.0, 256.0, 1024.0, 4096.0],
        Asymptote::Large,
        Condition::AtMost(0.5),
        |_| Search::real(1.5, 1e3),
        |d, sigma| {
            let at = from_noise(Data::Density(normal(d as usize, 0.0, 1.0)), sigma).instance();
            VE_START_CHI2.about.measured(&at).map(|chi2| chi2.value)
        },
    );
    let stated = VE_START_CHI2.exponents.iter().find(|e| e.in_ == "dim").unwrap().power;
    let outcome = found.compare(f64::from(stated.0) / f64::from(stated.1), Better::Smaller, 0.05);
    assert_eq!(outcome.word(), "beaten", "{outcome} {found:?}");
    assert!((found.fit.unwrap().value - 0.25).abs() < 0.02, "{found:?}");
}
