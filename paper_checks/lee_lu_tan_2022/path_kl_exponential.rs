//! LLT-12a. See `path_kl_exponential.md`.

use crate::reverse::*;
use crate::support::*;
use proptest::prelude::*;
use scorebound::bounds::lee_lu_tan_2022::{PATH_KL_CHAIN_RULE, PATH_KL_EXPONENTIAL};
use scorebound::samplers::Scheme;

fn way(horizon: f64, early: f64, steps: u64) -> Reverse {
    ou(Scheme::Exponential, horizon, early, steps)
}

#[test]
fn restated_independently() {
    restates_the_path(way, &PATH_KL_EXPONENTIAL, [0.351_421_620_911_788_25, 0.305_615_593_224_716_7], shrunk);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn holds_where_it_should(p in gaussians(1..=8, 8.0), horizon in 0.5..3.0f64, early in 0.0..0.3f64, n in 1..20u64, c in 1e-3..1.0f64) {
        let found = holds_along(&way(horizon, early, n), &p, c, (&PATH_KL_EXPONENTIAL, &PATH_KL_CHAIN_RULE));
        prop_assert!(found.is_ok(), "{found:?}");
    }
}

#[test]
fn fails_when_a_hypothesis_is_dropped() {
    let by = way(1.0, 0.1, 4);
    // Among them: "delta > 0, or p has a density", "E|x|^2 < inf; H and J of p are known at every level",
    // "E_{p_k} |e_k|^2 < inf at every level", "KL(p_T | q_0) < inf".
    drops_what_is_shared(&by, &PATH_KL_EXPONENTIAL);
    let others = [ou(Scheme::EulerMaruyama, 1.0, 0.1, 4).program()];
    is_no_other_sampler(
        &by,
        &PATH_KL_EXPONENTIAL,
        &others,
        "the sampler is the reverse SDE of OU or VP, exponential scheme",
    );
}

#[test]
fn can_be_violated() {
    let by = way(1.0, 0.1, 20);
    let good = by.warm(&normal(1, 0.5, 0.8)).error(constant(1), 0.05);
    is_violated_by_noise(&good, &by, &PATH_KL_EXPONENTIAL);
}

#[test]
fn rate() {
    admits_the_root_of_the_accuracy(&way(1.0, 0.1, 200).warm(&normal(1, 0.5, 0.8)), &PATH_KL_EXPONENTIAL);
}
