//! PMM-15. See `assembled_tv.md`.

use crate::flows::*;
use crate::support::*;
use proptest::prelude::*;
use scorebound::bounds::pedrotti_maas_mondelli_2024::{
    ASSEMBLED_TV, LMC_GIRSANOV, LMC_MGF_ERROR, REVERSE_SDE_TV, girsanov_tv,
};
use scorebound::numerics::Interval;
use scorebound::samplers::{Scheme, lmc as langevin};
use scorebound::targets::{Density, Gaussian, Target};

const THEOREM: &scorebound::bounds::Theorem = &ASSEMBLED_TV;

fn by(horizon: f64, early: f64, (step, steps): (f64, u64)) -> Falling {
    sde(Scheme::Exponential, horizon, early, 40).after(step, steps)
}

/// N(a EX, q I).
fn warm_start(by: &Falling, p: &Density) -> Density {
    let first = by.first();
    Density::Gaussian(Gaussian::isotropic(p.mean() * first.alpha, first.variance()).unwrap())
}

#[test]
fn restated_independently() {
    for (m, v, c, horizon, early) in
        [(0.7, 0.3, 0.05_f64, 1.0_f64, 0.05_f64), (-0.4, 0.8, 0.02, 2.0, 0.1), (0.1, 0.5, 0.01, 3.0, 0.1)]
    {
        let by = by(horizon, early, (0.01, 300));
        let p = line(m, v);
        let at = by.on(&p).start(warm_start(&by, &p)).error(constant(1), c);
        let claim = at.then(THEOREM);
        // PMM-9b: C = s, D from PMM-2c or smaller, G = 1/s^2; the corrector's own bound is no larger.
        let s = noised(horizon, m, v).1;
        let (u, q) = ((-2.0 * horizon).exp(), -(-2.0 * horizon).exp_m1());
        let ln_ratio = u * v / (2.0 * q);
        let ratio = ln_ratio.exp();
        let mixing = (0.5 * ln_ratio).sqrt() * (-3.0 / s).exp();
        let girsanov = mixing + (c + 0.1 / s) * (ratio * 3.0 / 8.0).sqrt();
        assert!(claim.term("T_corr") <= girsanov * (1.0 + 1e-6), "{claim} {girsanov}");
        let alone = given(&p).along(langevin(0.01, 300, by.first()), by.first()).start(warm_start(&by, &p));
        let own = alone.error(constant(1), c).then(&LMC_GIRSANOV).bound();
        assert!(claim.term("T_corr") <= own.hi(), "{claim} {own}");
        let disc = at.then(&REVERSE_SDE_TV).term("discretisation");
        let by_hand = claim.term("T_corr") + (0.5 * disc).sqrt() + c * (0.5 * (horizon - early)).sqrt();
        assert_close_to(claim.bound(), by_hand, 1e-8);
        assert!(claim.holds(), "{claim}");
    }
}

/// `TV_PC_3pt_ct` of the reference values: the continuous corrector of PMM-9a at T1 = 1 for T2 = 3, C = 1.3, epsilon = 0.1, delta = 0.1.
#[test]
fn the_parts_are_those_of_the_reference() {
    let ratio = reference("B_warmD_3pt_T1");
    let of = |x: f64| Interval::point(x);
    let [mixing, error] = girsanov_tv(of(ratio.ln()), of(1.3), of(3.0), of(0.1), of(ratio));
    let whole = mixing + error + 0.1 * (0.5_f64 * 0.9).sqrt();
    assert_close_to(whole, reference("TV_PC_3pt_ct"), 1e-13);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]
    #[test]
    fn holds_where_it_should(p in gaussians(1..=6, 8.0), horizon in 0.5..3.0f64, early in 0.0..0.3f64, n in 1..200u64, c in 1e-3..0.3f64) {
        let d = Target::dim(&p);
        for (scheme, shape) in Scheme::ALL.into_iter().zip([constant(d), affine(d, -0.2), affine(d, 0.2)]) {
            let by = sde(scheme, horizon + early, early, 40).after(0.02, n);
            let claim = by.on(&p).start(warm_start(&by, &p)).error(shape, c).then(THEOREM);
            prop_assert!(claim.holds_or_vacuous(), "{claim}");
        }
    }
}

/// Langevin steps for a long time: what PMM-9b says grows with it, and PMM-7 takes over, with `sqrt(K/2)`.
#[test]
fn the_entropy_does_not_grow_with_the_time() {
    let (m, v, c) = (0.7, 0.3, 0.05_f64);
    let by = by(1.0, 0.05, (0.01, 4000));
    let p = line(m, v);
    let claim = by.on(&p).start(warm_start(&by, &p)).error(constant(1), c).then(THEOREM);
    let alone = given(&p).along(langevin(0.01, 4000, by.first()), by.first()).start(warm_start(&by, &p));
    let alone = alone.error(constant(1), c);
    let (mean, s) = noised(1.0, m, v);
    let start = (mean, -(-2.0_f64).exp_m1());
    let k = mgf_by_hand(&alone.then(&LMC_MGF_ERROR), (mean, s), start, (0.01, 4000), |_| c * c);
    let by_hand = (0.5 * k).sqrt();
    assert!((claim.term("T_corr") - by_hand).abs() < 1e-6 * by_hand, "{claim} {by_hand}");
    assert!(by_hand < alone.then(&LMC_GIRSANOV).bound().lo() && claim.holds(), "{claim}");
}

#[test]
fn fails_when_a_hypothesis_is_dropped() {
    let by = by(1.0, 0.1, (0.01, 100));
    let p = line(0.5, 0.8);
    let good = by.on(&p).start(warm_start(&by, &p)).error(constant(1), 0.05);
    assert!(good.then(THEOREM).holds(), "{}", good.then(THEOREM));
    let says = "the sampler is the reverse SDE of OU or VP, after Langevin steps at the horizon or none";
    for program in [with_wrong_step(&by), with_late_steps(&by)] {
        assert_eq!(good.clone().run(program).then(THEOREM).failed(), Some(says));
    }
    let classical = sde(Scheme::Exponential, 1.0, 0.1, 40).on(&p);
    assert_eq!(classical.then(THEOREM).failed(), Some("Langevin steps at the horizon come first"));
    // "the output is compared with p_delta as it is".
    is_compared_at_stop(&by, THEOREM);
    // "delta > 0, or p has a density".
    has_no_density(&by, THEOREM);
    let says = "E|x|^2 < inf; J of p_t and E_{p_t} |e_t|^2 are known at every level";
    assert!(good.clone().error(constant(1), 1e200).then(THEOREM).leaves_open(says));
    let atoms = good.start_at_atoms().then(THEOREM);
    assert!(atoms.leaves_open("the Langevin steps are as PMM-9b or PMM-7 wants them"), "{atoms}");
}

#[test]
fn can_be_violated() {
    let by = sde(Scheme::Exponential, 1.0, 0.1, 400).after(1e-3, 1000);
    let p = line(0.5, 0.8);
    let good = by.on(&p).start(warm_start(&by, &p)).error(constant(1), 0.01);
    assert!(good.then(THEOREM).holds(), "{}", good.then(THEOREM));
    assert!(good.sabotaged(noisier(&by.program(), 1.5), THEOREM).is_violated());
    assert!(good.with_bound_over(1e6, THEOREM).is_violated());
}

/// Linear in epsilon at a fixed T1, once all steps are short.
#[test]
fn rate() {
    let of = |c: f64| {
        let by = sde(Scheme::ExponentialMinus, 1.0, 0.1, 3000).after(1e-6, 1_000_000);
        by.warm(&line(0.0, 1.0)).error(constant(1), c).then(&ASSEMBLED_TV)
    };
    let (small, large) = (of(0.05), of(0.2));
    assert!((slope((0.05, small.bound().mid()), (0.2, large.bound().mid())) - 1.0).abs() < 0.03);
}
