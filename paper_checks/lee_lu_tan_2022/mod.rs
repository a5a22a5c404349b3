//! The statements after Lee, Lu and Tan, one file each.

mod annealed_lmc;
mod bad_sets;
mod bad_sets_kl;
mod bad_sets_to_target;
mod chebyshev;
mod early_stop;
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
mod ou_levels;
mod smooth_counterexample;
mod ve_levels;
mod ve_start;
