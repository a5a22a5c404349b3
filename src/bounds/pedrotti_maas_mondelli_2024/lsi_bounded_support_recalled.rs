//! PMM-4h: mixing laws inside a ball (Chen, Chewi and Niles-Weed), as recalled.

use crate::bounds::lee_lu_tan_2022::{LSI_LEAST, at_most, speaks};
use crate::bounds::{Bound, Hypothesis, Instance, Provenance, Reference, Relation, Theorem, draws};
use crate::numerics::Interval;
use crate::targets::constants;

#[doc = include_str!("../../../paper_checks/pedrotti_maas_mondelli_2024/lsi_bounded_support_recalled.md")]
pub static LSI_BOUNDED_SUPPORT_RECALLED: Theorem = Theorem {
    id: "pedrotti-maas-mondelli-2024/lsi-bounded-support-recalled",
    labels: &["PMM-4h"],
    title: "log-Sobolev constant of Gaussians around means in a ball, as recalled",
    statement: include_str!("../../../paper_checks/pedrotti_maas_mondelli_2024/lsi_bounded_support_recalled.md"),
    reference: Reference {
        key: "pedrotti-maas-mondelli-2024",
        provenance: Provenance::Recalled { sure: "fairly, of form and constants" },
    },
    about: LSI_LEAST,
    ceiling: f64::INFINITY,
    relation: Relation::AtMost,
    hypotheses: &[COMMON],
    bound,
    profile: None,
    exponents: &[],
    draw: draws::noised::in_a_ball_recalled,
};

const COMMON: Hypothesis =
    Hypothesis { says: "p = nu * N(0, S), nu in a ball", holds: |at| speaks(at, constants::balls) };

/// `6 (4 R^2 + s) e^{4 R^2/s}`, the largest of the factors.
fn bound(at: &Instance) -> Result<Bound, String> {
    let of = |ball: &constants::Ball| {
        let rho = ball.radius_sqr * 4.0;
        (ball.variance * (rho + 1.0) * rho.exp() * 6.0).hi()
    };
    let value = constants::balls(&at.density()?)?.iter().map(of).fold(0.0, f64::max);
    let derived = Interval::point(constants::bounded_support(&at.density()?)?.upper.lsi);
    Ok(at_most(value, vec![("PMM-4b", derived)]))
}
