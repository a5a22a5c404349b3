//! Cholesky factors in interval arithmetic: a factor that exists proves positive definiteness.

use crate::numerics::Interval;

/// A lower triangular L with L L^T enclosing a symmetric positive definite matrix.
#[derive(Clone, Debug)]
pub(in crate::targets) struct Factor {
    n: usize,
    rows: Vec<Vec<Interval>>,
}

impl Factor {
    /// The factor of the symmetric matrix with these entries (only `i >= j` is read); `None` when a pivot is not proved
    /// positive.
    pub fn new(n: usize, entry: impl Fn(usize, usize) -> Interval) -> Option<Self> {
        let mut rows: Vec<Vec<Interval>> = Vec::with_capacity(n);
        for i in 0..n {
            let mut row: Vec<Interval> = Vec::with_capacity(i + 1);
            for j in 0..=i {
                let other: &[Interval] = if j < i { &rows[j] } else { &row };
                let known: Interval = (0..j).map(|k| if i == j { row[k].sqr() } else { row[k] * other[k] }).sum();
                let rest = entry(i, j) - known;
                if i == j {
                    if rest.lo() <= 0.0 {
                        return None;
                    }
                    row.push(rest.sqrt());
                } else {
                    row.push(rest / other[j]);
                }
            }
            rows.push(row);
        }
        Some(Self { n, rows })
    }

    /// `L^-1 b`.
    pub fn whiten(&self, b: &[Interval]) -> Vec<Interval> {
        let mut y: Vec<Interval> = Vec::with_capacity(self.n);
        for (i, row) in self.rows.iter().enumerate() {
            let known: Interval = (0..i).map(|k| row[k] * y[k]).sum();
            y.push((b[i] - known) / row[i]);
        }
        y
    }

    /// `(L L^T)^-1 b`.
    pub fn solve(&self, b: &[Interval]) -> Vec<Interval> {
        let mut x = self.whiten(b);
        for i in (0..self.n).rev() {
            let known: Interval = (i + 1..self.n).map(|k| self.rows[k][i] * x[k]).sum();
            x[i] = (x[i] - known) / self.rows[i][i];
        }
        x
    }

    /// `ln det(L L^T)`.
    pub fn ln_det(&self) -> Interval {
        self.rows.iter().enumerate().map(|(i, row)| row[i].ln() * 2.0).sum()
    }
}
