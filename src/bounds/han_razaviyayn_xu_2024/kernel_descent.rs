//! HRX-12a and 12b: the closed form of kernel descent is what its steps lead to.

use super::REFERENCE;
use super::guarantee;
use super::taught::{LEARNED, STOPS, descended, on};
use crate::bounds::{Bound, Instance, Quantity, Relation, Theorem, draws};
use crate::numerics::{Interval, Ledger, Measured, Source};
use crate::scores::learned::{Lesson, cross_gram, gram};
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
    bound: |at| {
        let [stepwise, eigen, products] = rounding(at)?.at_inputs;
        Ok(summed(vec![("rounding of the steps", stepwise), ("eigen-system", eigen), ("products", products)]))
    },
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
    bound: |at| {
        let [stepwise, eigen, products] = rounding(at)?.at_test;
        Ok(summed(vec![("rounding of the steps", stepwise), ("eigen-system", eigen), ("products", products)]))
    },
    profile: None,
    exponents: &[guarantee("rounding of the steps", "steps", (2, 1))],
    draw: draws::lessons::kernel,
};

/// The most multiplications of a descent that is made step by step.
const MOST: f64 = 2e10;

/// How far the two are apart: in the norm over the inputs, and the largest distance at a test point.
struct Walked {
    at_inputs: f64,
    at_test: f64,
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
    let mut coefficients = DMatrix::zeros(n, labels.ncols());
    for _ in 0..steps {
        let moved = &residual * lesson.step();
        coefficients += &moved;
        residual -= &gram * moved;
    }
    let closed = on(lesson, labels)?;
    let at_inputs = (closed.at_inputs(steps) - (labels - residual)).norm();
    let walked = cross_gram(&lesson.test().inputs, &lesson.train().inputs) * coefficients;
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

/// What rounding may amount to: in the steps, by the eigen-system's own residual, and in the products of the closed form.
struct Rounding {
    at_inputs: [f64; 3],
    at_test: [f64; 3],
}

/// An upper bound of `|A|_F` of a computed matrix whose entries are off by at most `off` in all.
fn norm(matrix: &DMatrix<f64>, off: f64) -> f64 {
    matrix.norm() * (1.0 + matrix.len() as f64 * f64::EPSILON) + off
}

fn rounding(at: &Instance) -> Result<Rounding, String> {
    let (lesson, steps) = descended(at)?;
    let unit = f64::EPSILON;
    let (k, n) = (steps as f64, lesson.train().len() as f64);
    let labels = norm(&lesson.train().clean, 0.0);
    let (step, spectrum) = (lesson.step(), lesson.spectrum());
    let gram = gram(&lesson.train().inputs);
    let vectors = spectrum.vectors();
    // |U^T U - I| and |U diag U^T - K|, the products' own rounding included.
    let square = vectors.tr_mul(vectors) - DMatrix::identity(vectors.ncols(), vectors.ncols());
    let skew = norm(&square, (n + 2.0) * n * unit);
    let mut scaled = vectors.clone();
    scaled.column_iter_mut().zip(spectrum.values()).for_each(|(mut column, value)| column *= *value);
    let trace: f64 = spectrum.values().iter().sum();
    let residual = norm(&(scaled * vectors.transpose() - &gram), (n + 4.0) * trace * unit);
    // A step leaves the residual's norm as it is at most, and is rounded by this part of it.
    let one = unit * ((n + 4.0) * step * norm(&gram, 0.0) + 2.0);
    let moved = step * residual + 2.5 * skew;
    let products = unit * (2.0 * (n + 3.0) * n.sqrt() + 8.0);
    // Higher orders of all these.
    let labels = labels * 1.01;
    let at_inputs = [k * one * labels, (2.5 * skew + k * moved) * labels, products * labels];
    let reach = step * farthest(lesson);
    let at_test = [
        reach * labels * k * (0.5 * k * one + (k + n + 2.0) * unit),
        reach * labels * k * (2.5 * skew + 0.5 * k * moved),
        reach * labels * k * (products + ((n + 2.0) * n.sqrt() + n + 6.0) * unit),
    ];
    Ok(Rounding { at_inputs, at_test })
}

/// The largest `|kappa(z, Z)|` over the test points.
fn farthest(lesson: &Lesson) -> f64 {
    let cross = cross_gram(&lesson.test().inputs, &lesson.train().inputs);
    cross.row_iter().map(|row| row.norm()).fold(0.0, f64::max) * (1.0 + cross.ncols() as f64 * f64::EPSILON)
}

fn summed(terms: Vec<(&'static str, f64)>) -> Bound {
    let terms: Vec<(&'static str, Interval)> = terms.into_iter().map(|(name, x)| (name, x.into())).collect();
    Bound { value: terms.iter().map(|(_, x)| *x).sum(), terms }
}
