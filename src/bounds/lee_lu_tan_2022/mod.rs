//! Statements after Lee, Lu and Tan (arXiv:2206.06227), with explicit constants proved in this project.

mod annealed_lmc;
mod bad_sets;
mod bad_sets_kl;
mod bad_sets_to_target;
mod chebyshev;
mod chi2_step;
mod chi2_walk;
mod counterexamples;
mod cuts;
mod early_stop;
mod excess;
mod forgetting;
mod girsanov;
mod kick_counterexample;
mod kl_step;
mod l2_score;
mod levels;
mod lmc_chi2;
mod lmc_chi2_recursion;
mod lmc_kl;
mod lmc_kl_inexact;
mod lmc_kl_recursion;
mod lmc_kl_recursion_inexact;
mod lmc_l2_score;
mod lmc_l2_score_closed;
mod lmc_l2_score_schedule;
mod lsi_above_poincare;
mod lsi_bounded_perturbation;
mod lsi_bounded_support;
mod lsi_constants;
mod lsi_convolution;
mod lsi_gaussian;
mod lsi_lipschitz_image;
mod lsi_mixture;
mod lsi_on_the_line;
mod lsi_small_diameter;
mod lsi_strongly_log_concave;
mod ou_levels;
mod path_hypotheses;
mod path_kl;
mod path_kl_chain_rule;
mod path_kl_euler;
mod path_kl_exponential;
mod path_kl_exponential_minus;
mod path_kl_kappa;
mod path_kl_uniform;
mod path_kl_ve;
mod poincare_mixture;
mod poincare_on_the_line;
mod poincare_on_the_line_lower;
mod predictor_chi2;
mod predictor_corrector;
mod predictor_l2_score;
mod schedule;
mod setting;
mod smooth_counterexample;
mod smoothness_common_covariance;
mod smoothness_two_isotropic;
mod stages;
mod ve_levels;
mod ve_start;

pub use annealed_lmc::{ANNEALED_LMC, AnnealedLevel, LadderLevel, annealed_levels, ladder};
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
pub use early_stop::{EARLY_STOP, stopped_at};
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
pub(super) use levels::enclosed as enclosed_level;
pub use levels::{LevelPair, NoisePair, level_pairs, start_chi2, tightest_pair};
pub use lmc_chi2::LMC_CHI2;
pub use lmc_chi2_recursion::LMC_CHI2_RECURSION;
pub use lmc_kl::LMC_KL;
pub use lmc_kl_inexact::LMC_KL_INEXACT;
pub use lmc_kl_recursion::LMC_KL_RECURSION;
pub use lmc_kl_recursion_inexact::LMC_KL_RECURSION_INEXACT;
pub use lmc_l2_score::LMC_L2_SCORE;
pub use lmc_l2_score_closed::LMC_L2_SCORE_CLOSED;
pub use lmc_l2_score_schedule::LMC_L2_SCORE_SCHEDULE;
pub use lsi_above_poincare::LSI_ABOVE_POINCARE;
pub use lsi_bounded_perturbation::LSI_BOUNDED_PERTURBATION;
pub use lsi_bounded_support::LSI_BOUNDED_SUPPORT;
pub(super) use lsi_constants::{LSI_LEAST, at_most, heard, lower_bound, speaks};
pub use lsi_convolution::LSI_CONVOLUTION;
pub use lsi_gaussian::LSI_GAUSSIAN;
pub use lsi_lipschitz_image::LSI_LIPSCHITZ_IMAGE;
pub use lsi_mixture::LSI_MIXTURE;
pub use lsi_on_the_line::LSI_ON_THE_LINE;
pub use lsi_small_diameter::LSI_SMALL_DIAMETER;
pub use lsi_strongly_log_concave::LSI_STRONGLY_LOG_CONCAVE;
pub use ou_levels::OU_LEVELS;
pub(super) use path_hypotheses::{EXPONENTIAL, KNOWN, SMOOTHED, SQUARE_INTEGRABLE, START, start as path_start};
pub(super) use path_kl::path_bound;
pub use path_kl::{ChainTerms, PathStep, StepTerms, gaussian_excess};
pub use path_kl_chain_rule::PATH_KL_CHAIN_RULE;
pub use path_kl_euler::PATH_KL_EULER;
pub use path_kl_exponential::PATH_KL_EXPONENTIAL;
pub use path_kl_exponential_minus::PATH_KL_EXPONENTIAL_MINUS;
pub use path_kl_kappa::PATH_KL_KAPPA;
pub use path_kl_uniform::PATH_KL_UNIFORM;
pub use path_kl_ve::PATH_KL_VE;
pub use poincare_mixture::POINCARE_MIXTURE;
pub use poincare_on_the_line::POINCARE_ON_THE_LINE;
pub use poincare_on_the_line_lower::POINCARE_ON_THE_LINE_LOWER;
pub use predictor_chi2::PREDICTOR_CHI2;
pub use predictor_corrector::PREDICTOR_CORRECTOR;
pub use predictor_l2_score::PREDICTOR_L2_SCORE;
pub use schedule::{
    Phase, ScheduleTerms, falling_thresholds, first_threshold, l2_score_schedule, l2_score_schedule_at, phase_steps,
    schedule_prescription,
};
pub use setting::Setting;
pub use smooth_counterexample::SMOOTH_COUNTEREXAMPLE;
pub(in crate::bounds) use smooth_counterexample::{STANDARD_NORMAL, STARTS_AT_TARGET, far_from_target};
pub use smoothness_common_covariance::SMOOTHNESS_COMMON_COVARIANCE;
pub use smoothness_two_isotropic::SMOOTHNESS_TWO_ISOTROPIC;
pub use ve_levels::VE_LEVELS;
pub use ve_start::VE_START_CHI2;

use super::{Claim, Exponent, Provenance, Reference};

/// How a theorem prescribes what to run.
pub type Prescriber = fn(&Goal) -> Result<Prescription, String>;

/// The prescriptions there are, by label.
pub const PRESCRIBERS: [(&str, Prescriber); 3] =
    [("LLT-6a", prescription), ("LLT-6b", prescription), ("LLT-6c", schedule_prescription)];

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
