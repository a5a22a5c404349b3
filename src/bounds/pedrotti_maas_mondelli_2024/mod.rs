//! Statements after Pedrotti, Maas and Mondelli (arXiv:2305.14164), with explicit constants proved in this project.

use super::{Provenance, Reference};

/// Where the statements of this folder come from: proved here, after the paper.
pub const REFERENCE: Reference = Reference { key: "pedrotti-maas-mondelli-2024", provenance: Provenance::DerivedHere };
