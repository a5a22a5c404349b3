//! PMM-8. See `truncated_corrector.md`.

use crate::support::*;
use crate::truncated::*;
use proptest::prelude::*;
use scorebound::bounds::pedrotti_maas_mondelli_2024::TRUNCATED_CORRECTOR;
use scorebound::scores::{Size, Within};
use scorebound::targets::Data;

/// A point in d coordinates with a constant error, at time t, from N(0, I).
fn point(d: usize, t: f64, bound: f64, amplitude: f64, time: f64) -> Truncated {
    let data = Data::product(vec![(line_of(&[1.0], &[0.5]), d as u64)]).unwrap();
    let base = Truncated::new(data, t, bound, constant(d), amplitude);
    let (start, run) = (Some(normal(d, 0.0, 1.0)), (0.005, steps(time, 0.005)));
    Truncated { within: Within::Ball, centre: 0.5, start, run, ..base }
}

/// Two atoms at the distance R of PMM-8 from 0: T1 = ln(1 + 2 R^2)/2.
fn two_atoms(
    radius: f64,
    shape: std::sync::Arc<dyn scorebound::scores::ErrorShape>,
    amplitude: f64,
    time: f64,
) -> Truncated {
    let data = line_of(&[0.5, 0.5], &[-radius, radius]);
    let mut at = Truncated::new(data, 0.5 * (2.0 * radius * radius).ln_1p(), 1.0, shape, amplitude);
    at.bound = at.least(radius);
    Truncated { start: Some(normal(1, 0.0, 1.0)), run: (0.01, steps(time, 0.01)), ..at }
}

#[test]
fn restated_independently() {
    // R = 1: u = 1/3, q = 2/3, B = a R/q, C = (2/3) e^{1/2}, 4 C B^2 = 2 sqrt e.
    let at = two_atoms(1.0, fourier(1, 2.0), 0.1, 2.0);
    let claim = at.then(&TRUNCATED_CORRECTOR);
    let c = 2.0 / 3.0 * 0.5_f64.exp();
    assert_close(scorebound::numerics::Interval::point(claim.term("C")), c);
    let square = (1.0_f64 / 3.0).sqrt() / (2.0 / 3.0);
    let bias = (claim.term("epsilon").powi(2) * (2.0 * 0.5_f64.exp()).exp_m1() / (4.0 * square * square)).ln_1p();
    let left = (-2.0 / (2.0 * c)).exp() * claim.term("kl-start");
    assert_close(claim.bound(), left + bias);
    assert!(claim.holds(), "{claim}");
    // Free of d and R: 13.1 eps^2 and a rate of 0.303, at every R.
    for radius in [0.5, 1.0, 3.0, 10.0] {
        let claim = two_atoms(radius, constant(1), 1e-3, 0.02).then(&TRUNCATED_CORRECTOR);
        assert!(claim.term("C") <= 1.6488 && claim.term("error") <= 13.1e-6, "{claim}");
    }
    // A point and a constant error, cut to the ball: the diffusion is an OU process, `m' = -(m - 0.5 a)/q + e~`.
    let claim = point(3, 0.7, 0.25, 2.0, 1.5).then(&TRUNCATED_CORRECTOR);
    let (a, q) = ((-0.7_f64).exp(), 1.0 - (-1.4_f64).exp());
    let keeps = (-1.5 / q).exp();
    let off = (0.0 - 0.5 * a) * keeps + 0.25 / 3f64.sqrt() * q * (1.0 - keeps);
    let variance = q + (1.0 - q) * keeps * keeps;
    let kl = 1.5 * (variance / q - 1.0 - (variance / q).ln()) + 1.5 * off * off / q;
    assert!(claim.measured().contains(kl), "{claim} {kl}");
    assert!(claim.holds(), "{claim}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]
    #[test]
    fn holds_where_it_should(d in 1..20usize, t in 0.1..3.0f64, bound in 0.01..2.0f64, size in -2.0..1.0f64, time in 0.2..8.0f64) {
        let claim = point(d, t, bound, bound * 10f64.powf(size), time).then(&TRUNCATED_CORRECTOR);
        prop_assert!(claim.holds(), "{claim}");
    }
}

/// On the line, by Legendre panels between the kinks of the drift.
#[test]
fn holds_on_the_line() {
    for (shape, amplitude) in [(fourier(1, 2.0), 0.3), (outward(1, 1.0, 0.0), 4.0), (affine(1, 1.0), 1.0)] {
        let claim = two_atoms(1.0, shape, amplitude, 3.0).then(&TRUNCATED_CORRECTOR);
        assert!(claim.holds(), "{claim}");
    }
}

#[test]
fn fails_when_a_hypothesis_is_dropped() {
    let theorem = &TRUNCATED_CORRECTOR;
    let good = point(2, 0.7, 0.5, 0.1, 1.0);
    assert!(good.then(theorem).holds());
    let truncated = "the sampler is LMC(h) with the truncated score at the noise level of p";
    assert_eq!(Truncated { truncated: false, ..good.clone() }.then(theorem).failed(), Some(truncated));
    let spread = Truncated { data: Data::Density(normal(2, 0.5, 0.1)), ..good.clone() };
    assert_eq!(spread.then(theorem).failed(), Some("|X - c| <= R < inf"));
    assert_eq!(Truncated { centre: -0.5, ..good.clone() }.then(theorem).failed(), Some("B >= a R/q"));
    let apart = "the truncation is to a ball, or the coordinates of X and of e are independent of each other";
    let mut joined = Truncated { within: Within::EachCoordinate, ..good.clone() };
    let along = scorebound::scores::Direction::uniform(2);
    let kick = scorebound::scores::errors::Window { direction: along, lo: 1.0, hi: None, edge: 0.0 };
    joined.error = (std::sync::Arc::new(kick), Size::Amplitude(1.0));
    assert_eq!(joined.then(theorem).failed(), Some(apart));
    // "E_p |e|^2 <= epsilon^2 < inf" cannot be broken by a shape that specs can write, nor "KL(q_0 | p) < inf" by a start with
    // a density: these are Gaussians and mixtures, and so is p.
}

#[test]
fn can_be_violated() {
    let good = point(2, 0.7, 0.5, 0.1, 4.0);
    assert!(good.against(&good, 1e6, &TRUNCATED_CORRECTOR).is_violated());
    // The same run without the truncation: the whole error is seen.
    let large = point(2, 0.7, 0.05, 3.0, 4.0);
    let honest = large.then(&TRUNCATED_CORRECTOR);
    assert!(honest.holds(), "{honest}");
    let claim = large.against(&Truncated { truncated: false, ..large.clone() }, 1.0, &TRUNCATED_CORRECTOR);
    assert!(claim.is_violated(), "{claim}");
    // More noise than a Langevin step adds.
    let noisy = Truncated { noise: 1.5, ..good.clone() };
    let claim = good.against(&noisy, 1.0, &TRUNCATED_CORRECTOR);
    assert!(claim.is_violated(), "{claim}");
}

/// Both sides are of the order of epsilon^2 once the start is forgotten.
#[test]
fn rate() {
    let at = |amplitude: f64| point(3, 0.7, 0.5, amplitude, 60.0).then(&TRUNCATED_CORRECTOR);
    let (small, large) = (at(1e-2), at(1e-1));
    for side in [|c: &Claim| c.bound().mid(), |c: &Claim| c.measured().mid()] {
        let found = slope((1e-2, side(&small)), (1e-1, side(&large)));
        assert!((found - 2.0).abs() < 0.1, "{found}: {small} {large}");
    }
}
