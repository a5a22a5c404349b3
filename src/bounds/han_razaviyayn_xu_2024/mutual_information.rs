//! HRX-6b: the irreducible noise integrated over the signal-to-noise ratio is information.

use super::REFERENCE;
use super::atoms::{COORDINATES, LEVEL, coordinates, level_of};
use super::joint::squared_distance;
use super::noise_information::noised;
use crate::bounds::lee_lu_tan_2022::enclosed_level;
use crate::bounds::pedrotti_maas_mondelli_2024::data_before_noise;
use crate::bounds::{Bound, Holds, Hypothesis, Instance, Quantity, Relation, Theorem, draws};
use crate::divergences::entropy;
use crate::numerics::{Interval, Ledger, Measured, Source, integrate_plain};
use crate::processes::NoiseLevel;
use crate::targets::Density;

#[doc = include_str!("../../../paper_checks/han_razaviyayn_xu_2024/mutual_information.md")]
pub static MUTUAL_INFORMATION: Theorem = Theorem {
    id: "han-razaviyayn-xu-2024/mutual-information",
    labels: &["HRX-6b"],
    title: "half the irreducible noise, integrated over the signal-to-noise ratio, is the information gained",
    statement: include_str!("../../../paper_checks/han_razaviyayn_xu_2024/mutual_information.md"),
    reference: REFERENCE,
    about: Quantity::Other { name: "integrated-noise", measured: integrated },
    ceiling: f64::INFINITY,
    relation: Relation::Equal,
    hypotheses: &[LEVEL, COORDINATES, NOISIER],
    bound,
    profile: None,
    exponents: &[],
    draw: draws::regression::atoms_under_noise,
};

/// Panels are halved until that changes less than this part of the integral.
const RELATIVE: f64 = 1e-13;
/// The width of a panel before it is halved, in natural logarithms of the ratio.
const PANEL: f64 = 2.0;

/// A sampler starts at more noise.
const NOISIER: Hypothesis = Hypothesis {
    says: "the sampler's first level, if there is one, is noisier than the level of the instance",
    holds: |at| match (start_of(at), level_of(at)) {
        (Some(first), Ok(last)) if first.snr() >= last.snr() => {
            Holds::No(format!("its signal-to-noise ratio is {:.4e}, here {:.4e}", first.snr(), last.snr()))
        }
        (_, Err(why)) => Holds::No(why),
        _ => Holds::Yes,
    },
};

/// The level at which a sampler starts; `None` for pure noise.
fn start_of(at: &Instance) -> Option<NoiseLevel> {
    at.program.levels().first().copied().filter(|_| !at.level.is_data())
}

/// `(1/2) int sigma^2 d gamma` over `v = ln(1 + D^2 gamma)`, whatever the length D; it is that of the atoms.
fn integrated(at: &Instance) -> Result<Measured, String> {
    let coordinates = coordinates(at, None)?;
    let (from, to) = (start_of(at).map_or(0.0, NoiseLevel::snr), level_of(at)?.snr());
    let length = data_before_noise(at)?.reach();
    let unit = if length > 0.0 { 1.0 / (length * length) } else { 1.0 };
    let [first, last] = [from, to].map(|snr| libm::log1p(snr / unit));
    let panels = ((last - first) / PANEL).ceil().max(1.0) as usize;
    let step = (last - first) / panels as f64;
    let knots: Vec<f64> = (0..=panels).map(|k| first + step * k as f64).collect();
    let mut doubt: f64 = 0.0;
    let mut integrand = |vs: &[f64], out: &mut [f64]| {
        for (out, &v) in out.iter_mut().zip(vs) {
            let level = NoiseLevel { alpha: (unit * libm::expm1(v)).sqrt(), sigma: 1.0 };
            let factor = 0.5 * unit * libm::exp(v);
            let (mut value, mut error) = (0.0, 0.0);
            for coordinate in &coordinates {
                let noise = squared_distance(&coordinate.law, level, None);
                value += coordinate.copies * noise.value.mid();
                error += coordinate.copies * noise.ledger.total();
            }
            *out = value * factor;
            doubt = doubt.max(error * factor);
        }
    };
    let found = integrate_plain(&mut integrand, &knots, RELATIVE);
    let inner = doubt * (last - first) + 64.0 * f64::EPSILON * found.value;
    let ledger = Ledger::new().open(Source::Discretisation, found.change, "what halving the panels changed").open(
        Source::Rounding,
        inner,
        "the noise at each ratio",
    );
    Ok(Measured::with_ledger(Interval::point(found.value), ledger))
}

/// `I(X_0; X_t) = H(p_t) - (d/2) ln(2 pi e h)`.
fn information(p: &Density, level: NoiseLevel) -> Result<Interval, String> {
    let [_, h] = enclosed_level(level)?;
    let alone = (Interval::LN_SQRT_TAU + 0.5 + h.ln() * 0.5) * p.dim() as f64;
    Ok(entropy(p).map_err(|why| why.to_string())?.value - alone)
}

fn bound(at: &Instance) -> Result<Bound, String> {
    let after = information(&noised(at)?, level_of(at)?)?;
    let before = match start_of(at) {
        Some(level) => information(&at.density_at(level)?, level)?,
        None => Interval::ZERO,
    };
    Ok(Bound { value: after - before, terms: vec![("I after", after), ("I before", before)] })
}
