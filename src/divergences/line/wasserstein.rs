//! W2 on the line by the monotone map between quantiles, also to atoms: checked.

use super::checked::{NODES, cut};
use crate::divergences::NoEngine;
use crate::laws::Density1;
use crate::numerics::{Interval, Ledger, Measured, Rule, Source, gauss_legendre};

/// Mass of p that the nodes may miss, beyond its own errors, before nothing is said.
const UNSEEN: f64 = 1e-9;
/// The most panels to begin with.
const MAX_PANELS: usize = 1000;
/// The mass of a node below which its quantile is not asked for.
const NOTHING: f64 = 1e-20;
/// The most steps of the search for a quantile: bisection alone goes through all floating-point numbers.
const BISECTIONS: usize = 2200;
/// How many panels may be halved.
const HALVINGS: usize = 400;
/// Panels are halved, worst first, until they agree with their halves to this part of the total.
const AGREE: f64 = 1e-15;

/// `W2^2 = int (T(x) - x)^2 p(x) dx` with `F_q(T(x)) = F_p(x)`, by adaptive Gauss-Legendre quadrature.
pub(super) fn w2(q: &dyn Density1, p: &dyn Density1) -> Result<Measured, NoEngine> {
    // The integral is over a density that is bounded, where one is; the distance is symmetric.
    let (q, p) = if p.poles().is_empty() { (q, p) } else { (p, q) };
    let coupling = Coupling { q, p, rule: gauss_legendre(NODES) };
    let coupled = adapted(&coupling.knots(), &|a, b| coupling.panel(a, b));
    distance(&coupled, 4.0 * q.variance().max(p.variance()), &q.ledger().and(&p.ledger()), &p.ledger())
}

/// W2 of atoms, ascending and distinct, and any density: from its distribution function, one stretch for each atom.
///
/// ```text
/// int_a^b (x - c)^2 p(x) dx = (a - c)^2 p(a, b) + 2 int_a^b (x - c) p(x, b) dx   for c <= a, and likewise for c >= b
/// ```
pub(super) fn w2_to_atoms(atoms: &[(f64, f64)], p: &dyn Density1) -> Result<Measured, NoEngine> {
    let share = |part: &[(f64, f64)]| part.iter().map(|a| a.1).sum::<f64>();
    let cuts: Vec<f64> = (1..atoms.len())
        .map(|i| {
            let (below, above) = (share(&atoms[..i]), share(&atoms[i..]));
            quantile(p, if below < 0.5 { Tail::Lower(below) } else { Tail::Upper(above) }, p.mean())
        })
        .collect();
    let mass = |a: f64, b: f64| if p.cdf(a) < 0.5 { p.cdf(b) - p.cdf(a) } else { p.sf(a) - p.sf(b) };
    let rule = gauss_legendre(NODES);
    let panel = |a: f64, b: f64| {
        let (half, middle) = (0.5 * (b - a), 0.5 * (a + b));
        let c = atoms[cuts.partition_point(|t| *t <= middle)].0;
        let (near, is_left) = if c <= middle { (a, true) } else { (b, false) };
        let rest: f64 = rule
            .nodes
            .iter()
            .zip(&rule.weights)
            .map(|(y, w)| {
                let x = middle + half * y;
                half * w * (x - c).abs() * if is_left { mass(x, b) } else { mass(a, x) }
            })
            .sum();
        let own = mass(a, b);
        Part { square: (near - c).powi(2) * own + 2.0 * rest, mass: own }
    };
    let kinks: Vec<f64> = [p.kinks(), p.poles(), cuts.clone(), atoms.iter().map(|a| a.0).collect()].concat();
    let coupled = adapted(&cut(&p.features(), &kinks, MAX_PANELS), &panel);
    let centre = atoms.iter().map(|(x, w)| w * x).sum::<f64>();
    let spread = atoms.iter().map(|(x, w)| w * (x - centre).powi(2)).sum::<f64>();
    distance(&coupled, 4.0 * spread.max(p.variance()), &p.ledger(), &p.ledger())
}

/// The distance from its square; an error in total variation, of which `errors` are, moves that much mass by at most the root of
/// `spread`. The nodes see p up to `unseen`.
fn distance(
    &Coupled { square, disagreement, mass }: &Coupled,
    spread: f64,
    errors: &Ledger,
    unseen: &Ledger,
) -> Result<Measured, NoEngine> {
    let missing = (1.0 - mass).abs();
    if missing.is_nan() || missing > UNSEEN + unseen.total() {
        let why = format!("the quadrature of the quantile coupling sees a mass of {mass} instead of 1");
        return Err(NoEngine { divergence: "w2", why });
    }
    if !square.is_finite() {
        return Err(NoEngine { divergence: "w2", why: "a quantile could not be found".to_string() });
    }
    let value = square.max(0.0).sqrt();
    let from_square = |e: f64| if value > 0.0 { (e / (2.0 * value)).min(e.sqrt()) } else { e.sqrt() };
    let ledger = errors
        .clone()
        .scaled(from_square(spread))
        .open(Source::Discretisation, from_square(disagreement), "panels of the quantile coupling against their halves")
        .open(Source::Truncation, from_square(missing * spread), "mass the panels of the quantile coupling do not see")
        .open(Source::Rounding, 4e-16 * (value + spread.sqrt()), "rounding of quantiles");
    Ok(Measured::with_ledger(Interval::point(value), ledger).clamped(0.0, f64::INFINITY))
}

/// The monotone coupling of two laws.
struct Coupling<'a> {
    q: &'a dyn Density1,
    p: &'a dyn Density1,
    rule: Rule,
}

impl Coupling<'_> {
    /// `int_a^b (T(x) - x)^2 p(x) dx` and `int_a^b p(x) dx` by one rule.
    fn panel(&self, a: f64, b: f64) -> Part {
        let (centre, half) = (0.5 * (a + b), 0.5 * (b - a));
        let xs: Vec<f64> = self.rule.nodes.iter().map(|node| centre + half * node).collect();
        let mut density = vec![0.0; xs.len()];
        self.p.density(&xs, &mut density);
        let mut part = Part::default();
        for ((x, d), w) in xs.iter().zip(&density).zip(&self.rule.weights) {
            let mass = half * w * d;
            part.mass += mass;
            if mass > NOTHING {
                let move_by = inverse(self.q, self.p, *x) - x;
                part.square += mass * move_by * move_by;
            }
        }
        part
    }

    /// What p is cut by: its own features, and those of q where the coupling carries them from.
    fn knots(&self) -> Vec<f64> {
        let back = |t: f64| inverse(self.p, self.q, t);
        let mut features = self.p.features();
        features.extend(self.q.features().into_iter().map(|(a, b, scale)| {
            let (from, to) = (back(a), back(b));
            (from, to, (to - from) * scale / (b - a))
        }));
        let mut kinks = self.p.kinks();
        kinks.extend(self.q.kinks().into_iter().map(back));
        cut(&features, &kinks, MAX_PANELS)
    }
}

/// The sum of `panel` over a mesh that is refined where halves disagree, with the sum of the last disagreements, and the mass
/// under the nodes.
fn adapted(knots: &[f64], panel: &dyn Fn(f64, f64) -> Part) -> Coupled {
    // A panel split once.
    let halved = |a: f64, b: f64, whole: Part| {
        let m = 0.5 * (a + b);
        let halves = [panel(a, m), panel(m, b)];
        Halved { ends: [a, m, b], halves, gap: (halves[0].square + halves[1].square - whole.square).abs() }
    };
    let mut panels: Vec<Halved> = knots.windows(2).map(|k| halved(k[0], k[1], panel(k[0], k[1]))).collect();
    for _ in 0..HALVINGS {
        let total: f64 = panels.iter().map(Halved::square).sum();
        let Some(worst) = (0..panels.len()).max_by(|&i, &j| panels[i].gap.total_cmp(&panels[j].gap)) else { break };
        let Halved { ends: [a, m, b], halves: [left, right], gap } = panels[worst];
        if gap <= AGREE * total || !(a < m && m < b) {
            break;
        }
        panels[worst] = halved(a, m, left);
        panels.push(halved(m, b, right));
    }
    Coupled {
        square: panels.iter().map(Halved::square).sum(),
        disagreement: panels.iter().map(|p| p.gap).sum(),
        mass: panels.iter().map(|p| p.halves[0].mass + p.halves[1].mass).sum(),
    }
}

/// What the coupling gives.
struct Coupled {
    square: f64,
    disagreement: f64,
    mass: f64,
}

/// Sums over the nodes of one panel.
#[derive(Clone, Copy, Default)]
struct Part {
    square: f64,
    mass: f64,
}

/// A panel with its two halves.
#[derive(Clone, Copy)]
struct Halved {
    ends: [f64; 3],
    halves: [Part; 2],
    gap: f64,
}

impl Halved {
    fn square(&self) -> f64 {
        self.halves[0].square + self.halves[1].square
    }
}

/// t with F_q(t) = F_p(x).
pub(super) fn inverse(q: &dyn Density1, p: &dyn Density1, x: f64) -> f64 {
    let left = p.cdf(x);
    quantile(q, if left < 0.5 { Tail::Lower(left) } else { Tail::Upper(p.sf(x)) }, x + q.mean() - p.mean())
}

/// A mass on one side, the lighter one.
#[derive(Clone, Copy)]
enum Tail {
    Lower(f64),
    Upper(f64),
}

/// t with this mass of q on one side, by bisection and Newton from `start`.
fn quantile(q: &dyn Density1, tail: Tail, start: f64) -> f64 {
    let excess = |t: f64| match tail {
        Tail::Lower(goal) => q.cdf(t) - goal,
        Tail::Upper(goal) => goal - q.sf(t),
    };
    let (mut a, mut b) = q.support();
    let mut t = start.clamp(a, b);
    let scale = q.scale();
    for _ in 0..BISECTIONS {
        let e = excess(t);
        if e > 0.0 {
            b = t;
        } else {
            a = t;
        }
        let mut slope = [0.0];
        q.density(&[t], &mut slope);
        let newton = t - e / slope[0];
        let next = if newton > a && newton < b { newton } else { 0.5 * (a + b) };
        if (next - t).abs() <= 1e-16 * (scale + t.abs()) {
            return next;
        }
        t = next;
    }
    t
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::targets::Mixture1;

    /// N(0, 1) against three modes, the middle one so narrow that evenly spaced panels may miss it wherever it stands:
    /// `W2^2` by quantiles, each mode apart.
    #[test]
    fn a_narrow_mode_is_not_missed() {
        let q = Mixture1 { weights: vec![1.0], means: vec![0.0], variances: vec![1.0] };
        let p = |middle: f64| Mixture1 {
            weights: vec![0.3, 0.4, 0.3],
            means: vec![0.0, middle, 30.0],
            variances: vec![1.0, 1e-6, 1.0],
        };
        for middle in [13.3137, 14.0, 17.77] {
            let target = p(middle);
            let certified = crate::divergences::line::between_closed(crate::divergences::Divergence::W2, &q, &target);
            let found = w2(&q, &target).unwrap();
            assert!(found.value.overlaps(certified.value), "{middle}: {found} beside {certified}");
            assert!(found.value.width() < 1e-9, "{middle}: {found}");
        }
        // The other way round the narrow mode is where the map leads.
        let found = w2(&p(13.3137), &q).unwrap();
        assert!((found.value.mid() - 17.9179).abs() < 1e-4 && found.value.width() < 1e-9, "{found}");
    }
}
