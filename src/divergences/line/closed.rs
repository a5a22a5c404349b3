//! Divergences between mixtures on the line, every error bounded.

use super::log_ratio::{Pair, Prepared};
use super::monotone;
use crate::divergences::Divergence;
use crate::numerics::{Interval, Jet, Ledger, Measured, Refining, Source, signs};
use crate::targets::Mixture1;

/// The truncation error aimed at, relative to a first estimate of the integral.
const RELATIVE: f64 = 1e-15;
/// The same where only the size matters.
const ROUGH: f64 = 1e-2;
/// How often the tolerance is tightened; each time by at least a factor of a thousand.
const MAX_TIGHTENINGS: u32 = 16;
/// Cells of unknown sign are split down to this fraction of the range.
const SIGN_WIDTH: f64 = 1e-11;
/// Where |L| is below this, the sign of q - p does not matter.
const NEGLIGIBLE: f64 = 1e-18;
/// Standard deviations of `q^2/p` that are integrated over.
const CHI_REACH: f64 = 14.0;
/// Up to this bound of `ln int q^2/p` the integral itself is taken.
const MODERATE: f64 = 6.0;

/// D(q, p), every error bounded.
pub(super) fn between(divergence: Divergence, q: &Mixture1, p: &Mixture1) -> Measured {
    let pair = Pair::new(q, p);
    if pair.is_identical() {
        return Measured::exact(Interval::ZERO);
    }
    match divergence {
        Divergence::Tv => total_variation(&pair),
        Divergence::Kl => kl(&pair),
        Divergence::KlReverse => kl(&pair.swapped()),
        Divergence::HellingerSquared => hellinger(&pair),
        Divergence::ChiSquared => second_order(&pair, false),
        Divergence::Renyi2 => second_order(&pair, true),
        Divergence::W2 => monotone::w2(&pair),
    }
}

/// `int f` over the knots for a non-negative f: the truncation tolerance is tightened until it is that small relative to the
/// value.
fn relative_integral(f: &dyn Fn(&Jet) -> Jet, knots: &[f64], relative: f64) -> Interval {
    let mut tolerance = 1e-6;
    let mut quadrature = Refining::new(f, knots);
    for _ in 0..MAX_TIGHTENINGS {
        let more = quadrature.refine(tolerance);
        let value = quadrature.value();
        if !more || (tolerance <= relative * value.magnitude() && tolerance <= 10.0 * relative * value.lo()) {
            break;
        }
        let aim = relative * value.magnitude().min(1.0);
        tolerance = aim.min(tolerance * 1e-3).max(f64::MIN_POSITIVE);
    }
    quadrature.value()
}

/// `int f` over the knots plus a tail in `[0, tail]`.
fn integral(f: &dyn Fn(&Jet) -> Jet, knots: &[f64], tail: Interval, what: &str) -> Measured {
    let value = relative_integral(f, knots, RELATIVE);
    let ledger = Ledger::new()
        .bounded(Source::Discretisation, value.width(), "Taylor remainders and rounding of a certified quadrature")
        .bounded(Source::Truncation, tail.magnitude(), what);
    Measured::enclosed(value + tail, ledger).clamped(0.0, f64::INFINITY)
}

/// The tails of q and p beyond a box, added.
fn tail_masses(pair: &Pair, (lo, hi): (f64, f64)) -> Interval {
    pair.q.cdf(lo) + pair.q.sf(hi) + pair.p.cdf(lo) + pair.p.sf(hi)
}

/// `TV = int (q - p)_+ = int p (e^L - 1)_+`: the sign of L is settled cell by cell, and cells where it is not contribute
/// between 0 and the integral of the absolute value.
fn total_variation(pair: &Pair) -> Measured {
    let (lo, hi) = pair.reach();
    let ratio = |x: Interval| {
        // Mean-value form: L(centre) + L'(X)(X - centre), intersected with the direct one.
        let centre = Interval::point(x.mid());
        let over = pair.log_ratio(&Jet::variable(x));
        let at = pair.log_ratio(&Jet::variable(centre)).value();
        let mean_value = at + over.coefficient(1) * (x - centre);
        mean_value.intersect(over.value()).unwrap_or(mean_value)
    };
    let found = signs(&ratio, (lo, hi), SIGN_WIDTH * (hi - lo), NEGLIGIBLE);
    let excess = |x: &Jet| &pair.p.ln(x).exp() * &pair.log_ratio(x).exp_m1();
    let difference = |x: &Jet| &pair.q.ln(x).exp() - &pair.p.ln(x).exp();
    // Where L is large its exponential is too; the plain difference is the better form there.
    let integrand = |x: &Jet| if pair.log_ratio(x).value().magnitude() < 0.5 { excess(x) } else { difference(x) };
    let knots = pair.knots((lo, hi));
    let over = |(a, b): (f64, f64)| {
        let mut cuts: Vec<f64> = knots.iter().copied().filter(|k| a < *k && *k < b).collect();
        cuts.insert(0, a);
        cuts.push(b);
        cuts
    };
    // Both signed parts equal TV up to the tails; either is an enclosure, and the narrower of the intersection is taken.
    let part = |positive: bool| -> Interval {
        let sign = if positive { 1.0 } else { -1.0 };
        let cells = found.known.iter().filter(|k| k.2 == positive);
        cells.map(|k| relative_integral(&|x| integrand(x).scale(sign), &over((k.0, k.1)), RELATIVE)).sum()
    };
    let slack = unsettled(&integrand, &found.unknown);
    let tail = Interval::new(0.0, tail_masses(pair, (lo, hi)).hi());
    let extra = Interval::new(0.0, slack.hi()) + tail;
    let (up, down) = (part(true) + extra, part(false) + extra);
    let value = up.intersect(down).unwrap_or_else(|| up.hull(down)).clamp(0.0, 1.0);
    let ledger = Ledger::new()
        .bounded(Source::Discretisation, value.width(), "Taylor remainders, cells of unknown sign and rounding")
        .bounded(
            Source::Truncation,
            tail.hi(),
            "mass of both laws outside fourteen standard deviations of every component",
        );
    Measured::enclosed(value, ledger)
}

/// `int (q - p)_+` over cells of unknown sign: between 0 and the widths times the largest |q - p|.
fn unsettled(difference: &dyn Fn(&Jet) -> Jet, cells: &[(f64, f64)]) -> Interval {
    let most = |&(a, b): &(f64, f64)| {
        let size = difference(&Jet::variable(Interval::new(a, b))).value().magnitude();
        Interval::new(0.0, (Interval::point(size) * (Interval::point(b) - a)).hi())
    };
    cells.iter().map(most).sum()
}

/// `KL = int p (L e^L - e^L + 1) = int q (L - 1 + e^{-L})`: non-negative integrands, the second one stable where q is large.
fn kl(pair: &Pair) -> Measured {
    let (lo, hi) = pair.reach();
    let integrand = |x: &Jet| {
        let l = pair.log_ratio(x);
        if l.value().magnitude() < 0.5 {
            &pair.q.ln(x).exp() * &(-&l).exp_excess()
        } else {
            let (q, p) = (pair.q.ln(x).exp(), pair.p.ln(x).exp());
            &(&q * &l) - &(&q - &p)
        }
    };
    let knots = pair.knots((lo, hi));
    // Beyond the box: |q L - q + p| <= q (1 + |ln q| + |ln p|) + p, with the logarithms bounded by quadratics.
    let tail =
        log_tail(&pair.q, &pair.q, (lo, hi), 1) + log_tail(&pair.q, &pair.p, (lo, hi), 1) + tail_masses(pair, (lo, hi));
    integral(
        &integrand,
        &knots,
        Interval::new(0.0, tail.hi()),
        "the integrand outside fourteen standard deviations of every component",
    )
}

/// `int |ln r|^n dq` outside `[lo, hi]`, n = 1 or 2: `|ln r(x)| <= |ln w_j| + |ln(2 pi v_j)|/2 + |ln(2 pi v_min)|/2 + (x - m_j)^2/(2 v_j)`
/// for any component j of r, `(x - m_j)^2 <= 2 (x - m_i)^2 + 2 (m_i - m_j)^2` under each component i of q, and
/// `(a + b + c)^2 <= 3 (a^2 + b^2 + c^2)`.
fn log_tail(q: &Prepared, r: &Prepared, (lo, hi): (f64, f64), n: i32) -> Interval {
    let (m, v) = (&r.mixture.means, &r.mixture.variances);
    let j = (0..r.len()).max_by(|&a, &b| v[a].total_cmp(&v[b])).unwrap_or(0);
    let half_log = |v: f64| ((Interval::point(v).ln() + Interval::SQRT_TAU.ln() * 2.0) * 0.5).abs();
    let narrowest = v.iter().copied().fold(f64::INFINITY, f64::min);
    let constant = r.weight(j).ln().abs() + half_log(v[j]) + half_log(narrowest);
    let own = &q.mixture;
    let terms = if n == 1 { 1.0 } else { 3.0 };
    (0..q.len())
        .map(|i| {
            let s = Interval::point(own.variances[i]).sqrt();
            let side = |z: Interval| {
                // For y ~ N(0, 1): P(y > z), E[y^2; y > z] = z phi(z) + P(y > z), E[y^4; y > z] = (z^3 + 3 z) phi(z) + 3 P(y > z).
                let (beyond, z) = ((-z).normal_cdf(), z.max(Interval::ZERO));
                let power = match n {
                    1 => z * z.normal_pdf() + beyond,
                    _ => (z.powi(3) + z * 3.0) * z.normal_pdf() + beyond * 3.0,
                };
                let shift = (Interval::point(own.means[i]) - m[j]).sqr() / v[j];
                let wide = Interval::point(own.variances[i]) / v[j];
                (constant.powi(n) * beyond + wide.powi(n) * power + shift.powi(n) * beyond) * terms
            };
            let right = side((Interval::point(hi) - own.means[i]) / s);
            let left = side((Interval::point(own.means[i]) - lo) / s);
            (right + left) * q.weight(i)
        })
        .sum()
}

/// `int q L^2` from above, to a few percent.
pub(super) fn log_ratio_square(q: &Mixture1, p: &Mixture1) -> Interval {
    let pair = Pair::new(q, p);
    if pair.is_identical() {
        return Interval::ZERO;
    }
    let (lo, hi) = pair.reach();
    let integrand = |x: &Jet| &pair.q.ln(x).exp() * &pair.log_ratio(x).sqr();
    let inside = relative_integral(&integrand, &pair.knots((lo, hi)), ROUGH);
    // L^2 <= 2 (ln q)^2 + 2 (ln p)^2.
    let outside = log_tail(&pair.q, &pair.q, (lo, hi), 2) + log_tail(&pair.q, &pair.p, (lo, hi), 2);
    inside + outside * 2.0
}

/// `H^2 = (1/2) int (sqrt q - sqrt p)^2 = (1/2) int p (e^{L/2} - 1)^2`.
fn hellinger(pair: &Pair) -> Measured {
    let (lo, hi) = pair.reach();
    let integrand = |x: &Jet| {
        let l = pair.log_ratio(x);
        let root = if l.value().magnitude() < 0.5 {
            &pair.p.ln(x).scale(0.5).exp() * &l.scale(0.5).exp_m1()
        } else {
            &pair.q.ln(x).scale(0.5).exp() - &pair.p.ln(x).scale(0.5).exp()
        };
        root.sqr().scale(0.5)
    };
    let tail = Interval::new(0.0, (tail_masses(pair, (lo, hi)) * 0.5).hi());
    integral(&integrand, &pair.knots((lo, hi)), tail, "half the mass of both laws outside fourteen standard deviations")
        .clamped(0.0, 1.0)
}

/// Chi-squared, or Renyi-2 when `logarithmic`: `chi^2 = int (q - p)^2/p = int p (e^L - 1)^2` while that is moderate, and
/// `ln(1 + chi^2) = M + ln int e^{2 ln q - ln p - M}` where it may be beyond all floating-point numbers; with the tails of
/// q^2/p bounded component by component.
///
/// Each product of components i, k of q over a component j of p is a Gaussian of precision
/// `A = 1/v_i + 1/v_k - 1/v_j`; as p >= w_j N_j, its tail bounds that of its share, whichever j is taken. When even the
/// widest component of p gives a negative precision for i = k, the integral is infinite.
fn second_order(pair: &Pair, logarithmic: bool) -> Measured {
    let (q, p) = (&pair.q, &pair.p);
    let widest = p.mixture.variances.iter().copied().fold(0.0, f64::max);
    let spread = q.mixture.variances.iter().copied().fold(0.0, f64::max);
    // 2/v_q < 1/v_p exactly when v_q > 2 v_p; doubling is exact.
    if spread > 2.0 * widest {
        return Measured::exact(Interval::INFINITY);
    }
    let (mut lo, mut hi) = pair.reach();
    let mut shares = Vec::new();
    for i in 0..q.len() {
        for k in 0..=i {
            let share = Share::new(q, p, i, k);
            if let Some((mean, sd)) = share.as_ref().map(Share::place) {
                (lo, hi) = (lo.min(mean - CHI_REACH * sd), hi.max(mean + CHI_REACH * sd));
            }
            shares.push(share);
        }
    }
    // A bound of the logarithm, which serves as the scale.
    let scale = shares.iter().flatten().map(|s| s.ln_mass.hi()).fold(0.0, f64::max);
    let tail = |scale: f64| -> Interval {
        shares.iter().map(|s| s.as_ref().map_or(Interval::INFINITY, |s| s.tail((lo, hi), scale))).sum()
    };
    let knots = pair.knots((lo, hi));
    let what = "q^2/p outside the box, component by component";
    if scale > MODERATE {
        let scaled = |x: &Jet| (&q.ln(x).scale(2.0) - &p.ln(x)).shift(-scale).exp();
        let inside = integral(&scaled, &knots, Interval::new(0.0, tail(scale).hi()), what);
        let known = inside.value.ln() + scale;
        // Where that scale or the box is too large for anything to be seen, the reach of the laws still tells something.
        let least = if inside.value.lo() > 0.0 { known.lo() } else { ln_within_reach(pair) };
        let log = Interval::new(least.min(known.hi()), known.hi()).max(Interval::ZERO);
        return Measured { value: if logarithmic { log } else { log.exp_m1() }, ..inside };
    }
    let integrand = |x: &Jet| {
        let l = pair.log_ratio(x);
        if l.value().magnitude() < 0.5 {
            &p.ln(x).exp() * &l.exp_m1().sqr()
        } else {
            let half = p.ln(x).scale(0.5);
            let root = &(&q.ln(x) - &half).exp() - &half.exp();
            root.sqr()
        }
    };
    // (q - p)^2/p <= q^2/p + p outside the box.
    let outside = p.cdf(lo) + p.sf(hi) + tail(0.0);
    let chi = integral(&integrand, &knots, Interval::new(0.0, outside.hi()), what);
    if logarithmic { Measured { value: chi.value.ln_1p(), ..chi } } else { chi }
}

/// A lower bound of `ln int q^2/p`: that of the integral over the reach of the laws, scaled by the largest value at a knot.
fn ln_within_reach(pair: &Pair) -> f64 {
    let knots = pair.knots(pair.reach());
    let log = |x: &Jet| &pair.q.ln(x).scale(2.0) - &pair.p.ln(x);
    let peak = knots.iter().map(|&x| log(&Jet::constant(x)).value().mid()).fold(f64::NEG_INFINITY, f64::max);
    let inside = relative_integral(&|x| log(x).shift(-peak).exp(), &knots, ROUGH);
    (inside.max(Interval::ZERO).ln() + peak).lo()
}

/// `c N(x; mean, 1/A)`: an upper bound of two components' share of q^2/p.
struct Share {
    ln_mass: Interval,
    mean: Interval,
    sd: Interval,
}

impl Share {
    /// Against the component of p that gives the smallest bound; `None` when A is positive for none of them.
    fn new(q: &Prepared, p: &Prepared, i: usize, k: usize) -> Option<Self> {
        let against = (0..p.len()).filter_map(|j| Self::against(q, p, (i, k), j));
        against.min_by(|a, b| a.ln_mass.hi().total_cmp(&b.ln_mass.hi()))
    }

    /// With the origin at the mean of the component j:
    /// `int N_i N_k/N_j = sqrt(v_j/(v_i v_k A)) e^{(b^2/A - c)/2}`, `b = d_i/v_i + d_k/v_k`, `c = d_i^2/v_i + d_k^2/v_k`.
    fn against(q: &Prepared, p: &Prepared, (i, k): (usize, usize), j: usize) -> Option<Self> {
        let point = Interval::point;
        let (vi, vk, vj) =
            (point(q.mixture.variances[i]), point(q.mixture.variances[k]), point(p.mixture.variances[j]));
        let a = 1.0 / vi + 1.0 / vk - 1.0 / vj;
        if a.lo() <= 0.0 {
            return None;
        }
        let origin = point(p.mixture.means[j]);
        let (di, dk) = (point(q.mixture.means[i]) - origin, point(q.mixture.means[k]) - origin);
        let b = di / vi + dk / vk;
        let c = di.sqr() / vi + dk.sqr() / vk;
        let ln_norm = (vj.ln() - vi.ln() - vk.ln() - a.ln()) * 0.5;
        let pairs = if i == k { 1.0 } else { 2.0 };
        let ln_weight = q.weight(i).ln() + q.weight(k).ln() - p.weight(j).ln() + point(pairs).ln();
        let ln_mass = ln_norm + ln_weight + (b.sqr() / a - c) * 0.5;
        Some(Self { ln_mass, mean: origin + b / a, sd: Interval::ONE / a.sqrt() })
    }

    fn place(&self) -> (f64, f64) {
        (self.mean.mid(), self.sd.hi())
    }

    /// Its mass outside `[lo, hi]`, divided by `e^scale`.
    fn tail(&self, (lo, hi): (f64, f64), scale: f64) -> Interval {
        let outside =
            ((self.mean - hi) / self.sd).normal_cdf() + ((Interval::point(lo) - self.mean) / self.sd).normal_cdf();
        (self.ln_mass - scale).exp() * outside
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mixture(weights: &[f64], means: &[f64], variances: &[f64]) -> Mixture1 {
        Mixture1 { weights: weights.to_vec(), means: means.to_vec(), variances: variances.to_vec() }
    }

    /// `int f` outside `[-a, a]`, up to 12, by the midpoint rule.
    fn outside(f: impl Fn(f64) -> f64, a: f64) -> f64 {
        let h = (12.0 - a) / 20_000.0;
        (0..20_000).map(|k| a + h * (f64::from(k) + 0.5)).map(|x| h * (f(x) + f(-x))).sum()
    }

    fn values(p: &Prepared, x: f64) -> (f64, f64) {
        let ln = p.ln(&Jet::constant(x)).value().mid();
        (ln.exp(), ln)
    }

    /// What lies outside a box is bounded: the bounds fail when divided by 1.6 (the logarithm), 5 (its square), 1.001 (the
    /// masses, and the shares of chi-squared where q and p have one component each).
    #[test]
    fn tails_are_bounded() {
        let normal = || mixture(&[1.0], &[0.0], &[1.0]);
        let two = || mixture(&[0.4, 0.6], &[-1.5, 1.5], &[0.6, 1.0]);
        let other = || mixture(&[0.3, 0.7], &[-1.0, 1.2], &[0.8, 0.5]);
        let mut least = [f64::INFINITY; 4];
        for (q, p) in
            [(normal(), normal()), (mixture(&[1.0], &[0.5], &[0.75]), normal()), (two(), other()), (other(), two())]
        {
            let pair = Pair::new(&q, &p);
            let (q, p) = (&pair.q, &pair.p);
            for a in [1.0, 2.5, 4.0] {
                let reach = (-a, a);
                let power = |n: i32| outside(|x| values(q, x).0 * values(p, x).1.abs().powi(n), a);
                let shares = (0..q.len()).flat_map(|i| (0..=i).map(move |k| Share::new(q, p, i, k)));
                let shares: Option<Interval> = shares.map(|s| s.map(|s| s.tail(reach, 0.0))).sum();
                let bounds = [
                    (log_tail(q, p, reach, 1).hi(), power(1)),
                    (log_tail(q, p, reach, 2).hi(), power(2)),
                    (tail_masses(&pair, reach).hi(), outside(|x| values(q, x).0 + values(p, x).0, a)),
                    (shares.unwrap().hi(), outside(|x| (2.0 * values(q, x).1 - values(p, x).1).exp(), a)),
                ];
                for ((bound, truth), least) in bounds.into_iter().zip(&mut least) {
                    assert!(bound >= truth * (1.0 - 1e-6), "{a}: {bound:e} < {truth:e}");
                    *least = least.min(bound / truth);
                }
            }
        }
        for (least, factor) in least.into_iter().zip([1.6, 5.0, 1.001, 1.001]) {
            assert!(least < factor, "{least} {factor}");
        }
    }

    /// A cell of unknown sign contributes no more than its bound, which fails when divided by 2.5: q - p is nearly linear, and
    /// vanishes at one end of the cell.
    #[test]
    fn cells_of_unknown_sign_are_bounded() {
        let pair = Pair::new(&mixture(&[1.0], &[1.0], &[1.0]), &mixture(&[1.0], &[0.0], &[1.0]));
        let difference = |x: &Jet| &pair.q.ln(x).exp() - &pair.p.ln(x).exp();
        let (a, b) = (0.5, 0.5625);
        let truth = (pair.p.cdf(a) - pair.q.cdf(a) - (pair.p.cdf(b) - pair.q.cdf(b))).mid();
        let bound = unsettled(&difference, &[(a, b)]).hi();
        assert!(truth <= bound && bound < 2.5 * truth, "{bound} {truth}");
    }
}
