//! What a gate found, for people.

use super::super::columns::aligned;
use crate::verdicts::gate::Judged;

/// Lines of tests that are printed without `--explain`.
const SHOWN: usize = 12;

/// For people: what failed, then the tests.
pub(super) fn told(judged: &Judged, all: bool) -> String {
    let Judged { reference, tally, asked, outcomes, .. } = judged;
    let failed = outcomes.iter().filter(|outcome| !outcome.pass).count();
    let verdict = if failed == 0 { "PASS" } else { "FAIL" };
    let unit = asked.groups.map_or(String::new(), |groups| format!(" in {groups} independent groups"));
    let allowed = if asked.within > 0.0 { format!(", within tv = {}", asked.within) } else { String::new() };
    let mut text = format!(
        "{verdict}: {} draws{unit} in {} dimensions, {} tests, {failed} failed (false alarms: {:e}{allowed})\n\n",
        tally.draws,
        reference.dim,
        outcomes.len(),
        asked.alpha
    );
    let shown = judged.by_suspicion();
    let kept = if all { shown.len() } else { SHOWN.max(failed.min(40)) };
    let mut rows = Vec::new();
    for outcome in shown.iter().take(kept) {
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
    }
    text += &aligned(&["test", "", "found", "fails from", "p at most", "its share", "sees", "in"], &rows);
    if shown.len() > kept {
        text += &format!("and {} more, with --explain\n", shown.len() - kept);
    }
    for outcome in judged.failures().iter().take(10) {
        text += &format!("{}: {}\n", outcome.name, outcome.says);
    }
    for note in &reference.notes {
        text += &format!("note: {note}\n");
    }
    text
}
