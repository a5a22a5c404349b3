//! HRX-14a: how far descent with a network's tangent kernel is from descent with its limit.

use super::REFERENCE;
use super::guarantee;
use super::taught::{LEARNED, STOPS, about, computed, descended, lesson};
use crate::bounds::{Bound, Holds, Hypothesis, Instance, Quantity, Relation, Theorem, draws};
use crate::numerics::Measured;
use crate::scores::learned::{
    Coupled, Learner, Lesson, Network, Start, coupled, cross_gram, deviation, gram, kernel_variance, operator_norm,
    tangent_kernel,
};
use nalgebra::DMatrix;
use std::sync::OnceLock;

#[doc = include_str!("../../../paper_checks/han_razaviyayn_xu_2024/tangent_coupling.md")]
pub static TANGENT_COUPLING: Theorem = Theorem {
    id: "han-razaviyayn-xu-2024/tangent-coupling",
    labels: &["HRX-14a"],
    title: "at the inputs, the linearised network and the kernel part at most as fast as their kernels differ",
    statement: include_str!("../../../paper_checks/han_razaviyayn_xu_2024/tangent_coupling.md"),
    reference: REFERENCE,
    about: Quantity::Other { name: "coupling-linear-train", measured: gap },
    ceiling: f64::INFINITY,
    relation: Relation::AtMost,
    hypotheses: &[LEARNED, STOPS, NETWORK, CONTRACTS],
    bound,
    profile: None,
    exponents: &[guarantee("coupling-linear-train", "width", (-1, 2))],
    draw: draws::lessons::network,
};

#[doc = include_str!("../../../paper_checks/han_razaviyayn_xu_2024/tangent_coupling_elsewhere.md")]
pub static TANGENT_COUPLING_ELSEWHERE: Theorem = Theorem {
    id: "han-razaviyayn-xu-2024/tangent-coupling-elsewhere",
    labels: &["HRX-14a-test"],
    title: "at other points, the linearised network and the kernel part at most as fast as their kernels differ",
    statement: include_str!("../../../paper_checks/han_razaviyayn_xu_2024/tangent_coupling_elsewhere.md"),
    reference: REFERENCE,
    about: Quantity::Other { name: "coupling-linear-test", measured: gap_elsewhere },
    ceiling: f64::INFINITY,
    relation: Relation::AtMost,
    hypotheses: &[LEARNED, STOPS, NETWORK],
    bound: bound_elsewhere,
    profile: None,
    exponents: &[],
    draw: draws::lessons::network,
};

/// There is a network.
pub(super) const NETWORK: Hypothesis = Hypothesis {
    says: "what learns is a network, or its linearisation",
    holds: |at| lesson(at).and_then(width).map_or_else(Holds::No, |_| Holds::Yes),
};

/// Its steps are short enough.
const CONTRACTS: Hypothesis = Hypothesis {
    says: "eta <= 2/(largest eigenvalue of the tangent kernel)",
    holds: |at| match (at.realised(), lesson(at)) {
        (Err(why), _) | (_, Err(why)) => Holds::unknown(why, "a smaller training set"),
        (Ok(found), Ok(lesson)) => {
            let (step, limit) = (lesson.step(), 2.0 / operator_norm(&found.kernel));
            match step <= limit {
                true => Holds::Yes,
                false => Holds::No(format!("eta = {step:.4e}, 2/(that) = {limit:.4e}")),
            }
        }
    },
};

/// The most multiplications of both descents.
const MOST: f64 = 2e10;

/// The width m of the network and how it is drawn.
pub(super) fn width(lesson: &Lesson) -> Result<(usize, Start), String> {
    match lesson.task().learner {
        Learner::Network { width, start, .. } => Ok((width, start)),
        Learner::Kernel => Err("the kernel itself learns".into()),
        Learner::Exact => Err("the score is the exact one".into()),
    }
}

/// The network before training, and its kernel at the inputs.
pub struct Realised {
    network: Network,
    /// `K` (nd x nd) and its limit H (n x n).
    kernel: DMatrix<f64>,
    limit: DMatrix<f64>,
    coupled: OnceLock<Result<Coupled, String>>,
}

impl Realised {
    /// That of the lesson of an instance, which computes it once.
    ///
    /// # Errors
    /// When no network learns there.
    pub fn of(at: &Instance) -> Result<Self, String> {
        let lesson = lesson(at)?;
        let (width, start) = width(lesson)?;
        let (inputs, (seed, repetition)) = (&lesson.train().inputs, lesson.task().draw);
        let network = Network::draw(inputs.nrows(), lesson.task().data.dim(), width, start, seed, repetition);
        let network = network.map_err(|why| why.to_string())?;
        let kernel = tangent_kernel(&network, inputs, inputs).map_err(|why| why.to_string())?;
        Ok(Self { network, kernel, limit: gram(inputs), coupled: OnceLock::new() })
    }

    /// Both descents, step by step.
    fn both(&self, at: &Instance) -> Result<&Coupled, String> {
        let descend = || {
            let (lesson, steps) = descended(at)?;
            if self.kernel.len() as f64 * steps as f64 > MOST {
                return Err(format!("{steps} steps with a matrix of order {} are too many", self.kernel.nrows()));
            }
            let first = &lesson.train().clean - self.network.eval(&lesson.train().inputs);
            let found = coupled(&self.kernel, &self.limit, &first, lesson.step(), &[steps]);
            found.map(|mut kept| kept.swap_remove(0)).map_err(|why| why.to_string())
        };
        self.coupled.get_or_init(descend).as_ref().map_err(Clone::clone)
    }

    /// Both kernels between the test points and the inputs.
    fn elsewhere(&self, at: &Instance) -> Result<(DMatrix<f64>, DMatrix<f64>), String> {
        let lesson = lesson(at)?;
        let (test, inputs) = (&lesson.test().inputs, &lesson.train().inputs);
        let cross = tangent_kernel(&self.network, test, inputs).map_err(|why| why.to_string())?;
        Ok((cross, cross_gram(test, inputs)))
    }
}

/// `|f^lin_k - f^ker_k|` over the inputs.
fn gap(at: &Instance) -> Result<Measured, String> {
    let coupled = at.realised()?.both(at)?;
    Ok(computed(coupled.gap, coupled.gap + 1e-2 * coupled.first))
}

fn bound(at: &Instance) -> Result<Bound, String> {
    let (realised, lesson) = (at.realised()?, lesson(at)?);
    let coupled = realised.both(at)?;
    let apart = deviation(&realised.kernel, &realised.limit).map_err(|why| why.to_string())?;
    let operator = operator_norm(&apart);
    let (width, start) = width(lesson)?;
    let outputs = lesson.task().data.dim();
    let variance = kernel_variance(&lesson.train().inputs, &realised.limit, outputs, width, start);
    let terms = vec![
        ("|K - H|_op", about(operator)),
        ("|K - H|_F", about(apart.norm())),
        ("(E|K - H|_F^2)^{1/2}", about(variance.map_err(|why| why.to_string())?.sqrt())),
        ("without the path", about(coupled.train_bound_without_path(operator))),
    ];
    Ok(Bound { value: about(coupled.train_bound(operator)), terms })
}

/// The root mean square of `|f^lin_k - f^ker_k|` over the test points.
fn gap_elsewhere(at: &Instance) -> Result<Measured, String> {
    let realised = at.realised()?;
    let (cross, limit) = realised.elsewhere(at)?;
    let moved = realised.both(at)?.moved(&cross, &limit).map_err(|why| why.to_string())?;
    let mean = |x: &DMatrix<f64>| (x.norm_squared() / x.nrows() as f64).sqrt();
    let found = mean(&(&moved[0] - &moved[1]));
    Ok(computed(found, found + 1e-2 * mean(&moved[1])))
}

fn bound_elsewhere(at: &Instance) -> Result<Bound, String> {
    let realised = at.realised()?;
    let (cross, limit) = realised.elsewhere(at)?;
    let coupled = realised.both(at)?;
    let each = coupled.test_bound(&cross, &limit).map_err(|why| why.to_string())?;
    let largest = each.iter().copied().fold(0.0, f64::max);
    let value = (each.norm_squared() / each.nrows() as f64).sqrt();
    Ok(Bound { value: about(value), terms: vec![("largest", about(largest)), ("gaps", about(coupled.gap_sum))] })
}
