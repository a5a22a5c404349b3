//! PMM-13b. See `reverse_sde_coarse.md`.

use crate::flows::*;
use crate::support::*;
use proptest::prelude::*;
use scorebound::bounds::pedrotti_maas_mondelli_2024::{REVERSE_SDE_COARSE, REVERSE_SDE_TV};
use scorebound::samplers::Scheme;
use scorebound::targets::Target;

#[test]
fn restated_independently() {
    for (d, m, v, horizon, early, n, c) in
        [(1, 0.7, 0.3, 2.0, 0.05, 4, 0.4_f64), (3, -0.4, 2.5, 1.0, 0.0, 7, 0.0), (2, 1.0, 0.5, 3.0, 0.01, 200, 0.2)]
    {
        let by = sde(Scheme::Exponential, horizon, early, n);
        let claim = by.on(&normal(d, m, v)).error(constant(d), c).then(&REVERSE_SDE_COARSE);
        let h = (horizon - early) / n as f64;
        let j = |k: u64| d as f64 / noised(horizon - k as f64 * h, m, v).1;
        let later: f64 = (1..=n).map(j).sum();
        let earlier: f64 = (0..n).map(j).sum();
        let disc = h * (j(n) - j(0)) + h * (2.0 * h).exp_m1() * later + h.powi(3) / 3.0 * earlier;
        let (mean, s) = noised(horizon, m, v);
        let kl = 0.5 * d as f64 * (mean * mean + s - 1.0 - s.ln());
        assert_close(claim.bound(), kl + (disc.sqrt() + c * (horizon - early).sqrt()).powi(2));
        assert!((claim.term("discretisation") - disc).abs() < 1e-10 * disc);
        // A priori J_t <= d/q_t.
        if early > 0.0 {
            let q = |k: u64| -(-2.0 * (horizon - k as f64 * h)).exp_m1();
            assert!((0..=n).all(|k| j(k) <= d as f64 / q(k)));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn holds_where_it_should(p in gaussians(1..=8, 8.0), horizon in 0.3..3.0f64, early in 0.0..0.3f64, n in 1..30u64, c in 1e-3..1.0f64, corrected in 0..20u64) {
        let d = Target::dim(&p);
        for shape in [constant(d), affine(d, -0.2)] {
            let at = sde(Scheme::Exponential, horizon + early, early, n).after(0.05, corrected).on(&p).error(shape, c);
            let claim = at.then(&REVERSE_SDE_COARSE);
            prop_assert!(claim.holds(), "{claim}");
            // The exact discretisation is smaller.
            let exact = at.then(&REVERSE_SDE_TV);
            prop_assert!(exact.term("discretisation") <= claim.term("discretisation") * (1.0 + 1e-9), "{claim} {exact}");
        }
    }
}

#[test]
fn fails_when_a_hypothesis_is_dropped() {
    let theorem = &REVERSE_SDE_COARSE;
    let by = sde(Scheme::Exponential, 1.0, 0.1, 4);
    let says = "the sampler takes equal exponential steps of the reverse SDE of OU or VP, after Langevin steps at the horizon or none";
    is_no_other_phase(&by, theorem, says);
    let p = line(0.5, 0.8);
    let mut uneven = by.program();
    uneven.blocks.splice(0..0, sde(Scheme::Exponential, 1.5, 1.0, 1).program().blocks);
    for program in [uneven, sde(Scheme::EulerMaruyama, 1.0, 0.1, 4).program()] {
        assert_eq!(by.on(&p).run(program).then(theorem).failed(), Some(says));
    }
    // "the output is compared with p_delta as it is".
    is_compared_at_stop(&by, theorem);
    // "delta > 0, or p has a density".
    has_no_density(&by, theorem);
    let says = "E|x|^2 < inf; J of p_t and E_{p_t} |e_t|^2 are known at every level";
    assert!(by.on(&p).error(constant(1), 1e200).then(theorem).leaves_open(says));
    assert_eq!(by.on(&p).start_at_atoms().then(theorem).failed(), Some("KL(p_T1 | q_T1) < inf"));
}

#[test]
fn can_be_violated() {
    let by = sde(Scheme::Exponential, 1.0, 0.1, 40);
    let good = by.warm(&line(0.5, 0.8)).error(constant(1), 0.05);
    assert!(good.then(&REVERSE_SDE_COARSE).holds(), "{}", good.then(&REVERSE_SDE_COARSE));
    assert!(good.sabotaged(noisier(&by.program(), 1.5), &REVERSE_SDE_COARSE).is_violated());
    assert!(good.with_bound_over(1e6, &REVERSE_SDE_COARSE).is_violated());
}

/// The bound is linear in the step with the exact score, and quadratic in the error.
#[test]
fn rate() {
    let of =
        |n: u64| sde(Scheme::Exponential, 1.0, 0.1, n).warm(&line(0.5, 0.3)).then(&REVERSE_SDE_COARSE).bound().mid();
    assert!((slope((1.0 / 800.0, of(800)), (1.0 / 200.0, of(200))) - 1.0).abs() < 0.02);
    let of = |c: f64| {
        sde(Scheme::Exponential, 1.0, 0.1, 4000).warm(&line(0.5, 1.0)).error(constant(1), c).then(&REVERSE_SDE_COARSE)
    };
    let (small, large) = (of(0.3), of(3.0));
    assert!((slope((0.3, small.measured().mid()), (3.0, large.measured().mid())) - 2.0).abs() < 0.01);
}
