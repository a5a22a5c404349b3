//! HRX-14a-test. See `tangent_coupling_elsewhere.md`.

use crate::lessons::*;
use crate::support::*;
use proptest::prelude::*;
use scorebound::bounds::han_razaviyayn_xu_2024::TANGENT_COUPLING_ELSEWHERE;
use scorebound::scores::learned::{Network, Norm, Part, Regime, Start, coupled, tangent_kernel};

#[test]
fn restated_independently() {
    for (data, start, steps) in
        [(two(), Start::Antisymmetric, 1), (two(), Start::Independent, 30), (triangle(), Start::Antisymmetric, 12)]
    {
        let at = network(data, 512, start, Regime::Linearised, steps);
        let (claim, lesson) = (at.then(&TANGENT_COUPLING_ELSEWHERE), at.lesson());
        assert!(claim.holds(), "{claim}");
        // What a lesson calls coupling, of a linearised network.
        assert_close_to(claim.measured(), lesson.distance(Part::Coupling, Norm::Regression).unwrap(), 1e-7);
        // The bound, point by point.
        let (train, test) = (lesson.train(), lesson.test());
        let (p, d, m) = (train.inputs.nrows(), train.clean.ncols(), test.len());
        let (seed, repetition) = at.task.draw;
        let drawn = Network::draw(p, d, 512, start, seed, repetition).unwrap();
        let kernel = tangent_kernel(&drawn, &train.inputs, &train.inputs).unwrap();
        let first = &train.clean - drawn.eval(&train.inputs);
        let gram = kernel_between(&train.inputs, &train.inputs);
        let all = coupled(&kernel, &gram, &first, lesson.step(), &[steps]).unwrap().swap_remove(0);
        let cross = tangent_kernel(&drawn, &test.inputs, &train.inputs).unwrap();
        let limit = kernel_between(&test.inputs, &train.inputs);
        let n = train.len();
        let (mut square, mut pointwise) = (0.0, true);
        let moved = all.moved(&cross, &limit).unwrap();
        for a in 0..m {
            for i in 0..d {
                let mut away = cross.row(i * m + a).into_owned();
                (0..n).for_each(|b| away[i * n + b] -= limit[(a, b)]);
                let each = lesson.step() * (away.norm() * all.linear_sum + limit.row(a).norm() * all.gap_sum);
                pointwise &= (moved[0][(a, i)] - moved[1][(a, i)]).abs() <= each;
                square += each * each / m as f64;
            }
        }
        assert!(pointwise);
        assert_close_to(claim.bound(), square.sqrt(), 1e-8);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn holds_where_it_should(samples in 2..40usize, steps in 1..300u64, width in 8..600usize, plane in any::<bool>(), repetition in 0..1000u64) {
        let data = if plane { triangle() } else { atoms() };
        let at = network(data, 2 * width, Start::Antisymmetric, Regime::Network, steps).samples(samples);
        let claim = at.repetition(repetition).then(&TANGENT_COUPLING_ELSEWHERE);
        prop_assert!(claim.holds(), "{claim}");
    }
}

#[test]
fn fails_when_a_hypothesis_is_dropped() {
    let good = network(two(), 256, Start::Antisymmetric, Regime::Network, 10);
    assert!(good.then(&TANGENT_COUPLING_ELSEWHERE).holds());
    assert_eq!(law(two()).then(&TANGENT_COUPLING_ELSEWHERE).failed(), Some("the score is learned on the spot"));
    let still = network(two(), 256, Start::Antisymmetric, Regime::Network, 0);
    assert_eq!(still.then(&TANGENT_COUPLING_ELSEWHERE).failed(), Some("training stops, after at least one step"));
    let of_kernel = kernel(two(), 10).then(&TANGENT_COUPLING_ELSEWHERE);
    assert_eq!(of_kernel.failed(), Some("what learns is a network, or its linearisation"));
}

#[test]
fn can_be_violated() {
    let good = network(two(), 256, Start::Antisymmetric, Regime::Network, 10);
    assert!(good.then(&TANGENT_COUPLING_ELSEWHERE).holds());
    assert!(good.with_bound_over(1e6, &TANGENT_COUPLING_ELSEWHERE).is_violated());
    let narrow = network(two(), 4, Start::Antisymmetric, Regime::Network, 10);
    let wide = network(two(), 262_144, Start::Antisymmetric, Regime::Network, 10);
    assert!(wide.against(&narrow, 1.0, &TANGENT_COUPLING_ELSEWHERE).is_violated());
}

/// The bound goes down like the root of the width, on average over networks.
#[test]
fn rate() {
    let mean = |width: usize| -> f64 {
        let one = |r: u64| {
            let at = network(two(), width, Start::Antisymmetric, Regime::Network, 8).samples(15).repetition(r);
            at.then(&TANGENT_COUPLING_ELSEWHERE).bound().mid().powi(2)
        };
        ((0..40).map(one).sum::<f64>() / 40.0).sqrt()
    };
    let found: Vec<(f64, f64)> = [256, 1024, 4096, 16384].map(|m: usize| (m as f64, mean(m))).to_vec();
    let whole = slope(found[0], found[3]);
    assert!((whole + 0.5).abs() < 0.12, "{whole}: {found:?}");
}
