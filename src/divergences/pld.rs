//! A proved bracket of the total variation between products of independent factors, through the law of the log-ratio.
//!
//! Each factor's space is cut into bins. The lower end is the advantage of one explicit test: sum the bins' log-ratios,
//! rounded to a lattice, and ask whether the sum is positive; any test gives a lower bound, so nothing about the rounding
//! needs to be exact. The upper end replaces each bin by two atoms whose ratios are lattice points around all ratios that
//! occur in the bin, with the same masses: that pair of laws is easier to tell apart than the bin (the convex function
//! `r -> (1 - r)_+` lies below its chord), and stays so in products. Both are off by the square of the spacing.

use crate::numerics::{Interval, convolution_power};
use rayon::prelude::*;

/// Neighbouring bins that share the enclosures of their derivatives.
const SHARING: usize = 4;

/// What is known of one bin: its two masses and the log-ratios that occur in it.
#[derive(Clone, Copy, Debug)]
pub struct Bin {
    /// p(bin).
    pub p: Interval,
    /// q(bin).
    pub q: Interval,
    /// ln(q/p) over the bin.
    pub log_ratio: Interval,
}

/// A factor cut into bins.
#[derive(Clone, Debug)]
pub struct Binned {
    /// The bins, in any order.
    pub bins: Vec<Bin>,
    /// A bound of the p-mass outside all bins.
    pub p_outside: f64,
}

/// ln of a density on the line with its derivatives, each enclosed where the masses of bins need it.
pub trait LogDensity: Sync {
    /// ln p and (ln p)' at a point.
    fn at(&self, x: Interval) -> (Interval, Interval);

    /// (ln p)' and (ln p)'' over an interval of positive length.
    fn over(&self, x: Interval) -> (Interval, Interval);
}

/// `int_a^b p`, to a small multiple of the rounding error of p at a point c near the centre (relative): with `l = ln p`,
/// ```text
/// p(c) [(b - a) + l'(c) ((b - c)^2 - (a - c)^2)/2 + (l'' + l'^2)(x) p(x)/p(c) ((b - c)^3 - (a - c)^3)/6],   x in [a, b].
/// ```
/// The middle term is there because c is rounded.
///
/// `value` and `tilt` are l and l' at c, `slope` and `curvature` l' and l'' over `[a, b]`.
fn mass(
    (value, tilt): (Interval, Interval),
    (slope, curvature): (Interval, Interval),
    c: Interval,
    (a, b): (f64, f64),
) -> Interval {
    let (left, right) = (Interval::point(a) - c, Interval::point(b) - c);
    let width = Interval::point(b) - a;
    let bend = (curvature + slope.sqr()) * (slope * left.hull(right)).exp();
    let tilt = tilt * width * (left + right) * 0.5;
    value.exp() * (width + tilt + bend * cubes(left, right) / 6.0)
}

/// `right^3 - left^3` for `left <= 0 <= right`; every product is off by half a unit.
fn cubes(left: Interval, right: Interval) -> Interval {
    let cube = |x: f64| x * x * x;
    let lo = cube(right.lo().max(0.0)) - cube(left.hi().min(0.0));
    let hi = cube(right.hi().max(0.0)) - cube(left.lo().min(0.0));
    let slack = 4.0 * f64::EPSILON;
    Interval::new((lo * (1.0 - slack) - f64::MIN_POSITIVE).max(0.0), hi * (1.0 + slack) + f64::MIN_POSITIVE)
}

impl Binned {
    /// Cuts `[a, b]` into `count` equal bins; `p` and `q` enclose the two log-densities over any interval.
    ///
    /// # Promise
    /// The bins are enclosures; `p_outside` must bound the p-mass outside `[a, b]`.
    #[must_use]
    pub fn new(p: &dyn LogDensity, q: &dyn LogDensity, (a, b): (f64, f64), count: usize, p_outside: f64) -> Self {
        let cut = |i: usize| if i == count { b } else { a + (b - a) * (i as f64 / count as f64) };
        let cut_into = |block: usize| {
            let (first, last) = (block * SHARING, ((block + 1) * SHARING).min(count));
            let wide = Interval::new(cut(first), cut(last));
            let over = (p.over(wide), q.over(wide));
            (first..last).map(move |i| {
                let x = Interval::new(cut(i), cut(i + 1));
                let (ends, centre) = ((x.lo(), x.hi()), Interval::point(x.mid()));
                let at = (p.at(centre), q.at(centre));
                let drift = (over.1.0 - over.0.0) * (x - centre);
                Bin {
                    p: mass(at.0, over.0, centre, ends),
                    q: mass(at.1, over.1, centre, ends),
                    log_ratio: at.1.0 - at.0.0 + drift,
                }
            })
        };
        let bins = (0..count.div_ceil(SHARING)).into_par_iter().flat_map_iter(cut_into).collect();
        Self { bins, p_outside }
    }
}

/// The lattice on which sums of log-ratios live: `length` residues of width `spacing`, a power of two.
#[derive(Clone, Copy, Debug)]
struct Lattice {
    spacing: f64,
    length: usize,
}

impl Lattice {
    /// The residue of the lattice point k.
    fn residue(self, k: i64) -> usize {
        k.rem_euclid(self.length as i64) as usize
    }

    /// The lattice point in `[-length/2, length/2)` of a residue.
    fn point(self, residue: usize) -> i64 {
        let (r, n) = (residue as i64, self.length as i64);
        if r < n / 2 { r } else { r - n }
    }
}

/// The masses of one factor on the lattice, and mass that could not be placed (bounded from above).
struct Placed {
    masses: Vec<f64>,
    lost: f64,
}

/// Adds a non-negative mass, rounded up.
fn add_up(to: &mut f64, mass: f64) {
    if mass > 0.0 {
        *to = (*to + mass).next_up();
    }
}

/// Adds a non-negative mass, rounded down.
fn add_down(to: &mut f64, mass: f64) {
    if mass > 0.0 {
        *to = (*to + mass).next_down().max(0.0);
    }
}

/// The p-masses of a pair that dominates the factor: each bin split between lattice points around its ratios.
fn dominating(factor: &Binned, lattice: Lattice) -> Placed {
    let mut placed = Placed { masses: vec![0.0; lattice.length], lost: factor.p_outside };
    let limit = (lattice.length / 2) as f64 - 1.0;
    for bin in &factor.bins {
        let steps = bin.log_ratio / lattice.spacing;
        let k = steps.lo().floor();
        let j = steps.hi().ceil().max(k + 1.0);
        if !(k > -limit && j < limit) {
            add_up(&mut placed.lost, bin.p.hi());
            continue;
        }
        // p_k + p_j = P and e^{k} p_k + e^{j} p_j = Q. As (1 - e^L)_+ decreases in every factor's L, leaving p_j at the
        // lower end of its enclosure and giving the rest of P to the lower point k is still an upper bound, and one
        // whose slack is the rounding error of p_j times the spacing.
        let low = (Interval::point(lattice.spacing) * k).exp();
        let gap = (Interval::point(lattice.spacing) * (j - k)).exp_m1() * low;
        let at_j = ((bin.q - bin.p * low) / gap).lo().clamp(0.0, bin.p.hi());
        let at_k = (Interval::point(bin.p.hi()) - at_j).hi();
        add_up(&mut placed.masses[lattice.residue(k as i64)], at_k);
        add_up(&mut placed.masses[lattice.residue(j as i64)], at_j);
    }
    placed
}

/// The masses of the rounded log-ratio under p (from above) and under q (from below).
fn tested(factor: &Binned, lattice: Lattice) -> (Placed, Placed) {
    let mut p = Placed { masses: vec![0.0; lattice.length], lost: factor.p_outside };
    let mut q = Placed { masses: vec![0.0; lattice.length], lost: 0.0 };
    let limit = (lattice.length / 2) as f64 - 1.0;
    for bin in &factor.bins {
        let k = (bin.log_ratio.mid() / lattice.spacing).round().clamp(-limit, limit) as i64;
        add_up(&mut p.masses[lattice.residue(k)], bin.p.hi());
        add_down(&mut q.masses[lattice.residue(k)], bin.q.lo().max(0.0));
    }
    (p, q)
}

/// A bound of the mass of the sum outside the window, `P(|S| >= length/2)`, by Chernoff's inequality on both sides.
fn wrapped(placed: &[(Placed, u64)], lattice: Lattice) -> f64 {
    let half = lattice.length as f64 / 2.0;
    let points: Vec<(Vec<(f64, f64)>, f64)> = placed
        .iter()
        .map(|(factor, copies)| {
            let there = factor.masses.iter().enumerate().filter(|(_, m)| **m > 0.0);
            (there.map(|(r, m)| (lattice.point(r) as f64, *m)).collect(), *copies as f64)
        })
        .collect();
    let side = |sign: f64| {
        // The exponent is tried on a geometric range; every value gives a bound. Its logarithm is convex in the exponent:
        // once it rises it goes on rising.
        let mut least = f64::INFINITY;
        for theta in (0..60).map(|i| 1.4_f64.powi(i) / half) {
            let ln_moment: f64 = points
                .iter()
                .map(|(points, copies)| {
                    let moment: f64 = points.iter().map(|(k, m)| m * (sign * theta * k).exp()).sum();
                    // Relative rounding of a sum of n positive terms is below n units.
                    copies * (moment.ln() + lattice.length as f64 * f64::EPSILON)
                })
                .sum();
            let ln_bound = ln_moment - theta * half + 1e-9;
            if ln_bound > least {
                break;
            }
            least = ln_bound;
        }
        least.exp().min(1.0)
    };
    side(1.0) + side(-1.0)
}

/// The composed measure with a bound of `|sum_k f(k) (composed - true)|` for every `0 <= f <= 1`.
fn compose(placed: &[(Placed, u64)], lattice: Lattice) -> (Vec<f64>, f64) {
    let factors: Vec<(&[f64], u64)> = placed.iter().map(|(f, copies)| (f.masses.as_slice(), *copies)).collect();
    let composed = convolution_power(&factors);
    // Cauchy-Schwarz over all residues; the final sum of at most n terms adds n units of a total near 1.
    let rounding = composed.error * (lattice.length as f64).sqrt() + lattice.length as f64 * f64::EPSILON;
    let lost: f64 = placed.iter().map(|(f, copies)| *copies as f64 * f.lost).sum();
    (composed.masses, rounding + lost * (1.0 + 1e-9))
}

/// The longest lattice.
const LONGEST: usize = 1 << 20;
/// One bin in so many is looked at to find how far the sum of log-ratios reaches.
const LOOKED_AT: usize = 32;
/// The mass that may lie beyond that, as minus its logarithm.
const LEFT_OUT: f64 = 42.0;

/// The spacing and length of a lattice that resolves a product and holds the sum of its log-ratios.
#[must_use]
pub fn lattice_for(factors: &[(&Binned, u64)]) -> (f64, usize) {
    let (mut mean, mut variance, mut total) = (0.0, 0.0, 0.0);
    for (factor, copies) in factors {
        let n = *copies as f64;
        let (mut mass, mut first, mut second) = (0.0, 0.0, 0.0);
        for bin in &factor.bins {
            // Both laws' masses count: the sum must fit under either.
            let (w, l) = (bin.p.mid() + bin.q.mid(), bin.log_ratio.mid());
            mass += w;
            first += w * l.abs();
            second += w * l * l;
        }
        mean += n * first / mass;
        variance += n * second / mass;
        total += n;
    }
    // Fine against the spread of the sum (laws that hardly differ need a fine lattice), and no finer than it can be long.
    let fine = ((2e-4 * variance.sqrt()).min(1e-4) / total.sqrt()).max(f64::MIN_POSITIVE);
    // Where a few bins far out overflow every moment, twelve standard deviations will do.
    let reach = reach_of_sum(factors, variance.sqrt());
    let window = 2.0 * if reach.is_finite() { reach } else { mean + 12.0 * variance.sqrt() };
    let length = ((window / fine).min(LONGEST as f64) as usize).next_power_of_two().clamp(1 << 12, LONGEST);
    (fine.max(window / length as f64), length)
}

/// Log-ratios with the masses of both laws.
type Masses = Vec<(f64, [f64; 2])>;

/// About where the sum of the log-ratios ends under either law, by Chernoff's inequality on some of the bins: nothing rests
/// on it, since what lies outside the window is bounded for the masses themselves.
fn reach_of_sum(factors: &[(&Binned, u64)], spread: f64) -> f64 {
    let some: Vec<(Masses, f64)> = factors
        .iter()
        .map(|(factor, copies)| {
            let bins = factor.bins.iter().step_by(LOOKED_AT);
            let mut bins: Masses =
                bins.map(|b| (b.log_ratio.mid(), [b.p.mid().max(0.0), b.q.mid().max(0.0)])).collect();
            for law in [0, 1] {
                let mass: f64 = bins.iter().map(|(_, w)| w[law]).sum();
                bins.iter_mut().for_each(|(_, w)| w[law] /= mass);
            }
            (bins, *copies as f64)
        })
        .collect();
    let side = |law: usize, sign: f64| {
        let at = |theta: f64| {
            let moment =
                |bins: &[(f64, [f64; 2])]| -> f64 { bins.iter().map(|(l, w)| w[law] * (sign * theta * l).exp()).sum() };
            let ln_moment: f64 = some.iter().map(|(bins, copies)| copies * moment(bins).ln()).sum();
            (ln_moment + LEFT_OUT) / theta
        };
        (-8..24).map(|i| at((0.5 * f64::from(i)).exp2() / spread)).fold(f64::INFINITY, |a, b| if b < a { b } else { a })
    };
    [(0, 1.0), (0, -1.0), (1, 1.0), (1, -1.0)].map(|(law, sign)| side(law, sign)).into_iter().fold(0.0, f64::max)
}

/// Encloses TV of two products: `factors` holds the bins of each independent factor and its number of copies.
///
/// `spacing` is the lattice width in the log-ratio (the bracket's width falls with its square), `length` the number of
/// lattice points, a power of two.
///
/// # Promise
/// TV lies in the returned interval, for at most 1e6 factors, when the bins' masses and log-ratios are enclosures.
#[must_use]
pub fn tv_bracket(factors: &[(&Binned, u64)], spacing: f64, length: usize) -> Interval {
    if !(spacing > 0.0 && spacing.is_finite()) {
        return Interval::new(0.0, 1.0);
    }
    let lattice = Lattice { spacing, length: length.next_power_of_two().max(8) };
    let upper = {
        let placed: Vec<_> = factors.iter().map(|&(f, copies)| (dominating(f, lattice), copies)).collect();
        let (masses, error) = compose(&placed, lattice);
        // E_p (1 - e^L)_+ : only negative log-ratios count; masses that came out negative are rounding, counted as 0.
        let sum: f64 = masses
            .iter()
            .enumerate()
            .map(|(r, m)| (lattice.point(r), m.max(0.0)))
            .filter(|(k, _)| *k < 0)
            .map(|(k, m)| -(spacing * k as f64).exp_m1() * m)
            .sum();
        sum * (1.0 + 1e-12) + error + wrapped(&placed, lattice)
    };
    // The test asks for the residue of the rounded sum, an event under both laws, so wrapping costs power but no proof.
    let lower = {
        let (p, q): (Vec<_>, Vec<_>) = factors
            .iter()
            .map(|&(f, copies)| {
                let (p, q) = tested(f, lattice);
                ((p, copies), (q, copies))
            })
            .unzip();
        let positive = |masses: &[f64]| -> f64 {
            masses.iter().enumerate().filter(|(r, _)| lattice.point(*r) > 0).map(|(_, m)| m).sum()
        };
        let ((under_p, error_p), (under_q, error_q)) = (compose(&p, lattice), compose(&q, lattice));
        positive(&under_q) - positive(&under_p) - error_p - error_q
    };
    Interval::new(lower.clamp(0.0, 1.0), upper.clamp(0.0, 1.0).max(lower.clamp(0.0, 1.0)))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// N(m, 1).
    struct Normal(f64);

    impl LogDensity for Normal {
        fn at(&self, x: Interval) -> (Interval, Interval) {
            (-(x - self.0).sqr() * 0.5 - Interval::SQRT_TAU.ln(), -(x - self.0))
        }

        fn over(&self, x: Interval) -> (Interval, Interval) {
            (-(x - self.0), Interval::point(-1.0))
        }
    }

    /// p = N(0, 1), q = N(m, 1): the product of d copies has TV = 2 Phi(m sqrt(d)/2) - 1 in closed form.
    fn shifted(m: f64, bins: usize) -> Binned {
        let outside = (Interval::point(-9.5).normal_cdf() * 2.0).hi();
        Binned::new(&Normal(0.0), &Normal(m), (-9.5, 9.5), bins, outside)
    }

    #[test]
    fn brackets_the_closed_form_tightly() {
        for (m, d) in [(0.3, 1u64), (0.2, 3), (0.1, 10), (0.04, 30)] {
            let truth = (Interval::point(m) * Interval::point(d as f64).sqrt() / 8.0_f64.sqrt()).erf();
            let factor = shifted(m, 400_000);
            let spacing = 1e-4 / (d as f64).sqrt();
            let bracket = tv_bracket(&[(&factor, d)], spacing, 1 << 18);
            assert!(bracket.lo() <= truth.hi() && truth.lo() <= bracket.hi(), "m={m} d={d}: {bracket} misses {truth}");
            assert!(bracket.width() < 5e-9, "m={m} d={d}: {bracket} is {:e} wide", bracket.width());
            // It can fail: the next value is outside.
            assert!(!bracket.contains(truth.hi() * 1.001));
        }
    }

    /// Laws that hardly differ but for a bin far out, as where a density drowns in noise: the bin decides nothing about the
    /// lattice. No lattice at all proves nothing.
    #[test]
    fn a_bin_far_out_leaves_the_bracket_true() {
        let (m, d) = (1e-4, 10u64);
        let truth = (Interval::point(m) * Interval::point(d as f64).sqrt() / 8.0_f64.sqrt()).erf();
        let mut factor = shifted(m, 20_000);
        let far =
            Bin { p: Interval::point(1e-25), q: Interval::point(1e-22), log_ratio: Interval::point(1e3_f64.ln()) };
        for _ in 0..64 {
            factor.bins.push(far);
        }
        let (spacing, length) = lattice_for(&[(&factor, d)]);
        assert!(spacing < 1e-6, "{spacing}");
        let bracket = tv_bracket(&[(&factor, d)], spacing, length);
        assert!(bracket.lo() <= truth.hi() && truth.lo() <= bracket.hi(), "{bracket} misses {truth}");
        assert!(bracket.lo() > 0.9 * truth.lo() && bracket.hi() < 1.1 * truth.hi(), "{bracket} {truth}");
        assert_eq!(tv_bracket(&[(&factor, d)], f64::INFINITY, length), Interval::new(0.0, 1.0));
    }

    #[test]
    fn a_short_lattice_is_wide_but_true() {
        let truth = (Interval::point(0.2) * Interval::point(3.0).sqrt() / 8.0_f64.sqrt()).erf();
        let bracket = tv_bracket(&[(&shifted(0.2, 2000), 3)], 1e-3, 1 << 9);
        assert!(bracket.lo() <= truth.hi() && truth.lo() <= bracket.hi(), "{bracket} {truth}");
    }
}
