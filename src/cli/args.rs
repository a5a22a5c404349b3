//! The command line.

use crate::experiments::Shard;
use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;
use std::path::PathBuf;

/// Check convergence theorems for score-based samplers against the exact law of the sampler's output.
#[derive(Debug, Parser)]
#[command(name = "scorebound", version, max_term_width = 100, disable_help_subcommand = true)]
#[command(
    after_help = "Exit codes: 0 fine; 1 something is VIOLATED or CONTRADICTED, or a sampler failed the gate; 2 bad input, or it cannot be done."
)]
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
    /// Say how: engines refused, error terms by name, hypotheses, where constants come from
    #[arg(long, global = true)]
    pub explain: bool,
    /// No progress and no remarks: data and errors only
    #[arg(long, short, global = true)]
    pub quiet: bool,
    /// Number of threads; results do not depend on it [default: all cores]
    #[arg(long, global = true, value_name = "N", allow_negative_numbers = true, value_parser = clap::value_parser!(u64).range(1..=4096))]
    pub threads: Option<u64>,
    /// Seed of everything random
    #[arg(long, global = true, value_name = "N", allow_negative_numbers = true, default_value_t = 0, value_parser = clap::value_parser!(u64))]
    pub seed: u64,
}

/// The verbs.
#[derive(Debug, Subcommand)]
pub enum Verb {
    Run(RunArgs),
    Verify(VerifyArgs),
    Rates(SpecArgs),
    Eval(EvalArgs),
    Report(ReportArgs),
    List(ListArgs),
    Show(ShowArgs),
    Cite(CiteArgs),
    Gate(Box<GateArgs>),
    Completions(CompletionsArgs),
}

/// Run experiments: verdict tables, records, figures
#[derive(Debug, Args)]
pub struct RunArgs {
    /// Spec files, or names of built-in experiments; none: all with `default = true`
    pub specs: Vec<PathBuf>,
    /// All built-in experiments, whatever their `default`
    #[arg(long, conflicts_with = "specs")]
    pub all: bool,
    /// At most three values along every axis
    #[arg(long)]
    pub quick: bool,
    /// Where the directories of runs go
    #[arg(long, value_name = "DIR", default_value = "results/runs")]
    pub out: PathBuf,
    /// Only this share of the cells, for example 1/4; the last share to finish completes the records
    #[arg(long, value_name = "I/N")]
    pub shard: Option<Shard>,
}

/// Hold every statement against random instances around its admissible region, until it holds at as many as are asked for;
/// all of them take less than a minute on two idle cores
#[derive(Debug, Args)]
pub struct VerifyArgs {
    /// Ids or labels of statements; none, or `all`: every one
    pub ids: Vec<String>,
    /// At how many instances each statement has to hold without being vacuous; at most 8 N + 50 are tried, 3 N + 10 where it holds at none
    #[arg(long, value_name = "N", default_value_t = crate::verdicts::INSTANCES, value_parser = clap::value_parser!(u64).range(1..=1_000_000))]
    pub instances: u64,
    /// Search for the tightest instance of each statement, from the best draws on: how many instances to judge [default: 100]
    #[arg(long, value_name = "N", num_args = 0..=1, require_equals = true, default_missing_value = "100", value_parser = clap::value_parser!(u64).range(1..=1_000_000))]
    pub search: Option<u64>,
    /// Write what was found into this directory: coverage.json, coverage.html, and tightest/<label>.toml, a spec that
    /// reproduces the tightest instance; other statements found in coverage.json before are kept
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
}

/// Solve for thresholds and compare their exponents with the stated ones
#[derive(Debug, Args)]
pub struct SpecArgs {
    /// A spec file with a [rate] table, or the name of a built-in experiment
    pub spec: PathBuf,
}

/// Answer one question: the law of the output, its divergences, the constants, as JSON
#[derive(Debug, Args)]
pub struct EvalArgs {
    /// A spec file, or the name of a built-in experiment; its sweep is left aside
    pub spec: PathBuf,
    /// Write the score that the spec trains into this file, for `score.learned.file`
    #[arg(long, value_name = "FILE")]
    pub save_score: Option<PathBuf>,
}

/// Make figures, tables and pages again, from the records alone
#[derive(Debug, Args)]
pub struct ReportArgs {
    /// The directory of a run, one that holds directories of runs, or one that `verify --out` wrote
    pub dir: PathBuf,
}

/// What a list is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Kind {
    Theorems,
    Experiments,
    Targets,
    Starts,
    Processes,
    Errors,
    Samplers,
    Divergences,
    Engines,
}

/// List what there is
#[derive(Debug, Args)]
pub struct ListArgs {
    /// Of what
    pub kind: Kind,
}

/// Show a statement: hypotheses, bound, exponents, provenance, proof
#[derive(Debug, Args)]
pub struct ShowArgs {
    /// Its id or label, for example LLT-6b; or `all`
    pub id: String,
}

/// Print BibTeX for statements, and for scorebound
#[derive(Debug, Args)]
pub struct CiteArgs {
    /// Ids or labels, or `all`; none: scorebound alone
    pub ids: Vec<String>,
}

/// Hold draws of somebody's sampler against a law that is known exactly: exit code 1 where they cannot come from it
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub struct GateArgs {
    #[command(subcommand)]
    pub verb: Option<GateVerb>,
    #[command(flatten)]
    pub law: GateLaw,
    /// The draws: .npy, .csv or .parquet, or `-` for standard input; rows are samples, columns coordinates; .npy may have shape (chains, n, d)
    #[arg(long, value_name = "FILE", required_unless_present = "sampler_cmd")]
    pub samples: Option<PathBuf>,
    /// A program that draws: it reads the target as JSON from standard input and writes .npy or CSV to standard output (docs/gate/protocol.md)
    #[arg(long, value_name = "CMD", conflicts_with = "samples")]
    pub sampler_cmd: Option<String>,
    /// How many draws the program is asked for [default: what --detect needs, else 100000]
    #[arg(long, value_name = "N", conflicts_with = "samples", value_parser = clap::value_parser!(u64).range(2..))]
    pub draws: Option<u64>,
    /// How many seconds the program may take [default: 600]
    #[arg(long, value_name = "SECONDS", conflicts_with = "samples", allow_negative_numbers = true)]
    pub timeout: Option<f64>,
    /// The sampler claims to be exact: any difference is a fault [the default]
    #[arg(long, conflicts_with_all = ["within", "baseline"])]
    pub exact: bool,
    /// The sampler may be so far from the law, in total variation
    #[arg(long, value_name = "tv=X", conflicts_with = "baseline")]
    pub within: Option<String>,
    /// The sampler must not be farther from the law than in the run that --save wrote here, beyond the uncertainties of both
    #[arg(long, value_name = "FILE")]
    pub baseline: Option<PathBuf>,
    /// Writes what was measured, for --baseline of later runs
    #[arg(long, value_name = "FILE")]
    pub save: Option<PathBuf>,
    /// A fault that the gate must be able to see: otherwise it is an error, not a pass
    #[arg(long, value_name = "FAULT", conflicts_with = "baseline")]
    pub detect: Vec<String>,
    /// Rows depend on each other: take them as so many batches of neighbours, and assume that batches are independent
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(2..))]
    pub batches: Option<u64>,
    #[command(flatten)]
    pub levels: GateLevels,
    #[command(flatten)]
    pub reports: GateReports,
}

/// What a gate writes beside its table.
#[derive(Clone, Debug, Args)]
pub struct GateReports {
    /// Write a page on what was found into this file: what is wrong in words, plots that show it, all tests
    #[arg(long, value_name = "FILE")]
    pub html: Option<PathBuf>,
    /// Write JUnit XML into this file: a test case for each test
    #[arg(long, value_name = "FILE")]
    pub junit: Option<PathBuf>,
    /// Print workflow commands of GitHub on stderr: an annotation for each of the first failed tests
    #[arg(long)]
    pub github: bool,
}

/// What draws are held against.
#[derive(Clone, Debug, Args)]
pub struct GateLaw {
    /// A spec file whose target the draws should come from (at the early stop where `measure.against` says so)
    #[arg(long, value_name = "SPEC", required_unless_present = "law")]
    pub target: Option<PathBuf>,
    /// A spec file with a sampler: the draws should come from the exact law of its output, whatever --target is
    #[arg(long, value_name = "SPEC")]
    pub law: Option<PathBuf>,
}

/// How often a gate may err.
#[derive(Clone, Debug, Args)]
pub struct GateLevels {
    /// A right sampler fails with at most this probability
    #[arg(long, value_name = "A", default_value_t = 1e-6, allow_negative_numbers = true)]
    pub alpha: f64,
    /// A fault as large as `detectable` passes with at most this probability
    #[arg(long, value_name = "B", default_value_t = 1e-3, allow_negative_numbers = true)]
    pub missed: f64,
}

/// What else a gate does.
#[derive(Debug, Subcommand)]
pub enum GateVerb {
    Plan(PlanArgs),
    SelfTest(SelfTestArgs),
}

/// Hold the gate to its promises: faulty samplers that it must catch at their planned number of draws, and right ones that it must not fail
/// more often than it says
#[derive(Debug, Args)]
pub struct SelfTestArgs {
    /// Runs of each right sampler, at false alarms of 1 %
    #[arg(long, value_name = "N", default_value_t = 500, value_parser = clap::value_parser!(u64).range(1..=100_000_000), conflicts_with = "full")]
    pub runs: u64,
    /// 10,000 runs of each right sampler, and 20 of each faulty one
    #[arg(long, conflicts_with = "repeats")]
    pub full: bool,
    /// Runs of each faulty sampler, at the default levels
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = clap::value_parser!(u64).range(1..=1_000_000))]
    pub repeats: u64,
    /// This sampler only; may be given more than once
    #[arg(long, value_name = "NAME")]
    pub only: Vec<String>,
}

/// How many draws a fault needs
#[derive(Debug, Args)]
pub struct PlanArgs {
    #[command(flatten)]
    pub law: GateLaw,
    /// The faults, for example variance=1%, mean=0.01, mode-weight=2%, tail-cut=3.5, noise=sqrt2, off-by-one, missing-last-step, step=2, f32
    #[arg(long, value_name = "FAULT", required = true)]
    pub detect: Vec<String>,
    /// The sampler may be so far from the law, in total variation
    #[arg(long, value_name = "tv=X")]
    pub within: Option<String>,
    #[command(flatten)]
    pub levels: GateLevels,
}

/// Print shell completions
#[derive(Debug, Args)]
pub struct CompletionsArgs {
    /// For which shell
    pub shell: Shell,
}
