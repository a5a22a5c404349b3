//! The statements after Pedrotti, Maas and Mondelli (2024), one file each.

mod assembled_tv;
mod assembled_tv_classical;
mod assembled_w2;
mod assembled_w2_classical;
mod corrector_contraction;
mod corrector_girsanov;
mod corrector_mgf_error;
mod corrector_sup_error;
mod exact_corrected;
mod exact_flow;
mod exact_sde;
mod flow_w2;
mod flow_w2_steps;
mod lmc_contraction;
mod lmc_girsanov;
mod lmc_mgf_error;
mod reverse_sde_coarse;
mod reverse_sde_tv;
mod reverse_sde_w2;
