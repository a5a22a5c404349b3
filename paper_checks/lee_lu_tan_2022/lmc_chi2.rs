//! LLT-5b. See `lmc_chi2.md`.

use crate::support::*;
use proptest::prelude::*;
use scorebound::bounds::lee_lu_tan_2022::LMC_CHI2;
use scorebound::divergences::Divergence;
use scorebound::verdicts::{Asymptote, Better, Condition, Search, rate as measure};

#[test]
fn restated_independently() {
    for (d, variance, h, n, c) in [(1, 2.0, 1e-3, 70, 0.1), (3, 0.5, 1e-3, 1000, 0.01), (8, 1.0, 1e-4, 30_000, 0.05)] {
        let at = given(&normal(d, 0.0, variance)).start(normal(d, 0.3, variance)).run(lmc(h, n));
        let claim = at.error(constant(d), c).then(&LMC_CHI2);
        let (smoothness, lsi, dim) = (1.0 / variance, variance, d as f64);
        let start = (dim * 0.09 / variance).exp_m1();
        let by_hand = (-(n as f64) * h / (2.0 * lsi)).exp() * start
            + 23.0 * dim * smoothness * smoothness * lsi * h
            + 8.1 * lsi * c * c;
        assert_close(claim.bound(), by_hand);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]
    #[test]
    fn holds_where_it_should(p in gaussians(1..=12, 4.0), x in 0.01..1.0f64, time in 0.1..8.0f64, t in 0.0..1.0f64) {
        let (smoothness, lsi) = constants(&p);
        let d = scorebound::targets::Target::dim(&p);
        let h = x / (smoothness * smoothness * lsi * (46.0 * d as f64).max(132.0)) * (1.0 - 1e-12);
        let at = given(&p).start(normal(d, 0.2, 0.2)).run(lmc(h, steps(time * lsi, h)));
        let claim = at.error(constant(d), t * (1.0 / (16.1 * lsi)).sqrt() * (1.0 - 1e-12)).then(&LMC_CHI2);
        prop_assert!(claim.holds_or_vacuous(), "{claim}");
    }
}

#[test]
fn fails_when_a_hypothesis_is_dropped() {
    let theorem = &LMC_CHI2;
    let good = given(&normal(2, 0.0, 1.0)).start(normal(2, 0.5, 1.0)).run(lmc(0.005, 100)).error(constant(2), 0.1);
    assert!(good.then(theorem).holds(), "{}", good.then(theorem));
    let noisy = good.clone().run(noisier(&lmc(0.005, 10), 1.5)).then(theorem);
    assert_eq!(noisy.failed(), Some("the sampler is LMC(h) at the noise level of p"));
    assert_eq!(good.clone().error(affine(2, -0.2), 0.1).then(theorem).failed(), Some("sup |e| < inf"));
    assert_eq!(good.clone().start(normal(2, 0.0, 2.0)).then(theorem).failed(), Some("chi2(q_0 | p) < inf"));
    assert_eq!(good.clone().run(lmc(0.0076, 10)).then(theorem).failed(), Some("h <= 1/(132 L^2 C)"));
    let many = given(&normal(10, 0.0, 1.0)).run(lmc(0.005, 10)).error(constant(10), 0.1).then(theorem);
    assert_eq!(many.failed(), Some("h <= 1/(46 d L^2 C)"));
    assert_eq!(good.clone().error(constant(2), 0.25).then(theorem).failed(), Some("sup |e|^2 <= 1/(16.1 C)"));
    let rough = given(&rough()).start(normal(2, 0.0, 1.0)).run(lmc(0.001, 3)).error(constant(2), 0.1).then(theorem);
    assert_eq!(rough.failed(), Some("p is L-smooth"));
    let far = given(&far_modes()).run(lmc(1e-30, 3)).error(constant(1), 1e-12).then(theorem);
    assert!(far.leaves_open("p satisfies LSI(C)"), "{far}");
}

#[test]
fn can_be_violated() {
    let theorem = &LMC_CHI2;
    let good = given(&normal(1, 0.0, 1.0)).start(normal(1, 0.0, 0.7)).run(lmc(1e-3, 20_000)).error(constant(1), 0.05);
    assert!(good.then(theorem).holds());
    let claim = good.sabotaged(noisier(&lmc(1e-3, 20_000), 1.32), theorem);
    assert!(claim.is_violated(), "{claim}");
    assert!(good.with_bound_over(1e6, theorem).is_violated());
}

/// For a constant error on N(0, C), chi2 = e^{C c^2} - 1: the admissible error goes like C^{-1/2}, as guaranteed.
#[test]
fn rate() {
    let found = measure(
        &[1.0, 2.0, 4.0, 8.0],
        Asymptote::Large,
        Condition::AtMost(1e-2),
        |_| Search::real(1e-4, 1.0),
        |lsi, amplitude| {
            let h = 1e-5 * lsi;
            let at = given(&normal(1, 0.0, lsi)).run(lmc(h, steps(30.0 * lsi, h))).error(constant(1), amplitude);
            at.instance().divergence(Divergence::ChiSquared).map(|chi2| chi2.value)
        },
    );
    let exponent = LMC_CHI2.exponents.iter().find(|e| e.of == "sup-epsilon" && e.in_ == "lsi").unwrap();
    let stated = f64::from(exponent.power.0) / f64::from(exponent.power.1);
    assert_eq!(found.compare(stated, Better::Larger, 0.02).word(), "matches", "{found:?}");
}

/// Between the ends of an enclosed constant a condition is neither met nor broken.
#[test]
fn what_a_constant_does_not_decide_is_left_open() {
    let p = two_modes();
    let lsi = scorebound::targets::Target::constants(&p, scorebound::processes::NoiseLevel::DATA).lsi.value;
    assert!(lsi.lo() < 0.99 * lsi.hi(), "{lsi:?}");
    let (smoothness, middle) = (constants(&p).0, lsi.mid());
    let h = 1.0 / (132.0 * smoothness * smoothness * middle);
    let claim = given(&p).run(lmc(h, 3)).then(&LMC_CHI2);
    assert!(claim.leaves_open("h <= 1/(132 L^2 C)") && claim.leaves_open("would decide: narrower"), "{claim}");
    let far = given(&p).run(lmc(100.0 * h, 3)).then(&LMC_CHI2);
    assert_eq!(far.failed(), Some("h <= 1/(132 L^2 C)"), "{far}");
}
