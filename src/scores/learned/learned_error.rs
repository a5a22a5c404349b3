//! The error of a learned score at one noise level, as an error field.

use super::{Estimate, Model};
use crate::numerics::{Interval, Ledger, Mean, Measured, Source, gauss_legendre, stream};
use crate::processes::NoiseLevel;
use crate::scores::calibrate::of_stand_in;
use crate::scores::errors::markov;
use crate::scores::{Affine, Calibrated, CrossMoments, Damaged, ErrorShape, ScoreError};
use crate::targets::{Density, Frame, Run, Target};
use std::sync::{Arc, OnceLock};

/// `e(x) = (alpha f(x) - x)/sigma^2 - grad ln p(x) = (alpha/sigma^2) (f - f_*)(x)`, f being projected onto the ball of radius D.
///
/// Where the data lie in that ball, `|e| <= 2 D alpha/sigma^2`; nothing bounds it else.
#[derive(Clone)]
pub struct LearnedError {
    estimate: Arc<Estimate>,
    target: Arc<dyn Target>,
    /// What kernels call the level, and what it is in truth.
    asked: NoiseLevel,
    level: NoiseLevel,
    /// sup |e|, an upper bound.
    sup: f64,
    /// Of its samples.
    seed: u64,
    /// Where the projection begins to bind, among the target's mass; found once.
    kinks: Arc<OnceLock<Vec<f64>>>,
}

/// The score that an estimate makes at each of some levels: `reach` bounds |X_0|, `+inf` if nothing does. In several dimensions
/// the size of its error is sampled, with `seed`.
///
/// A level is a pair: what kernels call it, at which the target is asked for its score, and what it is in truth, with
/// sigma > 0. The two differ where the target is a law noised already.
#[must_use]
pub fn learned(
    target: Arc<dyn Target>,
    estimate: &Arc<Estimate>,
    (reach, seed): (f64, u64),
    levels: &[(NoiseLevel, NoiseLevel)],
) -> Damaged {
    let each = levels.iter().map(|&(asked, level)| {
        let largest = (Interval::point(reach) + estimate.radius()) * level.alpha / level.variance();
        // The formula is evaluated in doubles: sup allows for its rounding.
        let sup = if reach.is_finite() { largest.hi() * (1.0 + 1e-9) } else { f64::INFINITY };
        let shape = LearnedError {
            estimate: Arc::clone(estimate),
            target: Arc::clone(&target),
            asked,
            level,
            sup,
            seed,
            kinks: Arc::default(),
        };
        let unknown = || Measured::exact(Interval::new(0.0, sup * sup));
        let of = |p: Density| of_stand_in(shape.mean_square(&p), sup, &target.stand_in(asked));
        let square = target.density(asked).map_or_else(unknown, of);
        let (epsilon, evidence) = (square.value.max(Interval::ZERO).sqrt(), square.evidence);
        let shape: Arc<dyn ErrorShape> = Arc::new(shape);
        (Calibrated { level: asked, amplitude: 1.0, epsilon, evidence }, shape)
    });
    let each: Vec<_> = each.collect();
    let error = (!each.is_empty()).then(|| ScoreError::by_level(each));
    Damaged { target, error, truncation: None }
}

/// Nodes of a panel, by how much of the whole integral its halves may change it, and how often panels are halved.
const NODES: usize = 16;
const RESOLVED: f64 = 1e-10;
const HALVINGS: usize = 24;
/// Standard deviations beyond the components that the integral covers; the rest is below 1e-17 of sup^2.
const COVERED: f64 = 9.0;
/// Samples of the integral in several dimensions, and the chance that its interval misses.
const SAMPLES: usize = 40_000;
const MISSES: f64 = 1e-9;

/// What is integrated against p: from points of the line, and the error there, which it takes the place of.
type Integrand<'a> = &'a dyn Fn(&[f64], &mut [f64]);

/// A panel of the line with its integral by one rule, and with that of its halves.
struct Panel {
    ends: (f64, f64),
    whole: f64,
    halves: [f64; 2],
}

impl Panel {
    fn value(&self) -> f64 {
        self.halves[0] + self.halves[1]
    }

    fn change(&self) -> f64 {
        (self.value() - self.whole).abs()
    }

    /// Its halves with their integrals.
    fn parts(&self) -> [((f64, f64), f64); 2] {
        let (a, b) = self.ends;
        let middle = 0.5 * (a + b);
        [((a, middle), self.halves[0]), ((middle, b), self.halves[1])]
    }
}

impl LearnedError {
    /// The ends between which the mass of a density on the line is.
    fn span(p: &Density) -> Option<(f64, f64, Vec<f64>)> {
        let mixture = p.as_mixture1()?;
        let (mut lo, mut hi, mut ends) = (f64::INFINITY, f64::NEG_INFINITY, Vec::new());
        for (&m, &v) in mixture.means.iter().zip(&mixture.variances) {
            let s = v.sqrt();
            (lo, hi) = (lo.min(m - COVERED * s), hi.max(m + COVERED * s));
            ends.extend([-6.0, -3.0, -1.5, 0.0, 1.5, 3.0, 6.0].map(|k| m + k * s));
        }
        Some((lo, hi, ends))
    }

    /// The mean of a function of x and e under p on the line by Gauss-Legendre panels that end at the features of p, the kinks of the
    /// estimate and the places where it may bend within a short length, halved until two rules agree.
    fn mean_on_the_line(&self, p: &Density, of: Integrand) -> Option<Measured> {
        let (lo, hi, features) = Self::span(p)?;
        let kinks = self.estimate.kinks(self.level, (lo, hi));
        let bends = self.estimate.bends(self.level);
        let mut ends: Vec<f64> = features.into_iter().chain(kinks).chain(bends).collect();
        ends.retain(|x| (lo..hi).contains(x));
        ends.extend([lo, hi]);
        ends.sort_by(f64::total_cmp);
        ends.dedup();
        let pieces: Vec<(f64, f64)> = ends.windows(2).map(|pair| (pair[0], pair[1])).collect();
        let whole = self.over(p, &pieces, of);
        let mut open: Vec<Panel> = self.halved(p, pieces.into_iter().zip(whole), of);
        let mut done: Vec<Panel> = Vec::new();
        for _ in 0..HALVINGS {
            let total: f64 = done.iter().chain(&open).map(|panel| panel.value().abs()).sum();
            let (rough, fine): (Vec<Panel>, Vec<Panel>) =
                std::mem::take(&mut open).into_iter().partition(|panel| panel.change() > RESOLVED * total);
            done.extend(fine);
            if rough.is_empty() {
                break;
            }
            open = self.halved(p, rough.iter().flat_map(Panel::parts), of);
        }
        done.extend(open);
        let value: f64 = done.iter().map(Panel::value).sum();
        let gross: f64 = done.iter().map(|panel| panel.value().abs()).sum();
        let apart = 2.0 * done.iter().map(Panel::change).sum::<f64>() + 1e-12 * gross;
        let why = "a mean of the learned score's error on panels and on their halves";
        Some(Measured::with_ledger(Interval::point(value), Ledger::new().open(Source::Discretisation, apart, why)))
    }

    /// The integral over each of some pieces of the line by one rule.
    fn over(&self, p: &Density, pieces: &[(f64, f64)], of: Integrand) -> Vec<f64> {
        let rule = gauss_legendre(NODES);
        let node = |&(a, b): &(f64, f64)| {
            rule.nodes.iter().map(move |t| 0.5 * (a + b) + 0.5 * (b - a) * t).collect::<Vec<f64>>()
        };
        let xs: Vec<f64> = pieces.iter().flat_map(node).collect();
        let (mut e, mut ln) = (vec![0.0; xs.len()], vec![0.0; xs.len()]);
        self.eval(&xs, &mut e);
        of(&xs, &mut e);
        p.ln_density(&xs, &mut ln);
        let values: Vec<f64> = e.iter().zip(&ln).map(|(e, ln)| ln.exp() * e).collect();
        let sum = |(values, (a, b)): (&[f64], &(f64, f64))| {
            values.iter().zip(&rule.weights).map(|(v, w)| v * w).sum::<f64>() * 0.5 * (b - a)
        };
        values.chunks(NODES).zip(pieces).map(sum).collect()
    }

    /// Pieces with their integrals, and those of their halves.
    fn halved(&self, p: &Density, pieces: impl Iterator<Item = ((f64, f64), f64)>, of: Integrand) -> Vec<Panel> {
        let pieces: Vec<((f64, f64), f64)> = pieces.collect();
        let parts: Vec<(f64, f64)> =
            pieces.iter().flat_map(|((a, b), _)| [(*a, 0.5 * (a + b)), (0.5 * (a + b), *b)]).collect();
        let values = self.over(p, &parts, of);
        let panel = |((ends, whole), halves): (&((f64, f64), f64), &[f64])| Panel {
            ends: *ends,
            whole: *whole,
            halves: [halves[0], halves[1]],
        };
        pieces.iter().zip(values.chunks(2)).map(panel).collect()
    }

    /// The same from samples, by Bernstein's inequality for variables in [0, sup^2]:
    /// `|mean - E| <= (2 V ln(3/delta)/n)^{1/2} + 3 sup^2 ln(3/delta)/n`, V the variance of the sample.
    fn mean_square_sampled(&self, p: &Density) -> Measured {
        let (d, n) = (self.dim(), SAMPLES);
        let mut rng = stream(self.seed, "learned-score-error", self.level.key().0 ^ self.level.key().1.rotate_left(32));
        let (mut xs, mut e) = (vec![0.0; d * n], vec![0.0; d * n]);
        p.sample(&mut rng, n, &mut xs);
        self.eval(&xs, &mut e);
        let square = |j: usize| (0..d).map(|i| e[i * n + j].powi(2)).sum::<f64>();
        let Mean { value: mean, variance, .. } = Mean::of((0..n).map(square));
        let log = (3.0 / MISSES).ln();
        let wide = (2.0 * variance * log / n as f64).sqrt() + 3.0 * self.sup * self.sup * log / n as f64;
        let why = "Bernstein's inequality with the sample's variance (Audibert, Munos and Szepesvari 2009)";
        Measured::with_ledger(Interval::point(mean), Ledger::new().random(wide, 1.0 - MISSES, why))
    }
}

impl ErrorShape for LearnedError {
    fn dim(&self) -> usize {
        self.estimate.dim()
    }

    fn eval(&self, xs: &[f64], out: &mut [f64]) {
        let (alpha, variance) = (self.level.alpha, self.level.variance());
        let mut g = vec![0.0; xs.len()];
        self.target.score(self.asked, xs, &mut g);
        self.estimate.eval(self.level, xs, out);
        for ((e, x), g) in out.iter_mut().zip(xs).zip(&g) {
            *e = (alpha * *e - x) / variance - g;
        }
    }

    fn slope(&self, xs: &[f64]) -> Vec<f64> {
        let (alpha, variance) = (self.level.alpha, self.level.variance());
        let mixture = self.target.density(self.asked).and_then(|p| p.as_mixture1());
        let own = mixture.map_or_else(|| vec![f64::NAN; xs.len()], |p| p.score_slope(xs));
        let slopes = self.estimate.slope(self.level, xs);
        slopes.iter().zip(own).map(|(f, g)| (alpha * f - 1.0) / variance - g).collect()
    }

    fn affine(&self) -> Option<Affine> {
        None
    }

    fn jumps(&self) -> Vec<f64> {
        // A network has more kinks than panels could end at: they are left to the resolution of the engines.
        if matches!(self.estimate.model(), Model::Network { .. }) {
            return Vec::new();
        }
        let span = || self.target.density(self.asked).as_ref().and_then(Self::span);
        let found = || span().map_or_else(Vec::new, |(lo, hi, _)| self.estimate.cuts(self.level, (lo, hi)));
        self.kinks.get_or_init(found).clone()
    }

    fn runs(&self) -> Vec<Run> {
        vec![Run { first: 0, dim: self.dim(), copies: 1 }]
    }

    fn block(&self, _first: usize, _dim: usize) -> Arc<dyn ErrorShape> {
        // The only block is the whole space.
        Arc::new(self.clone())
    }

    fn in_frame(&self, _frame: &Frame) -> Option<(Arc<dyn ErrorShape>, Arc<dyn ErrorShape>)> {
        None
    }

    fn sup(&self) -> f64 {
        self.sup
    }

    fn mean_square(&self, p: &Density) -> Measured {
        let square: Integrand = &|_, e| e.iter_mut().for_each(|e| *e *= *e);
        let line = (self.dim() == 1).then(|| self.mean_on_the_line(p, square)).flatten();
        let found = line.unwrap_or_else(|| self.mean_square_sampled(p));
        let top = Interval::point(self.sup).sqr().hi();
        found.clamped(0.0, top)
    }

    /// On the line, by the same panels.
    fn cross_moments(&self, p: &Density) -> Option<CrossMoments> {
        if self.dim() > 1 {
            return None;
        }
        let score = self.mean_on_the_line(p, &|xs, e| {
            let mut own = vec![0.0; xs.len()];
            p.score(xs, &mut own);
            e.iter_mut().zip(&own).for_each(|(e, s)| *e *= s);
        });
        let position = self.mean_on_the_line(p, &|xs, e| e.iter_mut().zip(xs).for_each(|(e, x)| *e *= x));
        Some(CrossMoments { score: score?, position: position? })
    }

    fn estimate(&self) -> Option<&Estimate> {
        Some(&self.estimate)
    }

    fn exceedance(&self, p: &Density, threshold: f64) -> Interval {
        markov(self, p, threshold)
    }

    fn lipschitz(&self) -> f64 {
        // The exact score's own part is bounded only through the data's radius: f_* has the constant alpha/sigma^2 D^2.
        let (alpha, variance) = (self.level.alpha, self.level.variance());
        let ratio = Interval::point(alpha) / variance;
        let radius = self.sup / ratio.lo() - self.estimate.radius();
        let exact = ratio * Interval::point(radius).sqr();
        let learned = Interval::point(self.estimate.lipschitz(self.level));
        if self.sup.is_finite() { (ratio * (learned + exact)).hi() } else { f64::INFINITY }
    }
}
