//! HRX-12a and 12b: the closed form of kernel descent is what its steps lead to.

use super::REFERENCE;
use super::guarantee;
use super::taught::{LEARNED, STOPS, descended, on};
use crate::bounds::{Bound, Instance, Quantity, Relation, Theorem, draws};
use crate::numerics::{Interval, Ledger, Measured, Source};
use crate::scores::learned::{Lesson, Spectrum, cross_gram, filter, gram, remaining};
use nalgebra::DMatrix;

#[doc = include_str!("../../../paper_checks/han_razaviyayn_xu_2024/kernel_descent.md")]
pub static KERNEL_DESCENT: Theorem = Theorem {
    id: "han-razaviyayn-xu-2024/kernel-descent",
    labels: &["HRX-12a"],
    title: "at the inputs the closed form of kernel descent is what its steps lead to",
    statement: include_str!("../../../paper_checks/han_razaviyayn_xu_2024/kernel_descent.md"),
    reference: REFERENCE,
    about: Quantity::Other { name: "descent-apart-train", measured: |at| apart(at, |walked| walked.at_inputs) },
    ceiling: f64::INFINITY,
    relation: Relation::AtMost,
    hypotheses: &[LEARNED, STOPS],
    bound: |at| Ok(summed(Rounding::of(at)?.at_inputs())),
    profile: None,
    exponents: &[guarantee("rounding of the steps", "steps", (1, 1))],
    draw: draws::lessons::kernel,
};

#[doc = include_str!("../../../paper_checks/han_razaviyayn_xu_2024/kernel_descent_elsewhere.md")]
pub static KERNEL_DESCENT_ELSEWHERE: Theorem = Theorem {
    id: "han-razaviyayn-xu-2024/kernel-descent-elsewhere",
    labels: &["HRX-12b"],
    title: "at every other point the closed form of kernel descent is what its steps lead to",
    statement: include_str!("../../../paper_checks/han_razaviyayn_xu_2024/kernel_descent_elsewhere.md"),
    reference: REFERENCE,
    about: Quantity::Other { name: "descent-apart-test", measured: |at| apart(at, |walked| walked.at_test) },
    ceiling: f64::INFINITY,
    relation: Relation::AtMost,
    hypotheses: &[LEARNED, STOPS],
    bound: |at| Ok(summed(Rounding::of(at)?.at_test())),
    profile: None,
    exponents: &[guarantee("rounding of the steps", "steps", (3, 2))],
    draw: draws::lessons::kernel,
};

/// The most multiplications of a descent that is made step by step.
const MOST: f64 = 2e10;

/// How far the two are apart: in the norm over the inputs, and the largest distance at a test point.
struct Walked {
    at_inputs: f64,
    at_test: f64,
}

/// `A B` with every inner product added up by halves: rounding is then at most `additions(n) u |A||B|`, entry by entry.
fn by_halves(a: &DMatrix<f64>, b: &DMatrix<f64>) -> DMatrix<f64> {
    fn part(a: &DMatrix<f64>, b: &DMatrix<f64>, first: usize, count: usize) -> DMatrix<f64> {
        match count {
            0..=AT_ONCE => a.columns(first, count) * b.rows(first, count),
            _ => part(a, b, first, count / 2) + part(a, b, first + count / 2, count - count / 2),
        }
    }
    part(a, b, 0, a.ncols())
}

/// Terms that are added up in any order.
const AT_ONCE: usize = 16;

/// How many roundings a term of such an inner product of n numbers goes through at most.
fn additions(n: usize) -> f64 {
    let (mut left, mut count) = (n, 0);
    while left > AT_ONCE {
        (left, count) = (left.div_ceil(2), count + 1);
    }
    (left + count) as f64
}

/// Adds numbers to a sum that keeps what rounding takes away.
fn add(sum: &mut DMatrix<f64>, lost: &mut DMatrix<f64>, terms: &DMatrix<f64>) {
    for ((sum, lost), x) in sum.iter_mut().zip(lost.iter_mut()).zip(terms) {
        let next = *sum + x;
        let added = next - *sum;
        *lost += (*sum - (next - added)) + (x - added);
        *sum = next;
    }
}

/// Makes every step.
fn walk(at: &Instance) -> Result<Walked, String> {
    let (lesson, steps) = descended(at)?;
    let (labels, n) = (&lesson.train().clean, lesson.train().len());
    if (n * n * labels.ncols()) as f64 * steps as f64 > MOST {
        return Err(format!("{steps} steps with {n} samples are too many to make one by one"));
    }
    let gram = gram(&lesson.train().inputs);
    let mut residual = labels.clone();
    let (mut coefficients, mut lost) = (labels * 0.0, labels * 0.0);
    for _ in 0..steps {
        let moved = &residual * lesson.step();
        add(&mut coefficients, &mut lost, &moved);
        residual -= by_halves(&gram, &moved);
    }
    let closed = on(lesson, labels)?;
    let at_inputs = (closed.at_inputs(steps) - (labels - residual)).norm();
    let walked = by_halves(&cross_gram(&lesson.test().inputs, &lesson.train().inputs), &(coefficients + lost));
    let apart = closed.increments(lesson.features(), &[steps]).swap_remove(0) - walked;
    Ok(Walked { at_inputs, at_test: apart.row_iter().map(|row| row.norm()).fold(0.0, f64::max) })
}

/// The distance of two lists of numbers that are both there: what it takes to sum squares is all that is not known of it.
fn apart(at: &Instance, of: fn(Walked) -> f64) -> Result<Measured, String> {
    let found = of(walk(at)?);
    let numbers = (at.dim() * descended(at)?.0.train().len() + 8) as f64;
    let ledger = Ledger::new().bounded(Source::Rounding, found * numbers * f64::EPSILON, "a sum of squares");
    let measured = Measured::with_ledger(Interval::point(found), ledger);
    Ok(Measured { value: measured.value.max(Interval::ZERO), ..measured })
}

/// The unit of rounding u.
const UNIT: f64 = 0.5 * f64::EPSILON;

/// What the page of HRX-12a calls these numbers.
struct Rounding<'a> {
    lesson: &'a Lesson,
    steps: u64,
    /// m.
    additions: f64,
    /// `s = m eta |K|_F + 2`.
    each_step: f64,
    /// `M = U^T U - I`, and by how much one of its entries may be off.
    skew: DMatrix<f64>,
    skew_off: f64,
    /// `eta (E + |M Lambda|_F)`.
    moved: f64,
    /// `U^T y`.
    coordinates: DMatrix<f64>,
    /// `R = sum_{j<k} |r_j|`.
    residuals: f64,
    /// `|U|^T |y|`, in the norm.
    gross: f64,
    /// Higher orders.
    slack: f64,
}

impl<'a> Rounding<'a> {
    fn of(at: &'a Instance) -> Result<Self, String> {
        let (lesson, steps) = descended(at)?;
        let (labels, step, spectrum) = (&lesson.train().clean, lesson.step(), lesson.spectrum());
        let (n, gram) = (lesson.train().len(), gram(&lesson.train().inputs));
        let (additions, vectors) = (additions(n), spectrum.vectors());
        let transposed = vectors.transpose();
        let skew = by_halves(&transposed, vectors) - DMatrix::identity(n, n);
        let skew_off = (additions + 1.0) * UNIT;
        let weighted = |matrix: &DMatrix<f64>| {
            let mut scaled = matrix.clone();
            scaled.column_iter_mut().zip(spectrum.values()).for_each(|(mut column, value)| column *= *value);
            scaled
        };
        let (trace, square) = spectrum.values().iter().fold((0.0, 0.0), |(sum, square), x| (sum + x, square + x * x));
        let residual = (by_halves(&weighted(vectors), &transposed) - &gram).norm() + (additions + 2.0) * UNIT * trace;
        let turned = weighted(&skew).norm() + skew_off * (n as f64 * square).sqrt();
        let (moved, each_step) = (step * (residual + turned), additions * step * gram.norm() + 2.0);
        let coordinates = spectrum.coordinates(labels);
        let residuals = summed_residuals(spectrum, step, &coordinates, steps);
        let gross = vectors.abs().tr_mul(&labels.abs()).norm();
        let slack = 1.01 * (1.0 + steps as f64 * (moved + each_step * UNIT)).powi(3);
        let found =
            Self { lesson, steps, additions, each_step, skew, skew_off, moved, coordinates, residuals, gross, slack };
        Ok(found)
    }

    /// `w(Lambda) U^T y`.
    fn weighted(&self, weight: impl Fn(f64) -> f64) -> DMatrix<f64> {
        let mut rows = self.coordinates.clone();
        let values = self.lesson.spectrum().values();
        rows.row_iter_mut().zip(values).for_each(|(mut row, value)| row *= weight(*value));
        rows
    }

    /// `|M x|` of the columns of x, from above.
    fn turned(&self, x: &DMatrix<f64>) -> f64 {
        let off = x.column_iter().map(|column| column.lp_norm(1).powi(2)).sum::<f64>() * x.nrows() as f64;
        by_halves(&self.skew, x).norm() + self.skew_off * off.sqrt()
    }

    fn terms(&self, [steps, eigen, products]: [f64; 3]) -> [(&'static str, f64); 3] {
        [
            ("rounding of the steps", steps * self.slack),
            ("eigen-system", eigen * self.slack),
            ("products", products * self.slack),
        ]
    }

    /// Over all inputs.
    fn at_inputs(&self) -> [(&'static str, f64); 3] {
        let (n, labels) = (self.coordinates.nrows() as f64, self.lesson.train().clean.norm());
        let skew = self.skew.norm() + self.skew_off * n;
        let left = self.weighted(|value| remaining(self.lesson.step(), value, self.steps));
        let expanded = (self.lesson.spectrum().vectors().abs() * left.abs()).norm();
        self.terms([
            UNIT * self.each_step * self.residuals,
            skew * labels + self.moved * self.residuals,
            UNIT * (n * (self.gross + expanded) + 16.0 * labels),
        ])
    }

    /// At the test point at which they are the largest.
    fn at_test(&self) -> [(&'static str, f64); 3] {
        let (lesson, n) = (self.lesson, self.coordinates.nrows() as f64);
        let (step, values) = (lesson.step(), lesson.spectrum().values());
        let weights: Vec<f64> = values.iter().map(|value| filter(step, *value, self.steps)).collect();
        let coefficients = self.weighted(|value| filter(step, value, self.steps));
        let (size, sizes) = (coefficients.norm(), coefficients.row_iter().map(|row| row.norm()).collect::<Vec<_>>());
        let label_turn = self.turned(&self.coordinates);
        let cross = cross_gram(&lesson.test().inputs, &lesson.train().inputs);
        let turned = by_halves(lesson.features(), &self.skew);
        let gross = cross.abs() * lesson.spectrum().vectors().abs();
        let one = |z: usize| {
            let (features, kappa) = (lesson.features().row(z), cross.row(z).norm());
            let reach = features.iter().zip(&weights).map(|(f, w)| (f * w).powi(2)).sum::<f64>().sqrt();
            let total =
                |row: &mut dyn Iterator<Item = f64>| row.zip(&sizes).map(|(x, size)| x.abs() * size).sum::<f64>();
            let (own, other) = (total(&mut features.iter().copied()), total(&mut gross.row(z).iter().copied()));
            let steps = UNIT * reach * self.each_step * self.residuals
                + UNIT * kappa * (step * self.residuals + (self.additions + 3.0) * size);
            let turned = 0.5 * (turned.row(z).norm() + self.skew_off * n.sqrt() * features.lp_norm(1)) * size;
            let eigen = reach * (self.moved * self.residuals + 0.5 * label_turn) + turned;
            let products = UNIT * (n * (own + other + reach * self.gross) + 8.0 * own);
            self.terms([steps, eigen, products])
        };
        let sum = |terms: &[(&str, f64); 3]| terms.iter().map(|(_, x)| x).sum::<f64>();
        let all = (0..cross.nrows()).map(one);
        all.max_by(|a, b| sum(a).total_cmp(&sum(b))).unwrap_or_else(|| self.terms([0.0; 3]))
    }
}

/// `sum_{j<k} |r_j|` from above: residuals never grow, so one stands for those that follow, 1 in 64 of them at most.
fn summed_residuals(spectrum: &Spectrum, step: f64, coordinates: &DMatrix<f64>, steps: u64) -> f64 {
    let squares: Vec<f64> = coordinates.row_iter().map(|row| row.norm_squared()).collect();
    let (mut sum, mut first) = (0.0, 0);
    while first < steps {
        let count = (first / 64).clamp(1, steps - first);
        let left = |(value, square): (&f64, &f64)| remaining(step, *value, first).powi(2) * square;
        sum += count as f64 * spectrum.values().iter().zip(&squares).map(left).sum::<f64>().sqrt();
        first += count;
    }
    sum
}

fn summed(terms: [(&'static str, f64); 3]) -> Bound {
    let terms = terms.map(|(name, x)| (name, Interval::point(x))).to_vec();
    Bound { value: terms.iter().map(|(_, x)| *x).sum(), terms }
}
