//! Rows of numbers as text.

use super::{Blocks, SampleError, Shape, wrong_dimension};
use std::io::Read;

/// One row a line, separated by commas, semicolons, tabs or blanks; a first line that is no row of numbers names the columns.
pub fn read(
    name: &str,
    stream: impl Read,
    dim: usize,
    each: &mut dyn FnMut(&[f64], usize),
) -> Result<Shape, SampleError> {
    let mut stream = std::io::BufReader::new(stream);
    let separator = separator(name, &mut stream)?;
    let mut reader = ::csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(separator)
        .comment(Some(b'#'))
        .trim(::csv::Trim::All)
        .from_reader(stream);
    let mut blocks = Blocks::new(dim, each);
    let mut record = ::csv::StringRecord::new();
    let mut first = true;
    loop {
        let more = reader.read_record(&mut record).map_err(|e| SampleError::Malformed {
            path: name.to_owned(),
            what: e.to_string(),
            help: "rows of numbers as UTF-8 text".into(),
        })?;
        if !more {
            break;
        }
        let line = record.position().map_or(0, ::csv::Position::line);
        let fields = || record.iter().filter(|field| separator != b' ' || !field.is_empty());
        let head = std::mem::take(&mut first) && fields().all(|field| field.parse::<f64>().is_err());
        if fields().count() != dim {
            let text: String = fields().collect::<Vec<_>>().join(" ").chars().take(60).collect();
            return Err(wrong_dimension(name, format!("line {line} has {} columns (`{text}`)", fields().count()), dim));
        }
        if head {
            continue;
        }
        for (i, field) in fields().enumerate() {
            let x = field.parse().map_err(|_| SampleError::Malformed {
                path: name.to_owned(),
                what: format!("line {line}, column {}: `{field}` is no number", i + 1),
                help: "numbers like -1.5e-3; the decimal sign is a point".into(),
            })?;
            blocks.put(i, x);
        }
        blocks.row();
    }
    let rows = blocks.finish(name)?;
    Ok(Shape { rows, chains: None })
}

/// What separates the columns of the first line.
fn separator(name: &str, stream: &mut impl std::io::BufRead) -> Result<u8, SampleError> {
    let start = stream.fill_buf().map_err(|source| SampleError::Read { path: name.to_owned(), source })?;
    let line = start.split(|b| *b == b'\n').find(|line| !line.starts_with(b"#") && !line.is_empty()).unwrap_or(&[]);
    Ok([b',', b';', b'\t', b' '].into_iter().find(|s| line.contains(s)).unwrap_or(b','))
}
