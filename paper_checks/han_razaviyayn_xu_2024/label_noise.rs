//! HRX-15d. See `label_noise.md`.

use crate::lessons::*;
use crate::support::*;
use nalgebra::{DMatrix, DVector};
use proptest::prelude::*;
use scorebound::bounds::han_razaviyayn_xu_2024::LABEL_NOISE;
use scorebound::scores::learned::{Learner, Stop, TimeMeasure};
use scorebound::targets::{BoxMixture, Data};

/// The posterior probability of the atom at 1 given X_t = x, for equal atoms at -1 and 1.
fn of_one(t: f64, x: f64) -> f64 {
    let (alpha, h) = ((-t).exp(), -(-2.0 * t).exp_m1());
    1.0 / (1.0 + (-2.0 * alpha * x / h).exp())
}

#[test]
fn restated_independently() {
    // All 2^7 sets of labels, each with its probability, and every step made.
    for (steps, measure) in
        [(1, TimeMeasure::UniformTime), (30, TimeMeasure::UniformTime), (8, TimeMeasure::UniformSnr)]
    {
        let at = kernel(two(), steps).samples(7).design(measure, true);
        let (claim, lesson) = (at.then(&LABEL_NOISE), at.lesson());
        assert!(claim.holds(), "{claim}");
        let train = lesson.train();
        let shares: Vec<f64> = (0..7).map(|j| of_one(train.times[j], train.noised[(j, 0)])).collect();
        let mut mean = 0.0;
        for set in 0..128_u32 {
            let up = |j: usize| set >> j & 1 == 1;
            let share: f64 = (0..7).map(|j| if up(j) { shares[j] } else { 1.0 - shares[j] }).product();
            let labels = DMatrix::from_fn(7, 1, |j, _| if up(j) { 1.0 } else { -1.0 });
            mean += share * rms(&walked(&lesson, &labels, steps).1, &lesson.test().regression).powi(2);
        }
        assert_close_to(claim.measured(), mean, 1e-9);
        assert_close_to(claim.bound(), mean, 1e-9);
        let bias = rms(&walked(&lesson, &train.regression, steps).1, &lesson.test().regression).powi(2);
        assert!((claim.term("bias") / bias - 1.0).abs() < 1e-9, "{claim}");
        assert!((claim.term("bias") + claim.term("variance") - claim.bound().mid()).abs() < 1e-9 * mean, "{claim}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn holds_where_it_should(samples in 3..60usize, steps in 1..100_000u64, plane in any::<bool>(), bias in any::<bool>(), repetition in 0..1000u64) {
        let data = if plane { triangle() } else { atoms() };
        let at = kernel(data, steps).samples(samples).repetition(repetition).design(TimeMeasure::UniformTime, bias);
        let claim = at.then(&LABEL_NOISE);
        prop_assert!(claim.holds(), "{claim}");
    }
}

#[test]
fn fails_when_a_hypothesis_is_dropped() {
    assert!(kernel(two(), 10).then(&LABEL_NOISE).holds());
    assert_eq!(law(two()).then(&LABEL_NOISE).failed(), Some("the score is learned on the spot"));
    assert_eq!(kernel(two(), 0).then(&LABEL_NOISE).failed(), Some("training stops, after at least one step"));
    // A Gaussian cut to an interval has no atoms.
    let cut = BoxMixture::new(vec![1.0], vec![DVector::zeros(1)], vec![0.5], 1.0).unwrap();
    let claim = kernel(Data::Box(cut), 10).then(&LABEL_NOISE);
    assert_eq!(claim.failed(), Some("the data are finitely many atoms"));
}

#[test]
fn can_be_violated() {
    let good = kernel(atoms(), 30);
    assert!(good.then(&LABEL_NOISE).holds());
    assert!(good.with_bound_over(1.0 + 1e-8, &LABEL_NOISE).is_violated());
    assert!(good.against(&kernel(atoms(), 31), 1.0, &LABEL_NOISE).is_violated());
    // One variance for all labels is not the exact one: the mean of those of the training set.
    let (claim, lesson) = (good.then(&LABEL_NOISE), good.lesson());
    let train = lesson.train();
    let same = DMatrix::from_element(train.len(), 1, train.variances.mean());
    let risk = scorebound::scores::learned::RiskElsewhere::new(
        lesson.spectrum(),
        lesson.step(),
        (&train.regression, &same),
        (lesson.features(), &lesson.test().regression),
    );
    let total = risk.unwrap().after(30).total();
    assert!(!claim.measured().widen(1e-6 * total).contains(total), "{claim} {total}");
}

/// Until the noise is learned, its part grows with time, and no faster than its square; early bias rules, late the noise.
#[test]
fn rate() {
    let found: Vec<(f64, Claim)> = [4, 40, 400, 4000]
        .map(|steps| (steps as f64, taught(two(), Learner::Kernel, Stop::Steps(steps)).then(&LABEL_NOISE)))
        .into();
    for pair in found.windows(2) {
        let grown = slope((pair[0].0, pair[0].1.term("variance")), (pair[1].0, pair[1].1.term("variance")));
        assert!((0.0..2.0).contains(&grown), "{grown}: {} {}", pair[0].1, pair[1].1);
    }
    assert!(found[3].1.term("variance") > found[3].1.term("bias"));
}
