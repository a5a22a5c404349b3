//! Statements after Lee, Lu and Tan (arXiv:2206.06227), with explicit constants proved in this project.

mod bad_sets;
mod bad_sets_kl;
mod bad_sets_to_target;
mod chebyshev;
mod chi2_step;
mod chi2_walk;
mod counterexamples;
mod cuts;
mod excess;
mod forgetting;
mod girsanov;
mod kick_counterexample;
mod kl_step;
mod l2_score;
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
mod setting;
mod smooth_counterexample;
mod stages;

pub use bad_sets::BAD_SETS;
pub use bad_sets_kl::BAD_SETS_KL;
pub use bad_sets_to_target::BAD_SETS_TO_TARGET;
pub use chebyshev::CHEBYSHEV;
pub use chi2_step::{
    Chi2Parameters, Chi2Step, Chi2Terms, Condition, best_chi2_parameters, chi2_closed, chi2_contraction, chi2_step,
    error_condition, first_step_condition, second_step_condition,
};
pub use chi2_walk::{Care, Cut, Leg, Walked, Way, chi2_predictor_step, chi2_walk};
pub use counterexamples::{Kick, SecondMode};
pub use excess::{
    chebyshev, coin_entropy, excess_mass, excess_mass_kl, excess_mass_kl_closed, excess_mass_published, excess_mass_sum,
};
pub use forgetting::FORGETTING;
pub use girsanov::GIRSANOV;
pub use kick_counterexample::KICK_COUNTEREXAMPLE;
pub use kl_step::{
    KlStep, KlTerms, PathError, kl_bound, kl_closed_exact, kl_closed_inexact, kl_contraction, kl_recursion, kl_step,
};
pub use l2_score::{
    ClosedTerms, Goal, L2Terms, Prescription, Run, l2_score, l2_score_at, l2_score_closed, l2_score_closed_best,
    prescription, tv_from, tv_from_kl,
};
pub use lmc_chi2::LMC_CHI2;
pub use lmc_chi2_recursion::LMC_CHI2_RECURSION;
pub use lmc_kl::LMC_KL;
pub use lmc_kl_inexact::LMC_KL_INEXACT;
pub use lmc_kl_recursion::LMC_KL_RECURSION;
pub use lmc_kl_recursion_inexact::LMC_KL_RECURSION_INEXACT;
pub use lmc_l2_score::LMC_L2_SCORE;
pub use lmc_l2_score_closed::LMC_L2_SCORE_CLOSED;
pub use predictor_chi2::PREDICTOR_CHI2;
pub use predictor_corrector::PREDICTOR_CORRECTOR;
pub use predictor_l2_score::PREDICTOR_L2_SCORE;
pub use setting::Setting;
pub use smooth_counterexample::SMOOTH_COUNTEREXAMPLE;

use super::{Claim, Exponent, Provenance, Reference};

/// Where the statements of this folder come from: proved here, after the paper.
pub const REFERENCE: Reference = Reference { key: "lee-lu-tan-2022", provenance: Provenance::DerivedHere };

/// An exponent that the statement proves as a guarantee.
const fn guarantee(of: &'static str, in_: &'static str, power: (i32, i32)) -> Exponent {
    Exponent { of, in_, power, claim: Claim::Guarantee }
}

/// An exponent that the paper is remembered to state; shown, decides nothing.
const fn recalled(of: &'static str, in_: &'static str, power: (i32, i32)) -> Exponent {
    Exponent { of, in_, power, claim: Claim::Recalled }
}
