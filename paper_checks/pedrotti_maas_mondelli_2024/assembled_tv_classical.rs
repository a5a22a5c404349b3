//! PMM-15b. See `assembled_tv_classical.md`.

use crate::flows::*;
use crate::support::*;
use proptest::prelude::*;
use scorebound::bounds::pedrotti_maas_mondelli_2024::{ASSEMBLED_TV_CLASSICAL, REVERSE_SDE_TV, kl_to_prior_parts};
use scorebound::numerics::Interval;
use scorebound::samplers::Scheme;
use scorebound::targets::Target;

const THEOREM: &scorebound::bounds::Theorem = &ASSEMBLED_TV_CLASSICAL;

#[test]
fn restated_independently() {
    for (d, m, v, horizon, n, c) in
        [(1, 0.7, 0.3, 3.0_f64, 40, 0.1_f64), (3, -0.2, 1.5, 4.0, 70, 0.0), (2, 0.3, 0.5, 3.0, 200, 0.05)]
    {
        let by = sde(Scheme::ALL[d % 3], horizon, 0.05, n);
        let at = by.on(&normal(d, m, v)).error(constant(d), c);
        let claim = at.then(THEOREM);
        let (dim, u) = (d as f64, (-2.0 * horizon).exp());
        let kl = 0.5 * (u * dim * (m * m + v) + dim * (-u - (-u).ln_1p()));
        // The discretisation is that of PMM-13, restated there.
        let disc = at.then(&REVERSE_SDE_TV).term("discretisation");
        let path = (disc.sqrt() + c * (horizon - 0.05).sqrt()).powi(2);
        assert_close_to(claim.bound(), (0.5 * (kl + path)).sqrt(), 1e-8);
        assert!(claim.holds(), "{claim}");
    }
    // `B_KLpg_3pt_T1` of the reference values.
    let [signal, noise] = kl_to_prior_parts(Interval::point(-2.0).exp(), Interval::point(4.0), 1.0);
    assert_close_to(signal + noise, reference("B_KLpg_3pt_T1"), 1e-14);
}

/// In continuous time the bound over T1 is least at `(1/2) ln(E|X|^2/epsilon^2)`, where it is `epsilon sqrt((T1 - delta + 1/2)/2)`.
#[test]
fn has_a_best_horizon() {
    let (epsilon, second, early) = (1e-3_f64, 1.0_f64, 0.05);
    let of = |t: f64| {
        let [signal, _] = kl_to_prior_parts(Interval::point(-2.0 * t).exp(), Interval::point(second), 0.0);
        (0.5 * (signal.mid() + epsilon * epsilon * (t - early))).sqrt()
    };
    let best = 0.5 * (second / (epsilon * epsilon)).ln();
    assert!(of(best) < of(best - 0.2) && of(best) < of(best + 0.2));
    assert!((of(best) / (epsilon * ((best - early + 0.5) / 2.0).sqrt()) - 1.0).abs() < 1e-6);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]
    #[test]
    fn holds_where_it_should(p in gaussians(1..=6, 8.0), horizon in 1.0..5.0f64, early in 0.0..0.3f64, n in 5..60u64, c in 1e-3..0.5f64) {
        let d = Target::dim(&p);
        for (scheme, shape) in Scheme::ALL.into_iter().zip([constant(d), affine(d, -0.2), affine(d, 0.2)]) {
            let claim = sde(scheme, horizon + early, early, n).on(&p).error(shape, c).then(THEOREM);
            prop_assert!(claim.holds_or_vacuous(), "{claim}");
        }
    }
}

/// Discrete data.
#[test]
fn holds_for_atoms() {
    let by = sde(Scheme::Exponential, 2.0, 0.2, 60);
    let at = given_data(atoms()).along(by.program(), by.last()).start(normal(1, 0.0, 1.0));
    let claim = at.error(constant(1), 0.05).then(THEOREM);
    let u = (-4.0_f64).exp();
    let kl = 0.5 * (u * 0.639 - u - (-u).ln_1p());
    assert!((claim.term("KL(p_T1 | N(0, I))") - kl).abs() < 1e-12, "{claim}");
    assert!(claim.holds(), "{claim}");
}

#[test]
fn fails_when_a_hypothesis_is_dropped() {
    let by = sde(Scheme::Exponential, 2.0, 0.1, 40);
    let p = line(0.5, 0.8);
    let good = by.on(&p).error(constant(1), 0.1);
    assert!(good.then(THEOREM).holds(), "{}", good.then(THEOREM));
    let says = "the sampler is the reverse SDE of OU or VP, after Langevin steps at the horizon or none";
    is_no_other_phase(&by, THEOREM, says);
    // "the output is compared with p_delta as it is".
    is_compared_at_stop(&by, THEOREM);
    // "delta > 0, or p has a density".
    has_no_density(&by, THEOREM);
    let corrected = by.clone().after(0.1, 3).on(&p);
    assert_eq!(corrected.then(THEOREM).failed(), Some("no Langevin steps: the reverse phase starts at q_0"));
    for start in [normal(1, 0.1, 1.0), normal(1, 0.0, 1.1)] {
        assert_eq!(good.clone().start(start).then(THEOREM).failed(), Some("q_0 = N(0, I)"));
    }
    let says = "E|x|^2 < inf; J of p_t and E_{p_t} |e_t|^2 are known at every level";
    assert!(good.error(constant(1), 1e200).then(THEOREM).leaves_open(says));
    // Second moments beyond double precision.
    assert!(by.on(&line(1e160, 0.8)).then(THEOREM).leaves_open("E|X|^2 < inf"));
}

#[test]
fn can_be_violated() {
    let by = sde(Scheme::Exponential, 3.0, 0.1, 200);
    let good = by.on(&line(0.5, 0.8)).error(constant(1), 0.02);
    assert!(good.then(THEOREM).holds(), "{}", good.then(THEOREM));
    assert!(good.sabotaged(noisier(&by.program(), 1.5), THEOREM).is_violated());
    assert!(good.with_bound_over(1e6, THEOREM).is_violated());
}

/// Linear in epsilon once T1 is large and steps are short.
#[test]
fn rate() {
    let of =
        |c: f64| sde(Scheme::ExponentialMinus, 12.0, 0.1, 3000).on(&line(0.0, 1.0)).error(constant(1), c).then(THEOREM);
    let (small, large) = (of(0.03), of(0.1));
    assert!((slope((0.03, small.bound().mid()), (0.1, large.bound().mid())) - 1.0).abs() < 0.01);
    assert!((slope((0.03, small.measured().mid()), (0.1, large.measured().mid())) - 1.0).abs() < 0.01);
}
