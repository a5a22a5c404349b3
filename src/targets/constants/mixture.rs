//! Constants of mixtures in R^d: reduction to the line where possible, else the bounds of LLT-18 to LLT-20.

use super::decomposition::symmetric;
use super::line::{Lower, OfLine};
use super::metric::{Metric, difference, norm_sqr};
use super::mixing::{self, OVERLAP};
use super::pair::{Comparison, compare};
use super::panels::Panels;
use super::side::Side;
use super::{Constant, Constants, ball, condition, decomposition, gaussian, hessian, line, smoothness, transport};
use crate::numerics::{Interval, IntervalSum};
use crate::targets::{Covariance, Gaussian, Line, Mixture};
use nalgebra::{DMatrix, DVector};

/// Up to this many components the one-dimensional integrals of LLT-19 are computed for every pair.
const INTEGRALS: usize = 8;

/// Up to this many components pairs are compared at all.
const PAIRS: usize = 400;

/// The constants of a mixture: coordinates on which all components agree, independent of the others, are split off; equal
/// components are merged.
pub(super) fn constants(mixture: &Mixture) -> Constants {
    let mixture = merged(mixture);
    let mut found = match split(&mixture) {
        (None, Some(rest)) => gaussian::constants(&rest),
        (Some(core), None) => of_core(&core),
        (Some(core), Some(rest)) => of_core(&core).and(gaussian::constants(&rest)),
        (None, None) => Constants::none("a mixture without coordinates has no constants"),
    };
    let (lipschitz, others) = condition::of(&mixture);
    found = found.widened(lipschitz, others);
    found.second_moment = second_moment(&mixture);
    found
}

/// Whether the same components agree, coordinate by coordinate and as a whole: rounding at a noise level may merge what
/// differs.
pub(super) fn told_apart_alike(a: &Mixture, b: &Mixture) -> bool {
    let agree = |m: &Mixture, i: usize, j: usize, c: usize| {
        let (p, q) = (&m.components[i], &m.components[j]);
        (p.mean[c] == q.mean[c], p.variance(c) == q.variance(c))
    };
    let same_cov = |m: &Mixture, i: usize, j: usize| m.components[i].cov == m.components[j].cov;
    decomposition::pairs(a.components.len()).all(|(i, j)| {
        same_cov(a, i, j) == same_cov(b, i, j) && (0..a.dim()).all(|c| agree(a, i, j, c) == agree(b, i, j, c))
    })
}

/// Components of the same mean and covariance are one.
fn merged(mixture: &Mixture) -> Mixture {
    let mut weights: Vec<f64> = Vec::new();
    let mut components: Vec<Gaussian> = Vec::new();
    for (&w, c) in mixture.weights.iter().zip(&mixture.components) {
        match components.iter().position(|known| known == c) {
            Some(k) => weights[k] += w,
            None => {
                weights.push(w);
                components.push(c.clone());
            }
        }
    }
    Mixture { weights, components }
}

/// The weights as enclosures that sum to 1.
fn weights(mixture: &Mixture) -> Vec<Interval> {
    if mixture.weights.len() == 1 {
        return vec![Interval::ONE];
    }
    let sum = mixture.weights.iter().map(|&w| Interval::point(w)).collect::<IntervalSum>().value();
    // Merging rounds the weights once per component; the enclosures allow for that.
    mixture.weights.iter().map(|&w| Interval::around(w, 1e-15 * w) / sum).collect()
}

/// `sum w_i (|mu_i|^2 + tr Sigma_i)`.
pub(super) fn second_moment(mixture: &Mixture) -> Interval {
    weights(mixture).iter().zip(&mixture.components).map(|(&w, c)| w * gaussian::second_moment(c)).sum()
}

/// The coordinates on which the components differ, and the Gaussian on the others.
fn split(mixture: &Mixture) -> (Option<Mixture>, Option<Gaussian>) {
    let first = &mixture.components[0];
    let (common, differing): (Vec<usize>, Vec<usize>) = (0..mixture.dim()).partition(|&i| mixture.agree_on(i));
    let core = (!differing.is_empty()).then(|| Mixture {
        weights: mixture.weights.clone(),
        components: mixture.components.iter().map(|c| select(c, &differing)).collect(),
    });
    (core, (!common.is_empty()).then(|| select(first, &common)))
}

/// The marginal on a list of coordinates.
fn select(g: &Gaussian, coordinates: &[usize]) -> Gaussian {
    if coordinates.len() == g.dim() {
        return g.clone();
    }
    let n = coordinates.len();
    let mean = DVector::from_iterator(n, coordinates.iter().map(|&i| g.mean[i]));
    let cov = match &g.cov {
        Covariance::Isotropic(v) => Covariance::Isotropic(*v),
        Covariance::Diagonal(v) => Covariance::Diagonal(DVector::from_iterator(n, coordinates.iter().map(|&i| v[i]))),
        Covariance::Dense(m) => Covariance::Dense(DMatrix::from_fn(n, n, |i, j| m[(coordinates[i], coordinates[j])])),
    };
    Gaussian::new(mean, cov).expect("a marginal of a Gaussian is a Gaussian").rounded(g.rounding())
}

/// A mixture without the coordinates on which its components agree: what the statements on mixtures speak of.
pub(super) fn reduced(mixture: &Mixture) -> (Option<Mixture>, Option<Gaussian>) {
    split(&merged(mixture))
}

/// A mixture on the line in interval form.
pub(super) fn on_the_line(mixture: &Mixture) -> Line {
    let points = |f: &dyn Fn(&Gaussian) -> f64| mixture.components.iter().map(|c| Interval::point(f(c))).collect();
    Line::new(weights(mixture), points(&|c| c.mean[0]), points(&|c| c.variance(0)))
}

/// Its weights and metrics; `None` when a covariance is too close to singular.
pub(super) fn in_space(mixture: &Mixture) -> Option<Core<'_>> {
    let metrics = mixture.components.iter().map(Metric::of).collect::<Option<_>>()?;
    Some(Core { mixture, weights: weights(mixture), metrics })
}

/// A mixture with its weights and metrics in interval form.
pub(super) struct Core<'a> {
    mixture: &'a Mixture,
    weights: Vec<Interval>,
    metrics: Vec<Metric>,
}

/// The constants of a mixture that does not split; the second moment is left to the caller.
fn of_core(mixture: &Mixture) -> Constants {
    if mixture.components.len() == 1 {
        return gaussian::constants(&mixture.components[0]);
    }
    if mixture.dim() == 1 {
        return gather(line::constants(&on_the_line(mixture)));
    }
    let common = mixture.components.iter().all(|c| c.cov == mixture.components[0].cov);
    if mixture.components.len() > PAIRS && !common {
        return Constants::none("not bounded: too many components in more than one dimension");
    }
    let Some(core) = in_space(mixture) else {
        return Constants::none("not bounded: a covariance is too close to singular");
    };
    if mixture.components.len() > PAIRS {
        return gather(core.in_a_ball());
    }
    let mut found = gather(if common { core.with_common_covariance() } else { core.in_general() });
    let Lower { poincare, lsi } = core.lower_bounds();
    poincare.into_iter().for_each(|side| found.poincare.improve_lower(side));
    lsi.into_iter().for_each(|side| found.lsi.improve_lower(side));
    found
}

fn gather(found: OfLine) -> Constants {
    let OfLine { lipschitz, lsi, poincare } = found;
    Constants { lipschitz, lsi, poincare, second_moment: Interval::ENTIRE }
}

impl Core<'_> {
    fn mean(&self, i: usize) -> &[f64] {
        self.mixture.components[i].mean.as_slice()
    }

    /// Every component with its weight and metric.
    pub(super) fn parts(&self) -> Vec<(Interval, &Gaussian, &Metric)> {
        (0..self.len()).map(|i| self.part(i)).collect()
    }

    /// The largest `|mu_i - mu_j|^2` in the metric of one common covariance, and the largest `|Sigma^-1 (mu_i - mu_j)|^2`.
    pub(super) fn spreads(&self) -> (Interval, Interval) {
        let metric = &self.metrics[0];
        decomposition::pairs(self.len()).fold((Interval::ZERO, Interval::ZERO), |(whitened, slopes), (i, j)| {
            let gap = difference(self.mean(i), self.mean(j));
            (whitened.max(metric.length_sqr(&gap)), slopes.max(norm_sqr(&metric.solve(&gap))))
        })
    }

    /// The bounds of LLT-19 as upper ends of (C_LS, C_P): by transport integrals for components of one covariance, by
    /// chi-squared otherwise.
    pub(super) fn decomposed(&self) -> (Side, Side) {
        let transport = symmetric(self.len(), |i, j| {
            let t = transport::by_chi2(self.part(i), self.part(j));
            if self.mixture.components[i].cov != self.mixture.components[j].cov {
                return t;
            }
            let gap = difference(self.mean(i), self.mean(j));
            let whitened = self.metrics[i].length_sqr(&gap);
            let weights = [self.weights[i], self.weights[j]];
            t.min(transport::common_covariance(weights, norm_sqr(&gap), whitened))
        });
        let own: Vec<f64> = self.metrics.iter().map(|m| m.eigenvalues().1.hi()).collect();
        decomposition::sides(&self.weights, &own, transport)
    }

    fn part(&self, i: usize) -> (Interval, &Gaussian, &Metric) {
        (self.weights[i], &self.mixture.components[i], &self.metrics[i])
    }

    fn len(&self) -> usize {
        self.weights.len()
    }

    /// Many components N(mu_i, Sigma) of one covariance, by a ball around their means only: no two of them are farther apart than
    /// its diameter.
    fn in_a_ball(&self) -> OfLine {
        let metric = &self.metrics[0];
        let (least, scale) = metric.eigenvalues();
        let radius_sqr = self.radius_sqr();
        let (mut lsi, mut poincare) = (Constant::unknown("not bounded"), Constant::unknown("not bounded"));
        let (for_lsi, for_poincare) = ball::sides(radius_sqr, scale);
        lsi.improve_upper(for_lsi);
        poincare.improve_upper(for_poincare);
        let spread = Interval::new(0.0, (radius_sqr * 4.0 / least).hi());
        OfLine { lipschitz: smoothness::common_covariance(metric, spread), lsi, poincare }
    }

    /// Upper ends by how much the components overlap (PMM-4e).
    fn by_overlap(&self, lsi: &mut Constant, poincare: &mut Constant) {
        if let Some(found) = mixing::unequal(self.mixture) {
            lsi.improve_upper(Side::proved(found.lsi, OVERLAP));
            poincare.improve_upper(Side::proved(found.poincare, OVERLAP));
        }
    }

    /// Components N(mu_i, Sigma) of one covariance.
    fn with_common_covariance(&self) -> OfLine {
        let metric = &self.metrics[0];
        let (_, scale) = metric.eigenvalues();
        if let Some(positions) = self.positions_on_a_line() {
            return self.whitened_line(positions);
        }
        let (mut lsi, mut poincare) = (Constant::unknown("not bounded"), Constant::unknown("not bounded"));
        let k = self.len();
        let mut spread = Interval::ZERO;
        let mut diameter = Interval::ZERO;
        let transport = symmetric(k, |i, j| {
            let gap = difference(self.mean(i), self.mean(j));
            let whitened = metric.length_sqr(&gap);
            spread = spread.max(norm_sqr(&metric.solve(&gap)));
            diameter = diameter.max(whitened);
            if k <= INTEGRALS {
                transport::common_covariance([self.weights[i], self.weights[j]], norm_sqr(&gap), whitened)
            } else {
                let price = |w: Interval| (whitened.exp_m1() * scale / w).hi();
                price(self.weights[i]).min(price(self.weights[j]))
            }
        });
        let (for_lsi, for_poincare) = ball::sides(self.radius_sqr(), scale);
        lsi.improve_upper(for_lsi);
        poincare.improve_upper(for_poincare);
        let convexity = 1.0 - diameter * 0.25;
        if convexity.lo() > 0.0 {
            lsi.improve_upper(Side::proved((scale / convexity).hi(), "LLT-18b: strongly log-concave after whitening"));
        }
        let (for_lsi, for_poincare) = decomposition::sides(&self.weights, &vec![scale.hi(); k], transport);
        lsi.improve_upper(for_lsi);
        poincare.improve_upper(for_poincare);
        self.by_overlap(&mut lsi, &mut poincare);
        OfLine { lipschitz: smoothness::common_covariance(metric, spread), lsi, poincare }
    }

    /// The positions of means on one line, in units of the first gap, when they lie on one beyond doubt.
    fn positions_on_a_line(&self) -> Option<(Vec<Interval>, Vec<Interval>)> {
        let k = self.len();
        let gaps: Vec<Vec<Interval>> = (0..k).map(|i| difference(self.mean(i), self.mean(0))).collect();
        let direction = gaps[1].clone();
        let pivot =
            (0..direction.len()).max_by(|&a, &b| direction[a].magnitude().total_cmp(&direction[b].magnitude()))?;
        let on_line = |gap: &[Interval]| {
            gap.iter().zip(&direction).all(|(&g, &v)| g * direction[pivot] - v * gap[pivot] == Interval::ZERO)
        };
        if k > 2 && !gaps.iter().all(|gap| on_line(gap)) {
            return None;
        }
        let position = |gap: &Vec<Interval>, i: usize| match i {
            0 => Interval::ZERO,
            1 => Interval::ONE,
            _ => gap[pivot] / direction[pivot],
        };
        Some((gaps.iter().enumerate().map(|(i, gap)| position(gap, i)).collect(), direction))
    }

    /// Collinear means and one covariance: the whitened law is a mixture on a line times a standard Gaussian, and
    /// `C <= lambda_max max(1, C of the line)` (LLT-19), with equality when the covariance is isotropic.
    fn whitened_line(&self, (positions, direction): (Vec<Interval>, Vec<Interval>)) -> OfLine {
        let metric = &self.metrics[0];
        let (least, scale) = metric.eigenvalues();
        let unit = metric.length_sqr(&direction).sqrt();
        let line = Line::new(
            self.weights.clone(),
            positions.iter().map(|&t| t * unit).collect(),
            vec![Interval::ONE; self.len()],
        );
        let OfLine { lipschitz: on_line, mut lsi, mut poincare } = line::constants(&line);
        for constant in [&mut lsi, &mut poincare] {
            let upper = (scale * constant.value.hi().max(1.0)).hi();
            let isotropic = scale.lo() == scale.hi() && least == scale;
            let lower = if isotropic { (scale * constant.value.lo().max(1.0)).lo() } else { 0.0 };
            constant.value = Interval::new(lower, upper);
            for end in [&mut constant.lower, &mut constant.upper] {
                end.statement = format!("whitened means on a line; {}", end.statement);
            }
        }
        let lipschitz = if self.len() == 2 {
            smoothness::two_with_common_covariance(metric, &direction)
        } else {
            // -Hess = Sigma^-1 - Var(t) v v^T with Var(t) |unit|^2 = 1 - curvature of the whitened line.
            let v2 = norm_sqr(&metric.solve(&direction));
            let largest_variance = (1.0 + on_line.value.hi()) / unit.sqr();
            let flattest = 1.0 / scale;
            let upper = (1.0 / least).max(largest_variance * v2 - flattest).hi();
            let mut l = smoothness::common_covariance(metric, Interval::new(0.0, f64::INFINITY));
            l.improve_upper(Side::proved(
                upper,
                "LLT-20: means on a line, the variance of the slopes by branch and bound",
            ));
            if least == scale {
                let lower = (on_line.value.lo() / scale).lo();
                l.improve_lower(Side::proved(lower, "LLT-20: means on a line, by branch and bound"));
            }
            l
        };
        OfLine { lipschitz, lsi, poincare }
    }

    /// The squared radius of a ball around the whitened means, from above.
    pub(super) fn radius_sqr(&self) -> Interval {
        let k = self.len();
        let metric = &self.metrics[0];
        let origin: Vec<Vec<Interval>> = (0..k).map(|i| difference(self.mean(i), self.mean(0))).collect();
        let d = self.mixture.dim();
        let weights = if k > PAIRS {
            vec![1.0 / k as f64; k]
        } else {
            let solved: Vec<Vec<Interval>> = origin.iter().map(|g| metric.solve(g)).collect();
            let inner = |a: &[Interval], b: &[Interval]| a.iter().zip(b).map(|(a, b)| a.mid() * b.mid()).sum::<f64>();
            let gram: Vec<Vec<f64>> = origin.iter().map(|a| solved.iter().map(|b| inner(a, b)).collect()).collect();
            ball::centre(&gram)
        };
        // Any centre will do: its rounding is harmless.
        let centre: Vec<f64> = (0..d).map(|c| (0..k).map(|i| weights[i] * origin[i][c].mid()).sum()).collect();
        let from_centre = |gap: &Vec<Interval>| {
            let shifted: Vec<Interval> = gap.iter().zip(&centre).map(|(&g, &c)| g - c).collect();
            metric.length_sqr(&shifted)
        };
        origin.iter().map(from_centre).reduce(Interval::max).unwrap_or(Interval::ZERO)
    }

    /// Components of different covariances.
    fn in_general(&self) -> OfLine {
        let k = self.len();
        let mut spread = Interval::ZERO;
        let mut obstacle: Option<&'static str> = None;
        let mut infinite: Option<&'static str> = None;
        let mut only_pair: Option<Constant> = None;
        let transport = symmetric(k, |i, j| {
            let t = transport::by_chi2(self.part(i), self.part(j));
            match compare(self.part(i), self.part(j)) {
                Comparison::Equal => {
                    let (gap, metric) = (difference(self.mean(i), self.mean(j)), &self.metrics[i]);
                    spread += norm_sqr(&metric.solve(&gap)) * 0.25;
                    if k <= INTEGRALS {
                        let weights = [self.weights[i], self.weights[j]];
                        let whitened = metric.length_sqr(&gap);
                        return t.min(transport::common_covariance(weights, norm_sqr(&gap), whitened));
                    }
                }
                Comparison::Nested { pair, swapped } => {
                    spread += Interval::point(pair.spread());
                    if k == 2 {
                        let (narrow, wide) = if swapped { (j, i) } else { (i, j) };
                        only_pair = Some(self.nested_pair(&pair, narrow, wide));
                    }
                }
                Comparison::Unbounded(why) => infinite = Some(why),
                Comparison::Undecided => {
                    obstacle = Some("it is not decided whether two components balance along an unbounded set");
                }
            }
            t
        });
        let mut lipschitz = Constant::unknown("not bounded");
        match (infinite, obstacle, only_pair) {
            (Some(why), ..) if k == 2 => lipschitz = smoothness::infinite(why),
            (Some(why), ..) => lipschitz.upper.statement = format!("not bounded: for some pair {why} (LLT-20c)"),
            (None, Some(why), _) => lipschitz.upper.statement = format!("not bounded: {why}"),
            (None, None, Some(pair)) => lipschitz = pair,
            (None, None, None) => lipschitz.improve_upper(smoothness::from_pairs(&self.metrics, spread.hi())),
        }
        if lipschitz.value.lo() < f64::INFINITY {
            lipschitz.improve_lower(self.cramer_rao());
            let parts: Vec<_> = (0..k).map(|i| self.part(i)).collect();
            if let Some(side) = hessian::lower(&parts) {
                lipschitz.improve_lower(side);
            }
        }
        let (mut lsi, mut poincare) = (Constant::unknown("not bounded"), Constant::unknown("not bounded"));
        let own: Vec<f64> = self.metrics.iter().map(|m| m.eigenvalues().1.hi()).collect();
        let (for_lsi, for_poincare) = decomposition::sides(&self.weights, &own, transport);
        lsi.improve_upper(for_lsi);
        poincare.improve_upper(for_poincare);
        self.by_overlap(&mut lsi, &mut poincare);
        OfLine { lipschitz, lsi, poincare }
    }

    /// L of two isotropic components of different variance (LLT-20b).
    pub(super) fn two_isotropic(&self) -> Option<Interval> {
        let Comparison::Nested { pair, swapped } = compare(self.part(0), self.part(1)) else { return None };
        let (narrow, wide) = if swapped { (1, 0) } else { (0, 1) };
        let precision = |i: usize| 1.0 / self.metrics[i].eigenvalues().0;
        let (a, b) = (precision(narrow), precision(wide));
        Some(pair.largest(a, b).max(pair.at_centre(a, b)))
    }

    /// L of two nested components: exact when both are isotropic (LLT-20b), an upper bound otherwise.
    fn nested_pair(&self, pair: &super::pair::Nested, narrow: usize, wide: usize) -> Constant {
        let isotropic = |i: usize| matches!(self.metrics[i], Metric::Isotropic(..));
        let flattest = |i: usize| 1.0 / self.metrics[i].eigenvalues().1;
        let steepest = |i: usize| 1.0 / self.metrics[i].eigenvalues().0;
        if isotropic(narrow) && isotropic(wide) {
            let (a, b) = (steepest(narrow), steepest(wide));
            let value = pair.largest(a, b).max(pair.at_centre(a, b));
            return Constant::exact(value, "LLT-20b: two isotropic components");
        }
        // g_1 b_1 + g_2 b_2 >= min b: equal weights of the two keep the bound valid in either order.
        let least = flattest(narrow).min(flattest(wide));
        let largest = pair.largest(least, least);
        let upper = largest.max(steepest(narrow).max(steepest(wide))).hi();
        let mut constant = Constant::unknown("not bounded");
        constant.improve_upper(Side::proved(upper, "LLT-20: two components with comparable covariances"));
        constant
    }

    /// `L >= 1/lambda_min(Cov)`: E[-Hess ln p] is at least the inverse covariance (Cramer-Rao).
    fn cramer_rao(&self) -> Side {
        let d = self.mixture.dim();
        // Any unit vector u gives lambda_min <= Var(u.x); coordinates are enough here.
        let least = (0..d).map(|i| self.variance_of_coordinate(i).hi()).fold(f64::INFINITY, f64::min);
        Side::proved((1.0 / Interval::point(least)).lo(), "LLT-0: Cramer-Rao, L >= 1/variance of a coordinate")
    }

    fn variance_of_coordinate(&self, c: usize) -> Interval {
        let mut sum = Interval::ZERO;
        for i in 0..self.len() {
            sum += self.weights[i] * self.mixture.components[i].variance(c);
            for j in 0..i {
                let gap = Interval::point(self.mean(i)[c]) - self.mean(j)[c];
                sum += self.weights[i] * self.weights[j] * gap.sqr();
            }
        }
        sum
    }

    /// Lower bounds from functions of one direction: those of the marginal, times `1/|v|^2`.
    pub(super) fn lower_bounds(&self) -> Lower {
        let mut found = Lower::default();
        for v in self.directions() {
            let v: Vec<Interval> = v.iter().map(|&x| Interval::point(x)).collect();
            let length_sqr = norm_sqr(&v);
            let origin: Vec<Vec<Interval>> = (0..self.len()).map(|i| difference(self.mean(i), self.mean(0))).collect();
            let dot = |x: &Vec<Interval>| x.iter().zip(&v).map(|(&a, &b)| a * b).collect::<IntervalSum>().value();
            let line = Line::new(
                self.weights.clone(),
                origin.iter().map(dot).collect(),
                self.mixture.components.iter().map(|c| spread_along(c, &v)).collect(),
            );
            let across = |side: Side| Side {
                value: (Interval::point(side.value) / length_sqr).lo(),
                statement: format!("one direction; {}", side.statement),
                ..side
            };
            let Lower { poincare, lsi } = line::lower(&line, Panels::of(&line).as_ref());
            found.poincare.extend(poincare.into_iter().map(across));
            found.lsi.extend(lsi.into_iter().map(across));
        }
        found
    }

    /// Directions worth trying: between the two farthest means, and the widest direction of the whole law.
    fn directions(&self) -> Vec<Vec<f64>> {
        let k = self.len();
        let d = self.mixture.dim();
        let farthest = (0..k)
            .flat_map(|i| (0..i).map(move |j| (i, j)))
            .map(|(i, j)| (norm_sqr(&difference(self.mean(i), self.mean(j))).mid(), i, j))
            .max_by(|a, b| a.0.total_cmp(&b.0));
        let mut found = Vec::new();
        if let Some((distance, i, j)) = farthest.filter(|f| f.0 > 0.0) {
            let gap = difference(self.mean(i), self.mean(j));
            found.push(gap.iter().map(|x| x.mid() / distance.sqrt()).collect());
        }
        if d <= 200 {
            let eigen = nalgebra::SymmetricEigen::new(self.mixture.cov());
            let widest = (0..d).max_by(|&a, &b| eigen.eigenvalues[a].total_cmp(&eigen.eigenvalues[b])).unwrap_or(0);
            found.push(eigen.eigenvectors.column(widest).iter().copied().collect());
        }
        found
    }
}

/// `v^T Sigma v`.
fn spread_along(g: &Gaussian, v: &[Interval]) -> Interval {
    match &g.cov {
        Covariance::Isotropic(s) => norm_sqr(v) * *s,
        Covariance::Diagonal(s) => v.iter().zip(s.iter()).map(|(v, &s)| v.sqr() * s).collect::<IntervalSum>().value(),
        Covariance::Dense(m) => {
            let row = |i: usize| v.iter().enumerate().map(|(j, &x)| x * m[(i, j)]).sum::<Interval>();
            v.iter().enumerate().map(|(i, &x)| x * row(i)).sum()
        }
    }
}
