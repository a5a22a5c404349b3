//! HRX-14c. See `kink_remainder.md`.

use crate::lessons::*;
use crate::support::*;
use proptest::prelude::*;
use scorebound::bounds::han_razaviyayn_xu_2024::KINK_REMAINDER;
use scorebound::scores::learned::{Model, Network, Regime, Start};

#[test]
fn restated_independently() {
    for (data, steps) in [(two(), 1), (two(), 30), (triangle(), 12)] {
        let at = network(data, 128, Start::Independent, Regime::Network, steps);
        let (claim, lesson) = (at.then(&KINK_REMAINDER), at.lesson());
        assert!(claim.holds(), "{claim}");
        let estimate = lesson.estimate().unwrap();
        let Model::Network { inner, outer } = estimate.model() else { panic!("a network was trained") };
        let (seed, repetition) = at.task.draw;
        let (p, d) = (inner.nrows(), outer.nrows());
        let drawn = Network::draw(p, d, 128, Start::Independent, seed, repetition).unwrap();
        let moved = inner - drawn.weights();
        let radius = moved.column_iter().map(|w| w.norm()).fold(0.0, f64::max);
        let root = 128f64.sqrt();
        let [mut square, mut bound, mut flips] = [0.0; 3];
        for z in lesson.test().inputs.column_iter() {
            let mut rest = vec![0.0; d];
            let mut near = 0.0;
            for r in 0..128 {
                let (before, after) = (drawn.weights().column(r).dot(&z), inner.column(r).dot(&z));
                let differ = f64::max(after, 0.0) - if before > 0.0 { after } else { 0.0 };
                (0..d).for_each(|i| rest[i] += outer[(i, r)] * differ / root);
                flips += f64::from(u8::from((before > 0.0) != (after > 0.0)));
                near += f64::from(u8::from(before.abs() <= radius * z.norm()));
            }
            square += rest.iter().fold(0.0, |most: f64, x| most.max(x.abs())).powi(2);
            bound += (radius * z.norm() * near / root).powi(2);
        }
        let points = lesson.test().len() as f64;
        assert_close_to(claim.measured(), (square / points).sqrt(), 1e-8);
        assert_close_to(claim.bound(), (bound / points).sqrt(), 1e-8);
        let share = flips / points / 128.0;
        assert!((claim.term("flips") - share).abs() < 1e-12, "{claim}");
        assert_eq!(claim.term("lazy") == 1.0, share <= 0.01, "{claim}");
        assert!(
            claim.term("flipped") >= claim.measured().lo() && claim.term("flipped") <= claim.bound().hi(),
            "{claim}"
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn holds_where_it_should(samples in 2..40usize, steps in 1..100u64, width in 64..400usize, plane in any::<bool>(), repetition in 0..1000u64) {
        let data = if plane { triangle() } else { atoms() };
        let at = network(data, 2 * width, Start::Antisymmetric, Regime::Network, steps).samples(samples);
        let claim = at.repetition(repetition).then(&KINK_REMAINDER);
        prop_assert!(claim.holds() || claim.failed() == Some("training does not diverge"), "{claim}");
    }
}

#[test]
fn fails_when_a_hypothesis_is_dropped() {
    assert!(network(two(), 128, Start::Antisymmetric, Regime::Network, 10).then(&KINK_REMAINDER).holds());
    assert_eq!(law(two()).then(&KINK_REMAINDER).failed(), Some("the score is learned on the spot"));
    let still = network(two(), 128, Start::Antisymmetric, Regime::Network, 0).then(&KINK_REMAINDER);
    assert_eq!(still.failed(), Some("training stops, after at least one step"));
    let of_kernel = kernel(two(), 10).then(&KINK_REMAINDER);
    assert_eq!(of_kernel.failed(), Some("what learns is a network, or its linearisation"));
    assert_eq!(diverging().then(&KINK_REMAINDER).failed(), Some("training does not diverge"));
}

#[test]
fn can_be_violated() {
    let good = network(two(), 128, Start::Antisymmetric, Regime::Network, 10);
    assert!(good.then(&KINK_REMAINDER).holds());
    assert!(good.with_bound_over(1e6, &KINK_REMAINDER).is_violated());
    // The bound of a network that hardly moved is not that of one that did.
    let [little, much] = [1, 100].map(|k| network(two(), 128, Start::Antisymmetric, Regime::Network, k));
    assert!(much.then(&KINK_REMAINDER).holds());
    let wide = network(two(), 32768, Start::Antisymmetric, Regime::Network, 1);
    assert!(wide.against(&much, 1.0, &KINK_REMAINDER).is_violated(), "{}", little.then(&KINK_REMAINDER));
}

/// The bound falls like the root of the width, the remainder faster.
#[test]
fn rate() {
    let of = |m: usize| {
        let claim = network(two(), m, Start::Antisymmetric, Regime::Network, 4).then(&KINK_REMAINDER);
        assert!(claim.holds(), "{claim}");
        (m as f64, claim)
    };
    let found: Vec<(f64, Claim)> = [2048, 8192, 32768, 131_072].map(of).into();
    let fall = |side: fn(&Claim) -> f64| slope((found[0].0, side(&found[0].1)), (found[3].0, side(&found[3].1)));
    assert!((fall(|claim| claim.bound().mid()) + 0.5).abs() < 0.1, "{}", fall(|claim| claim.bound().mid()));
    assert!(fall(|claim| claim.measured().mid()) < -0.55, "{}", fall(|claim| claim.measured().mid()));
}
