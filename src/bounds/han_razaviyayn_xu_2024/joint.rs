//! Integrals over the joint law of a datum and its noised value, on the line.

use crate::numerics::{Interval, Ledger, Measured, Source, integrate_plain};
use crate::processes::NoiseLevel;
use crate::scores::ErrorShape;
use crate::targets::Points;

/// How many standard deviations of the noise are integrated over; the mass outside is below 4e-33.
const REACH: f64 = 12.0;
const OUTSIDE: f64 = 4e-33;
/// The width of a panel before it is halved, in standard deviations.
const PANEL: f64 = 2.0;
/// Panels are halved until that changes less than this part of the integral.
const RELATIVE: f64 = 1e-14;

/// What is added to the exact regression: `scale u(x)`.
pub(super) struct Added<'a> {
    /// u.
    pub shape: &'a dyn ErrorShape,
    /// Its factor.
    pub scale: f64,
}

/// `E |f(X_t) - X_0|^2` for `f = f_* + scale u`, `f_*(x) = E[X_0 | X_t = x]`:
///
/// ```text
/// sum_j w_j int phi(z) |sum_i pi_i(x) (a_i - a_j) + scale u(x)|^2 dz,    x = alpha a_j + sigma z
/// ```
///
/// with `pi_i(x) ~ w_i exp(-(z + (alpha/sigma) (a_j - a_i))^2/2)`. Differences of atoms only: nothing cancels.
pub(super) fn squared_distance(law: &Points, level: NoiseLevel, added: Option<&Added>) -> Measured {
    let weights: Vec<f64> = law.shares().iter().map(|w| w.mid()).collect();
    let places: Vec<f64> = law.points.iter().map(|x| x[0]).collect();
    let signal = level.alpha / level.sigma;
    let (mut value, mut change, mut edges) = (0.0, 0.0, 0.0);
    // A bounded error may be all out there: then the square is at most that of its bound and the farthest atom.
    let spread =
        places.iter().copied().fold(f64::NEG_INFINITY, f64::max) - places.iter().copied().fold(f64::INFINITY, f64::min);
    let most = added.map_or(0.0, |added| added.scale.abs() * added.shape.sup());
    if most.is_finite() {
        edges += OUTSIDE * (most + spread).powi(2);
    }
    for (&weight, &own) in weights.iter().zip(&places) {
        let mut integrand = |zs: &[f64], out: &mut [f64]| {
            match added {
                None => out.fill(0.0),
                Some(added) => {
                    let xs: Vec<f64> = zs.iter().map(|z| level.alpha * own + level.sigma * z).collect();
                    added.shape.eval(&xs, out);
                    out.iter_mut().for_each(|u| *u *= added.scale);
                }
            }
            for (out, &z) in out.iter_mut().zip(zs) {
                let distance = *out + towards(&weights, &places, signal, own, z);
                *out = weight * libm::exp(-0.5 * z * z) / std::f64::consts::TAU.sqrt() * distance * distance;
            }
        };
        let jumps = added.map(|added| added.shape.jumps()).unwrap_or_default();
        let knots = knots(jumps.iter().map(|x| (x - level.alpha * own) / level.sigma));
        let found = integrate_plain(&mut integrand, &knots, RELATIVE);
        value += found.value;
        change += found.change;
        let mut ends = [0.0; 2];
        integrand(&[-REACH, REACH], &mut ends);
        edges += ends[0] + ends[1];
    }
    let ledger = Ledger::new()
        .open(Source::Discretisation, change, "what halving the panels changed")
        .open(Source::Truncation, edges, "beyond 12 standard deviations of the noise")
        .open(Source::Rounding, 64.0 * f64::EPSILON * value, "in double precision");
    Measured::with_ledger(Interval::point(value), ledger).clamped(0.0, f64::INFINITY)
}

/// `E[X_0 | x] - a_j` at the z of `x = alpha a_j + sigma z`.
fn towards(weights: &[f64], places: &[f64], signal: f64, own: f64, z: f64) -> f64 {
    let exponent = |place: f64| -0.5 * (z + signal * (own - place)).powi(2);
    let top = places.iter().map(|&a| exponent(a)).fold(f64::NEG_INFINITY, f64::max);
    let (mut mass, mut moment) = (0.0, 0.0);
    for (w, &a) in weights.iter().zip(places) {
        let share = w * libm::exp(exponent(a) - top);
        mass += share;
        moment += share * (a - own);
    }
    moment / mass
}

/// The ends of the panels: equal ones, and where the integrand jumps.
fn knots(jumps: impl Iterator<Item = f64>) -> Vec<f64> {
    let panels = (2.0 * REACH / PANEL) as usize;
    let mut knots: Vec<f64> = (0..=panels).map(|k| PANEL * k as f64 - REACH).collect();
    knots.extend(jumps.filter(|z| z.abs() < REACH));
    knots.sort_by(f64::total_cmp);
    knots.dedup();
    knots
}
