//! Statements after Lee, Lu and Tan (arXiv:2206.06227), with explicit constants proved in this project.

mod chi2_step;
mod counterexamples;
mod excess;
mod kl_step;
mod l2_score;
mod setting;

pub use chi2_step::{
    Chi2Parameters, Chi2Step, Chi2Terms, Condition, best_chi2_parameters, chi2_closed, chi2_step, error_condition,
    first_step_condition, second_step_condition,
};
pub use counterexamples::{Kick, SecondMode};
pub use excess::{
    chebyshev, coin_entropy, excess_mass, excess_mass_kl, excess_mass_kl_closed, excess_mass_published, excess_mass_sum,
};
pub use kl_step::{KlStep, KlTerms, PathError, kl_bound, kl_closed_exact, kl_closed_inexact, kl_recursion, kl_step};
pub use l2_score::{
    ClosedTerms, Goal, L2Terms, Prescription, Run, l2_score, l2_score_at, l2_score_closed, l2_score_closed_best,
    prescription, tv_from, tv_from_kl,
};
pub use setting::Setting;
