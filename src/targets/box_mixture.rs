//! Gaussian components, each conditioned on a cube.

use super::target::{check_dim, check_finite, check_weights};
use super::truncated_normal::TruncatedNormal;
use super::{Run, TargetError};
use crate::numerics::Interval;
use nalgebra::DVector;

/// `sum_i weights[i] N(means[i], sds[i]^2 I)`, each component conditioned on `[-b, b]^d`.
#[derive(Clone, Debug, PartialEq)]
pub struct BoxMixture {
    weights: Vec<f64>,
    means: Vec<DVector<f64>>,
    sds: Vec<f64>,
    half_width: f64,
    /// Component by component, coordinate by coordinate.
    laws: Vec<Vec<TruncatedNormal>>,
}

/// Standard deviations and half-widths lie between its inverse and this.
const LARGEST: f64 = 1e60;
/// How many standard deviations k outside the cube the centres of several components may be: their weights given a point are known to
/// about k^2 units of rounding.
const FARTHEST: f64 = 1e4;

impl BoxMixture {
    /// `sum_i weights[i] N(means[i], sds[i]^2 I)`, each component conditioned on `[-half_width, half_width]^d`.
    ///
    /// # Errors
    /// As [`super::Mixture::new`]; a mean that is not finite or a component without coordinates; a standard deviation or a
    /// half-width not between 1e-60 and 1e60; a mean more than 1e60 standard deviations from the far side of the cube; one of several more than
    /// 1e4 outside it, where the components' weights given a point are lost in rounding.
    pub fn new(
        weights: Vec<f64>,
        means: Vec<DVector<f64>>,
        sds: Vec<f64>,
        half_width: f64,
    ) -> Result<Self, TargetError> {
        check_dim("means", means.len(), weights.len())?;
        check_dim("sds", sds.len(), weights.len())?;
        check_weights(&weights)?;
        let size = |what: &str, x: f64| match (1.0 / LARGEST..=LARGEST).contains(&x) {
            true => Ok(()),
            false => Err(TargetError::parameter(what, format!("is {x}; it must be between 1e-60 and 1e60"))),
        };
        size("half-width", half_width)?;
        if means[0].is_empty() {
            return Err(TargetError::parameter("means[0]", "is empty; at least one coordinate is needed"));
        }
        for (i, (mean, &sd)) in means.iter().zip(&sds).enumerate() {
            check_dim(&format!("means[{i}]"), mean.len(), means[0].len())?;
            check_finite(&format!("means[{i}]"), mean.as_slice())?;
            size(&format!("sds[{i}]"), sd)?;
            let farthest = mean.iter().map(|m| m.abs() + half_width).fold(0.0, f64::max);
            if farthest / sd > LARGEST {
                let why = format!("is {:e} standard deviations from the far side of the cube", farthest / sd);
                return Err(TargetError::parameter(&format!("means[{i}]"), why));
            }
        }
        for (i, (mean, &sd)) in means.iter().zip(&sds).enumerate() {
            let outside = mean.iter().map(|m| (m.abs() - half_width) / sd).fold(0.0, f64::max);
            if means.len() > 1 && outside > FARTHEST {
                let why = format!("is {outside:.1e} standard deviations outside the cube; at most {FARTHEST:e}");
                return Err(TargetError::parameter(&format!("means[{i}]"), why));
            }
        }
        let ends = (-half_width, half_width);
        let law = |mean: &DVector<f64>, sd: f64| mean.iter().map(|&m| TruncatedNormal::new(m, sd, ends)).collect();
        let laws = means.iter().zip(&sds).map(|(mean, &sd)| law(mean, sd)).collect();
        Ok(Self { weights, means, sds, half_width, laws })
    }

    /// d.
    #[must_use]
    pub fn dim(&self) -> usize {
        self.means[0].len()
    }

    /// w_i.
    #[must_use]
    pub fn weights(&self) -> &[f64] {
        &self.weights
    }

    /// mu_i: the centres of the components, not their means.
    #[must_use]
    pub fn means(&self) -> &[DVector<f64>] {
        &self.means
    }

    /// s_i: the scales of the components, not their standard deviations.
    #[must_use]
    pub fn sds(&self) -> &[f64] {
        &self.sds
    }

    /// b.
    #[must_use]
    pub fn half_width(&self) -> f64 {
        self.half_width
    }

    /// The coordinates of each component, which are independent.
    pub(super) fn laws(&self) -> &[Vec<TruncatedNormal>] {
        &self.laws
    }

    /// E X.
    #[must_use]
    pub fn mean(&self) -> DVector<f64> {
        let mut mean = DVector::zeros(self.dim());
        for (w, laws) in self.weights.iter().zip(&self.laws) {
            mean.iter_mut().zip(laws).for_each(|(m, law)| *m += w * law.central().mean);
        }
        mean
    }

    /// `E X_c` and `E X_c^2` of each coordinate, enclosed.
    ///
    /// # Promise
    /// Contains the values for the weights divided by their sum.
    #[must_use]
    pub fn moments(&self) -> Vec<(Interval, Interval)> {
        let mut all = vec![(Interval::ZERO, Interval::ZERO); self.dim()];
        let shares = super::mixture::shares(&self.weights);
        for (w, (mean, &sd)) in shares.into_iter().zip(self.means.iter().zip(&self.sds)) {
            for (sum, &m) in all.iter_mut().zip(mean.iter()) {
                let (first, second) = moments(m, sd, self.half_width);
                *sum = (sum.0 + w * first, sum.1 + w * second);
            }
        }
        all
    }

    /// `E |X|^2`, enclosed.
    ///
    /// # Promise
    /// Contains the value for the weights divided by their sum.
    #[must_use]
    pub fn second_moment(&self) -> Interval {
        self.moments().into_iter().map(|(_, second)| second).sum()
    }

    /// Whether coordinate c has the same law in every component.
    fn agree_on(&self, c: usize) -> bool {
        self.sds.iter().all(|s| *s == self.sds[0]) && self.means.iter().all(|m| m[c] == self.means[0][c])
    }

    /// The finest runs of independent consecutive coordinates: one that has the same law in every component is independent of the
    /// others; what lies between the first and the last that has not is one block.
    #[must_use]
    pub fn runs(&self) -> Vec<Run> {
        let d = self.dim();
        let first = (0..d).find(|&c| !self.agree_on(c)).unwrap_or(d);
        let end = (0..d).rfind(|&c| !self.agree_on(c)).map_or(d, |last| last + 1);
        let mut runs: Vec<Run> = Vec::new();
        for c in 0..d {
            let core = (first..end).contains(&c);
            match runs.last_mut() {
                _ if core && c > first => {}
                Some(run) if !core && c != end && self.means[0][c] == self.means[0][run.first] => run.copies += 1,
                _ => runs.push(Run { first: c, dim: if core { end - first } else { 1 }, copies: 1 }),
            }
        }
        runs
    }

    /// The marginal on the coordinates `first .. first + dim`: of one component where all agree.
    #[must_use]
    pub fn block(&self, first: usize, dim: usize) -> Self {
        let kept = if (first..first + dim).all(|c| self.agree_on(c)) { 1 } else { self.weights.len() };
        let means = self.means[..kept].iter().map(|m| m.rows(first, dim).into_owned()).collect();
        let laws = self.laws[..kept].iter().map(|laws| laws[first..first + dim].to_vec()).collect();
        let weights = if kept == 1 { vec![1.0] } else { self.weights.clone() };
        Self { weights, means, sds: self.sds[..kept].to_vec(), half_width: self.half_width, laws }
    }

    /// A draw from the component of this number, from one uniform number per coordinate.
    pub(super) fn draw(&self, component: usize, mut uniform: impl FnMut() -> f64, out: &mut [f64]) {
        out.iter_mut().zip(&self.laws[component]).for_each(|(x, law)| *x = law.quantile(uniform()));
    }
}

/// `E z` and `E z^2` of N(m, s^2) conditioned on `[-b, b]`, with l, u the ends in standard units:
///
/// ```text
/// m + s (phi(l) - phi(u))/Z,    m^2 + 2 m s (phi(l) - phi(u))/Z + s^2 (1 + (l phi(l) - u phi(u))/Z),    Z = Phi(u) - Phi(l)
/// ```
///
/// They never leave `[-b, b]` and `[0, b^2]`, which is all that is said where the closed forms cancel.
fn moments(m: f64, s: f64, b: f64) -> (Interval, Interval) {
    let all = (Interval::new(-b, b), Interval::new(0.0, Interval::point(b).sqr().hi()));
    let (mean, scale) = (Interval::point(m), Interval::point(s));
    let (l, u) = ((-Interval::point(b) - mean) / scale, (Interval::point(b) - mean) / scale);
    // In the upper tail the mass is that of the mirror image, where the normal distribution function does not cancel.
    let mass = if l.lo() > 0.0 { (-l).normal_cdf() - (-u).normal_cdf() } else { u.normal_cdf() - l.normal_cdf() };
    if mass.lo() <= 0.0 {
        return all;
    }
    let first = (l.normal_pdf() - u.normal_pdf()) / mass;
    let second = (l * l.normal_pdf() - u * u.normal_pdf()) / mass;
    let value = mean.sqr() + mean * scale * first * 2.0 + scale.sqr() * (second + 1.0);
    let within = |value: Interval, all: Interval| value.intersect(all).unwrap_or(all);
    (within(mean + scale * first, all.0), within(value, all.1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_of_a_cut_normal() {
        let at = |m: f64, s: f64| BoxMixture::new(vec![1.0], vec![DVector::from_element(1, m)], vec![s], 1.0).unwrap();
        for (m, s) in [(0.3, 0.5), (-0.9, 0.2), (0.0, 3.0), (2.5, 0.7), (-4.0, 0.4)] {
            let law = at(m, s);
            // Midpoints of fine cells, an independent rule of error 1e-9.
            let cells = 200_000;
            let (mut mass, mut first, mut second) = (0.0, 0.0, 0.0);
            for k in 0..cells {
                let z = -1.0 + 2.0 * (f64::from(k) + 0.5) / f64::from(cells);
                let p = (-0.5 * ((z - m) / s).powi(2)).exp();
                (mass, first, second) = (mass + p, first + p * z, second + p * z * z);
            }
            assert!((law.mean()[0] - first / mass).abs() < 1e-8, "{m} {s}: {}", law.mean()[0]);
            let (mean, enclosed) = law.moments()[0];
            assert!(mean.widen(1e-15).contains(law.mean()[0]) && mean.width() < 1e-8, "{m} {s}: {mean}");
            assert!(enclosed.widen(1e-8).contains(second / mass) && enclosed.width() < 1e-8, "{m} {s}: {enclosed}");
        }
        // So far out that the mass underflows, and so wide that it cancels: what is known is the cube.
        assert!(at(60.0, 1.0).second_moment().encloses(Interval::new(0.5, 1.0)));
        assert!(at(0.0, 1e20).second_moment().contains(1.0 / 3.0));
    }

    /// Coordinates in which the components agree are blocks of their own.
    #[test]
    fn independent_coordinates_come_apart() {
        let mixture = |sds: Vec<f64>| {
            let means = [[0.5, 0.5, -1.0, 2.0, 3.0, 0.1], [0.5, 0.5, 1.0, 2.0, -3.0, 0.1]];
            BoxMixture::new(vec![0.5, 0.5], means.map(|m| DVector::from_row_slice(&m)).to_vec(), sds, 1.0).unwrap()
        };
        let alike = mixture(vec![0.3, 0.3]);
        let run = |first, dim, copies| Run { first, dim, copies };
        assert_eq!(alike.runs(), [run(0, 1, 2), run(2, 3, 1), run(5, 1, 1)]);
        assert_eq!(mixture(vec![0.3, 0.2]).runs(), [run(0, 6, 1)]);
        let core = alike.block(2, 3);
        assert!(core.weights() == [0.5, 0.5] && core.means()[1].as_slice() == [1.0, 2.0, -3.0]);
        let alone = alike.block(5, 1);
        assert!(alone.weights() == [1.0] && alone.runs() == [run(0, 1, 1)] && alone.means()[0][0] == 0.1);
    }

    #[test]
    fn impossible_mixtures_are_refused() {
        let one =
            |mean: f64, sd: f64, b: f64| BoxMixture::new(vec![1.0], vec![DVector::from_element(2, mean)], vec![sd], b);
        assert!(one(0.0, 1.0, 1.0).is_ok());
        for (mean, sd, b) in
            [(f64::NAN, 1.0, 1.0), (0.0, 0.0, 1.0), (0.0, -1.0, 1.0), (0.0, 1.0, 0.0), (0.0, 1.0, f64::INFINITY)]
        {
            assert!(matches!(one(mean, sd, b), Err(TargetError::Parameter { .. })), "{mean} {sd} {b}");
        }
        assert!(one(1e40, 1e-40, 1.0).unwrap_err().to_string().contains("standard deviations"));
        let two = vec![DVector::zeros(1), DVector::zeros(2)];
        assert!(matches!(
            BoxMixture::new(vec![0.5, 0.5], two, vec![1.0, 1.0], 1.0),
            Err(TargetError::Dimension { .. })
        ));
        assert!(BoxMixture::new(vec![1.0], vec![DVector::zeros(0)], vec![1.0], 1.0).is_err());
    }
}
