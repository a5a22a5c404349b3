//! PMM-8b. See `truncated_tails.md`.

use crate::support::*;
use crate::truncated::*;
use proptest::prelude::*;
use scorebound::bounds::pedrotti_maas_mondelli_2024::{TRUNCATED_BOUNDED, TRUNCATED_TAILS};
use scorebound::scores::{Size, Within};
use scorebound::targets::Data;

/// N(0.4, v) in d coordinates at a time at which `u v/q` is `ratio`, truncated about its mean.
fn gaussian(d: usize, v: f64, ratio: f64, bound: f64, amplitude: f64) -> Truncated {
    let data = Data::Density(normal(d, 0.4, v));
    let time = 0.5 * (v / ratio).ln_1p();
    Truncated { centre: 0.4, ..Truncated::new(data, time, bound, fourier(d, 2.0), amplitude) }
}

/// A multiple of the distance from the mean, cut to a ball.
fn radial(d: usize, v: f64, ratio: f64, bound: f64, kappa: f64) -> Truncated {
    let at = gaussian(d, v, ratio, bound, kappa);
    let shift = 0.4 * (-at.time).exp();
    let shape = scorebound::scores::errors::Linear {
        matrix: nalgebra::DMatrix::identity(d, d),
        offset: nalgebra::DVector::from_element(d, -shift),
    };
    Truncated { within: Within::Ball, error: (std::sync::Arc::new(shape), Size::Amplitude(kappa)), ..at }
}

#[test]
fn restated_independently() {
    for (v, ratio, bound, amplitude) in [(2.0, 0.05, 0.4, 0.1), (0.5, 0.02, 0.2, 0.01), (5.0, 0.08, 1.0, 3.0)] {
        let at = gaussian(1, v, ratio, bound, amplitude);
        let claim = at.then(&TRUNCATED_TAILS);
        let u = (-2.0 * at.time).exp();
        let q = 1.0 - u;
        let (r, beta) = (q + u * v, claim.term("beta"));
        // H = (1 - 2 c' v)^{-1/2}, c' = 4 r beta u/q^2.
        let h = (1.0 - 8.0 * r * beta * u * v / (q * q)).powf(-0.5);
        let squares = 4.0 * bound * bound;
        let epsilon = claim.term("epsilon");
        let sum = epsilon.powi(2) * (r * squares).exp_m1() / squares + h * (-r * (beta - 1.0) * squares).exp();
        assert_close(claim.bound(), sum.ln_1p() / r);
        assert!(claim.holds(), "{claim}");
        // E over p = N(0.4 a, u v + q), v(x) = (u v/(q s)) (x - 0.4 a) by hand.
        let (s, m) = (u * v + q, 0.4 * u.sqrt());
        let n = 200_001;
        let step = 24.0 * s.sqrt() / f64::from(n - 1);
        let left: f64 = (0..n)
            .map(|k| {
                let x = m - 12.0 * s.sqrt() + step * f64::from(k);
                let pull = u * v / (q * s) * (x - m);
                let e = (pull + amplitude * (2.0 * x).cos()).clamp(-bound, bound) - pull;
                step * (-(x - m).powi(2) / (2.0 * s)).exp() / (std::f64::consts::TAU * s).sqrt() * (r * e * e).exp_m1()
            })
            .sum();
        assert_close_to(claim.measured(), left.ln_1p() / r, 1e-7);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn holds_where_it_should(
        v in 0.1..5.0f64, ratio in 0.002..0.1f64, bound in 0.05..2.0f64, size in -3.0..1.0f64, d in 1..9usize, shifted in -0.2..0.2f64,
    ) {
        let amplitude = bound * 10f64.powf(size);
        for at in [gaussian(d, v, ratio, bound, amplitude), radial(d, v, ratio, bound, amplitude)] {
            let claim = at.then(&TRUNCATED_TAILS);
            prop_assert!(claim.holds(), "{claim}");
        }
        // The centre need not be the mean, nor X unbounded.
        let off = Truncated { centre: 0.4 + shifted, ..gaussian(d, v, ratio, bound, amplitude) };
        let claim = off.then(&TRUNCATED_TAILS);
        prop_assert!(claim.holds() || claim.failed().is_some(), "{claim}");
        let atoms = Truncated { data: line_of(&[0.4, 0.6], &[-v, v]), ..gaussian(1, v, ratio, bound, amplitude) };
        let claim = Truncated { centre: 0.0, ..atoms }.then(&TRUNCATED_TAILS);
        prop_assert!(claim.holds(), "{claim}");
    }
}

#[test]
fn fails_when_a_hypothesis_is_dropped() {
    let theorem = &TRUNCATED_TAILS;
    let good = gaussian(2, 1.0, 0.05, 0.5, 0.1);
    assert!(good.then(theorem).holds());
    let truncated = "the sampler is LMC(h) with the truncated score at the noise level of p";
    assert_eq!(Truncated { truncated: false, ..good.clone() }.then(theorem).failed(), Some(truncated));
    let heavy = "H = E exp(4 r beta (u/q^2) |X - c|^2) < inf for some beta > 1";
    assert_eq!(gaussian(1, 1.0, 0.2, 0.5, 0.1).then(theorem).failed(), Some(heavy));
    let apart = "the truncation is to a ball, or the coordinates of X and of e are independent of each other";
    let joined = Truncated { error: (outward_diagonal(), Size::Amplitude(0.1)), ..good.clone() };
    assert_eq!(joined.then(theorem).failed(), Some(apart));
    // "E_p |e|^2 <= epsilon^2 < inf" cannot be broken: no shape that specs can write has an infinite mean square.
}

/// A kick along the diagonal of the plane.
fn outward_diagonal() -> std::sync::Arc<dyn scorebound::scores::ErrorShape> {
    let direction = scorebound::scores::Direction::uniform(2);
    std::sync::Arc::new(scorebound::scores::errors::Window { direction, lo: 1.0, hi: None, edge: 0.0 })
}

#[test]
fn can_be_violated() {
    let good = gaussian(1, 1.0, 0.05, 0.5, 0.1);
    assert!(good.against(&good, 1e6, &TRUNCATED_TAILS).is_violated());
    // Without the truncation a kick far out is felt.
    let mut kick = gaussian(1, 1.0, 0.02, 0.6, 12.0);
    kick.error.0 = outward(1, 4.5, 0.0);
    assert!(kick.then(&TRUNCATED_TAILS).holds());
    let claim = kick.against(&Truncated { truncated: false, ..kick.clone() }, 1.0, &TRUNCATED_TAILS);
    assert!(claim.is_violated(), "{claim}");
}

/// With `B^2 = ln(1/eps^2)/(4 r beta)` the bound is of the order of `eps^{2 (1 - 1/beta)}`: beta = 2 gives eps^1.
#[test]
fn rate() {
    use scorebound::bounds::pedrotti_maas_mondelli_2024::truncated_error_tails;
    use scorebound::numerics::Interval;
    let (r, beta, ln_h) = (0.9, 2.0, Interval::point(0.7));
    let at = |epsilon: f64| {
        let bound = ((1.0 / (epsilon * epsilon)).ln() / (4.0 * r * beta)).sqrt();
        truncated_error_tails(Interval::point(epsilon).sqr(), bound, r, beta, ln_h).mid()
    };
    let found = slope((1e-10, at(1e-10)), (1e-9, at(1e-9)));
    assert!((found - 1.0).abs() < 0.02, "{found}");
    // For a bounded support with B >= a R/q, beta may be as large as one likes: PMM-8a in the limit.
    let mut atoms = Truncated::new(line_of(&[0.5, 0.5], &[-1.0, 1.0]), 0.6, 1.0, fourier(1, 2.0), 0.1);
    atoms.bound = atoms.least(1.0) * 1.5;
    let (tails, bounded) = (atoms.then(&TRUNCATED_TAILS), atoms.then(&TRUNCATED_BOUNDED));
    assert!(tails.holds() && bounded.holds(), "{tails} {bounded}");
}
