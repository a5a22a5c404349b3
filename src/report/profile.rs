//! Charts from `profile.csv`: where along the noise levels a bound is spent.

use super::chart::{COLOURS, Chart, Datum, Look, MEASURED_DASHES, Panel, SHAPES, Series};
use super::figures::{x_scale, y_scale};
use super::labels;
use super::records::{ReportError, read_text};
use std::path::Path;

/// What one part of a way adds: all its terms together.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Part {
    /// The process time at which it begins.
    from: f64,
    /// The process time at which it ends.
    to: f64,
    /// The sum of its terms.
    ends: (f64, f64),
}

/// The parts of one bound, cell by cell.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Profile {
    theorem: String,
    /// What all cells that are drawn have in common of what is swept; empty when that is nothing.
    at: String,
    /// What each cell is called, and its parts in order.
    cells: Vec<(String, Vec<Part>)>,
}

impl Profile {
    /// Reads `profile.csv` in `dir`: the cells that the swept path `series` tells apart, at the middle value of every other path.
    ///
    /// # Errors
    /// `Read` when it cannot be read, `Malformed` when it is not what a run writes.
    pub fn read(dir: &Path, series: Option<&str>) -> Result<Self, ReportError> {
        let path = dir.join("profile.csv");
        let text = read_text(&path)?;
        Self::parse(&text, series).map_err(|what| ReportError::Malformed { path, what })
    }

    /// Reads the text of a `profile.csv`.
    ///
    /// # Errors
    /// A sentence that names the line and the column.
    pub fn parse(text: &str, series: Option<&str>) -> Result<Self, String> {
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        let header: Vec<String> = reader.headers().map_err(|e| e.to_string())?.iter().map(str::to_owned).collect();
        let column = |name: &str| header.iter().position(|h| h == name).ok_or(format!("no column `{name}`"));
        let (theorem, part) = (column("theorem")?, column("part")?);
        let numbers = [column("time_from")?, column("time_to")?, column("lo")?, column("hi")?];
        let mut rows: Vec<(Vec<String>, String, [f64; 4])> = Vec::new();
        let mut profile = Self::default();
        for record in reader.records() {
            let record = record.map_err(|e| e.to_string())?;
            let line = record.position().map_or(0, csv::Position::line);
            let text = |i: usize| record.get(i).unwrap_or_default();
            let number = |i: usize| {
                let found = text(i).trim().parse::<f64>().ok().filter(|x| !x.is_nan());
                found.ok_or_else(|| format!("line {line}, column `{}`: `{}` is not a number", header[i], text(i)))
            };
            let mut values = [0.0; 4];
            for (value, &i) in values.iter_mut().zip(&numbers) {
                *value = number(i)?;
            }
            profile.theorem = text(theorem).to_owned();
            rows.push(((0..theorem).map(|i| text(i).to_owned()).collect(), text(part).to_owned(), values));
        }
        let named = |i: usize, text: &str| match text.trim().parse::<f64>() {
            Ok(_) => format!("{} = {}", labels::symbol(&header[i]), labels::value(text)),
            Err(_) => text.to_owned(),
        };
        // What takes several values beside the series: the middle one.
        let apart = series.and_then(|path| header[1..theorem].iter().position(|h| h == path)).map_or(0, |i| i + 1);
        let mut at = Vec::new();
        for i in (1..theorem).filter(|&i| i != apart) {
            let mut values: Vec<String> = Vec::new();
            for (keys, ..) in &rows {
                if !values.contains(&keys[i]) {
                    values.push(keys[i].clone());
                }
            }
            if values.len() > 1 {
                let middle = values[values.len() / 2].clone();
                rows.retain(|(keys, ..)| keys[i] == middle);
                at.push(named(i, &middle));
            }
        }
        profile.at = at.join(", ");
        let called = |keys: &[String]| if apart == 0 { String::new() } else { named(apart, &keys[apart]) };
        let mut last: Option<(String, String)> = None;
        for (keys, part, [from, to, lo, hi]) in rows {
            let cell = keys[0].clone();
            if last.as_ref().is_none_or(|(known, _)| *known != cell) {
                profile.cells.push((called(&keys), Vec::new()));
            }
            let parts = &mut profile.cells.last_mut().ok_or("no cell")?.1;
            match parts.last_mut() {
                Some(same) if last == Some((cell.clone(), part.clone())) => {
                    same.ends = (same.ends.0 + lo, same.ends.1 + hi);
                }
                _ => parts.push(Part { from, to, ends: (lo, hi) }),
            }
            last = Some((cell, part));
        }
        Ok(profile)
    }

    /// What each part adds against the level at which it begins, and what all parts so far have added against the level they
    /// lead to.
    pub fn charts(&self, title: &str) -> Vec<Chart> {
        let by_part = |parts: &[Part]| parts.iter().map(|p| datum(p.from, p.ends)).collect::<Vec<_>>();
        let so_far = |parts: &[Part]| {
            let mut sum = (0.0, 0.0);
            let mut add = |p: &Part| {
                sum = (sum.0 + p.ends.0, sum.1 + p.ends.1);
                datum(p.to, sum)
            };
            parts.iter().map(&mut add).collect::<Vec<_>>()
        };
        let panels: Option<Vec<Panel>> = [
            self.panel(&by_part, "what each part adds", "time (of OU, VE) at which the part begins"),
            self.panel(&so_far, "what all parts so far add", "time (of OU, VE) reached"),
        ]
        .into_iter()
        .collect();
        let at = if self.at.is_empty() { String::new() } else { format!(" at {}", self.at) };
        let title = format!("{title} The parts of {}{at}.", self.theorem);
        panels.map(|panels| Chart { title, rows: vec![panels] }).into_iter().collect()
    }

    fn panel(&self, of: &dyn Fn(&[Part]) -> Vec<Datum>, y: &str, x: &str) -> Option<Panel> {
        let series: Vec<Series> = self
            .cells
            .iter()
            .enumerate()
            .map(|(k, (name, parts))| {
                let mut points = of(parts);
                points.sort_by(|a, b| a.x.total_cmp(&b.x));
                // A marker for each of many steps would hide the line.
                let look = if points.len() > 40 { Look::Bound(None) } else { Look::Measured(SHAPES[k % SHAPES.len()]) };
                Series {
                    label: if name.is_empty() { "parts".into() } else { name.clone() },
                    look,
                    colour: COLOURS[k % COLOURS.len()],
                    dash: MEASURED_DASHES[k % MEASURED_DASHES.len()],
                    shift: 0.0,
                    points: points.into_iter().map(Some).collect(),
                    theorem: String::new(),
                }
            })
            .collect();
        Some(Panel {
            title: String::new(),
            axes: (x.to_owned(), y.to_owned()),
            x: x_scale(&series, None),
            y: y_scale(&series, None)?,
            series,
            guides: Vec::new(),
            vacuous_from: None,
            notes: Vec::new(),
        })
    }
}

fn datum(x: f64, (lo, hi): (f64, f64)) -> Datum {
    Datum { x, lo, hi, ringed: false, is_mean: false }
}
