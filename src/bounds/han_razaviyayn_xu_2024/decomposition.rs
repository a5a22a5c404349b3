//! HRX-15a, 15b and 15c: the error of a learned score is at most the sum of its parts.

use super::REFERENCE;
use super::taught::{ENDS, LEARNED, OVER_TIMES, STOPS, about, computed, lesson};
use crate::bounds::{Bound, Instance, Quantity, Relation, Theorem, draws};
use crate::numerics::{Interval, Measured};
use crate::scores::learned::{Norm, Part};

#[doc = include_str!("../../../paper_checks/han_razaviyayn_xu_2024/four_terms.md")]
pub static FOUR_TERMS: Theorem = Theorem {
    id: "han-razaviyayn-xu-2024/four-terms",
    labels: &["HRX-15a"],
    title: "the error is at most coupling, label mismatch, early stopping and approximation",
    statement: include_str!("../../../paper_checks/han_razaviyayn_xu_2024/four_terms.md"),
    reference: REFERENCE,
    about: Quantity::Other { name: "learned-error", measured: |at| total(at, Norm::Regression) },
    ceiling: f64::INFINITY,
    relation: Relation::AtMost,
    hypotheses: &[LEARNED, STOPS, ENDS],
    bound: |at| sum(at, &PAPER, Norm::Regression),
    profile: None,
    exponents: &[],
    draw: draws::lessons::any,
};

#[doc = include_str!("../../../paper_checks/han_razaviyayn_xu_2024/bias_and_noise.md")]
pub static BIAS_AND_NOISE: Theorem = Theorem {
    id: "han-razaviyayn-xu-2024/bias-and-noise",
    labels: &["HRX-15b"],
    title: "the error is at most coupling, what the noise of the labels adds, and bias",
    statement: include_str!("../../../paper_checks/han_razaviyayn_xu_2024/bias_and_noise.md"),
    reference: REFERENCE,
    about: Quantity::Other { name: "learned-error", measured: |at| total(at, Norm::Regression) },
    ceiling: f64::INFINITY,
    relation: Relation::AtMost,
    hypotheses: &[LEARNED, STOPS, ENDS],
    bound: |at| sum(at, &DIRECT, Norm::Regression),
    profile: None,
    exponents: &[],
    draw: draws::lessons::any,
};

#[doc = include_str!("../../../paper_checks/han_razaviyayn_xu_2024/score_decomposition.md")]
pub static SCORE_DECOMPOSITION: Theorem = Theorem {
    id: "han-razaviyayn-xu-2024/score-decomposition",
    labels: &["HRX-15c"],
    title: "the score error, integrated over time, is at most the lesser of both sums",
    statement: include_str!("../../../paper_checks/han_razaviyayn_xu_2024/score_decomposition.md"),
    reference: REFERENCE,
    about: Quantity::Other { name: "learned-score-error", measured: |at| total(at, Norm::Score) },
    ceiling: f64::INFINITY,
    relation: Relation::AtMost,
    hypotheses: &[LEARNED, OVER_TIMES, STOPS, ENDS],
    bound: of_score,
    profile: None,
    exponents: &[],
    draw: draws::lessons::any,
};

/// The parts as the paper cuts them.
const PAPER: [Part; 5] = [Part::Coupling, Part::Start, Part::MismatchTarget, Part::EarlyStopping, Part::Approximation];
/// Without an element of the kernel's space between.
const DIRECT: [Part; 4] = [Part::Coupling, Part::Start, Part::MismatchNoise, Part::Bias];

fn size(at: &Instance, part: Part, norm: Norm) -> Result<f64, String> {
    lesson(at)?.distance(part, norm).map_err(|why| why.to_string())
}

/// `|Pi_D f_k - f_*|` over the test set.
fn total(at: &Instance, norm: Norm) -> Result<Measured, String> {
    let size = size(at, Part::Total, norm)?;
    Ok(computed(size, size))
}

fn sum(at: &Instance, parts: &[Part], norm: Norm) -> Result<Bound, String> {
    let term = |part: &Part| Ok::<_, String>((part.name(), about(size(at, *part, norm)?)));
    let terms: Vec<(&'static str, Interval)> = parts.iter().map(term).collect::<Result<_, _>>()?;
    Ok(Bound { value: terms.iter().map(|(_, size)| *size).sum(), terms })
}

fn of_score(at: &Instance) -> Result<Bound, String> {
    let (paper, direct) = (sum(at, &PAPER, Norm::Score)?, sum(at, &DIRECT, Norm::Score)?);
    let mut terms = vec![("four terms", paper.value), ("bias and noise", direct.value)];
    let others = direct.terms.iter().filter(|(name, _)| paper.terms.iter().all(|(known, _)| known != name));
    terms.extend(paper.terms.iter().chain(others));
    Ok(Bound { value: paper.value.min(direct.value), terms })
}
