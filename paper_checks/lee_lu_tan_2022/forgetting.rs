//! LLT-17. See `forgetting.md`.

use crate::support::*;
use proptest::prelude::*;
use scorebound::bounds::lee_lu_tan_2022::FORGETTING;
use scorebound::processes::{NoiseLevel, Process, TimeGrid};
use scorebound::samplers::{CorrectAt, Corrector, Program, Scheme, reverse_sde};

/// The predictor from `t` to `delta` in n steps with a corrector at every level, and the error in predictor step `k` only.
fn at_one_level(t: f64, delta: f64, n: u64, corrected: Option<(f64, u64)>, k: u64) -> (Program, NoiseLevel) {
    let ((program, last), per_step) = match corrected {
        None => (ve_predictor(t, delta, n), 1),
        Some((step, steps)) => {
            let corrector = Corrector { at: CorrectAt::EveryLevel, relative: false, step, steps };
            (ve_corrected(t, delta, n, corrector), 1 + steps)
        }
    };
    (program.confined_to(&[k * per_step]), last)
}

fn situation(variances: &[f64], t: f64, way: (Program, NoiseLevel), b: f64) -> Given {
    let wide: Vec<f64> = variances.iter().map(|v| v + 2.0 * t).collect();
    given(&diagonal(variances)).start(diagonal(&wide)).along(way.0, way.1).error(constant(variances.len()), b)
}

/// The product by hand.
#[test]
fn restated_independently() {
    for (variances, t, delta, n, corrected, k, b) in [
        (vec![1.0], 2.0, 0.1, 30, None, 3, 0.7),
        (vec![0.5, 2.0, 4.0], 3.0, 0.01, 50, Some((0.05, 4)), 20, 1e-3),
        (vec![1.0, 1.0], 1.0, 0.2, 10, Some((0.3, 1)), 9, -2.0),
    ] {
        let claim = situation(&variances, t, at_one_level(t, delta, n, corrected, k), b).then(&FORGETTING);
        let h = (t - delta) / n as f64;
        let mut square = 0.0;
        for s in &variances {
            let mut shift = 2.0 * h * b / (variances.len() as f64).sqrt();
            for j in k..n {
                let (from, to) = (t - j as f64 * h, t - (j + 1) as f64 * h);
                if j > k {
                    shift *= 1.0 - 2.0 * h / (s + 2.0 * from);
                }
                if let Some((step, steps)) = corrected {
                    shift *= (1.0 - step / (s + 2.0 * to)).powi(steps as i32);
                }
            }
            square += shift * shift;
        }
        assert!(claim.holds(), "{claim}");
        assert_close_to(claim.bound(), square.sqrt(), 1e-11);
        assert_close_to(claim.measured(), square.sqrt(), 1e-11);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn holds_where_it_should(
        variances in prop::collection::vec(0.1..4.0f64, 1..6), delta in 0.0..0.3f64, span in 0.1..6.0f64, n in 1..60u64,
        part in 0.0..1.0f64, step in 1e-3..0.15f64, steps in 0..20u64, b in 1e-6..10.0f64,
    ) {
        let t = delta + span;
        let k = (part * n as f64) as u64;
        let corrected = (steps > 0).then_some((step, steps));
        let claim = situation(&variances, t, at_one_level(t, delta, n, corrected, k), b).then(&FORGETTING);
        prop_assert!(claim.holds(), "{claim}");
    }
}

#[test]
fn fails_when_a_hypothesis_is_dropped() {
    let theorem = &FORGETTING;
    let way = at_one_level(1.0, 0.1, 10, Some((0.05, 3)), 4);
    let good = situation(&[1.0, 2.0], 1.0, way.clone(), 0.3);
    assert!(good.then(theorem).holds(), "{}", good.then(theorem));
    let sampler = "the sampler takes VE predictor steps, and Langevin steps at levels it passes";
    assert_eq!(good.clone().run(noisier(&way.0, 1.2)).then(theorem).failed(), Some(sampler));
    assert_eq!(good.clone().along(lmc(0.01, 3), NoiseLevel::DATA).then(theorem).failed(), Some(sampler));
    let ou = reverse_sde(&Process::Ou, Scheme::EulerMaruyama, &TimeGrid::uniform(1.0, 0.1, 5).unwrap());
    assert_eq!(good.clone().along(ou, Process::Ou.level(0.1)).then(theorem).failed(), Some(sampler));
    let mixture = given(&two_modes()).start(normal(1, 0.0, 3.0)).along(way.0.clone(), way.1).error(constant(1), 0.3);
    assert_eq!(mixture.then(theorem).failed(), Some("p = N(m, S) with S diagonal"));
    let constant_error = "e(x) = b u does not depend on x";
    assert_eq!(good.clone().error(affine(2, 0.3), 0.1).then(theorem).failed(), Some(constant_error));
    let exact = given(&normal(1, 0.0, 1.0)).start(normal(1, 0.0, 3.0)).along(way.0.clone(), way.1);
    assert_eq!(exact.then(theorem).failed(), Some(constant_error));
    let once = "one predictor step sees the error, and no other step does";
    let everywhere =
        ve_corrected(1.0, 0.1, 10, Corrector { at: CorrectAt::EveryLevel, relative: false, step: 0.05, steps: 3 });
    for listed in [&[][..], &[4, 8], &[5]] {
        let confined = everywhere.0.confined_to(listed);
        assert_eq!(good.clone().run(confined).then(theorem).failed(), Some(once), "{listed:?}");
    }
    assert_eq!(good.clone().run(everywhere.0).then(theorem).failed(), Some(once));
}

/// An identity is contradicted by any other sampler: a corrector of another length, the error one step later.
#[test]
fn can_be_violated() {
    let theorem = &FORGETTING;
    let good = situation(&[1.0], 1.0, at_one_level(1.0, 0.1, 10, Some((0.05, 3)), 4), 0.3);
    assert!(good.then(theorem).holds(), "{}", good.then(theorem));
    for other in [
        at_one_level(1.0, 0.1, 10, Some((0.05, 4)), 4),
        at_one_level(1.0, 0.1, 10, Some((0.05, 3)), 5),
        at_one_level(1.0, 0.1, 10, Some((0.05 * (1.0 + 1e-8), 3)), 4),
    ] {
        let claim = good.sabotaged(other.0, theorem);
        assert!(claim.is_violated(), "{claim}");
    }
    assert!(good.with_bound_over(1.0 + 1e-8, theorem).is_violated());
}

/// The log-ratio per Langevin step is ln(1 - h_c/C) to 14 digits, also where almost nothing is left.
#[test]
fn rate() {
    for (variance, delta, step) in [(1.0, 0.0, 0.1), (2.0, 0.25, 0.03), (0.5, 0.1, 0.4)] {
        let shift = |steps: u64| {
            let corrected = (steps > 0).then_some((step, steps));
            // One level after the error, at which the corrector runs.
            let way = at_one_level(delta + 0.2, delta, 1, corrected, 0);
            let claim = situation(&[variance], delta + 0.2, way, 0.7).then(&FORGETTING);
            assert!(claim.holds(), "{claim}");
            claim.measured().mid()
        };
        // The level's variance is the square of a rounded standard deviation.
        let sigma = Process::Ve.level(delta).sigma;
        let stated = (-step / (variance + sigma * sigma)).ln_1p();
        for steps in [100, 400] {
            let found = (shift(steps) / shift(0)).ln() / steps as f64;
            assert!((found / stated - 1.0).abs() < 1e-14, "{found} against {stated}");
        }
    }
}
