//! The statements after Pedrotti, Maas and Mondelli (2024), one file each.

mod assembled_tv_classical;
mod assembled_w2_classical;
mod exact_corrected;
mod exact_flow;
mod exact_sde;
mod flow_w2;
mod flow_w2_steps;
mod reverse_sde_coarse;
mod reverse_sde_tv;
mod reverse_sde_w2;
