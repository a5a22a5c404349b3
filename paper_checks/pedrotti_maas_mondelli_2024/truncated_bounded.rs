//! PMM-8a. See `truncated_bounded.md`.

use crate::support::*;
use crate::truncated::*;
use proptest::prelude::*;
use scorebound::bounds::pedrotti_maas_mondelli_2024::{TRUNCATED_BOUNDED, truncated_error_bounded};
use scorebound::numerics::Interval;
use scorebound::scores::{Size, Within};
use scorebound::targets::Data;

/// `(1/r) ln(1 + eps^2 (e^{4 r B^2} - 1)/(4 B^2))`.
fn by_hand(square: f64, bound: f64, r: f64) -> f64 {
    (square * (4.0 * r * bound * bound).exp_m1() / (4.0 * bound * bound)).ln_1p() / r
}

/// Two atoms at -1.5 and 1 at time 0.6 under a wave.
fn two_atoms(amplitude: f64) -> Truncated {
    let data = line_of(&[0.35, 0.65], &[-1.5, 1.0]);
    let mut found = Truncated::new(data, 0.6, 1.0, fourier(1, 2.0), amplitude);
    found.bound = found.least(1.5);
    found
}

/// A multiple of the distance from a point in space, cut to a ball.
fn radial(d: usize, bound: f64, kappa: f64) -> Truncated {
    let data = Data::product(vec![(line_of(&[1.0], &[0.0]), d as u64)]).unwrap();
    Truncated { within: Within::Ball, ..Truncated::new(data, 0.4, bound, affine(d, 1.0), kappa) }
}

#[test]
fn restated_independently() {
    // The reference value.
    assert_close_to(truncated_error_bounded(Interval::point(0.1).sqr(), 0.8, 1.3), 0.076_810_958_722_051_48, 1e-13);
    for amplitude in [0.01, 0.5, 4.0] {
        let claim = two_atoms(amplitude).then(&TRUNCATED_BOUNDED);
        let q = 1.0 - (-1.2_f64).exp();
        let r = q * ((-1.2_f64).exp() * 2.25 / q).exp();
        let bound = (-0.6_f64).exp() * 1.5 / q;
        assert_close(claim.bound(), by_hand(claim.term("epsilon").powi(2), bound, r));
        let wave = |x: f64| amplitude * (2.0 * x).cos();
        let left = by_trapezoid(&[0.35, 0.65], &[-1.5, 1.0], 0.6, bound, r, wave);
        assert_close_to(claim.measured(), left, 3e-8);
        assert!(claim.holds(), "{claim}");
    }
    // A point in space: `|e~| = min(kappa |y|, B)`, `|y|^2/q` of chi-squared with 3 degrees of freedom.
    let (kappa, bound, q) = (0.7, 0.5, 1.0 - (-0.8_f64).exp());
    let claim = radial(3, bound, kappa).then(&TRUNCATED_BOUNDED);
    let n = 200_000;
    let density = |s: f64| (2.0 / std::f64::consts::PI).sqrt() * s * s * (-0.5 * s * s).exp();
    let step = 14.0 / f64::from(n);
    let sum: f64 = (0..n)
        .map(|k| {
            let s = step * (f64::from(k) + 0.5);
            step * density(s) * (q * (kappa * s * q.sqrt()).min(bound).powi(2)).exp_m1()
        })
        .sum();
    assert_close_to(claim.measured(), sum.ln_1p() / q, 1e-7);
    assert!(claim.holds(), "{claim}");
    // A point and a constant error: everything is exact, and cut to the ball.
    let at = |amplitude: f64| {
        let data = Data::product(vec![(line_of(&[1.0], &[0.3]), 4)]).unwrap();
        let base = Truncated::new(data, 0.4, 0.5, constant(4), amplitude);
        Truncated { within: Within::Ball, centre: 0.3, ..base }.then(&TRUNCATED_BOUNDED)
    };
    assert_close(at(0.2).measured(), 0.04);
    assert_close(at(2.0).measured(), 0.25);
    // Coordinates by themselves: a sum.
    let one = two_atoms(0.5);
    let three = Truncated {
        data: Data::product(vec![(one.data.clone(), 3)]).unwrap(),
        error: (fourier(3, 2.0), Size::Amplitude(0.5)),
        ..one.clone()
    };
    let (one, three) = (one.then(&TRUNCATED_BOUNDED), three.then(&TRUNCATED_BOUNDED));
    assert_close(three.bound(), 3.0 * one.bound().mid());
    assert_close(three.measured(), 3.0 * one.measured().mid());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn holds_where_it_should(
        weight in 0.05..0.95f64, right in 0.1..2.0f64, time in 0.15..2.0f64, wider in 1.0..3.0f64,
        size in -3.0..1.0f64, kind in 0..4usize, copies in 1..9u64,
    ) {
        let data = Data::product(vec![(line_of(&[weight, 1.0 - weight], &[-2.0, right]), copies)]).unwrap();
        let d = copies as usize;
        let shape = match kind {
            0 => constant(d),
            1 => fourier(d, 2.5),
            2 => outward(d, 0.5, 0.0),
            _ => affine(d, 1.0),
        };
        let mut at = Truncated::new(data, time, 1.0, shape, 1.0);
        at.bound = at.least(2.0) * wider;
        at.error.1 = Size::Amplitude(at.bound * 10f64.powf(size));
        let claim = at.then(&TRUNCATED_BOUNDED);
        prop_assert!(claim.holds(), "{claim}");
        let claim = radial(d + 1, at.bound.min(1.0), 10f64.powf(size)).then(&TRUNCATED_BOUNDED);
        prop_assert!(claim.holds(), "{claim}");
    }
}

#[test]
fn fails_when_a_hypothesis_is_dropped() {
    let theorem = &TRUNCATED_BOUNDED;
    let good = two_atoms(0.5);
    assert!(good.then(theorem).holds());
    let truncated = "the sampler is LMC(h) with the truncated score at the noise level of p";
    assert_eq!(Truncated { truncated: false, ..good.clone() }.then(theorem).failed(), Some(truncated));
    assert_eq!(Truncated { noise: 1.5, ..good.clone() }.then(theorem).failed(), Some(truncated));
    let spread = Truncated { data: Data::Density(two_modes()), ..good.clone() };
    assert_eq!(spread.then(theorem).failed(), Some("|X - c| <= R < inf"));
    let tight = Truncated { bound: good.bound * (1.0 - 1e-12), ..good.clone() };
    assert_eq!(tight.then(theorem).failed(), Some("B >= a R/q"));
    let moved = Truncated { centre: 0.1, ..good.clone() };
    assert_eq!(moved.then(theorem).failed(), Some("B >= a R/q"));
    // Coordinates that hang together, truncated one by one.
    let apart = "the truncation is to a ball, or the coordinates of X and of e are independent of each other";
    let corners = [[-1.0, -1.0], [1.0, 1.0]].map(|x| nalgebra::DVector::from_row_slice(&x)).to_vec();
    let plane = Data::Points(scorebound::targets::Points::new(vec![0.5, 0.5], corners).unwrap());
    let joined = Truncated { data: plane, error: (constant(2), Size::Amplitude(0.1)), bound: 9.0, ..good.clone() };
    assert_eq!(joined.then(theorem).failed(), Some(apart));
    // "E_p |e|^2 <= epsilon^2 < inf" cannot be broken: no shape that specs can write has an infinite mean square.
}

#[test]
fn can_be_violated() {
    let good = two_atoms(0.5);
    assert!(good.against(&good, 1e6, &TRUNCATED_BOUNDED).is_violated());
    // The same score without the truncation: a kick far out is small in L2 and large where it is.
    let data = line_of(&[0.5, 0.5], &[-1.0, 1.0]);
    let mut kick = Truncated::new(data, 0.6, 1.0, outward(1, 4.0, 0.0), 8.0);
    kick.bound = kick.least(1.0);
    assert!(kick.then(&TRUNCATED_BOUNDED).holds());
    let claim = kick.against(&Truncated { truncated: false, ..kick.clone() }, 1.0, &TRUNCATED_BOUNDED);
    assert!(claim.is_violated(), "{claim}");
}

/// Both sides are of the order of epsilon^2: the kick's exponential error would not even be finite in epsilon alone.
#[test]
fn rate() {
    let at = |amplitude: f64| two_atoms(amplitude).then(&TRUNCATED_BOUNDED);
    let (small, smaller) = (at(1e-4), at(1e-5));
    for side in [|c: &Claim| c.bound().mid(), |c: &Claim| c.measured().mid()] {
        let found = slope((1e-5, side(&smaller)), (1e-4, side(&small)));
        // Where v is within |e| of B the error is cut, on a set that shrinks with e.
        assert!((found - 2.0).abs() < 1e-4, "{found}");
    }
}
