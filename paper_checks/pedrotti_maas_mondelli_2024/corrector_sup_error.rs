//! PMM-5. See `corrector_sup_error.md`.

use crate::correctors::{self, kl, reference, shared_hypotheses, standard, wave};
use crate::support::*;
use proptest::prelude::*;
use scorebound::bounds::kl_diffusion;
use scorebound::bounds::pedrotti_maas_mondelli_2024::{CORRECTOR_SUP_ERROR, sup_error_kl};
use scorebound::numerics::Interval;
use scorebound::verdicts::{Asymptote, Better, Condition, Search, rate as measure};

fn by_hand(k0: f64, lsi: f64, time: f64, epsilon: f64) -> f64 {
    let (left, floor) = ((-time / lsi).exp(), epsilon * (lsi / 2.0).sqrt());
    let root = ((k0.sqrt() - floor).max(0.0) * left + floor).powi(2);
    root.min(left * k0 + 0.5 * lsi * (1.0 - left) * epsilon * epsilon)
}

#[test]
fn restated_independently() {
    for (d, variance, h, n, c) in [(1, 2.0, 0.05, 7, 0.3), (3, 0.5, 0.01, 100, 0.01), (20, 1.0, 0.1, 3, 0.1)] {
        let at = given(&normal(d, 0.0, variance)).start(normal(d, 0.5, 0.8 * variance)).run(lmc(h, n));
        let claim = at.error(constant(d), c).then(&CORRECTOR_SUP_ERROR);
        let start = kl(d as f64, 0.5, 0.8 * variance, variance);
        assert_close(claim.bound(), by_hand(start, variance, h * n as f64, c));
    }
    let [root, linear] =
        sup_error_kl(Interval::point(2.0), Interval::point(1.3), Interval::point(3.0), Interval::point(0.1));
    assert_close_to(root.min(linear), reference("b_Linf"), 1e-14);
    assert_close(root.min(linear), by_hand(2.0, 1.3, 3.0, 0.1));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]
    #[test]
    fn holds_where_it_should(p in gaussians(1..=16, 8.0), time in 0.05..12.0f64, n in 1..50u64, c in 0.0..0.5f64) {
        let (_, lsi) = constants(&p);
        let d = scorebound::targets::Target::dim(&p);
        let at = given(&p).start(normal(d, 0.3, 0.2)).run(lmc(time * lsi / n as f64, n)).error(constant(d), c);
        let claim = at.then(&CORRECTOR_SUP_ERROR);
        prop_assert!(claim.holds_or_vacuous(), "{claim}");
    }
}

#[test]
fn fails_when_a_hypothesis_is_dropped() {
    let theorem = &CORRECTOR_SUP_ERROR;
    // "the sampler is LMC(h) at the noise level of p", "p satisfies LSI(C)" and "KL(q_0 | p) < inf":
    let good = given(&normal(2, 0.0, 1.0)).start(normal(2, 1.0, 0.8)).run(lmc(0.1, 10)).error(constant(2), 0.1);
    shared_hypotheses(theorem, &good);
    assert_eq!(good.clone().error(affine(2, -0.2), 0.1).then(theorem).failed(), Some("sup |e| < inf"));
}

#[test]
fn can_be_violated() {
    let program = lmc(0.1, 60);
    let at = given(&normal(2, 0.0, 1.0)).start(normal(2, 0.0, 0.8)).run(program.clone()).error(constant(2), 0.2);
    correctors::can_be_violated(&CORRECTOR_SUP_ERROR, &at, &program);
}

/// The admissible supremum of the error goes like the square root of the accuracy, as guaranteed, and the constant is sharp.
#[test]
fn rate() {
    let found = measure(
        &[1e-4, 1e-3, 1e-2, 1e-1],
        Asymptote::Small,
        Condition::AtMost(1.0),
        |_| Search::real(1e-4, 3.0),
        |accuracy, epsilon| kl_diffusion(&standard((0.0, 1.0), 0.5, 40.0, epsilon)).map(|kl| kl.value / accuracy),
    );
    let exponents = CORRECTOR_SUP_ERROR.exponents;
    let exponent = exponents.iter().find(|e| e.of == "sup-epsilon" && e.in_ == "accuracy").unwrap();
    let power = f64::from(exponent.power.0) / f64::from(exponent.power.1);
    assert_eq!(found.compare(power, Better::Larger, 0.01).word(), "matches", "{found:?}");
    let at = given(&normal(3, 0.0, 2.0)).run(lmc(1.0, 20)).error(constant(3), 0.3).then(&CORRECTOR_SUP_ERROR);
    assert!(at.holds() && at.bound().hi() < 1.0002 * at.measured().lo(), "{at}");
}

/// It is about the diffusion: the chain with a long step is not near it, and would contradict it.
#[test]
fn a_coarse_chain_is_not_judged_by_it() {
    let at = given(&normal(1, 0.0, 1.0)).start(normal(1, 0.0, 0.9)).run(lmc(1.5, 10)).error(constant(1), 0.05);
    let claim = at.then(&CORRECTOR_SUP_ERROR);
    assert!(claim.holds(), "{claim}");
    let chain = at.instance().divergence(scorebound::divergences::Divergence::Kl).unwrap();
    assert!(chain.value.lo() > 100.0 * claim.bound().hi(), "{chain} {claim}");
}

/// On the line, from chains: the evidence is checked, and refining them agrees.
#[test]
fn on_the_line_it_is_judged_by_chains() {
    let claim = |h: f64, n: u64| {
        let at = given(&two_modes()).start(normal(1, 0.3, 0.8)).run(lmc(h, n)).error(wave(), 0.1);
        at.then(&CORRECTOR_SUP_ERROR)
    };
    let (coarse, fine) = (claim(0.02, 20), claim(0.005, 80));
    assert!(coarse.holds() && fine.holds(), "{coarse} {fine}");
    assert_eq!(coarse.judgement.measured.as_ref().unwrap().evidence, scorebound::numerics::Evidence::Checked);
    assert!(coarse.measured().overlaps(fine.measured()), "{coarse} {fine}");
    assert!(fine.measured().width() < 0.5 * coarse.measured().width(), "{coarse} {fine}");
}
