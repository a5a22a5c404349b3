//! Statements after Han, Razaviyayn and Xu (arXiv:2401.15604), with explicit constants proved in this project.

mod atoms;
mod dsm_regression;
mod joint;
mod mutual_information;
mod noise_information;
mod projection_tail;

pub use dsm_regression::DSM_REGRESSION;
pub use mutual_information::MUTUAL_INFORMATION;
pub use noise_information::NOISE_INFORMATION;
pub use projection_tail::{PROJECTION_TAIL, mass_beyond};

use super::{Claim, Exponent, Provenance, Reference};

/// Where the statements of this folder come from: proved here, after the paper.
pub const REFERENCE: Reference = Reference { key: "han-razaviyayn-xu-2024", provenance: Provenance::DerivedHere };

/// An exponent that the statement proves as a guarantee.
const fn guarantee(of: &'static str, in_: &'static str, power: (i32, i32)) -> Exponent {
    Exponent { of, in_, power, claim: Claim::Guarantee }
}
