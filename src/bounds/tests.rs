//! The formulas against high-precision values, and the properties every bound must have.

use super::Holds;
use super::general::{Geometric, between, count, geometric_series, minimise};
use super::hypotheses::finite_constant;
use super::lee_lu_tan_2022::*;
use crate::numerics::{Evidence, Interval};
use crate::targets::{Certificate, Constant};
use serde_json::Value;

/// The entry `id` of the reference file.
fn reference(id: &str) -> Value {
    let all: Value = serde_json::from_str(include_str!("../../paper_checks/reference/langevin.json")).unwrap();
    all["values"].as_array().unwrap().iter().find(|v| v["id"] == id).unwrap().clone()
}

fn number(v: &Value) -> f64 {
    v.as_f64().unwrap_or_else(|| v.as_str().unwrap().parse().unwrap())
}

/// The enclosure holds the reference and is no wider than `relative` around it.
fn assert_encloses(found: Interval, expected: &Value, relative: f64) {
    let expected = number(expected);
    // The reference is the nearest double: allow its rounding.
    let slack = expected.abs() * 2.3e-16;
    assert!(found.widen(slack).contains(expected), "{found:?} does not hold {expected:?}");
    assert!(found.width() <= relative * expected.abs(), "{found:?} is wider than {relative:e}");
}

fn setting_of(inputs: &Value) -> Setting {
    Setting::new(number(&inputs["d"]), number(&inputs["L"]), number(&inputs["C"]), number(&inputs["h"]))
}

#[test]
fn b2_largest_mass_given_kl() {
    let r = reference("b2");
    let found = excess_mass_kl(number(&r["inputs"]["delta"]).into(), number(&r["inputs"]["K"]).into());
    assert_encloses(found, &r["output"], 1e-13);
    let closed = excess_mass_kl_closed(number(&r["inputs"]["delta"]).into(), number(&r["inputs"]["K"]).into());
    assert!(closed.lo() >= found.hi());
}

#[test]
fn b3_kl_recursion() {
    let r = reference("b3");
    let i = &r["inputs"];
    let tau2 = Interval::point(number(&i["tau2"]));
    let s = setting_of(i);
    let (rho, inc) = kl_recursion(&s, tau2, number(&i["lam"]), number(&i["beta"])).unwrap();
    assert_encloses(rho, &r["output"]["rho"], 1e-13);
    assert_encloses(inc, &r["output"]["inc"], 1e-13);
    let step = kl_step(&s, true, number(&i["lam"]), number(&i["beta"])).unwrap();
    let bound = step.along(number(&i["KL0"]).into(), &PathError::uniform(200, tau2)).total();
    assert_encloses(bound, &r["output"]["bound"], 1e-13);
    // The minimised bound can only be better.
    let (best, _) = kl_bound(&s, number(&i["KL0"]).into(), &PathError::uniform(200, tau2)).unwrap();
    assert!(best.total().hi() <= bound.hi());
}

#[test]
fn b5_closed_forms_in_kl() {
    let r = reference("b5");
    let i = &r["inputs"];
    let (s, start) = (setting_of(i), Interval::point(number(&i["KL0"])));
    assert_encloses(kl_closed_exact(&s, start, 200).total(), &r["output"]["llt3b"], 1e-13);
    let inexact = kl_closed_inexact(&s, start, 200, number(&i["tau2"]).into()).total();
    assert_encloses(inexact, &r["output"]["llt4b"], 1e-13);
}

#[test]
fn b6_chi_squared_recursion() {
    let r = reference("b6");
    let i = &r["inputs"];
    let (s, tau2, start) = (setting_of(i), Interval::point(number(&i["tau2"])), Interval::point(2.0));
    let step = chi2_step(&s, tau2, Chi2Parameters::CLOSED_FORM).unwrap();
    assert_encloses(step.r, &r["output"]["r"], 1e-13);
    assert_encloses(step.gamma, &r["output"]["gamma"], 1e-13);
    assert_encloses(step.from(start).after(count(3000)), &r["output"]["chi2_N"], 1e-12);
    assert_encloses(chi2_closed(&s, start, 3000, tau2).total(), &r["output"]["closed_5b"], 1e-13);
}

#[test]
fn b8_sum_over_bad_sets() {
    let r = reference("b8");
    let i = &r["inputs"];
    let s = setting_of(i);
    let (tau, epsilon) = (number(&i["tau"]), number(&i["eps"]));
    let chain = chi2_step(&s, Interval::point(tau).sqr(), Chi2Parameters::CLOSED_FORM)
        .unwrap()
        .from(Interval::point(number(&i["K_chi"])).sqr());
    let delta = chebyshev(epsilon.into(), tau.into());
    let looped = excess_mass_sum(delta, &chain, 3000, 4096);
    assert_encloses(looped, &r["output"]["sum_fbar"], 1e-11);
    let end = chain.after(count(3000)).sqrt() / 2.0;
    assert_encloses(end, &r["output"]["end"], 1e-12);
    assert_encloses(end + looped, &r["output"]["bound"], 1e-11);
    // The sum by pieces encloses the sum term by term.
    let pieces = excess_mass_sum(delta, &chain, 3000, 400);
    assert!(pieces.encloses(looped) && pieces.width() < 1e-5 * looped.hi(), "{pieces:?} {looped:?}");
}

#[test]
fn b9_prescription() {
    let r = reference("b9");
    let i = &r["inputs"];
    let goal = Goal {
        dim: number(&i["d"]),
        smoothness: number(&i["L"]),
        lsi: number(&i["C"]),
        k_chi: number(&i["K_chi"]),
        eps_tv: number(&i["eTV"]),
        eps_chi: number(&i["eChi"]),
    };
    let found = prescription(&goal).unwrap();
    for (name, value) in [("h", found.step), ("tau", found.tau), ("eps", found.epsilon), ("N", found.steps as f64)] {
        let expected = number(&r["output"][name]);
        assert!((value / expected - 1.0).abs() < 1e-13, "{name}: {value:e} against {expected:e}");
    }
}

#[test]
fn c2_second_mode() {
    let r = reference("c2");
    let example = SecondMode::new(number(&r["inputs"]["m"]), number(&r["inputs"]["w"]));
    assert_encloses(example.stationary_tv(), &r["output"]["TV_stat"], 1e-12);
    let epsilon = number(&r["output"]["eps"]);
    let upper = example.epsilon_upper();
    assert!(upper.lo() >= epsilon && upper.hi() < 1.3 * epsilon, "{upper:?}");
    assert_eq!(example.lipschitz(), Interval::point(15.0));
    let same = SecondMode::with_threshold(example.distance, example.threshold());
    assert!(same.weight().contains(number(&r["inputs"]["w"])));
}

#[test]
fn c3_kick() {
    let r = reference("c3");
    let kick = Kick { height: number(&r["inputs"]["A"]).into(), threshold: number(&r["inputs"]["R"]).into() };
    assert_encloses(kick.epsilon(), &r["output"]["eps"], 1e-13);
    assert_encloses(kick.normalisation(), &r["output"]["Z"], 1e-12);
    assert_encloses(kick.stationary_tv(), &r["output"]["TV_stat"], 1e-12);
    assert_encloses(kick.mean_escape_time(), &r["output"]["E0_hit_R"], 1e-11);
    let medium = tv_from_kl(kick.epsilon().sqr() * 50.0 / 4.0);
    let expected = number(&r["output"]["girsanov_TV_T50"]);
    assert!(medium.hi() <= expected * (1.0 + 1e-12));
}

#[test]
fn excess_mass_is_the_sharp_supremum() {
    // The extremal q has density x/p(B) on B; its chi-squared is (x - delta)^2/(delta (1 - delta)).
    for (delta, chi) in [(1e-3, 0.5), (0.2, 1.0), (1e-12, 3.0), (0.4, 0.1)] {
        let x = excess_mass(Interval::point(delta), Interval::point(chi)).mid();
        let chi2 = (x - delta) * (x - delta) / (delta * (1.0 - delta));
        assert!((chi2.sqrt() / chi - 1.0).abs() < 1e-6);
        assert!(excess_mass_published(delta.into(), chi.into()).lo() >= x);
    }
    assert_eq!(excess_mass(Interval::point(0.5), Interval::point(1.0)), Interval::ONE);
    assert_eq!(excess_mass(Interval::ZERO, Interval::point(7.0)), Interval::ZERO);
}

#[test]
fn closed_form_equals_recursion() {
    for decay in [0.3, 1e-3, 0.0, -0.01] {
        let g = Geometric { start: 2.0.into(), decay: Interval::point(decay), increment: 0.125.into() };
        let mut x = Interval::point(2.0);
        for k in 0..200 {
            assert!(g.after(count(k)).overlaps(x), "{decay} {k}");
            x = x * Interval::point(-decay).exp() + 0.125;
        }
    }
    assert!(geometric_series(Interval::new(-1e-9, 1e-9), count(1000)).contains(1000.0));
}

#[test]
fn sums_by_pieces_enclose_sums_by_terms() {
    for (start, increment) in [(5.0, 1e-3), (0.0, 1e-3), (1e8, 1e-6), (0.1, 0.0)] {
        let g = Geometric { start: Interval::point(start), decay: 2e-3.into(), increment: Interval::point(increment) };
        let terms: Interval = (0..9000).map(|k| g.after(count(k)).sqrt()).sum();
        let pieces = g.sum_of_roots(9000, 2048);
        assert!(pieces.overlaps(terms) && pieces.lo() <= terms.hi() && pieces.hi() >= terms.lo());
        assert!(pieces.width() < 1e-4 * terms.hi(), "{start} {increment}: {pieces:?} {terms:?}");
        assert!(pieces.hi() >= terms.lo() && pieces.lo() <= terms.hi());
    }
}

#[test]
fn twenty_billion_steps_cost_nothing() {
    let g = Geometric { start: 1.0.into(), decay: 1e-8.into(), increment: 1e-9.into() };
    let clock = std::time::Instant::now();
    let sum = g.sum_of_roots(20_000_000_000, 4096);
    assert!(sum.width() < 1e-4 * sum.hi(), "{sum:?}");
    assert!(clock.elapsed().as_secs_f64() < 1.0);
}

#[test]
fn the_prescription_keeps_its_promise_in_the_closed_form() {
    for (dim, k_chi, eps_tv, eps_chi) in [(1.0, 0.7, 0.2, 0.3), (100.0, 2.0, 0.01, 1.0), (3.0, 0.0, 1.0, 1.0)] {
        let goal = Goal { dim, smoothness: 1.7, lsi: 2.2, k_chi, eps_tv, eps_chi };
        let p = prescription(&goal).unwrap();
        let s = Setting::new(dim, 1.7, 2.2, p.step);
        assert!(first_step_condition(&s).holds() && second_step_condition(&s).holds());
        assert!(error_condition(&s, Interval::point(p.tau).sqr()).holds());
        let chi2_start = Interval::point(k_chi).sqr();
        let run = Run { chi2_start, kl_start: chi2_start.ln_1p(), steps: p.steps };
        let terms = l2_score_closed(&s, &run, p.epsilon.into(), p.tau);
        assert!(terms.total().hi() <= eps_tv + 0.5 * eps_chi, "{terms:?}");
        assert!((terms.bad_set + terms.bad_start).hi() <= eps_tv * (1.0 + 1e-12));
    }
}

#[test]
fn prescription_exponents() {
    // Differences of logarithms at K_chi = 1, eps_chi small: the exponents stated as guarantees.
    let goal = |d: f64, l: f64, c: f64, tv: f64, chi: f64| {
        prescription(&Goal { dim: d, smoothness: l, lsi: c, k_chi: 1.0, eps_tv: tv, eps_chi: chi }).unwrap()
    };
    let base = goal(4.0, 2.0, 3.0, 0.01, 0.001);
    let slope = |other: Prescription, by: f64| {
        ((other.epsilon / base.epsilon).ln() / by.ln(), (other.step / base.step).ln() / by.ln())
    };
    // N h/C + 4 K grows like 2 ln(3/eps_chi^2) + 4: the logarithm of the statement, in closed form.
    let work = |eps_chi: f64| 2.0 * (3.0 / (eps_chi * eps_chi)).ln() + 4.0;
    let logarithm = (work(0.0005) / work(0.001)).ln() / 2f64.ln();
    let checks = [
        (slope(goal(8.0, 2.0, 3.0, 0.01, 0.001), 2.0), (-1.0, -1.0), 1e-3),
        (slope(goal(4.0, 4.0, 3.0, 0.01, 0.001), 2.0), (-2.0, -2.0), 1e-3),
        (slope(goal(4.0, 2.0, 6.0, 0.01, 0.001), 2.0), (-2.5, -1.0), 1e-3),
        (slope(goal(4.0, 2.0, 3.0, 0.02, 0.001), 2.0), (1.0, 0.0), 1e-3),
        (slope(goal(4.0, 2.0, 3.0, 0.01, 0.0005), 0.5), (3.0 + logarithm, 2.0), 1e-3),
    ];
    for (found, stated, tolerance) in checks {
        assert!(
            (found.0 - stated.0).abs() < tolerance && (found.1 - stated.1).abs() < tolerance,
            "{found:?} {stated:?}"
        );
    }
}

#[test]
fn bounds_grow_with_their_inputs() {
    let run = Run { chi2_start: 1.0.into(), kl_start: Interval::LN_2, steps: 5000 };
    let at = |d: f64, l: f64, c: f64, e: f64| {
        let s = Setting::new(d, l, c, 1e-5);
        (
            l2_score_closed(&s, &run, e.into(), 0.05).total().hi(),
            kl_closed_inexact(&s, 1.0.into(), 5000, Interval::point(e).sqr()).total().hi(),
            l2_score_at(&s, &run, 0.05, chebyshev(e.into(), 0.05.into()), Chi2Parameters::CLOSED_FORM)
                .unwrap()
                .total()
                .hi(),
        )
    };
    let base = at(2.0, 1.5, 2.0, 1e-7);
    for other in [at(3.0, 1.5, 2.0, 1e-7), at(2.0, 1.6, 2.0, 1e-7), at(2.0, 1.5, 2.2, 1e-7), at(2.0, 1.5, 2.0, 2e-7)] {
        assert!(other.0 >= base.0 && other.1 >= base.1 && other.2 >= base.2 * 0.999_999, "{base:?} {other:?}");
    }
}

#[test]
fn six_a_is_never_worse_than_six_b() {
    for (d, epsilon, steps) in [(1.0, 1e-9, 100_000), (5.0, 1e-7, 20_000), (2.0, 0.0, 4_000_000)] {
        let s = Setting::new(d, 1.3, 1.7, 5e-5);
        let run = Run { chi2_start: 1.5.into(), kl_start: Interval::point(1.5).ln_1p(), steps };
        let epsilon = Interval::point(epsilon);
        let (tau, closed) = l2_score_closed_best(&s, &run, epsilon);
        let delta = |tau: f64| if epsilon == Interval::ZERO { Interval::ZERO } else { chebyshev(epsilon, tau.into()) };
        let best = l2_score(&s, &run, &[tau], &delta).unwrap();
        assert!(best.total().hi() <= closed.total().hi(), "{best:?} {closed:?}");
    }
}

#[test]
fn the_minimiser_finds_a_valley() {
    let x = minimise(&[(-3.0, 3.0), (-3.0, 3.0)], 4, |x| (x[0] - 1.0).powi(2) + 10.0 * (x[1] - x[0]).powi(2));
    assert!((x[0] - 1.0).abs() < 1e-2 && (x[1] - 1.0).abs() < 1e-2, "{x:?}");
}

#[test]
fn the_minimiser_follows_a_bent_valley() {
    let valley = |x: &[f64]| (1.0 - x[0]).powi(2) + 100.0 * (x[1] - x[0] * x[0]).powi(2) + (x[2] - x[1]).powi(2);
    let x = minimise(&[(-2.0, 2.0); 3], 4, valley);
    assert!(valley(&x) < 1e-6, "{x:?}");
}

#[test]
fn between_stays_inside_and_reaches_both_ends() {
    for (lo, hi) in [(0.0, 1e12), (0.25, 0.2501), (0.0, 1e-9)] {
        let at = |t: f64| between(lo, hi, t);
        assert!(lo < at(0.0) && at(0.0) < lo + 1e-3 * (hi - lo).min(1.0) && at(0.4) < at(0.6));
        assert!(at(1.0) <= hi && at(1.0) > lo + 0.999 * (hi - lo), "{lo} {hi}");
    }
}

/// Cases in which a compass search from a coarse grid got stuck at 1.73, at 4.5 % above the least, and at 100 times it.
#[test]
fn the_parameters_of_5a_are_found() {
    let tau2 = Interval::point(0.7194776514145539).sqr();
    let s = Setting::new(8.0, 4.288_128_661_448_241_5, 3.842_361_207_932_130_5, 0.001_390_975_997_634_782_3);
    let start = Interval::point(0.452_596_251_335_401_9);
    let found = best_chi2_parameters(&s, tau2, start, 33).unwrap();
    let value = chi2_step(&s, tau2, found).unwrap().from(start).after(count(33));
    assert!(value.hi() < 0.7622, "{found:?} {value:?}");
    // Nothing random near it is better, in cases of all kinds.
    let mut rng = crate::numerics::stream(5, "parameters of 5a", 0);
    let mut uniform = |lo: f64, hi: f64| lo + (hi - lo) * rand::RngExt::random::<f64>(&mut rng);
    for _ in 0..60 {
        let (d, l) = (uniform(0.0, 4.0).exp(), uniform(0.0, 2.0).exp());
        let c = uniform(0.0, 2.0).exp() / l.sqrt() + 1.0 / l;
        let h = uniform(-7.0, -0.1).exp() / (8.0 * l * l * c + 30.0 * l * l / l);
        let s = Setting::new(d, l, c, h);
        if chi2_contraction(&s).hi() >= 1.0 {
            continue;
        }
        let tau2 = Interval::point(if uniform(0.0, 1.0) < 0.3 { 0.0 } else { uniform(-12.0, 0.0).exp() });
        let (start, steps) = (Interval::point(uniform(-3.0, 4.0).exp()), uniform(1.0, 9.0).exp() as u64);
        let value = |p: Chi2Parameters| {
            chi2_step(&s, tau2, p).map_or(f64::INFINITY, |step| step.from(start).after(count(steps)).hi())
        };
        let found = best_chi2_parameters(&s, tau2, start, steps).unwrap();
        let least = value(found);
        for _ in 0..4000 {
            let size = uniform(-7.0, 0.5).exp();
            let mut near = |x: f64, lo: f64, hi: f64| {
                let odds = (x - lo) / (hi - x).min(1e9) * (size * uniform(-1.0, 1.0)).exp();
                (lo + (hi - lo).min(1e9) * odds / (1.0 + odds)).min(hi)
            };
            let (c, a) = (near(found.c, 0.25, f64::MAX.sqrt()), near(found.a, 0.0, 0.5));
            let beta = found.beta * (size * uniform(-1.0, 1.0)).exp();
            let other = value(Chi2Parameters { c, a, beta });
            assert!(least <= other * (1.0 + 2e-4), "{s:?} {tau2:?} {start:?} {steps}: {found:?} {least} {other}");
        }
    }
}

/// What is not known to be finite is not known to be infinite.
#[test]
fn an_unknown_constant_is_not_infinite() {
    let end = |evidence| Certificate { statement: "not bounded: too many components".into(), evidence };
    let constant = |lo: f64, hi: f64, evidence| Constant {
        value: Interval::new(lo, hi),
        lower: end(Evidence::Exact),
        upper: end(evidence),
    };
    let inf = f64::INFINITY;
    assert!(matches!(finite_constant("L", &constant(0.4, inf, Evidence::Exact)), Holds::Unknown { .. }));
    assert!(matches!(finite_constant("L", &constant(inf, inf, Evidence::Exact)), Holds::No(_)));
    assert_eq!(finite_constant("L", &constant(0.4, 0.7, Evidence::Exact)), Holds::Yes);
    assert!(matches!(finite_constant("L", &constant(0.4, 0.7, Evidence::Checked)), Holds::Numerically(_)));
}

/// The recursion of second moments is above what exact engines see, step by step, for a mixture and for a Gaussian.
#[test]
fn moments_bound_what_engines_see() {
    use crate::bounds::{Instance, moments::affine_error};
    use crate::laws::{Settings, Start};
    use crate::processes::NoiseLevel;
    use crate::scores::{Size, calibrate, errors::Linear};
    use crate::targets::{Density, Gaussian, Mixture, Target};
    use nalgebra::{DMatrix, DVector};
    use std::sync::Arc;
    let mixture = Density::Mixture(Mixture::scalar(&[0.4, 0.6], &[-1.5, 2.5], &[0.6, 1.0]).unwrap());
    let gaussian = Density::Gaussian(Gaussian::scalar(3.0, 2.0).unwrap());
    for target in [mixture, gaussian] {
        let target: Arc<dyn Target> = Arc::new(target);
        let shape =
            Arc::new(Linear { matrix: DMatrix::from_element(1, 1, 0.7), offset: DVector::from_element(1, 0.5) });
        let field =
            Arc::new(calibrate(Arc::clone(&target), shape, Size::Amplitude(-0.3), &[NoiseLevel::DATA]).unwrap());
        let start = Start::Density(Density::Gaussian(Gaussian::scalar(-2.0, 4.0).unwrap()));
        let program = crate::samplers::lmc(0.02, 150, NoiseLevel::DATA);
        let at = Instance::new(target, NoiseLevel::DATA, start, field, program, Settings::default());
        for (seen, program) in [(at.path_error(), at.program.clone()), (at.twin_path_error(), at.program.clean())] {
            let each = |path: &PathError| -> Vec<Interval> {
                path.runs.iter().flat_map(|(n, x)| std::iter::repeat_n(*x, *n as usize)).collect()
            };
            let (seen, bound) = (each(seen.unwrap()), each(&affine_error(&at, &program).unwrap()));
            assert_eq!(seen.len(), bound.len());
            for (k, (seen, bound)) in seen.iter().zip(&bound).enumerate() {
                assert!(seen.lo() <= bound.hi() * (1.0 + 1e-9), "step {k}: {seen:?} {bound:?}");
            }
            let largest = |all: &[Interval]| all.iter().map(|x| x.hi()).fold(0.0, f64::max);
            // Of the right order only: the error nearly cancels where these chains settle, which the recursion does not see.
            assert!(largest(&bound) < 30.0 * largest(&seen), "{} {}", largest(&seen), largest(&bound));
        }
    }
}

/// Under a law on tensor grids: `E |A x + b|^2 = tr(A Cov A^T) + |A E x + b|^2`, and step by step along a chain.
#[test]
fn mean_squares_under_laws_in_the_plane() {
    use crate::bounds::{Instance, mean_square::mean_square};
    use crate::laws::{Law, Propagate, Settings, Start};
    use crate::processes::NoiseLevel;
    use crate::scores::{Size, calibrate, errors::Linear};
    use crate::targets::{Density, Gaussian, Mixture, Target};
    use nalgebra::{DMatrix, DVector};
    use std::sync::Arc;
    let mode = |x: f64, y: f64| Gaussian::isotropic(DVector::from_vec(vec![x, y]), 0.7).unwrap();
    let modes = vec![mode(-1.0, 0.0), mode(1.0, 1.0), mode(0.5, -1.2)];
    let target: Arc<dyn Target> = Arc::new(Density::Mixture(Mixture::new(vec![0.3, 0.3, 0.4], modes).unwrap()));
    let shape = Arc::new(Linear {
        matrix: DMatrix::from_row_slice(2, 2, &[0.3, -0.4, 0.2, 0.1]),
        offset: DVector::from_vec(vec![0.2, 0.5]),
    });
    let field = calibrate(Arc::clone(&target), Arc::clone(&shape) as _, Size::Amplitude(0.3), &[NoiseLevel::DATA]);
    let field = Arc::new(field.unwrap());
    let start = Density::Gaussian(mode(0.3, 0.2));
    let program = crate::samplers::lmc(0.05, 6, NoiseLevel::DATA);
    let expected = |law: &Law| {
        let (mean, cov) = (law.mean(), law.cov());
        let spread = (&shape.matrix * cov * shape.matrix.transpose()).trace();
        spread + (&shape.matrix * mean + &shape.offset).norm_squared()
    };
    let mut law = Law::Closed(start.clone());
    let mut along = Vec::new();
    for _ in 0..6 {
        along.push(0.09 * expected(&law));
        law.step(&program.blocks[0].kernel, field.as_ref()).unwrap();
    }
    assert!(matches!(law, Law::Grid2(_)));
    let found = mean_square(shape.as_ref(), &law).unwrap();
    let truth = expected(&law);
    assert!(
        !found.proved && found.value.widen(1e-11).contains(truth) && found.value.width() < 1e-6,
        "{found:?} {truth}"
    );
    let at = Instance::new(target, NoiseLevel::DATA, Start::Density(start), field, program, Settings::default());
    let path = at.path_error().unwrap();
    let seen: Vec<Interval> = path.runs.iter().flat_map(|(n, x)| std::iter::repeat_n(*x, *n as usize)).collect();
    assert!(!path.proved && seen.len() == 6);
    for (seen, truth) in seen.iter().zip(along) {
        assert!(seen.widen(1e-9).contains(truth), "{seen:?} {truth}");
    }
}

/// Every sampler's program is read back as what it was built from, for every process and scheme.
mod routes {
    use crate::bounds::{Family, Move, Route};
    use crate::processes::{NoiseLevel, Process, Rate, TimeGrid};
    use crate::samplers::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn reverse_samplers_are_read_back(horizon in 0.3..8.0f64, part in 0.0..0.5f64, steps in 1..200u64, which in 0..3usize) {
            let grid = TimeGrid::uniform(horizon, horizon * part, steps).unwrap();
            let vp = Process::Vp(Rate::linear(0.3, 4.0, horizon));
            for process in [Process::Ou, Process::Ve, vp] {
                let scheme = Scheme::ALL[which];
                let corrector = Corrector { at: CorrectAt::EveryLevel, step: 0.01, relative: false, steps: 3 };
                let plain = reverse_sde(&process, scheme, &grid);
                let corrected = predictor_corrector(&process, scheme, &grid, &corrector);
                let last = process.level(horizon * part);
                let ve = process == Process::Ve;
                for program in [plain, corrected] {
                    let route = Route::read(&program, Some(last)).unwrap();
                    prop_assert_eq!(route.family, if ve { Family::Ve } else { Family::Ou });
                    prop_assert_eq!(route.scheme(), Ok(if ve { Scheme::EulerMaruyama } else { scheme }));
                    prop_assert_eq!((route.first, route.last), (process.level(horizon), last));
                    prop_assert_eq!(route.levels().len() as u64, steps + 1);
                    for (p, (from, to, h)) in route.predictors().zip(grid.steps()) {
                        prop_assert_eq!((p.from, p.to), (process.level(from), process.level(to)));
                        let elapsed = process.elapsed(to, h);
                        prop_assert!(p.h.contains(elapsed) && p.h.width() <= 1e-12 * elapsed, "{:?} {}", p.h, elapsed);
                    }
                    let corrected = route.correctors().map(|c| (c.step, c.steps)).collect::<Vec<_>>();
                    prop_assert!(corrected.is_empty() || corrected == vec![(0.01, 3); steps as usize]);
                    // A predictor step that does not lead to the level of p is none of the schemes.
                    if part > 0.0 && corrected.is_empty() {
                        prop_assert!(Route::read(&program, Some(NoiseLevel::DATA)).unwrap().scheme().is_err());
                    }
                }
            }
        }
    }

    /// Flows, with and without Langevin steps before them and a factor after them, read to where they lead.
    #[test]
    fn prediction_correction_is_read_back() {
        for process in [Process::Ou, Process::Ve, Process::Vp(Rate::linear(0.3, 4.0, 2.0))] {
            let ve = process == Process::Ve;
            for (stop, steps) in [(0.1, 7), (0.0, 5), (0.4, 1)] {
                let grid = TimeGrid::uniform(1.5, stop, steps).unwrap();
                let flows = FlowScheme::ALL.map(ReversePhase::from);
                let sdes = Scheme::ALL.map(ReversePhase::from);
                for phase in flows.into_iter().chain(sdes) {
                    let program = prediction_correction(&process, (0.05, 60), phase, &grid);
                    let (first, last) = (process.level(1.5), process.level(stop));
                    let closed = Route::read(&program, Some(last)).unwrap();
                    let open = Route::read(&program, None).unwrap();
                    let corrects = closed.correctors().map(|c| (c.level, c.step, c.steps)).collect::<Vec<_>>();
                    assert_eq!(corrects, [(first, 0.05, 60)]);
                    match phase {
                        ReversePhase::Sde(scheme) => {
                            let expected = if ve { Scheme::EulerMaruyama } else { scheme };
                            assert_eq!(closed.scheme(), Ok(expected));
                            assert!(closed.clone().with_noise_only().is_ok());
                        }
                        ReversePhase::Flow(scheme) => {
                            let expected = if ve && scheme != FlowScheme::Heun { FlowScheme::Euler } else { scheme };
                            let schemes: Vec<_> = closed.flows().map(|f| f.scheme).collect();
                            assert_eq!(schemes, vec![Some(expected); steps as usize]);
                            assert!(closed.clone().with_noise_only().is_err());
                        }
                    }
                    // A single step of Euler's flow reads as a longer exponential one.
                    if phase != ReversePhase::from(FlowScheme::Euler) || steps > 1 || ve {
                        let apart = (open.last.sigma - last.sigma).abs() + (open.last.alpha - last.alpha).abs();
                        assert!(
                            apart < 1e-7 && open.moves.len() == closed.moves.len(),
                            "{process:?} {phase:?} {stop} {apart:e}"
                        );
                    }
                    let stretched = rescaled(program, &process, stop);
                    let read = Route::read(&stretched, None).unwrap();
                    assert_eq!((read.rescale.is_some(), read.moves), (true, open.moves));
                    assert!(
                        read.last == open.last && Route::read(&stretched, None).unwrap().with_noise_only().is_err()
                    );
                }
            }
        }
    }

    #[test]
    fn annealings_are_read_as_langevin_steps() {
        let rung = |sigma, step, steps| Rung { level: NoiseLevel { alpha: 1.0, sigma }, step, steps, rounding: 0.0 };
        let program = annealed_lmc(&[rung(4.0, 0.5, 7), rung(1.0, 0.01, 3)]);
        let route = Route::read(&program, Some(NoiseLevel::DATA)).unwrap();
        assert_eq!(route.only_predicts().unwrap_err(), "it takes 7 Langevin steps at sigma = 4");
        let there = Route::read(&lmc(0.1, 50, NoiseLevel::DATA), Some(NoiseLevel::DATA)).unwrap();
        assert_eq!(there.only_predicts().unwrap_err(), "it takes 50 Langevin steps at the target of its score itself");
        assert_eq!(route.moves.iter().filter(|m| matches!(m, Move::Correct(_))).count(), 2);
        assert_eq!((route.levels().len(), route.last), (3, NoiseLevel::DATA));
        assert!(Route::read(&Program::default(), Some(NoiseLevel::DATA)).is_err());
    }
}

/// What is known to fail comes before what is not known, and that before what rests on plain numerics.
#[test]
fn several_answers_are_the_worst_of_them() {
    let rests = |what: &str| Holds::Numerically(what.into());
    assert_eq!(Holds::all([]), Holds::Yes);
    assert_eq!(Holds::all([Holds::Yes, rests("a"), Holds::Yes, rests("b")]), rests("a, b"));
    let open = Holds::unknown("found", "decides");
    assert_eq!(Holds::all([rests("a"), open.clone(), Holds::Yes]), open);
    assert_eq!(Holds::all([open, Holds::No("first".into()), Holds::No("second".into())]), Holds::No("first".into()));
    assert_eq!(rests("a").about("here"), rests("here: a"));
}
