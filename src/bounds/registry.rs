//! The one list of theorems: help, tables, documentation and tests are generated from it.

use super::{Theorem, han_razaviyayn_xu_2024, lee_lu_tan_2022, pedrotti_maas_mondelli_2024};

/// Every theorem, in the order of the theory pages.
pub static THEOREMS: &[&Theorem] = &[
    &lee_lu_tan_2022::BAD_SETS,
    &lee_lu_tan_2022::BAD_SETS_TO_TARGET,
    &lee_lu_tan_2022::BAD_SETS_KL,
    &lee_lu_tan_2022::CHEBYSHEV,
    &lee_lu_tan_2022::LMC_KL_RECURSION,
    &lee_lu_tan_2022::LMC_KL,
    &lee_lu_tan_2022::LMC_KL_RECURSION_INEXACT,
    &lee_lu_tan_2022::LMC_KL_INEXACT,
    &lee_lu_tan_2022::LMC_CHI2_RECURSION,
    &lee_lu_tan_2022::LMC_CHI2,
    &lee_lu_tan_2022::LMC_L2_SCORE,
    &lee_lu_tan_2022::LMC_L2_SCORE_CLOSED,
    &lee_lu_tan_2022::LMC_L2_SCORE_SCHEDULE,
    &lee_lu_tan_2022::SMOOTH_COUNTEREXAMPLE,
    &lee_lu_tan_2022::KICK_COUNTEREXAMPLE,
    &lee_lu_tan_2022::GIRSANOV,
    &lee_lu_tan_2022::VE_LEVELS,
    &lee_lu_tan_2022::OU_LEVELS,
    &lee_lu_tan_2022::VE_START_CHI2,
    &lee_lu_tan_2022::EARLY_STOP,
    &lee_lu_tan_2022::ANNEALED_LMC,
    &lee_lu_tan_2022::PATH_KL_EXPONENTIAL,
    &lee_lu_tan_2022::PATH_KL_EXPONENTIAL_MINUS,
    &lee_lu_tan_2022::PATH_KL_EULER,
    &lee_lu_tan_2022::PATH_KL_VE,
    &lee_lu_tan_2022::PATH_KL_CHAIN_RULE,
    &lee_lu_tan_2022::PREDICTOR_CHI2,
    &lee_lu_tan_2022::PREDICTOR_L2_SCORE,
    &lee_lu_tan_2022::PATH_KL_UNIFORM,
    &lee_lu_tan_2022::PATH_KL_KAPPA,
    &lee_lu_tan_2022::PREDICTOR_CORRECTOR,
    &lee_lu_tan_2022::FORGETTING,
    &lee_lu_tan_2022::LSI_GAUSSIAN,
    &lee_lu_tan_2022::LSI_STRONGLY_LOG_CONCAVE,
    &lee_lu_tan_2022::LSI_BOUNDED_PERTURBATION,
    &lee_lu_tan_2022::LSI_LIPSCHITZ_IMAGE,
    &lee_lu_tan_2022::LSI_CONVOLUTION,
    &lee_lu_tan_2022::LSI_ABOVE_POINCARE,
    &lee_lu_tan_2022::LSI_BOUNDED_SUPPORT,
    &lee_lu_tan_2022::LSI_SMALL_DIAMETER,
    &lee_lu_tan_2022::LSI_MIXTURE,
    &lee_lu_tan_2022::POINCARE_MIXTURE,
    &lee_lu_tan_2022::SMOOTHNESS_COMMON_COVARIANCE,
    &lee_lu_tan_2022::SMOOTHNESS_TWO_ISOTROPIC,
    &lee_lu_tan_2022::POINCARE_ON_THE_LINE,
    &lee_lu_tan_2022::POINCARE_ON_THE_LINE_LOWER,
    &lee_lu_tan_2022::LSI_ON_THE_LINE,
    &pedrotti_maas_mondelli_2024::KL_TO_PRIOR,
    &pedrotti_maas_mondelli_2024::KL_TO_PRIOR_CONTRACTS,
    &pedrotti_maas_mondelli_2024::W2_TO_PRIOR_CONTRACTS,
    &pedrotti_maas_mondelli_2024::KL_FROM_PRIOR,
    &pedrotti_maas_mondelli_2024::WARM_START_KL,
    &pedrotti_maas_mondelli_2024::WARM_START_CHI2,
    &pedrotti_maas_mondelli_2024::EARLY_STOP_W2,
    &pedrotti_maas_mondelli_2024::EARLY_STOP_W2_RESCALED,
    &pedrotti_maas_mondelli_2024::LSI_HORIZON_RULE,
    &pedrotti_maas_mondelli_2024::LSI_MIXING_TAILS,
    &pedrotti_maas_mondelli_2024::LSI_SUB_GAUSSIAN_HORIZON,
    &pedrotti_maas_mondelli_2024::LSI_UNEQUAL_COMPONENTS,
    &pedrotti_maas_mondelli_2024::LSI_ALONG_THE_FLOW,
    &pedrotti_maas_mondelli_2024::LSI_BOUNDED_SUPPORT_RECALLED,
    &pedrotti_maas_mondelli_2024::CORRECTOR_SUP_ERROR,
    &pedrotti_maas_mondelli_2024::CORRECTOR_MGF_ERROR,
    &pedrotti_maas_mondelli_2024::LMC_MGF_ERROR,
    &pedrotti_maas_mondelli_2024::TRUNCATED_BOUNDED,
    &pedrotti_maas_mondelli_2024::TRUNCATED_TAILS,
    &pedrotti_maas_mondelli_2024::TRUNCATED_CORRECTOR,
    &pedrotti_maas_mondelli_2024::CORRECTOR_GIRSANOV,
    &pedrotti_maas_mondelli_2024::LMC_GIRSANOV,
    &pedrotti_maas_mondelli_2024::CORRECTOR_CONTRACTION,
    &pedrotti_maas_mondelli_2024::LMC_CONTRACTION,
    &pedrotti_maas_mondelli_2024::FLOW_W2,
    &pedrotti_maas_mondelli_2024::FLOW_W2_STEPS,
    &pedrotti_maas_mondelli_2024::REVERSE_SDE_W2,
    &pedrotti_maas_mondelli_2024::REVERSE_SDE_TV,
    &pedrotti_maas_mondelli_2024::REVERSE_SDE_COARSE,
    &pedrotti_maas_mondelli_2024::ASSEMBLED_W2,
    &pedrotti_maas_mondelli_2024::ASSEMBLED_W2_CLASSICAL,
    &pedrotti_maas_mondelli_2024::ASSEMBLED_TV,
    &pedrotti_maas_mondelli_2024::ASSEMBLED_TV_CLASSICAL,
    &pedrotti_maas_mondelli_2024::ASSEMBLED_TV_BOUNDED,
    &pedrotti_maas_mondelli_2024::EXACT_FLOW,
    &pedrotti_maas_mondelli_2024::EXACT_CORRECTED,
    &pedrotti_maas_mondelli_2024::EXACT_SDE,
    &pedrotti_maas_mondelli_2024::L2_IS_NOT_ENOUGH,
    &han_razaviyayn_xu_2024::DSM_REGRESSION,
    &han_razaviyayn_xu_2024::NOISE_INFORMATION,
    &han_razaviyayn_xu_2024::MUTUAL_INFORMATION,
    &han_razaviyayn_xu_2024::AMPLIFICATION,
    &han_razaviyayn_xu_2024::PROJECTION_TAIL,
    &han_razaviyayn_xu_2024::TANGENT_VARIANCE,
    &han_razaviyayn_xu_2024::KERNEL_DESCENT,
    &han_razaviyayn_xu_2024::KERNEL_DESCENT_ELSEWHERE,
    &han_razaviyayn_xu_2024::TANGENT_COUPLING,
    &han_razaviyayn_xu_2024::TANGENT_COUPLING_ELSEWHERE,
    &han_razaviyayn_xu_2024::DISPLACEMENT,
    &han_razaviyayn_xu_2024::KINK_REMAINDER,
    &han_razaviyayn_xu_2024::FOUR_TERMS,
    &han_razaviyayn_xu_2024::BIAS_AND_NOISE,
    &han_razaviyayn_xu_2024::SCORE_DECOMPOSITION,
    &han_razaviyayn_xu_2024::LABEL_NOISE,
    &han_razaviyayn_xu_2024::LABEL_MISMATCH,
    &han_razaviyayn_xu_2024::LABEL_MISMATCH_NORM,
    &han_razaviyayn_xu_2024::LABEL_MISMATCH_ELSEWHERE,
    &han_razaviyayn_xu_2024::EARLY_STOPPING,
    &han_razaviyayn_xu_2024::EARLY_STOPPING_RULE,
    &han_razaviyayn_xu_2024::LEARNED_SAMPLER,
];

/// The theorem with this id or label, in upper or lower case.
#[must_use]
pub fn find(id_or_label: &str) -> Option<&'static Theorem> {
    let same = |known: &str| known.eq_ignore_ascii_case(id_or_label);
    THEOREMS.iter().copied().find(|t| same(t.id) || t.labels.iter().any(|label| same(label)))
}

/// The theorems that a name in a list stands for, in upper or lower case: the one with this id or label; where there is none,
/// the parts of a statement, whose labels continue it with a letter (`LLT-18`); every one for `all`.
#[must_use]
pub fn named(name: &str) -> Option<Vec<&'static Theorem>> {
    if name.eq_ignore_ascii_case("all") {
        return Some(THEOREMS.to_vec());
    }
    if let Some(theorem) = find(name) {
        return Some(vec![theorem]);
    }
    let is_part = |label: &&str| {
        let split = label.split_at_checked(name.len());
        let letter = |rest: &str| rest.starts_with(|c: char| c.is_ascii_alphabetic());
        split.is_some_and(|(start, rest)| start.eq_ignore_ascii_case(name) && letter(rest))
    };
    let numbered = name.ends_with(|c: char| c.is_ascii_digit());
    let parts: Vec<&'static Theorem> =
        THEOREMS.iter().copied().filter(|t| numbered && t.labels.iter().any(&is_part)).collect();
    (!parts.is_empty()).then_some(parts)
}
