//! PMM-13. See `reverse_sde_tv.md`.

use crate::flows::*;
use crate::support::*;
use proptest::prelude::*;
use scorebound::bounds::lee_lu_tan_2022::{PATH_KL_EULER, PATH_KL_EXPONENTIAL, PATH_KL_EXPONENTIAL_MINUS};
use scorebound::bounds::pedrotti_maas_mondelli_2024::REVERSE_SDE_TV;
use scorebound::divergences::Divergence;
use scorebound::numerics::gauss_legendre;
use scorebound::samplers::Scheme;
use scorebound::targets::Target;

/// `Disc` of the statement for N(m, v) on the line, by quadrature over the time.
fn disc(by: &Falling, scheme: Scheme, (m, v): (f64, f64)) -> f64 {
    let h = (by.horizon - by.early) / by.steps as f64;
    let rule = gauss_legendre(40);
    let at = |t: f64| {
        let (mean, s) = noised(t, m, v);
        (1.0 / s, mean * mean + s)
    };
    let mut total = 0.0;
    for k in 0..by.steps {
        let begin = by.horizon - k as f64 * h;
        let (jk, mk) = at(begin);
        for (x, w) in rule.nodes.iter().zip(&rule.weights) {
            let late = 0.5 * h * (x + 1.0);
            let (j, m) = at(begin - late);
            let (up, down) = (late.exp(), (-late).exp());
            let gg = j + (1.0 - 2.0 * down) * jk;
            let xx = m + mk - 2.0 * down * m;
            let xg = -2.0 + down + up - up * (1.0 - down * down) * jk;
            total += 0.5
                * h
                * w
                * match scheme {
                    Scheme::Exponential => gg,
                    Scheme::EulerMaruyama => (xx + 4.0 * xg + 4.0 * gg) / 4.0,
                    Scheme::ExponentialMinus => xx + 2.0 * xg + gg,
                };
        }
    }
    total
}

#[test]
fn restated_independently() {
    for (scheme, m, v, horizon, early, n, c) in [
        (Scheme::Exponential, 0.7, 0.3, 2.0, 0.05, 4, 0.1),
        (Scheme::EulerMaruyama, -0.4, 2.5, 1.0, 0.0, 7, 0.0),
        (Scheme::ExponentialMinus, 1.0, 0.5, 2.0, 0.1, 40, 0.2),
    ] {
        let by = sde(scheme, horizon, early, n);
        let claim = by.warm(&line(m, v)).error(constant(1), c).then(&REVERSE_SDE_TV);
        let disc = disc(&by, scheme, (m, v));
        assert!((claim.term("discretisation") - disc).abs() < 1e-10 * (1.0 + disc), "{claim} {disc}");
        let error = c * c * (horizon - early);
        assert!((claim.term("score error") - error).abs() < 1e-12);
        // A constant error and the score are orthogonal, and so are it and x where the mean is 0.
        let path = disc + error + claim.term("cross");
        assert_close_to(claim.bound() - claim.term("TV(p_T1, q_T1)"), (0.5 * path).sqrt(), 1e-9);
        assert!(path.sqrt() <= disc.sqrt() + error.sqrt() + 1e-12);
    }
    // Handed over by Langevin steps: their distance is that of the corrector's law.
    let by = sde(Scheme::Exponential, 1.0, 0.1, 10).after(0.1, 7);
    let alone = given(&line(0.5, 0.8)).along(scorebound::samplers::lmc(0.1, 7, by.first()), by.first());
    let tv = alone.start(normal(1, 0.0, 1.0)).instance().divergence(Divergence::Tv).unwrap().value;
    let claim = by.on(&line(0.5, 0.8)).then(&REVERSE_SDE_TV);
    assert!((claim.term("TV(p_T1, q_T1)") - tv.mid()).abs() < 1e-9, "{claim} {tv}");
}

/// `revSDE_EM_pathKL` and `TV_rev` of the reference values.
#[test]
fn the_path_is_that_of_the_reference() {
    let p = line(1.0, 4.0);
    let claim = sde(Scheme::EulerMaruyama, 2.0, 0.1, 20).warm(&p).then(&REVERSE_SDE_TV);
    let euler = reference("revSDE_EM_pathKL_N(1,4)_N20");
    assert!((claim.term("discretisation") - euler).abs() < 1e-12, "{claim}");
    let claim = sde(Scheme::Exponential, 2.0, 0.1, 20).warm(&p).error(constant(1), 0.1).then(&REVERSE_SDE_TV);
    let apart = (0.5 * claim.term("discretisation")).sqrt() + (0.5 * claim.term("score error")).sqrt();
    assert!((apart - reference("TV_rev_N(1,4)_N20_eps0.1")).abs() < 1e-12, "{claim}");
}

/// `PC_full_EI` of the reference values: prediction-correction by 20 exponential steps of the SDE with a constant error of 0.1 throughout,
/// `corr_euler` what it hands over.
#[test]
fn prediction_correction_is_that_of_the_reference() {
    let p = line(1.0, 4.0);
    let by = sde(Scheme::Exponential, 1.0, 0.1, 20).after(0.05, 60);
    let at = by.on(&p).error(constant(1), 0.1);
    let instance = at.instance();
    let variance = instance.output().unwrap().cov()[(0, 0)];
    assert!((variance - reference("PC_full_EI_N(1,4)_var")).abs() < 1e-13, "{variance:?}");
    let w2 = instance.divergence(Divergence::W2).unwrap().value;
    assert!(w2.widen(1e-13).contains(reference("PC_full_EI_N(1,4)_W2_pdelta")), "{w2:?}");
    let alone = given(&p).along(scorebound::samplers::lmc(0.05, 60, by.first()), by.first());
    let alone = alone.start(normal(1, 0.0, 1.0)).error(constant(1), 0.1).instance();
    let mean = alone.output().unwrap().mean()[0];
    assert!((mean - reference("corr_euler_N(1,4)_mean")).abs() < 1e-14);
    for (kind, name) in [(Divergence::W2, "corr_euler_N(1,4)_W2"), (Divergence::Kl, "corr_euler_N(1,4)_KL")] {
        let found = alone.divergence(kind).unwrap().value;
        assert!(found.widen(1e-14).contains(reference(name)), "{name} {found:?}");
    }
}

/// From the target at the horizon, Pinsker's inequality of LLT-12a to c.
#[test]
fn is_the_root_of_the_path_of_the_langevin_page() {
    for (scheme, theorem) in [
        (Scheme::Exponential, &PATH_KL_EXPONENTIAL),
        (Scheme::ExponentialMinus, &PATH_KL_EXPONENTIAL_MINUS),
        (Scheme::EulerMaruyama, &PATH_KL_EULER),
    ] {
        let at = sde(scheme, 1.0, 0.1, 6).warm(&two_modes()).error(constant(1), 0.05);
        let path = at.then(theorem).bound();
        let tv = at.then(&REVERSE_SDE_TV);
        assert!(tv.bound().overlaps((path * 0.5).sqrt()), "{tv} {path}");
        assert!(tv.holds(), "{tv}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]
    #[test]
    fn holds_where_it_should(p in gaussians(1..=6, 8.0), horizon in 0.3..3.0f64, early in 0.0..0.3f64, n in 1..20u64, c in 1e-3..0.5f64, corrected in 0..20u64) {
        let d = Target::dim(&p);
        for (scheme, shape) in Scheme::ALL.into_iter().zip([constant(d), affine(d, -0.2), affine(d, 0.2)]) {
            let by = sde(scheme, horizon + early, early, n).after(0.05, corrected);
            let claim = by.on(&p).error(shape, c).then(&REVERSE_SDE_TV);
            prop_assert!(claim.holds_or_vacuous(), "{claim}");
        }
    }
}

#[test]
fn fails_when_a_hypothesis_is_dropped() {
    let by = sde(Scheme::Exponential, 1.0, 0.1, 4);
    let says = "the sampler is the reverse SDE of OU or VP, after Langevin steps at the horizon or none";
    is_no_other_phase(&by, &REVERSE_SDE_TV, says);
    // "the output is compared with p_delta as it is".
    is_compared_at_stop(&by, &REVERSE_SDE_TV);
    // "delta > 0, or p has a density".
    has_no_density(&by, &REVERSE_SDE_TV);
    let says = "E|x|^2 < inf; J of p_t and E_{p_t} |e_t|^2 are known at every level";
    let good = by.on(&line(0.5, 0.8));
    assert!(good.clone().error(constant(1), 1e200).then(&REVERSE_SDE_TV).leaves_open(says));
    assert!(by.on(&three_dimensional()).then(&REVERSE_SDE_TV).leaves_open(says));
    // "TV(p_T1, q_T1) is known": from atoms it is 1, and the bound says nothing.
    assert_eq!(good.start_at_atoms().then(&REVERSE_SDE_TV).failed(), None);
}

#[test]
fn can_be_violated() {
    let by = sde(Scheme::Exponential, 1.0, 0.1, 40);
    let good = by.warm(&line(0.5, 0.8)).error(constant(1), 0.01);
    assert!(good.then(&REVERSE_SDE_TV).holds(), "{}", good.then(&REVERSE_SDE_TV));
    assert!(good.sabotaged(noisier(&by.program(), 1.5), &REVERSE_SDE_TV).is_violated());
    assert!(good.with_bound_over(1e6, &REVERSE_SDE_TV).is_violated());
}

/// The bound is linear in epsilon and in the root of the step, as guaranteed; the truth may be better.
#[test]
fn rate() {
    let of = |c: f64| {
        sde(Scheme::Exponential, 1.0, 0.1, 2000).warm(&line(0.0, 1.0)).error(constant(1), c).then(&REVERSE_SDE_TV)
    };
    let (small, large) = (of(0.1), of(0.3));
    assert!((slope((0.1, small.measured().mid()), (0.3, large.measured().mid())) - 1.0).abs() < 0.05);
    let of = |n: u64| sde(Scheme::Exponential, 1.0, 0.1, n).warm(&line(0.5, 0.3)).then(&REVERSE_SDE_TV);
    let (coarse, fine) = (of(100), of(400));
    assert!((slope((1.0 / 400.0, fine.bound().mid()), (1.0 / 100.0, coarse.bound().mid())) - 0.5).abs() < 0.02);
}
