//! HRX-11. See `tangent_variance.md`.

use crate::lessons::*;
use crate::support::*;
use proptest::prelude::*;
use scorebound::bounds::han_razaviyayn_xu_2024::TANGENT_VARIANCE;
use scorebound::scores::learned::{
    Network, Regime, Start, TimeMeasure, deviation, gram, kernel_variance, tangent_kernel,
};

/// Inputs (x, t - T_0).
fn in_the_plane(width: usize, start: Start) -> Taught {
    network(two(), width, start, Regime::Network, 1).design(TimeMeasure::UniformTime, false)
}

#[test]
fn restated_independently() {
    for (start, independent) in [(Start::Independent, 64.0), (Start::Antisymmetric, 32.0)] {
        let at = in_the_plane(64, start).samples(12);
        let (claim, lesson) = (at.then(&TANGENT_VARIANCE), at.lesson());
        assert!(claim.holds(), "{claim}");
        let inputs = &lesson.train().inputs;
        let mut sum = 0.0;
        for a in inputs.column_iter() {
            for b in inputs.column_iter() {
                let g = a.dot(&b);
                let angle = (a[0] * b[1] - a[1] * b[0]).abs().atan2(g);
                let q = (std::f64::consts::PI - angle) / std::f64::consts::TAU;
                sum += g * g * q * (1.0 - q);
            }
        }
        assert_close(claim.bound(), sum / independent);
        assert_close(claim.measured(), sum / independent);
    }
    // Of atoms in the plane with the constant coordinate inputs have four coordinates, and the kernel two outputs.
    let at = network(triangle(), 64, Start::Independent, Regime::Network, 1).samples(9);
    let (claim, lesson) = (at.then(&TANGENT_VARIANCE), at.lesson());
    assert!(claim.holds(), "{claim}");
    let inputs = &lesson.train().inputs;
    let products = inputs.tr_mul(inputs);
    let limit = kernel_between(inputs, inputs);
    let entry = |(g, h): (&f64, &f64)| {
        let q = h / g;
        2.0 * g * g * q * (1.0 - q) + 2.0 * g * g * q
    };
    let sum: f64 = products.iter().zip(&limit).map(entry).sum();
    assert_close_to(claim.measured(), sum / 64.0, 1e-9);
    assert_close_to(claim.bound(), sum / 64.0, 1e-9);
    // In any dimension, by many networks: the mean of R squared distances is within five of its standard errors.
    for (data, start) in
        [(triangle(), Start::Antisymmetric), (triangle(), Start::Independent), (two(), Start::Independent)]
    {
        let lesson = kernel(data, 1).samples(6).lesson();
        let (inputs, d) = (&lesson.train().inputs, lesson.train().clean.ncols());
        let limit = gram(inputs);
        let one = |r: u64| {
            let drawn = Network::draw(inputs.nrows(), d, 32, start, 5, r).unwrap();
            deviation(&tangent_kernel(&drawn, inputs, inputs).unwrap(), &limit).unwrap().norm_squared()
        };
        let all: Vec<f64> = (0..4000).map(one).collect();
        let mean = all.iter().sum::<f64>() / 4000.0;
        let error = (all.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / 4000.0 / 4000.0).sqrt();
        let stated = kernel_variance(inputs, &limit, d, 32, start).unwrap();
        // Detectable: a tenth.
        assert!((mean - stated).abs() < 5.0 * error && 5.0 * error < 0.1 * stated, "{mean} {stated} {error}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn holds_where_it_should(samples in 1..60usize, width in 1..2000usize, antisymmetric in any::<bool>(), bias in any::<bool>(), repetition in 0..1000u64) {
        let start = if antisymmetric { Start::Antisymmetric } else { Start::Independent };
        for data in [two(), triangle()] {
            let at = network(data, 2 * width, start, Regime::Network, 1).design(TimeMeasure::UniformTime, bias);
            let claim = at.samples(samples).repetition(repetition).then(&TANGENT_VARIANCE);
            prop_assert!(claim.holds(), "{claim}");
        }
    }
}

#[test]
fn fails_when_a_hypothesis_is_dropped() {
    assert!(in_the_plane(64, Start::Independent).then(&TANGENT_VARIANCE).holds());
    assert_eq!(law(two()).then(&TANGENT_VARIANCE).failed(), Some("the score is learned on the spot"));
    let of_kernel = kernel(two(), 1).design(TimeMeasure::UniformTime, false).then(&TANGENT_VARIANCE);
    assert_eq!(of_kernel.failed(), Some("what learns is a network, or its linearisation"));
}

#[test]
fn can_be_violated() {
    let good = in_the_plane(64, Start::Independent);
    assert!(good.then(&TANGENT_VARIANCE).holds());
    assert!(good.with_bound_over(1.0 + 1e-8, &TANGENT_VARIANCE).is_violated());
    // Pairs of copies count as one.
    assert!(good.against(&in_the_plane(64, Start::Antisymmetric), 1.0, &TANGENT_VARIANCE).is_violated());
    assert!(good.against(&in_the_plane(66, Start::Independent), 1.0, &TANGENT_VARIANCE).is_violated());
}

/// `1/m`.
#[test]
fn rate() {
    let of = |m: usize| (m as f64, in_the_plane(m, Start::Antisymmetric).then(&TANGENT_VARIANCE).measured().mid());
    let found: Vec<(f64, f64)> = [64, 256, 1024, 4096].map(of).into();
    for pair in found.windows(2) {
        assert!((slope(pair[0], pair[1]) + 1.0).abs() < 1e-9, "{found:?}");
    }
}
