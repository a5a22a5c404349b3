//! HRX-8: noised data of bounded support stay in a ball.

use super::atoms::{LEVEL, level_of};
use super::{REFERENCE, guarantee};
use crate::bounds::pedrotti_maas_mondelli_2024::data_before_noise;
use crate::bounds::{Bound, Holds, Hypothesis, Instance, Quantity, Relation, Theorem, draws};
use crate::numerics::{Interval, Measured, noncentral_tail};
use crate::processes::NoiseLevel;
use crate::targets::{Data, tail_of_bounded};
use nalgebra::DVector;

#[doc = include_str!("../../../paper_checks/han_razaviyayn_xu_2024/projection_tail.md")]
pub static PROJECTION_TAIL: Theorem = Theorem {
    id: "han-razaviyayn-xu-2024/projection-tail",
    labels: &["HRX-8"],
    title: "noised data of bounded support rarely leave a ball",
    statement: include_str!("../../../paper_checks/han_razaviyayn_xu_2024/projection_tail.md"),
    reference: REFERENCE,
    about: Quantity::Other {
        name: "probability",
        measured: |at| mass_beyond(&data_before_noise(at)?, level_of(at)?, radius(at)?).map(Measured::exact),
    },
    ceiling: 1.0,
    relation: Relation::AtMost,
    hypotheses: &[LEVEL, ATOMS],
    bound,
    profile: None,
    exponents: &[guarantee("radius", "dim", (1, 2))],
    draw: draws::regression::atoms_in_space,
};

/// The right-hand side at the radius at which the statement is judged.
const SHARE: f64 = 0.1;
/// The most norms that independent blocks may combine to.
const MOST: usize = 4096;

/// The data are atoms.
const ATOMS: Hypothesis = Hypothesis {
    says: "the data are finitely many atoms, or independent blocks of such",
    holds: |at| match data_before_noise(at).and_then(|data| squares(&data)) {
        Ok(_) => Holds::Yes,
        Err(why) => Holds::No(why),
    },
};

/// `|X_0|^2` as (weight, value) pairs.
fn squares(data: &Data) -> Result<Vec<(Interval, Interval)>, String> {
    match data {
        Data::Density(_) => Err("they have a density, so no bounded support".into()),
        Data::Box(_) => Err("they have a density".into()),
        Data::Points(p) => {
            let square = |x: &DVector<f64>| x.iter().map(|&x| Interval::point(x).sqr()).sum::<Interval>();
            Ok(p.shares().into_iter().zip(p.points.iter().map(square)).collect())
        }
        Data::Product(factors) => {
            let mut all = vec![(Interval::ONE, Interval::ZERO)];
            for (factor, copies) in factors {
                let own = squares(factor)?;
                for _ in 0..*copies {
                    if all.len() * own.len() > MOST {
                        return Err(format!("the blocks combine to more than {MOST} atoms"));
                    }
                    all = all.iter().flat_map(|a| own.iter().map(move |b| (a.0 * b.0, a.1 + b.1))).collect();
                }
            }
            Ok(all)
        }
    }
}

/// `P(|X_t| > R)`, enclosed.
///
/// # Errors
/// When the data are no atoms, or far too many standard deviations of the noise away from the origin.
pub fn mass_beyond(data: &Data, level: NoiseLevel, reach: f64) -> Result<Interval, String> {
    let signal = Interval::point(level.alpha) / level.sigma;
    let radius = Interval::point(reach) / level.sigma;
    let tail = |(weight, square): (Interval, Interval)| {
        let shift = signal * square.sqrt();
        noncentral_tail(data.dim(), shift, radius).map(|tail| weight * tail)
    };
    let parts: Option<Interval> = squares(data)?.into_iter().map(tail).sum();
    parts.map(|mass| mass.clamp(0.0, 1.0)).ok_or_else(|| "atoms too far out beside the noise for the series".into())
}

/// `R = alpha D + sqrt(h d) + sqrt(2 h ln 10)`, at which the right-hand side is 1/10.
fn radius(at: &Instance) -> Result<f64, String> {
    let level = level_of(at)?;
    let inside = level.alpha * data_before_noise(at)?.reach();
    Ok(inside + level.sigma * ((at.dim() as f64).sqrt() + (-2.0 * SHARE.ln()).sqrt()))
}

fn bound(at: &Instance) -> Result<Bound, String> {
    let (level, reach, radius) = (level_of(at)?, data_before_noise(at)?.reach(), radius(at)?);
    let value = tail_of_bounded(at.dim(), reach, level, radius);
    Ok(Bound { value, terms: vec![("R", radius.into()), ("D", reach.into())] })
}
