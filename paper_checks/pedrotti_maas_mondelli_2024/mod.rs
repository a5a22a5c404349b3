//! The statements after Pedrotti, Maas and Mondelli (2024), one file each.

mod early_stop_w2;
mod early_stop_w2_rescaled;
mod kl_from_prior;
mod kl_to_prior;
mod kl_to_prior_contracts;
mod w2_to_prior_contracts;
mod warm_start_chi2;
mod warm_start_kl;
