//! PMM-10b. See `lmc_contraction.md`.

use crate::correctors::{self, reference, shared_hypotheses, wave};
use crate::support::*;
use proptest::prelude::*;
use scorebound::bounds::pedrotti_maas_mondelli_2024::{LMC_CONTRACTION, W2Step};
use scorebound::divergences::Divergence;
use scorebound::numerics::Interval;
use scorebound::verdicts::{Asymptote, Better, Condition, Search, rate as measure};

/// W_n by hand.
fn iterate(w0: f64, [m, lambda, h, epsilon, g, lg]: [f64; 6], n: u64) -> f64 {
    let rho = (1.0 - 2.0 * h * m + h * h * lambda * lambda).sqrt();
    let b = (0.5 * h * h * lg).min(2.0 / 3.0 * h.powf(1.5) * g.sqrt());
    (0..n).fold(w0, |w, _| ((rho * w + h * epsilon + b).powi(2) + 8.0 / 9.0 * h.powi(3) * g).sqrt())
}

#[test]
fn restated_independently() {
    for (d, v, h, n, c) in [(1, 2.0_f64, 0.05, 70, 0.3), (3, 0.5, 0.01, 1000, -0.2), (8, 1.0, 1e-3, 3000, 0.1)] {
        let (m0, v0) = (0.5_f64, 0.8 * v);
        let at = given(&normal(d, 0.0, v)).start(normal(d, m0, v0)).run(lmc(h, n)).error(affine(d, 0.5), c);
        let claim = at.then(&LMC_CONTRACTION);
        let dim = d as f64;
        let start = (dim * (m0 * m0 + (v.sqrt() - v0.sqrt()).powi(2))).sqrt();
        let (m, lambda) = (1.0 / v - 0.5 * c, 1.0 / v + 0.5 * c.abs());
        let epsilon = 0.5 * c.abs() * (dim * v).sqrt();
        let by_hand = iterate(start, [m, lambda, h, epsilon, dim / (v * v), (dim / v.powi(3)).sqrt()], n);
        assert_close(claim.bound(), by_hand);
    }
    let step = W2Step {
        step: 0.02,
        contraction: 0.8,
        lipschitz: 1.2,
        epsilon: Interval::point(0.1),
        energy: 0.9,
        generator: 1.1,
    };
    assert_close_to(step.after(Interval::point(1.0), 150).unwrap(), reference("w2_contr_disc_n150"), 1e-13);
    // It settles, and then any number of steps is the same.
    assert_eq!(step.after(Interval::point(1.0), 1 << 30).unwrap(), step.after(Interval::point(1.0), 1 << 40).unwrap());
    // rho = 1: it grows in proportion to the number of steps.
    assert!(W2Step { contraction: 0.0144, ..step }.after(Interval::point(1.0), 1 << 40).is_err());
    // rho > 1: beyond every number.
    let grown = W2Step { contraction: -1.0, ..step }.after(Interval::point(1.0), 1 << 40).unwrap();
    assert_eq!(grown.hi(), f64::INFINITY);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]
    #[test]
    fn holds_where_it_should(p in gaussians(1..=16, 8.0), x in 0.01..1.0f64, time in 0.1..12.0f64, c in 0.0..0.5f64) {
        let (smoothness, lsi) = constants(&p);
        let d = scorebound::targets::Target::dim(&p);
        let h = x / smoothness;
        let at = given(&p).start(normal(d, 0.3, 0.2)).run(lmc(h, steps(time * lsi, h)));
        for shape in [constant(d), affine(d, -0.8), affine(d, 0.5)] {
            let claim = at.clone().error(shape, c).then(&LMC_CONTRACTION);
            prop_assert!(claim.holds_or_vacuous(), "{claim}");
        }
    }
}

#[test]
fn fails_when_a_hypothesis_is_dropped() {
    let theorem = &LMC_CONTRACTION;
    // "the sampler is LMC(h) at the noise level of p" and "E_p |e|^2 <= epsilon^2 < inf":
    let good = given(&normal(2, 0.0, 1.0)).start(normal(2, 1.0, 0.8)).run(lmc(0.1, 10)).error(affine(2, -0.2), 0.1);
    shared_hypotheses(theorem, &good);
    let partly = good.clone().run(partly(0.1, 5, 5)).then(theorem);
    assert_eq!(partly.failed(), Some("every step sees the same score"));
    let line = given(&normal(1, 0.0, 1.0)).start(normal(1, 0.5, 0.8)).run(lmc(0.02, 10));
    assert_eq!(line.error(outward(1, 0.5, 0.0), -0.1).then(theorem).failed(), Some("s is Lipschitz"));
    // A Lipschitz score is one-sided Lipschitz, and that of an L-smooth law has G <= d L^2: neither
    // "<x - y, s(x) - s(y)> <= -m |x - y|^2 for some real m" nor "G = E_p |grad g|_F^2 < inf" can be broken alone.
    // "W2(q_0, p) < inf" cannot be broken: every start has second moments.
}

#[test]
fn can_be_violated() {
    let program = lmc(0.05, 120);
    let at = given(&normal(2, 0.0, 1.0)).start(normal(2, 0.0, 0.8)).run(program.clone()).error(constant(2), 0.2);
    correctors::can_be_violated(&LMC_CONTRACTION, &at, &program);
}

/// The bias in W2 is of the order of h, as guaranteed.
#[test]
fn rate() {
    let found = measure(
        &[1e-5, 1e-4, 1e-3, 1e-2],
        Asymptote::Small,
        Condition::AtMost(1.0),
        |_| Search::real(1e-6, 0.9),
        |accuracy, h| {
            let at = given(&normal(1, 0.0, 1.0)).run(lmc(h, steps(40.0, h))).instance();
            at.divergence(Divergence::W2).map(|w2| w2.value / accuracy)
        },
    );
    let exponents = LMC_CONTRACTION.exponents;
    let exponent = exponents.iter().find(|e| e.of == "step" && e.in_ == "accuracy-w2").unwrap();
    assert_eq!(found.compare(f64::from(exponent.power.0), Better::Larger, 0.05).word(), "matches", "{found:?}");
}

/// On the line, where G and Lg come from quadrature.
#[test]
fn it_holds_on_the_line() {
    let claim = given(&two_modes()).start(normal(1, 0.3, 0.8)).run(lmc(0.02, 30)).error(wave(), 0.1);
    let claim = claim.then(&LMC_CONTRACTION);
    assert!(claim.holds() && claim.term("Lg") > 0.0 && claim.term("Lg").is_finite(), "{claim}");
}
