//! The one list of theorems: help, tables, documentation and tests are generated from it.

use super::{Theorem, lee_lu_tan_2022};

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
    &lee_lu_tan_2022::SMOOTH_COUNTEREXAMPLE,
    &lee_lu_tan_2022::KICK_COUNTEREXAMPLE,
    &lee_lu_tan_2022::GIRSANOV,
    &lee_lu_tan_2022::PREDICTOR_CHI2,
    &lee_lu_tan_2022::PREDICTOR_L2_SCORE,
    &lee_lu_tan_2022::PREDICTOR_CORRECTOR,
    &lee_lu_tan_2022::FORGETTING,
];

/// The theorem with this id or label, in upper or lower case.
#[must_use]
pub fn find(id_or_label: &str) -> Option<&'static Theorem> {
    let same = |known: &str| known.eq_ignore_ascii_case(id_or_label);
    THEOREMS.iter().copied().find(|t| same(t.id) || t.labels.iter().any(|label| same(label)))
}

/// The theorems that a name in a list stands for: the one with this id or label, or every one for `all`; in upper or lower
/// case.
#[must_use]
pub fn named(name: &str) -> Option<Vec<&'static Theorem>> {
    if name.eq_ignore_ascii_case("all") { Some(THEOREMS.to_vec()) } else { find(name).map(|theorem| vec![theorem]) }
}
