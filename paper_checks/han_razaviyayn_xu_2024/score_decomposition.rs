//! HRX-15c. See `score_decomposition.md`.

use crate::lessons::*;
use crate::support::*;
use proptest::prelude::*;
use scorebound::bounds::han_razaviyayn_xu_2024::SCORE_DECOMPOSITION;
use scorebound::processes::Process;
use scorebound::scores::learned::{Asked, Design, Norm, Part, Regime, TimeMeasure};

/// `(1.9/M) sum_z a^2 |f - g|^2` over the test points.
fn of_score(
    lesson: &scorebound::scores::learned::Lesson,
    a: &nalgebra::DMatrix<f64>,
    b: &nalgebra::DMatrix<f64>,
) -> f64 {
    let gain = |t: f64| (-t).exp() / -(-2.0 * t).exp_m1();
    let squares = lesson.test().times.iter().zip((a - b).row_iter().map(|row| row.norm_squared()).collect::<Vec<_>>());
    (1.9 * squares.map(|(t, square)| gain(*t).powi(2) * square).sum::<f64>() / lesson.test().len() as f64).sqrt()
}

#[test]
fn restated_independently() {
    for (data, steps) in [(two(), 5), (two(), 60), (triangle(), 20)] {
        let at = kernel(data, steps).design(TimeMeasure::UniformSnr, true);
        let (claim, lesson) = (at.then(&SCORE_DECOMPOSITION), at.lesson());
        assert!(claim.holds(), "{claim}");
        let (train, test) = (lesson.train(), &lesson.test().regression);
        let (_, element, element_at_test) = lesson.element();
        let f = walked(&lesson, &train.clean, steps).1;
        let of_element = walked(&lesson, &(element + &train.clean - &train.regression), steps).1;
        let of_target = walked(&lesson, &train.regression, steps).1;
        let size = |a, b| of_score(&lesson, a, b);
        let four = size(&f, &of_element) + size(&of_element, element_at_test) + size(element_at_test, test);
        let direct = size(&f, &of_target) + size(&of_target, test);
        assert_close_to(claim.bound(), four.min(direct), 1e-8);
        for (name, sum) in [("four terms", four), ("bias and noise", direct)] {
            assert!((claim.term(name) / sum - 1.0).abs() < 1e-8, "{name} {sum}: {claim}");
        }
        let total = size(&projected(&f, at.task.data.radius()), test);
        assert_close_to(claim.measured(), total, 1e-8);
        // Its square is the path KL, which a lesson estimates at points of its own: four standard errors of either, a false alarm in 10,000.
        let path = lesson.answer(Asked::PathKl).unwrap().value;
        let gains = lesson.test().times.iter().map(|t| 1.9 * ((-t).exp() / -(-2.0 * t).exp_m1()).powi(2));
        let apart = projected(&f, at.task.data.radius()) - test;
        let each: Vec<f64> = gains.zip(apart.row_iter()).map(|(gain, row)| gain * row.norm_squared()).collect();
        let n = each.len() as f64;
        let error = (each.iter().map(|x| (x - total * total).powi(2)).sum::<f64>() / n / (n - 1.0)).sqrt();
        assert!((total * total - path.mid()).abs() < 4.0 * error + path.width(), "{total} {error} {path}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn holds_where_it_should(at in kernels_and_networks(Regime::Network)) {
        let claim = at.then(&SCORE_DECOMPOSITION);
        prop_assert!(claim.holds() || claim.failed() == Some("training does not diverge"), "{claim}");
    }
}

#[test]
fn fails_when_a_hypothesis_is_dropped() {
    assert!(kernel(two(), 10).then(&SCORE_DECOMPOSITION).holds());
    assert_eq!(law(two()).then(&SCORE_DECOMPOSITION).failed(), Some("the score is learned on the spot"));
    assert_eq!(kernel(two(), 0).then(&SCORE_DECOMPOSITION).failed(), Some("training stops, after at least one step"));
    assert_eq!(diverging().then(&SCORE_DECOMPOSITION).failed(), Some("training does not diverge"));
    let mut once = kernel(two(), 10);
    once.task.design = Design::new(Process::Ou, (0.5, 0.5), TimeMeasure::UniformTime, true).unwrap();
    assert_eq!(once.then(&SCORE_DECOMPOSITION).failed(), Some("the training times fill an interval, T_0 < T"));
}

#[test]
fn can_be_violated() {
    let good = kernel(two(), 30);
    assert!(good.then(&SCORE_DECOMPOSITION).holds());
    assert!(good.with_bound_over(1e6, &SCORE_DECOMPOSITION).is_violated());
    let (best, worst) = (kernel(two(), 10).samples(400), kernel(two(), 100_000).samples(10));
    assert!(best.against(&worst, 1.0, &SCORE_DECOMPOSITION).is_violated());
    // The weights count: the norm of the regression function is no norm of the score.
    let lesson = good.lesson();
    let claim = good.then(&SCORE_DECOMPOSITION);
    let sum = lesson.distance(Part::MismatchNoise, Norm::Regression).unwrap()
        + lesson.distance(Part::Bias, Norm::Regression).unwrap();
    assert!(claim.measured().lo() > sum, "{claim} {sum}");
}

/// What the noise adds to the score grows with the number of steps.
#[test]
fn rate() {
    let found: Vec<Claim> = [4, 40, 400, 4000].map(|steps| kernel(two(), steps).then(&SCORE_DECOMPOSITION)).into();
    for pair in found.windows(2) {
        assert!(pair[1].term("bias") < pair[0].term("bias"), "{} {}", pair[0], pair[1]);
        assert!(pair[1].term("mismatch-noise") > pair[0].term("mismatch-noise"), "{} {}", pair[0], pair[1]);
    }
}
