//! Mixtures on the line in interval arithmetic: enclosures of density, score and curvature over whole cells.

use super::Mixture1;
use crate::numerics::{Interval, Jet};

/// Up to this many components the ratios of densities are enclosed pair by pair, which is tighter and quadratic in cost.
const PAIRWISE: usize = 6;

/// `sum_i w_i N(mu_i, v_i)` on the line with enclosed parameters; the weights are normalised to sum to 1.
///
/// # Promise
/// Every method encloses the value at every point of its argument, for every law with parameters in the intervals. The
/// argument must be bounded.
#[derive(Clone, Debug)]
pub struct Line {
    pub(super) weights: Vec<Interval>,
    pub(super) means: Vec<Interval>,
    pub(super) variances: Vec<Interval>,
    pub(super) precisions: Vec<Interval>,
    /// `ln w_i - (1/2) ln v_i`.
    offsets: Vec<Interval>,
}

impl Line {
    /// The law with these weights (divided by their sum), means and variances, three lists of one positive length.
    #[must_use]
    pub fn new(weights: Vec<Interval>, means: Vec<Interval>, variances: Vec<Interval>) -> Self {
        let sum: Interval = weights.iter().copied().sum();
        let weights: Vec<Interval> =
            if weights.len() == 1 { vec![Interval::ONE] } else { weights.into_iter().map(|w| w / sum).collect() };
        let precisions = variances.iter().map(|&v| 1.0 / v).collect();
        let offsets = weights.iter().zip(&variances).map(|(w, v)| w.ln() - v.ln() * 0.5).collect();
        Self { weights, means, variances, precisions, offsets }
    }

    /// The law of -X.
    pub(super) fn mirrored(&self) -> Self {
        Self { means: self.means.iter().map(|&m| -m).collect(), ..self.clone() }
    }

    /// The number of components.
    #[must_use]
    pub fn components(&self) -> usize {
        self.weights.len()
    }

    /// `ln(w_i N(x; mu_i, v_i)) + (1/2) ln 2 pi`.
    fn exponent(&self, i: usize, x: Interval) -> Interval {
        self.offsets[i] - (x - self.means[i]).sqr() * self.precisions[i] * 0.5
    }

    /// `1/v_i - 1/v_j`; equal variances are the same number, however wide their enclosure.
    pub(super) fn precision_gap(&self, i: usize, j: usize) -> Interval {
        if self.variances[i] == self.variances[j] { Interval::ZERO } else { self.precisions[i] - self.precisions[j] }
    }

    /// `u_i - u_j`, the difference of the slopes `u_i = (x - mu_i)/v_i` of the components' potentials.
    pub(super) fn slope_gap(&self, i: usize, j: usize, x: Interval) -> Interval {
        if self.variances[i] == self.variances[j] {
            return (self.means[j] - self.means[i]) * self.precisions[i];
        }
        let direct = (x - self.means[i]) * self.precisions[i] - (x - self.means[j]) * self.precisions[j];
        let collected =
            x * self.precision_gap(i, j) - (self.means[i] * self.precisions[i] - self.means[j] * self.precisions[j]);
        direct.intersect(collected).unwrap_or(direct)
    }

    /// The logarithm of the ratio of component i to component j: a quadratic, enclosed by its ends and its vertex.
    pub(super) fn ln_ratio(&self, i: usize, j: usize, x: Interval) -> Interval {
        let bend = self.precision_gap(i, j);
        let [pi, pj] = [i, j].map(|k| self.means[k] * self.precisions[k]);
        let at = |x: Interval| {
            let direct = self.exponent(i, x) - self.exponent(j, x);
            let squares = x.sqr() * bend - x * (pi - pj) * 2.0 + (pi * self.means[i] - pj * self.means[j]);
            let collected = self.offsets[i] - self.offsets[j] - squares * 0.5;
            direct.intersect(collected).unwrap_or(direct)
        };
        let ends = at(Interval::point(x.lo())).hull(at(Interval::point(x.hi())));
        let slope = self.slope_gap(j, i, x);
        if x.lo() == x.hi() || slope.lo() >= 0.0 || slope.hi() <= 0.0 {
            return ends;
        }
        match ((pi - pj) / bend).intersect(x) {
            Some(vertex) => ends.hull(at(vertex)),
            None => ends,
        }
    }

    /// The posterior probabilities of the components given x.
    #[must_use]
    pub fn responsibilities(&self, x: Interval) -> Vec<Interval> {
        let k = self.components();
        if k == 1 {
            return vec![Interval::ONE];
        }
        if k <= PAIRWISE {
            let of = |i| {
                let others: Interval = (0..k).filter(|&j| j != i).map(|j| self.ln_ratio(j, i, x).exp()).sum();
                1.0 / (1.0 + others)
            };
            return (0..k).map(of).collect();
        }
        let middle = Interval::point(x.mid());
        let top = (0..k).map(|i| self.exponent(i, middle).mid()).fold(f64::NEG_INFINITY, f64::max);
        let parts: Vec<Interval> = (0..k).map(|i| (self.exponent(i, x) - top).exp()).collect();
        // Sums of all parts before and after each one.
        let mut before = vec![Interval::ZERO; k];
        let mut after = vec![Interval::ZERO; k];
        for i in 1..k {
            before[i] = before[i - 1] + parts[i - 1];
            after[k - 1 - i] = after[k - i] + parts[k - i];
        }
        let of = |i: usize| {
            let others = before[i] + after[i];
            // g/(g + others) grows with g and falls with the others.
            let low = Interval::point(parts[i].lo()) / (Interval::point(parts[i].lo()) + others.hi());
            let high = Interval::point(parts[i].hi()) / (Interval::point(parts[i].hi()) + others.lo());
            low.hull(high).clamp(0.0, 1.0)
        };
        (0..k).map(of).collect()
    }

    /// p(x).
    #[must_use]
    pub fn density(&self, x: Interval) -> Interval {
        (0..self.components()).map(|i| self.exponent(i, x).exp()).sum::<Interval>() / Interval::SQRT_TAU
    }

    /// ln p(x), accurate in the far tails.
    #[must_use]
    pub fn ln_density(&self, x: Interval) -> Interval {
        let k = self.components();
        if k == 1 {
            return self.exponent(0, x) - Interval::LN_SQRT_TAU;
        }
        let at = |x: Interval| {
            let middle = Interval::point(x.mid());
            let top = (0..k).map(|i| self.exponent(i, middle).mid()).fold(f64::NEG_INFINITY, f64::max);
            (0..k).map(|i| (self.exponent(i, x) - top).exp()).sum::<Interval>().ln() + top - Interval::LN_SQRT_TAU
        };
        self.by_slope(x, at(x), at, |x| self.score(x))
    }

    /// (ln p)'(x).
    #[must_use]
    pub fn score(&self, x: Interval) -> Interval {
        if x.lo() == x.hi() {
            return self.score_directly(x);
        }
        self.score_and_curvature(x).0
    }

    /// `(ln p)'(x)` and `-(ln p)''(x)`.
    #[must_use]
    pub fn score_and_curvature(&self, x: Interval) -> (Interval, Interval) {
        let curvature = self.curvature(x);
        (self.by_slope(x, self.score_directly(x), |x| self.score_directly(x), |_| -curvature), curvature)
    }

    fn score_directly(&self, x: Interval) -> Interval {
        // sum g_i (u_0 - u_i) - u_0: for equal slopes no width is lost in the weights.
        let own = (x - self.means[0]) * self.precisions[0];
        let g = self.responsibilities(x);
        (1..g.len()).map(|i| g[i] * self.slope_gap(0, i, x)).sum::<Interval>() - own
    }

    /// -(ln p)''(x).
    ///
    /// ```text
    /// sum_i g_i / v_i - sum_{i<j} g_i g_j (u_i - u_j)^2
    /// ```
    #[must_use]
    pub fn curvature(&self, x: Interval) -> Interval {
        if self.components() == 1 {
            return self.precisions[0];
        }
        let natural = self.curvature_directly(x);
        self.by_slope(x, natural, |x| self.curvature_directly(x), |x| self.curvature_slope(x))
    }

    /// The mean-value form `f(m) + f'(X)(X - m)`, intersected with an enclosure at hand.
    fn by_slope(
        &self,
        x: Interval,
        natural: Interval,
        value: impl Fn(Interval) -> Interval,
        slope: impl Fn(Interval) -> Interval,
    ) -> Interval {
        if x.lo() == x.hi() {
            return natural;
        }
        let middle = Interval::point(x.mid());
        let centred = value(middle) + slope(x) * (x - middle);
        natural.intersect(centred).unwrap_or(natural)
    }

    fn curvature_directly(&self, x: Interval) -> Interval {
        let g = self.responsibilities(x);
        self.weighted_precision(&g) - self.slope_variance(&g, x)
    }

    /// `sum g_i / v_i`, between the smallest and the largest.
    fn weighted_precision(&self, g: &[Interval]) -> Interval {
        let a = &self.precisions;
        let lo = a.iter().map(|a| a.lo()).fold(f64::INFINITY, f64::min);
        let hi = a.iter().map(|a| a.hi()).fold(0.0, f64::max);
        (a[0] + (1..g.len()).map(|i| g[i] * (a[i] - a[0])).sum::<Interval>()).clamp(lo, hi)
    }

    /// The component that rules at a cell: moments about its slope weigh the others little.
    fn ruling(g: &[Interval]) -> usize {
        (0..g.len()).max_by(|&i, &j| g[i].mid().total_cmp(&g[j].mid())).unwrap_or(0)
    }

    /// `Var_g(u) = sum_{i<j} g_i g_j (u_i - u_j)^2`; for many components the second moment less the squared first.
    fn slope_variance(&self, g: &[Interval], x: Interval) -> Interval {
        if g.len() > PAIRWISE {
            let centre = Self::ruling(g);
            let (mut m1, mut m2) = (Interval::ZERO, Interval::ZERO);
            for i in (0..g.len()).filter(|&i| i != centre) {
                let v = self.slope_gap(i, centre, x);
                m1 += g[i] * v;
                m2 += g[i] * v.sqr();
            }
            return (m2 - m1.sqr()).clamp(0.0, f64::INFINITY);
        }
        let mut sum = Interval::ZERO;
        for i in 0..g.len() {
            for j in 0..i {
                sum += product_of_shares(g[i], g[j]) * self.slope_gap(i, j, x).sqr();
            }
        }
        sum
    }

    /// The derivative of [`Line::curvature`]: `E_g (u - E_g u)^3 - 3 Cov_g(u, 1/v)`.
    fn curvature_slope(&self, x: Interval) -> Interval {
        let g = self.responsibilities(x);
        let centre = Self::ruling(&g);
        let (mut m1, mut m2, mut m3) = (Interval::ZERO, Interval::ZERO, Interval::ZERO);
        // First moments of 1/v and of its product with u, both about the ruling component.
        let (mut bend, mut mixed) = (Interval::ZERO, Interval::ZERO);
        for i in (0..g.len()).filter(|&i| i != centre) {
            let (v, a) = (self.slope_gap(i, centre, x), self.precision_gap(i, centre));
            m1 += g[i] * v;
            m2 += g[i] * v.sqr();
            m3 += g[i] * v.powi(3);
            bend += g[i] * a;
            mixed += g[i] * v * a;
        }
        // d/dx sum g a = -Cov(u, a); d/dx Var_g u = 2 Cov(u, a) - third central moment.
        m3 - m1 * m2 * 3.0 + m1.powi(3) * 2.0 - (mixed - m1 * bend) * 3.0
    }

    /// P(X <= x), accurate in the lower tail.
    #[must_use]
    pub fn cdf(&self, x: Interval) -> Interval {
        (0..self.components()).map(|i| self.weights[i] * self.component_cdf(i, x)).sum()
    }

    /// P(X > x), accurate in the upper tail.
    #[must_use]
    pub fn sf(&self, x: Interval) -> Interval {
        (0..self.components()).map(|i| self.weights[i] * self.component_sf(i, x)).sum()
    }

    /// The distribution function of component i.
    pub(super) fn component_cdf(&self, i: usize, x: Interval) -> Interval {
        ((x - self.means[i]) / self.variances[i].sqrt()).normal_cdf()
    }

    /// The survival function of component i.
    pub(super) fn component_sf(&self, i: usize, x: Interval) -> Interval {
        ((self.means[i] - x) / self.variances[i].sqrt()).normal_cdf()
    }

    /// p as a Taylor series.
    #[must_use]
    pub fn density_jet(&self, x: &Jet) -> Jet {
        let part = |i: usize| {
            let z = x.shift(-self.means[i]);
            z.sqr().scale(self.precisions[i] * -0.5).shift(self.offsets[i]).exp()
        };
        let sum = (1..self.components()).fold(part(0), |sum, i| sum + part(i));
        sum.scale(1.0 / Interval::SQRT_TAU)
    }

    /// `1/p` as a Taylor series: the reciprocal of the part that rules at the middle of the cell is an exponential, and the
    /// others enter through `1/(1 + sum of ratios)`, so that nothing is lost where p varies by orders of magnitude.
    pub(super) fn inverse_density_jet(&self, x: &Jet) -> Jet {
        let middle = Interval::point(x.value().mid());
        let at = |i: usize| self.exponent(i, middle).mid();
        let top = (0..self.components()).max_by(|&i, &j| at(i).total_cmp(&at(j))).unwrap_or(0);
        let z = x.shift(-self.means[top]);
        let largest = z.sqr().scale(self.precisions[top] * 0.5).shift(-self.offsets[top]).exp();
        let ratios = (0..self.components()).filter(|&i| i != top).map(|i| self.ratio_jet(i, top, x));
        let sum = ratios.fold(Jet::constant(1.0), |sum, ratio| sum + ratio);
        (largest / sum).scale(Interval::SQRT_TAU)
    }

    /// The ratio of component i to component j as a Taylor series, each term of its logarithm in the variable only once.
    fn ratio_jet(&self, i: usize, j: usize, x: &Jet) -> Jet {
        let (bend, shift) = (self.precision_gap(i, j), self.means[i] - self.means[j]);
        let offset = self.offsets[i] - self.offsets[j];
        let [pi, pj] = [i, j].map(|k| self.means[k] * self.precisions[k]);
        if bend == Interval::ZERO {
            let half_way = (self.means[i] + self.means[j]) * 0.5;
            return x.shift(-half_way).scale(shift * self.precisions[i]).shift(offset).exp();
        }
        let vertex = (pi - pj) / bend;
        let at_vertex = offset + shift.sqr() / (self.variances[j] - self.variances[i]) * 0.5;
        x.shift(-vertex).sqr().scale(bend * -0.5).shift(at_vertex).exp()
    }

    /// The distribution function of component i as a Taylor series, or the survival function (`upper`).
    pub(super) fn component_cdf_jet(&self, i: usize, x: &Jet, upper: bool) -> Jet {
        let rate = self.precisions[i].sqrt();
        x.shift(-self.means[i]).scale(if upper { -rate } else { rate }).normal_cdf()
    }

    /// A number beyond which each component has at most the mass of `sigmas` standard deviations, on either side.
    #[must_use]
    pub fn reach(&self, sigmas: f64) -> (f64, f64) {
        let ends = |i: usize| {
            let r = (self.variances[i].sqrt() * sigmas).hi();
            (self.means[i].lo() - r, self.means[i].hi() + r)
        };
        (0..self.components())
            .map(ends)
            .fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), (lo, hi)| (a.min(lo), b.max(hi)))
    }
}

/// `g h` for two posterior probabilities, whose sum is at most 1: the product is at most 1/4.
fn product_of_shares(g: Interval, h: Interval) -> Interval {
    let product = g * h;
    Interval::new(product.lo().min(0.25), product.hi().min(0.25))
}

impl From<&Mixture1> for Line {
    fn from(law: &Mixture1) -> Self {
        let points = |xs: &[f64]| xs.iter().map(|&x| Interval::point(x)).collect::<Vec<_>>();
        Self::new(points(&law.weights), points(&law.means), points(&law.variances))
    }
}

impl Mixture1 {
    /// The parts `w_i N(x; mu_i, v_i)` relative to the largest, and the logarithm of the largest.
    fn parts(&self, x: f64) -> (Vec<f64>, f64) {
        let ln = |i: usize| {
            let z = x - self.means[i];
            self.weights[i].ln()
                - 0.5 * (std::f64::consts::TAU * self.variances[i]).ln()
                - 0.5 * z * z / self.variances[i]
        };
        let logs: Vec<f64> = (0..self.weights.len()).map(ln).collect();
        let top = logs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        // Beyond the range of logarithms the components count alike.
        (logs.iter().map(|l| if top.is_finite() { (l - top).exp() } else { 1.0 }).collect(), top)
    }

    /// ln p(x), accurate in the far tails.
    #[must_use]
    pub fn ln_density(&self, x: f64) -> f64 {
        let (parts, top) = self.parts(x);
        if top.is_finite() { top + parts.iter().sum::<f64>().ln() } else { top }
    }

    /// (ln p)'(x).
    #[must_use]
    pub fn score(&self, x: f64) -> f64 {
        let (parts, _) = self.parts(x);
        let pull: f64 = (0..parts.len()).map(|i| parts[i] * (self.means[i] - x) / self.variances[i]).sum();
        pull / parts.iter().sum::<f64>()
    }

    /// (ln p)'' at each point of `xs`.
    ///
    /// ```text
    /// sum_i g_i (u_i - u)^2 - sum_i g_i/v_i,    u_i = (m_i - x)/v_i,  u = sum_i g_i u_i
    /// ```
    /// with g_i the posterior weights: no difference of large numbers is taken.
    #[must_use]
    pub fn score_slope(&self, xs: &[f64]) -> Vec<f64> {
        let slope = |&x: &f64| {
            let (mut parts, _) = self.parts(x);
            let sum: f64 = parts.iter().sum();
            parts.iter_mut().for_each(|g| *g /= sum);
            let pull = |i: usize| (self.means[i] - x) / self.variances[i];
            let mean: f64 = (0..parts.len()).map(|i| parts[i] * pull(i)).sum();
            let one = |i: usize| parts[i] * ((pull(i) - mean).powi(2) - 1.0 / self.variances[i]);
            (0..parts.len()).filter(|&i| parts[i] > 0.0).map(one).sum()
        };
        xs.iter().map(slope).collect()
    }

    /// P(X <= x), accurate in the lower tail.
    #[must_use]
    pub fn cdf(&self, x: f64) -> f64 {
        self.tail(x, 1.0)
    }

    /// P(X > x), accurate in the upper tail.
    #[must_use]
    pub fn sf(&self, x: f64) -> f64 {
        self.tail(x, -1.0)
    }

    fn tail(&self, x: f64, side: f64) -> f64 {
        let part = |i: usize| {
            let z = side * (x - self.means[i]) / (2.0 * self.variances[i]).sqrt();
            self.weights[i] * 0.5 * libm::erfc(-z)
        };
        (0..self.weights.len()).map(part).sum()
    }
}
