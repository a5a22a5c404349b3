//! The law that draws are held against, and what faults of it need.

use super::super::args::GateLaw;
use super::super::session::Failure;
use super::super::specs::find;
use crate::experiments::{Faulty, Gated, Spec};
use crate::verdicts::gate::{Asked, Fault, Plan, Reference, needs};

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

    /// Looks out for these faults: of every number whose law is known with one of them, how many draws are where that law has more mass.
    pub(super) fn look_out(&mut self, faults: &[Fault]) -> Result<(), Failure> {
        for &fault in faults {
            let (law, _) = self.faulty(fault)?;
            self.reference.look_out(&fault.to_string(), law.as_ref());
        }
        Ok(())
    }

    fn faulty(&self, fault: Fault) -> Result<Faulty, Failure> {
        let law = self.gated.with(fault, &self.reference);
        law.map_err(|why| Failure::new(why, "`gate plan --help` lists the faults"))
    }

    pub(super) fn planned(&self, fault: Fault, asked: &Asked) -> Result<Plan, Failure> {
        let (law, features) = self.faulty(fault)?;
        let tests = needs(&self.reference, law.as_ref(), features.as_deref(), asked);
        Ok(Plan { fault: fault.to_string(), draws: tests.first().map(|need| need.draws), tests })
    }
}
