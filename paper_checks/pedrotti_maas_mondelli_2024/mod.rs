//! The statements after Pedrotti, Maas and Mondelli (2024), one file each.

mod corrector_contraction;
mod corrector_girsanov;
mod corrector_mgf_error;
mod corrector_sup_error;
mod early_stop_w2;
mod early_stop_w2_rescaled;
mod kl_from_prior;
mod kl_to_prior;
mod kl_to_prior_contracts;
mod l2_is_not_enough;
mod lmc_contraction;
mod lmc_girsanov;
mod lmc_mgf_error;
mod lsi_along_the_flow;
mod lsi_bounded_support_recalled;
mod lsi_horizon_rule;
mod lsi_mixing_tails;
mod lsi_sub_gaussian_horizon;
mod lsi_unequal_components;
mod truncated_bounded;
mod truncated_corrector;
mod truncated_tails;
mod w2_to_prior_contracts;
mod warm_start_chi2;
mod warm_start_kl;
