//! The statements after Lee, Lu and Tan, one file each.

mod bad_sets;
mod bad_sets_kl;
mod bad_sets_to_target;
mod chebyshev;
mod forgetting;
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
mod predictor_chi2;
mod predictor_corrector;
mod predictor_l2_score;
mod smooth_counterexample;
