//! The law that draws are held against, and what faults of it need.

use super::super::args::GateLaw;
use super::super::session::Failure;
use super::super::specs::find;
use crate::experiments::{Gated, Spec};
use crate::verdicts::gate::{Asked, Fault, Need, Reference, needs};
use serde::Serialize;

/// What a fault needs.
#[derive(Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) struct Planned {
    pub(super) fault: String,
    /// From how many draws on; `None` where no test ever sees it.
    pub(super) draws: Option<f64>,
    pub(super) tests: Vec<Need>,
}

/// A law with its numbers.
pub(super) struct Posed {
    /// What the law is called.
    pub(super) name: String,
    pub(super) gated: Gated,
    pub(super) reference: Reference,
}

impl Posed {
    pub(super) fn read(law: &GateLaw, seed: u64) -> Result<Self, Failure> {
        let read = |path| -> Result<Spec, Failure> { find(path) };
        let (name, gated) = match (&law.target, &law.law) {
            (target, Some(path)) => {
                let gated = Gated::output(&read(path)?, seed)?;
                if let Some(target) = target {
                    let other = Gated::target(&read(target)?, seed)?.dim();
                    if other != gated.dim() {
                        let found = format!("--target speaks of {other} dimensions, --law of {}", gated.dim());
                        return Err(Failure::new(found, "--law alone is enough: its spec has a target"));
                    }
                }
                (format!("the output of the sampler in {}", path.display()), gated)
            }
            (Some(path), None) => (format!("the target in {}", path.display()), Gated::target(&read(path)?, seed)?),
            (None, None) => {
                return Err(Failure::new("no law to hold draws against", "name a spec by --target or --law"));
            }
        };
        let reference = gated.reference(seed);
        if reference.views.is_empty() {
            return Err(Failure::new(reference.notes.join("; "), "a law whose coordinates have known laws is needed"));
        }
        Ok(Self { name, gated, reference })
    }

    pub(super) fn planned(&self, fault: Fault, asked: &Asked) -> Result<Planned, Failure> {
        let (law, features) = self
            .gated
            .with(fault, &self.reference)
            .map_err(|why| Failure::new(why, "`gate plan --help` lists the faults"))?;
        let tests = needs(&self.reference, law.as_ref(), features.as_deref(), asked);
        Ok(Planned { fault: fault.to_string(), draws: tests.first().map(|need| need.draws), tests })
    }
}
