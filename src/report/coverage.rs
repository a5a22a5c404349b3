//! The page on what was checked: every statement with its verdicts, how tight it is, and what would violate it.

use super::html::{document, escape};
use super::records::{ReportError, read_text};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// `coverage.json`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Coverage {
    statements: Vec<Statement>,
}

/// One statement; the numbers are absent where it is not judged.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
struct Statement {
    id: Option<String>,
    labels: Vec<String>,
    title: String,
    status: String,
    why: Option<String>,
    version: String,
    commit: String,
    seed: u64,
    about: String,
    asked: u64,
    instances: u64,
    holds: u64,
    violated: u64,
    undecided: u64,
    vacuous: u64,
    hypothesis_failed: u64,
    engines: BTreeMap<String, u64>,
    targets: BTreeMap<String, u64>,
    evidence: BTreeMap<String, u64>,
    ratio_min: Option<Ratio>,
    ratio_median: Option<Ratio>,
    ratio_searched: Option<Ratio>,
    searched: u64,
    search_violated: u64,
    violated_by: String,
    spec: Option<String>,
    no_spec: Option<String>,
}

/// A number, or `"inf"`.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
enum Ratio {
    Number(f64),
    Text(String),
}

impl Ratio {
    fn value(&self) -> f64 {
        match self {
            Ratio::Number(x) => *x,
            Ratio::Text(text) => text.parse().unwrap_or(f64::INFINITY),
        }
    }

    fn text(&self) -> String {
        match self.value() {
            x if !x.is_finite() => "∞".into(),
            x if x >= 1e5 => format!("{x:.1e}"),
            x if x >= 100.0 => format!("{x:.0}"),
            x if x >= 10.0 => format!("{x:.1}"),
            x => format!("{x:.3}"),
        }
    }
}

impl Coverage {
    /// The record in a directory; `None` when there is none.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn read(dir: &Path) -> Result<Option<Self>, ReportError> {
        let path = dir.join("coverage.json");
        if !path.exists() {
            return Ok(None);
        }
        let read = serde_json::from_str(&read_text(&path)?);
        read.map(Some).map_err(|e| ReportError::Malformed { path, what: e.to_string() })
    }

    /// Whether a statement is violated.
    pub fn is_contradicted(&self) -> bool {
        self.statements.iter().any(|s| s.violated + s.search_violated > 0)
    }

    /// By which version, commit and seed the statements were judged; with their labels where these differ.
    fn made(&self) -> String {
        let mut by: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for statement in self.statements.iter().filter(|s| !s.about.is_empty()) {
            let Statement { version, commit, seed, labels, .. } = statement;
            let facts = [format!("scorebound {version}"), format!("commit {commit}"), format!("seed {seed}")];
            by.entry(escape(&facts.join(" · "))).or_default().extend(labels.first().map(|label| escape(label)));
        }
        let one = by.len() == 1;
        let line = |(facts, labels): (String, Vec<String>)| match one {
            true => facts,
            false => format!("{facts}: {}", labels.join(", ")),
        };
        by.into_iter().map(line).collect::<Vec<_>>().join("<br>")
    }

    /// The page.
    pub fn page(&self) -> String {
        let count = |status: &str| self.statements.iter().filter(|s| s.status == status).count();
        let violated = self.statements.iter().filter(|s| s.violated + s.search_violated > 0).count();
        let tried: u64 = self.statements.iter().map(|s| s.instances).sum();
        let holds: u64 = self.statements.iter().map(|s| s.holds).sum();
        let judged = || self.statements.iter().filter(|s| s.status == "checked here");
        let mut body = format!(
            "<p><strong>{} statements checked here, {violated} violated.</strong> {} shown only, {} not applicable. \
             {tried} random instances were judged; {holds} hold, {} asked for per statement. ",
            count("checked here"),
            count("shown only"),
            count("not applicable"),
            from_to(judged().map(|s| s.asked)),
        );
        if judged().any(|s| s.searched > 0) {
            let searched = from_to(judged().map(|s| s.searched));
            body += &format!("The tightest were searched for among {searched} more per statement.");
        }
        body += "</p>\n";
        body += &key();
        body += "<div class=\"scroll\"><table class=\"coverage\">\n<tr><th>statement</th><th>bounds<br><small>on targets<br>evidence</small></th><th>verdicts</th>\
                 <th>engines</th><th>bound / truth</th><th>what would violate it</th></tr>\n";
        body += &self.statements.iter().map(Statement::row).collect::<String>();
        body += "</table></div>\n";
        body += &format!("<p class=\"meta\">{}</p>\n", self.made());
        document("What is checked", STYLE, &body)
    }
}

/// The least and the largest of some numbers.
fn from_to(numbers: impl Iterator<Item = u64>) -> String {
    let all: BTreeSet<u64> = numbers.collect();
    match (all.first(), all.last()) {
        (Some(least), Some(most)) if least < most => format!("{least} to {most}"),
        (Some(same), _) => same.to_string(),
        (None, _) => "0".into(),
    }
}

const STYLE: &str = "body{max-width:84em}.coverage td{vertical-align:top;padding:.45em .6em}.coverage small{color:#555}\
.coverage th{position:sticky;top:0;background:#fff}.label{font-weight:600;white-space:nowrap}\
.violated{color:#b00020;font-weight:600}.coverage svg{display:block;max-width:none;overflow:visible}.tight{white-space:nowrap}.quiet{color:#777}";

/// What verdicts are called, with their colours; violated ones are also said in words.
const VERDICTS: [(&str, &str); 5] = [
    ("holds", "#2f7d4f"),
    ("vacuous", "#b9c9be"),
    ("undecided", "#e0a83a"),
    ("hypothesis failed", "#d5d5d5"),
    ("violated", "#b00020"),
];

/// The ends of the axis of ratios, as powers of ten.
const DECADES: f64 = 4.0;

/// What colours and marks mean.
fn key() -> String {
    let swatch = |(name, colour): &(&str, &str)| {
        format!(
            "<svg width=\"12\" height=\"12\" style=\"display:inline\"><rect width=\"12\" height=\"12\" fill=\"{colour}\"/></svg> {name}"
        )
    };
    let verdicts: Vec<String> = VERDICTS.iter().map(swatch).collect();
    format!(
        "<p class=\"meta\">{} &nbsp;·&nbsp; bound / truth on a logarithmic axis from 1 to 10<sup>{DECADES}</sup>: \
         ◆ the tightest found, ● the least and ○ the median of the random instances</p>\n",
        verdicts.join(" &nbsp; ")
    )
}

impl Statement {
    fn row(&self) -> String {
        let id = self.id.as_ref().map_or_else(String::new, |id| format!("<br><small>{}</small>", escape(id)));
        let name =
            format!("<span class=\"label\">{}</span> {}{id}", escape(&self.labels.join(", ")), escape(&self.title));
        if self.about.is_empty() {
            let why = self.why.as_deref().unwrap_or_default();
            let status = escape(&self.status);
            return format!(
                "<tr><td>{name}</td><td colspan=\"5\" class=\"quiet\">{status}: {}</td></tr>\n",
                escape(why)
            );
        }
        let counts = |all: &BTreeMap<String, u64>| -> Vec<String> {
            all.iter().map(|(name, n)| format!("{} {n}", escape(name))).collect()
        };
        let engines = counts(&self.engines);
        let small = |all: &BTreeMap<String, u64>| match &counts(all)[..] {
            [] => String::new(),
            some => format!("<br><small>{}</small>", some.join(", ")),
        };
        let made_of = small(&self.targets) + &small(&self.evidence);
        let note = match (&self.why, self.status.as_str()) {
            (Some(why), status) => format!("<br><small>{}: {}</small>", escape(status), escape(why)),
            (None, _) => String::new(),
        };
        let spec = match (&self.spec, &self.no_spec) {
            (Some(file), _) => format!("<br><small><a href=\"{0}\">{0}</a></small>", escape(file)),
            (None, Some(why)) => format!("<br><small>no spec: {}</small>", escape(why)),
            (None, None) => String::new(),
        };
        format!(
            "<tr><td>{name}</td><td>{}{made_of}</td><td>{}{note}</td><td class=\"tight\">{}</td><td class=\"tight\">{}</td><td>{}{spec}</td></tr>\n",
            escape(&self.about),
            self.verdicts(),
            engines.join("<br>"),
            self.ratios(),
            escape(&self.violated_by)
        )
    }

    /// A bar of the verdicts with their numbers in words.
    fn verdicts(&self) -> String {
        let counts = [self.holds, self.vacuous, self.undecided, self.hypothesis_failed, self.violated];
        let width = 150.0;
        let (mut x, mut bars, mut words) = (0.0, String::new(), Vec::new());
        for (n, (name, colour)) in counts.iter().zip(VERDICTS).filter(|(n, _)| **n > 0) {
            let w = width * *n as f64 / self.instances.max(1) as f64;
            bars += &format!("<rect x=\"{x:.2}\" width=\"{w:.2}\" height=\"12\" fill=\"{colour}\"/>");
            x += w;
            words.push(match name {
                "violated" => format!("<span class=\"violated\">{n} VIOLATED</span>"),
                "holds" if *n > 1 => format!("{n} hold"),
                _ => format!("{n} {name}"),
            });
        }
        if self.search_violated > 0 {
            words.push(format!("<span class=\"violated\">{} VIOLATED in the search</span>", self.search_violated));
        }
        format!(
            "<svg width=\"{width}\" height=\"12\" role=\"img\">{bars}</svg>{} tried: {}",
            self.instances,
            words.join(", ")
        )
    }

    /// The ratios on their axis and as numbers.
    fn ratios(&self) -> String {
        let known = [&self.ratio_searched, &self.ratio_min, &self.ratio_median];
        if known.iter().all(|ratio| ratio.is_none()) {
            return "<span class=\"quiet\">-</span>".into();
        }
        let (left, width) = (7.0, 146.0);
        let place = |ratio: &Ratio| left + width * (ratio.value().log10() / DECADES).clamp(0.0, 1.0);
        let mut svg = format!(
            "<svg width=\"160\" height=\"18\" role=\"img\"><path d=\"M{left} 9H{}\" stroke=\"#999\"/>",
            left + width
        );
        for k in 0..=DECADES as u32 {
            let x = left + width * f64::from(k) / DECADES;
            svg += &format!("<path d=\"M{x:.1} 6V12\" stroke=\"#999\"/>");
        }
        if let Some(median) = &self.ratio_median {
            svg += &format!(
                "<circle cx=\"{:.1}\" cy=\"9\" r=\"4\" fill=\"#fff\" stroke=\"#1f4e8c\" stroke-width=\"1.5\"/>",
                place(median)
            );
        }
        if let Some(least) = &self.ratio_min {
            svg += &format!("<circle cx=\"{:.1}\" cy=\"9\" r=\"4\" fill=\"#1f4e8c\"/>", place(least));
        }
        if let Some(found) = &self.ratio_searched {
            let x = place(found);
            svg += &format!("<path d=\"M{x:.1} 3L{:.1} 9L{x:.1} 15L{:.1} 9Z\" fill=\"#c2571a\"/>", x + 5.0, x - 5.0);
        }
        let word = |name: &str, ratio: &Option<Ratio>| ratio.as_ref().map(|r| format!("{name} {}", r.text()));
        let words = [word("◆", &self.ratio_searched), word("●", &self.ratio_min), word("○", &self.ratio_median)];
        format!("{svg}</svg><small>{}</small>", words.into_iter().flatten().collect::<Vec<_>>().join(" &nbsp; "))
    }
}
