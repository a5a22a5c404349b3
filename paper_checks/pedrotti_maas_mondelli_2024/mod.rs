//! The statements after Pedrotti, Maas and Mondelli (2024), one file each.

mod corrector_contraction;
mod corrector_girsanov;
mod corrector_mgf_error;
mod corrector_sup_error;
mod lmc_contraction;
mod lmc_girsanov;
mod lmc_mgf_error;
