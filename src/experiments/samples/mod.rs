//! Draws of somebody's sampler, read in blocks from a file or a stream.

pub mod command;
mod csv;
mod npy;
mod parquet;
#[cfg(test)]
mod tests;

use std::io::{self, Read};
use std::path::Path;
use thiserror::Error;

/// Rows in a block.
pub const BLOCK: usize = 8192;

/// Why draws could not be read.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum SampleError {
    /// The file could not be opened or read.
    #[error("{path}: {source}")]
    Read {
        /// The file.
        path: String,
        /// Why.
        source: io::Error,
    },
    /// It is not what its name says, or not of a kind that is known.
    #[error("{path}: {what}")]
    Malformed {
        /// The file.
        path: String,
        /// What is wrong, and where.
        what: String,
        /// What to do.
        help: String,
    },
}

impl SampleError {
    /// What to do about it.
    #[must_use]
    pub fn help(&self) -> &str {
        match self {
            SampleError::Read { .. } => "name a .npy, .csv or .parquet file, or `-` for standard input",
            SampleError::Malformed { help, .. } => help,
        }
    }
}

/// What was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shape {
    /// Rows.
    pub rows: u64,
    /// Chains, where the file has shape (chains, n, d).
    pub chains: Option<u64>,
}

/// Numbers that are none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct NotNumbers {
    nans: u64,
    infinities: u64,
    first: Option<(u64, usize)>,
}

/// Rows of d numbers on their way into blocks.
struct Blocks<'a> {
    dim: usize,
    rows: u64,
    /// Component-major, with room for [`BLOCK`] rows.
    block: Vec<f64>,
    filled: usize,
    bad: NotNumbers,
    each: &'a mut dyn FnMut(&[f64], usize),
}

impl<'a> Blocks<'a> {
    fn new(dim: usize, each: &'a mut dyn FnMut(&[f64], usize)) -> Self {
        Self { dim, rows: 0, block: vec![0.0; dim * BLOCK], filled: 0, bad: NotNumbers::default(), each }
    }

    /// The next number, coordinate i of the row under way.
    fn put(&mut self, i: usize, x: f64) {
        if !x.is_finite() {
            if x.is_nan() {
                self.bad.nans += 1
            } else {
                self.bad.infinities += 1
            }
            self.bad.first.get_or_insert((self.rows, i));
        }
        self.block[i * BLOCK + self.filled] = x;
    }

    /// The row is complete.
    fn row(&mut self) {
        self.filled += 1;
        self.rows += 1;
        if self.filled == BLOCK {
            self.flush();
        }
    }

    fn flush(&mut self) {
        let n = self.filled;
        if n == BLOCK {
            (self.each)(&self.block, n);
        } else if n > 0 {
            let short: Vec<f64> =
                (0..self.dim).flat_map(|i| self.block[i * BLOCK..i * BLOCK + n].iter().copied()).collect();
            (self.each)(&short, n);
        }
        self.filled = 0;
    }

    fn finish(mut self, path: &str) -> Result<u64, SampleError> {
        self.flush();
        let NotNumbers { nans, infinities, first } = self.bad;
        if let Some((row, column)) = first {
            return Err(SampleError::Malformed {
                path: path.to_owned(),
                what: format!(
                    "{nans} NaN and {infinities} infinite values; the first in row {row}, column {column} (from 0)"
                ),
                help: "a sampler that returns them is at fault: none are left out".into(),
            });
        }
        Ok(self.rows)
    }
}

/// The kind of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Npy,
    Csv,
    Parquet,
}

/// Reads draws from R^dim and hands them on in blocks (d x n, component-major, in order). `-` is standard input, whose kind its first bytes tell.
///
/// # Errors
/// A file that cannot be read, is cut short, has another number of columns, or values that are not finite numbers.
pub fn read(path: &Path, dim: usize, each: &mut dyn FnMut(&[f64], usize)) -> Result<Shape, SampleError> {
    let name = path.display().to_string();
    let failed = |source| SampleError::Read { path: name.clone(), source };
    if path == Path::new("-") {
        return from_bytes("standard input", io::stdin().lock(), dim, each);
    }
    let kind = match path.extension().and_then(|e| e.to_str()).map(str::to_ascii_lowercase).as_deref() {
        Some("npy") => Kind::Npy,
        Some("csv" | "txt" | "tsv") => Kind::Csv,
        Some("parquet") => Kind::Parquet,
        _ => {
            let what = "the name does not tell what it is".to_owned();
            return Err(SampleError::Malformed { path: name, what, help: "call it .npy, .csv or .parquet".into() });
        }
    };
    let file = std::fs::File::open(path).map_err(failed)?;
    match kind {
        Kind::Npy => npy::read(&name, io::BufReader::with_capacity(1 << 20, file), dim, each),
        Kind::Csv => csv::read(&name, io::BufReader::new(file), dim, each),
        Kind::Parquet => parquet::read(&name, file, dim, each),
    }
}

/// Reads a stream whose kind is not known.
///
/// # Errors
/// As [`read`].
pub fn from_bytes(
    name: &str,
    mut stream: impl Read,
    dim: usize,
    each: &mut dyn FnMut(&[f64], usize),
) -> Result<Shape, SampleError> {
    let mut start = [0; 6];
    let mut got = 0;
    while got < start.len() {
        match stream.read(&mut start[got..]) {
            Ok(0) => break,
            Ok(n) => got += n,
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            Err(source) => return Err(SampleError::Read { path: name.to_owned(), source }),
        }
    }
    let whole = io::BufReader::with_capacity(1 << 20, io::Cursor::new(start[..got].to_vec()).chain(stream));
    match &start[..got] {
        [] => Err(SampleError::Malformed {
            path: name.to_owned(),
            what: "there is nothing".into(),
            help: "pipe rows of numbers, or the bytes of a .npy file".into(),
        }),
        [0x93, b'N', b'U', b'M', b'P', b'Y'] => npy::read(name, whole, dim, each),
        [b'P', b'A', b'R', b'1', ..] => Err(SampleError::Malformed {
            path: name.to_owned(),
            what: "a Parquet file cannot be read as a stream: its index stands at its end".into(),
            help: "write it to a file".into(),
        }),
        _ => csv::read(name, whole, dim, each),
    }
}

fn wrong_dimension(path: &str, found: String, dim: usize) -> SampleError {
    SampleError::Malformed {
        path: path.to_owned(),
        what: format!("{found}, but the target has {dim} coordinate{}", if dim == 1 { "" } else { "s" }),
        help: "rows are samples, columns coordinates; a program prints what is no draw to standard error".into(),
    }
}
