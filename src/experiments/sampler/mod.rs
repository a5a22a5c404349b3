//! Samplers in specs, one file per kind.

mod annealed;
mod budget;
mod lmc;
mod reverse;
mod truncate;

pub use annealed::AnnealedSpec;
pub use lmc::{LmcSpec, Schedule};
pub use reverse::{Beside, ReverseSpec};
pub use truncate::TruncateSpec;

use super::error::Flaw;
use super::fields::{Fields, closest, number};
use super::tree::{Node, Span};
use crate::bounds;
use crate::processes::{NoiseLevel, Process};
use crate::samplers::Program;
use budget::Budget;

/// The samplers of this version, with their steps.
pub const SAMPLERS: [(&str, &str); 6] = [
    ("lmc", "x <- x + h s(x) + sqrt(2h) xi"),
    ("annealed-lmc", "lmc at falling noise levels, the output of one being the start of the next"),
    ("reverse-sde", "from t = horizon to t = early-stop; schemes euler-maruyama, exponential, exponential-minus"),
    ("flow-ode", "the probability flow from t = horizon to t = early-stop; schemes euler, heun, exponential"),
    ("predictor-corrector", "reverse-sde with lmc at the levels it arrives at"),
    ("prediction-correction", "lmc at t = horizon for corrector-time, then flow-ode or reverse-sde"),
];

/// A sampler as a spec describes it.
#[derive(Clone, Debug, PartialEq)]
pub struct SamplerSpec {
    /// Which, with its parameters.
    pub kind: SamplerKind,
    /// The truncation of the score in its Langevin steps at the first level, if any.
    pub truncate: Option<TruncateSpec>,
    /// The table's place.
    pub span: Span,
}

/// The kinds of samplers.
#[derive(Clone, Debug, PartialEq)]
pub enum SamplerKind {
    /// `[sampler.lmc]`.
    Lmc(LmcSpec),
    /// `[sampler.annealed-lmc]`.
    Annealed(AnnealedSpec),
    /// A reverse phase with what comes with it: `[sampler.reverse-sde]`, `[sampler.flow-ode]`,
    /// `[sampler.predictor-corrector]`, `[sampler.prediction-correction]`.
    Reverse {
        /// The phase.
        phase: ReverseSpec,
        /// What comes with it.
        beside: Beside,
        /// Whether the output is multiplied by 1/alpha of the last level.
        rescale: bool,
    },
}

/// A sampler that runs through noise levels, resolved.
#[derive(Clone, Debug, PartialEq)]
pub struct Route {
    /// The kernels.
    pub program: Program,
    /// The level it starts at.
    pub first: NoiseLevel,
    /// The level it arrives at.
    pub last: NoiseLevel,
    /// What each level is called: the process time, or sigma for annealed LMC.
    pub names: Vec<(NoiseLevel, f64)>,
}

impl SamplerSpec {
    /// The process a sampler uses unless the spec says otherwise.
    #[must_use]
    pub fn default_process(&self) -> Process {
        match self.kind {
            SamplerKind::Annealed(_) => Process::Ve,
            SamplerKind::Lmc(_) | SamplerKind::Reverse { .. } => Process::Ou,
        }
    }

    /// The way through the noise levels; `None` for Langevin Monte Carlo, which has one level.
    #[must_use]
    pub fn route(&self, process: &Process) -> Option<Route> {
        match &self.kind {
            SamplerKind::Lmc(_) => None,
            SamplerKind::Annealed(spec) => Some(spec.route()),
            SamplerKind::Reverse { phase, beside, rescale } => {
                let mut route = phase.route(process, beside, *rescale);
                if self.truncate.is_some() {
                    route.program = route.program.truncated_first();
                }
                Some(route)
            }
        }
    }
}

/// The process time a sampler starts at, where its table says so; whether it is right is found when the sampler is read.
#[must_use]
pub fn horizon(node: &Node) -> Option<f64> {
    let kinds = ["reverse-sde", "flow-ode", "predictor-corrector", "prediction-correction"];
    let first = |table: &Node| number(table.at("times.0").or_else(|| table.get("horizon"))?, "horizon").ok();
    kinds.iter().find_map(|kind| first(node.get(kind)?)).filter(|h| *h > 0.0)
}

/// Reads the only entry of `[sampler]`, for a target of dimension `dim` and the process the spec names.
///
/// # Errors
/// The first thing that is wrong, with its place.
pub fn read(node: &Node, dim: usize, process: Option<&Process>) -> Result<SamplerSpec, Flaw> {
    let names = SAMPLERS.map(|(name, _)| name);
    let (budget, rest) = Budget::taken_from(node)?;
    let budget = budget.as_ref();
    let (kind, node) = Fields::of(&rest, "sampler")?.only(&names)?;
    let mut truncate = None;
    let kind = match kind {
        "lmc" => {
            let (spec, truncated) = lmc::read(node, dim, budget)?;
            truncate = truncated;
            SamplerKind::Lmc(spec)
        }
        "annealed-lmc" => SamplerKind::Annealed(annealed::read(node, dim, process, budget)?),
        "predictor-corrector" => {
            let (phase, corrector) = reverse::read_corrected(node, budget)?;
            SamplerKind::Reverse { phase, beside: Beside::Corrector(corrector), rescale: false }
        }
        "prediction-correction" => {
            let (phase, beside, rescale, truncated) = reverse::read_horizon(node, dim, budget)?;
            truncate = truncated;
            SamplerKind::Reverse { phase, beside, rescale }
        }
        kind => {
            let (phase, rescale) = reverse::read(node, kind, budget)?;
            SamplerKind::Reverse { phase, beside: Beside::Nothing, rescale }
        }
    };
    Ok(SamplerSpec { kind, truncate, span: node.span.clone() })
}

/// What to say about a label that no theorem has.
#[must_use]
pub fn help_on_theorems(name: &str) -> String {
    if let Some(page) = bounds::page(name) {
        return format!("it is no theorem and not judged: `scorebound show {}` says what it is", page.label);
    }
    let bare = |text: &str| text.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase();
    let labels: Vec<&str> = bounds::THEOREMS.iter().flat_map(|t| t.labels.iter().copied()).collect();
    // Labels are so short that most are alike: only marks, blanks and the letters in front may differ.
    let meant = |label: &&str| bare(label) == bare(name) || bare(label) == format!("llt{}", bare(name));
    let label = labels.iter().copied().find(meant);
    match label.or_else(|| closest(name, bounds::THEOREMS.iter().map(|t| t.id))) {
        Some(best) => format!("did you mean `{best}`?"),
        None => format!("labels are {}; `scorebound list theorems` says more", labels.join(", ")),
    }
}
