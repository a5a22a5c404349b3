//! LLT-12b. See `path_kl_exponential_minus.md`.

use crate::reverse::*;
use crate::support::*;
use proptest::prelude::*;
use scorebound::bounds::lee_lu_tan_2022::{PATH_KL_CHAIN_RULE, PATH_KL_EXPONENTIAL_MINUS};
use scorebound::samplers::Scheme;

fn way(horizon: f64, early: f64, steps: u64) -> Reverse {
    ou(Scheme::ExponentialMinus, horizon, early, steps)
}

#[test]
fn restated_independently() {
    restates_the_path(way, &PATH_KL_EXPONENTIAL_MINUS, [0.072_455_507_395_151_94, 0.032_920_846_244_809_23], shrunk);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn holds_where_it_should(p in gaussians(1..=8, 8.0), horizon in 0.5..3.0f64, early in 0.0..0.3f64, n in 1..20u64, c in 1e-3..1.0f64) {
        let found = holds_along(&way(horizon, early, n), &p, c, (&PATH_KL_EXPONENTIAL_MINUS, &PATH_KL_CHAIN_RULE));
        prop_assert!(found.is_ok(), "{found:?}");
    }
}

#[test]
fn fails_when_a_hypothesis_is_dropped() {
    let by = way(1.0, 0.1, 4);
    // Among them: "delta > 0, or p has a density", "E|x|^2 < inf; H and J of p are known at every level",
    // "E_{p_k} |e_k|^2 < inf at every level", "KL(p_T | q_0) < inf".
    drops_what_is_shared(&by, &PATH_KL_EXPONENTIAL_MINUS);
    let others = [ou(Scheme::Exponential, 1.0, 0.1, 4).program()];
    is_no_other_sampler(
        &by,
        &PATH_KL_EXPONENTIAL_MINUS,
        &others,
        "the sampler is the reverse SDE of OU or VP, exponential-minus scheme",
    );
}

#[test]
fn can_be_violated() {
    let by = way(1.0, 0.1, 20);
    let good = by.warm(&normal(1, 0.5, 0.8)).error(constant(1), 0.05);
    is_violated_by_noise(&good, &by, &PATH_KL_EXPONENTIAL_MINUS);
}

#[test]
fn rate() {
    admits_the_root_of_the_accuracy(&way(1.0, 0.1, 200).warm(&normal(1, 0.5, 0.8)), &PATH_KL_EXPONENTIAL_MINUS);
}

/// For N(0, I) and the exact score the path-KL is 0 to rounding, in any dimension.
#[test]
fn nothing_is_lost_on_the_standard_normal() {
    for d in [1, 10, 1000] {
        let claim = way(2.0, 0.01, 50).on(&normal(d, 0.0, 1.0)).then(&PATH_KL_EXPONENTIAL_MINUS);
        assert!(claim.bound().lo() == 0.0 && claim.bound().hi() < 1e-12 * d as f64, "{claim}");
    }
}

/// Where the path-KL is spent: the steps' own terms add up to the sums, none of them is negative, and early steps of a uniform grid
/// cost least.
#[test]
fn steps_add_up() {
    let at = way(3.0, 0.01, 30).warm(&two_modes()).error(constant(1), 0.1).instance();
    let path = at.reverse_path().unwrap();
    let (steps, sums) = (path.step_terms(Scheme::ExponentialMinus), path.terms(Scheme::ExponentialMinus));
    let sum = |of: &dyn Fn(&scorebound::bounds::lee_lu_tan_2022::StepTerms) -> scorebound::numerics::Interval| {
        steps.iter().map(of).sum::<scorebound::numerics::Interval>()
    };
    assert!(sum(&|s| s.error).overlaps(sums.error) && sum(&|s| s.cross).overlaps(sums.cross));
    assert!(sum(&|s| s.discretisation).overlaps(sums.discretisation) && sums.discretisation.width() < 1e-11);
    assert!(steps.iter().all(|s| s.discretisation.lo() >= 0.0));
    assert!(steps[0].discretisation.hi() < steps[29].discretisation.lo());
}
