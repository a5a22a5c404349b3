//! PMM-14b. See `assembled_w2_classical.md`.

use crate::flows::*;
use crate::support::*;
use proptest::prelude::*;
use scorebound::bounds::pedrotti_maas_mondelli_2024::{ASSEMBLED_W2_CLASSICAL, FLOW_W2};
use scorebound::processes::NoiseLevel;
use scorebound::targets::Target;

const THEOREM: &scorebound::bounds::Theorem = &ASSEMBLED_W2_CLASSICAL;

#[test]
fn restated_independently() {
    for (m, v, c, horizon, early, rescale) in
        [(0.7, 0.3, 0.2_f64, 2.0, 0.05_f64, false), (-0.4, 2.5, 0.0, 1.0, 0.0, false), (1.0, 4.0, 0.1, 3.0, 0.1, true)]
    {
        let by = Falling { rescale, ..exponential(horizon, early, 7) };
        let claim = by.to_data(&line(m, v)).error(constant(1), c).then(THEOREM);
        let s = |t: f64| noised(t, m, v).1;
        let growth = (s(early) / s(horizon)).sqrt();
        let apart = (m * m + (v.sqrt() - 1.0).powi(2)).sqrt();
        // int (s_delta/s_t)^{1/2} dt by the trapezoidal rule.
        let n = 100_000;
        let dt = (horizon - early) / f64::from(n);
        let weight = |k: i32| if k == 0 || k == n { 0.5 } else { 1.0 };
        let errors: f64 = (0..=n).map(|k| c * dt * weight(k) * (s(early) / s(early + f64::from(k) * dt)).sqrt()).sum();
        let (scale, stopped) = match rescale {
            true => (early.exp(), (2.0 * early).exp_m1()),
            false => (1.0, (1.0 - (-early).exp()).powi(2) * (m * m + v) + 1.0 - (-2.0 * early).exp()),
        };
        let by_hand = stopped.sqrt() + scale * (growth * (-horizon).exp() * apart + errors);
        assert_close_to(claim.bound(), by_hand, 1e-8);
        assert!((claim.term("early stop") - stopped.sqrt()).abs() < 1e-12);
        assert!(claim.holds(), "{claim}");
    }
}

/// Only the classical scheme has a term that falls with T1: of the flow from what a corrector hands over there is none.
#[test]
fn forgets_the_start_in_the_time_of_the_forward_process() {
    let term = |horizon: f64| {
        let claim = exponential(horizon, 0.05, 40).to_data(&line(1.0, 0.5)).error(constant(1), 0.01).then(THEOREM);
        claim.term("e^{Lambda(T1) - T1} W2(p, N(0, I))")
    };
    assert!((term(6.0) / term(5.0) - (-1.0_f64).exp()).abs() < 1e-4);
    let handed = |horizon: f64| {
        let claim = exponential(horizon, 0.05, 40).on(&line(0.0, 1.0)).start(normal(1, 0.3, 1.0)).then(&FLOW_W2);
        claim.term("handed over")
    };
    assert!((handed(6.0) - handed(5.0)).abs() < 1e-9);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn holds_where_it_should(p in gaussians(1..=8, 8.0), horizon in 0.3..5.0f64, early in 0.0..0.3f64, n in 1..20u64, c in 1e-3..1.0f64, rescale in any::<bool>()) {
        let d = Target::dim(&p);
        for shape in [constant(d), affine(d, -0.2), affine(d, 0.2)] {
            let by = Falling { rescale, ..exponential(horizon + early, early, n) };
            let claim = by.to_data(&p).error(shape, c).then(THEOREM);
            prop_assert!(claim.holds(), "{claim}");
        }
    }
}

/// Discrete data, compared with the atoms themselves: the limit by chains, `W2(p, N(0, 1))` against sums over the three stretches of
/// the normal law.
#[test]
fn holds_for_atoms() {
    let by = exponential(1.0, 0.2, 12);
    let at = given_data(atoms()).along(by.program(), NoiseLevel::DATA).start(normal(1, 0.0, 1.0));
    let claim = at.error(constant(1), 0.02).then(THEOREM);
    let early = ((1.0 - (-0.2_f64).exp()).powi(2) * 0.639 + 1.0 - (-0.4_f64).exp()).sqrt();
    assert!((claim.term("early stop") - early).abs() < 1e-12);
    // E X^2 + 1 - 2 sum x_i (phi(t_{i-1}) - phi(t_i)), with the quantiles at 0.3 and 0.75.
    let phi = |t: f64| (-0.5 * t * t).exp() / std::f64::consts::TAU.sqrt();
    let (low, high) = (phi(-0.524_400_512_708_041), phi(0.674_489_750_196_081_7));
    let inner = -1.2 * -low + 0.1 * (low - high) + 0.9 * high;
    assert!((claim.term("W2(p, N(0, I))") - (1.639 - 2.0 * inner).sqrt()).abs() < 1e-12, "{claim}");
    assert!(claim.holds(), "{claim}");
}

#[test]
fn fails_when_a_hypothesis_is_dropped() {
    let by = exponential(1.0, 0.1, 4);
    let p = line(0.5, 0.8);
    let good = by.to_data(&p).error(constant(1), 0.1);
    assert!(good.then(THEOREM).holds(), "{}", good.then(THEOREM));
    let says = "the sampler is the probability flow of OU or VP, after Langevin steps at the horizon or none";
    assert_eq!(good.clone().run(with_late_steps(&by)).then(THEOREM).failed(), Some(says));
    let corrected = by.clone().after(0.1, 3).to_data(&p);
    assert_eq!(corrected.then(THEOREM).failed(), Some("no Langevin steps: the reverse phase starts at q_0"));
    assert_eq!(by.on(&p).then(THEOREM).failed(), Some("the output is compared with the data"));
    for start in [normal(1, 0.1, 1.0), normal(1, 0.0, 1.1)] {
        assert_eq!(good.clone().start(start).then(THEOREM).failed(), Some("q_0 = N(0, I)"));
    }
    let down = Falling { early: 0.0, ..by.clone() };
    let atoms = given_data(atoms()).along(down.program(), down.last()).start(normal(1, 0.0, 1.0));
    assert_eq!(atoms.then(THEOREM).failed(), Some("delta > 0, or p has a density"));
    let says = "<x - y, s(t,x) - s(t,y)> <= L_t |x - y|^2 and E_{p_t} |e_t|^2 < inf, L_t and the errors integrable over [delta, T1]";
    assert!(by.to_data(&p).error(jumping(), 0.1).then(THEOREM).leaves_open(says));
    // Second moments beyond double precision.
    assert!(by.to_data(&line(1e160, 0.8)).then(THEOREM).leaves_open("E|X|^2 < inf"));
    // "W2(p, N(0, I)) < inf" where E|X|^2 is; it carries the evidence of the distance, which for atoms in space is that of its bound.
}

#[test]
fn can_be_violated() {
    let by = exponential(2.0, 0.02, 20);
    let good = by.to_data(&line(0.5, 0.8)).error(constant(1), 0.02);
    assert!(good.then(THEOREM).holds(), "{}", good.then(THEOREM));
    // Langevin steps close to where they explode.
    let noisy = by.clone().after(1.8, 20).program();
    assert!(good.sabotaged(noisy, THEOREM).is_violated());
    assert!(good.with_bound_over(1e6, THEOREM).is_violated());
}

/// Without an early stop the bound and the truth are linear in epsilon once T1 is large.
#[test]
fn rate() {
    let of = |c: f64| exponential(15.0, 0.0, 4).to_data(&line(0.0, 1.0)).error(constant(1), c).then(THEOREM);
    let (small, large) = (of(1e-2), of(1e-1));
    assert!((slope((1e-2, small.bound().mid()), (1e-1, large.bound().mid())) - 1.0).abs() < 1e-3);
    assert!((slope((1e-2, small.measured().mid()), (1e-1, large.measured().mid())) - 1.0).abs() < 1e-3);
}
