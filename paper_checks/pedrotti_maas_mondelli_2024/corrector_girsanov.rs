//! PMM-9a. See `corrector_girsanov.md`.

use crate::correctors::{self, kl, reference, shared_hypotheses, standard, warm_three};
use crate::support::*;
use proptest::prelude::*;
use scorebound::bounds::pedrotti_maas_mondelli_2024::{CORRECTOR_GIRSANOV, girsanov_tv};
use scorebound::bounds::tv_diffusion;
use scorebound::numerics::Interval;
use scorebound::verdicts::{Asymptote, Better, Condition, Search, rate as measure};

#[test]
fn restated_independently() {
    for (d, v, h, n, c) in [(1, 2.0, 0.05, 70, 0.1), (3, 0.5, 0.01, 100, 0.01), (5, 1.0, 0.1, 30, 0.05)] {
        let (m, v0) = (0.1, 0.8 * v);
        let at = given(&normal(d, 0.0, v)).start(normal(d, m, v0)).run(lmc(h, n)).error(constant(d), c);
        let claim = at.then(&CORRECTOR_GIRSANOV);
        let (dim, time) = (d as f64, h * n as f64);
        // sup of N(m, v0)/N(0, v), coordinate by coordinate.
        let ratio = (0.5 * dim * ((v / v0).ln() + m * m / (v - v0))).exp();
        let by_hand = (kl(dim, m, v0, v) / 2.0).sqrt() * (-time / v).exp() + c * (ratio * time / 8.0).sqrt();
        assert_close(claim.bound(), by_hand);
    }
    // The three atoms at the OU time 1, from N(a EX, q).
    let claim = warm_three(0.02, 20).error(constant(1), 0.05).then(&CORRECTOR_GIRSANOV);
    let ratio = reference("B_warmD_3pt_T1");
    assert!((claim.term("density-ratio") - ratio).abs() < 1e-10 && claim.term("start-rounding") < 1e-12, "{claim}");
    let [mixing, error] = girsanov_tv(
        Interval::point(ratio.ln()),
        Interval::point(1.3),
        Interval::point(3.0),
        Interval::point(0.1),
        Interval::point(ratio),
    );
    assert_close_to(mixing + error, reference("girsanov_ct"), 1e-14);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]
    #[test]
    fn holds_where_it_should(p in gaussians(1..=6, 8.0), time in 0.05..6.0f64, n in 1..50u64, c in 0.0..0.5f64) {
        let (smoothness, lsi) = constants(&p);
        let d = scorebound::targets::Target::dim(&p);
        let at = given(&p).start(normal(d, 0.05, 0.9 / smoothness)).run(lmc(time * lsi / n as f64, n));
        for shape in [constant(d), affine(d, -0.8), affine(d, 0.5)] {
            let claim = at.clone().error(shape, c).then(&CORRECTOR_GIRSANOV);
            prop_assert!(claim.holds_or_vacuous(), "{claim}");
        }
    }
}

#[test]
fn fails_when_a_hypothesis_is_dropped() {
    // "the sampler is LMC(h) at the noise level of p", "p satisfies LSI(C)", "dq_0/dp <= D < inf" and
    // "E_p |e|^2 <= epsilon^2 < inf":
    let good = given(&normal(2, 0.0, 1.0)).start(normal(2, 0.1, 0.8)).run(lmc(0.1, 10)).error(affine(2, -0.2), 0.1);
    shared_hypotheses(&CORRECTOR_GIRSANOV, &good);
}

#[test]
fn can_be_violated() {
    let program = lmc(0.1, 60);
    let at = given(&normal(2, 0.0, 1.0)).start(normal(2, 0.0, 0.8)).run(program.clone()).error(constant(2), 0.05);
    correctors::can_be_violated(&CORRECTOR_GIRSANOV, &at, &program);
}

/// At fixed time the admissible error is proportional to the accuracy, as guaranteed.
#[test]
fn rate() {
    let found = measure(
        &[1e-4, 1e-3, 1e-2, 1e-1],
        Asymptote::Small,
        Condition::AtMost(1.0),
        |_| Search::real(1e-6, 1.0),
        |accuracy, epsilon| tv_diffusion(&standard((0.0, 1.0), 0.5, 3.0, epsilon)).map(|tv| tv.value / accuracy),
    );
    let exponents = CORRECTOR_GIRSANOV.exponents;
    let exponent = exponents.iter().find(|e| e.of == "epsilon" && e.in_ == "accuracy-tv").unwrap();
    assert_eq!(found.compare(f64::from(exponent.power.0), Better::Larger, 0.01).word(), "matches", "{found:?}");
}

/// From the warm start on discrete data, by chains.
#[test]
fn it_holds_from_the_warm_start() {
    let claim = warm_three(0.02, 20).error(outward(1, 1.0, 0.0), 0.3).then(&CORRECTOR_GIRSANOV);
    assert!(claim.holds(), "{claim}");
}
