//! The statements that are shown and not judged.

use crate::scores::learned;
use crate::targets::{self, Page};

/// Every statement that constants of targets cite or that measured numbers are held beside, and that is no theorem of the registry. A label
/// may be that of theorems too, of which it then is the rest.
pub fn pages() -> impl Iterator<Item = &'static Page> {
    targets::PAGES.iter().chain(learned::PAGES)
}

/// The page with a label, whatever the case of its letters.
#[must_use]
pub fn page(label: &str) -> Option<&'static Page> {
    pages().find(|page| page.label.eq_ignore_ascii_case(label))
}
