//! What the assembled statements share: from the data to `p_delta` and back.

use super::descent::Descent;
use crate::bounds::{Holds, Hypothesis, Instance};
use crate::divergences::Divergence;
use crate::laws::Law;
use crate::numerics::{Interval, Measured};
use crate::processes::NoiseLevel;
use crate::targets::Data;

use super::limit::limit;

/// The output is compared with the data.
pub(super) const AT_DATA: Hypothesis = Hypothesis {
    says: "the output is compared with the data",
    holds: |at| match at.level.is_data() {
        true => Holds::Yes,
        false => Holds::No(format!("it is compared with p at sigma = {:.4e}", at.level.sigma)),
    },
};

/// Second moments are finite.
pub(super) const SECOND_MOMENT: Hypothesis = Hypothesis {
    says: "E|X|^2 < inf",
    holds: |at| match second_moment(at).is_finite() {
        true => Holds::Yes,
        false => Holds::unknown("no finite bound of it is known in double precision", "an upper bound of it"),
    },
};

/// `E|X|^2`.
pub(super) fn second_moment(at: &Instance) -> Interval {
    at.constants_at(NoiseLevel::DATA).second_moment
}

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
        None => (-early).exp_m1().sqr() * second_moment(at) - (early * -2.0).exp_m1() * d,
    };
    Ok(square.max(Interval::ZERO).sqrt())
}

/// W2 of a law and the data.
pub(super) fn w2_to_data(at: &Instance, law: &Law) -> Result<Measured, String> {
    match at.target.data() {
        Some(data @ (Data::Points(_) | Data::Product(_))) => {
            Divergence::W2.between(law, &Law::closed(&data)).map_err(|why| why.to_string())
        }
        _ => at.to_level(law, NoiseLevel::DATA, Divergence::W2),
    }
}

/// W2 of the data and the output in continuous time.
pub(super) fn w2_of_limit(at: &Instance) -> Result<Measured, String> {
    limit(at, &Descent::of(at)?, &|law| w2_to_data(at, law))
}
