//! The statements after Lee, Lu and Tan, one file each.

mod bad_sets;
mod bad_sets_kl;
mod bad_sets_to_target;
mod chebyshev;
mod girsanov;
mod kick_counterexample;
mod lmc_chi2;
mod lmc_chi2_recursion;
mod lmc_kl;
mod lmc_kl_inexact;
mod lmc_kl_recursion;
mod lmc_kl_recursion_inexact;
mod lmc_l2_score;
mod lmc_l2_score_closed;
mod path_kl_chain_rule;
mod path_kl_euler;
mod path_kl_exponential;
mod path_kl_exponential_minus;
mod path_kl_kappa;
mod path_kl_uniform;
mod path_kl_ve;
mod lmc_l2_score_schedule;
mod smooth_counterexample;
