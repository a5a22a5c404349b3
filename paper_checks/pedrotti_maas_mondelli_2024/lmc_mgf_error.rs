//! PMM-7. See `lmc_mgf_error.md`.

use crate::correctors::{self, at_time, kl, reference, shared_hypotheses, standard, wave};
use crate::support::*;
use proptest::prelude::*;
use scorebound::bounds::lee_lu_tan_2022::Setting;
use scorebound::bounds::pedrotti_maas_mondelli_2024::{LMC_MGF_ERROR, MgfParameters, MgfStep, Moment};
use scorebound::divergences::Divergence;
use scorebound::numerics::Interval;
use scorebound::verdicts::{Asymptote, Better, Condition, Search, rate as measure};

/// A and B.
fn step([d, l, lsi, h]: [f64; 4], epsr2: f64, r: f64, lambda: f64, theta: f64) -> [f64; 2] {
    let c = 0.25 / lambda;
    let e = c * ((1.0 + theta) * h + (1.0 + 1.0 / theta) * l * l * 2.0 * h.powi(3) / 3.0);
    let factor = (-2.0 * (1.0 - lambda) * h / lsi).exp()
        + e / r
        + c * (1.0 + 1.0 / theta) * l * l * (h.powi(3) / 3.0) * 8.0 * l * l * lsi;
    [factor, e * epsr2 + c * (1.0 + 1.0 / theta) * l * l * (d * h * h + 4.0 / 3.0 * d * l * h.powi(3))]
}

#[test]
fn restated_independently() {
    for (d, v, h, n, c) in [(1, 2.0, 0.05, 70, 0.3), (3, 0.5, 0.01, 100, 0.01), (8, 1.0, 1e-3, 3000, 0.1)] {
        let at = given(&normal(d, 0.0, v)).start(normal(d, 0.5, 0.8 * v)).run(lmc(h, n)).error(affine(d, -0.5), c);
        let claim = at.then(&LMC_MGF_ERROR);
        let (lambda, theta, r) = (claim.term("lambda"), claim.term("theta"), claim.term("r"));
        let epsr2 = -0.5 * d as f64 * (1.0 - 2.0 * r * c * c / 4.0 * v).ln() / r;
        let [a, b] = step([d as f64, 1.0 / v, v, h], epsr2, r, lambda, theta);
        let by_hand = (0..n).fold(kl(d as f64, 0.5, 0.8 * v, v), |k, _| a * k + b);
        assert_close_to(claim.bound(), by_hand, 1e-8);
    }
    let setting = Setting::new(3.0, 1.5, 1.3, 0.02);
    let with = MgfParameters { lambda: 0.4, theta: 0.2 };
    let found = MgfStep::new(&setting, Moment { r: 6.0 * 1.3, square: Interval::point(0.01) }, with);
    assert_close_to(found.factor, reference("b_mgf_disc_A"), 1e-14);
    assert_close_to(found.from_error + found.from_step, reference("b_mgf_disc_B"), 1e-14);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]
    #[test]
    fn holds_where_it_should(p in gaussians(1..=16, 8.0), x in 0.01..1.0f64, time in 0.1..12.0f64, c in 0.0..0.5f64) {
        let (smoothness, lsi) = constants(&p);
        let d = scorebound::targets::Target::dim(&p);
        let h = 0.5 * x / smoothness;
        let at = given(&p).start(normal(d, 0.3, 0.2)).run(lmc(h, steps(time * lsi, h)));
        for shape in [constant(d), affine(d, -0.5)] {
            let claim = at.clone().error(shape, c).then(&LMC_MGF_ERROR);
            prop_assert!(claim.holds_or_vacuous(), "{claim}");
        }
    }
}

#[test]
fn fails_when_a_hypothesis_is_dropped() {
    let theorem = &LMC_MGF_ERROR;
    // "the sampler is LMC(h) at the noise level of p", "p satisfies LSI(C)" and "KL(q_0 | p) < inf":
    let good = given(&normal(2, 0.0, 1.0)).start(normal(2, 1.0, 1.0)).run(lmc(0.1, 10)).error(affine(2, -0.2), 0.1);
    shared_hypotheses(theorem, &good);
    let rough = given(&rough()).start(normal(2, 0.0, 1.0)).run(lmc(0.01, 3)).error(constant(2), 0.1).then(theorem);
    assert_eq!(rough.failed(), Some("p is L-smooth"));
    let large = good.clone().error(affine(2, -1.0), 1.0).then(theorem);
    assert!(large.leaves_open("E_p exp(r |e|^2) < inf for some r > C/2"), "{large}");
}

#[test]
fn can_be_violated() {
    let program = lmc(0.01, 600);
    let at = given(&normal(2, 0.0, 1.0)).start(normal(2, 0.0, 0.8)).run(program.clone()).error(affine(2, -0.4), 0.1);
    correctors::can_be_violated(&LMC_MGF_ERROR, &at, &program);
}

/// The guarantee is h ~ accuracy; the chain's bias in KL is of the order of h^2.
#[test]
fn rate() {
    let found = measure(
        &[1e-6, 1e-5, 1e-4, 1e-3],
        Asymptote::Small,
        Condition::AtMost(1.0),
        |_| Search::real(1e-4, 0.9),
        |accuracy, h| {
            let at = given(&normal(1, 0.0, 1.0)).run(lmc(h, steps(40.0, h))).instance();
            at.divergence(Divergence::Kl).map(|kl| kl.value / accuracy)
        },
    );
    let exponent = LMC_MGF_ERROR.exponents.iter().find(|e| e.of == "step" && e.in_ == "accuracy").unwrap();
    assert_eq!(found.compare(f64::from(exponent.power.0), Better::Larger, 0.05).word(), "beaten", "{found:?}");
    // The admissible error goes like the square root of the accuracy, as guaranteed.
    let found = measure(
        &[1e-4, 1e-3, 1e-2, 1e-1],
        Asymptote::Small,
        Condition::AtMost(1.0),
        |_| Search::real(1e-4, 3.0),
        |accuracy, epsilon| {
            let at = standard((0.0, 1.0), 1e-4, 40.0, epsilon);
            at.divergence(Divergence::Kl).map(|kl| kl.value / accuracy)
        },
    );
    assert_eq!(found.compare(0.5, Better::Larger, 0.02).word(), "matches", "{found:?}");
}

/// Data N(1, 4) at the OU time 1: 60 steps of 0.05 with a constant error 0.1 from N(0, 1), against the reference values.
#[test]
fn the_reference_chain() {
    let (program, level) = at_time(1.0, 0.05, 60);
    let at = given(&normal(1, 1.0, 4.0)).start(normal(1, 0.0, 1.0)).along(program, level).error(constant(1), 0.1);
    let instance = at.instance();
    assert!((instance.output().unwrap().mean()[0] - reference("corr_euler_N(1,4)_mean")).abs() < 1e-13);
    let found = |kind: Divergence| instance.divergence(kind).unwrap().value;
    assert_close_to(found(Divergence::W2), reference("corr_euler_N(1,4)_W2"), 1e-11);
    assert_close_to(found(Divergence::Kl), reference("corr_euler_N(1,4)_KL"), 1e-11);
    assert!(at.then(&LMC_MGF_ERROR).holds(), "{}", at.then(&LMC_MGF_ERROR));
}

/// On the line, with a wave for an error.
#[test]
fn it_holds_on_the_line() {
    let at = given(&two_modes()).start(normal(1, 0.3, 0.8)).run(lmc(0.01, 40)).error(wave(), 0.2);
    assert!(at.then(&LMC_MGF_ERROR).holds(), "{}", at.then(&LMC_MGF_ERROR));
}
