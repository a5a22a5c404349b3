//! Gaussian laws.

use super::target::{check_dim, check_finite};
use super::{Run, TargetError};
use crate::numerics::Interval;
use crate::processes::NoiseLevel;
use nalgebra::{Cholesky, DMatrix, DVector, SymmetricEigen};
use rand_distr::{Distribution, StandardNormal};
use std::borrow::Cow;

/// The relative asymmetry a covariance matrix may have (it is then symmetrised).
const SYMMETRY: f64 = 1e-12;

/// The largest dimension at which a matrix is formed that was not given as one.
pub const MAX_DENSE: usize = 2000;

/// The relative rounding of `alpha mean` and `alpha^2 cov + sigma^2 I`, entry by entry, against the same at the process time
/// meant. The time may be off by tens of units (it may come from a grid or an integral of rates), which moves alpha by |ln alpha|
/// times as much, relatively, and sigma^2 by no more than as much; products and sums add half a unit each.
pub(super) fn level_rounding(level: NoiseLevel) -> f64 {
    let steepness = if level.alpha > 0.0 { libm::log(level.alpha).abs() } else { 0.0 };
    80.0 * f64::EPSILON * (1.0 + steepness)
}

/// A covariance matrix in its sparsest form. Positive definite.
#[derive(Clone, Debug, PartialEq)]
pub enum Covariance {
    /// variance * I.
    Isotropic(f64),
    /// diag(variances).
    Diagonal(DVector<f64>),
    /// A full symmetric matrix.
    Dense(DMatrix<f64>),
}

/// N(mean, cov) on R^d.
///
/// ```text
/// ln p(x) = -(1/2) (x - mean)^T cov^-1 (x - mean) - (1/2) ln det(2 pi cov)
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Gaussian {
    /// E X, length d.
    pub mean: DVector<f64>,
    /// Cov X.
    pub cov: Covariance,
    /// The lower Cholesky factor of a dense covariance.
    factor: Option<DMatrix<f64>>,
    /// How far mean and covariance may be from the ones that are meant, relative to each entry.
    rounding: f64,
}

impl Gaussian {
    /// N(mean, cov), the covariance kept in its sparsest form.
    ///
    /// # Errors
    /// A mean or covariance with a NaN or infinite entry, of unequal dimensions, not symmetric, or not positive definite.
    pub fn new(mean: DVector<f64>, cov: Covariance) -> Result<Self, TargetError> {
        let d = mean.len();
        if d == 0 {
            return Err(TargetError::parameter("mean", "has no entries; the dimension must be at least 1"));
        }
        check_finite("mean", mean.as_slice())?;
        let positive = |what: &str, v: f64| {
            if v > 0.0 && v.is_finite() {
                Ok(())
            } else {
                Err(TargetError::parameter(what, format!("is {v}; it must be positive and finite")))
            }
        };
        let mut factor = None;
        let cov = match cov {
            Covariance::Isotropic(v) => {
                positive("variance", v)?;
                Covariance::Isotropic(v)
            }
            Covariance::Diagonal(v) => {
                check_dim("variances", v.len(), d)?;
                for (i, &x) in v.iter().enumerate() {
                    positive(&format!("variances[{i}]"), x)?;
                }
                Covariance::Diagonal(v)
            }
            Covariance::Dense(m) => {
                check_dim("cov (rows)", m.nrows(), d)?;
                check_dim("cov (columns)", m.ncols(), d)?;
                check_finite("cov", m.as_slice())?;
                for i in 0..d {
                    for j in 0..i {
                        let (a, b) = (m[(i, j)], m[(j, i)]);
                        let scale = (m[(i, i)].abs() * m[(j, j)].abs()).sqrt().max(a.abs()).max(b.abs());
                        if (a - b).abs() > SYMMETRY * scale {
                            let why = format!("is not symmetric: entry ({i}, {j}) is {a}, entry ({j}, {i}) is {b}");
                            return Err(TargetError::parameter("cov", why));
                        }
                    }
                }
                let m = DMatrix::from_fn(d, d, |i, j| if i >= j { m[(i, j)] } else { m[(j, i)] });
                let Some(cholesky) = Cholesky::new(m.clone()) else {
                    let smallest = SymmetricEigen::new(m).eigenvalues.min();
                    let why = format!("is not positive definite: its smallest eigenvalue is {smallest:.6e}");
                    return Err(TargetError::parameter("cov", why));
                };
                factor = Some(cholesky.unpack());
                Covariance::Dense(m)
            }
        };
        let cov = sparsest(cov);
        let factor = factor.filter(|_| matches!(cov, Covariance::Dense(_)));
        Ok(Self { mean, cov, factor, rounding: 0.0 })
    }

    /// N(mean, variance I).
    ///
    /// # Errors
    /// As [`Gaussian::new`].
    pub fn isotropic(mean: DVector<f64>, variance: f64) -> Result<Self, TargetError> {
        Self::new(mean, Covariance::Isotropic(variance))
    }

    /// N(mean, variance) on the line.
    ///
    /// # Errors
    /// As [`Gaussian::new`].
    pub fn scalar(mean: f64, variance: f64) -> Result<Self, TargetError> {
        Self::isotropic(DVector::from_element(1, mean), variance)
    }

    /// Independent blocks, `(block, copies)` in order, with the sparsest covariance that holds them; `None` when that is a
    /// full one of more than [`MAX_DENSE`] coordinates.
    pub(super) fn independent(parts: &[(Cow<'_, Self>, u64)]) -> Option<Self> {
        let blocks = || parts.iter().flat_map(|(g, copies)| (0..*copies).map(move |_| g.as_ref()));
        let mean: Vec<f64> = blocks().flat_map(|g| g.mean.iter().copied()).collect();
        let d = mean.len();
        let first = parts.first()?.0.variance(0);
        let isotropic = |g: &Self| matches!(g.cov, Covariance::Isotropic(v) if v == first);
        let cov = if parts.iter().all(|(g, _)| isotropic(g)) {
            Covariance::Isotropic(first)
        } else if parts.iter().all(|(g, _)| !matches!(g.cov, Covariance::Dense(_))) {
            let variances = blocks().flat_map(|g| (0..g.dim()).map(|i| g.variance(i)));
            Covariance::Diagonal(DVector::from_iterator(d, variances))
        } else if d <= MAX_DENSE {
            let mut cov = DMatrix::zeros(d, d);
            let mut at = 0;
            for g in blocks() {
                let n = g.dim();
                cov.view_mut((at, at), (n, n)).copy_from(&g.cov_matrix());
                at += n;
            }
            Covariance::Dense(cov)
        } else {
            return None;
        };
        Self::new(DVector::from_vec(mean), cov).ok()
    }

    /// d.
    #[must_use]
    pub fn dim(&self) -> usize {
        self.mean.len()
    }

    /// The variance of coordinate i.
    #[must_use]
    pub fn variance(&self, i: usize) -> f64 {
        match &self.cov {
            Covariance::Isotropic(v) => *v,
            Covariance::Diagonal(v) => v[i],
            Covariance::Dense(m) => m[(i, i)],
        }
    }

    /// The covariance as a full matrix (only sensible for moderate d).
    #[must_use]
    pub fn cov_matrix(&self) -> DMatrix<f64> {
        match &self.cov {
            Covariance::Isotropic(v) => DMatrix::from_diagonal_element(self.dim(), self.dim(), *v),
            Covariance::Diagonal(v) => DMatrix::from_diagonal(v),
            Covariance::Dense(m) => m.clone(),
        }
    }

    /// Trace of the covariance.
    #[must_use]
    pub fn trace(&self) -> f64 {
        match &self.cov {
            Covariance::Isotropic(v) => v * self.dim() as f64,
            Covariance::Diagonal(v) => v.sum(),
            Covariance::Dense(m) => m.trace(),
        }
    }

    /// The mean's coordinate i, with its rounding.
    #[must_use]
    pub fn mean_enclosed(&self, i: usize) -> Interval {
        self.enclosed(self.mean[i])
    }

    /// The variance of coordinate i, with its rounding.
    #[must_use]
    pub fn variance_enclosed(&self, i: usize) -> Interval {
        self.enclosed(self.variance(i))
    }

    /// A parameter of this law with its rounding.
    #[must_use]
    pub fn enclosed(&self, parameter: f64) -> Interval {
        Interval::around(parameter, self.rounding * parameter.abs())
    }

    /// The relative rounding that every parameter carries; 0 when they are the ones that are meant.
    #[must_use]
    pub fn rounding(&self) -> f64 {
        self.rounding
    }

    /// This law with parameters that carry one more rounding.
    pub(super) fn rounded(self, by: f64) -> Self {
        Self { rounding: self.rounding + by, ..self }
    }

    /// The law of `alpha x + sigma xi`: N(alpha mean, alpha^2 cov + sigma^2 I), which remembers its rounding.
    ///
    /// # Errors
    /// As [`Gaussian::new`]: parameters that overflow, a nearly singular covariance that rounding makes indefinite.
    pub fn noised(&self, level: NoiseLevel) -> Result<Self, TargetError> {
        if level.is_data() {
            return Ok(self.clone());
        }
        let (a2, s2) = (level.alpha * level.alpha, level.variance());
        let cov = match &self.cov {
            Covariance::Isotropic(v) => Covariance::Isotropic(a2 * v + s2),
            Covariance::Diagonal(v) => Covariance::Diagonal(v.map(|v| a2 * v + s2)),
            Covariance::Dense(m) => Covariance::Dense(DMatrix::from_fn(m.nrows(), m.ncols(), |i, j| {
                a2 * m[(i, j)] + if i == j { s2 } else { 0.0 }
            })),
        };
        Ok(Self::new(&self.mean * level.alpha, cov)?.rounded(self.rounding + level_rounding(level)))
    }

    /// The law of `alpha x + sigma xi` for a fixed x, which remembers its rounding.
    ///
    /// # Errors
    /// At sigma = 0, or when the parameters overflow.
    pub fn about(x: DVector<f64>, level: NoiseLevel) -> Result<Self, TargetError> {
        Ok(Self::isotropic(x * level.alpha, level.variance())?.rounded(level_rounding(level)))
    }

    /// The finest runs of independent coordinates; equal neighbours share a run.
    #[must_use]
    pub fn runs(&self) -> Vec<Run> {
        let d = self.dim();
        let mut runs: Vec<Run> = Vec::new();
        let mut first = 0;
        while first < d {
            let dim = self.block_length(first);
            let same_as_last = runs.last().is_some_and(|r| r.dim == dim && self.blocks_agree(r.first, first, dim));
            match runs.last_mut() {
                Some(run) if same_as_last => run.copies += 1,
                _ => runs.push(Run { first, dim, copies: 1 }),
            }
            first += dim;
        }
        runs
    }

    /// The number of coordinates from `first` on that hang together.
    fn block_length(&self, first: usize) -> usize {
        let Covariance::Dense(m) = &self.cov else { return 1 };
        let mut end = first + 1;
        let mut row = first;
        while row < end {
            if let Some(last) = (row + 1..self.dim()).rev().find(|&j| m[(row, j)] != 0.0) {
                end = end.max(last + 1);
            }
            row += 1;
        }
        end - first
    }

    /// Whether the marginals of two blocks of equal length are the same law.
    fn blocks_agree(&self, a: usize, b: usize, dim: usize) -> bool {
        (0..dim).all(|i| self.mean[a + i] == self.mean[b + i])
            && match &self.cov {
                Covariance::Isotropic(_) => true,
                Covariance::Diagonal(v) => (0..dim).all(|i| v[a + i] == v[b + i]),
                Covariance::Dense(m) => (0..dim).all(|i| (0..dim).all(|j| m[(a + i, a + j)] == m[(b + i, b + j)])),
            }
    }

    /// The marginal on the coordinates `first .. first + dim`.
    #[must_use]
    pub fn block(&self, first: usize, dim: usize) -> Self {
        let mean = self.mean.rows(first, dim).into_owned();
        let cov = match &self.cov {
            Covariance::Isotropic(v) => Covariance::Isotropic(*v),
            Covariance::Diagonal(v) => Covariance::Diagonal(v.rows(first, dim).into_owned()),
            Covariance::Dense(m) => Covariance::Dense(m.view((first, first), (dim, dim)).into_owned()),
        };
        let block = Self::new(mean, cov).expect("a principal block of a positive definite matrix is positive definite");
        block.rounded(self.rounding)
    }

    /// cov^-1 (x - mean) for one point, in place.
    fn precision_times(&self, x: &mut DVector<f64>) {
        *x -= &self.mean;
        match &self.cov {
            Covariance::Isotropic(v) => *x /= *v,
            Covariance::Diagonal(v) => x.component_div_assign(v),
            Covariance::Dense(_) => {
                let l = self.factor.as_ref().expect("a dense covariance keeps its factor");
                let _ = l.solve_lower_triangular_mut(x) && l.tr_solve_lower_triangular_mut(x);
            }
        }
    }

    /// ln det(2 pi cov).
    fn ln_normalisation(&self) -> f64 {
        let d = self.dim() as f64;
        let ln_det = match &self.cov {
            Covariance::Isotropic(v) => d * v.ln(),
            Covariance::Diagonal(v) => v.iter().map(|v| v.ln()).sum(),
            Covariance::Dense(_) => {
                let l = self.factor.as_ref().expect("a dense covariance keeps its factor");
                2.0 * l.diagonal().iter().map(|x| x.ln()).sum::<f64>()
            }
        };
        d * std::f64::consts::TAU.ln() + ln_det
    }

    /// ln p at n points (`xs`: d x n, component-major), added to nothing: written to `out` (n).
    pub fn ln_density(&self, xs: &[f64], out: &mut [f64]) {
        let n = out.len();
        out.fill(-0.5 * self.ln_normalisation());
        if let Covariance::Dense(_) = self.cov {
            let l = self.factor.as_ref().expect("a dense covariance keeps its factor");
            let mut x = DVector::zeros(self.dim());
            for (j, o) in out.iter_mut().enumerate() {
                for i in 0..self.dim() {
                    x[i] = xs[i * n + j] - self.mean[i];
                }
                let _ = l.solve_lower_triangular_mut(&mut x);
                *o -= 0.5 * x.norm_squared();
            }
            return;
        }
        for i in 0..self.dim() {
            let (m, half_precision) = (self.mean[i], 0.5 / self.variance(i));
            for (o, &x) in out.iter_mut().zip(&xs[i * n..(i + 1) * n]) {
                *o -= half_precision * (x - m) * (x - m);
            }
        }
    }

    /// grad ln p at n points (`xs`, `out`: d x n, component-major).
    pub fn score(&self, xs: &[f64], out: &mut [f64]) {
        let d = self.dim();
        let n = xs.len() / d;
        if let Covariance::Dense(_) = self.cov {
            let mut x = DVector::zeros(d);
            for j in 0..n {
                for i in 0..d {
                    x[i] = xs[i * n + j];
                }
                self.precision_times(&mut x);
                for i in 0..d {
                    out[i * n + j] = -x[i];
                }
            }
            return;
        }
        for i in 0..d {
            let (m, precision) = (self.mean[i], 1.0 / self.variance(i));
            for (o, &x) in out[i * n..(i + 1) * n].iter_mut().zip(&xs[i * n..(i + 1) * n]) {
                *o = (m - x) * precision;
            }
        }
    }

    /// n exact draws, component-major.
    pub fn sample(&self, rng: &mut dyn rand::Rng, n: usize, out: &mut [f64]) {
        let d = self.dim();
        for x in out.iter_mut() {
            *x = StandardNormal.sample(rng);
        }
        if let Covariance::Dense(_) = self.cov {
            let l = self.factor.as_ref().expect("a dense covariance keeps its factor");
            let mut z = DVector::zeros(d);
            for j in 0..n {
                for i in 0..d {
                    z[i] = out[i * n + j];
                }
                let x = l * &z;
                for i in 0..d {
                    out[i * n + j] = self.mean[i] + x[i];
                }
            }
            return;
        }
        for i in 0..d {
            let (m, sd) = (self.mean[i], self.variance(i).sqrt());
            for x in &mut out[i * n..(i + 1) * n] {
                *x = m + sd * *x;
            }
        }
    }
}

/// A full matrix without entries beside its diagonal is diagonal; equal variances are isotropic.
fn sparsest(cov: Covariance) -> Covariance {
    match cov {
        Covariance::Dense(m) => {
            let coupled = (0..m.nrows()).any(|i| (0..m.ncols()).any(|j| i != j && m[(i, j)] != 0.0));
            if coupled { Covariance::Dense(m) } else { sparsest(Covariance::Diagonal(m.diagonal())) }
        }
        Covariance::Diagonal(v) if v.iter().all(|&x| x == v[0]) => Covariance::Isotropic(v[0]),
        other => other,
    }
}
