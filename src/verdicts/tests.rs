//! The truth table of verdicts, and rates on power laws whose exponents are known.

use super::*;
use crate::bounds::{Bound, Instance, Relation, THEOREMS, Theorem};
use crate::numerics::{Evidence, Interval, Ledger, Measured, Source};
use crate::scores::{Calibrated, Damaged};
use std::sync::Arc;

fn exact(lo: f64, hi: f64) -> Measured {
    Measured::exact(Interval::new(lo, hi))
}

fn bound(lo: f64, hi: f64) -> Bound {
    Bound { value: Interval::new(lo, hi), terms: vec![] }
}

fn verdict(measured: Measured, bound: Bound) -> Verdict {
    compare(Relation::AtMost, 1.0, measured, bound, None).verdict
}

#[test]
fn truth_table() {
    let inf = f64::INFINITY;
    let table = [
        ((0.1, 0.2), (0.3, 0.4), "HOLDS"),
        ((0.1, 0.3), (0.3, 0.4), "HOLDS"),
        ((0.5, 0.6), (0.3, 0.4), "VIOLATED"),
        ((0.4, 0.6), (0.3, 0.4), "UNDECIDED"),
        ((0.1, 0.6), (0.3, 0.4), "UNDECIDED"),
        ((0.2, 0.35), (0.3, 0.4), "UNDECIDED"),
        ((0.9, 0.95), (1.0, 1.2), "VACUOUS"),
        ((0.9, 1.0), (inf, inf), "VACUOUS"),
        ((0.1, 0.2), (0.9, inf), "HOLDS"),
        ((0.95, 1.0), (0.9, inf), "UNDECIDED"),
        ((0.0, 0.0), (0.0, 0.0), "HOLDS"),
        ((0.0, 0.0), (0.5, 0.5), "HOLDS"),
    ];
    for ((a, b), (c, d), word) in table {
        assert_eq!(verdict(exact(a, b), bound(c, d)).word(), word, "[{a},{b}] against [{c},{d}]");
    }
    // A bound that is 1 up to rounding says nothing about a total variation.
    assert_eq!(
        compare(Relation::AtMost, 1.0, exact(0.2, 0.3), bound(1.0 - 4e-16, 1.0), None).verdict,
        Verdict::Vacuous
    );
    assert!(matches!(
        compare(Relation::AtMost, 1.0, exact(0.2, 0.3), bound(0.999, 1.0), None).verdict,
        Verdict::Holds { .. }
    ));
    // Without a ceiling only an infinite bound is vacuous.
    assert_eq!(compare(Relation::AtMost, inf, exact(2.0, 3.0), bound(5.0, 6.0), None).verdict.word(), "HOLDS");
    assert_eq!(compare(Relation::AtMost, inf, exact(2.0, 3.0), bound(inf, inf), None).verdict, Verdict::Vacuous);
}

#[test]
fn tightness_is_bound_over_measured() {
    let j = compare(Relation::AtMost, 1.0, exact(0.1, 0.2), bound(0.4, 0.6), None);
    let t = j.tightness().unwrap();
    assert!(t.lo() <= 2.0 && t.lo() > 1.99 && t.hi() >= 6.0 && t.hi() < 6.01);
    assert_eq!(
        compare(Relation::AtMost, 1.0, exact(0.0, 0.0), bound(0.5, 0.5), None).tightness(),
        Some(Interval::INFINITY)
    );
    assert_eq!(compare(Relation::AtMost, 1.0, exact(0.0, 0.0), bound(0.0, 0.0), None).tightness(), Some(Interval::ONE));
}

#[test]
fn a_violation_that_rests_on_plain_numerics_says_so() {
    let doubtful =
        compare(Relation::AtMost, 1.0, exact(0.5, 0.6), bound(0.1, 0.2), Some("a checked constant C".into()));
    assert_eq!(doubtful.verdict.word(), "VIOLATED?");
    assert!(doubtful.to_string().contains("a checked constant C"));
    let open = Measured::with_ledger(Interval::point(0.5), Ledger::new().open(Source::Spectrum, 0.0, "unknown"));
    assert_eq!(verdict(open, bound(0.1, 0.2)).word(), "VIOLATED?");
}

fn powers(exponent: f64, width: f64) -> impl Fn(f64, f64) -> Result<Interval, String> {
    // quantity = candidate / (0.3 x^exponent): at most 1 up to the threshold 0.3 x^exponent.
    move |x, candidate| Ok(Interval::around(candidate / (0.3 * x.powf(exponent)), width))
}

fn sizes() -> Vec<f64> {
    (0..7).map(|k| 2f64.powi(k)).collect()
}

#[test]
fn thresholds_bracket_the_change() {
    for width in [0.0, 1e-9, 1e-3] {
        let search = Search::real(1e-6, 10.0);
        let found = threshold(&search, Condition::AtMost(1.0), |c| powers(0.5, width)(4.0, c)).unwrap();
        assert!(found.lo <= 0.6 && 0.6 <= found.hi, "{found:?}");
        // No wider than the enclosures and the tolerance of the search force it to be.
        assert!(found.hi / found.lo <= 1.0 + 2.1 * width + 3e-6, "{width}: {found:?}");
    }
}

#[test]
fn thresholds_of_falling_quantities_and_whole_numbers() {
    // quantity = 1000/N <= 0.7 first holds at N = 1429.
    let search = Search { lo: 1.0, hi: 1e6, integer: true, relative: 0.0 };
    let found = threshold(&search, Condition::AtMost(0.7), |n| Ok(Interval::point(1000.0 / n))).unwrap();
    assert_eq!((found.lo, found.hi), (1428.0, 1429.0));
}

#[test]
fn thresholds_say_why_there_is_none() {
    let search = Search::real(1e-3, 1.0);
    let always = threshold(&search, Condition::AtMost(5.0), |c| Ok(Interval::point(c)));
    assert!(always.unwrap_err().contains("holds at both ends"));
    let never = threshold(&search, Condition::AtLeast(5.0), |c| Ok(Interval::point(c)));
    assert!(never.unwrap_err().contains("fails at both ends"));
    let unknown = threshold(&search, Condition::AtMost(0.5), |_| Err("no engine".into()));
    assert!(unknown.unwrap_err().contains("no engine"));
}

#[test]
fn an_end_that_overflows_is_walked_in_from() {
    let quantity = |c: f64| if c > 2.0 { Err("the law overflows".into()) } else { Ok(Interval::point(c)) };
    let found = threshold(&Search::real(1e-3, 1e3), Condition::AtMost(0.5), quantity).unwrap();
    assert!(found.lo <= 0.5 && 0.5 <= found.hi && found.hi / found.lo < 1.0 + 3e-6);
}

#[test]
fn power_laws_compare_one_sidedly() {
    use Asymptote::{Large, Small};
    use Better::{Larger, Smaller};
    // (true exponent, stated, asymptote, better, word)
    let table = [
        (-1.0, -1.0, Large, Larger, "matches"),
        (-0.5, -1.0, Large, Larger, "beaten"),
        (-1.5, -1.0, Large, Larger, "contradicted"),
        (0.5, 1.0, Small, Larger, "beaten"),
        (2.0, 1.0, Small, Larger, "contradicted"),
        (1.0, 2.0, Large, Smaller, "beaten"),
        (3.0, 2.0, Large, Smaller, "contradicted"),
        (-1.0, -2.0, Small, Smaller, "beaten"),
        (-2.0, -2.0, Small, Smaller, "matches"),
    ];
    for (truth, stated, asymptote, better, word) in table {
        let condition = if better == Larger { Condition::AtMost(1.0) } else { Condition::AtLeast(1.0) };
        let found = rate(&sizes(), asymptote, condition, |_| Search::real(1e-9, 1e9), powers(truth, 0.0));
        let outcome = found.compare(stated, better, 0.05);
        assert_eq!(outcome.word(), word, "{truth} against {stated}: {outcome}");
        assert!((found.fit.unwrap().value - truth).abs() <= found.fit.unwrap().uncertainty);
        if let Outcome::Beaten { by } = outcome {
            assert!((by.abs() - (truth - stated).abs()).abs() < 1e-5);
            assert_eq!(by > 0.0, asymptote == Large, "the factor by which the truth is better is large");
        }
    }
}

#[test]
fn drift_and_noise_are_unresolved() {
    // ln threshold bends: local slopes move from -0.3 towards -0.5.
    let bending = |x: f64, c: f64| Ok(Interval::point(c * (x.powf(0.3) + 0.05 * x)));
    let found = rate(&sizes(), Asymptote::Large, Condition::AtMost(1.0), |_| Search::real(1e-9, 1e3), bending);
    assert!(found.drift() > 0.05);
    assert_eq!(found.compare(-1.0, Better::Larger, 0.05).word(), "unresolved");
    // Enclosures of half-width 20 % leave the slope unknown to about 0.2.
    let noisy =
        rate(&sizes(), Asymptote::Large, Condition::AtMost(1.0), |_| Search::real(1e-9, 1e3), powers(-0.95, 0.2));
    assert_eq!(noisy.compare(-1.0, Better::Larger, 0.05).word(), "unresolved");
    // The same noise cannot hide a distance of 1.
    assert_eq!(noisy.compare(-2.0, Better::Larger, 0.05).word(), "beaten");
    // No thresholds, no answer.
    let none = rate(
        &sizes(),
        Asymptote::Large,
        Condition::AtMost(1.0),
        |_| Search::real(1e-9, 1e3),
        |_, _| Err("no engine".into()),
    );
    assert!(matches!(none.compare(-1.0, Better::Larger, 0.05), Outcome::Unresolved(why) if why.contains("no engine")));
}

#[test]
fn the_fit_uses_the_last_window_only() {
    // Slope -2 up to 8, -1 beyond: the last four points (8 to 64) know only the second.
    let kink = |x: f64, c: f64| Ok(Interval::point(c * if x <= 8.0 { x * x / 8.0 } else { x }));
    let large = rate(&sizes(), Asymptote::Large, Condition::AtMost(1.0), |_| Search::real(1e-9, 1e3), kink);
    assert_eq!(large.window, Some((8.0, 64.0)));
    assert_eq!(large.compare(-1.0, Better::Larger, 0.01), Outcome::Matches);
    let small = rate(&sizes(), Asymptote::Small, Condition::AtMost(1.0), |_| Search::real(1e-9, 1e3), kink);
    assert_eq!(small.window, Some((1.0, 8.0)));
    assert_eq!(small.compare(-2.0, Better::Larger, 0.01), Outcome::Matches);
}

#[test]
fn a_missing_threshold_beyond_the_window_leaves_the_exponent_open() {
    let points = |values: &[f64]| {
        let at = |&value: &f64| Point { value, threshold: Threshold { lo: value.powf(-0.5), hi: value.powf(-0.5) } };
        values.iter().map(at).collect::<Vec<_>>()
    };
    let missing = |value: f64| vec![(value, "no engine".to_owned())];
    let known = [1.0, 2.0, 4.0, 8.0, 16.0];
    let compared = |gap: f64, asymptote: Asymptote, stated: f64| {
        Rate::of(points(&known), missing(gap), asymptote).compare(stated, Better::Larger, 0.05)
    };
    assert!(
        matches!(compared(32.0, Asymptote::Large, -1.0), Outcome::Unresolved(why) if why.contains("no threshold at 32"))
    );
    assert!(
        matches!(compared(0.5, Asymptote::Small, 0.0), Outcome::Unresolved(why) if why.contains("no threshold at 0.5"))
    );
    // At the other end nothing is claimed.
    assert_eq!(compared(0.5, Asymptote::Large, -1.0).told("d"), "BEATEN by d^0.50");
    assert_eq!(compared(32.0, Asymptote::Small, 0.0).told("acc"), "BEATEN by acc^-0.50");
}

#[test]
fn a_worse_slope_contradicts_only_what_is_violated_somewhere() {
    let holds = || Ok(Verdict::Holds { tightness: Interval::point(2.0), doubt: None });
    let violated = || Ok(Verdict::Violated { by: Interval::point(0.1), doubt: None });
    let failed = || Ok(Verdict::HypothesisFailed { says: "the score is exact", found: "epsilon = 0.1".into() });
    let worse = || Outcome::Contradicted { by: 0.5 };
    let why = |outcome: Outcome| match outcome {
        Outcome::Unresolved(why) => why,
        other => panic!("{other}"),
    };
    assert_eq!(worse().given(&[(1.0, holds()), (2.0, violated())]), worse());
    assert!(why(worse().given(&[(1.0, holds()), (2.0, Ok(Verdict::Vacuous))])).contains("holds at every point"));
    assert!(why(worse().given(&[(1.0, holds()), (2.0, Err("no engine".into()))])).contains("at 2 it cannot"));
    for outcome in [worse(), Outcome::Beaten { by: 0.5 }, Outcome::Matches] {
        assert!(why(outcome.given(&[(1.0, holds()), (2.0, failed())])).contains("the score is exact"));
    }
    assert_eq!(Outcome::Matches.given(&[(1.0, holds()), (2.0, violated())]), Outcome::Matches);
}

#[test]
fn remedies_fit_what_is_wrong() {
    let said = |measured: Measured| match compare(Relation::AtMost, 10.0, measured, bound(0.3, 0.3), None).verdict {
        Verdict::Undecided { decide } => decide,
        other => panic!("{other}"),
    };
    let unknown = said(exact(0.1, f64::INFINITY));
    assert!(unknown.contains("at least 1.0000e-1") && !unknown.contains("e308"), "{unknown}");
    let rounding = said(exact(0.3 - 1e-15, 0.3 + 1e-15));
    assert!(rounding.contains("rounding") && !rounding.contains("grid"), "{rounding}");
    let ledger = Ledger::new().open(Source::BoxExit, 0.1, "mass that left").open(Source::Rounding, 1e-9, "small");
    let left = said(Measured::with_ledger(Interval::point(0.3), ledger));
    assert!(left.contains("box exit (mass that left)"), "{left}");
    let sampled = said(Measured::with_ledger(Interval::point(0.3), Ledger::new().random(0.1, 0.99, "DKW")));
    assert!(sampled.contains("more particles"), "{sampled}");
}

/// The same situation, the sizes of the score error being half as large again and not proved; `None` without an error.
fn with_doubtful_error(at: &Instance) -> Option<Instance> {
    let error = at.field.error.as_ref()?;
    let doubtful = |c: &Calibrated| Calibrated { epsilon: c.epsilon * 1.5, evidence: Evidence::Checked, ..*c };
    let error = error.with_levels(error.levels.iter().map(doubtful).collect());
    let field = Arc::new(Damaged { error: Some(error), ..(*at.field).clone() });
    let (target, start, program) = (Arc::clone(&at.target), at.start.clone(), at.program.clone());
    let other = Instance::new(target, at.level, start, field, program, at.settings);
    Some(other.with_lesson(at.lesson.clone()))
}

/// Whether the bound of some instances moves with the sizes of the score error, and whether a hypothesis then names what these rest on.
fn rests_on_sizes(theorem: &Theorem) -> Option<bool> {
    let mut named = None;
    for index in 0..4 {
        let at = instance(theorem, 3, index);
        let Some(other) = with_doubtful_error(&at) else { continue };
        let (Ok(_), Ok(doubts)) = (check_hypotheses(theorem, &at), check_hypotheses(theorem, &other)) else { continue };
        let (Ok(before), Ok(after)) = ((theorem.bound)(&at), (theorem.bound)(&other)) else { continue };
        let says = doubts.is_some_and(|doubts| doubts.contains("a score error whose size is checked"));
        if before.value != after.value {
            named = Some(named.unwrap_or(true) && says);
        }
    }
    named
}

/// A statement whose bound knows the size of the score error says so where that size is not proved, and no other does.
#[test]
fn sizes_of_errors_that_are_not_proved_are_named() {
    let moved: Vec<_> = THEOREMS.iter().filter_map(|theorem| Some((theorem.id, rests_on_sizes(theorem)?))).collect();
    let silent: Vec<_> = moved.iter().filter(|(_, says)| !says).collect();
    assert!(silent.is_empty() && moved.len() >= 15, "{silent:?} of {moved:?}");
    let start = crate::bounds::find("PMM-2a").unwrap();
    let sampled = crate::bounds::find("HRX-20").unwrap();
    let at = (0..20).map(|index| instance(sampled, 3, index)).find(|at| at.field.error.is_some()).unwrap();
    assert!(check_hypotheses(sampled, &at).unwrap().is_some_and(|doubts| doubts.contains("a score error")));
    assert!(check_hypotheses(start, &at).is_ok_and(|doubts| doubts.is_none()));
}
