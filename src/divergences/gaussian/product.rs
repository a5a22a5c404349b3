//! Matrix products whose residuals are enclosed: entry by entry for small matrices, by norms for large ones.

use crate::numerics::linalg::{ENTRYWISE, gamma, norm_upper};
use crate::numerics::{Interval, IntervalSum};
use nalgebra::{DMatrix, DVector};

/// `W'v` for a vector of intervals, in compensated sums.
pub(super) fn enclose_product(w: &DMatrix<f64>, v: &[Interval]) -> Vec<Interval> {
    w.column_iter().map(|column| column.iter().zip(v).map(|(&a, &b)| b * a).collect::<IntervalSum>().value()).collect()
}

/// `W'v` for a vector of numbers, in compensated sums of exact products.
fn exact_product<'a>(w: &DMatrix<f64>, v: impl Iterator<Item = &'a f64> + Clone) -> Vec<Interval> {
    let sum = |column: nalgebra::DVectorView<'_, f64>| {
        let mut sum = IntervalSum::new();
        column.iter().zip(v.clone()).for_each(|(&a, &b)| sum.add_product(a, b));
        sum.value()
    };
    w.column_iter().map(sum).collect()
}

/// A congruence `X -> W'XW`.
pub(super) struct Square<'a> {
    /// W.
    pub w: &'a DMatrix<f64>,
}

impl Square<'_> {
    /// A bound of `|W'XW - diag(expected)|_F` for a symmetric X.
    pub fn residual(&self, x: &DMatrix<f64>, expected: &DVector<f64>) -> Interval {
        if x.nrows() <= ENTRYWISE { self.entrywise(x, expected) } else { self.by_norms(x, expected) }
    }

    fn entrywise(&self, x: &DMatrix<f64>, expected: &DVector<f64>) -> Interval {
        let columns: Vec<Vec<Interval>> = self.w.column_iter().map(|w| exact_product(x, w.iter())).collect();
        let mut square = Interval::ZERO;
        for (j, column) in columns.iter().enumerate() {
            for (i, entry) in enclose_product(self.w, column).into_iter().enumerate() {
                let wanted = if i == j { expected[j] } else { 0.0 };
                square += Interval::point((entry - wanted).magnitude()).sqr();
            }
        }
        square.sqrt()
    }

    /// `|fl - exact| <= gamma |W'| |X| |W|` entry by entry, so its norm is that of a product of absolute values.
    fn by_norms(&self, x: &DMatrix<f64>, expected: &DVector<f64>) -> Interval {
        let d = x.nrows();
        let mut computed = self.w.transpose() * (x * self.w);
        for i in 0..d {
            computed[(i, i)] -= expected[i];
        }
        let absolute = self.w.abs();
        let majorant = absolute.transpose() * (x.abs() * &absolute);
        // Two products of d terms, the computed majorant itself being low by as much; the subtraction on the diagonal.
        let g = Interval::point(gamma(2 * d + 2));
        let rounding = g / (1.0 - g) * norm_upper(majorant.iter())
            + Interval::point(f64::EPSILON)
                * (Interval::point(norm_upper(computed.iter())) + norm_upper(expected.iter()))
            + (d * d) as f64 * f64::MIN_POSITIVE * (1.0 + norm_upper(self.w.iter()));
        Interval::point(norm_upper(computed.iter())) + rounding
    }
}

/// A symmetric X beside a symmetric S, for `(I + X) S (I + X)`.
pub(super) struct Bilinear<'a> {
    /// X.
    pub x: &'a DMatrix<f64>,
    /// S.
    pub s: &'a DMatrix<f64>,
}

impl Bilinear<'_> {
    /// Whether entries are enclosed one by one.
    fn entrywise(&self) -> bool {
        self.x.nrows() <= ENTRYWISE
    }

    /// `S X`, column by column.
    fn s_times_x(&self) -> Vec<Vec<Interval>> {
        self.x.column_iter().map(|c| exact_product(self.s, c.iter())).collect()
    }

    /// `tr(X S X)`, never negative when S is positive semidefinite.
    pub fn trace_of_square(&self) -> Interval {
        let trace = if self.entrywise() {
            let sx = self.s_times_x();
            let entries = sx.iter().flatten().zip(self.x.iter());
            entries.map(|(&a, &b)| a * b).collect::<IntervalSum>().value()
        } else {
            let d = self.x.nrows();
            let sx = self.s * self.x;
            let majorant = self.s.abs() * self.x.abs();
            // |fl(SX) - SX| <= gamma |S||X|; the trace is then a sum of exact products of the computed SX.
            let sum: IntervalSum = sx.iter().zip(self.x.iter()).map(|(&a, &b)| Interval::point(a) * b).collect();
            let g = Interval::point(gamma(d));
            let error = g / (1.0 - g) * norm_upper(majorant.iter()) * norm_upper(self.x.iter());
            sum.value().widen(error.hi())
        };
        trace.max(Interval::ZERO)
    }

    /// A bound of `|(I + X) S (I + X) - S1|_F`.
    pub fn residual(&self, s1: &DMatrix<f64>) -> f64 {
        if self.entrywise() {
            let sx = self.s_times_x();
            let mut square = Interval::ZERO;
            for j in 0..sx.len() {
                // X S X = X (S X).
                let xsx = enclose_product(self.x, &sx[j]);
                for i in 0..sx.len() {
                    let change =
                        [sx[j][i], sx[i][j], xsx[i], Interval::point(self.s[(i, j)]), -Interval::point(s1[(i, j)])];
                    let entry = change.into_iter().collect::<IntervalSum>().value();
                    square += Interval::point(entry.magnitude()).sqr();
                }
            }
            return square.sqrt().hi();
        }
        let d = self.x.nrows();
        let sx = self.s * self.x;
        let xsx = self.x * &sx;
        let computed = (self.s - s1) + ((&sx + sx.transpose()) + &xsx);
        let absolute = self.s.abs() * self.x.abs();
        let majorant = norm_upper((&absolute * 2.0 + self.x.abs() * &absolute).iter());
        let g = Interval::point(gamma(2 * d + 4));
        let difference = norm_upper((self.s - s1).iter());
        let rounding = g / (1.0 - g) * majorant
            + Interval::point(4.0 * f64::EPSILON)
                * (Interval::point(difference) + norm_upper(sx.iter()) * 2.0 + norm_upper(xsx.iter()));
        (Interval::point(norm_upper(computed.iter())) + rounding).hi()
    }
}
