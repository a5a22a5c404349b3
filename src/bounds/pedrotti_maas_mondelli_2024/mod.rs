//! Statements after Pedrotti, Maas and Mondelli (arXiv:2305.14164), with explicit constants proved in this project.

mod assembled;
mod assembled_tv;
mod assembled_tv_bounded;
mod assembled_tv_classical;
mod assembled_w2;
mod assembled_w2_classical;
mod coordinates;
mod corrected;
mod corrector;
mod corrector_contraction;
mod corrector_girsanov;
mod corrector_mgf_error;
mod corrector_sup_error;
mod descent;
mod early_stop_w2;
mod early_stop_w2_rescaled;
mod exact_corrected;
mod exact_example;
mod exact_flow;
mod exact_sde;
mod exponential_error;
mod flow_steps;
mod flow_w2;
mod flow_w2_steps;
mod growth;
mod kl_from_prior;
mod kl_to_prior;
mod kl_to_prior_contracts;
mod l2_is_not_enough;
mod limit;
mod lmc_contraction;
mod lmc_girsanov;
mod lmc_mgf_error;
mod lsi_along_the_flow;
mod lsi_bounded_support_recalled;
mod lsi_horizon_rule;
mod lsi_mixing_tails;
mod lsi_sub_gaussian_horizon;
mod lsi_unequal_components;
mod mgf;
mod noised;
mod reverse_hypotheses;
mod reverse_path;
mod reverse_sde_coarse;
mod reverse_sde_tv;
mod reverse_sde_w2;
mod score_rate;
#[cfg(test)]
mod tests;
mod trap;
mod truncated;
mod truncated_bounded;
mod truncated_corrector;
mod truncated_tails;
mod w2_to_prior_contracts;
mod warm_start_chi2;
mod warm_start_kl;
mod weight;

pub use assembled_tv::ASSEMBLED_TV;
pub use assembled_tv_bounded::ASSEMBLED_TV_BOUNDED;
pub use assembled_tv_classical::ASSEMBLED_TV_CLASSICAL;
pub use assembled_w2::ASSEMBLED_W2;
pub use assembled_w2_classical::ASSEMBLED_W2_CLASSICAL;
pub use coordinates::{Coordinate, coordinates};
pub use corrector_contraction::{CORRECTOR_CONTRACTION, contraction_w2};
pub use corrector_girsanov::{CORRECTOR_GIRSANOV, girsanov_tv};
pub use corrector_mgf_error::CORRECTOR_MGF_ERROR;
pub use corrector_sup_error::{CORRECTOR_SUP_ERROR, sup_error_kl};
pub use descent::{Descent, Fall};
pub use early_stop_w2::EARLY_STOP_W2;
pub use early_stop_w2_rescaled::EARLY_STOP_W2_RESCALED;
pub use exact_corrected::EXACT_CORRECTED;
pub use exact_example::{Example, worst_sign};
pub use exact_flow::EXACT_FLOW;
pub use exact_sde::EXACT_SDE;
pub use exponential_error::exponential_error;
pub use flow_steps::{FlowStep, FlowSum, flow_steps, flow_sum};
pub use flow_w2::FLOW_W2;
pub use flow_w2_steps::FLOW_W2_STEPS;
pub use growth::{Growth, growth};
pub use kl_from_prior::KL_FROM_PRIOR;
pub use kl_to_prior::{KL_TO_PRIOR, kl_to_prior_parts};
pub use kl_to_prior_contracts::KL_TO_PRIOR_CONTRACTS;
pub use l2_is_not_enough::L2_IS_NOT_ENOUGH;
pub use limit::{gaussian_limit, gaussian_limit_throughout, limit, limit_divergence};
pub use lmc_contraction::{LMC_CONTRACTION, W2Step};
pub use lmc_girsanov::LMC_GIRSANOV;
pub use lmc_mgf_error::LMC_MGF_ERROR;
pub use lsi_along_the_flow::LSI_ALONG_THE_FLOW;
pub use lsi_bounded_support_recalled::LSI_BOUNDED_SUPPORT_RECALLED;
pub use lsi_horizon_rule::{LSI_HORIZON_RULE, horizon_for};
pub use lsi_mixing_tails::LSI_MIXING_TAILS;
pub use lsi_sub_gaussian_horizon::{LSI_SUB_GAUSSIAN_HORIZON, sub_gaussian_bound};
pub use lsi_unequal_components::LSI_UNEQUAL_COMPONENTS;
pub use mgf::{MgfParameters, MgfStep, Moment, mgf_kl};
pub use noised::{OuLevel, ln_warm_ratio, start_level, stop_level, warm_rounding};
pub(super) use noised::{data as data_before_noise, own_level};
pub use reverse_sde_coarse::{REVERSE_SDE_COARSE, coarse_terms};
pub use reverse_sde_tv::REVERSE_SDE_TV;
pub use reverse_sde_w2::REVERSE_SDE_W2;
pub use score_rate::score_rate;
pub use trap::{chi2_of_start, poincare_upper};
pub use truncated_bounded::{TRUNCATED_BOUNDED, truncated_error_bounded};
pub use truncated_corrector::TRUNCATED_CORRECTOR;
pub use truncated_tails::{TRUNCATED_TAILS, truncated_error_tails};
pub use w2_to_prior_contracts::W2_TO_PRIOR_CONTRACTS;
pub use warm_start_chi2::WARM_START_CHI2;
pub use warm_start_kl::WARM_START_KL;
pub use weight::Weight;

use super::{Claim, Exponent, Provenance, Reference};

/// Where the statements of this folder come from: proved here, after the paper.
pub const REFERENCE: Reference = Reference { key: "pedrotti-maas-mondelli-2024", provenance: Provenance::DerivedHere };

/// An exponent that the statement proves as a guarantee.
const fn guarantee(of: &'static str, in_: &'static str, power: (i32, i32)) -> Exponent {
    Exponent { of, in_, power, claim: Claim::Guarantee }
}
