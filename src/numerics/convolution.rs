//! Convolution powers of measures on a cyclic lattice, with a proved bound of their rounding error.
//!
//! The transform is the plain radix-2 algorithm of Cooley and Tukey, because its rounding error has a theorem (Higham, Accuracy
//! and Stability of Numerical Algorithms, 2nd ed., Theorem 24.2; forwards the levels stand in the order of Gentleman and Sande,
//! the same factors transposed, each with the same errors): with twiddle factors accurate to `mu`,
//! ```text
//! |fl(F x) - F x|_2 <= t eta / (1 - t eta) |F x|_2,   n = 2^t,   eta = mu + gamma_4 (sqrt 2 + mu),   gamma_4 = 4u/(1 - 4u).
//! ```

use std::sync::{Arc, OnceLock};

/// Unit roundoff.
const U: f64 = f64::EPSILON / 2.0;

/// A real measure on the lattice `Z_n`, `n` a power of two.
#[derive(Clone, Debug)]
pub struct Composed {
    /// The mass at each residue.
    pub masses: Vec<f64>,
    /// A bound of the Euclidean norm of the error of `masses`.
    pub error: f64,
}

/// One complex number per residue, real and imaginary parts apart.
struct Spectrum {
    re: Vec<f64>,
    im: Vec<f64>,
}

/// The n-th roots of unity `e^{-2 pi i j/n}`, `j < n/2`, each accurate to `4u` in modulus (argument and function rounding).
fn twiddles(n: usize) -> (Vec<f64>, Vec<f64>) {
    (0..n / 2)
        .map(|j| {
            // The angle is reduced to the first octant, where its rounding error is at most u times pi/4.
            let eighth = n / 8;
            let angle = |k: usize| std::f64::consts::TAU * k as f64 / n as f64;
            if n < 8 {
                let a = angle(j);
                return (libm::cos(a), -libm::sin(a));
            }
            let (octant, k) = (j / eighth, j % eighth);
            let (c, s) = (libm::cos(angle(k)), libm::sin(angle(k)));
            let (cc, sc) = (libm::cos(angle(eighth - k)), libm::sin(angle(eighth - k)));
            match octant {
                0 => (c, -s),
                1 => (sc, -cc),
                2 => (-s, -c),
                _ => (-cc, -sc),
            }
        })
        .unzip()
}

/// The roots of every level of a transform of length n, those of one level side by side: for blocks of `2 half` the
/// `e^{-2 pi i k/(2 half)}`, `k < half`, start at `half`.
fn levels(n: usize) -> (Vec<f64>, Vec<f64>) {
    let (re, im) = twiddles(n);
    let (mut all_re, mut all_im) = (vec![0.0; n.max(1)], vec![0.0; n.max(1)]);
    let mut half = 1;
    while half < n {
        let stride = n / (2 * half);
        for k in 0..half {
            (all_re[half + k], all_im[half + k]) = (re[k * stride], im[k * stride]);
        }
        half *= 2;
    }
    (all_re, all_im)
}

/// The levels of the lengths used so far, by the logarithm of the length; those of long transforms are not kept.
static LEVELS: [OnceLock<Arc<Roots>>; 22] = [const { OnceLock::new() }; 22];

/// Real and imaginary parts.
type Roots = (Vec<f64>, Vec<f64>);

/// [`levels`], made once per length.
fn levels_of(n: usize) -> Arc<Roots> {
    let made = || Arc::new(levels(n));
    LEVELS.get(n.trailing_zeros() as usize).map_or_else(made, |kept| Arc::clone(kept.get_or_init(made)))
}

/// Blocks up to this length go through all their levels at once, while they are in the cache.
const CACHED: usize = 1 << 13;

/// In-place transform in decimation in frequency: the result stands in bit-reversed order, in which spectra are multiplied as
/// well as in any other.
fn forward(x: &mut Spectrum, roots: &Roots) {
    let n = x.re.len();
    let short = n.min(CACHED);
    let mut half = n / 2;
    while half >= short {
        apart(&mut x.re, &mut x.im, roots, half);
        half /= 2;
    }
    for (re, im) in x.re.chunks_mut(short).zip(x.im.chunks_mut(short)) {
        let mut half = short / 2;
        while half >= 1 {
            apart(re, im, roots, half);
            half /= 2;
        }
    }
}

/// The inverse of [`forward`] without the division by n, in decimation in time: from bit-reversed to natural order.
fn backward(x: &mut Spectrum, roots: &Roots) {
    let n = x.re.len();
    let short = n.min(CACHED);
    for (re, im) in x.re.chunks_mut(short).zip(x.im.chunks_mut(short)) {
        let mut half = 1;
        while half < short {
            together(re, im, roots, half);
            half *= 2;
        }
    }
    let mut half = short;
    while half < n {
        together(&mut x.re, &mut x.im, roots, half);
        half *= 2;
    }
}

/// One level of butterflies `(u, v) -> (u + v, (u - v) w)` on blocks of length `2 half`.
fn apart(re: &mut [f64], im: &mut [f64], roots: &Roots, half: usize) {
    if half == 1 {
        return level_of_pairs(re, im);
    }
    let (wr, wi) = (&roots.0[half..2 * half], &roots.1[half..2 * half]);
    for (re, im) in re.chunks_exact_mut(2 * half).zip(im.chunks_exact_mut(2 * half)) {
        let ((re_i, re_j), (im_i, im_j)) = (re.split_at_mut(half), im.split_at_mut(half));
        let ends = re_i.iter_mut().zip(re_j).zip(im_i.iter_mut().zip(im_j));
        for (((ri, rj), (ii, ij)), (wr, wi)) in ends.zip(wr.iter().zip(wi)) {
            let (dr, di) = (*ri - *rj, *ii - *ij);
            (*ri, *ii) = (*ri + *rj, *ii + *ij);
            (*rj, *ij) = (dr * wr - di * wi, dr * wi + di * wr);
        }
    }
}

/// One level of butterflies `(u, v) -> (u + v w*, u - v w*)` on blocks of length `2 half`.
fn together(re: &mut [f64], im: &mut [f64], roots: &Roots, half: usize) {
    if half == 1 {
        return level_of_pairs(re, im);
    }
    let (wr, wi) = (&roots.0[half..2 * half], &roots.1[half..2 * half]);
    for (re, im) in re.chunks_exact_mut(2 * half).zip(im.chunks_exact_mut(2 * half)) {
        let ((re_i, re_j), (im_i, im_j)) = (re.split_at_mut(half), im.split_at_mut(half));
        let ends = re_i.iter_mut().zip(re_j).zip(im_i.iter_mut().zip(im_j));
        for (((ri, rj), (ii, ij)), (wr, wi)) in ends.zip(wr.iter().zip(wi)) {
            let (tr, ti) = (*rj * wr + *ij * wi, *ij * wr - *rj * wi);
            let (ur, ui) = (*ri, *ii);
            (*ri, *ii) = (ur + tr, ui + ti);
            (*rj, *ij) = (ur - tr, ui - ti);
        }
    }
}

/// The level whose only root is 1.
fn level_of_pairs(re: &mut [f64], im: &mut [f64]) {
    for x in [re, im] {
        for pair in x.chunks_exact_mut(2) {
            (pair[0], pair[1]) = (pair[0] + pair[1], pair[0] - pair[1]);
        }
    }
}

/// The relative error of one transform of length n in the Euclidean norm.
fn transform_error(n: usize) -> f64 {
    let t = f64::from(n.trailing_zeros());
    let mu = 4.0 * U;
    let gamma = 4.0 * U / (1.0 - 4.0 * U);
    let eta = mu + gamma * (std::f64::consts::SQRT_2 + mu);
    t * eta / (1.0 - t * eta)
}

/// z^copies by repeated squaring.
fn power(mut z: (f64, f64), mut copies: u64) -> (f64, f64) {
    let times = |a: (f64, f64), b: (f64, f64)| (a.0 * b.0 - a.1 * b.1, a.0 * b.1 + a.1 * b.0);
    let mut result = (1.0, 0.0);
    while copies > 0 {
        if copies & 1 == 1 {
            result = times(result, z);
        }
        copies >>= 1;
        if copies > 0 {
            z = times(z, z);
        }
    }
    result
}

/// The largest total mass of a factor; its sum in floating point is off by less than the distance to 1 + 1e-9.
const LARGEST_MASS: f64 = 1.0 + 0.9e-9;
/// The most factors, copies counted.
const MOST_FACTORS: u64 = 1_000_000;

/// Whether the error bound of a convolution covers these factors.
fn is_admissible(factors: &[(&[f64], u64)]) -> bool {
    let copies = factors.iter().fold(0_u64, |sum, f| sum.saturating_add(f.1));
    // The comparisons are false for NaN.
    let light = |masses: &[f64]| masses.iter().all(|m| *m >= 0.0) && masses.iter().sum::<f64>() <= LARGEST_MASS;
    copies <= MOST_FACTORS && factors.iter().all(|f| light(f.0))
}

/// The convolution of all factors, each repeated `copies` times, on `Z_n`; every factor has the same length, a power of two.
///
/// # Promise
/// The exact cyclic convolution differs from `masses` by a vector of Euclidean norm at most `error`. The bound needs
/// non-negative masses of total at most 1 + 1e-9 per factor and at most 1e6 factors in all; otherwise `error` is infinite.
#[must_use]
pub fn convolution_power(factors: &[(&[f64], u64)]) -> Composed {
    let n = factors.first().map_or(1, |f| f.0.len());
    debug_assert!(n.is_power_of_two() && factors.iter().all(|f| f.0.len() == n));
    if !is_admissible(factors) {
        return Composed { masses: vec![0.0; n], error: f64::INFINITY };
    }
    let roots = levels_of(n);
    let root_n = (n as f64).sqrt();
    let relative = transform_error(n);
    let mut product = Spectrum { re: vec![1.0; n], im: vec![0.0; n] };
    // |prod z_f^{d_f} - prod (z_f + delta_f)^{d_f}| <= sum_f d_f |delta_f| (1 + small)^{sum d}: all moduli are at most
    // 1 + 1e-9, so the last factor is below e^{1e-3} for up to 1e6 copies. Norms on the transformed side carry sqrt n.
    let mut spectral_error = 0.0;
    let mut copies_total = 0.0;
    for &(masses, copies) in factors {
        let mut x = Spectrum { re: masses.to_vec(), im: vec![0.0; n] };
        forward(&mut x, &roots);
        let norm = masses.iter().map(|m| m * m).sum::<f64>().sqrt() * (1.0 + 1e-6);
        spectral_error += copies as f64 * relative * root_n * norm;
        copies_total += copies as f64;
        for k in 0..n {
            let z = power((x.re[k], x.im[k]), copies);
            let (a, b) = (product.re[k], product.im[k]);
            product.re[k] = a * z.0 - b * z.1;
            product.im[k] = a * z.1 + b * z.0;
        }
    }
    // Each complex product errs by at most sqrt 2 gamma_2 relative; a d-th power by squaring by at most 2d of them.
    spectral_error += (2.0 * copies_total + 2.0) * 3.0 * U * root_n;
    spectral_error *= 1.01;
    let before = product.re.iter().zip(&product.im).map(|(a, b)| a * a + b * b).sum::<f64>().sqrt() * (1.0 + 1e-6);
    backward(&mut product, &roots);
    let masses: Vec<f64> = product.re.iter().map(|x| x / n as f64).collect();
    // The inverse transform divides norms by sqrt n; its own error is relative to what it was given.
    let error = (spectral_error + relative * before) / root_n * (1.0 + 1e-6) + 2.0 * U;
    Composed { masses, error }
}
