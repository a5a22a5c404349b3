//! Tables in specs: `[data.csv]`, the empirical law of the rows of a file.

use super::error::{Flaw, Source};
use super::fields::{Fields, count, counted, items, suggestion, wrong};
use super::files::Files;
use super::tree::{Node, Span, Value};
use crate::targets::Points;
use csv::{ReaderBuilder, StringRecord, Trim};
use nalgebra::DVector;
use serde::Serialize;
use std::collections::HashMap;
use std::sync::Arc;

/// The path of the name of a table in specs.
pub const FILE: &str = "data.csv.file";

/// The most numbers that are taken from a table: 80 MB, and as many again while they are read.
const MOST_NUMBERS: usize = 10_000_000;

/// What was made of a table: enough to undo it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Provenance {
    /// Its file, as the spec names it.
    pub file: String,
    /// The rows that were taken.
    pub rows: usize,
    /// How many of them differ.
    pub distinct: usize,
    /// The columns that were taken, in the order of the coordinates.
    pub columns: Vec<Column>,
}

/// A column of a table.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Column {
    /// Its name, or its number counted from 0 where there are no names.
    pub name: String,
    /// How it was standardised, where it was.
    #[serde(flatten)]
    pub standardised: Option<Standardised>,
}

/// A coordinate z is `(x - mean)/scale` of the number x in the table: `x = mean + scale z`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Standardised {
    /// Of the rows that were taken.
    pub mean: f64,
    /// Their standard deviation, divided by their number.
    pub scale: f64,
}

/// Reads `[data.csv]`: the law that gives every row the same mass, rows that are equal being one atom; and what was made of the table.
///
/// # Errors
/// The first thing that is wrong, with its place in the spec or in the table.
pub fn read(node: &Node, files: &Files) -> Result<(Points, Provenance), Flaw> {
    let mut fields = Fields::of(node, "data.csv")?;
    let file = fields.need("file", "the name of a CSV file beside the spec")?;
    let separator = separator(&mut fields)?;
    let header = fields.boolean("header")?;
    let columns = fields.maybe("columns");
    let standardise = fields.boolean("standardise")?.unwrap_or(true);
    let rows = fields.maybe("rows");
    fields.finish()?;
    let (name, text) = files.text(file, FILE, "a table")?;
    let table = Table::parse(file, (name, text), files, separator)?;
    let (names, first) = table.header(header, columns)?;
    let chosen = match columns {
        Some(node) => chosen(node, names.as_ref(), &table)?,
        None => (0..table.width()).collect(),
    };
    let there = table.records.len() - first;
    let taken = match rows {
        None => there,
        Some(node) => match count(node, "data.csv.rows", 1)? {
            n if n as usize <= there => n as usize,
            n => {
                let found = format!("`data.csv.rows` is {n}, `{name}` has {}", counted(there, "row"));
                return Err(Flaw::new(&node.span, found, "drop `rows` to take them all"));
            }
        },
    };
    if taken == 0 {
        return Err(Flaw::new(&file.span, format!("`{name}` has no rows"), "expected at least one row of numbers"));
    }
    if taken.saturating_mul(chosen.len()) > MOST_NUMBERS {
        let found = format!("`{name}` has {} of {}", counted(taken, "row"), counted(chosen.len(), "number"));
        let help = format!("at most {MOST_NUMBERS} numbers are taken: limit them with `rows` or `columns`");
        return Err(Flaw::new(&file.span, found, help));
    }
    let (atoms, counts) = merged(&table, first..first + taken, &chosen)?;
    let weights: Vec<f64> = counts.iter().map(|n| *n as f64 / taken as f64).collect();
    let mut points = atoms;
    let column = |(i, &column): (usize, &usize)| -> Result<Column, Flaw> {
        let flaw = |why: &str| {
            let called = names.as_ref().map_or_else(|| column.to_string(), |names| format!("`{}`", &names[column]));
            let found = format!("column {called} of `{name}` {why}");
            let help = "leave it out with `columns`, or set `standardise = false`";
            Flaw::new(&columns.unwrap_or(file).span, found, help)
        };
        let standardised = standardise.then(|| standardised(&mut points, &counts, i)).transpose().map_err(flaw)?;
        let name = names.as_ref().map_or_else(|| column.to_string(), |names| names[column].to_owned());
        Ok(Column { name, standardised })
    };
    let columns = chosen.iter().enumerate().map(column).collect::<Result<_, _>>()?;
    let provenance = Provenance { file: name.to_owned(), rows: taken, distinct: points.len(), columns };
    Points::new(weights, points.into_iter().map(DVector::from_vec).collect())
        .map(|law| (law, provenance))
        .map_err(|why| Flaw::new(&file.span, format!("`{name}`: {why}"), "expected finite numbers"))
}

/// The character between cells.
fn separator(fields: &mut Fields<'_>) -> Result<u8, Flaw> {
    match fields.text("separator")? {
        None => Ok(b','),
        Some((",", _)) => Ok(b','),
        Some((";", _)) => Ok(b';'),
        Some(("\t", _)) => Ok(b'\t'),
        Some((other, span)) => {
            let found = format!("`data.csv.separator` is \"{}\"", other.escape_debug());
            Err(Flaw::new(span, found, "expected \",\", \";\" or a tabulator, \"\\t\""))
        }
    }
}

/// A table as it is in its file.
struct Table {
    source: Arc<Source>,
    separator: u8,
    /// Every record with the byte at which it begins.
    records: Vec<(usize, StringRecord)>,
}

impl Table {
    fn parse(file: &Node, (name, text): (&str, String), files: &Files, separator: u8) -> Result<Self, Flaw> {
        let flaw = |found: String, help: &str| Flaw::new(&file.span, found, help);
        let text = text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text);
        let source = Arc::new(Source::new(files.path(name), text));
        let mut reader = ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .delimiter(separator)
            .trim(Trim::All)
            .from_reader(source.text.as_bytes());
        let mut records = Vec::new();
        for record in reader.records() {
            let record = record.map_err(|why| flaw(format!("`{name}` is no CSV: {why}"), "see `docs/spec.md`"))?;
            let start = record.position().map_or(0, |at| at.byte() as usize);
            // The position is that after the last record, of whose end a line feed may be left.
            let (before, from) = source.text.split_at(start);
            let left = usize::from(before.ends_with('\r') && from.starts_with('\n'));
            if from[left..].starts_with(['\n', '\r']) {
                let at = start + left;
                let help = "take it out: in a table of one column it would be a missing value";
                return Err(Flaw::new(&(at..at + 1), "this line is blank", help).within(&source));
            }
            records.push((start + left, record));
        }
        if records.is_empty() {
            return Err(flaw(format!("`{name}` is empty"), "expected rows of numbers"));
        }
        Ok(Self { source, separator, records })
    }

    /// The cells of the first record.
    fn width(&self) -> usize {
        self.records[0].1.len()
    }

    /// What to do about a cell that is no number because the table is separated, or its numbers are written, in another way.
    fn written_otherwise(&self, cell: &str) -> Option<String> {
        let own = char::from(self.separator);
        if own != ',' && cell.split_once(',').is_some_and(|(a, b)| format!("{a}.{b}").parse::<f64>().is_ok()) {
            let help =
                "numbers are written with a decimal point; if the comma separates cells, set `separator = \",\"`";
            return Some(help.into());
        }
        let others = [("\\t", '\t'), (";", ';'), (",", ',')].into_iter().filter(|(_, c)| *c != own);
        if let Some((name, _)) = others.into_iter().find(|(_, c)| cell.contains(*c)) {
            return Some(format!("if that separates cells, set `separator = \"{name}\"` in [data.csv]"));
        }
        let mut words = cell.split_whitespace();
        let blanks = words.clone().count() > 1 && words.all(|word| word.parse::<f64>().is_ok());
        blanks.then(|| {
            "blanks separate no cells: save the table with commas, semicolons or tabulators between them".into()
        })
    }

    /// The same for a table that has one column only.
    fn unseparated(&self) -> Option<String> {
        if self.width() == 1 { self.written_otherwise(&self.records[0].1[0]) } else { None }
    }

    /// The bytes of a cell, or of the whole record where it has no such cell.
    fn span(&self, record: usize, cell: usize) -> Span {
        let (start, cells) = &self.records[record];
        let line = &self.source.text.as_bytes()[*start..];
        let (mut quoted, mut number, mut from) = (false, 0, 0);
        for (i, &byte) in line.iter().enumerate() {
            let end = !quoted && (byte == b'\n' || byte == b'\r');
            if end || (!quoted && byte == self.separator) {
                if number == cell {
                    return start + from..start + i;
                }
                (number, from) = (number + 1, i + 1);
            }
            if end {
                return *start..start + i;
            }
            quoted ^= byte == b'"';
        }
        if cells.len().checked_sub(1) == Some(cell) {
            start + from..start + line.len()
        } else {
            *start..start + line.len()
        }
    }

    /// A flaw of a cell.
    fn flaw(&self, record: usize, cell: usize, found: String, help: &str) -> Flaw {
        Flaw::new(&self.span(record, cell), found, help).within(&self.source)
    }

    /// The names of the columns, if there are any, and the number of the first record that holds data: names are said to be there,
    /// or nothing in the first record is a number.
    fn header(&self, said: Option<bool>, columns: Option<&Node>) -> Result<(Option<StringRecord>, usize), Flaw> {
        let first = &self.records[0].1;
        let by_name = columns.and_then(|node| match &node.value {
            Value::Array(list) => list.iter().find(|item| matches!(item.value, Value::Text(_))),
            _ => None,
        });
        let there = said.unwrap_or_else(|| !first.iter().any(|cell| cell.parse::<f64>().is_ok()));
        match (there, by_name) {
            (true, _) => Ok((Some(first.clone()), 1)),
            (false, None) => Ok((None, 0)),
            (false, Some(node)) => {
                let found = "a column is chosen by its name, but the table has no line of names";
                Err(Flaw::new(&node.span, found, "write its number, counted from 0, or set `header = true`"))
            }
        }
    }

    /// The numbers of a row.
    fn numbers(&self, record: usize, chosen: &[usize]) -> Result<Vec<f64>, Flaw> {
        let cells = &self.records[record].1;
        if cells.len() != self.width() {
            let found = format!(
                "this row has {}, the first has {}",
                counted(cells.len(), "cell"),
                counted(self.width(), "cell")
            );
            return Err(self.flaw(record, usize::MAX, found, "every row needs as many cells as the first"));
        }
        let number = |&column: &usize| match cells[column].parse::<f64>() {
            // The two zeros are one number.
            Ok(x) if x.is_finite() => Ok(x + 0.0),
            _ => {
                let found = match &cells[column] {
                    "" => "this cell is empty".to_owned(),
                    other => format!("this cell is \"{}\"", other.escape_debug()),
                };
                if let Some(help) = self.written_otherwise(&cells[column]) {
                    return Err(self.flaw(record, column, found, &help));
                }
                let help = match record {
                    0 => "expected a finite number; if this line holds the names of the columns, set `header = true`",
                    _ => {
                        "expected a finite number; take out rows with missing values, or leave the column out with `columns`"
                    }
                };
                Err(self.flaw(record, column, found, help))
            }
        };
        chosen.iter().map(number).collect()
    }
}

/// The columns that a list of names and numbers chooses.
fn chosen(node: &Node, names: Option<&StringRecord>, table: &Table) -> Result<Vec<usize>, Flaw> {
    let width = table.width();
    let mut found: Vec<usize> = Vec::new();
    for (i, item) in
        items(node, "data.csv.columns", "a list of names, or of numbers counted from 0")?.iter().enumerate()
    {
        let path = format!("data.csv.columns[{i}]");
        let column = match &item.value {
            Value::Text(wanted) => {
                let mut same =
                    names.into_iter().flat_map(|names| names.iter().enumerate().filter(|(_, n)| n == wanted));
                match (same.next(), same.next()) {
                    (Some((column, _)), None) => column,
                    (Some(_), Some(_)) => {
                        let found = format!("several columns are called `{wanted}`");
                        return Err(Flaw::new(&item.span, found, "write the number of the column, counted from 0"));
                    }
                    (None, _) => {
                        let known: Vec<&str> = names.into_iter().flat_map(StringRecord::iter).collect();
                        let found = format!("no column is called `{wanted}`");
                        let help = table.unseparated().unwrap_or_else(|| suggestion(wanted, known));
                        return Err(Flaw::new(&item.span, found, help));
                    }
                }
            }
            Value::Integer(_) | Value::Float(_) => match count(item, &path, 0)? {
                column if (column as usize) < width => column as usize,
                column => {
                    let found = format!("there is no column {column}: the table has {width}");
                    let help = table.unseparated();
                    let help = help.unwrap_or_else(|| format!("columns are counted from 0 to {}", width - 1));
                    return Err(Flaw::new(&item.span, found, help));
                }
            },
            _ => return Err(wrong(item, &path, "a name, or a number counted from 0")),
        };
        if found.contains(&column) {
            return Err(Flaw::new(&item.span, "this column is chosen twice", "name every column once"));
        }
        found.push(column);
    }
    if found.is_empty() {
        return Err(Flaw::new(&node.span, "`data.csv.columns` is empty", "name at least one, or drop the key for all"));
    }
    Ok(found)
}

/// The distinct rows in the order of the file, with how often each is there.
fn merged(table: &Table, records: std::ops::Range<usize>, chosen: &[usize]) -> Result<(Vec<Vec<f64>>, Vec<u64>), Flaw> {
    let mut places: HashMap<Vec<u64>, usize> = HashMap::new();
    let (mut atoms, mut counts) = (Vec::new(), Vec::new());
    for record in records {
        let row = table.numbers(record, chosen)?;
        let place = *places.entry(row.iter().map(|x| x.to_bits()).collect()).or_insert(atoms.len());
        if place == atoms.len() {
            atoms.push(row);
            counts.push(0);
        }
        counts[place] += 1;
    }
    Ok((atoms, counts))
}

/// Brings coordinate i to mean 0 and standard deviation 1 (that of the empirical law: divided by the number of rows).
fn standardised(atoms: &mut [Vec<f64>], counts: &[u64], i: usize) -> Result<Standardised, &'static str> {
    if atoms.iter().all(|x| x[i] == atoms[0][i]) {
        return Err("is constant");
    }
    let n: f64 = counts.iter().map(|n| *n as f64).sum();
    let mean_of =
        |f: &dyn Fn(f64) -> f64| atoms.iter().zip(counts).map(|(x, k)| f(x[i]) * (*k as f64 / n)).sum::<f64>();
    let rough = mean_of(&|x| x);
    let mean = rough + mean_of(&|x| x - rough);
    let deviation = mean_of(&|x| (x - mean).powi(2)).sqrt();
    if !(mean.is_finite() && deviation.is_normal()) {
        return Err("cannot be standardised: its numbers are too large or too close together");
    }
    atoms.iter_mut().for_each(|x| x[i] = (x[i] - mean) / deviation);
    Ok(Standardised { mean, scale: deviation })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn law(csv: &str, keys: &str) -> Result<Points, String> {
        table(csv, keys).map(|(law, _)| law)
    }

    fn table(csv: &str, keys: &str) -> Result<(Points, Provenance), String> {
        let folder = tempfile::TempDir::new().unwrap();
        std::fs::write(folder.path().join("t.csv"), csv).unwrap();
        let tree = Node::parse(&format!("file = \"t.csv\"\n{keys}")).unwrap();
        let spec = Arc::new(Source::new("spec.toml".into(), "file = \"t.csv\"\n".to_owned() + keys));
        read(&tree, &Files::In(folder.path().to_owned())).map_err(|flaw| {
            let error = flaw.in_source(&spec);
            format!("{error} | {}", error.flaw.help)
        })
    }

    fn rows(law: &Points) -> Vec<&[f64]> {
        law.points.iter().map(|x| x.as_slice()).collect()
    }

    /// Numbers with exact means and standard deviations: 1, 5 (mean 3, sd 2) and 10, 10, 40, 40 less a row that is there twice.
    #[test]
    fn a_table_by_hand() {
        let found = law("a,b\n1,10\n5,40\n1,40\n5,10\n", "").unwrap();
        assert_eq!(rows(&found), [[-1.0, -1.0], [1.0, 1.0], [-1.0, 1.0], [1.0, -1.0]]);
        assert_eq!(found.weights, [0.25; 4]);
        // Three rows in four are the same: mean 2, variance 3.
        let found = law("1;x\n1;y\n5;z\n 1 ;\"a;b\"\n", "separator = \";\"\ncolumns = [0]").unwrap();
        assert_eq!(found.weights, [0.75, 0.25]);
        let root = 3.0_f64.sqrt();
        assert!((found.points[0][0] + 1.0 / root).abs() < 1e-15 && (found.points[1][0] - 3.0 / root).abs() < 1e-15);
        // As they are, the first rows only, columns in the order that was asked for.
        let found =
            law("\u{feff}a,b\r\n1,10\r\n-0,40\r\n7,7\r\n", "standardise = false\nrows = 2\ncolumns = [\"b\", \"a\"]")
                .unwrap();
        assert_eq!(rows(&found), [[10.0, 1.0], [40.0, 0.0]]);
        let found = law("1,2\n3,4", "standardise = false\nheader = true").unwrap();
        assert_eq!(rows(&found), [[3.0, 4.0]]);
    }

    /// What was made of a table undoes it: every row is mean + scale z.
    #[test]
    fn a_table_can_be_had_back() {
        let csv = "a;b;c\n1;10;7\n5;40;7\n1;10;7\n3;20;7\n";
        let (found, known) = table(csv, "separator = \";\"\ncolumns = [\"b\", \"a\"]").unwrap();
        assert_eq!((known.file.as_str(), known.rows, known.distinct), ("t.csv", 4, 3));
        assert_eq!(known.columns.iter().map(|c| c.name.as_str()).collect::<Vec<_>>(), ["b", "a"]);
        let expected = [[10.0, 1.0], [40.0, 5.0], [20.0, 3.0]];
        for (z, x) in rows(&found).into_iter().zip(expected) {
            for ((z, x), column) in z.iter().zip(x).zip(&known.columns) {
                let Standardised { mean, scale } = column.standardised.unwrap();
                assert!((mean + scale * z - x).abs() < 1e-13, "{z} {x} {column:?}");
            }
        }
        assert_eq!(known.columns[1].standardised.unwrap().mean, 2.5);
        let (_, known) = table("1,2\n3,4\n5,6\n", "standardise = false\nrows = 2").unwrap();
        assert_eq!((known.rows, known.columns[1].name.as_str(), known.columns[1].standardised), (2, "1", None));
    }

    /// A mean far from 0 costs no digits, and a tenth added ten times is one.
    #[test]
    fn standardised_far_from_zero() {
        let found = law("1000000001\n1000000003\n1000000001\n1000000003\n", "").unwrap();
        assert_eq!(rows(&found), [[-1.0], [1.0]]);
        let many: String = (0..100_000).map(|k| format!("{}\n", k % 99_999)).collect();
        let found = law(&many, "standardise = false").unwrap();
        assert!(found.points.len() == 99_999 && found.weights[0] == 2e-5);
    }

    #[test]
    fn a_wrong_cell_is_named() {
        for (csv, keys, place, expected) in [
            ("a,b\n1,2\n3,x\n", "", "t.csv:3:3", "this cell is \"x\" | expected a finite number"),
            ("a,b\n1,2\n,4\n", "", "t.csv:3:1", "this cell is empty"),
            ("a,b\n1,nan\n3,4\n", "", "t.csv:2:3", "this cell is \"nan\""),
            ("a,b\n\"1\",\"1,2\"\n3,4\n", "", "t.csv:2:5", "this cell is \"1,2\""),
            ("a,b\n1,2\n3,inf", "", "t.csv:3:3", "this cell is \"inf\""),
            ("a,b\n1,2\n\n\n3,4", "", "t.csv:3:1", "this line is blank"),
            ("a\r\n1\r\n\r\n3\r\n", "", "t.csv:3:1", "this line is blank"),
            ("\na\n1\n3\n", "", "t.csv:1:1", "this line is blank"),
            ("150,4,setosa\n1,2,3\n", "", "t.csv:1:7", "set `header = true`"),
            ("a,b\n1,2\n3\n", "", "t.csv:3:1", "this row has 1 cell, the first has 2 cells"),
            ("a,b\n1,2\n3,2\n", "", "spec.toml:1:8", "column `b` of `t.csv` is constant | leave it out"),
            ("1,2\n3,2\n", "columns = [1]", "spec.toml:2:11", "column 1 of `t.csv` is constant"),
            ("", "", "spec.toml:1:8", "`t.csv` is empty"),
            ("a,b\n", "", "spec.toml:1:8", "`t.csv` has no rows"),
            ("a,b\n1,2\n", "rows = 2", "spec.toml:2:8", "`data.csv.rows` is 2, `t.csv` has 1 row"),
            ("a,b\n1,2\n", "columns = [\"c\"]", "spec.toml:2:12", "no column is called `c` | known are `a`, `b`"),
            ("a,a\n1,2\n", "columns = [\"a\"]", "spec.toml:2:12", "several columns are called `a`"),
            ("1,2\n", "columns = [\"a\"]", "spec.toml:2:12", "the table has no line of names"),
            ("1,2\n", "columns = [2]", "spec.toml:2:12", "there is no column 2: the table has 2"),
            ("1,2\n", "columns = [1, 1]", "spec.toml:2:15", "chosen twice"),
            ("1,2\n", "columns = []", "spec.toml:2:11", "is empty"),
            ("1,2\n", "separator = \"|\"", "spec.toml:2:13", "expected \",\", \";\""),
            ("1,2\n", "colums = [0]", "spec.toml:2:1", "did you mean `columns`?"),
            ("1e308\n-1e308\n", "", "spec.toml:1:8", "cannot be standardised"),
            // Another separator than the one that is meant.
            ("a;b\n1;2\n3;4\n", "", "t.csv:2:1", "if that separates cells, set `separator = \";\"` in [data.csv]"),
            ("1\t2\n3\t4\n", "", "t.csv:2:1", "set `separator = \"\\t\"` in [data.csv]"),
            ("1,2\n3,4\n", "separator = \"\\t\"", "t.csv:2:1", "written with a decimal point"),
            ("1,2,3\n3,4,5\n", "separator = \";\"", "t.csv:2:1", "set `separator = \",\"`"),
            ("1,5;2,5\n3,5;4,5\n", "", "t.csv:1:3", "set `separator = \";\"`"),
            ("1,5;2,5\n3,5;4,5\n", "separator = \";\"", "t.csv:2:1", "written with a decimal point"),
            (
                "a;b\n1;2\n",
                "columns = [\"a\"]",
                "spec.toml:2:12",
                "no column is called `a` | if that separates cells, set `separator",
            ),
            ("1;2\n", "columns = [1]", "spec.toml:2:12", "there is no column 1: the table has 1 | if that separates"),
            ("1 2\n3 4\n", "", "t.csv:2:1", "blanks separate no cells"),
        ] {
            let found = law(csv, keys).unwrap_err();
            assert!(found.contains(place) && found.contains(expected), "{csv:?} {keys}\n{found}\n{place} {expected}");
        }
    }
}
