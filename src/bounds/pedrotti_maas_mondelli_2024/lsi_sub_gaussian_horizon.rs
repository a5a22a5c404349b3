//! PMM-4d with the sub-Gaussian norm of the data: a horizon of ln K + O(1).

use super::noised::{OuLevel, START_LEVEL, data, start_level};
use super::{REFERENCE, guarantee};
use crate::bounds::lee_lu_tan_2022::{at_most, lower_bound};
use crate::bounds::{Bound, Holds, Hypothesis, Instance, Quantity, Relation, Theorem, draws};
use crate::numerics::Interval;
use crate::targets::constants;

#[doc = include_str!("../../../paper_checks/pedrotti_maas_mondelli_2024/lsi_sub_gaussian_horizon.md")]
pub static LSI_SUB_GAUSSIAN_HORIZON: Theorem = Theorem {
    id: "pedrotti-maas-mondelli-2024/lsi-sub-gaussian-horizon",
    labels: &["PMM-4d-norm"],
    title: "a horizon of ln K + O(1), K the sub-Gaussian norm of the data, makes the log-Sobolev constant at most 6.11",
    statement: include_str!("../../../paper_checks/pedrotti_maas_mondelli_2024/lsi_sub_gaussian_horizon.md"),
    reference: REFERENCE,
    about: Quantity::Other {
        name: "lsi-least",
        measured: |at| lower_bound(constants::lsi_least(&at.density_at(start_level(at)?.asked)?)?),
    },
    ceiling: f64::INFINITY,
    relation: Relation::AtMost,
    hypotheses: &[START_LEVEL, NORM, LATE],
    bound,
    profile: None,
    exponents: &[guarantee("exp-horizon", "norm", (1, 1)), guarantee("exp-horizon", "dim", (1, 2))],
    draw: draws::noised::late_for_norm,
};

/// K and `x = (e^{2 T1} - 1)/(6 K^2)`.
fn excess(at: &Instance) -> Result<(Interval, Interval), String> {
    let level = start_level(at)?;
    let norm = data(at)?.sub_gaussian_norm();
    // Data that are all at 0 have K = 0: any horizon is long enough.
    let x = if norm == Interval::ZERO { Interval::INFINITY } else { 1.0 / (level.signal() * norm.sqr() * 6.0) };
    Ok((norm, x))
}

const NORM: Hypothesis = Hypothesis {
    says: "E exp(|X|^2/K^2) <= 2, K < inf",
    holds: |at| match data(at).map(|data| data.sub_gaussian_norm()) {
        Ok(norm) if norm.is_finite() => Holds::Yes,
        Ok(norm) => Holds::unknown(format!("K >= {:.4e}", norm.lo()), "an upper bound of K"),
        Err(why) => Holds::unknown(why, "the law before noise in closed form"),
    },
};

const LATE: Hypothesis = Hypothesis {
    says: "T1 >= (1/2) ln(1 + 6 K^2)",
    holds: |at| match excess(at) {
        Err(why) => Holds::No(why),
        Ok((_, x)) if x.lo() >= 1.0 => Holds::Yes,
        Ok((k, x)) if x.hi() < 1.0 => Holds::No(format!("K = {:.6}, (e^2T - 1)/(6 K^2) = {:.6}", k.mid(), x.hi())),
        Ok((k, _)) => Holds::unknown(format!("K = {:.6}: T1 is what is needed", k.mid()), "a little more time"),
    },
};

/// ```text
/// q [2 + (1 + ln 4/(2 x))/(2 - 4^{1/(3 x)})]
/// ```
#[must_use]
pub fn sub_gaussian_bound(q: Interval, x: Interval) -> Interval {
    let ln_four = Interval::point(4.0).ln() / x;
    q * ((1.0 + ln_four * 0.5) / (2.0 - (ln_four / 3.0).exp()) + 2.0)
}

fn bound(at: &Instance) -> Result<Bound, String> {
    let (norm, x) = excess(at)?;
    let OuLevel { time, q, .. } = start_level(at)?;
    // The bound falls in x.
    let value = sub_gaussian_bound(q, Interval::point(x.lo())).hi();
    let needed = (norm.sqr() * 6.0).ln_1p() * 0.5;
    Ok(at_most(value, vec![("K", norm), ("x", x), ("T1", time), ("T1 needed", needed)]))
}
