//! HRX-15d: what the noise of the labels costs on average, exactly.

use super::REFERENCE;
use super::taught::{LEARNED, STOPS, about, computed, descended, lesson, on};
use crate::bounds::{Bound, Holds, Hypothesis, Instance, Quantity, Relation, Theorem, draws};
use crate::numerics::Measured;
use crate::processes::NoiseLevel;
use crate::scores::learned::RiskElsewhere;
use crate::targets::{BoundedData, Points};
use nalgebra::DMatrix;

#[doc = include_str!("../../../paper_checks/han_razaviyayn_xu_2024/label_noise.md")]
pub static LABEL_NOISE: Theorem = Theorem {
    id: "han-razaviyayn-xu-2024/label-noise",
    labels: &["HRX-15d"],
    title: "over the noise of the labels, the squared error of kernel descent is bias and variance",
    statement: include_str!("../../../paper_checks/han_razaviyayn_xu_2024/label_noise.md"),
    reference: REFERENCE,
    about: Quantity::Other { name: "mean-squared-error", measured: enumerated },
    ceiling: f64::INFINITY,
    relation: Relation::Equal,
    hypotheses: &[LEARNED, STOPS, ATOMS],
    bound,
    profile: None,
    exponents: &[],
    draw: draws::lessons::any,
};

/// The labels take finitely many values.
const ATOMS: Hypothesis = Hypothesis {
    says: "the data are finitely many atoms",
    holds: |at| match lesson(at).map(|lesson| &lesson.task().data) {
        Err(why) => Holds::No(why),
        Ok(BoundedData::Points(_)) => Holds::Yes,
        Ok(BoundedData::Box(_)) => Holds::No("they have a density".into()),
        Ok(BoundedData::Product(_)) => Holds::unknown("they are a product of blocks", "its atoms, written out"),
    },
};

fn atoms(data: &BoundedData) -> Result<&Points, String> {
    match data {
        BoundedData::Points(points) => Ok(points),
        BoundedData::Box(_) => Err("they have a density".into()),
        BoundedData::Product(_) => Err("they are independent blocks, no single list of atoms".into()),
    }
}

/// The most multiplications that go into the enumeration.
const MOST: f64 = 1e11;

/// The posterior probabilities of the atoms.
fn shares(points: &Points, level: NoiseLevel, x: &[f64]) -> Vec<f64> {
    let logit = |(w, a): (&f64, &nalgebra::DVector<f64>)| {
        let square: f64 = x.iter().zip(a.iter()).map(|(x, a)| (x - level.alpha * a).powi(2)).sum();
        w.ln() - square / (2.0 * level.variance())
    };
    let logits: Vec<f64> = points.weights.iter().zip(&points.points).map(logit).collect();
    let top = logits.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let weights: Vec<f64> = logits.iter().map(|l| (l - top).exp()).collect();
    let sum: f64 = weights.iter().sum();
    weights.iter().map(|w| w / sum).collect()
}

/// The mean of a quadratic function Q of independent labels is `Q(m) + sum_j E[Q(m + (y_j - m_j) e_j) - Q(m)]`, m their means: each
/// label in turn takes each of its values while the others are at their means.
fn enumerated(at: &Instance) -> Result<Measured, String> {
    let (lesson, steps) = descended(at)?;
    let points = atoms(&lesson.task().data)?;
    let (train, test, d) = (lesson.train(), &lesson.test().regression, points.dim());
    let (n, count) = (train.len(), points.points.len());
    let each = (n * (n + test.nrows()) * d) as f64;
    if each * (n * count) as f64 > MOST {
        return Err(format!("{n} labels with {count} values each are too many to change one by one"));
    }
    // Labels side by side: d columns for each of some sets of labels.
    let errors = |labels: &DMatrix<f64>| -> Result<Vec<f64>, String> {
        let values = on(lesson, labels)?.increments(lesson.features(), &[steps]).swap_remove(0);
        let error = |i: usize| (values.columns(i * d, d) - test).norm_squared() / test.nrows() as f64;
        Ok((0..labels.ncols() / d).map(error).collect())
    };
    let means = &train.regression;
    let centre = errors(means)?[0];
    let (mut mean, mut gross) = (centre, centre);
    for j in 0..n {
        let x: Vec<f64> = train.noised.row(j).iter().copied().collect();
        let shares = shares(points, lesson.task().design.level(train.times[j]), &x);
        let labels = DMatrix::from_fn(n, d * count, |row, column| match row == j {
            true => points.points[column / d][column % d],
            false => means[(row, column % d)],
        });
        for (share, error) in shares.iter().zip(errors(&labels)?) {
            mean += share * (error - centre);
            gross += share * error.max(centre);
        }
    }
    Ok(computed(mean, mean + 1e-3 * gross))
}

/// `|f^*_k - f_*|^2 + (1/M) sum_z sum_j (kappa(z, Z) U phi_k U^T)_j^2 tr Cov(X_0 | z_j)`.
fn bound(at: &Instance) -> Result<Bound, String> {
    let (lesson, steps) = descended(at)?;
    let (train, test) = (lesson.train(), lesson.test());
    let inputs = (&train.regression, &train.variances);
    let risk = RiskElsewhere::new(lesson.spectrum(), lesson.step(), inputs, (lesson.features(), &test.regression));
    let risk = risk.map_err(|why| why.to_string())?.after(steps);
    let terms = vec![("bias", about(risk.bias)), ("variance", about(risk.variance))];
    Ok(Bound { value: about(risk.total()), terms })
}
