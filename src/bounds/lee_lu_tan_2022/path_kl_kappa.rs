//! LLT-15: steps that shrink with the time: the discretisation costs about kappa d.

use super::path_hypotheses::{EXPONENTIAL_MINUS, KNOWN};
use super::{REFERENCE, guarantee};
use crate::bounds::{Bound, Family, Holds, Hypothesis, Instance, Quantity, Relation, Theorem, draws};
use crate::divergences::Divergence;
use crate::laws::Law;
use crate::numerics::{Interval, Ledger, Measured, Source};
use crate::processes::Process;
use crate::targets::{Density, Gaussian};
use nalgebra::DVector;

#[doc = include_str!("../../../paper_checks/lee_lu_tan_2022/path_kl_kappa.md")]
pub static PATH_KL_KAPPA: Theorem = Theorem {
    id: "lee-lu-tan-2022/path-kl-kappa",
    labels: &["LLT-15"],
    title: "steps that shrink with the time: the discretisation costs about kappa d",
    statement: include_str!("../../../paper_checks/lee_lu_tan_2022/path_kl_kappa.md"),
    reference: REFERENCE,
    about: Quantity::Other { name: "path-kl-discretisation", measured: discretisation },
    ceiling: f64::INFINITY,
    relation: Relation::AtMost,
    hypotheses: &[EXPONENTIAL_MINUS, TIMES, KNOWN],
    bound,
    profile: None,
    exponents: &[guarantee("kappa", "accuracy", (1, 1)), guarantee("kappa", "dim", (-1, 1))],
    draw: draws::reverse_kappa,
};

/// The times reach beyond 1 on one side and not down to 0 on the other.
const TIMES: Hypothesis = Hypothesis {
    says: "T >= 1 > delta > 0",
    holds: |at| match ends(at) {
        Err(why) => Holds::No(why),
        // T is known up to its rounding; it enters the intermediate form only.
        Ok((first, last)) if first.hi() >= 1.0 && last.hi() < 1.0 && last.lo() > 0.0 => Holds::Yes,
        Ok((first, last)) => Holds::No(format!("T = {:e}, delta = {:e}", first.mid(), last.mid())),
    },
};

/// T and delta.
fn ends(at: &Instance) -> Result<(Interval, Interval), String> {
    let route = at.route()?;
    let time = |level| Family::Ou.time(level).ok_or("a level is not one of OU or VP");
    Ok((time(route.first)?, time(route.last)?))
}

/// The discretisation term of LLT-12b.
fn discretisation(at: &Instance) -> Result<Measured, String> {
    let path = at.reverse_path()?;
    let value = path.terms(at.route()?.scheme()?).discretisation;
    let ledger = match &path.doubt {
        None => Ledger::new().bounded(Source::Rounding, value.width(), "entropy and Fisher information at the levels"),
        Some(what) => Ledger::new().open(Source::Rounding, value.width(), what.clone()),
    };
    Ok(Measured::enclosed(value, ledger))
}

/// `max_k h_k/min(1, tau_{k+1})`.
fn kappa(at: &Instance) -> Result<Interval, String> {
    let mut largest = Interval::ZERO;
    for p in at.route()?.predictors() {
        let time = Family::Ou.time(p.to).ok_or("a level is not one of OU or VP")?;
        largest = largest.max(p.h / time.min(Interval::ONE));
    }
    Ok(largest)
}

fn bound(at: &Instance) -> Result<Bound, String> {
    let (path, (_, delta), kappa) = (at.reverse_path()?, ends(at)?, kappa(at)?);
    let dim = path.dim;
    let level = at.level;
    let rounded = |x: f64| Interval::around(x, LEVEL_ROUNDING * x);
    let (scale, noise) = (rounded(level.alpha).sqr(), rounded(level.sigma).sqr());
    // M(delta) = alpha^2 M_2 + sigma^2 d.
    let second = ((path.end.second_moment - noise * dim) / scale).max(Interval::ZERO);
    let closed = kappa * (Interval::point(1.157) * dim - noise.ln() * (0.5 * dim) + second * 1.5);
    let to_gamma = |law: &Density| -> Result<Interval, String> {
        let gamma = Gaussian::isotropic(DVector::zeros(at.dim()), 1.0).map_err(|e| e.to_string())?;
        let laws = [law.clone(), Density::Gaussian(gamma)].map(Law::Closed);
        Ok(Divergence::Kl.between(&laws[0], &laws[1]).map_err(|e| e.to_string())?.value)
    };
    let at_one = at.density_at(Process::Ou.level(1.0))?;
    let intermediate = kappa * (delta * path.end.relative + to_gamma(&at.density()?)? - to_gamma(&at_one)?);
    Ok(Bound { value: closed, terms: vec![("kappa", kappa), ("intermediate", intermediate)] })
}

/// The relative rounding of the numbers of a level.
const LEVEL_ROUNDING: f64 = 128.0 * f64::EPSILON;
