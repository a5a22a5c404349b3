//! Lower bounds of the log-Sobolev constant on the line from tilts: `C_LS >= 2 KL(q|p)/FI(q|p)` for `q = p e^{lambda f}/Z`.
//!
//! ```text
//! KL = E_q[lambda f] - ln Z,     FI = lambda^2 E_q f'^2,     Z = E_p e^{lambda f}
//! ```

use super::panels::Panels;
use super::side::Side;
use crate::numerics::{Interval, Jet};
use crate::targets::Line;

/// The strongest tilt of `tanh` that is looked at: what it weighs outside the cells stays small.
const STRONGEST: f64 = 12.0;
/// The weakest one: there `2 KL/FI` is a quotient of variances to a few digits, which other functions are better at.
const WEAKEST: f64 = 0.05;
/// How often the steps of a search are halved.
const HALVINGS: usize = 24;

/// f linear: `2 (lambda psi'(lambda) - psi(lambda))/lambda^2` with `psi = ln E e^{lambda x}`, which is a finite sum.
pub(super) fn linear(line: &Line) -> Option<Side> {
    let parts = line.components();
    let sd = |i: usize| line.variances[i].mid().sqrt();
    let widest = (0..parts).map(sd).fold(0.0, f64::max);
    // The constant does not depend on where the origin is.
    let origin = Interval::point((0..parts).map(|i| line.weights[i].mid() * line.means[i].mid()).sum());
    let means: Vec<Interval> = line.means.iter().map(|&m| m - origin).collect();
    let quotient = |lambda: f64| {
        let lambda = Interval::point(lambda);
        let exponents: Vec<Interval> =
            (0..parts).map(|i| lambda * means[i] + lambda.sqr() * line.variances[i] * 0.5).collect();
        let top = exponents.iter().map(|e| e.mid()).fold(f64::NEG_INFINITY, f64::max);
        let each: Vec<Interval> = (0..parts).map(|i| line.weights[i] * (exponents[i] - top).exp()).collect();
        let sum: Interval = each.iter().copied().sum();
        let mean: Interval = (0..parts).map(|i| each[i] * (means[i] + lambda * line.variances[i])).sum();
        (lambda * mean / sum - sum.ln() - top) * 2.0 / lambda.sqr()
    };
    let sizes = (0..=40).map(|k| WEAKEST * (0.2 * f64::from(k)).exp2());
    let start = sizes.flat_map(|size| [-size / widest, size / widest]).map(|lambda| [lambda.abs().ln(), lambda]);
    let of = |[ln_size, sign]: [f64; 2]| quotient(ln_size.exp().copysign(sign)).mid();
    let [ln_size, sign] = climbed(&of, start, [0.1, 0.0])?;
    let best = quotient(ln_size.exp().copysign(sign)).lo();
    let says = "LLT-0: 2 KL(q|p) / FI(q|p) of p tilted by a linear function";
    (best > 0.0 && best.is_finite()).then(|| Side::exact(best, says))
}

/// `f = tanh((x - m)/s)`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Tanh {
    m: f64,
    s: f64,
    lambda: f64,
    /// `2 KL/FI` by a sum over nodes.
    pub quotient: f64,
}

/// `2 KL/FI` from below, the integrals by the cells' Taylor series.
pub(super) fn by_tanh(line: &Line, panels: &Panels, &Tanh { m, s, lambda, .. }: &Tanh) -> Option<Side> {
    let over = Interval::point(lambda);
    let series: Vec<[[Jet; 3]; 2]> = (0..panels.cells())
        .map(|k| {
            [0, 1].map(|side| {
                let [f, slope] = tanh_jet(panels.x(k, side), m, s);
                let tilt = f.scale(over);
                let tilted = tilt.exp() * panels.density(k, side);
                let moment = &tilt * &tilted;
                let energy = slope.scale(over).sqr() * &tilted;
                [tilted, moment, energy]
            })
        })
        .collect();
    let [mut z, mut moment, mut energy] = [0, 1, 2].map(|n| panels.integrate(|k, side| series[k][side][n].clone()));
    // f is monotone: outside the cells it lies between its value at the end and its limit; its slope is at most 1/s.
    let most = (over / s).sqr().hull(Interval::ZERO);
    let (a, b) = panels.ends();
    let outside = [(a, -1.0, line.cdf(Interval::point(a))), (b, 1.0, line.sf(Interval::point(b)))];
    for (end, limit, mass) in outside {
        let [f, _] = tanh_jet(&Jet::constant(Interval::point(end)), m, s);
        let tilt = f.value().hull(Interval::point(limit)) * over;
        let tilted = tilt.exp() * mass;
        z += tilted;
        moment += tilt * tilted;
        energy += tilted * most;
    }
    if z.lo() <= 0.0 || energy.hi() <= 0.0 {
        return None;
    }
    let best = ((moment - z * z.ln()) * 2.0 / Interval::point(energy.hi())).lo();
    let says = "LLT-0: 2 KL(q|p) / FI(q|p) of p tilted by a hyperbolic tangent";
    (best > 0.0 && best.is_finite()).then(|| Side::proved(best, says))
}

/// `tanh((x - m)/s)` and its slope, by the exponential that is at most about 1.
fn tanh_jet(x: &Jet, m: f64, s: f64) -> [Jet; 2] {
    let z = x.shift(-Interval::point(m)).scale(Interval::point(2.0) / s);
    let right = z.value().mid() > 0.0;
    let e = if right { (-z).exp() } else { z.exp() };
    let one_more = e.shift(1.0);
    let f = (&e.scale(-1.0).shift(1.0)) / &one_more;
    let slope = &e.scale(Interval::point(4.0) / s) / &one_more.sqr();
    [if right { f } else { -f }, slope]
}

/// The tilt of the largest quotient, by sums over the nodes.
pub(super) fn tanh(line: &Line, panels: &Panels) -> Option<Tanh> {
    let nodes = &panels.nodes;
    let picked: Vec<usize> = panels.picked().collect();
    let last = picked.len() - 1;
    let mass = |k: usize| {
        let width = 0.5 * (nodes[picked[(k + 1).min(last)]] - nodes[picked[k.saturating_sub(1)]]);
        (nodes[picked[k]], width * line.density(Interval::point(nodes[picked[k]])).mid())
    };
    let masses: Vec<(f64, f64)> = (0..=last).map(mass).collect();
    let total: f64 = masses.iter().map(|(_, p)| p).sum();
    let sds: Vec<f64> = line.variances.iter().map(|v| v.mid().sqrt()).collect();
    let narrowest = sds.iter().copied().fold(f64::INFINITY, f64::min);
    let ends = (0..sds.len()).map(|i| (line.means[i].mid() - sds[i], line.means[i].mid() + sds[i]));
    let (lo, hi) = ends.fold((f64::INFINITY, f64::NEG_INFINITY), |(lo, hi), (a, b)| (lo.min(a), hi.max(b)));
    let span = hi - lo;
    // The coordinates of a search: m, ln s, ln |lambda|, and the sign of lambda.
    let of = |[m, ln_s, ln_size, sign]: [f64; 4]| {
        let (s, lambda) = (ln_s.exp(), ln_size.exp().copysign(sign));
        if s < 0.2 * narrowest || lambda.abs() > STRONGEST || lambda.abs() < WEAKEST {
            return f64::NEG_INFINITY;
        }
        let (mut z, mut moment, mut energy) = (0.0, 0.0, 0.0);
        for &(x, p) in &masses {
            let f = ((x - m) / s).tanh();
            let tilt = lambda * f;
            let tilted = p / total * tilt.exp();
            z += tilted;
            moment += tilt * tilted;
            energy += (lambda * (1.0 - f * f) / s).powi(2) * tilted;
        }
        let found = 2.0 * (moment - z * z.ln()) / energy;
        if found.is_finite() { found } else { f64::NEG_INFINITY }
    };
    let places = (0..7).map(|k| lo + span * f64::from(k) / 6.0);
    let scales = move |m: f64| [0.1, 0.25, 0.6, 1.5].map(|r| (m, (r * span).max(narrowest).ln()));
    let sizes = |(m, ln_s): (f64, f64)| {
        let signed = |size: f64| [[m, ln_s, size.ln(), -1.0], [m, ln_s, size.ln(), 1.0]];
        [0.3, 1.5, 4.0, 10.0].map(signed).into_iter().flatten()
    };
    let found = climbed(&of, places.flat_map(scales).flat_map(sizes), [0.1 * span, 0.3, 0.3, 0.0])?;
    let ([m, ln_s, ln_size, sign], quotient) = (found, of(found));
    Some(Tanh { m, s: ln_s.exp(), lambda: ln_size.exp().copysign(sign), quotient })
}

/// The best of many places, and from there uphill along the axes by steps that are halved where no step leads up.
fn climbed<const N: usize>(
    of: &dyn Fn([f64; N]) -> f64,
    places: impl Iterator<Item = [f64; N]>,
    mut steps: [f64; N],
) -> Option<[f64; N]> {
    let (mut best, mut place) = places.map(|x| (of(x), x)).max_by(|a, b| a.0.total_cmp(&b.0))?;
    let mut halvings = 0;
    while halvings < HALVINGS {
        let before = best;
        for axis in (0..N).filter(|&axis| steps[axis] > 0.0) {
            for by in [-steps[axis], steps[axis]] {
                let mut next = place;
                next[axis] += by;
                let found = of(next);
                if found > best {
                    (best, place) = (found, next);
                }
            }
        }
        // A gain that no digit of the bound shows is none.
        if best <= before * (1.0 + 1e-9) {
            steps.iter_mut().for_each(|step| *step *= 0.5);
            halvings += 1;
        }
    }
    best.is_finite().then_some(place)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(weights: &[f64], means: &[f64], variances: &[f64]) -> Line {
        let of = |x: &[f64]| x.iter().map(|&x| Interval::point(x)).collect();
        Line::new(of(weights), of(means), of(variances))
    }

    /// The largest quotients over all linear tilts, from the sum in closed form, and over all tanh with |lambda| <= 12, by Nelder and Mead
    /// over sums on 20001 nodes, both in Python.
    #[test]
    fn quotients_of_another_program() {
        for (weights, means, variances, of_line, of_tanh) in [
            ([0.1, 0.9], [-1.5, 1.5], [1.0, 1.0], 3.011_734_233_0, 3.628_653_857_2),
            ([0.01, 0.99], [-1.5, 1.5], [1.0, 1.0], 2.608_193_959_9, 3.161_781_698_0),
            ([0.5, 0.5], [0.0, 1e-9], [1.0, 10.0], 11.196_214_368_2, 11.312_378_830_9),
            ([0.9, 0.1], [0.0, 1.0], [1.0, 10.0], 13.846_570_428_2, 15.529_574_868_7),
            ([0.5, 0.5], [-1.0, 1.0], [1.0, 3.0], 3.986_446_421_4, 4.078_554_873_0),
        ] {
            let line = line(&weights, &means, &variances);
            let found = linear(&line).unwrap().value;
            assert!((found / of_line - 1.0).abs() < 1e-9, "{found} {of_line}");
            let panels = Panels::of(&line).unwrap();
            let tilt = tanh(&line, &panels).unwrap();
            let found = by_tanh(&line, &panels, &tilt).unwrap().value;
            assert!((found / tilt.quotient - 1.0).abs() < 1e-3, "{found} {tilt:?}");
            assert!(found < of_tanh * (1.0 + 1e-8) && found > of_tanh * (1.0 - 1e-3), "{found} {of_tanh}");
        }
    }

    /// All linear tilts of a Gaussian have the quotient that is its constant.
    #[test]
    fn a_gaussian_has_its_variance() {
        let found = linear(&line(&[1.0], &[7.0], &[0.3])).unwrap().value;
        assert!(found <= 0.3 && found > 0.3 * (1.0 - 1e-10), "{found}");
    }
}
