//! PMM-4f: the log-Sobolev constant from the curvature along the forward process.

use super::REFERENCE;
use crate::bounds::lee_lu_tan_2022::{LSI_LEAST, at_most, heard};
use crate::bounds::{Bound, Hypothesis, Instance, Relation, Theorem, draws};
use crate::targets::constants;

#[doc = include_str!("../../../paper_checks/pedrotti_maas_mondelli_2024/lsi_along_the_flow.md")]
pub static LSI_ALONG_THE_FLOW: Theorem = Theorem {
    id: "pedrotti-maas-mondelli-2024/lsi-along-the-flow",
    labels: &["PMM-4f"],
    title: "log-Sobolev constant from the curvature along the forward process",
    statement: include_str!("../../../paper_checks/pedrotti_maas_mondelli_2024/lsi_along_the_flow.md"),
    reference: REFERENCE,
    about: LSI_LEAST,
    ceiling: f64::INFINITY,
    relation: Relation::AtMost,
    hypotheses: &[CURVATURE],
    bound,
    profile: None,
    exponents: &[],
    draw: draws::noised::along_the_line,
};

const CURVATURE: Hypothesis = Hypothesis {
    says: "p is a law on the line with -(ln p_r)'' bounded below, or a product of such laws and Gaussians",
    holds: |at| match at.density() {
        Ok(p) => heard(constants::along_the_flow(&p), "modes that are nearer, or wider"),
        Err(why) => at.without_closed_form(at.level, why),
    },
};

fn bound(at: &Instance) -> Result<Bound, String> {
    let found = constants::along_the_flow(&at.density()?)?;
    Ok(at_most(found.lsi, vec![("noise", found.noise.into()), ("finer steps", found.lost.into())]))
}
