//! PMM-8b: the same for laws with tails.

use super::REFERENCE;
use super::truncated::{Part, SEPARATE, TRUNCATED, gaussian_lsi, ln_growth, measured, parts, truncation};
use crate::bounds::general::{between, minimise};
use crate::bounds::hypotheses::SQUARE_INTEGRABLE;
use crate::bounds::{Bound, Holds, Hypothesis, Instance, Quantity, Relation, Theorem, draws};
use crate::numerics::Interval;
use crate::scores::Truncation;

#[doc = include_str!("../../../paper_checks/pedrotti_maas_mondelli_2024/truncated_tails.md")]
pub static TRUNCATED_TAILS: Theorem = Theorem {
    id: "pedrotti-maas-mondelli-2024/truncated-tails",
    labels: &["PMM-8b"],
    title: "truncation makes an L2 error exponentially integrable (light tails)",
    statement: include_str!("../../../paper_checks/pedrotti_maas_mondelli_2024/truncated_tails.md"),
    reference: REFERENCE,
    about: Quantity::Other {
        name: "exponential-error",
        measured: |at| measured(at, gaussian_lsi(truncation(at)?).mid()),
    },
    ceiling: f64::INFINITY,
    relation: Relation::AtMost,
    hypotheses: &[TRUNCATED, LIGHT_TAILS, SEPARATE, SQUARE_INTEGRABLE],
    bound,
    profile: None,
    exponents: &[],
    draw: draws::truncated_tails,
};

/// The largest beta that is tried.
const LARGEST: f64 = 1e6;

/// H is finite.
const LIGHT_TAILS: Hypothesis = Hypothesis {
    says: "H = E exp(4 r beta (u/q^2) |X - c|^2) < inf for some beta > 1",
    holds: |at| match truncation(at) {
        Err(why) => Holds::No(why),
        Ok(t) => {
            let whole = (0, t.centre().len());
            let ln_h = |beta: f64| ln_moment(t, gaussian_lsi(t).mid(), beta, whole);
            match (ln_h(1.0), ln_h(1.0 + 1e-6)) {
                (_, h) if h.hi().is_finite() => Holds::Yes,
                (h, _) if h.lo() == f64::INFINITY => Holds::No("H = inf at beta = 1 already".into()),
                _ => Holds::unknown("H is finite at most for beta near 1", "a finer search of beta"),
            }
        }
    },
};

/// `ln H` of a block of coordinates.
fn ln_moment(t: &Truncation, r: f64, beta: f64, (first, dim): (usize, usize)) -> Interval {
    let (a, q) = (Interval::point(t.level().alpha), Interval::point(t.level().sigma).sqr());
    let rate = a.sqr() / q.sqr() * 4.0 * r * beta;
    let centre = &t.centre().as_slice()[first..first + dim];
    match dim == t.centre().len() {
        true => t.data().ln_exponential_moment_about(centre, rate),
        false => t.data().block(first, dim).ln_exponential_moment_about(centre, rate),
    }
}

/// `eps_r(e~)^2 <= (1/r) ln(1 + eps^2 (e^{4 r B^2} - 1)/(4 B^2) + H e^{-4 r (beta - 1) B^2})`.
#[must_use]
pub fn truncated_error_tails(square: Interval, bound: f64, r: f64, beta: f64, ln_h: Interval) -> Interval {
    let tail = ln_h - Interval::point(bound).sqr() * 4.0 * r * (Interval::point(beta) - 1.0);
    ln_growth(square, bound, r.into(), Some(tail)) / r
}

fn bound(at: &Instance) -> Result<Bound, String> {
    let t = truncation(at)?;
    let (r, parts) = (gaussian_lsi(t).mid(), parts(at)?);
    let value = |beta: f64| -> Interval {
        let one = |part: &Part| {
            let ln_h = ln_moment(t, r, beta, part.place);
            truncated_error_tails(part.square, t.bound(), r, beta, ln_h) * part.copies as f64
        };
        parts.iter().map(one).sum()
    };
    // beta in (1, LARGEST), dense near 1.
    let beta = minimise(&[(0.0, 1.0)], 24, |x| value(between(1.0, LARGEST, x[0])).hi());
    let beta = between(1.0, LARGEST, beta[0]);
    Ok(Bound {
        value: value(beta),
        terms: vec![
            ("epsilon", at.epsilon()),
            ("r", r.into()),
            ("bound", t.bound().into()),
            ("beta", beta.into()),
            ("ln-H", ln_moment(t, r, beta, (0, t.centre().len()))),
        ],
    })
}
