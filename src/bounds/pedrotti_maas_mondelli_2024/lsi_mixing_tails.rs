//! PMM-4d: the log-Sobolev constant of any data under enough noise.

use super::REFERENCE;
use super::noised::{data, own_level};
use crate::bounds::lee_lu_tan_2022::{LSI_LEAST, at_most, heard};
use crate::bounds::{Bound, Holds, Hypothesis, Instance, Relation, Theorem, draws};
use crate::targets::constants;

#[doc = include_str!("../../../paper_checks/pedrotti_maas_mondelli_2024/lsi_mixing_tails.md")]
pub static LSI_MIXING_TAILS: Theorem = Theorem {
    id: "pedrotti-maas-mondelli-2024/lsi-mixing-tails",
    labels: &["PMM-4d"],
    title: "log-Sobolev constant of data under noise, from the tails of the data",
    statement: include_str!("../../../paper_checks/pedrotti_maas_mondelli_2024/lsi_mixing_tails.md"),
    reference: REFERENCE,
    about: LSI_LEAST,
    ceiling: f64::INFINITY,
    relation: Relation::AtMost,
    hypotheses: &[NOISE, TAILS],
    bound,
    profile: None,
    exponents: &[],
    draw: draws::noised::light_tails,
};

const NOISE: Hypothesis = Hypothesis {
    says: "p is the law of alpha X + sigma xi, sigma > 0",
    holds: |at| match (own_level(at).sigma > 0.0, data(at)) {
        (true, Ok(_)) => Holds::Yes,
        (true, Err(why)) => Holds::unknown(why, "the law before noise in closed form"),
        (false, _) => Holds::No("there is no noise".into()),
    },
};

const TAILS: Hypothesis = Hypothesis {
    says: "E exp(alpha^2 |X - X'|^2/sigma^2) < 2, and M < inf for some p > 1",
    holds: |at| match data(at) {
        Ok(data) => heard(constants::mixing_tails(&data, own_level(at)), "more noise, or fewer components"),
        Err(why) => Holds::unknown(why, "the law before noise in closed form"),
    },
};

fn bound(at: &Instance) -> Result<Bound, String> {
    let found = constants::mixing_tails(&data(at)?, own_level(at))?;
    let terms = vec![("p", found.power.into()), ("ln M", found.ln_moment), ("C_P", found.poincare.into())];
    Ok(at_most(found.lsi, terms))
}
