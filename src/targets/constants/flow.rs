//! The log-Sobolev constant of a law on the line along the heat flow (PMM-4f).
//!
//! With `p_r = p * N(0, r)` and `-(ln p_r)'' >= -lambda_r`, the flow `dx/dr = -(1/2) (ln p_r)'` carries p to p_tau, and its inverse
//! stretches by at most `exp((1/2) int lambda)`:
//!
//! ```text
//! C(p) <= exp(int_0^tau lambda_r dr) C(p_tau),     C(p_tau) <= -1/lambda_tau  where lambda_tau < 0
//! ```
//! If `-(ln p_r)'' >= k` at one r, then `>= k/(1 + k h)` at r + h for all h with `1 + k h > 0`: given p_{r+h} the variable before the
//! noise has a potential of curvature at least `k + 1/h`. So over a step `exp(int lambda) <= 1/(1 + k h)`, and only suprema at
//! single times are needed.

use super::smoothness;
use crate::numerics::Interval;
use crate::targets::Line;

/// Steps after which the law is left as it is.
const MOST: usize = 600;

/// A law is nearly Gaussian where its curvature is above this part of that of its widest component.
const NEARLY: f64 = 0.999;

/// What the flow gives.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Flow {
    /// An upper bound of C_LS.
    pub lsi: f64,
    /// How much noise was added until the rest is `-1/lambda`.
    pub noise: f64,
    /// An estimate of what finer steps can still change in `ln C`.
    pub lost: f64,
}

/// The bound with steps of `fineness` over the distance of the least curvature from that of the widest component; `None` where
/// the tails cannot be bounded, or the law does not become log-concave in time.
pub(super) fn upper(line: &Line, fineness: f64) -> Option<Flow> {
    let (mut noise, mut stretch, mut lost) = (0.0_f64, Interval::ONE, 0.0);
    let mut best: Option<Flow> = None;
    for _ in 0..MOST {
        let here = heated(line, noise);
        let least = smoothness::least_curvature(&here)?;
        let limit = here.precisions.iter().map(|a| a.lo()).fold(f64::INFINITY, f64::min);
        let gap = limit - least;
        if least > 0.0 {
            let lsi = (stretch / least).hi();
            let before = best.map_or(f64::INFINITY, |flow| flow.lsi);
            if lsi < before {
                best = Some(Flow { lsi, noise, lost });
            }
            if least >= NEARLY * limit || lsi > before * (1.0 - 1e-4) {
                break;
            }
        }
        let step = fineness / gap;
        let next = noise + step;
        let exact = Interval::point(next) - noise;
        stretch = stretch / (1.0 + exact * least);
        lost += 0.5 * (step * gap).powi(2);
        noise = next;
    }
    best.filter(|flow| flow.lsi.is_finite())
}

/// `p * N(0, noise)`.
fn heated(line: &Line, noise: f64) -> Line {
    if noise == 0.0 {
        return line.clone();
    }
    let wider = line.variances.iter().map(|&v| v + noise).collect();
    Line::new(line.weights.clone(), line.means.clone(), wider)
}
