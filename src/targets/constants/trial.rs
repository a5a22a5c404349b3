//! Lower bounds of the Poincare constant on the line from trial functions: found numerically, judged by proof.

use super::side::Side;
use crate::numerics::{Interval, Jet, integrate_over};
use crate::targets::Line;

/// Standard deviations covered on each side; the trial function is constant beyond.
const REACH: f64 = 8.0;
/// Distance of two nodes, in units of the law's local length scale.
const SPACING: f64 = 0.03;
/// Every so many nodes the trial function gets a knot.
const STRIDE: usize = 6;
/// More nodes than this are not worth their time.
const MAX_NODES: usize = 60_000;
/// Iterations after which the search ends.
const MAX_ITERATIONS: usize = 400;

/// Nodes that resolve every component and every valley between two.
pub(super) fn nodes(line: &Line) -> Option<Vec<f64>> {
    let (a, b) = line.reach(REACH);
    let (means, sds): (Vec<f64>, Vec<f64>) =
        line.means.iter().zip(&line.variances).map(|(m, v)| (m.mid(), v.mid().sqrt())).unzip();
    let mut found = vec![a];
    let mut x = a;
    while x < b {
        let near = |i: usize| (8.0 * sds[i]).max((x - means[i]).abs() - 8.0 * sds[i]);
        let scale = (0..means.len()).map(near).fold(f64::INFINITY, f64::min) / 8.0;
        let bend = line.curvature(Interval::point(x)).magnitude();
        x = (x + SPACING * scale.min(1.0 / bend.sqrt())).min(b);
        found.push(x);
        if found.len() > MAX_NODES || !x.is_finite() || found[found.len() - 2] >= x {
            return None;
        }
    }
    Some(found)
}

/// A cubic with given values and slopes at its ends.
struct Cubic {
    start: f64,
    /// Coefficients in powers of `x - start`.
    c: [f64; 4],
}

/// A continuous piecewise cubic, constant outside its knots.
struct Trial {
    knots: Vec<f64>,
    cubics: Vec<Cubic>,
    ends: [f64; 2],
    /// A bound of the sum of the jumps that rounding leaves at the knots.
    jumps: f64,
}

impl Trial {
    /// Through these values with these slopes at these knots.
    fn new(knots: Vec<f64>, values: &[f64], slopes: &[f64]) -> Self {
        let mut cubics: Vec<Cubic> = Vec::with_capacity(knots.len());
        let (mut at, mut jumps) = (values[0], 0.0);
        for k in 0..knots.len() - 1 {
            let h = knots[k + 1] - knots[k];
            let rise = (values[k + 1] - at) / h;
            let c2 = (3.0 * rise - 2.0 * slopes[k] - slopes[k + 1]) / h;
            let c3 = (slopes[k] + slopes[k + 1] - 2.0 * rise) / (h * h);
            let cubic = Cubic { start: knots[k], c: [at, slopes[k], c2, c3] };
            // The next piece starts where this one ends, up to the rounding of three products and sums.
            let terms = cubic.c[0].abs() + h * (cubic.c[1].abs() + h * (cubic.c[2].abs() + h * cubic.c[3].abs()));
            jumps += 16.0 * f64::EPSILON * terms;
            at = cubic.c[0] + h * (cubic.c[1] + h * (cubic.c[2] + h * cubic.c[3]));
            cubics.push(cubic);
        }
        Self { knots, cubics, ends: [values[0], at], jumps }
    }

    /// The piece a cell belongs to.
    fn piece(&self, x: Interval) -> &Cubic {
        let k = self.knots.partition_point(|&t| t <= x.mid());
        &self.cubics[k.clamp(1, self.cubics.len()) - 1]
    }

    /// f and f' as Taylor series on a cell inside one piece, f less `shift`.
    fn jets(&self, x: &Jet, shift: f64) -> (Jet, Jet) {
        let cubic = self.piece(x.value());
        let t = x.shift(-cubic.start);
        let [c0, c1, c2, c3] = cubic.c.map(Interval::point);
        let value = &(&(&t.scale(c3).shift(c2) * &t).shift(c1) * &t).shift(c0 - shift);
        let slope = (&t.scale(c3 * 3.0).shift(c2 * 2.0) * &t).shift(c1);
        (value.clone(), slope)
    }
}

/// A proved lower bound of C_P: `Var f/E f'^2` for the best f found.
///
/// Rounding leaves tiny jumps between the pieces. The continuous function with the same slopes is within their sum J, so
/// its standard deviation is at least that of f less J.
pub(super) fn lower(line: &Line) -> Option<Side> {
    let nodes = nodes(line)?;
    let (values, slopes) = ground_state(line, &nodes)?;
    let last = nodes.len() - 1;
    let picked: Vec<usize> = (0..last).step_by(STRIDE).chain([last]).collect();
    let pick = |from: &[f64]| picked.iter().map(|&k| from[k]).collect::<Vec<f64>>();
    let trial = Trial::new(pick(&nodes), &pick(&values), &pick(&slopes));
    let quotient = rayleigh(line, &trial)?;
    (quotient > 0.0).then(|| Side::proved(quotient, "LLT-21: Var f / E f'^2 of a trial function near the ground state"))
}

/// `Var f / E f'^2` from below.
fn rayleigh(line: &Line, trial: &Trial) -> Option<f64> {
    let (a, b) = (trial.knots[0], trial.knots[trial.knots.len() - 1]);
    let (below, above) = (line.cdf(Interval::point(a)), line.sf(Interval::point(b)));
    let size = trial.ends[0].abs().max(trial.ends[1].abs());
    let over = |f: &dyn Fn(&Jet) -> Jet, scale: f64| integrate_over(f, &trial.knots, 1e-13 * scale);
    let energy = over(&|x| trial.jets(x, 0.0).1.sqr() * line.density_jet(x), size * size);
    let first = over(&|x| trial.jets(x, 0.0).0 * line.density_jet(x), size);
    let mean = (first + below * trial.ends[0] + above * trial.ends[1]).mid();
    let second = over(&|x| trial.jets(x, mean).0.sqr() * line.density_jet(x), size * size)
        + below * (Interval::point(trial.ends[0]) - mean).sqr()
        + above * (Interval::point(trial.ends[1]) - mean).sqr();
    let residual = over(&|x| trial.jets(x, mean).0 * line.density_jet(x), size)
        + below * (Interval::point(trial.ends[0]) - mean)
        + above * (Interval::point(trial.ends[1]) - mean);
    let variance = (second - residual.sqr()).lo();
    if variance <= 0.0 || energy.hi() <= 0.0 {
        return None;
    }
    let deviation = Interval::point(variance).sqrt() - trial.jumps;
    let quotient = (deviation.clamp(0.0, f64::INFINITY).sqr() / Interval::point(energy.hi())).lo();
    quotient.is_finite().then_some(quotient)
}

/// Values and slopes of the first non-constant eigenfunction at the nodes, by the iteration
///
/// ```text
/// f <- int N/p,     N(x) = int_x^inf (f - E f) p
/// ```
/// which converges like (second gap/first gap) per step. N is summed from either end towards the zero of `f - E f`, so
/// nothing cancels.
fn ground_state(line: &Line, nodes: &[f64]) -> Option<(Vec<f64>, Vec<f64>)> {
    let n = nodes.len();
    let logs: Vec<f64> = nodes.iter().map(|&x| line.ln_density(Interval::point(x)).mid()).collect();
    let p: Vec<f64> = logs.iter().map(|l| l.exp()).collect();
    if p.iter().any(|&p| p < 1e-280) {
        return None;
    }
    let mut f = nodes.to_vec();
    let mut slopes = vec![1.0; n];
    let mut before = 0.0;
    let trapezoid = |g: &dyn Fn(usize) -> f64, k: usize| 0.5 * (nodes[k + 1] - nodes[k]) * (g(k) + g(k + 1));
    for _ in 0..MAX_ITERATIONS {
        let mass: f64 = (0..n - 1).map(|k| trapezoid(&|i| p[i], k)).sum();
        let mean = (0..n - 1).map(|k| trapezoid(&|i| f[i] * p[i], k)).sum::<f64>() / mass;
        let centred = |i: usize| (f[i] - mean) * p[i];
        let split = f.partition_point(|&v| v < mean);
        let mut flux = vec![0.0; n];
        for k in 1..split {
            flux[k] = flux[k - 1] - trapezoid(&centred, k - 1);
        }
        for k in (split.max(1)..n - 1).rev() {
            flux[k] = flux[k + 1] + trapezoid(&centred, k);
        }
        for k in 0..n {
            slopes[k] = flux[k] / p[k];
        }
        // The half-lines outside carry too little mass to shape f: it goes on straight.
        slopes[0] = slopes[1];
        slopes[n - 1] = slopes[n - 2];
        let largest = slopes.iter().copied().fold(0.0, f64::max);
        if !(largest > 0.0 && largest.is_finite()) || slopes.iter().any(|s| s.is_nan() || *s < 0.0) {
            return None;
        }
        f[0] = 0.0;
        for k in 1..n {
            f[k] = f[k - 1] + trapezoid(&|i| slopes[i], k - 1);
        }
        let rise = f[n - 1];
        if (rise / before - 1.0).abs() < 1e-13 {
            break;
        }
        before = rise;
        f.iter_mut().for_each(|v| *v /= rise);
        slopes.iter_mut().for_each(|s| *s /= rise);
    }
    let rise = f[n - 1];
    f.iter_mut().for_each(|v| *v /= rise);
    slopes.iter_mut().for_each(|s| *s /= rise);
    Some((f, slopes))
}
