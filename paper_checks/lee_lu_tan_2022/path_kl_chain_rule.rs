//! LLT-12d. See `path_kl_chain_rule.md`.

use crate::reverse::*;
use crate::support::*;
use proptest::prelude::*;
use scorebound::bounds::lee_lu_tan_2022::{
    PATH_KL_CHAIN_RULE, PATH_KL_EULER, PATH_KL_EXPONENTIAL, PATH_KL_EXPONENTIAL_MINUS,
};
use scorebound::samplers::Scheme;

fn way(horizon: f64, early: f64, steps: u64) -> Reverse {
    ou(Scheme::Exponential, horizon, early, steps)
}

/// The mean KL of each step's kernel from the forward transition, read backwards, for N(m, v) on the line and the error `slope x`,
/// with all conditional moments formed afresh: `X' | X` is Gaussian with mean `E X' + (cov/var X)(X - E X)`.
fn by_hand(by: &Reverse, noise: f64, (m, v): (f64, f64), slope: f64) -> f64 {
    let at = |tau: f64| ((-tau).exp() * m, (-2.0 * tau).exp() * (v - 1.0) + 1.0);
    let times = by.grid().times().to_vec();
    let mut total = 0.0;
    for pair in times.windows(2) {
        let h = pair[0] - pair[1];
        let ((mk, vk), (mn, vn)) = (at(pair[0]), at(pair[1]));
        let gain = (-h).exp() * vn / vk;
        let spread = vn - gain * gain * vk;
        let (a, b, noise) = (h.exp(), 2.0 * h.exp_m1(), noise * noise * (2.0 * h).exp_m1());
        // Kernel mean minus conditional mean: linear in X.
        let (tilt, shift) = (a + b * (slope - 1.0 / vk) - gain, b * mk / vk - (mn - gain * mk));
        let square = tilt * tilt * vk + (tilt * mk + shift).powi(2);
        total += 0.5 * (spread / noise - 1.0 - (spread / noise).ln() + square / noise);
    }
    total
}

#[test]
fn restated_independently() {
    // A mixture on the line: the sum of the statement by quadrature over (X, X') in Python (trapezoidal rule), entropies likewise.
    let (shape, c) = wave();
    for (by, with_error, exact) in [
        (way(1.3, 0.1, 3), 0.336_724_799_999_723_55, 0.292_031_082_239_187_2),
        (ou(Scheme::ExponentialMinus, 1.3, 0.1, 3), 0.071_437_339_390_539_31, 0.032_278_328_454_081_184),
        (ou(Scheme::EulerMaruyama, 1.3, 0.1, 3), 0.098_003_112_592_311_98, 0.055_332_768_173_604_996),
    ] {
        let at = by.warm(&two_modes());
        assert_close_to(at.then(&PATH_KL_CHAIN_RULE).bound(), exact, 1e-10);
        assert_close_to(
            at.error(std::sync::Arc::clone(&shape), c).then(&PATH_KL_CHAIN_RULE).bound(),
            with_error,
            1e-10,
        );
    }
    let by = ve(1.3, 0.1, 3);
    assert_close_to(by.warm(&two_modes()).then(&PATH_KL_CHAIN_RULE).bound(), 0.053_467_038_074_762_44, 1e-10);
    // Gaussians, also with steps that are no scheme: 30 % more noise.
    for (by, m, v, c) in
        [(way(2.0, 0.05, 1), 0.7, 0.3, 0.4), (way(1.0, 0.0, 7), -0.4, 2.5, 0.0), (way(3.0, 0.01, 200), 1.0, 0.5, 1.5)]
    {
        for noise in [1.0, 1.3] {
            let at = by.warm(&normal(1, m, v)).run(noisier(&by.program(), noise)).error(affine(1, 0.2), c);
            let claim = at.then(&PATH_KL_CHAIN_RULE);
            let by_hand = by_hand(&by, noise, (m, v), 0.2 * c);
            assert!(
                (claim.bound().mid() - by_hand).abs() < 1e-10 * by_hand && claim.bound().width() < 1e-10 * by_hand,
                "{claim} {by_hand}"
            );
            assert!(claim.holds(), "{claim}");
        }
    }
}

/// Tighter than LLT-12a to c on the same inputs, and by more than rounding.
#[test]
fn is_tighter_than_the_path_kl() {
    let (shape, c) = wave();
    for (scheme, theorem) in [
        (Scheme::Exponential, &PATH_KL_EXPONENTIAL),
        (Scheme::ExponentialMinus, &PATH_KL_EXPONENTIAL_MINUS),
        (Scheme::EulerMaruyama, &PATH_KL_EULER),
    ] {
        for p in [two_modes(), normal(1, 0.5, 0.3)] {
            let at = ou(scheme, 1.5, 0.1, 4).on(&p).error(std::sync::Arc::clone(&shape), c);
            let (chain, path) = (at.then(&PATH_KL_CHAIN_RULE), at.then(theorem));
            assert!(chain.bound().hi() < 0.999 * path.bound().lo(), "{chain} against {path}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn holds_where_it_should(p in gaussians(1..=8, 8.0), horizon in 0.5..3.0f64, early in 0.0..0.3f64, n in 1..20u64, c in 1e-3..1.0f64) {
        let found = holds_along(&way(horizon, early, n), &p, c, (&PATH_KL_CHAIN_RULE, &PATH_KL_CHAIN_RULE));
        prop_assert!(found.is_ok(), "{found:?}");
    }
}

#[test]
fn fails_when_a_hypothesis_is_dropped() {
    let by = way(1.0, 0.1, 4);
    // Among them: "delta > 0, or p has a density", "E|x|^2 < inf; H and J of p are known at every level",
    // "E_{p_k} |e_k|^2 < inf at every level", "KL(p_T | q_0) < inf".
    drops_what_is_shared(&by, &PATH_KL_CHAIN_RULE);
    let good = by.on(&normal(1, 0.5, 0.8)).error(constant(1), 0.1);
    let says = Some("every step goes from one noise level of OU, VP or VE to the next, with noise v_k > 0");
    for program in [corrected(&by), noisier(&by.program(), 0.0)] {
        assert_eq!(good.clone().run(program).then(&PATH_KL_CHAIN_RULE).failed(), says);
    }
}

#[test]
fn can_be_violated() {
    let by = way(1.0, 0.1, 20);
    let good = by.warm(&normal(1, 0.5, 0.8)).error(constant(1), 0.05);
    is_violated_by_noise(&good, &by, &PATH_KL_CHAIN_RULE);
}

#[test]
fn rate() {
    admits_the_root_of_the_accuracy(&way(1.0, 0.1, 200).warm(&normal(1, 0.5, 0.8)), &PATH_KL_CHAIN_RULE);
}
