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
];

/// The theorem with this id or label.
#[must_use]
pub fn find(id_or_label: &str) -> Option<&'static Theorem> {
    THEOREMS.iter().copied().find(|t| t.id == id_or_label || t.labels.contains(&id_or_label))
}
