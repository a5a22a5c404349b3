//! One page with everything inline: figures, tables, and where the numbers come from.

use super::exponents::{Exponent, exponents_table};
use super::rates::Rate;
use super::records::{Meta, Records};
use super::repeated::{ranking, wide_table};
use super::table::{notes, prescribed_table, rates_table, summary, table};

const STYLE: &str = "body{font-family:sans-serif;max-width:70em;margin:2em auto;padding:0 1em;line-height:1.45;color:#111}\
table{border-collapse:collapse;font-size:.85em}td,th{border-bottom:1px solid #ccc;padding:.2em .6em;text-align:left;\
font-variant-numeric:tabular-nums}.scroll{overflow-x:auto}.meta{color:#555;font-size:.85em}svg{max-width:100%;height:auto}";

/// `&`, `<`, `>` and quotes as entities.
pub fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// One run's part of a page.
pub struct Section<'a> {
    /// The run's name.
    pub name: &'a str,
    /// Its meta data.
    pub meta: &'a Meta,
    /// Its records, if it has any.
    pub records: Option<&'a Records>,
    /// Its rates.
    pub rates: &'a [Rate],
    /// Its exponents of measured quantities.
    pub exponents: &'a [Exponent],
    /// Its figures as SVG text.
    pub figures: &'a [String],
}

/// The page.
pub fn page(title: &str, sections: &[Section]) -> String {
    let body: String = sections.iter().map(|s| section(s, sections.len() > 1)).collect();
    document(title, "", &body)
}

/// A document with a title, styles beside the usual ones, and a body.
pub fn document(title: &str, style: &str, body: &str) -> String {
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" \
         content=\"width=device-width\">\n<title>{0}</title>\n<style>{STYLE}{style}</style>\n</head>\n<body>\n<h1>{0}</h1>\n\
         {body}</body>\n</html>\n",
        escape(title)
    )
}

/// One run; `titled` where the page's own title does not name it.
fn section(section: &Section, titled: bool) -> String {
    let meta = section.meta;
    let title = if meta.title.is_empty() { section.name } else { &meta.title };
    let mut html = String::from("<section>\n");
    if titled {
        html += &format!("<h2>{}</h2>\n", escape(title));
    }
    if !meta.question.is_empty() {
        html += &format!("<p>{}</p>\n", escape(&meta.question));
    }
    for figure in section.figures {
        html += &format!("<figure>\n{figure}</figure>\n");
    }
    if let Some(records) = section.records {
        let counts = summary(records);
        if !counts.is_empty() {
            html += &format!("<p><strong>{}</strong></p>\n", escape(&counts));
        }
        html += &prose_and_tables(&wide_table(records));
        html += &prose_and_tables(&ranking(records));
        html += &prose_and_tables(&exponents_table(section.exponents));
        html += &table_html(&table(records));
        let prescribed = prescribed_table(records);
        if !prescribed.is_empty() {
            html += &format!("<p>What the theorem prescribes:</p>\n{}", table_html(&prescribed));
        }
        for note in notes(records) {
            html += &format!("<p class=\"meta\">{}</p>\n", escape(&note));
        }
    }
    if !section.rates.is_empty() {
        html += &table_html(&rates_table(section.rates));
    }
    let facts = [("spec", &meta.spec_hash), ("scorebound", &meta.version), ("commit", &meta.commit)];
    let mut facts: Vec<String> = facts.iter().filter(|(_, v)| !v.is_empty()).map(|(k, v)| format!("{k} {v}")).collect();
    facts.extend(meta.seed.map(|seed| format!("seed {seed}")));
    html + &format!("<p class=\"meta\">{}</p>\n</section>\n", escape(&facts.join(" · ")))
}

/// Paragraphs and Markdown tables as HTML.
fn prose_and_tables(markdown: &str) -> String {
    let mut html = String::new();
    let mut lines = markdown.lines().peekable();
    while let Some(line) = lines.next() {
        if line.starts_with('|') {
            let mut table = format!("{line}\n");
            while let Some(more) = lines.next_if(|line| line.starts_with('|')) {
                table += &format!("{more}\n");
            }
            html += &table_html(&table);
        } else if !line.is_empty() {
            html += &format!("<p>{}</p>\n", escape(line));
        }
    }
    html
}

/// A Markdown table as an HTML one.
fn table_html(markdown: &str) -> String {
    let mut html = String::from("<div class=\"scroll\"><table>\n");
    for (i, line) in markdown.lines().filter(|l| l.starts_with('|')).enumerate() {
        let tag = if i == 0 { "th" } else { "td" };
        if i == 1 {
            continue;
        }
        let inner = line.trim_start_matches("| ").trim_end_matches(" |");
        let cells = inner.split(" | ").map(|c| format!("<{tag}>{}</{tag}>", escape(&c.trim().replace("\\|", "|"))));
        html += &format!("<tr>{}</tr>\n", cells.collect::<String>());
    }
    html + "</table></div>\n"
}
