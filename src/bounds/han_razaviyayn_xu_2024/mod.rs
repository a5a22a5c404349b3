//! Statements after Han, Razaviyayn and Xu (arXiv:2401.15604), with explicit constants proved in this project.

mod amplification;
mod atoms;
mod decomposition;
mod dsm_regression;
mod early_stopping;
mod joint;
mod kernel_descent;
mod label_mismatch;
mod label_noise;
mod learned_sampler;
mod moved_network;
mod mutual_information;
mod noise_information;
mod projection_tail;
mod tangent_coupling;
mod tangent_variance;
mod taught;

pub use amplification::AMPLIFICATION;
pub use decomposition::{BIAS_AND_NOISE, FOUR_TERMS, SCORE_DECOMPOSITION};
pub use dsm_regression::DSM_REGRESSION;
pub use early_stopping::{EARLY_STOPPING, EARLY_STOPPING_RULE};
pub use kernel_descent::{KERNEL_DESCENT, KERNEL_DESCENT_ELSEWHERE};
pub use label_mismatch::{LABEL_MISMATCH, LABEL_MISMATCH_ELSEWHERE, LABEL_MISMATCH_NORM};
pub use label_noise::LABEL_NOISE;
pub use learned_sampler::LEARNED_SAMPLER;
pub use moved_network::{DISPLACEMENT, KINK_REMAINDER};
pub use mutual_information::MUTUAL_INFORMATION;
pub use noise_information::NOISE_INFORMATION;
pub use projection_tail::{PROJECTION_TAIL, mass_beyond};
pub use tangent_coupling::{Realised, TANGENT_COUPLING, TANGENT_COUPLING_ELSEWHERE};
pub use tangent_variance::TANGENT_VARIANCE;

use super::{Claim, Exponent, Provenance, Reference};

/// Where the statements of this folder come from: proved here, after the paper.
pub const REFERENCE: Reference = Reference { key: "han-razaviyayn-xu-2024", provenance: Provenance::DerivedHere };

/// An exponent that the statement proves as a guarantee.
const fn guarantee(of: &'static str, in_: &'static str, power: (i32, i32)) -> Exponent {
    Exponent { of, in_, power, claim: Claim::Guarantee }
}
