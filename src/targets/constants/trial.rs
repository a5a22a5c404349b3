//! Lower bounds of the Poincare and log-Sobolev constants on the line from trial functions: found numerically, judged by
//! proof.

use super::panels::Panels;
use super::side::Side;
use crate::numerics::{Interval, Jet};
use crate::targets::Line;

/// Iterations after which the search ends.
const MAX_ITERATIONS: usize = 400;

/// A polynomial of degree 5 with given values, slopes and second derivatives at its ends.
struct Quintic {
    start: f64,
    /// Coefficients in powers of `x - start`.
    c: [f64; 6],
}

/// A continuous piecewise quintic, constant outside its knots.
struct Trial {
    pieces: Vec<Quintic>,
    ends: [f64; 2],
    /// A bound of the sum of the jumps that rounding leaves at the knots.
    jumps: f64,
}

/// What is known of the trial function at one place: value, first and second derivative.
#[derive(Clone, Copy)]
struct Germ([f64; 3]);

impl Trial {
    /// Through these values at these knots.
    fn new(knots: &[f64], germs: &[Germ]) -> Self {
        let mut pieces: Vec<Quintic> = Vec::with_capacity(knots.len());
        let Germ([start, ..]) = germs[0];
        let (mut at, mut jumps) = (start, Interval::ZERO);
        for (k, pair) in germs.windows(2).enumerate() {
            let h = knots[k + 1] - knots[k];
            let (Germ([_, s0, b0]), Germ([f1, s1, b1])) = (pair[0], pair[1]);
            // In units of h: what is left of value, slope and bend at the end after the first three terms.
            let (c1, c2) = (s0 * h, 0.5 * b0 * h * h);
            let (p, q, r) = (f1 - at - c1 - c2, s1 * h - c1 - 2.0 * c2, b1 * h * h - 2.0 * c2);
            let unit = [at, c1, c2, 10.0 * p - 4.0 * q + 0.5 * r, -15.0 * p + 7.0 * q - r, 6.0 * p - 3.0 * q + 0.5 * r];
            let mut c = unit;
            for (n, c) in c.iter_mut().enumerate() {
                *c /= h.powi(n as i32);
            }
            // The next piece starts where this one ends, up to the rounding that this difference encloses.
            let exact = Interval::point(knots[k + 1]) - knots[k];
            let end = c.iter().rev().fold(Interval::ZERO, |sum, &c| sum * exact + c);
            at = unit.iter().sum();
            jumps += Interval::point((end - at).magnitude());
            pieces.push(Quintic { start: knots[k], c });
        }
        Self { pieces, ends: [start, at], jumps: jumps.hi() }
    }

    /// `(f - shift, f')` as Taylor series on a piece.
    fn series(&self, piece: usize, x: &Jet, shift: f64) -> [Jet; 2] {
        let Quintic { start, c } = &self.pieces[piece];
        let t = x.shift(-*start);
        let horner = |c: &[Interval]| {
            let last = c.len() - 1;
            (0..last).rev().fold(Jet::constant(c[last]), |sum, n| (&sum * &t).shift(c[n]))
        };
        let mut value = c.map(Interval::point);
        let slope: Vec<Interval> = (1..6).map(|n| value[n] * n as f64).collect();
        value[0] -= Interval::point(shift);
        [horner(&value), horner(&slope)]
    }
}

/// The first non-constant eigenfunction g, rising from 0 to 1: as a trial function, and at the nodes.
pub(super) struct Ground {
    trial: Trial,
    at_nodes: Vec<Germ>,
}

/// `s + g` (rises) or `s + 1 - g`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Foot {
    s: f64,
    rises: bool,
    /// `Ent(f^2)/(2 E f'^2)` by the trapezoid rule.
    pub quotient: f64,
}

/// A proved lower bound of C_P: `Var f/E f'^2` for the best f found.
///
/// Rounding leaves tiny jumps between the pieces. The continuous function with the same slopes is within their sum J, so
/// its standard deviation is at least that of f less J.
pub(super) fn lower(line: &Line, panels: &Panels, ground: &Ground) -> Option<Side> {
    let quotient = rayleigh(line, panels, &ground.trial)?;
    (quotient > 0.0).then(|| Side::proved(quotient, "LLT-21: Var f / E f'^2 of a trial function near the ground state"))
}

/// g of a law on the line.
pub(super) fn near_ground_state(line: &Line, panels: &Panels) -> Option<Ground> {
    let germs = ground_state(line, &panels.nodes)?;
    let (knots, picked): (Vec<f64>, Vec<Germ>) = panels.picked().map(|k| (panels.nodes[k], germs[k])).unzip();
    Some(Ground { trial: Trial::new(&knots, &picked), at_nodes: germs })
}

/// A proved lower bound of C_LS: `Ent(f^2)/(2 E f'^2)` for `f = s + g` or `s + 1 - g`, g near the ground state.
///
/// Far modes make g nearly a step, and C_LS that of two points: `s` tells how high the lower step is. The continuous
/// function with the same slopes is within J of f; with both between m and M its entropy is within `4 M ln(M/m) J` of that
/// of f, as `Ent(f^2) = min_c E[f^2 ln(f^2/c) - f^2 + c]`.
pub(super) fn lower_lsi(line: &Line, panels: &Panels, Ground { trial, .. }: &Ground, on: &Foot) -> Option<Side> {
    let (a, b) = panels.ends();
    let outside = [line.cdf(Interval::point(a)), line.sf(Interval::point(b))];
    // f = shift + sign g.
    let (shift, sign) = if on.rises { (on.s, 1.0) } else { (on.s + 1.0, -1.0) };
    let series = |k: usize, side: usize| {
        let [g, slope] = trial.series(k, panels.x(k, side), 0.0);
        (g.scale(sign).shift(shift), slope)
    };
    let energy = panels.integrate(|k, side| series(k, side).1.sqr() * panels.density(k, side));
    let second = panels.integrate(|k, side| series(k, side).0.sqr() * panels.density(k, side));
    let logarithmic = panels.integrate(|k, side| {
        let f = series(k, side).0;
        f.sqr() * f.ln().scale(2.0) * panels.density(k, side)
    });
    let ends = trial.ends.map(|g| Interval::point(g) * sign + shift);
    let (mut moment, mut entropy) = (second, logarithmic);
    for (mass, f) in outside.into_iter().zip(ends) {
        moment += mass * f.sqr();
        entropy += mass * f.sqr() * f.ln() * 2.0;
    }
    let values = (0..panels.cells()).map(|k| series(k, 1).0.value()).chain(ends);
    let range = values.reduce(Interval::hull)?.widen(2.0 * trial.jumps);
    if range.lo() <= 0.0 || energy.hi() <= 0.0 {
        return None;
    }
    let top = Interval::point(range.hi());
    let lost = top * (top / range.lo()).ln() * (4.0 * trial.jumps);
    let entropy = entropy - moment * moment.ln() - lost;
    let quotient = (Interval::point(entropy.lo()) / (Interval::point(energy.hi()) * 2.0)).lo();
    let says = "LLT-21: Ent(f^2) / (2 E f'^2) of a trial function near the ground state";
    (quotient > 0.0 && quotient.is_finite()).then(|| Side::proved(quotient, says))
}

/// The s of the largest entropy of `(s + g)^2` or `(s + 1 - g)^2`, by the trapezoid rule.
pub(super) fn best_foot(line: &Line, panels: &Panels, Ground { at_nodes, .. }: &Ground) -> Option<Foot> {
    let nodes = &panels.nodes;
    let n = nodes.len();
    let width = |k: usize| 0.5 * (nodes[(k + 1).min(n - 1)] - nodes[k.saturating_sub(1)]);
    let masses: Vec<f64> = (0..n).map(|k| line.density(Interval::point(nodes[k])).mid() * width(k)).collect();
    let energy: f64 = masses.iter().zip(at_nodes).map(|(m, Germ([_, slope, _]))| m * slope * slope).sum();
    let entropy = |s: f64, rises: bool| {
        let squares = at_nodes.iter().map(|&Germ([g, ..])| (s + if rises { g } else { 1.0 - g }).max(1e-3 * s).powi(2));
        let (mut moment, mut sum, mut mass) = (0.0, 0.0, 0.0);
        for (&m, y) in masses.iter().zip(squares) {
            moment += m * y;
            sum += m * y * y.ln();
            mass += m;
        }
        sum - moment * (moment / mass).ln()
    };
    let feet = (-16..=6).flat_map(|k| [true, false].map(|rises| ((0.5 * f64::from(k)).exp2(), rises)));
    let all = feet.map(|(s, rises)| Foot { s, rises, quotient: entropy(s, rises) / (2.0 * energy) });
    all.max_by(|a, b| a.quotient.total_cmp(&b.quotient))
}

/// `Var f / E f'^2` from below.
fn rayleigh(line: &Line, panels: &Panels, trial: &Trial) -> Option<f64> {
    let (a, b) = panels.ends();
    let outside = [line.cdf(Interval::point(a)), line.sf(Interval::point(b))];
    let rest = |shift: f64| trial.ends.map(|f| Interval::point(f) - shift);
    let first = panels.integrate(|k, side| &trial.series(k, panels.x(k, side), 0.0)[0] * panels.density(k, side));
    let [left, right] = rest(0.0);
    let mean = (first + outside[0] * left + outside[1] * right).mid();
    let series = |k: usize, side: usize| trial.series(k, panels.x(k, side), mean);
    let energy = panels.integrate(|k, side| series(k, side)[1].sqr() * panels.density(k, side));
    let second = panels.integrate(|k, side| series(k, side)[0].sqr() * panels.density(k, side));
    let [left, right] = rest(mean);
    // E f about `mean`: the integral of f less `mean` times the mass inside.
    let inside = 1.0 - outside[0] - outside[1];
    let residual = first - inside * mean + outside[0] * left + outside[1] * right;
    let variance = (second + outside[0] * left.sqr() + outside[1] * right.sqr() - residual.sqr()).lo();
    if variance <= 0.0 || energy.hi() <= 0.0 {
        return None;
    }
    let deviation = (Interval::point(variance).sqrt() - trial.jumps).clamp(0.0, f64::INFINITY);
    let quotient = (deviation.sqr() / Interval::point(energy.hi())).lo();
    quotient.is_finite().then_some(quotient)
}

/// Value, slope and bend of the first non-constant eigenfunction at the nodes, by the iteration
///
/// ```text
/// f <- int N/p,     N(x) = int_x^inf (f - E f) p,     (N/p)' = -(f - E f) - (N/p) (ln p)'
/// ```
/// which converges like (first gap/second gap) per step. N is summed from either end towards the zero of `f - E f`, so
/// nothing cancels; derivatives are known, so the trapezoid rule is used with its end correction (order 4).
fn ground_state(line: &Line, nodes: &[f64]) -> Option<Vec<Germ>> {
    let n = nodes.len();
    let at =
        |f: &dyn Fn(Interval) -> Interval| nodes.iter().map(|&x| f(Interval::point(x)).mid()).collect::<Vec<f64>>();
    let p: Vec<f64> = at(&|x| line.density(x));
    let score = at(&|x| line.score(x));
    if p.iter().any(|&p| p.is_nan() || p < 1e-280) {
        return None;
    }
    let panel = |g: &[f64], slope: &[f64], k: usize| {
        let h = nodes[k + 1] - nodes[k];
        0.5 * h * (g[k] + g[k + 1]) + h * h / 12.0 * (slope[k] - slope[k + 1])
    };
    let total = |g: &[f64], slope: &[f64]| (0..n - 1).map(|k| panel(g, slope, k)).sum::<f64>();
    let times_p = |g: &dyn Fn(usize) -> f64| (0..n).map(|k| g(k) * p[k]).collect::<Vec<f64>>();
    let mass = total(&p, &times_p(&|k| score[k]));
    let (mut f, mut slopes, mut bends) = (nodes.to_vec(), vec![1.0; n], vec![0.0; n]);
    let mut before = 0.0;
    for _ in 0..MAX_ITERATIONS {
        let mean = total(&times_p(&|k| f[k]), &times_p(&|k| slopes[k] + f[k] * score[k])) / mass;
        let centred = times_p(&|k| f[k] - mean);
        let derivative = times_p(&|k| slopes[k] + (f[k] - mean) * score[k]);
        let split = f.partition_point(|&v| v < mean);
        let mut flux = vec![0.0; n];
        for k in 1..split {
            flux[k] = flux[k - 1] - panel(&centred, &derivative, k - 1);
        }
        for k in (split.max(1)..n - 1).rev() {
            flux[k] = flux[k + 1] + panel(&centred, &derivative, k);
        }
        for k in 0..n {
            slopes[k] = (flux[k] / p[k]).max(0.0);
            bends[k] = mean - f[k] - slopes[k] * score[k];
        }
        // The half-lines outside carry too little mass to shape f: it goes on as it comes.
        for (end, inner) in [(0, 1), (n - 1, n - 2)] {
            slopes[end] = slopes[inner];
            bends[end] = 0.0;
            bends[inner] = 0.0;
        }
        f[0] = 0.0;
        for k in 1..n {
            f[k] = f[k - 1] + panel(&slopes, &bends, k - 1);
        }
        let rise = f[n - 1];
        if !(rise > 0.0 && rise.is_finite()) {
            return None;
        }
        for values in [&mut f, &mut slopes, &mut bends] {
            values.iter_mut().for_each(|v| *v /= rise);
        }
        if (rise / before - 1.0_f64).abs() < 1e-13 {
            break;
        }
        before = rise;
    }
    Some((0..n).map(|k| Germ([f[k], slopes[k], bends[k]])).collect())
}
