//! What a gate holds draws against: the target of a spec, or the exact law of its sampler's output.

use super::error::{Flaw, SpecError};
use super::fields::Fields;
use super::posed::Posed;
use super::question::Question;
use super::request::Request;
use super::spec::Spec;
use super::tree::Node;
use crate::laws::Law;
use crate::processes::NoiseLevel;
use crate::targets::{Data, Density, Points};
use crate::verdicts::gate::{Fault, FaultyLaw, Known, Reference};

/// The law of draws with a fault, and the means of random features under it where they are known.
pub type Faulty = (Box<dyn Known>, Option<Vec<f64>>);

/// A law that draws are held against.
pub struct Gated {
    law: Kept,
    posed: Option<Posed>,
    data: Option<Data>,
    spec: Node,
}

enum Kept {
    Density(Density),
    Points(Points),
    Carried(Law),
}

impl Gated {
    /// The target of a spec: at the early stop of its sampler where `measure.against` says so.
    ///
    /// # Errors
    /// The first thing that is wrong, with its place; a target whose numbers have no law in closed form.
    pub fn target(spec: &Spec, seed: u64) -> Result<Self, SpecError> {
        if spec.tree.at("sampler").is_some() {
            let posed = spec.question_of(&spec.tree)?.pose(seed).map_err(|flaw| spec.at(flaw))?;
            let at = &posed.instance;
            let law = match (at.target.density(at.level), at.target.data()) {
                _ if !at.target.stand_in(at.level).terms().is_empty() => return Err(spec.at(boxed(spec))),
                (Some(law), _) => Kept::Density(law),
                (None, Some(Data::Points(points))) => Kept::Points(points),
                (None, _) => return Err(spec.at(boxed(spec))),
            };
            return Ok(Self { law, data: at.target.data(), posed: Some(posed), spec: spec.tree.clone() });
        }
        let read = |fields: &mut Fields<'_>| Question::read_target(fields, &spec.source.files);
        let data = Fields::of(&spec.tree, "").and_then(|mut fields| read(&mut fields)).map_err(|flaw| spec.at(flaw))?;
        let law = match &data {
            Data::Points(points) => Kept::Points(points.clone()),
            data => match data.noised(NoiseLevel::DATA) {
                Some(law) if matches!(data, Data::Density(_)) => Kept::Density(law),
                _ => return Err(spec.at(boxed(spec))),
            },
        };
        Ok(Self { law, posed: None, data: Some(data), spec: spec.tree.clone() })
    }

    /// The law of the output of a spec's sampler.
    ///
    /// # Errors
    /// The first thing that is wrong, with its place; a law that no exact engine carries.
    pub fn output(spec: &Spec, seed: u64) -> Result<Self, SpecError> {
        if spec.tree.at("sampler").is_none() {
            let help = "the law of a sampler's output is asked for; `--target` takes the law of the target";
            return Err(spec.at(Flaw::new(&(0..0), "the spec has no `sampler`", help)));
        }
        let posed = spec.question_of(&spec.tree)?.pose(seed).map_err(|flaw| spec.at(flaw))?;
        let law = posed.instance.output().cloned().map_err(|why| spec.at(posed.stopped(why)))?;
        if has_particles(&law) {
            let why = "no exact engine carries this sampler: its law is known from particles only".to_owned();
            return Err(spec.at(posed.stopped(why)));
        }
        let data = posed.instance.target.data();
        Ok(Self { law: Kept::Carried(law), data, posed: Some(posed), spec: spec.tree.clone() })
    }

    /// d.
    #[must_use]
    pub fn dim(&self) -> usize {
        match &self.law {
            Kept::Density(law) => law.dim(),
            Kept::Points(law) => law.dim(),
            Kept::Carried(law) => law.dim(),
        }
    }

    /// The numbers whose laws are known.
    #[must_use]
    pub fn reference(&self, seed: u64) -> Reference {
        match &self.law {
            Kept::Density(law) => Reference::of_density(law, seed),
            Kept::Points(law) => Reference::of_points(law),
            Kept::Carried(law) => Reference::of_law(law, seed),
        }
    }

    /// What a program is told that is to draw from this law.
    ///
    /// # Errors
    /// A target that is not described by few numbers.
    pub fn request(&self) -> Result<Request, String> {
        let data = self.data.as_ref().ok_or("the target of this spec cannot be told to another program")?;
        let level = self.posed.as_ref().map_or(NoiseLevel::DATA, |posed| posed.instance.level);
        let request = Request::new(data, level, &self.spec);
        Ok(match &self.posed {
            Some(posed) if posed.instance.program.steps() > 0 => {
                request.with(&posed.instance.start, &posed.instance.program)
            }
            _ => request,
        })
    }

    /// The law of draws with a fault, and the means of random features under it where they are known.
    ///
    /// # Errors
    /// What the law or the sampler lacks for this fault.
    pub fn with(&self, fault: Fault, reference: &Reference) -> Result<Faulty, String> {
        if fault.is_of_program() {
            let needs = || format!("`{fault}` is a fault of a sampler: name a spec with one by --law");
            let posed = self.posed.as_ref().filter(|posed| posed.instance.program.steps() > 0).ok_or_else(needs)?;
            let program = fault.of_program(&posed.instance.program)?;
            let law = posed.instance.carried(&program)?.law;
            if has_particles(&law) {
                return Err("no exact engine carries the sampler with this fault".into());
            }
            return Ok((Box::new(law), None));
        }
        let closed = match &self.law {
            Kept::Density(law) | Kept::Carried(Law::Closed(law)) => law.clone(),
            Kept::Carried(Law::Gaussian(law)) => {
                let cov = crate::targets::Covariance::Dense(law.cov());
                let law = crate::targets::Gaussian::new(law.mean(), cov).map_err(|e| e.to_string())?;
                Density::Gaussian(law)
            }
            _ => return Err(format!("`{fault}` needs a law in closed form")),
        };
        let faulty = fault.of_law(&closed)?;
        let features = match (&faulty, &reference.features) {
            (FaultyLaw::Density(law), Some(features)) => features.under(law),
            _ => None,
        };
        Ok((Box::new(faulty), features))
    }
}

fn boxed(spec: &Spec) -> Flaw {
    let span = spec.tree.at("target").map_or(0..0, |node| node.span.clone());
    let found = "the numbers of this target have no law in closed form";
    Flaw::new(&span, found, "Gaussians, mixtures and their products, and discrete points without noise have one")
}

fn has_particles(law: &Law) -> bool {
    match law {
        Law::Particles(_) => true,
        Law::Product(factors) => factors.iter().any(|(law, _)| has_particles(law)),
        Law::Split { core, rest, .. } => has_particles(core) || has_particles(rest),
        Law::Approximate { law, .. } => has_particles(law),
        _ => false,
    }
}
