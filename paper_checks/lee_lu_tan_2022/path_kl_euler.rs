//! LLT-12c. See `path_kl_euler.md`.

use crate::reverse::*;
use crate::support::*;
use proptest::prelude::*;
use scorebound::bounds::lee_lu_tan_2022::{PATH_KL_CHAIN_RULE, PATH_KL_EULER};
use scorebound::divergences::Divergence;
use scorebound::samplers::Scheme;
use scorebound::verdicts::{Asymptote, Better, Condition, Search, rate as measure};

fn way(horizon: f64, early: f64, steps: u64) -> Reverse {
    ou(Scheme::EulerMaruyama, horizon, early, steps)
}

#[test]
fn restated_independently() {
    let by = way(1.3, 0.1, 3);
    // A mixture on the line, with the error of `wave` and without: int E|s_k(Y_k) - S_tau(Y)|^2 over three steps by
    // quadrature in time (24 Gauss nodes a step) and over (Y_k, Y) (trapezoidal rule in both), in Python; both halvings agree to 1e-12.
    let (shape, c) = wave();
    for (at, reference) in [
        (by.warm(&two_modes()).error(shape, c), 0.102_566_772_343_426_93),
        (by.warm(&two_modes()), 0.059_896_427_924_719_77),
    ] {
        let claim = at.then(&PATH_KL_EULER);
        assert_close_to(claim.bound(), reference, 1e-10);
    }
    // Gaussians, one step or many, exact score or e = c x/5.
    for (by, m, v, c) in
        [(way(2.0, 0.05, 1), 0.7, 0.3, 0.4), (way(1.0, 0.0, 7), -0.4, 2.5, 0.0), (way(3.0, 0.01, 200), 1.0, 0.5, 1.5)]
    {
        let claim = by.warm(&normal(1, m, v)).error(affine(1, 0.2), c).then(&PATH_KL_EULER);
        let by_hand = gaussian_path_kl(&by, (m, v), 0.2 * c);
        assert!(
            (claim.bound().mid() - by_hand).abs() < 1e-10 * by_hand && claim.bound().width() < 1e-10 * by_hand,
            "{claim} {by_hand}"
        );
    }
    // From the prior the KL of the start comes on top.
    let (by, p) = (way(1.5, 0.1, 5), normal(2, 0.3, 0.4));
    let (warm, cold) = (by.warm(&p).then(&PATH_KL_EULER), by.on(&p).then(&PATH_KL_EULER));
    let (m, v) = (0.3 * (-1.5_f64).exp(), 1.0 - 0.6 * (-3.0_f64).exp());
    let ratio = v / by.prior();
    let start = ratio - 1.0 - f64::ln(ratio) + m * m / by.prior();
    assert_close(cold.bound() - warm.bound(), start);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn holds_where_it_should(p in gaussians(1..=8, 8.0), horizon in 0.5..3.0f64, early in 0.0..0.3f64, n in 1..20u64, c in 1e-3..1.0f64) {
        let d = scorebound::targets::Target::dim(&p);
        let by = way(horizon, early, n);
        for shape in [constant(d), affine(d, -0.2)] {
            for at in [by.on(&p), by.warm(&p)] {
                let at = at.error(std::sync::Arc::clone(&shape), c);
                let claim = at.then(&PATH_KL_EULER);
                prop_assert!(claim.holds(), "{claim}");
                // The KL on the grid is no larger than that of the paths.
                let chain = at.then(&PATH_KL_CHAIN_RULE).bound();
                prop_assert!(chain.lo() <= claim.bound().hi(), "{chain} above {claim}");
            }
        }
    }
}

#[test]
fn fails_when_a_hypothesis_is_dropped() {
    let theorem = &PATH_KL_EULER;
    // Among them: "delta > 0, or p has a density", "E|x|^2 < inf; H and J of p are known at every level",
    // "E_{p_k} |e_k|^2 < inf at every level", "KL(p_T | q_0) < inf".
    drops_what_is_shared(&way(1.0, 0.1, 4), theorem);
    let by = way(1.0, 0.1, 4);
    let good = by.on(&normal(1, 0.5, 0.8)).error(constant(1), 0.1);
    let says = Some("the sampler is the reverse SDE of OU or VP, Euler-Maruyama scheme");
    for program in [noisier(&by.program(), 1.2), corrected(&by), ve(1.0, 0.1, 4).program()] {
        assert_eq!(good.clone().run(program).then(theorem).failed(), says);
    }
}

#[test]
fn can_be_violated() {
    let theorem = &PATH_KL_EULER;
    let by = way(1.0, 0.1, 20);
    let good = by.warm(&normal(1, 0.5, 0.8)).error(constant(1), 0.05);
    assert!(good.then(theorem).holds(), "{}", good.then(theorem));
    assert!(good.sabotaged(noisier(&by.program(), 1.5), theorem).is_violated());
    assert!(good.with_bound_over(1e6, theorem).is_violated());
}

/// The admissible size of the error goes like the root of the accuracy, as guaranteed.
#[test]
fn rate() {
    let by = way(1.0, 0.1, 200);
    let found = measure(
        &[0.3, 1.0, 3.0, 10.0],
        Asymptote::Small,
        Condition::AtMost(1.0),
        |_| Search::real(1e-2, 1e3),
        |accuracy, c| {
            let at = by.warm(&normal(1, 0.5, 0.8)).error(constant(1), c).instance();
            at.divergence(Divergence::KlReverse).map(|kl| kl.value / accuracy)
        },
    );
    let exponent = PATH_KL_EULER.exponents.iter().find(|e| e.of == "epsilon" && e.in_ == "accuracy").unwrap();
    let stated = f64::from(exponent.power.0) / f64::from(exponent.power.1);
    assert_eq!(found.compare(stated, Better::Larger, 0.01).word(), "matches", "{found:?}");
}
