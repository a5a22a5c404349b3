//! Statements after Pedrotti, Maas and Mondelli (arXiv:2305.14164), with explicit constants proved in this project.

mod coordinates;
mod descent;
mod flow_steps;
mod flow_w2;
mod flow_w2_steps;
mod growth;
mod limit;
mod reverse_hypotheses;
mod reverse_sde_w2;
mod score_rate;
mod weight;

pub use coordinates::{Coordinate, coordinates};
pub use descent::{Descent, Fall};
pub use flow_steps::{FlowStep, FlowSum, flow_steps, flow_sum};
pub use flow_w2::FLOW_W2;
pub use flow_w2_steps::FLOW_W2_STEPS;
pub use growth::{Growth, growth};
pub use limit::{gaussian_limit, limit, limit_divergence};
pub use reverse_sde_w2::REVERSE_SDE_W2;
pub use score_rate::score_rate;
pub use weight::Weight;

use super::{Claim, Exponent, Provenance, Reference};

/// Where the statements of this folder come from: proved here, after the paper.
pub const REFERENCE: Reference = Reference { key: "pedrotti-maas-mondelli-2024", provenance: Provenance::DerivedHere };

/// An exponent that the statement proves as a guarantee.
const fn guarantee(of: &'static str, in_: &'static str, power: (i32, i32)) -> Exponent {
    Exponent { of, in_, power, claim: Claim::Guarantee }
}
