//! Constants of mixtures on the line.

use super::panels::Panels;
use super::side::Side;
use super::{Constant, ball, decomposition, flow, mixing, muckenhoupt, smoothness, tilt, transport, trial};
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
    let Lower { poincare: for_poincare, lsi: for_lsi } = lower(line, panels.as_ref());
    for_poincare.into_iter().for_each(|side| poincare.improve_lower(side));
    lsi.improve_lower(Side::lower_of(&poincare));
    for_lsi.into_iter().for_each(|side| lsi.improve_lower(side));
    follow_the_flow(line, &mut lsi, poincare.value.lo());
    poincare.improve_upper(Side::upper_of(&lsi));
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

/// Proved lower bounds of the constants of a law on the line.
#[derive(Default)]
pub(super) struct Lower {
    /// Of C_P, and hence of C_LS.
    pub poincare: Vec<Side>,
    /// Of C_LS alone: entropies and tilts.
    pub lsi: Vec<Side>,
}

impl Lower {
    /// Both for C_LS.
    pub fn all(self) -> Vec<Side> {
        self.poincare.into_iter().chain(self.lsi).collect()
    }
}

/// What variances, functions near the ground state and tilts prove. Of those with integrals of their own one is enclosed, the one that is
/// seen to be the best, if it is better than what is known already.
pub(super) fn lower(line: &Line, panels: Option<&Panels>) -> Lower {
    let mut found =
        Lower { poincare: vec![Side::exact(variance(line).lo(), "LLT-18f: the variance")], lsi: Vec::new() };
    found.lsi.extend(tilt::linear(line));
    let Some(panels) = panels else { return found };
    let ground = trial::near_ground_state(line, panels);
    found.poincare.extend(ground.as_ref().and_then(|ground| trial::lower(line, panels, ground)));
    let known = found.poincare.iter().chain(&found.lsi).map(|side| side.value).fold(0.0, f64::max);
    let tilt = tilt::tanh(line, panels).filter(|tilt| tilt.quotient > known);
    let on = ground.as_ref().and_then(|ground| Some((ground, trial::best_foot(line, panels, ground)?)));
    let on = on.filter(|(_, foot)| foot.quotient > known);
    found.lsi.extend(match (tilt, on) {
        (Some(tilt), on) if on.is_none_or(|(_, foot)| foot.quotient <= tilt.quotient) => {
            tilt::by_tanh(line, panels, &tilt)
        }
        (_, Some((ground, foot))) => trial::lower_lsi(line, panels, ground, &foot),
        (_, None) => None,
    });
    found
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
