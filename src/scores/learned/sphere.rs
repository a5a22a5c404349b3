//! The eigenvalues of the limit kernel on the sphere (HRX-13).

use super::spectrum::decay;
use std::f64::consts::PI;

/// The eigenvalues `mu_0, ..., mu_last` of `kappa` on the unit sphere of R^p, `p >= 2`, under its uniform law.
/// ```text
/// mu_k = (k nu_{k-1} + (k + p - 2) nu_{k+1})/(2k + p - 2),   mu_0 = nu_1
/// nu_0 = 1/4,   nu_j = (Gamma(p/2) Gamma(m + 1/2)/(2 pi Gamma(m + (p+1)/2)))^2 for j = 2m + 1,   nu_j = 0 for even j >= 2
/// ```
/// `nu_j` are the eigenvalues of `(pi - theta)/(2 pi) = E[1{w.u > 0} 1{w.u' > 0}]`, squares of the Funk-Hecke coefficients of a half
/// space (Rodrigues' formula); multiplication by `u.u'` takes them to those of `kappa` by the recurrence of the Gegenbauer
/// polynomials. So `mu_1 = 1/(4p)`, `mu_k = 0` for odd `k >= 3`, and `mu_k ~ k^{-p}` for even `k`. All terms are positive: no digit is lost.
#[must_use]
pub fn sphere_eigenvalues(p: usize, last: usize) -> Vec<f64> {
    let half_spaces = half_space_eigenvalues(p, last + 1);
    let dim = p as f64 - 2.0;
    let eigenvalue = |k: usize| {
        let degree = k as f64;
        match k {
            0 => half_spaces[1],
            _ => (degree * half_spaces[k - 1] + (degree + dim) * half_spaces[k + 1]) / (2.0 * degree + dim),
        }
    };
    (0..=last).map(eigenvalue).collect()
}

/// `nu_0, ..., nu_last`.
fn half_space_eigenvalues(p: usize, last: usize) -> Vec<f64> {
    // Gamma(p/2)/Gamma((p + 1)/2), from 2/sqrt(pi) at p = 2; consecutive ones multiply to 2/p.
    let ratio = (2..p).fold(2.0 / PI.sqrt(), |ratio, p| 2.0 / (p as f64 * ratio));
    let mut coefficient = ratio * PI.sqrt() / (2.0 * PI);
    let mut out = vec![0.0; last + 1];
    out[0] = 0.25;
    for (m, j) in (1..=last).step_by(2).enumerate() {
        out[j] = coefficient * coefficient;
        coefficient *= (m as f64 + 0.5) / (m as f64 + (p as f64 + 1.0) / 2.0);
    }
    out
}

/// The number of independent spherical harmonics of degree `k` on the sphere of R^p, `p >= 2`.
/// ```text
/// N_0 = 1,   N_k = (2k + p - 2)/k C(k + p - 3, k - 1)
/// ```
#[must_use]
pub fn multiplicity(p: usize, degree: usize) -> f64 {
    if degree == 0 {
        return 1.0;
    }
    // C(a + b, a) for a = k - 1, b = p - 2, by as few factors as there are.
    let (few, many) = ((degree - 1).min(p - 2), (degree - 1).max(p - 2));
    let choose = (1..=few).fold(1.0, |value, i| value * (many + i) as f64 / i as f64);
    (choose * (2 * degree + p - 2) as f64 / degree as f64).round()
}

/// `-d ln mu_k / d ln k` between consecutive even degrees `k` and `k + 2` from `first` on: it tends to `p`.
#[must_use]
pub fn local_exponents(p: usize, first: usize, last: usize) -> Vec<f64> {
    let eigenvalues = sphere_eigenvalues(p, last);
    let first = first.max(2).next_multiple_of(2);
    let slope = |k: usize| -(eigenvalues[k + 2] / eigenvalues[k]).ln() / ((k + 2) as f64 / k as f64).ln();
    (first..).step_by(2).take_while(|k| k + 2 <= last).map(slope).collect()
}

/// The eigenvalue of one degree among all eigenvalues in their order.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Block {
    degree: usize,
    eigenvalue: f64,
    /// How often it stands there.
    count: f64,
    /// How many eigenvalues are larger.
    before: f64,
}

impl Block {
    /// The number of the eigenvalue in its middle.
    fn middle(&self) -> f64 {
        self.before + 0.5 * (self.count + 1.0)
    }
}

/// The eigenvalues above 0 of `kappa` on the unit sphere of R^p under its uniform law, largest first, each as often as its
/// multiplicity: `lambda_1 >= lambda_2 >= ...`, up to some number of them and at least one even degree beyond.
#[derive(Clone, Debug, PartialEq)]
pub struct SphereSpectrum {
    blocks: Vec<Block>,
}

impl SphereSpectrum {
    /// Up to `lambda_last`. `p >= 2`.
    #[must_use]
    pub fn new(p: usize, last: usize) -> Self {
        let mut degrees = 8;
        loop {
            let eigenvalues = sphere_eigenvalues(p, degrees);
            let kept = eigenvalues.iter().enumerate().filter(|(_, value)| **value > 0.0);
            let block =
                |(degree, &eigenvalue)| Block { degree, eigenvalue, count: multiplicity(p, degree), before: 0.0 };
            let mut blocks: Vec<Block> = kept.map(block).collect();
            blocks.sort_by(|a, b| b.eigenvalue.total_cmp(&a.eigenvalue));
            let mut before = 0.0;
            for block in &mut blocks {
                block.before = before;
                before += block.count;
            }
            // Even eigenvalues fall with their degree, so that none beyond the last degree is among these.
            if blocks.last().is_some_and(|block| block.before >= last as f64) {
                return Self { blocks };
            }
            degrees *= 2;
        }
    }

    /// The block of `lambda_j`, or the one of the first even degree above 0 where it comes before that; and the next one.
    fn pair(&self, j: usize) -> Option<(&Block, &Block)> {
        let even: Vec<&Block> = self.blocks.iter().filter(|b| b.degree >= 2).collect();
        let place = even.partition_point(|block| block.before + block.count < j as f64);
        Some((even.get(place)?, even.get(place + 1)?))
    }

    /// `-d ln mu_k / d ln k` between the degree k of `lambda_j`, at least 2, and k + 2: it tends to p.
    #[must_use]
    pub fn degree_decay(&self, j: usize) -> Option<f64> {
        let (this, next) = self.pair(j)?;
        Some(-(next.eigenvalue / this.eigenvalue).ln() / (next.degree as f64 / this.degree as f64).ln())
    }

    /// `-d ln lambda_j / d ln j` between the middles of the same two degrees among all eigenvalues in order: it tends to p/(p - 1).
    #[must_use]
    pub fn order_decay(&self, j: usize) -> Option<f64> {
        let (this, next) = self.pair(j)?;
        Some(-(next.eigenvalue / this.eigenvalue).ln() / (next.middle() / this.middle()).ln())
    }

    /// `-d ln lambda_j / d ln j` by least squares over the eigenvalues number `first..=last`, counted from 1.
    #[must_use]
    pub fn decay(&self, first: usize, last: usize) -> Option<f64> {
        let at = |j: usize| {
            let place = self.blocks.partition_point(|block| block.before + block.count < j as f64);
            (j, self.blocks[place].eigenvalue)
        };
        let known = self.blocks.last().map_or(0.0, |block| block.before + block.count);
        (last as f64 <= known).then(|| decay((first.max(1)..=last).map(at))).flatten()
    }
}
