//! Convergence theorems for score-based samplers, held against the exact law of the sampler's output.
//!
//! A target, a sampler and an error in the score go in; the law of the sampler's output is computed, measured against
//! the target, and held against the bound of a theorem. Five ideas carry everything:
//!
//! * **A sampler is data**: a [`samplers::Program`] lists Markov kernels `N(T(x), c^2 I)` with repetition counts.
//! * **A law is whatever a kernel can act on**: [`laws::Law`] has one variant per engine, and [`laws::plan`] picks the
//!   cheapest exact one and says why it refused the others.
//! * **Every number has a side**: a divergence is a [`numerics::Measured`], an interval with its evidence and the ledger
//!   of errors it was made from. An `exact` or `certified` interval contains the truth.
//! * **A theorem is data**: a [`bounds::Theorem`] has hypotheses, a bound term by term, stated exponents and provenance.
//! * **Records in between**: running writes records; [`report`] reads them and computes nothing.
//!
//! # Floors
//!
//! A floor imports only lower ones.
//!
//! | floor | module | what it holds |
//! |---|---|---|
//! | 0 | [`numerics`] | intervals, evidence, quadrature, special functions, linear algebra, random streams |
//! | 1 | [`processes`] | noise levels and forward processes |
//! | 2 | [`targets`] | laws with known score and density at every noise level, and their constants |
//! | 3 | [`scores`] | the score field a sampler is handed, damaged by a controlled amount |
//! | 4 | [`samplers`] | samplers as programs |
//! | 5 | [`laws`] | exact engines and particles |
//! | 6 | [`divergences`] | distances between laws as intervals |
//! | 7 | [`bounds`] | theorems as data |
//! | 8 | [`verdicts`] | verdicts and rates |
//! | 9 | `experiments` | specs, sweeps, cells, records |
//! | 10 | [`report`] | tables, figures, pages, citations |
//! | 11 | `cli` | the verbs |
#![forbid(unsafe_code)]
#![warn(missing_docs, clippy::all)]

pub mod bounds;
pub mod divergences;
#[cfg(test)]
mod floors;
pub mod laws;
pub mod numerics;
pub mod processes;
pub mod report;
pub mod samplers;
pub mod scores;
pub mod targets;
pub mod verdicts;
