//! What is proved of the law that a corrector hands over: the statements about Langevin steps, asked of the steps at the horizon.

use super::descent::Descent;
use super::{LMC_CONTRACTION, LMC_GIRSANOV, LMC_MGF_ERROR};
use crate::bounds::lee_lu_tan_2022::tv_from_kl;
use crate::bounds::{Holds, Instance, Theorem};
use crate::numerics::Interval;
use std::sync::Arc;

/// A bound of a distance at the horizon.
#[derive(Clone, Debug, PartialEq)]
pub struct Handed {
    /// The bound.
    pub value: Interval,
    /// Which statement it is from, and what hypotheses rest on that is not proved, if anything.
    pub doubt: Option<String>,
}

/// The Langevin steps at the horizon as a sampler of `p_T1` of their own.
///
/// # Errors
/// When the sampler is none of prediction-correction.
pub fn at_the_horizon(at: &Instance) -> Result<Instance, String> {
    let descent = Descent::of(at)?;
    let (target, field) = (Arc::clone(&at.target), Arc::clone(&at.field));
    Ok(Instance::new(target, descent.first, at.start.clone(), field, descent.before, at.settings))
}

/// The bound of a statement where its hypotheses hold.
fn said(theorem: &Theorem, at: &Instance) -> Result<Handed, String> {
    match Holds::all(theorem.hypotheses.iter().map(|h| (h.holds)(at).about(h.says))) {
        Holds::Yes => Ok(Handed { value: (theorem.bound)(at)?.value, doubt: None }),
        Holds::Numerically(rests) => Ok(Handed { value: (theorem.bound)(at)?.value, doubt: Some(rests) }),
        Holds::No(why) => Err(format!("{}: {why}", theorem.labels[0])),
        Holds::Unknown { found, .. } => Err(format!("{}: {found}", theorem.labels[0])),
    }
}

/// The smallest of several bounds; why there is none, where there is none.
fn least<const N: usize>(all: [Result<Handed, String>; N]) -> Result<Handed, String> {
    let mut best: Result<Handed, String> = Err(String::new());
    for next in all {
        best = match (best, next) {
            (Ok(a), Ok(b)) if a.value.hi() <= b.value.hi() => Ok(a),
            (_, Ok(b)) | (Ok(b), Err(_)) => Ok(b),
            (Err(a), Err(b)) if a.is_empty() => Err(b),
            (Err(a), Err(b)) => Err(format!("{a}; {b}")),
        };
    }
    best
}

/// `W2(p_T1, q_T1)`: PMM-10b, or `sqrt(2 C K)` with K of PMM-7 (log-Sobolev implies the T2 inequality).
///
/// # Errors
/// When neither applies.
pub fn w2_handed(at: &Instance) -> Result<Handed, String> {
    let at = at_the_horizon(at)?;
    let lsi = Interval::point(at.lsi());
    let transport = |kl: Handed| Handed { value: (lsi * 2.0 * kl.value).sqrt(), ..kl };
    least([said(&LMC_CONTRACTION, &at), said(&LMC_MGF_ERROR, &at).map(transport)])
}

/// `TV(p_T1, q_T1)`: PMM-9b, or the root of half of PMM-7.
///
/// # Errors
/// When neither applies.
pub fn tv_handed(at: &Instance) -> Result<Handed, String> {
    let at = at_the_horizon(at)?;
    let pinsker = |kl: Handed| Handed { value: tv_from_kl(kl.value), ..kl };
    least([said(&LMC_GIRSANOV, &at), said(&LMC_MGF_ERROR, &at).map(pinsker)])
}
