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
//! # The walk
//!
//! ```
//! use scorebound::bounds::{Instance, find};
//! use scorebound::laws::{Settings, Start};
//! use scorebound::processes::NoiseLevel;
//! use scorebound::samplers::lmc;
//! use scorebound::scores::Damaged;
//! use scorebound::targets::{Density, Gaussian, Mixture};
//! use scorebound::verdicts::judge;
//! use std::sync::Arc;
//!
//! // A two-mode mixture, a wide start, and 20 Langevin steps of length 0.05 with the exact score.
//! let target = Arc::new(Density::Mixture(Mixture::scalar(&[0.4, 0.6], &[-1.5, 1.5], &[0.6, 1.0])?));
//! let start = Start::Density(Density::Gaussian(Gaussian::scalar(0.5, 2.0)?));
//! let program = lmc(0.05, 20, NoiseLevel::DATA);
//! let field = Arc::new(Damaged::exact(target.clone()));
//! let settings = Settings { engine: None, particles: 100_000, confidence: 0.999_999, seed: 0 };
//! let instance = Instance::new(target, NoiseLevel::DATA, start, field, program, settings);
//!
//! // LLT-3b bounds KL(output | target). Both sides are intervals, and the verdict follows from them.
//! let theorem = find("LLT-3b").expect("it is in the registry");
//! let judgement = judge(theorem, &instance);
//! println!("{}", judgement.verdict);
//! assert!(!judgement.verdict.is_violated());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! The steps in between are open, too: `let law = carry(plan(&start, &program, s, &settings)?.start, &program, s, &settings)?.law`
//! and `Divergence::Tv.between(&law, &align(&p, &law)?)`, with [`laws::plan`], [`laws::carry`], [`laws::align`] and
//! [`divergences::Divergence::between`].
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
//! | 9 | [`experiments`] | specs, sweeps, cells, records |
//! | 10 | [`report`] | tables, figures, pages, citations |
//! | 11 | [`cli`] | the verbs |
#![forbid(unsafe_code)]
#![warn(missing_docs, clippy::all)]

pub mod bounds;
pub mod cli;
pub mod divergences;
pub mod experiments;
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
