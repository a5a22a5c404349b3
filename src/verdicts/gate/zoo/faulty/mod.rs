//! Samplers that the gate must catch.

mod chains;
mod dependence;
mod diffusion;
mod generators;
mod langevin;
mod scales;

use super::Faulty;

/// The kinds of faults.
pub(super) const KINDS: [(&str, &[Faulty]); 6] = [
    ("scales and shapes", &scales::ALL),
    ("random numbers", &generators::ALL),
    ("Langevin", &langevin::ALL),
    ("diffusion", &diffusion::ALL),
    ("Markov chains", &chains::ALL),
    ("dependence", &dependence::ALL),
];
