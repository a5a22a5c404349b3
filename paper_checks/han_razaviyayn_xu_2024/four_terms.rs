//! HRX-15a. See `four_terms.md`.

use crate::lessons::*;
use crate::support::*;
use proptest::prelude::*;
use scorebound::bounds::han_razaviyayn_xu_2024::FOUR_TERMS;
use scorebound::scores::learned::{
    Learner, Network, Norm, Part, Precision, Regime, Start, Stop, Training, TrainingSettings,
};

#[test]
fn restated_independently() {
    for (data, steps) in [(two(), 3), (two(), 40), (triangle(), 15)] {
        let at = kernel(data, steps);
        let (claim, lesson) = (at.then(&FOUR_TERMS), at.lesson());
        assert!(claim.holds(), "{claim}");
        let (train, test) = (lesson.train(), &lesson.test().regression);
        let (_, element, element_at_test) = lesson.element();
        let f = walked(&lesson, &train.clean, steps).1;
        let of_element = walked(&lesson, &(element + &train.clean - &train.regression), steps).1;
        let parts = [rms(&f, &of_element), rms(&of_element, element_at_test), rms(element_at_test, test)];
        for (name, part) in ["mismatch-target", "early-stopping", "approximation"].into_iter().zip(parts) {
            assert!((claim.term(name) / part - 1.0).abs() < 1e-8, "{name} {part}: {claim}");
        }
        assert_close_to(claim.bound(), parts.iter().sum(), 1e-8);
        assert_close_to(claim.measured(), rms(&projected(&f, at.task.data.radius()), test), 1e-8);
        assert_eq!((claim.term("coupling"), claim.term("start")), (0.0, 0.0));
    }
    // A network has both of the others.
    let at = network(two(), 64, Start::Independent, Regime::Network, 20);
    let (claim, lesson) = (at.then(&FOUR_TERMS), at.lesson());
    let size = |part| lesson.distance(part, Norm::Regression).unwrap();
    assert!(claim.holds() && claim.term("start") > 0.0 && claim.term("coupling") > 0.0, "{claim}");
    let (train, test) = (lesson.train(), lesson.test());
    let (seed, repetition) = at.task.draw;
    let drawn = Network::draw(train.inputs.nrows(), 1, 64, Start::Independent, seed, repetition).unwrap();
    let settings = TrainingSettings { step: lesson.step(), precision: Precision::Double, regime: Regime::Network };
    let mut run = Training::new(drawn.clone(), &train.inputs, train.clean.clone(), settings).unwrap();
    (0..20).for_each(|_| run.advance().unwrap());
    // Kernel descent from where the network starts.
    let from_start = walked(&lesson, &(&train.clean - drawn.eval(&train.inputs)), 20).1 + drawn.eval(&test.inputs);
    let from_0 = walked(&lesson, &train.clean, 20).1;
    for (name, by_hand) in
        [("coupling", rms(&run.eval(&test.inputs), &from_start)), ("start", rms(&from_start, &from_0))]
    {
        assert!((claim.term(name) / by_hand - 1.0).abs() < 1e-8, "{name} {by_hand}: {claim}");
    }
    let total = rms(&projected(&run.eval(&test.inputs), at.task.data.radius()), &test.regression);
    assert_close_to(claim.measured(), total, 1e-8);
    let all = [Part::Coupling, Part::Start, Part::MismatchTarget, Part::EarlyStopping, Part::Approximation];
    assert_close(claim.bound(), all.into_iter().map(size).sum());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn holds_where_it_should(samples in 5..50usize, steps in 1..200u64, plane in any::<bool>(), what in 0..3u8, repetition in 0..1000u64) {
        let data = if plane { triangle() } else { two() };
        let at = match what {
            0 => kernel(data, 10 * steps),
            1 => taught(data, Learner::Kernel, Stop::RegressionOracle(1.0)),
            _ => network(data, 512, Start::Independent, Regime::Network, steps.min(30)),
        };
        let claim = at.samples(samples).repetition(repetition).then(&FOUR_TERMS);
        prop_assert!(claim.holds() || claim.failed() == Some("training does not diverge"), "{claim}");
    }
}

#[test]
fn fails_when_a_hypothesis_is_dropped() {
    assert!(kernel(two(), 10).then(&FOUR_TERMS).holds());
    assert_eq!(law(two()).then(&FOUR_TERMS).failed(), Some("the score is learned on the spot"));
    let stops = "training stops, after at least one step";
    assert_eq!(kernel(two(), 0).then(&FOUR_TERMS).failed(), Some(stops));
    // A single atom has no noise: the rule of the critical radius never stops.
    let sure = taught(points(&[1.0], &[0.7]), Learner::Kernel, Stop::CriticalRadius(1.0));
    assert_eq!(sure.then(&FOUR_TERMS).failed(), Some(stops));
    assert_eq!(diverging().then(&FOUR_TERMS).failed(), Some("training does not diverge"));
}

#[test]
fn can_be_violated() {
    let good = kernel(two(), 30);
    assert!(good.then(&FOUR_TERMS).holds());
    assert!(good.with_bound_over(1e6, &FOUR_TERMS).is_violated());
    // Without what early stopping costs the sum is too small.
    let claim = good.then(&FOUR_TERMS);
    let others = claim.bound().hi() - claim.term("early-stopping");
    assert!(claim.measured().lo() > others, "{claim}");
}

/// The coupling term is what depends on the width, and goes down with it.
#[test]
fn rate() {
    let mean = |width: usize| -> f64 {
        let coupling = |repetition: u64| {
            let learner = Learner::Network {
                width,
                start: Start::Antisymmetric,
                precision: Precision::Double,
                regime: Regime::Network,
            };
            let lesson = taught(two(), learner, Stop::Steps(10)).repetition(repetition).lesson();
            lesson.squares(Part::Coupling).unwrap().mean()
        };
        ((0..12).map(coupling).sum::<f64>() / 12.0).sqrt()
    };
    let found: Vec<(f64, f64)> = [128, 512, 2048, 8192].map(|m: usize| (m as f64, mean(m))).to_vec();
    // Fluctuations of the kernel m^{-1/2}, kinks m^{-3/4}.
    let whole = slope(found[0], found[3]);
    assert!((-0.85..-0.35).contains(&whole), "{whole}: {found:?}");
}
