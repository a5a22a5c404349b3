//! A number of score evaluations in place of a sampler's own number of steps.

use crate::experiments::error::Flaw;
use crate::experiments::fields::count;
use crate::experiments::tree::{Node, Span};

/// The key beside the kind in `[sampler]`.
const EVALUATIONS: &str = "evaluations";

/// How many scores a sampler may ask for, whatever its kind: every step asks for one.
#[derive(Clone, Debug, PartialEq)]
pub struct Budget {
    /// How many.
    pub evaluations: u64,
    /// The place that says so.
    span: Span,
}

impl Budget {
    /// The budget of a `[sampler]` table, and the table without it.
    ///
    /// # Errors
    /// When it is no positive whole number.
    pub fn taken_from(node: &Node) -> Result<(Option<Self>, Node), Flaw> {
        let mut rest = node.clone();
        let Some(found) = rest.remove(EVALUATIONS) else { return Ok((None, rest)) };
        let evaluations = count(&found, "sampler.evaluations", 1)?;
        Ok((Some(Self { evaluations, span: found.span.clone() }), rest))
    }

    /// That what the budget decides is not given as well.
    ///
    /// # Errors
    /// When it is.
    pub fn instead_of(&self, given: Option<&Node>, name: &str) -> Result<(), Flaw> {
        match given {
            None => Ok(()),
            Some(node) => {
                let found = format!("`{name}` beside `sampler.evaluations`");
                Err(Flaw::new(&node.span, found, "each says how many steps there are: drop one of them"))
            }
        }
    }

    /// Something is wrong with the budget.
    pub fn flaw(&self, found: String, help: &str) -> Flaw {
        Flaw::new(&self.span, found, help)
    }
}
