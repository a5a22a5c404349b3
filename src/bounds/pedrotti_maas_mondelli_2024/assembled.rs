//! What the assembled statements share: from the data to `p_delta` and back.

use super::descent::Descent;
use super::early_stop_w2::stopping_parts;
use super::limit::limit;
use super::noised::second_moment;
use crate::bounds::{Holds, Hypothesis, Instance};
use crate::divergences::Divergence;
use crate::numerics::{Interval, Measured};
use crate::processes::NoiseLevel;

/// The output is compared with the data.
pub(super) const AT_DATA: Hypothesis = Hypothesis {
    says: "the output is compared with the data",
    holds: |at| match at.level.is_data() {
        true => Holds::Yes,
        false => Holds::No(format!("it is compared with p at sigma = {:.4e}", at.level.sigma)),
    },
};

/// `e^delta` where the output is scaled back, else 1.
pub(super) fn scale(descent: &Descent) -> Result<Interval, String> {
    let [_, early] = descent.times()?;
    Ok(if descent.rescale.is_some() { early.exp() } else { Interval::ONE })
}

/// What stopping at delta costs in W2 (PMM-3a; 3b where the output is scaled back).
pub(super) fn early(at: &Instance, descent: &Descent) -> Result<Interval, String> {
    let [_, early] = descent.times()?;
    let d = at.dim() as f64;
    let square = match descent.rescale {
        Some(_) => (early * 2.0).exp_m1() * d,
        None => {
            let [shrunk, noise] = stopping_parts(early, -(early * -2.0).exp_m1(), second_moment(at)?, d);
            shrunk + noise
        }
    };
    Ok(square.max(Interval::ZERO).sqrt())
}

/// W2 of the data and the output in continuous time.
pub(super) fn w2_of_limit(at: &Instance) -> Result<Measured, String> {
    limit(at, &Descent::of(at)?, &|law| at.to_level(law, NoiseLevel::DATA, Divergence::W2))
}
