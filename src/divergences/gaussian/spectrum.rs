//! The transform of many directions at once: nearby ones are expanded about a common centre.
//!
//! With `x = e/(2 + e)`, `rho = 2z - 1` and `v = u^2 (1 - x)`, the transform of a Gaussian pair is
//! ```text
//! ln M = 1/2 sum [1/2 ln(1 - x^2) - rho (atanh x - x)] + 1/2 G - 1/2 z(1 - z) W,
//! G = sum g(rho x),   g(y) = -ln(1 - y) - y,        W = sum v/(1 - rho x),        z(1 - z) = (1 - rho^2)/4,
//! ```
//! over the directions with their copies n. Only G and W need every direction at every z. Around a centre c, with
//! `tau = rho/(1 - rho c)` and `x = c + delta`, we have `1 - rho x = (1 - rho c)(1 - tau delta)`, so that a group of directions is its moments:
//! ```text
//! G = N g(rho c) + rho c tau D_1 + sum_{k >= 2} D_k tau^k/k,        W = sum_k V_k tau^k/(1 - rho c),
//! D_k = sum n delta^k,   V_k = sum n v delta^k.
//! ```
//! With `|delta| <= h` and `q = |tau| h < 1` what follows the K-th term is at most `(D_2/h^2) q^{K+1}/((K + 1)(1 - q))` in G, since
//! `|delta|^k <= h^{k-2} delta^2`, and `V_0 q^{K+1}/(1 - q)` in `(1 - rho c) W`: **proved**, and relative to the first terms.
//!
//! On the line Re z = 1/2 the points 1/rho are imaginary, so `|tau| <= 1/|c|`: groups whose width is a fraction of their distance from
//! x = 0 do for every z, and wherever `|rho x|` is small all directions with smaller |x| are one group around c = 0. So the
//! directions are sorted by |x| into levels; a level has its own groups, and the moments about 0 of itself and all lower ones.

use super::pinned::Exact;
use super::series::{bend, bulge, geometric_rest, power_below};
use crate::divergences::transform::count;
use crate::numerics::{ComplexInterval, Interval, IntervalSum};
use std::ops::AddAssign;

/// A level holds the |x| between this fraction of its largest and that.
const WINDOW: f64 = 0.6;
/// The largest `|rho x|` for which a level and all lower ones are expanded about 0.
const NEAR: f64 = 0.25;
/// Highest moment that is kept.
const TERMS: usize = 40;
/// The accuracy of an expansion, in binary digits relative to its first term.
const DIGITS: f64 = 56.0;
/// Binary digits beyond those of a rectangle that are computed.
const SPARE: f64 = 3.0;
/// What a term of an expansion costs, one direction by itself costing 1.
const TERM_COST: f64 = 0.1;

/// A direction with its copies.
#[derive(Clone, Copy, Debug)]
struct Member {
    /// `e/(2 + e)`.
    x: Interval,
    /// n.
    copies: Interval,
    /// `n v`.
    pull: Interval,
    /// `n v (1/x^2 - 1)`.
    lift: Interval,
}

/// The sums over directions that depend on z.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sums {
    /// `G = sum n g(rho x)`.
    pub bulge: ComplexInterval,
    /// `sum n ln(1 - rho x)`.
    pub log: ComplexInterval,
    /// `W = sum n v/(1 - rho x)`.
    pub pull: ComplexInterval,
    /// `sum n v (1/x^2 - 1)/(1 - rho x)`.
    pub lift: ComplexInterval,
}

/// Four running sums.
#[derive(Default)]
struct Running([IntervalSum; 8]);

impl AddAssign<Sums> for Running {
    fn add_assign(&mut self, s: Sums) {
        for (sum, z) in self.0.chunks_exact_mut(2).zip([s.bulge, s.log, s.pull, s.lift]) {
            sum[0].add(z.re);
            sum[1].add(z.im);
        }
    }
}

impl Running {
    fn value(&self) -> Sums {
        let z = |k: usize| ComplexInterval::new(self.0[2 * k].value(), self.0[2 * k + 1].value());
        Sums { bulge: z(0), log: z(1), pull: z(2), lift: z(3) }
    }
}

impl Member {
    fn sums(&self, rho: ComplexInterval) -> Sums {
        let y = rho.scale(self.x);
        let (bulge, log) = bulge(y);
        let inverse = if self.pull == Interval::ZERO {
            ComplexInterval::ZERO
        } else {
            ComplexInterval::ONE / (ComplexInterval::ONE - y)
        };
        Sums {
            bulge: bulge.scale(self.copies),
            log: log.scale(self.copies),
            pull: inverse.scale(self.pull),
            lift: inverse.scale(self.lift),
        }
    }
}

/// The moments of a group about a centre, in units of its radius.
#[derive(Clone, Debug)]
struct Moments {
    centre: f64,
    /// h.
    radius: f64,
    /// N.
    copies: Interval,
    /// `D_1/h`.
    first: Interval,
    /// `D_k/(k h^k)`, k = 2, 3, ...
    shape: Vec<Interval>,
    /// `V_k/h^k`, k = 0, 1, ...; likewise with `lift` as the weight. Empty without shifts.
    pull: Vec<Interval>,
    lift: Vec<Interval>,
}

/// `sum_k c_k theta^k`.
fn polynomial(coefficients: &[Interval], theta: ComplexInterval) -> ComplexInterval {
    coefficients.iter().rev().fold(ComplexInterval::ZERO, |sum, &c| sum * theta + ComplexInterval::real(c))
}

impl Moments {
    fn new(members: &[Member], centre: f64) -> Self {
        let radius = members.iter().map(|m| (m.x - centre).magnitude()).fold(f64::MIN_POSITIVE, f64::max);
        let shifted = members.iter().any(|m| m.pull != Interval::ZERO);
        let lifted = shifted && members.iter().any(|m| m.lift != Interval::ZERO);
        let sums = |wanted: bool| vec![IntervalSum::new(); if wanted { TERMS + 1 } else { 0 }];
        let (mut shape, mut pull, mut lift) = (sums(true), sums(shifted), sums(lifted));
        for m in members {
            let delta = (m.x - centre) / radius;
            let mut power = Interval::ONE;
            for k in 0..=TERMS {
                shape[k].add(power * m.copies);
                if shifted {
                    pull[k].add(power * m.pull);
                }
                if lifted {
                    lift[k].add(power * m.lift);
                }
                power *= delta;
            }
        }
        let values = |sums: Vec<IntervalSum>| sums.into_iter().map(IntervalSum::value).collect();
        Self {
            centre,
            radius,
            copies: shape[0].value(),
            first: shape[1].value(),
            shape: (2..=TERMS).map(|k| shape[k].value() / k as f64).collect(),
            pull: values(pull),
            lift: values(lift),
        }
    }

    /// Adds the directions of another group about the same centre, with a smaller radius.
    fn absorb(&mut self, other: &Self) {
        let ratio = Interval::point(other.radius) / self.radius;
        self.copies += other.copies;
        self.first += other.first * ratio;
        let add = |to: &mut Vec<Interval>, from: &[Interval], mut power: Interval| {
            to.resize(to.len().max(from.len()), Interval::ZERO);
            for (a, b) in to.iter_mut().zip(from) {
                *a += *b * power;
                power *= ratio;
            }
        };
        add(&mut self.shape, &other.shape, ratio.sqr());
        add(&mut self.pull, &other.pull, Interval::ONE);
        add(&mut self.lift, &other.lift, Interval::ONE);
    }

    /// The group's sums, or `None` when the expansion is no good at this z.
    fn sums(&self, rho: ComplexInterval) -> Option<Sums> {
        let y = rho.scale(Interval::point(self.centre));
        let (inverse, tau) = if self.centre == 0.0 {
            (ComplexInterval::ONE, rho)
        } else {
            let inverse = ComplexInterval::ONE / (ComplexInterval::ONE - y);
            // tau = (1/(1 - y) - 1)/c as well: better for a rectangle unless y is small.
            let far = y.norm().lo() > 1.0;
            let tau =
                if far { (inverse - ComplexInterval::ONE).scale(Interval::ONE / self.centre) } else { rho * inverse };
            (inverse, tau)
        };
        let theta = tau.scale(Interval::point(self.radius));
        let size = theta.norm().hi();
        // No more digits than a rectangle has itself.
        let own = SPARE - (theta.re.width().max(theta.im.width()) / size).log2();
        // K.
        let terms = power_below(size, own.min(DIGITS)).saturating_add(1).max(2);
        if terms > TERMS {
            return None;
        }
        let rest = geometric_rest(size, terms + 1);
        let second = self.shape[0].hi() * 2.0 / (terms + 1) as f64;
        let shape = polynomial(&self.shape[..terms - 1], theta) * theta.sqr()
            + ComplexInterval::disc((Interval::point(rest) * second).hi());
        let weighted = |moments: &[Interval]| match moments.first() {
            None => ComplexInterval::ZERO,
            Some(zeroth) => {
                let rest = (Interval::point(rest) * zeroth.hi()).hi();
                (polynomial(&moments[..=terms], theta) + ComplexInterval::disc(rest)) * inverse
            }
        };
        let first = theta.scale(self.first);
        let (bulge, log) = bulge(y);
        Some(Sums {
            bulge: bulge.scale(self.copies) + y * first + shape,
            log: log.scale(self.copies) - first - shape,
            pull: weighted(&self.pull),
            lift: weighted(&self.lift),
        })
    }
}

/// Directions close to each other, and their moments unless they are few.
#[derive(Clone, Debug)]
struct Group {
    members: Vec<Member>,
    moments: Option<Moments>,
}

impl Group {
    fn add_to(&self, sums: &mut Running, rho: ComplexInterval) {
        match self.moments.as_ref().and_then(|m| m.sums(rho)) {
            Some(group) => *sums += group,
            None => self.members.iter().for_each(|m| *sums += m.sums(rho)),
        }
    }
}

/// The cheapest way to cut directions of one sign, sorted by x, into groups: its cost, and the groups with whether each is expanded.
fn cut(members: &[Member]) -> (f64, Vec<(&[Member], bool)>) {
    let [first, .., last] = members else { return (members.len() as f64, vec![(members, false)]) };
    let (lo, hi) = (first.x.lo(), last.x.hi());
    let centre = 0.5 * (lo + hi);
    let terms = power_below(0.5 * (hi - lo) / centre.abs(), DIGITS);
    let expanded = if terms < TERMS { 1.0 + TERM_COST * terms as f64 } else { f64::INFINITY };
    let one_by_one = members.len() as f64;
    let mut best =
        if expanded < one_by_one { (expanded, vec![(members, true)]) } else { (one_by_one, vec![(members, false)]) };
    // Two groups cost 2 at least.
    if best.0 > 2.0 {
        let (left, right) = members.split_at(members.partition_point(|m| m.x.mid() < centre));
        if !left.is_empty() && !right.is_empty() {
            let (left, right) = (cut(left), cut(right));
            if left.0 + right.0 < best.0 {
                best = (left.0 + right.0, [left.1, right.1].concat());
            }
        }
    }
    best
}

/// The directions of one window of |x|.
#[derive(Clone, Debug)]
struct Level {
    groups: Vec<Group>,
    /// Moments about 0 of this level and all lower ones, and their largest |x|.
    from_here: Moments,
    /// How many directions these are.
    len: usize,
}

/// A list of directions, prepared for sums over all of them.
#[derive(Clone, Debug)]
pub(super) struct Spectrum {
    /// From the largest |x| to the smallest.
    levels: Vec<Level>,
    /// `sum n u^2` over the directions with e = 0.
    pub pure_shift: Interval,
    /// `sum n 1/2 ln(1 - x^2)`.
    pub base: Interval,
    /// `sum n (atanh x - x)`.
    pub bend: Interval,
    /// `sum n atanh x`.
    pub tilt: Interval,
    /// `sum n v/x`.
    pub pull_over: Interval,
    /// `sum n v/x^2`.
    pub pull_over_square: Interval,
}

impl Spectrum {
    /// Of directions; what has `1/x` in it is left out unless `lifted`.
    pub fn new(directions: &[Exact], lifted: bool) -> Self {
        let mut members = Vec::with_capacity(directions.len());
        let mut sums = [IntervalSum::new(); 6];
        for d in directions {
            let copies = count(d.copies);
            if d.is_pure_shift() {
                sums[0].add(d.shift() * copies);
                continue;
            }
            let x = d.e / (d.ratio + 1.0);
            sums[1].add((d.e.sqr() / (d.ratio * 4.0)).ln_1p() * copies * -0.5);
            sums[2].add(bend(x, d.log) * copies);
            sums[3].add(d.log * copies * 0.5);
            let (mut pull, mut lift) = (Interval::ZERO, Interval::ZERO);
            if d.u != 0.0 {
                // 1 - x = 2/(2 + e) and 1/x^2 - 1 = 4 (1 + e)/e^2.
                pull = d.shift() * copies * 2.0 / (d.ratio + 1.0);
                if lifted {
                    lift = pull * d.ratio * 4.0 / d.e.sqr();
                    sums[4].add(d.shift() * copies * 2.0 / d.e);
                    sums[5].add(pull + lift);
                }
            }
            members.push(Member { x, copies, pull, lift });
        }
        let [pure_shift, base, bend, tilt, pull_over, pull_over_square] = sums.map(IntervalSum::value);
        Self { levels: levels(members), pure_shift, base, bend, tilt, pull_over, pull_over_square }
    }

    /// The sums at `rho = 2z - 1`; z may be a rectangle.
    pub fn sums(&self, rho: ComplexInterval) -> Sums {
        let mut sums = Running::default();
        let size = rho.norm().hi();
        for level in &self.levels {
            if level.len as f64 > 1.0 + TERM_COST * TERMS as f64
                && size * level.from_here.radius <= NEAR
                && let Some(rest) = level.from_here.sums(rho)
            {
                sums += rest;
                break;
            }
            level.groups.iter().for_each(|group| group.add_to(&mut sums, rho));
        }
        sums.value()
    }

    /// `ln M`; `quarter = z(1 - z)`.
    pub fn log(&self, rho: ComplexInterval, quarter: ComplexInterval) -> ComplexInterval {
        let sums = self.sums(rho);
        let pull = sums.pull + ComplexInterval::real(self.pure_shift);
        (ComplexInterval::real(self.base) - rho.scale(self.bend) + sums.bulge - quarter * pull)
            .scale(Interval::point(0.5))
    }
}

fn levels(mut members: Vec<Member>) -> Vec<Level> {
    members.sort_by(|a, b| b.x.mid().abs().total_cmp(&a.x.mid().abs()));
    let mut levels = Vec::new();
    let mut rest = &members[..];
    while let Some(first) = rest.first() {
        let least = WINDOW * first.x.mid().abs();
        let (level, lower) = rest.split_at(rest.partition_point(|m| m.x.mid().abs() >= least));
        let (mut plus, mut minus): (Vec<Member>, Vec<Member>) = level.iter().partition(|m| m.x.mid() > 0.0);
        plus.reverse();
        minus.sort_by(|a, b| a.x.mid().total_cmp(&b.x.mid()));
        let pieces = [cut(&plus).1, cut(&minus).1].concat();
        let groups = pieces
            .into_iter()
            .filter(|(members, _)| !members.is_empty())
            .map(|(members, expanded)| {
                let centre = 0.5 * (members[0].x.mid() + members[members.len() - 1].x.mid());
                Group { members: members.to_vec(), moments: expanded.then(|| Moments::new(members, centre)) }
            })
            .collect();
        levels.push(Level { groups, from_here: Moments::new(level, 0.0), len: rest.len() });
        rest = lower;
    }
    for k in (1..levels.len()).rev() {
        let (upper, lower) = levels.split_at_mut(k);
        upper[k - 1].from_here.absorb(&lower[0].from_here);
    }
    levels
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// All directions one by one.
    fn unclustered(directions: &[Exact], rho: ComplexInterval) -> Sums {
        let mut sums = Running::default();
        for d in directions {
            Spectrum::new(&[*d], true).levels[0].groups[0].members.iter().for_each(|m| sums += m.sums(rho));
        }
        sums.value()
    }

    fn parts(s: &Sums) -> [Interval; 8] {
        [s.bulge.re, s.bulge.im, s.log.re, s.log.im, s.pull.re, s.pull.im, s.lift.re, s.lift.im]
    }

    /// `i sinh(v + ia)`.
    fn rho(v: f64, a: f64) -> ComplexInterval {
        ComplexInterval::new(Interval::point(-v.cosh() * a.sin()), Interval::point(v.sinh() * a.cos()))
    }

    /// Variance ratios from 1e-12 to 1e9, spread over many scales of |e| on both sides or around one number, with shifts of all sizes.
    fn directions(len: usize, kind: usize, scale: f64) -> Vec<Exact> {
        (0..len)
            .map(|i| {
                let t = (i as f64 + 0.5) / len as f64;
                let e = match kind {
                    0 => scale * (1.0 + t),
                    1 => 1e-9 * 1e18_f64.powf(t),
                    2 => -(1e-9_f64.powf(t)) * 0.999_999,
                    3 => (1e-12 * (1.0 + t) + (i % 2) as f64 * 1e-3) - 1.0,
                    4 => scale * (i as f64 + 1.0).cos(),
                    _ => scale * 0.3 + 1e-9 * (t - 0.5),
                };
                let u = [0.0, 1e-9, 1e-3, 3.0][i % 4] * t;
                Exact::by_excess(e, u, 1 + (i % 3) as u64)
            })
            .collect()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(200))]
        /// Groups and directions one by one give the same sums, and neither is wider.
        #[test]
        fn groups_give_the_sums_of_their_members(
            len in 1..300usize, kind in 0..6usize, exponent in -10.0..-0.5f64, v in 0.0..40.0f64, a in -0.7..0.7f64, straight: bool,
        ) {
            let directions = directions(len, kind, 10.0_f64.powf(exponent));
            let rho = rho(v, if straight { 0.0 } else { a });
            let found = Spectrum::new(&directions, true).sums(rho);
            let wanted = unclustered(&directions, rho);
            for (k, (f, w)) in parts(&found).into_iter().zip(parts(&wanted)).enumerate() {
                prop_assert!(f.overlaps(w), "{k}: {f} {w}");
            }
            for (f, w) in [(found.bulge, wanted.bulge), (found.log, wanted.log), (found.pull, wanted.pull), (found.lift, wanted.lift)] {
                let (width, own) = (f.re.width().max(f.im.width()), w.re.width().max(w.im.width()));
                prop_assert!(width <= 1e-12 * w.norm().hi() || width <= 2.0 * own, "{width:e} {own:e} {:e}", w.norm().hi());
            }
        }

        /// Over a rectangle the sums contain those at its points.
        #[test]
        fn rectangles_contain_their_points(
            len in 1..300usize, kind in 0..6usize, exponent in -10.0..-0.5f64, v in 0.0..40.0f64, a in -1.4..1.4f64, width in 0.0..0.3f64, part in 0.0..1.0f64,
        ) {
            let directions = directions(len, kind, 10.0_f64.powf(exponent));
            let (from, to) = (rho(v, a), rho(v + width, a));
            let whole = Spectrum::new(&directions, true).sums(ComplexInterval::new(from.re.hull(to.re), from.im.hull(to.im)));
            let at = |x: Interval, y: Interval| Interval::point((x.mid() + part * (y.mid() - x.mid())).clamp(x.mid().min(y.mid()), x.mid().max(y.mid())));
            let there = unclustered(&directions, ComplexInterval::new(at(from.re, to.re), at(from.im, to.im)));
            for (k, (w, p)) in parts(&whole).into_iter().zip(parts(&there)).enumerate() {
                // The argument of a logarithm is any branch where the rectangle meets the cut.
                prop_assert!(w.overlaps(p), "{k}: {w} {p}");
            }
        }
    }

    #[test]
    fn a_thousand_directions_are_a_few_groups() {
        let spectrum = Spectrum::new(&directions(1000, 0, 1e-3), false);
        let groups: usize = spectrum.levels.iter().map(|l| l.groups.len()).sum();
        assert!(groups <= 8 && spectrum.levels.iter().all(|l| l.groups.iter().all(|g| g.moments.is_some())));
        // Three are not worth a moment.
        let few = Spectrum::new(&directions(3, 0, 1e-3), false);
        assert!(few.levels.iter().all(|l| l.groups.iter().all(|g| g.moments.is_none())));
    }
}
