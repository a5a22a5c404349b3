//! Learned scores in specs: `[score.learned]`.

use super::error::Flaw;
use super::fields::Fields;
use super::question::Names;
use super::tree::{Node, Span};
use crate::processes::NoiseLevel;
use crate::scores::Damaged;
use crate::scores::learned::{Estimate, learned};
use crate::targets::{Data, Target};
use std::path::Path;
use std::sync::Arc;

/// A learned score as a spec describes it.
#[derive(Clone)]
pub struct LearnedSpec {
    /// What was learned.
    pub estimate: Arc<Estimate>,
    /// The table's place.
    pub span: Span,
}

/// Reads `[score.learned]` for a target of dimension `dim`; files are looked for beside the spec, in `dir`.
///
/// # Errors
/// The first thing that is wrong, with its place.
pub fn read(node: &Node, dim: usize, dir: &Path) -> Result<LearnedSpec, Flaw> {
    let (_, inner) = Fields::of(node, "score")?.only(&["learned"])?;
    let mut fields = Fields::of(inner, "score.learned")?;
    let file = fields.need("file", "the path of a file with a learned score, beside the spec")?;
    let name = super::fields::text(file, "score.learned.file")?;
    fields.finish()?;
    let flaw = |found: String, help: &str| Flaw::new(&file.span, found, help);
    let text = std::fs::read_to_string(dir.join(name))
        .map_err(|e| flaw(format!("`{name}` cannot be read: {e}"), "paths are relative to the folder of the spec"))?;
    let estimate = Estimate::parse(&text)
        .map_err(|e| flaw(format!("`{name}` cannot be used: {e}"), "docs/spec.md says what such a file holds"))?;
    if estimate.dim() != dim {
        let found = format!("the score in `{name}` is of dimension {}, the target of {dim}", estimate.dim());
        return Err(flaw(found, "make the two agree"));
    }
    Ok(LearnedSpec { estimate: Arc::new(estimate), span: inner.span.clone() })
}

/// A relative slack of times: noise levels are rounded numbers.
const SLACK: f64 = 1e-9;

impl LearnedSpec {
    /// The learned score at the levels a sampler uses; an instance posed at one level calls that level its data's own, and `own`
    /// is then what it is in truth.
    ///
    /// # Errors
    /// When the score was not learned for one of them.
    pub fn field(
        &self,
        target: &Arc<dyn Target>,
        data: &Data,
        names: &Names,
        own: Option<NoiseLevel>,
    ) -> Result<Damaged, Flaw> {
        let (early, horizon) = self.estimate.times();
        let levels: Vec<_> = names.iter().map(|&(level, _)| (level, own.unwrap_or(level))).collect();
        for &(_, level) in &levels {
            let (time, _) = Estimate::place(level);
            if !(time >= early * (1.0 - SLACK) && time <= horizon * (1.0 + SLACK)) {
                let found = format!(
                    "the score was learned for times from {early} to {horizon}, but the sampler asks for it at {time:.6}"
                );
                let help = "let the sampler start at that horizon and stop that early, or learn for other times \
                            (in time of the OU process)";
                return Err(Flaw::new(&self.span, found, help));
            }
        }
        Ok(learned(Arc::clone(target), &self.estimate, data.reach(), &levels))
    }
}
