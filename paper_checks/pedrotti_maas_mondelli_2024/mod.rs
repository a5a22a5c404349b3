//! The statements after Pedrotti, Maas and Mondelli (2024), one file each.

mod corrector_contraction;
mod corrector_girsanov;
mod corrector_mgf_error;
mod corrector_sup_error;
mod l2_is_not_enough;
mod lmc_contraction;
mod lmc_girsanov;
mod lmc_mgf_error;
mod truncated_bounded;
mod truncated_corrector;
mod truncated_tails;
