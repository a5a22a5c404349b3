//! The one list of theorems: help, tables, documentation and tests are generated from it.

use super::Theorem;

/// Every theorem, in the order of the theory pages.
pub static THEOREMS: &[&Theorem] = &[];

/// The theorem with this id or label.
#[must_use]
pub fn find(id_or_label: &str) -> Option<&'static Theorem> {
    THEOREMS.iter().copied().find(|t| t.id == id_or_label || t.labels.contains(&id_or_label))
}
