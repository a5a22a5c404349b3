//! Divergences between densities on the line that are known only by their values: checked, not certified.

use super::seen::{Known, Node, Seen, Size};
use crate::divergences::{Divergence, NoEngine};
use crate::laws::Density1;
use crate::numerics::{Interval, Ledger, Measured, Source, gauss_legendre};

/// Gauss-Legendre nodes per panel.
pub(super) const NODES: usize = 16;
/// Panels per length scale of the rougher law.
const PANELS_PER_SCALE: f64 = 1.0;
/// The most panels.
const MAX_PANELS: usize = 4000;
/// A pole nearer than this, in widths of a panel, is told by the nodes of the law that has it.
const NEAR: f64 = 0.5;
/// Beside a pole a quadrature may converge as slowly as the square root of the panels' widths: what is left after a halving is at
/// most `1/(sqrt 2 - 1)` times the last change, and more before the rate sets in.
const SLOW: f64 = 4.0;
/// Density values are used where they exceed their noise by this factor.
const CLEAR: f64 = 30.0;

/// Two densities sampled on panels.
pub(super) struct Sampled {
    pub(super) x: Vec<f64>,
    pub(super) weight: Vec<f64>,
    pub(super) q: Vec<f64>,
    pub(super) p: Vec<f64>,
    /// The logarithms of q and p, of a law without noise.
    ln: [Vec<f64>; 2],
    /// The panel edges.
    pub(super) edges: Vec<f64>,
}

/// Panel edges: the line is cut where a feature of either law begins or ends and at kinks, and each piece into panels of the
/// finest scale of the features that cover it, divided by `refine`.
fn edges(q: &dyn Density1, p: &dyn Density1, refine: f64) -> Vec<f64> {
    let mut features = q.features();
    features.extend(p.features());
    let kinks: Vec<f64> = q.kinks().into_iter().chain(p.kinks()).collect();
    let per_scale = PANELS_PER_SCALE * refine;
    let finer: Vec<_> = features.into_iter().map(|(a, b, scale)| (a, b, scale / per_scale)).collect();
    cut(&finer, &kinks, MAX_PANELS)
}

/// Panel edges from features `(from, to, scale)`: one panel per finest scale of those that cover it, about `most` at most. A
/// piece that none covers holds no mass and is one panel.
pub(super) fn cut(features: &[(f64, f64, f64)], kinks: &[f64], most: usize) -> Vec<f64> {
    let mut cuts: Vec<f64> = features.iter().flat_map(|f| [f.0, f.1]).collect();
    let (lo, hi) = cuts.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), &c| (a.min(c), b.max(c)));
    cuts.extend(kinks.iter().filter(|k| (lo..=hi).contains(k)));
    cuts.sort_by(f64::total_cmp);
    cuts.dedup();
    let panels = |pair: &[f64]| {
        let covering = features.iter().filter(|f| f.0 <= pair[0] && pair[1] <= f.1);
        let scale = covering.map(|f| f.2).fold(f64::INFINITY, f64::min);
        ((pair[1] - pair[0]) / scale).ceil().max(1.0)
    };
    let wanted: f64 = cuts.windows(2).map(panels).sum();
    let share = (most as f64 / wanted).min(1.0);
    let mut edges = Vec::new();
    for pair in cuts.windows(2) {
        let count = (panels(pair) * share).ceil().max(1.0) as usize;
        edges.extend((0..count).map(|k| pair[0] + (pair[1] - pair[0]) * k as f64 / count as f64));
    }
    edges.push(hi);
    edges
}

impl Sampled {
    /// On panels that are nowhere wider than the finest length scale there divided by `refine`, with kinks at panel edges.
    pub(super) fn new(q: &dyn Density1, p: &dyn Density1, refine: f64) -> Self {
        let edges = edges(q, p, refine);
        let rule = gauss_legendre(NODES);
        // Where a density grows without bound, it knows its own nodes and values.
        let (mut nodes, mut known) = (Vec::new(), Vec::new());
        let poles = [q.poles(), p.poles()];
        for pair in edges.windows(2) {
            // A pole is felt as far away as it is from a panel that is not much wider.
            let felt = NEAR * (pair[1] - pair[0]);
            let at_pole = |side: usize| poles[side].iter().any(|p| pair[0] - felt <= *p && *p <= pair[1] + felt);
            let own = (0..2)
                .find(|&side| at_pole(side))
                .map(|side| (side, [q, p][side].near_poles((pair[0], pair[1]), &rule)));
            if let Some((side, own)) = own.filter(|(_, own)| !own.is_empty()) {
                for node in own {
                    known.push((side, nodes.len(), node.ln));
                    nodes.push((node.at, node.weight));
                }
                continue;
            }
            let (centre, half) = (0.5 * (pair[0] + pair[1]), 0.5 * (pair[1] - pair[0]));
            nodes.extend(rule.nodes.iter().zip(&rule.weights).map(|(node, w)| (centre + half * node, half * w)));
        }
        let mut order: Vec<usize> = (0..nodes.len()).collect();
        order.sort_by(|&i, &j| nodes[i].0.total_cmp(&nodes[j].0));
        let (x, weight): (Vec<f64>, Vec<f64>) = order.iter().map(|&i| nodes[i]).unzip();
        let values = |d: &dyn Density1| {
            let (mut plain, mut ln) = (vec![0.0; x.len()], Vec::new());
            d.density(&x, &mut plain);
            if d.noise() == 0.0 {
                ln = vec![0.0; x.len()];
                d.ln_density(&x, &mut ln);
            }
            (plain, ln)
        };
        let mut both = [values(q), values(p)];
        let mut place = vec![0; nodes.len()];
        order.iter().enumerate().for_each(|(at, &i)| place[i] = at);
        for (side, i, ln) in known {
            let (plain, logs) = &mut both[side];
            plain[place[i]] = ln.exp();
            if let Some(log) = logs.get_mut(place[i]) {
                *log = ln;
            }
        }
        let [(q, ln_q), (p, ln_p)] = both;
        Self { x, weight, q, p, ln: [ln_q, ln_p], edges }
    }

    /// What is known of q and of p at the nodes.
    fn seen<'a>(&self, q: &'a dyn Density1, p: &'a dyn Density1) -> [Seen<'a>; 2] {
        [Seen::new(q, &self.x, &self.q, &self.ln[0]), Seen::new(p, &self.x, &self.p, &self.ln[1])]
    }
}

/// D(q, p) for every divergence but W2.
pub(super) fn between(divergence: Divergence, q: &dyn Density1, p: &dyn Density1) -> Result<Measured, NoEngine> {
    let laws = q.ledger().and(&p.ledger());
    match divergence {
        Divergence::Tv => Ok(total_variation(q, p, laws)),
        Divergence::Kl => Ok(smooth(q, p, &laws, Functional::Kl)),
        Divergence::KlReverse => Ok(smooth(p, q, &laws, Functional::Kl)),
        Divergence::HellingerSquared => Ok(smooth(q, p, &laws, Functional::Hellinger).clamped(0.0, 1.0)),
        Divergence::ChiSquared => Ok(chi_squared(q, p, &laws)),
        Divergence::Renyi2 => {
            let chi = chi_squared(q, p, &laws);
            Ok(Measured { value: chi.value.ln_1p(), ..chi })
        }
        Divergence::W2 => Err(NoEngine { divergence: "w2", why: "W2 has its own engine".to_string() }),
    }
}

/// Half the sum of |differences of F_q - F_p| between the sign changes of q - p: the cdfs are accurate where the quadrature
/// of an absolute value is not.
fn total_variation(q: &dyn Density1, p: &dyn Density1, laws: Ledger) -> Measured {
    let grid = Sampled::new(q, p, 2.0);
    let noise = q.noise() + p.noise();
    let peak = peak(grid.q.iter().zip(&grid.weight).chain(grid.p.iter().zip(&grid.weight)).map(|(v, w)| (*v, *w)));
    let gap = |x: f64| {
        let (mut a, mut b) = ([0.0], [0.0]);
        q.density(&[x], &mut a);
        p.density(&[x], &mut b);
        a[0] - b[0]
    };
    let clear = |i: usize| (grid.q[i] - grid.p[i]).abs() > CLEAR * noise && grid.q[i].max(grid.p[i]) > 1e-15 * peak;
    let mut roots = Vec::new();
    let mut last: Option<usize> = None;
    for i in (0..grid.x.len()).filter(|&i| clear(i)) {
        if let Some(j) = last
            && (grid.q[j] - grid.p[j] > 0.0) != (grid.q[i] - grid.p[i] > 0.0)
        {
            roots.push(bisect(&gap, grid.x[j], grid.x[i]));
        }
        last = Some(i);
    }
    // F_q - F_p from the nearer side, so that neither tail cancels.
    let middle = 0.5 * (q.mean() + p.mean());
    let difference = |x: f64| if x < middle { q.cdf(x) - p.cdf(x) } else { p.sf(x) - q.sf(x) };
    let mut previous = 0.0;
    let mut sum = 0.0;
    for root in &roots {
        let here = difference(*root);
        sum += (here - previous).abs();
        previous = here;
    }
    sum += previous.abs();
    let ledger = laws.open(
        Source::Rounding,
        4e-16 * (roots.len() as f64 + 2.0),
        "rounding of the distribution functions at the sign changes",
    );
    Measured::with_ledger(Interval::point(0.5 * sum), ledger).clamped(0.0, 1.0)
}

/// The largest value of a density given as values with weights; for one without bounds, [`TYPICAL`] times its geometric mean under
/// itself.
fn peak(values: impl Iterator<Item = (f64, f64)>) -> f64 {
    let seen = values.filter(|(v, _)| *v > 0.0);
    let (largest, mass, logs) =
        seen.fold((0.0, 0.0, 0.0), |(m, a, b): (f64, f64, f64), (v, w)| (m.max(v), a + w * v, b + w * v * v.ln()));
    if mass > 0.0 { largest.min(TYPICAL * (logs / mass).exp()) } else { largest }
}

/// How far above its geometric mean the peak of a density may stand.
const TYPICAL: f64 = 1000.0;

/// A sign change of f between a and b, to machine precision.
fn bisect(f: &dyn Fn(f64) -> f64, mut a: f64, mut b: f64) -> f64 {
    let positive = f(a) > 0.0;
    for _ in 0..200 {
        let m = 0.5 * (a + b);
        if !(a < m && m < b) {
            break;
        }
        if (f(m) > 0.0) == positive {
            a = m;
        } else {
            b = m;
        }
    }
    0.5 * (a + b)
}

/// Which integral of a pair of densities.
#[derive(Clone, Copy, PartialEq)]
pub(in crate::divergences) enum Functional {
    /// `int a ln(a/b) - a + b`.
    Kl,
    /// `int (sqrt a - sqrt b)^2/2`.
    Hellinger,
    /// `int (a - b)^2/b`.
    Chi,
}

impl Functional {
    /// The integrand at densities a and b, non-negative and quadratic in a - b where the two are close:
    /// `a ln(a/b) - a + b`, `(sqrt a - sqrt b)^2/2`, `(a - b)^2/b`. All three are jointly convex and vanish at a = b.
    pub(in crate::divergences) fn integrand(self, a: Size, b: Size) -> f64 {
        let (p, q) = (b.value, a.value);
        let plain = p > f64::MIN_POSITIVE && q > f64::MIN_POSITIVE;
        let d = if plain { (q - p) / p } else { (a.ln - b.ln).exp_m1() };
        match self {
            Functional::Hellinger => {
                let r = q.sqrt() - p.sqrt();
                let r = if q + p > 0.0 && d.abs() < 0.5 { (q - p) / (q.sqrt() + p.sqrt()) } else { r };
                0.5 * r * r
            }
            // p [(1 + d) ln(1 + d) - d]; the series below |d| = 1e-2 has an error of d^9.
            Functional::Kl if d.abs() < 1e-2 => {
                let series = (2..=9).rev().fold(0.0, |s, k| {
                    let k = f64::from(k);
                    let sign = if k as i32 % 2 == 0 { 1.0 } else { -1.0 };
                    s * d + sign / (k * (k - 1.0))
                });
                p * series * d * d
            }
            Functional::Kl if q == 0.0 => p,
            Functional::Kl if plain && (-0.5..1e8).contains(&d) => q * d.ln_1p() - (q - p),
            Functional::Kl => q * (a.ln - b.ln) - (q - p),
            Functional::Chi if d.abs() < 0.5 => p * d * d,
            Functional::Chi => (2.0 * a.ln - b.ln).exp() - 2.0 * q + p,
        }
    }

    /// The least and the largest value between the ends of two nodes: a convex function is largest at a corner; it is 0
    /// where the ranges overlap and otherwise least at the corner where they come closest.
    fn range(self, a: &Node, b: &Node) -> (f64, f64) {
        let corners = [(a.lo, b.lo), (a.lo, b.hi), (a.hi, b.lo), (a.hi, b.hi)].map(|(a, b)| self.integrand(a, b));
        let overlap = a.lo.ln <= b.hi.ln && b.lo.ln <= a.hi.ln;
        let least = if overlap { 0.0 } else { corners.iter().copied().fold(f64::INFINITY, f64::min) };
        let largest = corners.iter().copied().fold(0.0, f64::max);
        (least.max(0.0), if corners.iter().any(|c| c.is_nan()) { f64::INFINITY } else { largest })
    }

    /// |derivative in a|: how much an error of a counts.
    fn sensitivity(self, a: &Node, b: &Node) -> f64 {
        let ratio = a.taken.ln - b.taken.ln;
        match self {
            Functional::Kl => ratio.abs(),
            Functional::Hellinger => 0.5 * (-0.5 * ratio).exp_m1().abs(),
            Functional::Chi => 2.0 * ratio.exp_m1().abs(),
        }
    }
}

/// The mass of one law, where the other is not clear, above which nothing is said from above.
pub(in crate::divergences) const UNSEEN: f64 = 1e-6;
/// The part of chi^2 that may come from extrapolated tails before nothing is said from above.
pub(in crate::divergences) const FROM_TAILS: f64 = 0.1;
/// Where a has less than this part of its largest value its errors are those of the nodes, not of the law as a whole.
const BULK: f64 = 1e-9;

/// Sums over the nodes of one kind.
#[derive(Clone, Copy, Default)]
pub(in crate::divergences) struct Total {
    pub(in crate::divergences) taken: f64,
    pub(in crate::divergences) lo: f64,
    pub(in crate::divergences) hi: f64,
}

impl Total {
    fn add(&mut self, weight: f64, taken: f64, (lo, hi): (f64, f64)) {
        self.taken += weight * taken;
        self.lo += weight * lo.min(taken);
        self.hi += weight * hi.max(taken);
    }

    pub(in crate::divergences) fn spread(self) -> f64 {
        (self.hi - self.taken).max(self.taken - self.lo)
    }
}

/// An integral of a pair (a, b) summed over nodes.
#[derive(Clone, Copy, Default)]
pub(in crate::divergences) struct Tally {
    /// Over the nodes at which both laws are clear.
    pub(in crate::divergences) clear: Total,
    /// Over the others.
    pub(in crate::divergences) guessed: Total,
    /// The mass of a where b is not clear.
    pub(in crate::divergences) unseen: f64,
    /// The largest derivative in a where a is not small.
    pub(in crate::divergences) sensitivity: f64,
}

impl Tally {
    /// Node by node between the ends the two values may lie between.
    pub(in crate::divergences) fn new(
        functional: Functional,
        a: &[Node],
        b: &[Node],
        weight: impl Fn(usize) -> f64,
    ) -> Self {
        let peak = peak(a.iter().enumerate().map(|(i, n)| (n.taken.value, weight(i))));
        let mut tally = Self::default();
        for (i, (na, nb)) in a.iter().zip(b).enumerate() {
            let kind = match na.known == Known::Clear && nb.known == Known::Clear {
                true => &mut tally.clear,
                false => &mut tally.guessed,
            };
            kind.add(weight(i), functional.integrand(na.taken, nb.taken), functional.range(na, nb));
            // Where b is not seen, the integrand has no upper end worth the name unless a has no mass there.
            if nb.known != Known::Clear {
                tally.unseen += weight(i) * na.hi.value;
            }
            if na.taken.value > BULK * peak {
                tally.sensitivity = tally.sensitivity.max(functional.sensitivity(na, nb));
            }
        }
        tally
    }
}

/// An integral of a pair (a, b) over the line: node by node between the ends the two values may lie between, at two
/// resolutions, with the tails of a law that is only known by its values extrapolated as Gaussian.
fn smooth(a: &dyn Density1, b: &dyn Density1, laws: &Ledger, functional: Functional) -> Measured {
    let at = |refine: f64| {
        let grid = Sampled::new(a, b, refine);
        let [seen_a, seen_b] = grid.seen(a, b);
        let value = |i: usize| functional.integrand(seen_a.nodes[i].taken, seen_b.nodes[i].taken);
        let sum: f64 = (0..grid.x.len()).map(|i| grid.weight[i] * value(i)).sum();
        (sum, grid.weight.clone(), seen_a.nodes, seen_b.nodes)
    };
    let (coarse, ..) = at(1.0);
    let (fine, weights, seen_a, seen_b) = at(2.0);
    let Tally { clear, mut guessed, unseen, sensitivity } = Tally::new(functional, &seen_a, &seen_b, |i| weights[i]);
    if clear.lo == f64::INFINITY {
        let why = "where one law has mass the other, in closed form, has none: its gaps are not proved";
        let ledger = laws.clone().open(Source::Discretisation, 0.0, why);
        return Measured { value: Interval::INFINITY, evidence: ledger.evidence(), ledger };
    }
    let mut open_end = unseen > UNSEEN && functional != Functional::Hellinger;
    if functional == Functional::Chi {
        let beyond = beyond_nodes(a, b);
        open_end |= beyond.hi + guessed.hi > FROM_TAILS * clear.taken && guessed.hi + beyond.hi > UNSEEN;
        guessed.add(1.0, beyond.taken, (beyond.lo, beyond.hi));
    }
    let slow = if a.poles().is_empty() && b.poles().is_empty() { 1.0 } else { SLOW };
    let change = slow * (fine - coarse).abs();
    let ledger = laws
        .clone()
        .scaled(2.0 * sensitivity)
        .open(Source::Discretisation, change, "two panel widths of a Gauss-Legendre quadrature")
        .open(Source::Truncation, guessed.spread(), "where a density drowns in noise; tails extrapolated as Gaussian")
        .open(Source::Rounding, clear.spread() + 1e-15 * fine.abs(), "noise of the density values, node by node");
    let total = clear.taken + guessed.taken;
    if !open_end && total.is_finite() && guessed.hi.is_finite() {
        return Measured::with_ledger(Interval::point(total), ledger).clamped(0.0, f64::INFINITY);
    }
    let lo = (clear.lo + guessed.lo).min(f64::MAX) - sensitivity * laws.total() * 2.0 - change;
    let value = Interval::new(lo.max(0.0), f64::INFINITY);
    Measured { value, evidence: ledger.evidence(), ledger }
}

/// `int (a - b)^2/b` beyond the nodes on both sides, out to where `a^2/b` has died away: it may peak far outside.
fn beyond_nodes(a: &dyn Density1, b: &dyn Density1) -> Total {
    let grid = Sampled::new(a, b, 2.0);
    let [seen_a, seen_b] = grid.seen(a, b);
    let mut total = Total::default();
    let (Some(&first), Some(&last)) = (grid.edges.first(), grid.edges.last()) else { return total };
    for (right, edge) in [(false, first), (true, last)] {
        let pick = |t: (f64, f64)| if right { t.1 } else { t.0 };
        let precision = 2.0 / pick(a.tail_variance()) - 1.0 / pick(b.tail_variance());
        // The logarithm of a^2/b is a parabola of this precision far out; without one there is no end.
        let sd = if precision > 0.0 { precision.sqrt().recip() } else { f64::INFINITY };
        if !sd.is_finite() {
            total.hi = f64::INFINITY;
            continue;
        }
        let step = STEP * sd;
        let mut largest = f64::NEG_INFINITY;
        for k in 0..MAX_STEPS {
            let x = if right { edge + step * (k as f64 + 0.5) } else { edge - step * (k as f64 + 0.5) };
            let (na, nb) = (seen_a.beyond(x, right), seen_b.beyond(x, right));
            let ln = 2.0 * na.hi.ln - nb.lo.ln;
            total.add(step, Functional::Chi.integrand(na.taken, nb.taken), Functional::Chi.range(&na, &nb));
            largest = largest.max(ln);
            if ln < largest - NEGLIGIBLE && nb.hi.value == 0.0 || ln < DEAD {
                break;
            }
            if k + 1 == MAX_STEPS {
                total.hi = f64::INFINITY;
            }
        }
    }
    if !total.taken.is_finite() {
        return Total { taken: 0.0, lo: 0.0, hi: f64::INFINITY };
    }
    total
}

/// Steps of the midpoint rule beyond the nodes, in standard deviations of a^2/b, and how many at most.
const STEP: f64 = 0.05;
const MAX_STEPS: usize = 200_000;
/// Nats below its largest value, and in all, at which a^2/b no longer counts.
const NEGLIGIBLE: f64 = 60.0;
const DEAD: f64 = -100.0;

/// chi^2, infinite when the tail of q is wider than twice that of p; undecided within one part in 10^9 of that.
fn chi_squared(q: &dyn Density1, p: &dyn Density1, laws: &Ledger) -> Measured {
    if !q.poles().is_empty() {
        // q^2 grows like the inverse of the distance beside a pole.
        let ledger = laws.clone().open(Source::Discretisation, 0.0, "the folds of the map are not proved");
        return Measured { value: Interval::INFINITY, evidence: ledger.evidence(), ledger };
    }
    let (a, b) = (q.tail_variance(), p.tail_variance());
    let worst = (a.0 / b.0).max(a.1 / b.1);
    if worst > 2.0 * (1.0 + 1e-9) {
        let ledger = laws.clone().open(Source::Truncation, 0.0, "the tail variances of the output law are not proved");
        return Measured { value: Interval::INFINITY, evidence: ledger.evidence(), ledger };
    }
    let finite = smooth(q, p, laws, Functional::Chi);
    if worst > 2.0 * (1.0 - 1e-9) {
        let value = Interval::new(finite.value.lo(), f64::INFINITY);
        return Measured { value, ..finite };
    }
    finite
}
