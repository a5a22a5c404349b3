//! LLT-11. See `annealed_lmc.md`.

use crate::support::*;
use proptest::prelude::*;
use scorebound::bounds::lee_lu_tan_2022::{ANNEALED_LMC, LMC_L2_SCORE, Setting, annealed_levels, chi2_step};
use scorebound::divergences::Divergence;
use scorebound::numerics::Interval;
use scorebound::processes::{NoiseLevel, Process, TimeGrid};
use scorebound::samplers::{Program, Rung, Scheme, annealed_lmc, geometric_sigmas, reverse_sde};
use scorebound::targets::{Data, Density, Mixture, Target};
use scorebound::verdicts::{Asymptote, Better, Condition, Search, rate as measure};

/// Steps of `fraction/(L^2 C)` for a time of `time` C at each level.
fn along(p: &dyn Target, sigmas: &[f64], fraction: f64, time: f64) -> Program {
    let rung = |&sigma: &f64| {
        let constants = p.constants(at_sigma(sigma));
        let (l, c) = (constants.lipschitz.value.hi(), constants.lsi.value.hi());
        let step = fraction / (l * l * c);
        Rung { level: at_sigma(sigma), step, steps: steps(time * c, step), rounding: 0.0 }
    };
    annealed_lmc(&sigmas.iter().map(rung).collect::<Vec<_>>())
}

/// A run from pure noise of the first size, compared at the last.
fn from_noise(p: &Density, sigmas: &[f64], program: Program) -> Given {
    let first = sigmas[0] * sigmas[0];
    given(p).start(normal(Target::dim(p), 0.0, first)).along(program, at_sigma(*sigmas.last().unwrap()))
}

/// Four levels for N(0, I_2), from far out.
const SIGMAS: [f64; 4] = [2.4, 2.0, 1.7, 1.5];

#[test]
fn restated_independently() {
    let (p, d) = (normal(2, 0.0, 1.0), 2.0);
    let at = from_noise(&p, &SIGMAS, along(&p, &SIGMAS, 1e-4, 5.0));
    let claim = at.then(&ANNEALED_LMC);
    assert!(claim.holds(), "{claim}");
    // K_m by hand, and LLT-6a at each level from a law that is that far off: p_sigma is N(0, (1 + sigma^2) I), and so is a
    // start of variance (1 + sigma^2) a.
    let (mut total, mut before) = (0.0, None);
    let levels = annealed_levels(&at.instance()).unwrap();
    for (level, sigma) in levels.iter().zip(SIGMAS) {
        let k2: f64 = match before {
            None => (1.0 - 2.0 / (sigma * sigma)).powf(-0.5 * d) - 1.0,
            Some(wider) => {
                let a: f64 = wider * wider / (sigma * sigma);
                (a * (2.0 - a)).powf(-0.5 * d) - 1.0
            }
        };
        before = Some(sigma);
        assert_close(level.chi2_start, k2);
        // (a (2 - a))^{-d/2} = 1 + K^2 for a = 1 - x: 1 - x^2 = (1 + K^2)^{-2/d}.
        let a = 1.0 - (1.0 - (1.0 + k2).powf(-2.0 / d)).sqrt();
        let v = 1.0 + sigma * sigma;
        let same = given(&normal(2, 0.0, v)).start(normal(2, 0.0, v * a)).run(lmc(level.run.step, level.run.steps));
        // Its KL is known better than from chi-squared: the bound from chi-squared alone is at least as large.
        let alone = same.then(&LMC_L2_SCORE).bound();
        let own = level.terms.total();
        assert!(own.hi() >= alone.lo() * (1.0 - 1e-6) && own.lo() <= 1.1 * alone.hi(), "{own} {alone}");
        total += own.mid();
    }
    assert_close(claim.bound(), total);
    // Against the data: half of sigma_1 sqrt(d L) more.
    let to_data = at.along(along(&p, &SIGMAS, 1e-4, 5.0), NoiseLevel::DATA).then(&ANNEALED_LMC);
    let stopping = 0.5 * 1.5 * d.sqrt();
    assert!((to_data.term("stopping") - stopping).abs() < 1e-12 && to_data.term("ends") == claim.term("ends"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(10))]
    #[test]
    fn holds_where_it_should(
        p in gaussians(1..=12, 4.0),
        widest in 1.5..5.0f64,
        alpha in 0.2..0.9f64,
        count in 2..6i32,
        log in -12.0..-3.0f64,
    ) {
        let d = Target::dim(&p);
        let ratio = 1.0 + alpha / (d as f64).sqrt();
        let sigmas: Vec<f64> = (0..count).map(|m| widest * ratio.powf(-0.5 * f64::from(m))).collect();
        let fraction = 0.01 / (d as f64 * f64::from(count * count));
        let exact = from_noise(&p, &sigmas, along(&p, &sigmas, fraction, 6.0));
        for at in [exact.clone(), exact.clone().epsilon(constant(d), 10f64.powf(log)), exact.epsilon(outward(d, 1.0, 0.2), 10f64.powf(log))] {
            let claim = at.then(&ANNEALED_LMC);
            prop_assert!(claim.holds_or_vacuous(), "{claim}");
        }
    }
}

/// On the line, a mixture and three atoms.
#[test]
fn holds_on_the_line() {
    let sigmas = [2.2, 1.7];
    for data in [Data::Density(two_modes()), atoms()] {
        let program = along(&data, &sigmas, 2e-3, 6.0);
        let at = given_data(data)
            .start(normal(1, 0.0, 2.2 * 2.2))
            .along(program, at_sigma(1.7))
            .epsilon(affine(1, -0.2), 1e-9);
        let claim = at.then(&ANNEALED_LMC);
        assert!(claim.holds(), "{claim}");
        assert!(claim.term("bad-sets") > 0.0 && claim.term("stopping") == 0.0, "{claim}");
    }
}

/// The chance of meeting a bad set, level by level and step by step, given the threshold and the parameters of LLT-5a.
#[test]
fn bad_sets_by_hand() {
    let (p, sigmas, slope) = (normal(1, 0.0, 1.0), [2.2_f64, 1.7], 0.2);
    // Steps few enough to be added up one by one.
    let at = from_noise(&p, &sigmas, along(&p, &sigmas, 2e-3, 2.0)).epsilon(affine(1, -slope), 1e-9);
    let (claim, instance) = (at.then(&ANNEALED_LMC), at.instance());
    let (mut total, mut seen) = (0.0, 0);
    for level in annealed_levels(&instance).unwrap() {
        let (v, t, h) = (1.0 + level.run.level.variance(), level.terms.tau, level.run.step);
        let sd = slope * instance.amplitude_at(level.run.level).abs() * v.sqrt();
        let delta = tails(t / sd).min((1e-9 / t).powi(2));
        assert_close_to(level.terms.delta, delta, 1e-6);
        let step = chi2_step(&Setting::new(1.0, 1.0 / v, v, h), Interval::point(t).sqr(), level.terms.chi2).unwrap();
        let (mut chi2, mut met) = (level.chi2_start.mid(), 0.0);
        for _ in 0..level.run.steps {
            met += mass(delta, chi2);
            chi2 = (step.gamma.mid() - step.r.mid() * h / v).exp() * chi2 + step.gamma.mid().exp_m1();
        }
        assert!(met > 0.0);
        assert_close_to(level.terms.bad_sets, met, 1e-6);
        (total, seen) = (total + met, seen + 1);
    }
    assert!(seen == 2 && (claim.term("bad-sets") / total - 1.0).abs() < 1e-6, "{claim} {total}");
}

#[test]
fn fails_when_a_hypothesis_is_dropped() {
    let theorem = &ANNEALED_LMC;
    let p = normal(2, 0.0, 1.0);
    let program = || along(&p, &SIGMAS, 1e-4, 5.0);
    let good = from_noise(&p, &SIGMAS, program());
    assert!(good.then(theorem).holds(), "{}", good.then(theorem));
    let ladder = Some("the sampler is LMC at falling levels of VE, one step size at each");
    assert_eq!(good.clone().along(noisier(&program(), 1.5), at_sigma(1.5)).then(theorem).failed(), ladder);
    let reverse = reverse_sde(&Process::Ve, Scheme::EulerMaruyama, &TimeGrid::uniform(2.88, 1.125, 4).unwrap());
    assert_eq!(good.clone().along(reverse, at_sigma(1.5)).then(theorem).failed(), ladder);
    let rising = along(&p, &[2.4, 2.5], 1e-4, 5.0);
    assert_eq!(good.clone().along(rising, at_sigma(2.5)).then(theorem).failed(), ladder);
    let down_to_the_data = along(&p, &[2.4, 0.0], 1e-4, 5.0);
    assert_eq!(good.clone().along(down_to_the_data, NoiseLevel::DATA).then(theorem).failed(), ladder);
    let two_sizes = [along(&p, &[2.4], 1e-4, 5.0), along(&p, &[2.4], 1e-5, 5.0)].map(|p| p.blocks).concat();
    assert_eq!(good.clone().along(Program { blocks: two_sizes }, at_sigma(2.4)).then(theorem).failed(), ladder);
    let compared = Some("the output is compared at sigma_1, or with smooth data");
    assert_eq!(good.clone().along(program(), at_sigma(1.4)).then(theorem).failed(), compared);
    let to_atoms =
        given_data(atoms()).start(normal(1, 0.0, 4.0)).along(along(&atoms(), &[2.0], 1e-3, 5.0), NoiseLevel::DATA);
    assert_eq!(to_atoms.then(theorem).failed(), compared);
    let start = Some("the start is N(0, sigma^2 I) of the first level");
    assert_eq!(good.clone().start(normal(2, 0.0, 5.0)).then(theorem).failed(), start);
    let tails = from_noise(&normal(2, 0.0, 3.0), &SIGMAS, program()).then(theorem);
    assert_eq!(tails.failed(), Some("E_p exp(|x|^2/sigma^2) < inf at the first level"));
    let sparse = from_noise(&p, &[2.4, 1.5], along(&p, &[2.4, 1.5], 1e-4, 5.0)).then(theorem);
    assert_eq!(sparse.failed(), Some("sigma'^2 < 2 sigma^2 for consecutive levels"));
    let rough = from_noise(&rough(), &[2.4], annealed(&[2.4], 1e-3, 10)).then(theorem);
    assert_eq!(rough.failed(), Some("p_sigma is L-smooth at every level"));
    // Noise of this size still leaves them too far apart.
    let far = Density::Mixture(Mixture::scalar(&[0.5, 0.5], &[-80.0, 80.0], &[1.0, 1.0]).unwrap());
    let far = from_noise(&far, &[1.5], annealed(&[1.5], 1e-30, 10)).then(theorem);
    assert!(far.leaves_open("p_sigma satisfies LSI(C) at every level"), "{far}");
    let large = good.clone().error(affine(2, -100.0), 1e307).then(theorem);
    assert!(large.leaves_open("E_{p_sigma} |e|^2 <= epsilon^2 < inf at every level"), "{large}");
    let long = from_noise(&p, &SIGMAS, along(&p, &SIGMAS, 0.3, 5.0)).then(theorem);
    assert_eq!(long.failed(), Some("6 (hL)^2 < 1 and r > 0 for some c, a, beta at every level"));
}

#[test]
fn can_be_violated() {
    let p = normal(1, 0.0, 1.0);
    let sigmas = [2.0, 1.7];
    let program = along(&p, &sigmas, 1e-4, 8.0);
    let good = from_noise(&p, &sigmas, program.clone());
    assert!(good.then(&ANNEALED_LMC).holds());
    let claim = good.sabotaged(noisier(&program, 1.3), &ANNEALED_LMC);
    assert!(claim.is_violated(), "{claim}");
    // The last level missing: the output is the law of the one before.
    let claim = good.sabotaged(along(&p, &[3.0], 1e-4, 8.0), &ANNEALED_LMC);
    assert!(claim.is_violated(), "{claim}");
    assert!(good.with_bound_over(1e6, &ANNEALED_LMC).is_violated());
}

/// The ladder from 4 d down to 2 with alpha = 1/2, and step sizes `step` times 1/(L^2 C) at each level.
fn ladder_of(d: f64, step: f64, time: f64) -> (Given, f64) {
    let p = normal(d as usize, 0.0, 1.0);
    let sigmas = geometric_sigmas((4.0 * d).sqrt(), 2.0_f64.sqrt(), 0.5 / d.sqrt()).unwrap();
    (from_noise(&p, &sigmas, along(&p, &sigmas, step, time)), sigmas.len() as f64)
}

/// Steps of accuracy^2/(d M^2) are enough by the bound, hence evaluations ~ M/h ~ d^{5/2} (up to the logarithm of the range);
/// the truth on Gaussians forgets all levels but the last, and its step goes like d^{-1/2}.
#[test]
fn rate() {
    let time = |levels: f64| 2.0 * (4.0 * levels).ln() + 2.0;
    for d in [4.0, 16.0, 64.0, 256.0_f64] {
        let levels = ladder_of(d, 1.0, 1.0).1;
        let at = ladder_of(d, 0.3 * 0.25 * 0.25 / (d * levels * levels), time(levels)).0;
        let claim = at.then(&ANNEALED_LMC);
        assert!(claim.holds() && claim.bound().hi() <= 0.25, "d = {d}: {claim}");
    }
    let found = measure(
        &[64.0, 128.0, 256.0, 512.0],
        Asymptote::Large,
        Condition::AtMost(0.05),
        |_| Search { lo: 1e-4, hi: 0.5, integer: false, relative: 1e-3 },
        |d, step| {
            let at = ladder_of(d, step, 12.0).0.instance();
            at.divergence(Divergence::Tv).map(|tv| -> Interval { tv.value })
        },
    );
    let stated = ANNEALED_LMC.exponents.iter().find(|e| e.of == "step" && e.in_ == "dim").unwrap().power;
    let outcome = found.compare(f64::from(stated.0) / f64::from(stated.1), Better::Larger, 0.05);
    assert_eq!(outcome.word(), "beaten", "{outcome} {found:?}");
    assert!((found.fit.unwrap().value + 0.5).abs() < 0.05, "{found:?}");
}
