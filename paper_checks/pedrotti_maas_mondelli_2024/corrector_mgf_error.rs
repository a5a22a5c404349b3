//! PMM-6. See `corrector_mgf_error.md`.

use crate::correctors::{self, kl, shared_hypotheses, standard, wave};
use crate::support::*;
use proptest::prelude::*;
use scorebound::bounds::kl_diffusion;
use scorebound::bounds::pedrotti_maas_mondelli_2024::{CORRECTOR_MGF_ERROR, CORRECTOR_SUP_ERROR, Moment, mgf_kl};
use scorebound::numerics::Interval;
use scorebound::verdicts::{Asymptote, Better, Condition, Search, rate as measure};

fn by_hand(k0: f64, lsi: f64, time: f64, epsr2: f64, lambda: f64, r: f64) -> f64 {
    let kappa = 2.0 * (1.0 - lambda) / lsi - 1.0 / (4.0 * lambda * r);
    assert!(kappa > 0.0);
    (-kappa * time).exp() * k0 + (1.0 - (-kappa * time).exp()) * epsr2 / (4.0 * lambda * kappa)
}

#[test]
fn restated_independently() {
    for (d, v, h, n, c) in [(1, 2.0, 0.05, 70, 0.3), (3, 0.5, 0.01, 100, 0.01), (8, 1.0, 0.1, 30, 0.1)] {
        let at = given(&normal(d, 0.0, v)).start(normal(d, 0.5, 0.8 * v)).run(lmc(h, n));
        let (start, time) = (kl(d as f64, 0.5, 0.8 * v, v), h * n as f64);
        for affine_error in [false, true] {
            let shape = if affine_error { affine(d, -0.5) } else { constant(d) };
            let claim = at.clone().error(shape, c).then(&CORRECTOR_MGF_ERROR);
            let epsr2 = |r: f64| match affine_error {
                // |e|^2 = (c/2)^2 |x|^2.
                true => -0.5 * d as f64 * (1.0 - 2.0 * r * c * c / 4.0 * v).ln() / r,
                false => c * c,
            };
            let (lambda, r) = (claim.term("lambda"), claim.term("r"));
            assert_close(claim.bound(), by_hand(start, v, time, epsr2(r), lambda, r));
            assert!((claim.term("epsr-squared") - epsr2(r)).abs() < 1e-12 * epsr2(r));
            let plain = (-time / (2.0 * v)).exp();
            let plain = plain * start + v * epsr2(v) * (1.0 - plain);
            assert!((claim.term("plain") - plain).abs() < 1e-10 * plain, "{claim} {plain}");
            // Nothing on a grid of parameters is better by more than the grid of r leaves.
            for lambda in (1..40).map(|i| f64::from(i) / 40.0) {
                for r in (1..60).map(|i| 0.5 * v * 1.2_f64.powi(i)).filter(|&r| r > v / (8.0 * lambda * (1.0 - lambda)))
                {
                    let epsr2 = epsr2(r);
                    let other = if epsr2.is_nan() { f64::INFINITY } else { by_hand(start, v, time, epsr2, lambda, r) };
                    assert!(claim.bound().lo() <= other * 1.05, "{lambda} {r} {other} {claim}");
                }
            }
        }
    }
    let moment = Moment { r: 2.0, square: Interval::point(0.01) };
    let [a, b] = mgf_kl(Interval::point(0.7), Interval::point(1.5), Interval::point(2.0), moment, 0.4).unwrap();
    assert_close(a + b, by_hand(0.7, 1.5, 2.0, 0.01, 0.4, 2.0));
    assert!(
        mgf_kl(
            Interval::point(0.7),
            Interval::point(1.5),
            Interval::point(2.0),
            Moment { r: 0.75, square: Interval::point(0.01) },
            0.5
        )
        .is_none()
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]
    #[test]
    fn holds_where_it_should(p in gaussians(1..=16, 8.0), time in 0.05..12.0f64, n in 1..50u64, c in 0.0..0.5f64) {
        let (_, lsi) = constants(&p);
        let d = scorebound::targets::Target::dim(&p);
        let at = given(&p).start(normal(d, 0.3, 0.2)).run(lmc(time * lsi / n as f64, n));
        for shape in [constant(d), affine(d, -0.8), affine(d, 0.5)] {
            let claim = at.clone().error(shape, c).then(&CORRECTOR_MGF_ERROR);
            prop_assert!(claim.holds_or_vacuous(), "{claim}");
        }
    }
}

#[test]
fn fails_when_a_hypothesis_is_dropped() {
    let theorem = &CORRECTOR_MGF_ERROR;
    // "the sampler is LMC(h) at the noise level of p", "p satisfies LSI(C)" and "KL(q_0 | p) < inf":
    let good = given(&normal(2, 0.0, 1.0)).start(normal(2, 1.0, 1.0)).run(lmc(0.1, 10)).error(affine(2, -0.2), 0.1);
    shared_hypotheses(theorem, &good);
    // E exp(r x^2) is infinite from r = 1/2 on.
    let large = good.clone().error(affine(2, -1.0), 1.0).then(theorem);
    assert!(large.leaves_open("E_p exp(r |e|^2) < inf for some r > C/2"), "{large}");
}

#[test]
fn can_be_violated() {
    let program = lmc(0.1, 60);
    let at = given(&normal(2, 0.0, 1.0)).start(normal(2, 0.0, 0.8)).run(program.clone()).error(affine(2, -0.4), 0.2);
    correctors::can_be_violated(&CORRECTOR_MGF_ERROR, &at, &program);
}

/// A constant error has the same size in every sense: the admissible one goes like the square root of the accuracy.
#[test]
fn rate() {
    let found = measure(
        &[1e-4, 1e-3, 1e-2, 1e-1],
        Asymptote::Small,
        Condition::AtMost(1.0),
        |_| Search::real(1e-4, 3.0),
        |accuracy, epsilon| kl_diffusion(&standard((0.0, 1.0), 0.5, 40.0, epsilon)).map(|kl| kl.value / accuracy),
    );
    let exponents = CORRECTOR_MGF_ERROR.exponents;
    let exponent = exponents.iter().find(|e| e.of == "mgf-epsilon" && e.in_ == "accuracy").unwrap();
    let power = f64::from(exponent.power.0) / f64::from(exponent.power.1);
    assert_eq!(found.compare(power, Better::Larger, 0.01).word(), "matches", "{found:?}");
}

/// With a bounded error it is at least as good as the supremum all the way, up to the grid of r.
#[test]
fn it_tends_to_the_bound_by_the_supremum() {
    let at = given(&two_modes()).start(normal(1, 0.3, 0.8)).run(lmc(0.02, 20)).error(wave(), 0.2);
    let (moment, sup) = (at.then(&CORRECTOR_MGF_ERROR), at.then(&CORRECTOR_SUP_ERROR));
    assert!(moment.holds() && sup.holds(), "{moment} {sup}");
    assert!(moment.bound().hi() < 1.001 * sup.term("linear"), "{moment} {sup}");
}
