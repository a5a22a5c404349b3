//! What LLT-12 asks about the levels a reverse SDE runs through: entropy, Fisher information, moments, errors.

use super::lee_lu_tan_2022::{ChainTerms, PathStep, StepTerms, gaussian_excess};
use super::{Family, Instance, Predict, Route, Share};
use crate::divergences::{entropy, fisher_information};
use crate::numerics::{Interval, IntervalSum, Measured};
use crate::processes::NoiseLevel;
use crate::samplers::{Drift, Scheme};
use crate::targets::{Covariance, Density, Run};

/// The most steps of a path that is looked at level by level.
const MOST: usize = 100_000;

/// The predictor steps of a program with all that LLT-12 needs.
#[derive(Clone, Debug, PartialEq)]
pub struct ReversePath {
    /// The forward process.
    pub family: Family,
    /// d.
    pub dim: f64,
    /// First step first.
    pub steps: Vec<PathStep>,
    /// The levels they lead through, one more than there are steps.
    pub levels: Vec<NoiseLevel>,
    /// The sum of the steps' excesses, from the entropies at both ends.
    pub excess: Interval,
    /// At the last level.
    pub end: LevelInformation,
    /// What the numbers rest on that is not proved, if anything.
    pub doubt: Option<String>,
}

/// A law at one level.
#[derive(Clone, Debug, PartialEq)]
pub struct LevelInformation {
    /// `E|x|^2`.
    pub second_moment: Interval,
    /// J.
    pub fisher: Interval,
    /// `I = E|S + x|^2`.
    pub relative: Interval,
    /// 1/variance of the independent Gaussian coordinates, with copies.
    gaussian: Vec<(Interval, f64)>,
    /// Everything else.
    rest: Rest,
}

/// The coordinates that are not independent Gaussians.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Rest {
    /// How many.
    dim: f64,
    /// Their entropy.
    entropy: Interval,
    /// Their Fisher information.
    fisher: Interval,
}

/// Sums over a path: the terms of LLT-12a to c, or of 12d.
#[derive(Clone, Debug, PartialEq)]
pub struct PathTerms {
    /// What the error's size adds.
    pub error: Interval,
    /// What is there without an error; at least 0.
    pub discretisation: Interval,
    /// What is linear in the error.
    pub cross: Interval,
}

impl PathTerms {
    /// Their sum, at least 0.
    #[must_use]
    pub fn total(&self) -> Interval {
        (self.error + self.discretisation + self.cross).max(Interval::ZERO)
    }
}

impl ReversePath {
    /// The path of an instance.
    ///
    /// # Errors
    /// When the program takes other steps than predictor steps, or something is not known at a level.
    pub fn of(at: &Instance) -> Result<Self, String> {
        let route = at.route()?;
        route.only_predicts()?;
        Self::along(at, route)
    }

    /// The predictor steps of a way, whatever else it does before them.
    ///
    /// # Errors
    /// When something is not known at a level.
    pub fn along(at: &Instance, route: &Route) -> Result<Self, String> {
        let predicts: Vec<&Predict> = route.predictors().collect();
        if predicts.len() > MOST {
            return Err(format!("{} steps are too many to look at one by one", predicts.len()));
        }
        // Independent blocks at the least noisy level are independent at all others.
        let runs = at.density_at(route.last)?.runs();
        let mut doubts = Vec::new();
        let mut look = |level: NoiseLevel| LevelInformation::of(&at.density_at(level)?, &runs, &mut doubts);
        let levels = predicts.iter().map(|p| look(p.from)).collect::<Result<Vec<_>, String>>()?;
        let end = look(route.last)?;
        let after = levels[1..].iter().chain([&end]);
        let steps = predicts.iter().zip(&levels).zip(after);
        let steps = steps.map(|((p, from), to)| step(at, route.family, p, from, to)).collect::<Result<Vec<_>, _>>()?;
        let excess = total_excess(route.family, &predicts, &levels, &end);
        // The sum of the steps' own excesses is known as well.
        let by_step = steps.iter().map(|s| s.excess).collect::<IntervalSum>().value();
        let excess = excess.intersect(by_step).unwrap_or(excess);
        doubts.sort();
        doubts.dedup();
        let doubt = (!doubts.is_empty()).then(|| doubts.join(", "));
        let levels = predicts.iter().map(|p| p.from).chain([route.last]).collect();
        Ok(Self { family: route.family, dim: at.dim() as f64, steps, levels, excess, end, doubt })
    }

    /// `sum_k h_k`.
    #[must_use]
    pub fn length(&self) -> Interval {
        self.steps.iter().map(|s| s.h).collect::<IntervalSum>().value()
    }

    /// Each step's own terms, for a scheme.
    #[must_use]
    pub fn step_terms(&self, scheme: Scheme) -> Vec<StepTerms> {
        self.steps.iter().map(|s| s.terms(self.family, scheme, self.dim)).collect()
    }

    /// The terms of LLT-12a (EI), b (REL), c (EM), or VE.
    #[must_use]
    pub fn terms(&self, scheme: Scheme) -> PathTerms {
        let (family, dim) = (self.family, self.dim);
        let sum = |of: &dyn Fn(&PathStep) -> Interval| self.steps.iter().map(of).collect::<IntervalSum>().value();
        let together = self.excess + sum(&|s| s.beside_excess(family, scheme, dim));
        let one_by_one = sum(&|s| s.terms(family, scheme, dim).discretisation);
        PathTerms {
            error: sum(&|s| s.h * s.epsilon_squared),
            discretisation: together.intersect(one_by_one).unwrap_or(together).max(Interval::ZERO),
            cross: sum(&|s| s.cross(family, scheme)),
        }
    }

    /// What each step adds to the bound of LLT-12a to c, or VE.
    #[must_use]
    pub fn shares(&self, scheme: Scheme) -> Vec<Share> {
        let terms = |s: &PathStep| {
            let StepTerms { error, discretisation, cross } = s.terms(self.family, scheme, self.dim);
            [error, discretisation, cross]
        };
        self.shared(terms)
    }

    /// What each step adds to the bound of LLT-12d.
    #[must_use]
    pub fn chain_shares(&self) -> Vec<Share> {
        self.shared(|s| {
            let ChainTerms { error, discretisation, cross } = s.chain_rule_beside_excess(self.family, self.dim);
            [error, (s.excess + discretisation).max(Interval::ZERO), cross]
        })
    }

    fn shared(&self, terms: impl Fn(&PathStep) -> [Interval; 3]) -> Vec<Share> {
        let share = |(step, ends): (&PathStep, &[NoiseLevel])| Share {
            from: ends[0],
            to: ends[1],
            terms: ["score error", "discretisation", "cross"].into_iter().zip(terms(step)).collect(),
        };
        self.steps.iter().zip(self.levels.windows(2)).map(share).collect()
    }

    /// The terms of LLT-12d.
    #[must_use]
    pub fn chain_terms(&self) -> PathTerms {
        let all: Vec<ChainTerms> =
            self.steps.iter().map(|s| s.chain_rule_beside_excess(self.family, self.dim)).collect();
        let sum = |of: &dyn Fn(&ChainTerms) -> Interval| all.iter().map(of).collect::<IntervalSum>().value();
        PathTerms {
            error: sum(&|t| t.error),
            discretisation: (self.excess + sum(&|t| t.discretisation)).max(Interval::ZERO),
            cross: sum(&|t| t.cross),
        }
    }
}

impl LevelInformation {
    /// Of a law that comes apart into these runs; what is not proved is added to the doubts.
    pub(super) fn of(p: &Density, runs: &[Run], doubts: &mut Vec<String>) -> Result<Self, String> {
        let mut gaussian: Vec<(Interval, f64)> = Vec::new();
        let (mut relative, mut fisher) = (IntervalSum::new(), IntervalSum::new());
        let mut rest = Rest { dim: 0.0, entropy: Interval::ZERO, fisher: Interval::ZERO };
        for run in runs {
            let (block, copies) = (p.block(run.first, run.dim), run.copies as f64);
            match block.as_gaussian().filter(|g| !matches!(g.cov, Covariance::Dense(_))) {
                Some(g) => {
                    for i in 0..g.dim() {
                        let (mean, v) = (g.mean_enclosed(i), g.variance_enclosed(i));
                        gaussian.push((Interval::ONE / v, copies));
                        fisher.add(Interval::point(copies) / v);
                        relative.add((mean.sqr() + (v - 1.0).sqr() / v) * copies);
                    }
                }
                None => {
                    let mut proved = |m: Measured, what: &str| {
                        if !m.evidence.is_proved() {
                            doubts.push(format!("{what} ({})", m.evidence));
                        }
                        m.value * copies
                    };
                    let h = proved(entropy(&block).map_err(|e| e.to_string())?, "the entropy of p at a level");
                    let j = proved(
                        fisher_information(&block).map_err(|e| e.to_string())?,
                        "the Fisher information of p at a level",
                    );
                    fisher.add(j);
                    let own = j + block.second_moment() * copies - 2.0 * run.dim as f64 * copies;
                    relative.add(own.max(Interval::ZERO));
                    rest.dim += run.dim as f64 * copies;
                    rest.entropy += h;
                    rest.fisher += j;
                }
            }
        }
        Ok(Self {
            second_moment: p.second_moment(),
            fisher: fisher.value(),
            relative: relative.value(),
            gaussian,
            rest,
        })
    }

    /// `int J dtau - h J` of the independent Gaussian coordinates.
    fn gaussian_excess(&self, family: Family, h: Interval) -> Interval {
        self.gaussian.iter().map(|&(j, copies)| gaussian_excess(family, h, j) * copies).sum()
    }
}

/// `int J` of everything but the independent Gaussian coordinates between two levels: `H' = J - d` (OU), `H' = J` (VE).
fn integral_of_rest(family: Family, from: &Rest, to: &Rest, h: Interval) -> Interval {
    let drift = if family == Family::Ou { h * from.dim } else { Interval::ZERO };
    from.entropy - to.entropy + drift
}

/// One step, looked at.
fn step(
    at: &Instance,
    family: Family,
    predict: &Predict,
    from: &LevelInformation,
    to: &LevelInformation,
) -> Result<PathStep, String> {
    let h = predict.h;
    let rest = integral_of_rest(family, &from.rest, &to.rest, h) - from.rest.fisher * h;
    let excess = from.gaussian_excess(family, h) + rest;
    let (epsilon_squared, [error_score, error_position]) = errors(at, predict, from)?;
    let Drift::Score { a_minus_one, b, .. } = predict.kernel.drift else {
        return Err(format!("the step at sigma = {:.4e} asks for more than one score", predict.from.sigma));
    };
    let meant = |x: f64, times: f64| Interval::around(x, times * predict.kernel.rounding * x.abs());
    let noise = meant(predict.kernel.noise, 1.0).sqr();
    Ok(PathStep {
        h,
        kernel: [meant(a_minus_one, 1.0), meant(b, 1.0), noise],
        fisher: from.fisher,
        second_moment: from.second_moment,
        relative: from.relative,
        excess,
        epsilon_squared,
        error_score,
        error_position,
    })
}

/// `E|e|^2`, `E<e, S>` and `E<e, x>` at the beginning of a step; by Cauchy and Schwarz where the last two are not known.
fn errors(at: &Instance, predict: &Predict, from: &LevelInformation) -> Result<(Interval, [Interval; 2]), String> {
    let amplitude = at.amplitude_at(predict.from);
    let Some(shape) = at.error_shape_at(predict.from).filter(|_| !predict.clean && amplitude != 0.0) else {
        return Ok((Interval::ZERO, [Interval::ZERO; 2]));
    };
    let epsilon = at.epsilon_at(predict.from);
    let within = |square: Interval| Interval::around(0.0, (epsilon * square.sqrt()).hi());
    let bounds = [within(from.fisher), within(from.second_moment)];
    let moments = match shape.cross_moments(&at.density_at(predict.from)?) {
        None => bounds,
        Some(found) => {
            let scaled = |m: Interval, bound: Interval| (m * amplitude).intersect(bound).unwrap_or(m * amplitude);
            [scaled(found.score.value, bounds[0]), scaled(found.position.value, bounds[1])]
        }
    };
    Ok((epsilon.sqr(), moments))
}

/// The sum of all excesses: the entropies of all levels but the first and the last cancel.
fn total_excess(
    family: Family,
    predicts: &[&Predict],
    levels: &[LevelInformation],
    end: &LevelInformation,
) -> Interval {
    let (mut sum, mut length) = (IntervalSum::new(), IntervalSum::new());
    for (p, level) in predicts.iter().zip(levels) {
        sum.add(level.gaussian_excess(family, p.h));
        sum.add(-(level.rest.fisher * p.h));
        length.add(p.h);
    }
    sum.value() + integral_of_rest(family, &levels[0].rest, &end.rest, length.value())
}
