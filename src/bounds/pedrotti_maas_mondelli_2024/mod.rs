//! Statements after Pedrotti, Maas and Mondelli (arXiv:2305.14164), with explicit constants proved in this project.

mod exponential_error;
mod l2_is_not_enough;
mod trap;
mod truncated;
mod truncated_bounded;
mod truncated_corrector;
mod truncated_tails;

pub use exponential_error::exponential_error;
pub use l2_is_not_enough::L2_IS_NOT_ENOUGH;
pub use trap::{chi2_of_start, poincare_upper};
pub use truncated_bounded::{TRUNCATED_BOUNDED, truncated_error_bounded};
pub use truncated_corrector::TRUNCATED_CORRECTOR;
pub use truncated_tails::{TRUNCATED_TAILS, truncated_error_tails};

use super::{Provenance, Reference};

/// Where the statements of this folder come from: proved here, after the paper.
pub const REFERENCE: Reference = Reference { key: "pedrotti-maas-mondelli-2024", provenance: Provenance::DerivedHere };
