//! The command line.

use clap::{Args, Parser, Subcommand};
use std::path::PathBuf;

/// Check convergence theorems for score-based samplers against the exact law of the sampler's output.
#[derive(Debug, Parser)]
#[command(name = "scorebound", version, propagate_version = true, max_term_width = 100, disable_help_subcommand = true)]
pub struct Cli {
    #[command(flatten)]
    pub global: Global,
    #[command(subcommand)]
    pub verb: Verb,
}

/// What every verb takes.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Every verb")]
pub struct Global {
    /// Print JSON on stdout, for other programs
    #[arg(long, global = true)]
    pub json: bool,
    /// Say how: engines refused, error terms by name, where constants come from
    #[arg(long, global = true)]
    pub explain: bool,
    /// No progress, no remarks: stdout and errors only
    #[arg(long, short, global = true)]
    pub quiet: bool,
    /// Number of threads; results do not depend on it [default: all cores]
    #[arg(long, global = true, value_name = "N", value_parser = clap::value_parser!(u64).range(1..=4096))]
    pub threads: Option<u64>,
    /// Seed of everything random
    #[arg(long, global = true, value_name = "N", default_value_t = 0)]
    pub seed: u64,
}

#[derive(Debug, Subcommand)]
pub enum Verb {
    Eval(EvalArgs),
}

/// Answer one question: the law of the output, its divergences, the constants, as JSON
#[derive(Debug, Args)]
pub struct EvalArgs {
    /// A spec file; its sweep is ignored
    pub spec: PathBuf,
}
