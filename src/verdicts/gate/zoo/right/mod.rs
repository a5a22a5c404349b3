//! Samplers that the gate must let through.

mod chains;
mod direct;
mod programs;

use super::Right;

/// All of them.
pub(super) const ALL: [&[Right]; 3] = [&direct::ALL, &programs::ALL, &chains::ALL];
