//! The page: one file, nothing from outside, no scripts.

use super::figures::{Figure, figures};
use super::words::{list, meaning, number, numbers, threshold, verdict};
use crate::experiments::VERSION;
use crate::report::ReportError;
use crate::report::draw;
use crate::report::html::{document, escape};
use crate::verdicts::gate::{Judged, Kind, Outcome};

const STYLE: &str = ":root{color-scheme:light dark}body{background:#fff}.verdict{border-left:.5em solid;padding:.7em 1em;font-size:1.1em}\
.fail{border-color:#c00;background:rgba(204,0,0,.09)}.pass{border-color:#0a7a2f;background:rgba(10,122,47,.1)}\
dl{display:grid;grid-template-columns:max-content 1fr;gap:.15em 1.2em}dt{color:#555}dd{margin:0}\
ul.wrong li{margin:.35em 0}figure{margin:1.8em 0;text-align:center}figcaption{text-align:left;max-width:52em;margin:.4em auto 0}figcaption p{margin:.3em 0}\
td.bad{color:#c00;font-weight:bold}td.n{text-align:right;white-space:nowrap}th.n{text-align:right}\
@media(prefers-color-scheme:dark){body{background:#16181c;color:#e4e4e4}td,th{border-color:#444}dt,.meta{color:#aaa}td.bad{color:#ff7b7b}\
a{color:#8ab4f8}svg{filter:invert(.915) hue-rotate(180deg)}}\
@media print{body{max-width:none;margin:0;font-size:10pt;background:#fff;color:#111}figure,tr,.verdict{break-inside:avoid}h2{break-after:avoid}\
.scroll{overflow:visible}svg{filter:none}.verdict{-webkit-print-color-adjust:exact;print-color-adjust:exact}}";

/// Failed tests of a kind that are told in words.
const TOLD: usize = 4;
/// Further ones that are named.
const NAMED: usize = 20;

/// The page of what a gate found; the same counts give the same bytes.
///
/// # Errors
/// `Draw` when the drawing library refuses.
pub fn page(judged: &Judged, seed: u64) -> Result<String, ReportError> {
    let (word, class) = if judged.pass() { ("PASS", "pass") } else { ("FAIL", "fail") };
    let mut body = format!("<p class=\"verdict {class}\"><strong>{word}:</strong> {}.</p>\n", escape(&verdict(judged)));
    body += &wrong(judged);
    body += &format!("<h2>What was asked</h2>\n{}", asked(judged, seed));
    body += "<h2>Plots</h2>\n";
    for figure in figures(judged) {
        body += &drawn(&figure)?;
    }
    body += &format!("<h2>What would have been seen</h2>\n{}", sight(judged));
    body += &format!("<h2>All tests</h2>\n{}", table(judged));
    if !judged.reference.notes.is_empty() {
        let notes = judged.reference.notes.iter().map(|note| format!("<li>{}</li>\n", escape(note)));
        body += &format!("<h2>Notes</h2>\n<ul>\n{}</ul>\n", notes.collect::<String>());
    }
    body += &format!("<p class=\"meta\">scorebound {}</p>\n", escape(VERSION));
    Ok(document(&format!("Gate: {word}"), STYLE, &body))
}

/// The failed tests in words, kind by kind, the most suspicious first.
fn wrong(judged: &Judged) -> String {
    let failures = judged.failures();
    if failures.is_empty() {
        return String::new();
    }
    let mut kinds: Vec<Kind> = Vec::new();
    for outcome in &failures {
        if !kinds.contains(&outcome.kind) {
            kinds.push(outcome.kind);
        }
    }
    let mut html = String::from("<h2>What is wrong</h2>\n<ul class=\"wrong\">\n");
    for kind in kinds {
        let own: Vec<&&Outcome> = failures.iter().filter(|outcome| outcome.kind == kind).collect();
        for outcome in own.iter().take(TOLD) {
            html += &format!(
                "<li><strong>{}</strong>: {}<br><span class=\"meta\">{}</span></li>\n",
                escape(&outcome.name),
                escape(&outcome.says),
                escape(&numbers(outcome))
            );
        }
        let rest: Vec<String> = own.iter().skip(TOLD).map(|outcome| outcome.of.clone()).collect();
        let all = judged.outcomes.iter().filter(|outcome| outcome.kind == kind).count();
        if !rest.is_empty() {
            let more = match rest.len() {
                few if few <= NAMED => list(&rest),
                _ => format!("{} and {} more", rest[..NAMED].join(", "), rest.len() - NAMED),
            };
            let text = format!("{} ({} of {all} tests of this kind fail)", more, own.len());
            html += &format!("<li><strong>{}</strong> also of {}</li>\n", kind.name(), escape(&text));
        }
    }
    html + "</ul>\n"
}

fn asked(judged: &Judged, seed: u64) -> String {
    let asked = &judged.asked;
    let draws = match asked.groups {
        Some(groups) => format!("{} in {groups} independent groups", judged.tally.draws),
        None => format!("{}, taken as independent", judged.tally.draws),
    };
    let within = match asked.within {
        within if within > 0.0 => format!("the law of the draws may be {within} away in total variation"),
        _ => "no difference at all is allowed".into(),
    };
    let rows = [
        ("law", format!("{}, in {} dimensions", judged.law, judged.reference.dim)),
        ("draws", draws),
        ("allowed", within),
        ("false alarms", format!("a right sampler fails with probability at most {:e} (alpha)", asked.alpha)),
        (
            "missed",
            format!(
                "a fault as large as under \u{201c}sees\u{201d} passes with probability at most {:e}",
                asked.missed
            ),
        ),
        ("beside", judged.baseline.map_or("the law alone".into(), |name| format!("the run kept in {name}"))),
        ("seed", format!("{seed} (random directions and frequencies)")),
    ];
    let rows = rows.iter().map(|(name, value)| format!("<dt>{name}</dt><dd>{}</dd>\n", escape(value)));
    format!("<dl>\n{}</dl>\n", rows.collect::<String>())
}

fn drawn(figure: &Figure) -> Result<String, ReportError> {
    let here = match &figure.here[..] {
        [one] => format!("<p><strong>Here:</strong> {}</p>\n", escape(one)),
        all => {
            let items = all.iter().map(|one| format!("<li>{}</li>\n", escape(one)));
            format!("<p><strong>Here:</strong></p>\n<ul>\n{}</ul>\n", items.collect::<String>())
        }
    };
    Ok(format!(
        "<figure>\n{}<figcaption>\n<p>{}</p>\n{here}</figcaption>\n</figure>\n",
        draw::svg(&figure.chart)?,
        escape(&figure.reading)
    ))
}

/// Kind by kind what it looks at, and the smallest fault that one of its tests sees.
fn sight(judged: &Judged) -> String {
    let mut kinds: Vec<Kind> = judged.outcomes.iter().map(|outcome| outcome.kind).collect();
    kinds.sort_unstable();
    kinds.dedup();
    let mut rows = Vec::new();
    for kind in kinds {
        let own = || judged.outcomes.iter().filter(|outcome| outcome.kind == kind);
        let best = own().min_by(|a, b| a.detectable.total_cmp(&b.detectable));
        let (sees, unit) = best.map_or((f64::INFINITY, ""), |best| (best.detectable, best.unit));
        rows.push(format!(
            "<tr><td>{}</td><td>{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td><td>{unit}</td></tr>\n",
            kind.name(),
            escape(meaning(kind)),
            own().count(),
            number(sees)
        ));
    }
    let unit = if judged.asked.groups.is_some() { "groups" } else { "draws" };
    let plans = judged.plans.iter().map(|plan| match (plan.draws, plan.tests.first()) {
        (Some(draws), Some(first)) => {
            format!("<li>{}: {draws:.0} {unit} ({})</li>\n", escape(&plan.fault), escape(&first.name))
        }
        _ => format!("<li>{}: no number of {unit} is known to be enough</li>\n", escape(&plan.fault)),
    });
    let plans: String = plans.collect();
    let plans = if plans.is_empty() { plans } else { format!("<p>To see a fault it takes</p>\n<ul>\n{plans}</ul>\n") };
    format!(
        "<div class=\"scroll\"><table>\n<tr><th>kind</th><th>looks at</th><th class=\"n\">tests</th><th class=\"n\">sees</th><th>in</th></tr>\n{}</table></div>\n{plans}",
        rows.concat()
    )
}

fn table(judged: &Judged) -> String {
    let heads = [
        ("test", ""),
        ("", ""),
        ("found", "n"),
        ("fails from", "n"),
        ("p at most", "n"),
        ("its share", "n"),
        ("sees", "n"),
        ("in", ""),
    ];
    let heads = heads.map(|(head, class)| format!("<th class=\"{class}\">{head}</th>"));
    let rows: String = judged.by_suspicion().into_iter().map(line).collect();
    format!("<div class=\"scroll\"><table>\n<tr>{}</tr>\n{rows}</table></div>\n", heads.concat())
}

fn line(outcome: &Outcome) -> String {
    let verdict = if outcome.pass { "<td>passes</td>" } else { "<td class=\"bad\">FAILS</td>" };
    let numbers = [
        number(outcome.statistic),
        threshold(outcome),
        format!("{:.1e}", outcome.p_bound),
        format!("{:.1e}", outcome.share),
        number(outcome.detectable),
    ];
    let numbers = numbers.map(|text| format!("<td class=\"n\">{text}</td>"));
    format!(
        "<tr><td>{}</td>{verdict}{}<td>{}</td></tr>\n",
        escape(&outcome.name),
        numbers.concat(),
        escape(outcome.unit)
    )
}
