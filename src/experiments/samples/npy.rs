//! NumPy's array files.

use super::{Blocks, SampleError, Shape, wrong_dimension};
use npyz::{DType, Endianness, NpyHeader, Order, TypeChar};
use std::io::Read;

/// How the numbers of a file are written.
#[derive(Clone, Copy, Debug)]
struct Number {
    kind: TypeChar,
    size: usize,
    big: bool,
}

impl Number {
    fn of(dtype: &DType) -> Option<Self> {
        let DType::Plain(plain) = dtype else { return None };
        let size = usize::try_from(plain.size_field()).ok()?;
        let known = match plain.type_char() {
            TypeChar::Float => matches!(size, 2 | 4 | 8),
            TypeChar::Int | TypeChar::Uint => matches!(size, 1 | 2 | 4 | 8),
            _ => false,
        };
        known.then(|| Self { kind: plain.type_char(), size, big: plain.endianness() == Endianness::Big })
    }

    /// The number in these bytes.
    fn read(self, bytes: &[u8]) -> f64 {
        let mut little = [0; 8];
        let own = &mut little[..self.size];
        own.copy_from_slice(bytes);
        if self.big {
            own.reverse();
        }
        let whole = u64::from_le_bytes(little);
        match (self.kind, self.size) {
            (TypeChar::Float, 8) => f64::from_bits(whole),
            (TypeChar::Float, 4) => f64::from(f32::from_bits(whole as u32)),
            (TypeChar::Float, _) => half::f16::from_bits(whole as u16).to_f64(),
            (TypeChar::Int, size) => {
                let unused = 64 - 8 * size as u32;
                (((whole << unused) as i64) >> unused) as f64
            }
            _ => whole as f64,
        }
    }
}

pub fn read(
    name: &str,
    mut stream: impl Read,
    dim: usize,
    each: &mut dyn FnMut(&[f64], usize),
) -> Result<Shape, SampleError> {
    let wrong =
        |what: String, help: &str| SampleError::Malformed { path: name.to_owned(), what, help: help.to_owned() };
    let header = NpyHeader::from_reader(&mut stream)
        .map_err(|e| wrong(format!("not a .npy file: {e}"), "write it with numpy.save"))?;
    let number = Number::of(&header.dtype()).ok_or_else(|| {
        let what = format!("its numbers are of type {}", header.dtype().descr());
        wrong(what, "float16, float32, float64 and integers are read: convert with .astype(numpy.float64)")
    })?;
    let shape = header.shape().to_vec();
    let (rows, columns, chains) = match shape[..] {
        [n] if dim == 1 => (n, 1, None),
        [n, d] => (n, d, None),
        [chains, n, d] => {
            let rows = chains.checked_mul(n).ok_or_else(|| wrong(format!("its shape is {shape:?}"), "fewer rows"))?;
            (rows, d, Some(chains))
        }
        _ => {
            return Err(wrong_dimension(
                name,
                format!("its shape is {shape:?}; expected (n, d) or (chains, n, d)"),
                dim,
            ));
        }
    };
    if columns != dim as u64 {
        return Err(wrong_dimension(name, format!("its shape is {shape:?}"), dim));
    }
    let rows_read = match header.order() {
        Order::C => by_rows(name, &mut stream, number, (rows, dim), each)?,
        Order::Fortran => by_columns(name, &mut stream, number, &shape, (rows, dim), each)?,
    };
    debug_assert_eq!(rows_read, rows);
    if fill(name, &mut stream, &mut [0])? > 0 {
        let help = "one array and nothing else: a program prints what is no draw to standard error";
        return Err(SampleError::Malformed {
            path: name.to_owned(),
            what: format!("it goes on after an array of {rows} rows"),
            help: help.into(),
        });
    }
    Ok(Shape { rows, chains })
}

fn cut_short(name: &str, rows: u64, found: u64) -> SampleError {
    SampleError::Malformed {
        path: name.to_owned(),
        what: format!("it is cut short: its header speaks of {rows} rows, it holds {found}"),
        help: "write it again; a sampler that was stopped leaves such files".into(),
    }
}

/// Fills as much of the buffer as there is.
fn fill(name: &str, stream: &mut impl Read, buffer: &mut [u8]) -> Result<usize, SampleError> {
    let mut got = 0;
    while got < buffer.len() {
        match stream.read(&mut buffer[got..]) {
            Ok(0) => break,
            Ok(n) => got += n,
            Err(e) if e.kind() == std::io::ErrorKind::Interrupted => {}
            Err(source) => return Err(SampleError::Read { path: name.to_owned(), source }),
        }
    }
    Ok(got)
}

fn by_rows(
    name: &str,
    stream: &mut impl Read,
    number: Number,
    (rows, dim): (u64, usize),
    each: &mut dyn FnMut(&[f64], usize),
) -> Result<u64, SampleError> {
    let mut blocks = Blocks::new(dim, each);
    let row = number.size * dim;
    let mut buffer = vec![0; row * 1024];
    let mut left = rows;
    while left > 0 {
        let wanted = row * left.min(1024) as usize;
        let got = fill(name, stream, &mut buffer[..wanted])?;
        for bytes in buffer[..got].chunks_exact(row) {
            bytes.chunks_exact(number.size).enumerate().for_each(|(i, bytes)| blocks.put(i, number.read(bytes)));
            blocks.row();
        }
        if got < wanted {
            return Err(cut_short(name, rows, blocks.rows));
        }
        left -= (wanted / row) as u64;
    }
    blocks.finish(name)
}

/// Fortran order: the first index runs fastest, so that everything has to be there before the first row is.
fn by_columns(
    name: &str,
    stream: &mut impl Read,
    number: Number,
    shape: &[u64],
    (rows, dim): (u64, usize),
    each: &mut dyn FnMut(&[f64], usize),
) -> Result<u64, SampleError> {
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).map_err(|source| SampleError::Read { path: name.to_owned(), source })?;
    let values = rows as usize * dim;
    if bytes.len() / number.size < values {
        return Err(cut_short(name, rows, (bytes.len() / number.size / dim.max(1)) as u64));
    }
    // (chains, n, d): entry (c, j, i) is number c + chains (j + n i).
    let (chains, length) =
        if let [chains, n, _] = shape { (*chains as usize, *n as usize) } else { (1, rows as usize) };
    let mut blocks = Blocks::new(dim, each);
    for c in 0..chains {
        for j in 0..length {
            for i in 0..dim {
                let at = (c + chains * (j + length * i)) * number.size;
                blocks.put(i, number.read(&bytes[at..at + number.size]));
            }
            blocks.row();
        }
    }
    blocks.finish(name)
}
