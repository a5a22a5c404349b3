//! PMM-10a. See `corrector_contraction.md`.

use crate::correctors::{self, reference, shared_hypotheses, standard, wave};
use crate::support::*;
use proptest::prelude::*;
use scorebound::bounds::pedrotti_maas_mondelli_2024::{CORRECTOR_CONTRACTION, contraction_w2};
use scorebound::bounds::w2_diffusion;
use scorebound::numerics::Interval;
use scorebound::verdicts::{Asymptote, Better, Condition, Search, rate as measure};

#[test]
fn restated_independently() {
    for (d, v, h, n, c) in [(1, 2.0_f64, 0.05, 70, 0.3), (3, 0.5, 0.01, 100, -0.2), (8, 1.0, 0.1, 30, 0.1)] {
        let (m0, v0) = (0.5_f64, 0.8 * v);
        let at = given(&normal(d, 0.0, v)).start(normal(d, m0, v0)).run(lmc(h, n)).error(affine(d, 0.5), c);
        let claim = at.then(&CORRECTOR_CONTRACTION);
        let (dim, time) = (d as f64, h * n as f64);
        let start = (dim * (m0 * m0 + (v.sqrt() - v0.sqrt()).powi(2))).sqrt();
        // e = c x/2.
        let (m, epsilon) = (1.0 / v - 0.5 * c, 0.5 * c.abs() * (dim * v).sqrt());
        let left = (-m * time).exp();
        assert_close(claim.bound(), left * start + epsilon * (1.0 - left) / m);
    }
    let sum = |m: f64, time: f64| {
        contraction_w2(Interval::point(1.0), m, Interval::point(time), Interval::point(0.1))
            .into_iter()
            .sum::<Interval>()
    };
    assert_close_to(sum(0.8, 3.0), reference("w2_contr_ct"), 1e-14);
    assert_close(sum(0.0, 3.0), 1.3);
    assert_close(sum(-0.5, 2.0), 1.0_f64.exp() + 0.2 * (1.0_f64.exp() - 1.0));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]
    #[test]
    fn holds_where_it_should(p in gaussians(1..=16, 8.0), time in 0.05..12.0f64, n in 1..50u64, c in 0.0..0.5f64) {
        let (_, lsi) = constants(&p);
        let d = scorebound::targets::Target::dim(&p);
        let at = given(&p).start(normal(d, 0.3, 0.2)).run(lmc(time * lsi / n as f64, n));
        for shape in [constant(d), affine(d, -0.8), affine(d, 0.5)] {
            let claim = at.clone().error(shape, c).then(&CORRECTOR_CONTRACTION);
            prop_assert!(claim.holds_or_vacuous(), "{claim}");
        }
    }
}

#[test]
fn fails_when_a_hypothesis_is_dropped() {
    let theorem = &CORRECTOR_CONTRACTION;
    // "the sampler is LMC(h) at the noise level of p" and "E_p |e|^2 <= epsilon^2 < inf":
    let good = given(&normal(2, 0.0, 1.0)).start(normal(2, 1.0, 0.8)).run(lmc(0.1, 10)).error(affine(2, -0.2), 0.1);
    shared_hypotheses(theorem, &good);
    let partly = good.clone().run(partly(0.1, 5, 5)).then(theorem);
    assert_eq!(partly.failed(), Some("every step sees the same score"));
    // A kick outward has no one-sided constant; one inward has.
    let line = given(&normal(1, 0.0, 1.0)).start(normal(1, 0.5, 0.8)).run(lmc(0.02, 10));
    let up = line.clone().error(outward(1, 0.5, 0.0), 0.1).then(theorem);
    assert!(up.leaves_open("<x - y, s(x) - s(y)> <= -m |x - y|^2 for some real m"), "{up}");
    let down = line.error(outward(1, 0.5, 0.0), -0.1).then(theorem);
    assert!(down.holds() && (down.term("m") - 1.0).abs() < 1e-12, "{down}");
    // "W2(q_0, p) < inf" cannot be broken: every start has second moments.
}

#[test]
fn can_be_violated() {
    let program = lmc(0.1, 60);
    let at = given(&normal(2, 0.0, 1.0)).start(normal(2, 0.0, 0.8)).run(program.clone()).error(constant(2), 0.2);
    correctors::can_be_violated(&CORRECTOR_CONTRACTION, &at, &program);
}

/// The admissible error is proportional to the accuracy and to m, as guaranteed.
#[test]
fn rate() {
    let found = measure(
        &[1e-4, 1e-3, 1e-2, 1e-1],
        Asymptote::Small,
        Condition::AtMost(1.0),
        |_| Search::real(1e-6, 1.0),
        |accuracy, epsilon| w2_diffusion(&standard((0.0, 1.0), 0.5, 40.0, epsilon)).map(|w2| w2.value / accuracy),
    );
    let exponent = |in_: &str| {
        let found = CORRECTOR_CONTRACTION.exponents.iter().find(|e| e.of == "epsilon" && e.in_ == in_).unwrap();
        f64::from(found.power.0)
    };
    assert_eq!(found.compare(exponent("accuracy-w2"), Better::Larger, 0.01).word(), "matches", "{found:?}");
    let found = measure(
        &[1.0, 4.0, 16.0, 64.0],
        Asymptote::Large,
        Condition::AtMost(0.1),
        |_| Search::real(1e-3, 100.0),
        |m, epsilon| {
            let at = given(&normal(1, 0.0, 1.0 / m)).run(lmc(0.5 / m, 80)).error(constant(1), epsilon).instance();
            w2_diffusion(&at).map(|w2| w2.value)
        },
    );
    assert_eq!(found.compare(exponent("contraction"), Better::Larger, 0.01).word(), "matches", "{found:?}");
}

/// Not log-concave: m is negative, and the bound grows with T.
#[test]
fn it_holds_without_contraction() {
    let p = pair(0.5, [-1.5, 1.5], [0.8, 0.8]);
    let claim = given(&p).start(normal(1, 0.3, 0.8)).run(lmc(0.01, 20)).error(wave(), 0.1).then(&CORRECTOR_CONTRACTION);
    assert!(claim.holds() && claim.term("m") < -1.0, "{claim}");
}
