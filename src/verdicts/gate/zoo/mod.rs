//! The zoo: samplers of which it is known whether they are right. The gate must catch the faulty ones at the number of draws it planned for them,
//! and must not fail the right ones more often than it promises.
//!
//! Every sampler is code that draws, a faulty one with the fault in the code. What it draws from is computed beside it by other means: moments by
//! recursion, finite chains by their matrices, laws on the line by an exact engine; where no such way is known, from a pilot.

mod campaign;
mod drawing;
mod faulty;
mod laws;
mod line_laws;
mod pilot;
mod right;
#[cfg(test)]
mod tests;

pub use campaign::{Alarms, Caught, LEVEL, Levels, alarms, caught, fails_though_kept};

use super::examine::Asked;
use super::known::Known;
use super::power::{Agreement, Need, needs, needs_of_order};
use super::reference::Reference;
use super::tally::Tally;
use crate::targets::{Density, Points};
use drawing::Draw;
use pilot::Pilot;

/// Seed of the directions and frequencies that the gate looks along.
const LOOKS: u64 = 0;

/// A sampler and what it is held against.
struct Sampler {
    reference: Reference,
    /// Draws come in independent groups of so many; 1: independent draws.
    group: u64,
    draw: Draw,
}

impl Sampler {
    /// Held against a law in closed form.
    fn of(law: &Density, draw: Draw) -> Self {
        Self { reference: Reference::of_density(law, LOOKS), group: 1, draw }
    }

    /// Held against atoms.
    fn of_points(law: &Points, draw: Draw) -> Self {
        Self { reference: Reference::of_points(law), group: 1, draw }
    }

    /// Held against the law that an engine carries.
    fn of_output(law: &crate::laws::Law, draw: Draw) -> Self {
        Self { reference: Reference::of_law(law, LOOKS), group: 1, draw }
    }

    /// In groups of so many draws.
    fn in_groups(self, group: u64) -> Self {
        Self { group, ..self }
    }

    /// What is asked of n draws.
    fn asked(&self, n: u64, levels: &Levels) -> Asked {
        let groups = (self.group > 1).then(|| n / self.group);
        Asked { alpha: levels.alpha, within: 0.0, missed: levels.missed, groups }
    }

    /// What is counted of n draws.
    fn counted(&self, source: &mut drawing::Source, n: u64) -> Tally {
        let mut tally = Tally::new(&self.reference);
        (self.draw)(source, n, &mut |xs, m| tally.add(&self.reference, tally.draws, xs, m));
        tally
    }
}

/// What a faulty sampler draws from.
enum Drawn {
    /// Exactly known; the density is that of the random features.
    Law(Box<dyn Known>, Option<Density>),
    /// Draws of it are all that is known.
    Pilot,
    /// The right law, draw by draw; but draws know of each other.
    Order(Agreement),
}

/// A faulty sampler beside what it draws from.
struct Wrong {
    sampler: Sampler,
    drawn: Drawn,
}

impl Wrong {
    /// Draws from one density that should come from another.
    fn density(right: &Density, wrong: Density, draw: Draw) -> Self {
        let sampler = Sampler::of(right, draw);
        Self { sampler, drawn: Drawn::Law(Box::new(wrong.clone()), Some(wrong)) }
    }

    /// Draws on the line from a law that is not a density in closed form.
    fn line(right: &Density, wrong: line_laws::Alone, draw: Draw) -> Self {
        Self { sampler: Sampler::of(right, draw), drawn: Drawn::Law(Box::new(wrong), None) }
    }

    /// Draws from a law that only they tell.
    fn piloted(right: &Density, draw: Draw) -> Self {
        Self { sampler: Sampler::of(right, draw), drawn: Drawn::Pilot }
    }

    /// Draws of the right law that know of each other.
    fn dependent(right: &Density, agreement: Agreement, draw: Draw) -> Self {
        Self { sampler: Sampler::of(right, draw), drawn: Drawn::Order(agreement) }
    }

    /// From how many draws on which test sees it, and how this is known.
    fn plan(&self, name: &str, levels: &Levels) -> Option<(Need, Basis)> {
        let asked = self.sampler.asked(self.sampler.group, levels);
        let Sampler { reference, group, .. } = &self.sampler;
        let (need, basis) = match &self.drawn {
            Drawn::Law(law, density) => {
                let features = density.as_ref().and_then(|law| reference.features.as_ref()?.under(law));
                (needs(reference, law.as_ref(), features.as_deref(), &asked).into_iter().next()?, Basis::Law)
            }
            Drawn::Pilot => {
                let pilot = Pilot::of(&self.sampler, name);
                (needs(reference, &pilot, None, &asked).into_iter().next()?, Basis::Pilot)
            }
            Drawn::Order(agreement) => (needs_of_order(reference, agreement, &asked)?, Basis::Agreement),
        };
        // Of groups the plan counts groups.
        Some((Need { draws: need.draws * *group as f64, ..need }, basis))
    }
}

/// How it is known what a faulty sampler draws from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Basis {
    /// Its exact law.
    Law,
    /// Draws from it, within the band of Dvoretzky, Kiefer and Wolfowitz.
    Pilot,
    /// How often draws of it lie on one side of the median.
    Agreement,
}

impl Basis {
    /// For tables.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Basis::Law => "its law",
            Basis::Pilot => "a pilot",
            Basis::Agreement => "agreement",
        }
    }
}

/// A sampler that the gate must catch.
pub struct Faulty {
    /// What it is called.
    pub name: &'static str,
    /// What is wrong.
    pub fault: &'static str,
    /// Who made this mistake.
    pub story: &'static str,
    build: fn() -> Result<Wrong, String>,
}

/// A sampler that the gate must let through.
pub struct Right {
    /// What it is called.
    pub name: &'static str,
    /// How it draws, and what it is held against.
    pub tells: &'static str,
    /// How many draws each run takes.
    pub draws: u64,
    build: fn() -> Result<Sampler, String>,
}

/// Every faulty sampler, by the kinds of their faults.
pub fn faulty() -> impl Iterator<Item = (&'static str, &'static Faulty)> {
    faulty::KINDS.into_iter().flat_map(|(kind, list)| list.iter().map(move |one| (kind, one)))
}

/// Every right sampler.
pub fn right() -> impl Iterator<Item = &'static Right> {
    right::ALL.into_iter().flatten()
}
