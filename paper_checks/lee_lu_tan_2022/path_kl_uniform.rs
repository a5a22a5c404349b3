//! LLT-14. See `path_kl_uniform.md`.

use crate::reverse::*;
use crate::support::*;
use proptest::prelude::*;
use scorebound::bounds::lee_lu_tan_2022::{PATH_KL_EXPONENTIAL_MINUS, PATH_KL_UNIFORM};
use scorebound::samplers::Scheme;

fn way(horizon: f64, early: f64, steps: u64) -> Reverse {
    ou(Scheme::ExponentialMinus, horizon, early, steps)
}

#[test]
fn restated_independently() {
    for (d, m, v, horizon, early, n, c) in
        [(1, 0.7, 0.3, 2.0, 0.05, 4, 0.4_f64), (3, -0.4, 2.5, 1.0, 0.0, 7, 0.0), (2, 1.0, 0.5, 3.0, 0.01, 200, 0.2)]
    {
        let by = way(horizon, early, n);
        let claim = by.on(&normal(d, m, v)).error(constant(d), c).then(&PATH_KL_UNIFORM);
        let dim = d as f64;
        let at = |tau: f64| ((-tau).exp() * m, (-2.0 * tau).exp() * (v - 1.0) + 1.0);
        let relative = |tau: f64| {
            let (m, v) = at(tau);
            dim * (m * m + (v - 1.0) * (v - 1.0) / v)
        };
        let (m_end, v_end) = at(early);
        let kl = 0.5 * dim * (m_end * m_end + v_end - 1.0 - v_end.ln());
        let h = (horizon - early) / n as f64;
        let mut by_hand = (-2.0 * (horizon - early)).exp() * kl + h * relative(early);
        for tau in &by.grid().times()[..n as usize] {
            by_hand += h * c * c + h * h * (1.0 + h) * c * relative(*tau).sqrt();
        }
        assert_close(claim.bound(), by_hand);
        let time = horizon - early;
        assert!((claim.term("e^{-2(T-delta)} KL(p_delta | gamma)") - (-2.0 * time).exp() * kl).abs() < 1e-12);
        assert!((claim.term("discretisation") - h * relative(early)).abs() < 1e-11);
        // LLT-12b knows more.
        assert!(
            by.on(&normal(d, m, v)).error(constant(d), c).then(&PATH_KL_EXPONENTIAL_MINUS).bound().hi()
                <= claim.bound().lo()
        );
    }
    // I of the mixture `m8` of the reference values at its own level: J - 2 + M.
    let mixture = scorebound::targets::Mixture::scalar(&[0.4, 0.6], &[-1.5, 1.0], &[0.5, 0.8]).unwrap();
    let claim = way(1.0, 0.0, 10).on(&scorebound::targets::Density::Mixture(mixture)).then(&PATH_KL_UNIFORM);
    let (j, m) = (0.892_155_818_079_922_5, 0.4 * (2.25 + 0.5) + 0.6 * (1.0 + 0.8));
    assert!((claim.term("discretisation") - 0.1 * (j - 2.0 + m)).abs() < 1e-13, "{claim}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn holds_where_it_should(p in gaussians(1..=8, 8.0), horizon in 0.5..3.0f64, early in 0.0..0.3f64, n in 3..30u64, c in 1e-3..1.0f64) {
        let d = scorebound::targets::Target::dim(&p);
        for shape in [constant(d), affine(d, -0.2)] {
            let at = way(horizon, early, n).on(&p).error(shape, c);
            let claim = at.then(&PATH_KL_UNIFORM);
            prop_assert!(claim.holds(), "{claim}");
            let exact = at.then(&PATH_KL_EXPONENTIAL_MINUS).bound();
            prop_assert!(exact.lo() <= claim.bound().hi(), "{exact} above {claim}");
        }
    }
}

#[test]
fn fails_when_a_hypothesis_is_dropped() {
    let theorem = &PATH_KL_UNIFORM;
    // Among them: "delta > 0, or p has a density", "E|x|^2 < inf; H and J of p are known at every level",
    // "E_{p_k} |e_k|^2 < inf at every level". "KL(p_delta | gamma) < inf" holds for every law whose H and E|x|^2 are known: there is
    // nothing to break it with.
    drops_what_is_shared(&way(1.0, 0.1, 4), theorem);
    let by = way(1.0, 0.1, 4);
    let good = by.on(&normal(1, 0.5, 0.8)).error(constant(1), 0.1);
    let says = "the sampler is the reverse SDE of OU or VP, exponential-minus scheme";
    is_no_other_sampler(&by, theorem, &[ou(Scheme::Exponential, 1.0, 0.1, 4).program()], says);
    for start in [normal(1, 0.1, 1.0), normal(1, 0.0, 1.1)] {
        assert_eq!(good.clone().start(start).then(theorem).failed(), Some("q_0 = N(0, I)"));
    }
    assert_eq!(good.clone().start_at_atoms().then(theorem).failed(), Some("q_0 = N(0, I)"));
    let long = way(3.0, 0.1, 2).on(&normal(1, 0.5, 0.8)).then(theorem);
    assert_eq!(long.failed(), Some("h_k = h <= 1 for all k"));
    let mut uneven = by.program();
    uneven.blocks.splice(0..0, way(1.5, 1.0, 1).program().blocks);
    assert_eq!(good.run(uneven).then(theorem).failed(), Some("h_k = h <= 1 for all k"));
}

#[test]
fn can_be_violated() {
    let by = way(3.0, 0.1, 40);
    let good = by.on(&normal(1, 0.5, 0.8)).error(constant(1), 0.05);
    is_violated_by_noise(&good, &by, &PATH_KL_UNIFORM);
}

#[test]
fn rate() {
    admits_the_root_of_the_accuracy(&way(3.0, 0.1, 200).on(&normal(1, 0.0, 1.0)), &PATH_KL_UNIFORM);
}
