//! LLT-10: what stopping at a little noise costs.

use super::{REFERENCE, guarantee, tv_from_kl};
use crate::bounds::hypotheses::finite_constant;
use crate::bounds::{Bound, Family, Holds, Hypothesis, Instance, Quantity, Relation, Theorem, draws};
use crate::divergences::Divergence;
use crate::numerics::Interval;
use crate::processes::NoiseLevel;
use crate::targets::Data;

#[doc = include_str!("../../../paper_checks/lee_lu_tan_2022/early_stop.md")]
pub static EARLY_STOP: Theorem = Theorem {
    id: "lee-lu-tan-2022/early-stop",
    labels: &["LLT-10"],
    title: "smooth data under a little noise are close to themselves in KL",
    statement: include_str!("../../../paper_checks/lee_lu_tan_2022/early_stop.md"),
    reference: REFERENCE,
    about: Quantity::Other {
        name: "kl-stopped",
        measured: |at| at.between_levels(stopped_at(at)?.0, NoiseLevel::DATA, Divergence::Kl),
    },
    ceiling: f64::INFINITY,
    relation: Relation::AtMost,
    hypotheses: &[STOPPED, DATA_SMOOTH, BOUNDARY],
    bound,
    profile: None,
    exponents: &[
        guarantee("sigma", "accuracy", (1, 2)),
        guarantee("sigma", "dim", (-1, 2)),
        guarantee("sigma", "smoothness", (-1, 2)),
    ],
    draw: draws::early_stop,
};

/// The least noisy level that a sampler knows of, and the process it belongs to: the one at which its output is compared, or
/// that of its last score where the output is compared with the data.
///
/// # Errors
/// When it knows of none with noise.
pub fn stopped_at(at: &Instance) -> Result<(NoiseLevel, Family), String> {
    let last = at.program.blocks.iter().rev().find_map(|b| b.kernel.drift.scores().last()).map(|at| at.level);
    let level = if at.level.is_data() { last.ok_or("the program has no steps")? } else { at.level };
    let family = if level.alpha == 1.0 { Family::Ve } else { Family::Ou };
    if level.sigma == 0.0 {
        return Err("it works on the data themselves".into());
    }
    let of_process = family.time(level).map(|_| (level, family));
    of_process.ok_or_else(|| format!("alpha = {}, sigma = {} is a level of neither", level.alpha, level.sigma))
}

const STOPPED: Hypothesis = Hypothesis {
    says: "the sampler stops at a level of VE or OU with sigma > 0",
    holds: |at| stopped_at(at).map_or_else(Holds::No, |_| Holds::Yes),
};

/// The data, not only what noise makes of them, have a smooth density; shared with LLT-11.
pub(super) const DATA_SMOOTH: Hypothesis = Hypothesis {
    says: "the data have an L-smooth density",
    holds: |at| match at.target.data() {
        Some(data) if data.has_atoms() => Holds::No("they have atoms".into()),
        _ => finite_constant("L", &at.constants_at(NoiseLevel::DATA).lipschitz),
    },
};

/// Mixtures of Gaussians have all moments, and their densities vanish at infinity faster than any power.
const BOUNDARY: Hypothesis = Hypothesis {
    says: "E |X|^2 < inf and, for OU, E <grad V, X> = d",
    holds: |at| match (stopped_at(at), at.target.data()) {
        (Ok((_, Family::Ve)), _) | (_, Some(Data::Density(_))) => Holds::Yes,
        _ => Holds::unknown("the law of the data has no closed form", "a proof that the boundary term vanishes"),
    },
};

/// `d L sigma^2/2`, the bound for VE; shared with LLT-11.
pub(super) fn kl_of_ve(at: &Instance, level: NoiseLevel) -> Interval {
    let smoothness = Interval::point(at.constants_at(NoiseLevel::DATA).lipschitz.value.hi());
    Interval::point(level.sigma).sqr() * smoothness * (0.5 * at.dim() as f64)
}

fn bound(at: &Instance) -> Result<Bound, String> {
    let (level, family) = stopped_at(at)?;
    let constants = at.constants_at(NoiseLevel::DATA);
    let smoothness = Interval::point(constants.lipschitz.value.hi());
    let (value, mut terms) = match family {
        Family::Ve => {
            let value = kl_of_ve(at, level);
            (value, vec![("curvature", value)])
        }
        Family::Ou => {
            let time = family.time(level).ok_or("the level is none of OU")?;
            let (d, decay) = (Interval::point(at.dim() as f64), -(-time).exp_m1());
            // t - 1 + e^-t is between 0 and t^2/2.
            let entropy = d * (time - decay).max(Interval::ZERO).min(time.sqr() / 2.0);
            let moved = decay.sqr() * constants.second_moment - d * (-2.0 * time).exp_m1();
            let curvature = smoothness / 2.0 * moved;
            (entropy + curvature, vec![("entropy", entropy), ("curvature", curvature)])
        }
    };
    terms.extend([("L", smoothness), ("sigma", level.sigma.into()), ("tv", tv_from_kl(value).min(Interval::ONE))]);
    Ok(Bound { value, terms })
}
