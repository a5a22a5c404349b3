//! The page of a gate: what is wrong in words, plots that show it, and every test.

mod figures;
mod page;
#[cfg(test)]
mod tests;
mod words;

pub use page::page;
pub use words::{numbers, verdict};
