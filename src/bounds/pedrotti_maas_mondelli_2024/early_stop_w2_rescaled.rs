//! PMM-3b: what stopping at a little noise costs in W2 when the output is scaled back.

use super::noised::{STOP_LEVEL, data, stop_level, w2_from_data};
use super::{REFERENCE, guarantee};
use crate::bounds::{Bound, Instance, Quantity, Relation, Theorem, draws};
use crate::numerics::{Interval, Measured};
use crate::processes::NoiseLevel;

#[doc = include_str!("../../../paper_checks/pedrotti_maas_mondelli_2024/early_stop_w2_rescaled.md")]
pub static EARLY_STOP_W2_RESCALED: Theorem = Theorem {
    id: "pedrotti-maas-mondelli-2024/early-stop-w2-rescaled",
    labels: &["PMM-3b"],
    title: "data under a little noise, scaled back, are close to themselves in W2",
    statement: include_str!("../../../paper_checks/pedrotti_maas_mondelli_2024/early_stop_w2_rescaled.md"),
    reference: REFERENCE,
    about: Quantity::Other { name: "w2-rescaled", measured },
    ceiling: f64::INFINITY,
    relation: Relation::AtMost,
    hypotheses: &[STOP_LEVEL],
    bound,
    profile: None,
    exponents: &[guarantee("early-stop", "accuracy", (2, 1)), guarantee("early-stop", "dim", (-1, 1))],
    draw: draws::noised::stopped,
};

/// The level `X + sqrt(e^2t - 1) xi` of the output scaled back by `e^t`.
fn scaled_back(at: &Instance) -> Result<NoiseLevel, String> {
    let level = stop_level(at)?.level;
    Ok(NoiseLevel { alpha: 1.0, sigma: level.sigma / level.alpha })
}

fn measured(at: &Instance) -> Result<Measured, String> {
    let stretched = data(at)?.noised(scaled_back(at)?).ok_or("the data at this level cannot be formed")?;
    w2_from_data(at, stretched)
}

fn bound(at: &Instance) -> Result<Bound, String> {
    // With the rounding of sigma/alpha, of which the law measured is made.
    let level = scaled_back(at)?;
    let [_, variance] = crate::bounds::lee_lu_tan_2022::enclosed_level(level)?;
    let value = (variance * at.dim() as f64).sqrt();
    Ok(Bound { value, terms: vec![("sigma/alpha", Interval::point(level.sigma)), ("t", stop_level(at)?.time)] })
}
