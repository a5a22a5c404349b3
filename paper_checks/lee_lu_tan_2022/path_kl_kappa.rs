//! LLT-15. See `path_kl_kappa.md`.

use crate::reverse::*;
use crate::support::*;
use proptest::prelude::*;
use scorebound::bounds::lee_lu_tan_2022::PATH_KL_KAPPA;
use scorebound::processes::{Process, TimeGrid};
use scorebound::samplers::{Scheme, reverse_sde};
use scorebound::targets::Density;
use scorebound::verdicts::{Asymptote, Better, Condition, Search, rate as measure};

/// Steps `h_k = kappa min(1, tau_{k+1})` from T to delta, started at N(0, I).
fn shrinking(p: &Density, horizon: f64, early: f64, kappa: f64) -> Given {
    let grid = TimeGrid::kappa(horizon, early, kappa).unwrap();
    let program = reverse_sde(&Process::Ou, Scheme::ExponentialMinus, &grid);
    let d = scorebound::targets::Target::dim(p);
    given(p).along(program, Process::Ou.level(early)).start(normal(d, 0.0, 1.0))
}

#[test]
fn restated_independently() {
    // Uniform steps: kappa = h/delta, as delta < 1 is the time after the last step.
    for (d, m, v, horizon, early, n) in [(1, 0.7, 0.3, 2.0, 0.05, 8), (3, -0.4, 2.5, 1.5, 0.3, 20)] {
        let by = ou(Scheme::ExponentialMinus, horizon, early, n);
        let claim = by.on(&normal(d, m, v)).then(&PATH_KL_KAPPA);
        let dim = d as f64;
        let kappa = (horizon - early) / n as f64 / early;
        let second = dim * (m * m + v);
        let noise = -(-2.0 * early).exp_m1();
        assert_close(claim.bound(), kappa * (1.157 * dim - 0.5 * dim * noise.ln() + 1.5 * second));
        let at = |tau: f64| ((-tau).exp() * m, (-2.0 * tau).exp() * (v - 1.0) + 1.0);
        let kl = |(m, v): (f64, f64)| 0.5 * dim * (m * m + v - 1.0 - v.ln());
        let (m_end, v_end) = at(early);
        let relative = dim * (m_end * m_end + (v_end - 1.0).powi(2) / v_end);
        let intermediate = kappa * (early * relative + kl(at(early)) - kl(at(1.0)));
        assert!((claim.term("intermediate") - intermediate).abs() < 1e-11 * intermediate, "{claim} {intermediate}");
        // The left-hand side: the path-KL of the exact score.
        let by_hand = dim * gaussian_path_kl(&by, (m, v), 0.0);
        assert!((claim.measured().mid() - by_hand).abs() < 1e-11 * by_hand, "{claim} {by_hand}");
        assert!(
            claim.measured().hi() <= claim.term("intermediate") && claim.term("intermediate") <= claim.bound().lo()
        );
    }
    // A grid of its own kind has the kappa it was made for, and one mixture of three dimensions is as good as three.
    let claim = shrinking(&two_modes(), 2.0, 0.1, 0.25).then(&PATH_KL_KAPPA);
    assert!((claim.term("kappa") - 0.25).abs() < 1e-12 && claim.holds(), "{claim}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn holds_where_it_should(p in gaussians(1..=8, 8.0), horizon in 1.0..3.0f64, early in 1e-3..0.5f64, kappa in 0.05..1.5f64) {
        let claim = shrinking(&p, horizon, early, kappa).then(&PATH_KL_KAPPA);
        prop_assert!(claim.holds(), "{claim}");
        prop_assert!(claim.measured().hi() <= claim.term("intermediate") * (1.0 + 1e-9), "{claim}");
    }
}

#[test]
fn fails_when_a_hypothesis_is_dropped() {
    let theorem = &PATH_KL_KAPPA;
    let by = ou(Scheme::ExponentialMinus, 1.5, 0.1, 10);
    let good = by.on(&normal(1, 0.5, 0.8));
    assert!(good.then(theorem).holds(), "{}", good.then(theorem));
    let says = Some("the sampler is the reverse SDE of OU or VP, exponential-minus scheme");
    for program in [noisier(&by.program(), 1.2), corrected(&by), ou(Scheme::Exponential, 1.5, 0.1, 10).program()] {
        assert_eq!(good.clone().run(program).then(theorem).failed(), says);
    }
    for (horizon, early) in [(0.9, 0.1), (1.5, 1.2), (1.5, 0.0)] {
        let claim = ou(Scheme::ExponentialMinus, horizon, early, 10).on(&normal(1, 0.5, 0.8)).then(theorem);
        assert_eq!(claim.failed(), Some("T >= 1 > delta > 0"), "{horizon} {early}");
    }
    let unknown = by.on(&three_dimensional()).then(theorem);
    assert!(unknown.leaves_open("E|x|^2 < inf; H and J of p are known at every level"), "{unknown}");
}

/// Longer steps than the bound was made for.
#[test]
fn can_be_violated() {
    let theorem = &PATH_KL_KAPPA;
    let good = shrinking(&normal(1, 0.0, 0.01), 1.5, 1e-3, 0.01);
    assert!(good.then(theorem).holds(), "{}", good.then(theorem));
    let longer = shrinking(&normal(1, 0.0, 0.01), 1.5, 1e-3, 1.5).instance().program.clone();
    assert!(good.sabotaged(longer, theorem).is_violated());
    assert!(good.with_bound_over(1e6, theorem).is_violated());
}

/// The discretisation term is proportional to kappa and to d, as guaranteed.
#[test]
fn rate() {
    let largest = |d: usize, accuracy: f64, kappa: f64| {
        let at = shrinking(&normal(d, 0.5, 0.3), 1.5, 0.05, kappa).instance();
        PATH_KL_KAPPA.about.measured(&at).map(|m| m.value / accuracy)
    };
    for (in_, values, end) in
        [("accuracy", [1e-3, 2e-3, 4e-3, 8e-3], Asymptote::Small), ("dim", [1.0, 2.0, 4.0, 8.0], Asymptote::Large)]
    {
        let found = measure(
            &values,
            end,
            Condition::AtMost(1.0),
            |_| Search { relative: 1e-4, ..Search::real(1e-5, 0.3) },
            |x, kappa| if in_ == "dim" { largest(x as usize, 1e-2, kappa) } else { largest(1, x, kappa) },
        );
        let exponent = PATH_KL_KAPPA.exponents.iter().find(|e| e.of == "kappa" && e.in_ == in_).unwrap();
        assert_eq!(
            found.compare(f64::from(exponent.power.0), Better::Larger, 0.05).word(),
            "matches",
            "{in_} {found:?}"
        );
    }
}
