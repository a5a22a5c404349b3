//! PMM-9b. See `lmc_girsanov.md`.

use crate::correctors::{self, kl, reference, shared_hypotheses, warm_three};
use crate::support::*;
use proptest::prelude::*;
use scorebound::bounds::pedrotti_maas_mondelli_2024::LMC_GIRSANOV;
use scorebound::divergences::Divergence;
use scorebound::verdicts::{Asymptote, Better, Condition, Search, rate as measure};

#[test]
fn restated_independently() {
    for (d, v, h, n, c) in [(1, 2.0, 0.001, 70, 0.1), (3, 0.5, 1e-5, 1000, 0.01), (5, 1.0, 1e-4, 3000, 0.05)] {
        let (m, v0) = (0.1, 0.8 * v);
        let at = given(&normal(d, 0.0, v)).start(normal(d, m, v0)).run(lmc(h, n)).error(constant(d), c);
        let claim = at.then(&LMC_GIRSANOV);
        let (dim, time) = (d as f64, h * n as f64);
        let ratio = (0.5 * dim * ((v / v0).ln() + m * m / (v - v0))).exp();
        let lag = (h * dim / (v * v)).sqrt();
        let by_hand = (kl(dim, m, v0, v) / 2.0).sqrt() * (-time / v).exp() + (c + lag) * (ratio * time / 8.0).sqrt();
        assert_close(claim.bound(), by_hand);
    }
    let claim = warm_three(0.02, 20).error(constant(1), 0.05).then(&LMC_GIRSANOV);
    assert!((claim.term("G") - reference("3pt_G_t1")).abs() < 1e-12, "{claim}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]
    #[test]
    fn holds_where_it_should(p in gaussians(1..=6, 8.0), x in 0.01..1.0f64, time in 0.05..6.0f64, c in 0.0..0.5f64) {
        let (smoothness, lsi) = constants(&p);
        let d = scorebound::targets::Target::dim(&p);
        let h = 0.5 * x / smoothness;
        let at = given(&p).start(normal(d, 0.05, 0.9 / smoothness)).run(lmc(h, steps(time * lsi, h)));
        for shape in [constant(d), affine(d, -0.8), affine(d, 0.5)] {
            let claim = at.clone().error(shape, c).then(&LMC_GIRSANOV);
            prop_assert!(claim.holds_or_vacuous(), "{claim}");
        }
    }
}

#[test]
fn fails_when_a_hypothesis_is_dropped() {
    // "the sampler is LMC(h) at the noise level of p", "p satisfies LSI(C)", "dq_0/dp <= D < inf" and
    // "E_p |e|^2 <= epsilon^2 < inf":
    let good = given(&normal(2, 0.0, 1.0)).start(normal(2, 0.1, 0.8)).run(lmc(0.001, 10)).error(affine(2, -0.2), 0.1);
    shared_hypotheses(&LMC_GIRSANOV, &good);
    let rough = given(&rough()).run(lmc(0.01, 3)).error(constant(2), 0.1).then(&LMC_GIRSANOV);
    assert_eq!(rough.failed(), Some("G = E_p |grad g|_F^2 < inf"), "{rough}");
}

#[test]
fn can_be_violated() {
    let program = lmc(0.001, 3000);
    let at = given(&normal(2, 0.0, 1.0)).start(normal(2, 0.0, 0.8)).run(program.clone()).error(constant(2), 0.05);
    correctors::can_be_violated(&LMC_GIRSANOV, &at, &program);
}

/// The guarantee is h ~ accuracy^2; the chain's bias in TV is of the order of h.
#[test]
fn rate() {
    let found = measure(
        &[1e-3, 2e-3, 4e-3, 8e-3],
        Asymptote::Small,
        Condition::AtMost(1.0),
        |_| Search::real(1e-4, 0.9),
        |accuracy, h| {
            let at = given(&normal(1, 0.0, 1.0)).run(lmc(h, steps(40.0, h))).instance();
            at.divergence(Divergence::Tv).map(|tv| tv.value / accuracy)
        },
    );
    let exponents = LMC_GIRSANOV.exponents;
    let exponent = exponents.iter().find(|e| e.of == "step" && e.in_ == "accuracy-tv").unwrap();
    assert_eq!(found.compare(f64::from(exponent.power.0), Better::Larger, 0.05).word(), "beaten", "{found:?}");
    assert!((found.fit.unwrap().value - 1.0).abs() < 0.05, "{found:?}");
}

/// From the warm start on discrete data.
#[test]
fn it_holds_from_the_warm_start() {
    let claim = warm_three(0.005, 40).error(outward(1, 1.0, 0.0), 0.3).then(&LMC_GIRSANOV);
    assert!(claim.holds(), "{claim}");
}
