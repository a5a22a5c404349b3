//! Constants of mixtures on the line.

use super::panels::Panels;
use super::side::Side;
use super::{Constant, ball, decomposition, flow, mixing, muckenhoupt, smoothness, transport, trial};
use crate::numerics::Interval;
use crate::targets::Line;

/// Up to this many components the transport integrals of LLT-19 are computed.
const INTEGRALS: usize = 48;

/// Up to this many components the heat flow is followed.
const FOLLOWED: usize = 6;

/// Steps of the heat flow, first the coarse ones, and the factor by which an upper end must be improvable.
const FINENESS: [f64; 2] = [0.2, 0.05];
const WORTHWHILE: f64 = 1.02;

/// L, C_LS and C_P of one law on the line.
pub(super) struct OfLine {
    pub lipschitz: Constant,
    pub lsi: Constant,
    pub poincare: Constant,
}

/// The constants of a mixture of at least two different components.
pub(super) fn constants(line: &Line) -> OfLine {
    let mut lipschitz = Constant::unknown("not bounded: the tails could not be resolved");
    let (mut lsi, mut poincare) = (Constant::unknown("not bounded"), Constant::unknown("not bounded"));
    let variance = line.variances[0];
    let common = line.variances.iter().all(|&v| v == variance);
    let lowest = line.means.iter().copied().reduce(Interval::min).unwrap_or(Interval::ZERO);
    let highest = line.means.iter().copied().reduce(Interval::max).unwrap_or(Interval::ZERO);
    if let Some(curvature) = smoothness::curvature(line) {
        let statement = "LLT-20: sup |(ln p)''| on the line by branch and bound";
        lipschitz.value = curvature.magnitude;
        for end in [&mut lipschitz.lower, &mut lipschitz.upper] {
            *end = super::Certificate { statement: statement.into(), evidence: crate::numerics::Evidence::Certified };
        }
        log_concave(&mut lsi, curvature.least);
    }
    if common {
        // LLT-20a: the variance of the slopes is at most a quarter of their squared range.
        let convexity = 1.0 / variance - ((highest - lowest) / variance).sqr() * 0.25;
        lipschitz.improve_upper(Side::exact((1.0 / variance).max(-convexity).hi(), "LLT-20a: one common variance"));
        lipschitz.improve_lower(Side::exact((1.0 / variance).lo(), "LLT-20: one component rules far away"));
        log_concave(&mut lsi, convexity.lo());
        let (for_lsi, for_poincare) = ball::sides(((highest - lowest) * 0.5).sqr() / variance, variance);
        lsi.improve_upper(for_lsi);
        poincare.improve_upper(for_poincare);
    }
    let widest: Vec<f64> = line.variances.iter().map(|v| v.hi()).collect();
    if line.components() > INTEGRALS {
        let (for_lsi, for_poincare) = decomposition::along(&line.weights, &widest, &transport::positions(line));
        lsi.improve_upper(for_lsi);
        poincare.improve_upper(for_poincare);
    }
    let panels = Panels::of(line);
    if let Some(panels) = &panels {
        if line.components() <= INTEGRALS {
            let transport = transport::on_the_line(line, panels);
            let (for_lsi, for_poincare) = decomposition::sides(&line.weights, &widest, transport);
            lsi.improve_upper(for_lsi);
            poincare.improve_upper(for_poincare);
        }
        if let Some(side) = muckenhoupt::upper(line, &panels.nodes) {
            poincare.improve_upper(side);
        }
    }
    if let Some(found) = mixing::on_the_line(line) {
        lsi.improve_upper(Side::proved(found.lsi, mixing::OVERLAP));
        poincare.improve_upper(Side::proved(found.poincare, mixing::OVERLAP));
    }
    for side in lower(line, panels.as_ref()) {
        poincare.improve_lower(side);
    }
    follow_the_flow(line, &mut lsi, poincare.value.lo());
    poincare.improve_upper(Side::upper_of(&lsi));
    lsi.improve_lower(Side::lower_of(&poincare));
    OfLine { lipschitz, lsi, poincare }
}

/// The upper end of C_LS along the heat flow (PMM-4f): in coarse steps where there is something to gain, in fine ones where these
/// can still be better by a few percent.
fn follow_the_flow(line: &Line, lsi: &mut Constant, least: f64) {
    let mut gain = line.components() <= FOLLOWED && lsi.value.hi() > WORTHWHILE * least;
    for fineness in FINENESS {
        if !gain {
            return;
        }
        let Some(flow) = flow::upper(line, fineness) else { return };
        // What finer steps may reach, roughly, against what is known by then.
        gain = flow.lsi * (-flow.lost).exp() * WORTHWHILE < lsi.value.hi().min(flow.lsi);
        lsi.improve_upper(Side::proved(flow.lsi, "PMM-4f: curvature along the heat flow"));
    }
}

/// The log-Sobolev constant of a law with `-(ln p)'' >= least`.
fn log_concave(lsi: &mut Constant, least: f64) {
    if least > 0.0 {
        lsi.improve_upper(Side::proved((1.0 / Interval::point(least)).hi(), "LLT-18b: strongly log-concave"));
    }
}

/// Proved lower bounds of the Poincare constant of a law on the line.
pub(super) fn lower(line: &Line, panels: Option<&Panels>) -> Vec<Side> {
    let mut sides = vec![Side::exact(variance(line).lo(), "LLT-18f: the variance")];
    sides.extend(panels.and_then(|panels| trial::lower(line, panels)));
    sides
}

/// Proved lower bounds of the log-Sobolev constant of a law on the line: those of C_P, and entropies.
pub(super) fn lower_lsi(line: &Line, panels: Option<&Panels>) -> Vec<Side> {
    let mut sides = lower(line, panels);
    sides.extend(panels.and_then(|panels| trial::lower_lsi(line, panels)));
    sides
}

/// The variance of the law.
fn variance(line: &Line) -> Interval {
    let mut sum: Interval = line.weights.iter().zip(&line.variances).map(|(&w, &v)| w * v).sum();
    for i in 0..line.components() {
        for j in 0..i {
            sum += line.weights[i] * line.weights[j] * (line.means[i] - line.means[j]).sqr();
        }
    }
    sum
}
