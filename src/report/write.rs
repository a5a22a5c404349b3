//! Writes the report of a directory: figures, table and page, each by atomic rename.

use super::coverage::Coverage;
use super::exponents::{Exponent, exponents_table};
use super::figures::charts;
use super::html::{Section, page};
use super::profile::Profile;
use super::rate_figures::rate_charts;
use super::rates::Rate;
use super::records::{Meta, Records, ReportError, Row, read_meta, read_text};
use super::repeated::{ranking, wide_table};
use super::table::{prescribed_table, rates_table, table};
use super::{draw, labels};
use std::path::{Path, PathBuf};

/// What one run's directory holds, read and drawn.
struct Run {
    dir: PathBuf,
    name: String,
    meta: Meta,
    records: Option<Records>,
    rates: Vec<Rate>,
    exponents: Vec<Exponent>,
    figures: Vec<(String, String)>,
}

/// What a report consists of.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Written {
    /// The files.
    pub files: Vec<PathBuf>,
    /// Whether the records say that a theorem is violated or an exponent contradicted.
    pub contradicted: bool,
}

/// Writes figures (`figure.svg`, `rates.svg`, ...), `table.md` and `index.html` beside the records in `dir`; when `dir`
/// holds runs in its subdirectories instead, does so in each of them and writes one page over all of them into `dir`. Beside a
/// `coverage.json` it writes `coverage.html`.
/// Returns what was written and whether anything is contradicted. The same records give the same bytes.
///
/// # Errors
/// `Nothing` when there are no records, `Read`, `Malformed` or `Write` naming the file.
pub fn write(dir: &Path) -> Result<Written, ReportError> {
    let coverage = Coverage::read(dir)?;
    let mut files = Vec::new();
    if let Some(coverage) = &coverage {
        files.push(put(dir, "coverage.html", &coverage.page())?);
    }
    let violated = coverage.as_ref().is_some_and(Coverage::is_contradicted);
    if let Some(run) = Run::read(dir)? {
        files.extend(run.write()?);
        return Ok(Written { files, contradicted: violated || run.is_contradicted() });
    }
    let runs = match Run::all(dir) {
        Err(ReportError::Nothing(_)) if coverage.is_some() => return Ok(Written { files, contradicted: violated }),
        runs => runs?,
    };
    for run in &runs {
        files.extend(run.write()?);
    }
    files.push(overview(dir, &runs)?);
    Ok(Written { files, contradicted: violated || runs.iter().any(Run::is_contradicted) })
}

/// Writes one page over all runs in the subdirectories of `dir` into it, and leaves the runs alone.
///
/// # Errors
/// As for [`write()`].
pub fn write_overview(dir: &Path) -> Result<PathBuf, ReportError> {
    overview(dir, &Run::all(dir)?)
}

fn overview(dir: &Path, runs: &[Run]) -> Result<PathBuf, ReportError> {
    let figures: Vec<Vec<String>> = runs.iter().map(Run::drawings).collect();
    let sections: Vec<Section> = runs.iter().zip(&figures).map(|(run, figures)| run.section(figures)).collect();
    put(dir, "index.html", &page("scorebound: results", &sections))
}

impl Run {
    /// The runs in the subdirectories of a directory, by name.
    fn all(dir: &Path) -> Result<Vec<Self>, ReportError> {
        let failed = |source| ReportError::Read { path: dir.to_owned(), source };
        let entries = std::fs::read_dir(dir).map_err(failed)?.collect::<Result<Vec<_>, _>>().map_err(failed)?;
        let mut inner: Vec<PathBuf> = entries.into_iter().map(|e| e.path()).filter(|path| path.is_dir()).collect();
        inner.sort();
        let mut runs = Vec::new();
        for path in &inner {
            runs.extend(Self::read(path)?);
        }
        if runs.is_empty() { Err(ReportError::Nothing(dir.to_owned())) } else { Ok(runs) }
    }

    /// Whether a row is violated or a rate contradicted.
    fn is_contradicted(&self) -> bool {
        let mut rows = self.records.iter().flat_map(|records| &records.rows);
        rows.any(Row::is_violated) || self.rates.iter().any(|rate| rate.outcome == "contradicted")
    }

    /// `None` when the directory holds neither records nor rates.
    fn read(dir: &Path) -> Result<Option<Self>, ReportError> {
        let rates_path = dir.join("rates.json");
        let records = dir.join("records.csv").exists().then(|| Records::read(dir)).transpose()?;
        let rates: Vec<Rate> = if rates_path.exists() {
            serde_json::from_str(&read_text(&rates_path)?)
                .map_err(|e| ReportError::Malformed { path: rates_path, what: e.to_string() })?
        } else {
            Vec::new()
        };
        if records.is_none() && rates.is_empty() {
            return Ok(None);
        }
        let meta = read_meta(&dir.join("meta.json"))?;
        let exponents = Exponent::read(dir)?;
        let name = dir.file_name().map_or_else(|| "run".into(), |n| n.to_string_lossy().into_owned());
        let title =
            [&meta.question, &meta.title, &name].into_iter().find(|t| !t.is_empty()).cloned().unwrap_or_default();
        let mut figures = Vec::new();
        let profile = dir.join("profile.csv").exists().then(|| {
            let series = meta.figure.as_ref().and_then(|figure| figure.series.as_deref());
            Profile::read(dir, series)
        });
        let profile = profile.transpose()?;
        for (stem, charts) in [
            ("figure", records.as_ref().map(charts).unwrap_or_default()),
            ("profile", profile.map(|profile| profile.charts(&title)).unwrap_or_default()),
            ("rates", rate_charts(&title, &rates)),
        ] {
            for (i, chart) in charts.iter().enumerate() {
                let file = if i == 0 { format!("{stem}.svg") } else { format!("{stem}-{}.svg", i + 1) };
                figures.push((file, draw::svg(chart)?));
            }
        }
        Ok(Some(Self { dir: dir.to_owned(), name, meta, records, rates, exponents, figures }))
    }

    fn drawings(&self) -> Vec<String> {
        self.figures.iter().map(|(_, svg)| svg.clone()).collect()
    }

    fn section<'a>(&'a self, figures: &'a [String]) -> Section<'a> {
        Section {
            name: &self.name,
            meta: &self.meta,
            records: self.records.as_ref(),
            rates: &self.rates,
            exponents: &self.exponents,
            figures,
        }
    }

    fn write(&self) -> Result<Vec<PathBuf>, ReportError> {
        let mut written = Vec::new();
        for (file, svg) in &self.figures {
            written.push(put(&self.dir, file, svg)?);
        }
        let of_records = |table: fn(&Records) -> String| self.records.as_ref().map(table);
        let tables = [
            of_records(wide_table),
            of_records(ranking),
            Some(exponents_table(&self.exponents)),
            of_records(table),
            of_records(prescribed_table),
            (!self.rates.is_empty()).then(|| rates_table(&self.rates)),
        ];
        let tables: Vec<String> = tables.into_iter().flatten().filter(|text| !text.is_empty()).collect();
        written.push(put(&self.dir, "table.md", &tables.join("\n"))?);
        let title = if self.meta.title.is_empty() { labels::value(&self.name) } else { self.meta.title.clone() };
        let figures = self.drawings();
        written.push(put(&self.dir, "index.html", &page(&title, &[self.section(&figures)]))?);
        Ok(written)
    }
}

/// Writes a file by atomic rename.
fn put(dir: &Path, name: &str, text: &str) -> Result<PathBuf, ReportError> {
    let (path, part) = (dir.join(name), dir.join(format!(".{name}.part")));
    let failed = |source| ReportError::Write { path: path.clone(), source };
    std::fs::write(&part, text).map_err(failed)?;
    std::fs::rename(&part, &path).map_err(failed)?;
    Ok(path)
}
