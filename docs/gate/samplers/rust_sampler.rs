//! Exact draws of a Gaussian mixture, written to standard output as `.npy`. Everything it needs is in this file.
//!
//! ```sh
//! cargo build --release --example rust_sampler
//! scorebound gate --target question.toml --sampler-cmd target/release/examples/rust_sampler --draws 200000
//! ```

use rand::rngs::ChaCha8Rng;
use rand::{RngExt, SeedableRng};
use rand_distr::{Distribution, StandardNormal};
use serde_json::Value;
use std::error::Error;
use std::io::{self, BufWriter, Write};

/// N(mean, root root^T).
struct Part {
    mean: Vec<f64>,
    /// Lower triangular; row i has i + 1 numbers.
    root: Vec<Vec<f64>>,
}

impl Part {
    /// mean + root z, z standard normal in R^d.
    fn draw(&self, rng: &mut ChaCha8Rng) -> Vec<f64> {
        let z: Vec<f64> = (0..self.mean.len()).map(|_| StandardNormal.sample(rng)).collect();
        let moved = |(mean, row): (&f64, &Vec<f64>)| mean + row.iter().zip(&z).map(|(l, z)| l * z).sum::<f64>();
        self.mean.iter().zip(&self.root).map(moved).collect()
    }
}

fn list(value: &Value) -> Result<&Vec<Value>, String> {
    value.as_array().ok_or_else(|| format!("a list was expected, not {value}"))
}

fn number(value: &Value) -> Result<f64, String> {
    value.as_f64().ok_or_else(|| format!("a number was expected, not {value}"))
}

fn numbers(value: &Value) -> Result<Vec<f64>, String> {
    list(value)?.iter().map(number).collect()
}

fn diagonal(variances: &[f64]) -> Vec<Vec<f64>> {
    let row = |(i, v): (usize, &f64)| {
        let mut row = vec![0.0; variances.len()];
        row[i] = *v;
        row
    };
    variances.iter().enumerate().map(row).collect()
}

/// A covariance as the protocol writes it: a number, a list (the diagonal) or a list of rows.
fn covariance(value: &Value, d: usize) -> Result<Vec<Vec<f64>>, String> {
    if value.is_number() {
        return Ok(diagonal(&vec![number(value)?; d]));
    }
    let rows = list(value)?;
    if rows.iter().all(Value::is_number) {
        return Ok(diagonal(&numbers(value)?));
    }
    rows.iter().map(numbers).collect()
}

/// The lower triangular L with L L^T = c.
fn cholesky(c: &[Vec<f64>]) -> Vec<Vec<f64>> {
    let mut root: Vec<Vec<f64>> = Vec::with_capacity(c.len());
    for (i, row) in c.iter().enumerate() {
        let mut new: Vec<f64> = Vec::with_capacity(i + 1);
        for (j, entry) in row.iter().enumerate().take(i) {
            let known: f64 = new.iter().zip(&root[j]).map(|(a, b)| a * b).sum();
            new.push((entry - known) / root[j][j]);
        }
        let known: f64 = new.iter().map(|a| a * a).sum();
        new.push((row[i] - known).sqrt());
        root.push(new);
    }
    root
}

/// The first bytes of a `.npy` file of `rows` x `columns` doubles.
fn header(rows: u64, columns: usize) -> Result<Vec<u8>, Box<dyn Error>> {
    let mut text = format!("{{'descr': '<f8', 'fortran_order': False, 'shape': ({rows}, {columns}), }}");
    // Magic, version and length take 10 bytes; all of it is a multiple of 64 bytes and ends with a new line.
    let padding = 63 - (10 + text.len()) % 64;
    text.push_str(&" ".repeat(padding));
    text.push('\n');
    let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
    bytes.extend(u16::try_from(text.len())?.to_le_bytes());
    bytes.extend(text.as_bytes());
    Ok(bytes)
}

fn main() -> Result<(), Box<dyn Error>> {
    let request: Value = serde_json::from_reader(io::stdin().lock())?;
    let target = &request["target"];
    if target["kind"] != "mixture" {
        return Err(format!("only mixtures are drawn here, not {}", target["kind"]).into());
    }
    if request.get("against").is_some() {
        return Err("draws of a target under noise are not made here".into());
    }
    let rows = request["samples"].as_u64().ok_or("`samples` is missing")?;
    let seed = request["seed"].as_u64().ok_or("`seed` is missing")?;
    let weights = numbers(&target["weights"])?;
    let mut parts = Vec::new();
    for (mean, cov) in list(&target["means"])?.iter().zip(list(&target["covariances"])?) {
        let mean = numbers(mean)?;
        let root = cholesky(&covariance(cov, mean.len())?);
        parts.push(Part { mean, root });
    }
    let columns = parts.first().map_or(0, |part| part.mean.len());

    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut out = BufWriter::new(io::stdout().lock());
    out.write_all(&header(rows, columns)?)?;
    for _ in 0..rows {
        // The first part whose weights, added up, exceed u; the last one where rounding leaves none.
        let mut u: f64 = rng.random();
        let chosen = weights.iter().position(|weight| {
            u -= weight;
            u < 0.0
        });
        for x in parts[chosen.unwrap_or(parts.len() - 1)].draw(&mut rng) {
            out.write_all(&x.to_le_bytes())?;
        }
    }
    out.flush()?;
    Ok(())
}
