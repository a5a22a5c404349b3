//! PMM-14. See `assembled_w2.md`.

use crate::flows::*;
use crate::support::*;
use proptest::prelude::*;
use scorebound::bounds::pedrotti_maas_mondelli_2024::{ASSEMBLED_W2, FLOW_W2, LMC_CONTRACTION, LMC_MGF_ERROR};
use scorebound::processes::NoiseLevel;
use scorebound::samplers::lmc as langevin;
use scorebound::targets::{Data, Density, Gaussian, Target};

const THEOREM: &scorebound::bounds::Theorem = &ASSEMBLED_W2;

fn by(horizon: f64, early: f64, (step, steps): (f64, u64)) -> Falling {
    exponential(horizon, early, 7).after(step, steps)
}

#[test]
fn restated_independently() {
    for (m, v, c, horizon, early, rescale) in
        [(0.7, 0.3, 0.2_f64, 2.0, 0.05_f64, false), (-0.4, 2.5, 0.0, 1.0, 0.0, false), (1.0, 4.0, 0.1, 3.0, 0.1, true)]
    {
        let by = Falling { rescale, ..by(horizon, early, (0.02, 100)) };
        let p = line(m, v);
        let claim = by.to_data(&p).error(constant(1), c).then(THEOREM);
        let (mean, s) = noised(horizon, m, v);
        // PMM-10b on N(mean, s): m = L = 1/s, G = 1/s^2, Lg = s^{-3/2}.
        let (h, root) = (0.02_f64, (1.0 - 0.02 / s).abs());
        let (energy, generator) = (1.0 / (s * s), s.powf(-1.5));
        let lag = (h * h * generator / 2.0).min(2.0 / 3.0 * h.powf(1.5) * energy.sqrt());
        let mut w = (mean * mean + (s.sqrt() - 1.0).powi(2)).sqrt();
        for _ in 0..100 {
            w = ((root * w + h * c + lag).powi(2) + 8.0 / 9.0 * h.powi(3) * energy).sqrt();
        }
        assert!(claim.term("W_corr") <= w * (1.0 + 1e-9), "{claim} {w}");
        // PMM-11 from anywhere gives the rest.
        let rest = exponential(horizon, early, 7).on(&p).error(constant(1), c).then(&FLOW_W2);
        let (scale, stopped) = match rescale {
            true => (early.exp(), (2.0 * early).exp_m1()),
            false => (1.0, (1.0 - (-early).exp()).powi(2) * (m * m + v) + 1.0 - (-2.0 * early).exp()),
        };
        let corrector = claim.term("W_corr");
        let by_hand = stopped.sqrt() + scale * (rest.term("e^Lambda(T1)") * corrector + rest.term("score error"));
        assert_close_to(claim.bound(), by_hand, 1e-8);
        assert!(claim.holds(), "{claim}");
        let alone = given(&p).along(langevin(0.02, 100, by.first()), by.first()).start(normal(1, 0.0, 1.0));
        let contraction = alone.error(constant(1), c).then(&LMC_CONTRACTION).bound();
        assert!((contraction.mid() - w).abs() < 1e-9 * w, "{contraction} {w}");
    }
}

/// There is no `e^-T1`: with a long corrector and short steps of it the bound at a fixed T1 goes to what the error leaves.
#[test]
fn has_no_term_that_falls_with_the_horizon() {
    let of = |time: f64| {
        let claim = by(0.5, 0.0, (1e-3, (time / 1e-3) as u64)).to_data(&line(1.0, 0.5)).then(THEOREM);
        (claim.bound().mid(), claim.measured().mid())
    };
    let (short, long) = (of(1.0), of(12.0));
    assert!(long.0 < 5e-3 && long.1 < 2e-3 && short.0 > 0.1, "{short:?} {long:?}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn holds_where_it_should(p in gaussians(1..=8, 8.0), horizon in 0.3..3.0f64, early in 0.0..0.3f64, n in 1..200u64, c in 1e-3..0.5f64, rescale in any::<bool>()) {
        let d = Target::dim(&p);
        for shape in [constant(d), affine(d, -0.2)] {
            let by = Falling { rescale, ..by(horizon + early, early, (0.02, n)) };
            let claim = by.to_data(&p).error(shape, c).then(THEOREM);
            prop_assert!(claim.holds(), "{claim}");
        }
    }
}

/// Discrete data: what is handed over from a warm start, and the distance of the output from the atoms themselves.
#[test]
fn holds_for_atoms() {
    let by = exponential(1.0, 0.2, 12).after(0.02, 150);
    let first = by.first();
    let warm = Gaussian::isotropic(Data::mean(&atoms()) * first.alpha, first.variance()).unwrap();
    let at = given_data(atoms()).along(by.program(), NoiseLevel::DATA).start(Density::Gaussian(warm));
    let claim = at.error(constant(1), 0.02).then(THEOREM);
    // 0.3 1.2^2 + 0.45 0.1^2 + 0.25 0.9^2.
    let early = ((1.0 - (-0.2_f64).exp()).powi(2) * 0.639 + 1.0 - (-0.4_f64).exp()).sqrt();
    assert!((claim.term("early stop") - early).abs() < 1e-12);
    assert!(claim.holds(), "{claim}");
}

/// An error that jumps has no Lipschitz constant, which PMM-10b wants: PMM-7 takes over, with `sqrt(2 C K)`, C = s.
#[test]
fn log_sobolev_carries_what_contraction_does_not() {
    let (m, v, c) = (0.7, 0.3, 0.05_f64);
    let by = exponential(1.0, 0.05, 7).after(0.01, 400);
    let seen: Vec<u64> = (0..400).collect();
    let at = by.to_data(&line(m, v)).run(by.program().confined_to(&seen)).error(jumping(), c);
    let claim = at.then(THEOREM);
    let alone = given(&line(m, v)).along(langevin(0.01, 400, by.first()), by.first()).start(normal(1, 0.0, 1.0));
    let alone = alone.error(jumping(), c).then(&LMC_MGF_ERROR);
    let (mean, s) = noised(1.0, m, v);
    let above = 0.5 * statrs::function::erf::erfc((0.3 - mean) / (2.0 * s).sqrt());
    let k = mgf_by_hand(&alone, (mean, s), (0.0, 1.0), (0.01, 400), |r| (above * (r * c * c).exp_m1()).ln_1p() / r);
    let by_hand = (2.0 * s * k).sqrt();
    assert!((claim.term("W_corr") - by_hand).abs() < 1e-6 * by_hand, "{claim} {by_hand}");
    assert!(claim.holds(), "{claim}");
}

#[test]
fn fails_when_a_hypothesis_is_dropped() {
    let by = by(1.0, 0.1, (0.1, 5));
    let p = line(0.5, 0.8);
    let good = by.to_data(&p).error(constant(1), 0.1);
    assert!(good.then(THEOREM).holds(), "{}", good.then(THEOREM));
    let says = "the sampler is the probability flow of OU or VP, after Langevin steps at the horizon or none";
    assert_eq!(good.clone().run(with_late_steps(&by)).then(THEOREM).failed(), Some(says));
    let classical = exponential(1.0, 0.1, 7).to_data(&p);
    assert_eq!(classical.then(THEOREM).failed(), Some("Langevin steps at the horizon come first"));
    assert_eq!(by.on(&p).then(THEOREM).failed(), Some("the output is compared with the data"));
    let down = Falling { early: 0.0, ..by.clone() };
    let atoms = given_data(atoms()).along(down.program(), down.last()).start(normal(1, 0.0, 1.0));
    assert_eq!(atoms.then(THEOREM).failed(), Some("delta > 0, or p has a density"));
    let says = "<x - y, s(t,x) - s(t,y)> <= L_t |x - y|^2 and E_{p_t} |e_t|^2 < inf, L_t and the errors integrable over [delta, T1]";
    assert!(by.to_data(&p).error(jumping(), 0.1).then(THEOREM).leaves_open(says));
    // A start at atoms, of which PMM-7 wants KL, an error that jumps for PMM-10b: in the corrector, that is, for it is off below.
    let seen: Vec<u64> = (0..5).collect();
    let program = self::by(1.0, 0.1, (0.9, 5)).program().confined_to(&seen);
    let jumps = good.run(program).start_at_atoms().error(jumping(), 5.0).then(THEOREM);
    assert!(jumps.leaves_open("the Langevin steps are as PMM-10b or PMM-7 wants them"), "{jumps}");
    // Second moments beyond double precision.
    assert!(by.to_data(&line(1e160, 0.8)).then(THEOREM).leaves_open("E|X|^2 < inf"));
}

#[test]
fn can_be_violated() {
    let by = by(2.0, 0.02, (0.05, 100));
    let good = by.to_data(&line(0.5, 0.8)).error(constant(1), 0.02);
    assert!(good.then(THEOREM).holds(), "{}", good.then(THEOREM));
    let wild = exponential(2.0, 0.02, 7).after(1.8, 20).program();
    assert!(good.sabotaged(wild, THEOREM).is_violated());
    assert!(good.with_bound_over(1e6, THEOREM).is_violated());
}

/// At a fixed T1 both sides are linear in epsilon, once the corrector is long and fine.
#[test]
fn rate() {
    let of = |c: f64| by(0.5, 0.0, (1e-4, 200_000)).to_data(&line(0.0, 1.0)).error(constant(1), c).then(THEOREM);
    let (small, large) = (of(3e-2), of(3e-1));
    assert!((slope((3e-2, small.bound().mid()), (3e-1, large.bound().mid())) - 1.0).abs() < 0.02);
    assert!((slope((3e-2, small.measured().mid()), (3e-1, large.measured().mid())) - 1.0).abs() < 0.02);
}
