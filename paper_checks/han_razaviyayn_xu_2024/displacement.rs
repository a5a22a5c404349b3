//! HRX-14b. See `displacement.md`.

use crate::lessons::*;
use crate::support::*;
use proptest::prelude::*;
use scorebound::bounds::han_razaviyayn_xu_2024::DISPLACEMENT;
use scorebound::scores::learned::{Learner, Network, Precision, Regime, Start, Training, TrainingSettings};

#[test]
fn restated_independently() {
    for (data, regime, steps) in
        [(two(), Regime::Network, 1), (two(), Regime::Linearised, 30), (triangle(), Regime::Network, 12)]
    {
        let at = network(data, 128, Start::Independent, regime, steps);
        let (claim, lesson) = (at.then(&DISPLACEMENT), at.lesson());
        assert!(claim.holds(), "{claim}");
        let train = lesson.train();
        let (n, d) = (train.len() as f64, train.clean.ncols());
        let (seed, repetition) = at.task.draw;
        let drawn = Network::draw(train.inputs.nrows(), d, 128, Start::Independent, seed, repetition).unwrap();
        let settings = TrainingSettings { step: lesson.step(), precision: Precision::Double, regime };
        let mut run = Training::new(drawn.clone(), &train.inputs, train.clean.clone(), settings).unwrap();
        let mut sum = 0.0;
        for _ in 0..steps {
            sum += run.residual().norm();
            run.advance().unwrap();
        }
        let longest = train.inputs.column_iter().map(|z| z.norm()).fold(0.0, f64::max);
        assert_close(claim.bound(), lesson.step() * (n * d as f64).sqrt() * longest * sum);
        let moved = run.network().weights() - drawn.weights();
        let farthest = moved.column_iter().map(|w| w.norm()).fold(0.0, f64::max);
        assert_close(claim.measured(), 128f64.sqrt() * farthest);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn holds_where_it_should(samples in 2..40usize, steps in 1..100u64, width in 64..400usize, plane in any::<bool>(), repetition in 0..1000u64) {
        let data = if plane { triangle() } else { atoms() };
        let at = network(data, 2 * width, Start::Antisymmetric, Regime::Network, steps).samples(samples);
        let claim = at.repetition(repetition).then(&DISPLACEMENT);
        prop_assert!(claim.holds() || claim.failed() == Some("training does not diverge"), "{claim}");
    }
}

#[test]
fn fails_when_a_hypothesis_is_dropped() {
    assert!(network(two(), 128, Start::Antisymmetric, Regime::Network, 10).then(&DISPLACEMENT).holds());
    assert_eq!(law(two()).then(&DISPLACEMENT).failed(), Some("the score is learned on the spot"));
    let still = network(two(), 128, Start::Antisymmetric, Regime::Network, 0).then(&DISPLACEMENT);
    assert_eq!(still.failed(), Some("training stops, after at least one step"));
    let of_kernel = kernel(two(), 10).then(&DISPLACEMENT);
    assert_eq!(of_kernel.failed(), Some("what learns is a network, or its linearisation"));
    assert_eq!(diverging().then(&DISPLACEMENT).failed(), Some("training does not diverge"));
    let mut single = network(two(), 128, Start::Antisymmetric, Regime::Network, 10);
    if let Learner::Network { precision, .. } = &mut single.task.learner {
        *precision = Precision::Single;
    }
    assert_eq!(single.then(&DISPLACEMENT).failed(), Some("training is in double precision"));
}

/// Of one sample on the line both sides are the same number: rounding tells neither from the other, at any width.
#[test]
fn equality_is_not_a_violation() {
    for width in [64, 4096, 65536] {
        let claim = network(two(), width, Start::Antisymmetric, Regime::Network, 3).samples(1).then(&DISPLACEMENT);
        assert!(claim.holds() || claim.judgement.verdict.word() == "UNDECIDED", "{width}: {claim}");
    }
}

#[test]
fn can_be_violated() {
    let good = network(two(), 128, Start::Antisymmetric, Regime::Network, 10);
    assert!(good.then(&DISPLACEMENT).holds());
    assert!(good.with_bound_over(1e6, &DISPLACEMENT).is_violated());
    // What one step can do does not do for many.
    let [one, many] = [1, 100].map(|k| network(two(), 512, Start::Antisymmetric, Regime::Network, k).samples(3));
    assert!(many.then(&DISPLACEMENT).holds());
    assert!(one.against(&many, 1.0, &DISPLACEMENT).is_violated());
}

/// In the scale of `m^{-1/2}` the displacement does not depend on the width.
#[test]
fn rate() {
    let of = |m: usize| {
        let claim = network(two(), m, Start::Antisymmetric, Regime::Network, 10).then(&DISPLACEMENT);
        assert!(claim.holds(), "{claim}");
        (m as f64, claim.bound().mid())
    };
    let found: Vec<(f64, f64)> = [512, 2048, 8192, 32768].map(of).into();
    assert!(slope(found[0], found[3]).abs() < 0.05, "{found:?}");
}
