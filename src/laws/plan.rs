//! The planner: the cheapest exact engine for a start, a program and a field, and why the others were refused.

use super::{GaussianLaw, Grid2, Law, Particles, Start, Unsupported};
use crate::samplers::Program;
use crate::scores::{At, ScoreField};
use crate::targets::{Defect, Run, common_runs};
use std::collections::HashSet;
use std::fmt;
use std::str::FromStr;

/// Which engine carries the law.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    /// Closed form on moments.
    Gaussian,
    /// Density on the line or in the plane.
    Grid,
    /// Independent blocks.
    Product,
    /// Core (x) rest in a rotated frame.
    Split,
    /// Sampling.
    Particles,
}

impl Engine {
    /// All engines, cheapest first.
    pub const ALL: [Engine; 5] = [Engine::Gaussian, Engine::Grid, Engine::Product, Engine::Split, Engine::Particles];

    /// The name in specs.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Engine::Gaussian => "gaussian",
            Engine::Grid => "grid",
            Engine::Product => "product",
            Engine::Split => "split",
            Engine::Particles => "particles",
        }
    }
}

impl fmt::Display for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Engine {
    type Err = String;
    fn from_str(name: &str) -> Result<Self, String> {
        Engine::ALL.into_iter().find(|e| e.name() == name).ok_or_else(|| format!("no engine is called `{name}`"))
    }
}

/// What the user may fix.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Settings {
    /// `None`: the planner chooses.
    pub engine: Option<Engine>,
    /// Number of particles.
    pub particles: u64,
    /// Total confidence of intervals that rest on particles.
    pub confidence: f64,
    /// Seed of every random stream.
    pub seed: u64,
}

impl Default for Settings {
    fn default() -> Self {
        Self { engine: None, particles: 100_000, confidence: 0.999_999, seed: 0 }
    }
}

/// A start represented for its engine, with the reasons why cheaper or other engines were not taken.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The engine of the outermost law.
    pub engine: Engine,
    /// The start in that engine's representation.
    pub start: Law,
    /// The refusals, cheapest engine first.
    pub refused: Vec<Unsupported>,
}

/// The engine and representation of one block that does not factor further, with the refusals on the way.
struct Choice {
    engine: Engine,
    law: Law,
    refused: Vec<Unsupported>,
}

/// Everything a choice depends on besides the block itself.
struct Context<'a> {
    program: &'a Program,
    settings: &'a Settings,
}

impl Context<'_> {
    /// The distinct scores the program asks for.
    fn scores(&self) -> Vec<At> {
        let mut seen = HashSet::new();
        let asked = self.program.blocks.iter().filter(|b| b.repeat > 0).flat_map(|block| block.kernel.drift.scores());
        asked.filter(|at| seen.insert((at.level.key(), at.clean, at.truncated))).collect()
    }

    /// Whether an engine may be used.
    fn allows(&self, engine: Engine) -> bool {
        self.settings.engine.is_none_or(|forced| forced == engine || matches!(forced, Engine::Product | Engine::Split))
    }

    /// The Gaussian engine, or why not.
    fn gaussian(&self, start: &Start, s: &dyn ScoreField) -> Result<Law, Unsupported> {
        let refuse = |needs: String| Err(Unsupported { engine: "gaussian", needs });
        let Some(g) = (match start {
            Start::Density(p) => p.as_gaussian(),
            Start::Points(_) | Start::Box(_) | Start::Product(_) => None,
        }) else {
            return match start {
                Start::Points(p) if p.points.len() == 1 => self.check_affine(s).map(|()| Law::Points(p.clone())),
                _ => refuse("a Gaussian start; this one is not Gaussian".to_string()),
            };
        };
        self.check_affine(s)?;
        Ok(Law::Gaussian(GaussianLaw::exact(&g)))
    }

    fn check_affine(&self, s: &dyn ScoreField) -> Result<(), Unsupported> {
        match self.scores().into_iter().find(|at| s.affine(*at).is_none()) {
            None => Ok(()),
            Some(at) => {
                let gaussian = s.density(at.level).is_some_and(|p| p.as_gaussian().is_some());
                let untruncated = s.affine(At { truncated: false, ..at }).is_some();
                let needs = match (gaussian, untruncated) {
                    (true, true) => "a truncation that never cuts",
                    (true, false) => "an affine score error",
                    (false, _) => "a Gaussian target",
                };
                Err(Unsupported { engine: "gaussian", needs: format!("{needs}, so that the score is affine") })
            }
        }
    }

    /// Tensor grids in the plane, or why not.
    fn plane(&self, start: &Start, s: &dyn ScoreField) -> Result<Law, Unsupported> {
        if start.dim() != 2 {
            let needs = format!("one or two dimensions; this block has {} coordinates that hang together", start.dim());
            return Err(Unsupported { engine: "grid", needs });
        }
        Grid2::check(start, self.program, s).and_then(|()| Law::closed(start))
    }

    /// A rotated frame with a core the 1-D engines can carry, or why not.
    fn split(&self, start: &Start, s: &dyn ScoreField) -> Result<Law, Unsupported> {
        let refuse = |needs: &str| Unsupported { engine: "split", needs: needs.to_string() };
        let frame = s.frame().or_else(|| start.core_frame()).ok_or_else(|| {
            refuse("a mixture whose means span fewer dimensions than d and whose covariances respect their span")
        })?;
        let (a, b) = s.in_frame(&frame).ok_or_else(|| refuse("a score error that does not couple core and rest"))?;
        let (core, rest, mut defect) =
            start.in_frame(&frame).ok_or_else(|| refuse("a start in which core and rest are independent"))?;
        if !self.scores().is_empty() {
            // The score is that of a split target, with an error whose rotation is rounded.
            let target =
                s.data().and_then(|p| p.in_frame(&frame)).map_or_else(Defect::default, |(_, _, defect)| defect);
            defect = defect.and(target).and(Defect { relative: frame.rounding(), ..Defect::default() });
        }
        let part = |start: &Start, s: &dyn ScoreField| -> Result<Law, Unsupported> {
            let plan = self.decompose(start, s);
            match plan.engine {
                Engine::Particles => Err(refuse("a core and a rest that exact engines can carry")),
                _ => Ok(plan.law),
            }
        };
        let (core, rest) = (Box::new(part(&core, a.as_ref())?), Box::new(part(&rest, b.as_ref())?));
        Ok(Law::Split { frame, core, rest, defect })
    }

    /// The cheapest engine for a block that does not factor.
    fn block(&self, start: &Start, s: &dyn ScoreField) -> Choice {
        let mut refused = Vec::new();
        let mut attempt = |engine: Engine, law: &dyn Fn() -> Result<Law, Unsupported>| {
            if !self.allows(engine) {
                return None;
            }
            match law() {
                Ok(law) => Some(Choice { engine, law, refused: Vec::new() }),
                Err(why) => {
                    refused.push(why);
                    None
                }
            }
        };
        let found = attempt(Engine::Gaussian, &|| self.gaussian(start, s))
            .or_else(|| (start.dim() == 1).then(|| attempt(Engine::Grid, &|| Law::closed(start)))?)
            .or_else(|| attempt(Engine::Split, &|| self.split(start, s)))
            .or_else(|| (!self.scores().is_empty()).then(|| attempt(Engine::Grid, &|| self.plane(start, s)))?);
        if let Some(choice) = found {
            return Choice { refused, ..choice };
        }
        if self.scores().is_empty()
            && self.settings.engine != Some(Engine::Particles)
            && let Start::Density(p) = start
        {
            // Nothing to carry: the law stays as it is, and divergences do what they can with it.
            return Choice { engine: Engine::Product, law: Law::Closed(p.clone()), refused };
        }
        let cloud = Particles::from_start(start, self.settings.particles, self.settings.seed, self.settings.confidence);
        Choice { engine: Engine::Particles, law: Law::Particles(cloud), refused }
    }

    /// The joint blocks of start and field, each with its engine.
    fn decompose(&self, start: &Start, s: &dyn ScoreField) -> Choice {
        let runs = common_runs(&[&start.runs(), &s.runs()]);
        if let [Run { copies: 1, .. }] = runs[..] {
            return self.block(start, s);
        }
        let mut choices = Vec::with_capacity(runs.len());
        for run in &runs {
            let part = start.block(run.first, run.dim);
            choices.push((self.block(&part, s.block(run.first, run.dim).as_ref()), run.copies as u64));
        }
        let all = |engine: Engine| choices.iter().all(|(c, _)| c.engine == engine);
        let engine = if all(Engine::Gaussian) {
            Engine::Gaussian
        } else if choices.iter().any(|(c, _)| c.engine == Engine::Particles) {
            Engine::Particles
        } else {
            Engine::Product
        };
        let mut refused: Vec<Unsupported> = Vec::new();
        for why in choices.iter().flat_map(|(c, _)| &c.refused) {
            if !refused.contains(why) {
                refused.push(why.clone());
            }
        }
        let law = Law::Product(choices.into_iter().map(|(c, copies)| (c.law, copies)).collect());
        Choice { engine, law, refused }
    }
}

/// Chooses the cheapest exact engine (or the one forced by `settings`).
///
/// Independent blocks are found first: coordinates that hang together neither in the start, nor in the target, nor through
/// the score error. Each block then gets the first engine that can carry it: Gaussian, 1-D density, split, density in the plane, particles.
///
/// # Errors
/// All refusals when no engine can do it, or the forced one cannot.
pub fn plan(
    start: &Start,
    program: &Program,
    s: &dyn ScoreField,
    settings: &Settings,
) -> Result<Plan, Vec<Unsupported>> {
    if start.dim() != s.dim() {
        let needs = format!("a start and a score of one dimension; they have {} and {}", start.dim(), s.dim());
        return Err(vec![Unsupported { engine: "any", needs }]);
    }
    let context = Context { program, settings };
    let choice = match settings.engine {
        Some(Engine::Particles) => context.block(start, s),
        // Forced, the plane is one block, even where its coordinates come apart.
        Some(Engine::Grid) if start.dim() == 2 => context.block(start, s),
        _ => context.decompose(start, s),
    };
    let mut refused = choice.refused;
    if let Some(forced) = settings.engine.filter(|forced| *forced != choice.engine) {
        // A product of Gaussians is also a product; any other mismatch is a refusal of the forced engine.
        let product = forced == Engine::Product && matches!(choice.law, Law::Product(_));
        let alone = forced == Engine::Grid && matches!(choice.law, Law::Closed(_)) && choice.law.dim() <= 2;
        if !product && !alone {
            let needs = match forced {
                Engine::Product => "several independent blocks; this problem does not factor".to_string(),
                Engine::Split => "a target that splits into a core and a Gaussian rest in a rotated frame".to_string(),
                Engine::Grid => "one or two dimensions".to_string(),
                Engine::Gaussian => "a Gaussian start and an affine score in every block".to_string(),
                Engine::Particles => "nothing".to_string(),
            };
            if !refused.iter().any(|r| r.engine == forced.name()) {
                refused.push(Unsupported { engine: forced.name(), needs });
            }
            refused.retain(|r| r.engine == forced.name());
            return Err(refused);
        }
    }
    let engine = settings.engine.unwrap_or(choice.engine);
    Ok(Plan { engine, start: choice.law, refused })
}
