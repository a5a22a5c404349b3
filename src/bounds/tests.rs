//! The formulas against high-precision values, and the properties every bound must have.

use super::general::{Geometric, count, geometric_series, minimise};
use super::lee_lu_tan_2022::*;
use crate::numerics::Interval;
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
