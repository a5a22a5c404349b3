//! Statements after Pedrotti, Maas and Mondelli (arXiv:2305.14164), with explicit constants proved in this project.

mod corrector;
mod corrector_contraction;
mod corrector_girsanov;
mod corrector_mgf_error;
mod corrector_sup_error;
mod exponential_error;
mod l2_is_not_enough;
mod lmc_contraction;
mod lmc_girsanov;
mod lmc_mgf_error;
mod mgf;
mod trap;
mod truncated;
mod truncated_bounded;
mod truncated_corrector;
mod truncated_tails;

pub use corrector_contraction::{CORRECTOR_CONTRACTION, contraction_w2};
pub use corrector_girsanov::{CORRECTOR_GIRSANOV, girsanov_tv};
pub use corrector_mgf_error::CORRECTOR_MGF_ERROR;
pub use corrector_sup_error::{CORRECTOR_SUP_ERROR, sup_error_kl};
pub use exponential_error::exponential_error;
pub use l2_is_not_enough::L2_IS_NOT_ENOUGH;
pub use lmc_contraction::{LMC_CONTRACTION, W2Step};
pub use lmc_girsanov::LMC_GIRSANOV;
pub use lmc_mgf_error::LMC_MGF_ERROR;
pub use mgf::{MgfParameters, MgfStep, Moment, mgf_kl};
pub use trap::{chi2_of_start, poincare_upper};
pub use truncated_bounded::{TRUNCATED_BOUNDED, truncated_error_bounded};
pub use truncated_corrector::TRUNCATED_CORRECTOR;
pub use truncated_tails::{TRUNCATED_TAILS, truncated_error_tails};

use super::{Claim, Exponent, Provenance, Reference};

/// Where the statements of this folder come from: proved here, after the paper.
pub const REFERENCE: Reference = Reference { key: "pedrotti-maas-mondelli-2024", provenance: Provenance::DerivedHere };

/// An exponent that the statement proves as a guarantee.
const fn guarantee(of: &'static str, in_: &'static str, power: (i32, i32)) -> Exponent {
    Exponent { of, in_, power, claim: Claim::Guarantee }
}
