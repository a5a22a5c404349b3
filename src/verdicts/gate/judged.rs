//! What a gate found, in one place: tables, JSON and reports are all made of it.

use super::baseline::{Baseline, not_worse};
use super::examine::{Asked, Kind, Outcome, examine};
use super::power::Plan;
use super::reference::Reference;
use super::tally::Tally;

/// Draws that were held against a law.
pub struct Judged<'a> {
    /// What the law is called.
    pub law: &'a str,
    /// What is known of it.
    pub reference: &'a Reference,
    /// What was counted.
    pub tally: &'a Tally,
    /// What was asked.
    pub asked: Asked,
    /// Where the run is kept that these draws were held against, if it was not the law alone.
    pub baseline: Option<&'a str>,
    /// What faults need.
    pub plans: Vec<Plan>,
    /// How every test went, in their order.
    pub outcomes: Vec<Outcome>,
}

impl<'a> Judged<'a> {
    /// Carries out every test: against the law, or beside a run that was kept under some name.
    #[must_use]
    pub fn new(
        law: &'a str,
        reference: &'a Reference,
        tally: &'a Tally,
        asked: Asked,
        baseline: Option<(&'a str, &Baseline)>,
    ) -> Self {
        let outcomes = match baseline {
            None => examine(reference, tally, &asked),
            Some((_, then)) => not_worse(reference, tally, &asked, then),
        };
        Self { law, reference, tally, asked, baseline: baseline.map(|(name, _)| name), plans: Vec::new(), outcomes }
    }

    /// The least number of draws (groups, where they come in groups) with which this test sees one of the planned faults, and that fault.
    #[must_use]
    pub fn needs(&self, outcome: &Outcome) -> Option<(f64, &str)> {
        let all = self.plans.iter().filter_map(|plan| Some((plan.of(&outcome.name)?, &plan.fault[..])));
        all.min_by(|a, b| a.0.total_cmp(&b.0))
    }

    /// Whether there are so few draws that no distribution function, however far from the known one, could fail.
    #[must_use]
    pub fn is_blind(&self) -> bool {
        self.outcomes.iter().filter(|outcome| outcome.kind == Kind::Kolmogorov).all(|outcome| outcome.threshold >= 1.0)
    }

    /// Whether every test passes.
    #[must_use]
    pub fn pass(&self) -> bool {
        self.outcomes.iter().all(|outcome| outcome.pass)
    }

    /// All tests, the most suspicious first.
    #[must_use]
    pub fn by_suspicion(&self) -> Vec<&Outcome> {
        let mut all: Vec<&Outcome> = self.outcomes.iter().collect();
        all.sort_by(|a, b| suspicion(a).total_cmp(&suspicion(b)));
        all
    }

    /// The tests that fail, the most suspicious first.
    #[must_use]
    pub fn failures(&self) -> Vec<&Outcome> {
        self.by_suspicion().into_iter().filter(|outcome| !outcome.pass).collect()
    }

    /// The test of this kind that looks at this.
    #[must_use]
    pub fn outcome(&self, kind: Kind, of: &str) -> Option<&Outcome> {
        self.outcomes.iter().find(|outcome| outcome.kind == kind && outcome.of == of)
    }

    /// The tests of a view.
    pub fn of_view(&self, view: usize) -> impl Iterator<Item = &Outcome> {
        let name = &self.reference.views[view].name;
        self.outcomes.iter().filter(move |outcome| outcome.of == *name && outcome.kind.is_of_view())
    }

    /// The views, the most suspicious first, by the tests of these kinds.
    #[must_use]
    pub fn views(&self, kinds: &[Kind]) -> Vec<usize> {
        let worst = |view: usize| {
            let own = self.of_view(view).filter(|outcome| kinds.contains(&outcome.kind));
            own.map(suspicion).fold(f64::INFINITY, f64::min)
        };
        let mut views: Vec<(f64, usize)> = (0..self.reference.views.len()).map(|view| (worst(view), view)).collect();
        views.sort_by(|a, b| a.0.total_cmp(&b.0));
        views.into_iter().filter(|(worst, _)| worst.is_finite()).map(|(_, view)| view).collect()
    }
}

/// At most 1 where a test fails.
fn suspicion(outcome: &Outcome) -> f64 {
    outcome.p_bound / outcome.share
}
