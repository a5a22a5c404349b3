//! What a gate found, for people.

use super::super::columns::aligned;
use crate::verdicts::gate::Judged;
use std::collections::BTreeMap;

/// Tests of a kind that are printed without `--explain`: the most suspicious ones.
const OF_A_KIND: usize = 2;

/// For people: what failed, then the tests.
pub(super) fn told(judged: &Judged, all: bool) -> String {
    let Judged { reference, tally, asked, outcomes, .. } = judged;
    let failed = outcomes.iter().filter(|outcome| !outcome.pass).count();
    let verdict = if failed == 0 { "PASS" } else { "FAIL" };
    let unit = asked.groups.map_or(String::new(), |groups| format!(" in {groups} independent groups"));
    let allowed = if asked.within > 0.0 { format!(", within tv = {}", asked.within) } else { String::new() };
    let mut text = format!(
        "{verdict}: {} draws{unit} in {}, {} tests, {failed} failed (false alarms: {:e}{allowed})\n\n",
        tally.draws,
        match reference.dim {
            1 => "1 dimension".into(),
            dim => format!("{dim} dimensions"),
        },
        outcomes.len(),
        asked.alpha
    );
    let mut shown = judged.by_suspicion();
    if !all {
        let mut of_a_kind = BTreeMap::new();
        shown.retain(|outcome| {
            let before = of_a_kind.entry(outcome.kind).or_insert(0);
            *before += 1;
            *before <= OF_A_KIND
        });
    }
    let mut rows = Vec::new();
    for outcome in &shown {
        let number = |x: f64| if x.is_finite() { format!("{x:.4e}") } else { "-".into() };
        rows.push(vec![
            outcome.name.clone(),
            if outcome.pass { "" } else { "FAIL" }.into(),
            number(outcome.statistic),
            number(outcome.threshold),
            format!("{:.1e}", outcome.p_bound),
            format!("{:.1e}", outcome.share),
            number(outcome.detectable),
            outcome.unit.into(),
        ]);
        if all {
            let needs = judged.needs(outcome).map_or("-".into(), |(draws, fault)| format!("{draws:.0} ({fault})"));
            rows.last_mut().into_iter().for_each(|row| row.push(needs.clone()));
        }
    }
    let mut heads = vec!["test", "", "found", "fails from", "p at most", "its share", "sees", "in"];
    heads.extend(all.then_some("needs"));
    text += &aligned(&heads, &rows);
    let left = outcomes.len() - shown.len();
    if left > 0 {
        let fail = failed - shown.iter().filter(|outcome| !outcome.pass).count();
        text += &format!("and {left} more of these kinds, {fail} of which fail, with --explain\n");
    }
    for outcome in shown.iter().filter(|outcome| !outcome.pass) {
        text += &format!("{}: {}\n", outcome.name, outcome.says);
    }
    let unit = if asked.groups.is_some() { "groups" } else { "draws" };
    for plan in &judged.plans {
        text += &match (plan.draws, plan.tests.first()) {
            (Some(draws), Some(first)) => format!("to see {}: {draws:.0} {unit} ({})\n", plan.fault, first.name),
            _ => format!("to see {}: no number of {unit} is known to be enough\n", plan.fault),
        };
    }
    // Longer ones are in --json.
    for (name, v) in reference.directions().filter(|(_, v)| all && v.len() <= 8) {
        let terms: Vec<String> = v.iter().enumerate().map(|(i, v)| format!("{v:+.4} x{i}")).collect();
        text += &format!("{name}: {}\n", terms.join(" "));
    }
    for note in &reference.notes {
        text += &format!("note: {note}\n");
    }
    text
}
