//! HRX-14a. See `tangent_coupling.md`.

use crate::lessons::*;
use crate::support::*;
use proptest::prelude::*;
use scorebound::bounds::han_razaviyayn_xu_2024::TANGENT_COUPLING;
use scorebound::scores::learned::{
    Network, Precision, Regime, Start, Training, TrainingSettings, operator_norm, tangent_kernel,
};

#[test]
fn restated_independently() {
    for (data, start, steps) in
        [(two(), Start::Antisymmetric, 1), (two(), Start::Independent, 30), (triangle(), Start::Antisymmetric, 12)]
    {
        let at = network(data, 512, start, Regime::Linearised, steps);
        let (claim, lesson) = (at.then(&TANGENT_COUPLING), at.lesson());
        assert!(claim.holds(), "{claim}");
        let train = lesson.train();
        let (p, d) = (train.inputs.nrows(), train.clean.ncols());
        let (seed, repetition) = at.task.draw;
        let drawn = Network::draw(p, d, 512, start, seed, repetition).unwrap();
        let first = &train.clean - drawn.eval(&train.inputs);
        // The linearised network is trained itself; the kernel descends step by step.
        let settings =
            TrainingSettings { step: lesson.step(), precision: Precision::Double, regime: Regime::Linearised };
        let mut run = Training::new(drawn.clone(), &train.inputs, train.clean.clone(), settings).unwrap();
        run.advance_to(steps, &mut |_, _| {}).unwrap();
        let residuals = walked(&lesson, &first, steps).0;
        // Training knows f - y.
        let gap = (run.residual() + residuals.last().unwrap()).norm();
        assert_close_to(claim.measured(), gap, 1e-8);
        let limit = kernel_between(&train.inputs, &train.inputs);
        let mut apart = tangent_kernel(&drawn, &train.inputs, &train.inputs).unwrap();
        let n = train.len();
        (0..d).for_each(|i| {
            let mut block = apart.view_mut((i * n, i * n), (n, n));
            block -= &limit;
        });
        let sum: f64 = residuals[..steps as usize].iter().map(|r| r.norm()).sum();
        assert_close_to(claim.bound(), lesson.step() * operator_norm(&apart) * sum, 1e-8);
        assert!(claim.term("without the path") >= claim.bound().lo(), "{claim}");
        assert!(claim.term("|K - H|_op") <= claim.term("|K - H|_F"), "{claim}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn holds_where_it_should(samples in 2..40usize, steps in 1..300u64, width in 16..600usize, plane in any::<bool>(), repetition in 0..1000u64) {
        let data = if plane { triangle() } else { atoms() };
        let at = network(data, 2 * width, Start::Antisymmetric, Regime::Network, steps).samples(samples);
        let claim = at.repetition(repetition).then(&TANGENT_COUPLING);
        let long = claim.failed() == Some("eta <= 2/(largest eigenvalue of the tangent kernel)");
        prop_assert!(claim.holds() || long && width < 40, "{claim}");
    }
}

#[test]
fn fails_when_a_hypothesis_is_dropped() {
    let good = network(two(), 256, Start::Antisymmetric, Regime::Network, 10);
    assert!(good.then(&TANGENT_COUPLING).holds());
    assert_eq!(law(two()).then(&TANGENT_COUPLING).failed(), Some("the score is learned on the spot"));
    let stops = "training stops, after at least one step";
    assert_eq!(
        network(two(), 256, Start::Antisymmetric, Regime::Network, 0).then(&TANGENT_COUPLING).failed(),
        Some(stops)
    );
    assert_eq!(
        kernel(two(), 10).then(&TANGENT_COUPLING).failed(),
        Some("what learns is a network, or its linearisation")
    );
    let long = "eta <= 2/(largest eigenvalue of the tangent kernel)";
    let narrow = |r| network(two(), 2, Start::Antisymmetric, Regime::Network, 10).repetition(r).then(&TANGENT_COUPLING);
    assert!((0..200).map(narrow).any(|claim| claim.failed() == Some(long)));
}

#[test]
fn can_be_violated() {
    let good = network(two(), 256, Start::Antisymmetric, Regime::Network, 10);
    assert!(good.then(&TANGENT_COUPLING).holds());
    assert!(good.with_bound_over(1e6, &TANGENT_COUPLING).is_violated());
    // A wide network's bound is not that of a narrow one.
    let narrow = network(two(), 32, Start::Antisymmetric, Regime::Network, 10);
    let wide = network(two(), 65536, Start::Antisymmetric, Regime::Network, 10);
    assert!(wide.against(&narrow, 1.0, &TANGENT_COUPLING).is_violated());
}

/// Both sides go down like the root of the width, on average over networks.
#[test]
fn rate() {
    let mean = |width: usize| -> [f64; 2] {
        let one = |r: u64| {
            let claim = network(two(), width, Start::Antisymmetric, Regime::Network, 8)
                .samples(15)
                .repetition(r)
                .then(&TANGENT_COUPLING);
            assert!(claim.holds(), "{claim}");
            [claim.measured().mid(), claim.bound().mid()].map(|x| x * x)
        };
        let all: Vec<[f64; 2]> = (0..40).map(one).collect();
        [0, 1].map(|i| (all.iter().map(|x| x[i]).sum::<f64>() / 40.0).sqrt())
    };
    let found: Vec<(f64, [f64; 2])> = [256, 1024, 4096, 16384].map(|m: usize| (m as f64, mean(m))).to_vec();
    for side in [0, 1] {
        let whole = slope((found[0].0, found[0].1[side]), (found[3].0, found[3].1[side]));
        assert!((whole + 0.5).abs() < 0.12, "{whole}: {found:?}");
    }
}
