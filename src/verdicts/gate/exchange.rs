//! Draws of the sampler beside as many exact ones: if both come from one law, exchanging them changes nothing.
//!
//! X_i are draws that were kept, Y_i exact ones, k a kernel with values in [0, 1] and k(x, x) = 1, phi its feature map, D_i = phi(X_i) - phi(Y_i). Where X has the
//! law of Y, (D_i) has the same law as (e_i D_i) for any signs e_i. The statistic is |sum D_i|, N times the distance of the two mean embeddings (MMD; Gretton,
//! Borgwardt, Rasch, Schoelkopf and Smola 2012), and it is judged in two ways, each with half of the false alarms:
//!
//! ```text
//! exhaustive:  m blocks of neighbouring pairs are exchanged as wholes in all 2^(m-1) ways (e and -e give the same number);
//!              p is the share of ways in which |sum e_b D_b| is at least as large as it is
//! a bound:     V = sum |D_i|^2,  P(|sum e_i D_i| >= sqrt(V) + t) <= exp(-t^2/(2 V))            McDiarmid 1989: E|.| <= sqrt(V), one sign moves it by 2 |D_i|
//! ```
//!
//! The first is the stronger one in nearly all cases, of the second it is known what it sees.

use super::kept::Kept;
use crate::numerics::stream;
use crate::targets::Density;
use rayon::prelude::*;
use sha2::{Digest, Sha256};

/// A law that can be drawn from exactly.
#[derive(Clone, Debug)]
pub struct Exact {
    /// The law.
    pub law: Density,
    /// The seed to draw with, beside the draws that are judged.
    pub seed: u64,
    /// A length for the spread of every coordinate.
    pub scales: Vec<f64>,
}

/// Blocks that are exchanged at most: 2^25 ways take about a second.
const MOST_BLOCKS: u32 = 26;
/// Inner products are counted in units of 2^-40 of what they can be at most.
const UNIT: f64 = 1_099_511_627_776.0;

/// How many blocks give a p value as small as half of a share of false alarms; `None` where that is too many.
#[must_use]
pub fn blocks(share: f64) -> Option<u32> {
    let ways = libm::log2(2.0 / share).ceil().max(1.0);
    (ways + 1.0 <= f64::from(MOST_BLOCKS)).then_some(ways as u32 + 1)
}

/// What exchanging shows.
#[derive(Clone, Copy, Debug)]
pub struct Exchanged {
    /// N.
    pub pairs: u64,
    /// |sum D_i|/N, the distance of the mean embeddings.
    pub distance: f64,
    /// V/N.
    pub spread: f64,
    /// A bound of the probability of so large a distance where the laws are the same.
    pub p_bound: f64,
}

/// Points of R^d, coordinate by coordinate: n draws that were kept, then n exact ones.
struct Pairs {
    n: usize,
    columns: Vec<Vec<f64>>,
}

impl Pairs {
    /// `k(x, y) = 1/(1 + |x - y|^2/(2d))`, the rational quadratic kernel, of a point with a range of them.
    fn kernels(&self, point: usize, range: std::ops::Range<usize>, out: &mut Vec<f64>) {
        out.clear();
        out.resize(range.len(), 0.0);
        for column in &self.columns {
            let x = column[point];
            out.iter_mut().zip(&column[range.clone()]).for_each(|(square, y)| *square += (x - y) * (x - y));
        }
        let scale = 0.5 / self.columns.len() as f64;
        out.iter_mut().for_each(|square| *square = 1.0 / (1.0 + scale * *square));
    }

    /// `<D_i, D_j>` for j from 0 to i.
    fn products(&self, i: usize) -> Vec<f64> {
        let n = self.n;
        let (mut own, mut other, mut mixed) = (Vec::new(), Vec::new(), Vec::new());
        self.kernels(i, 0..i + 1, &mut own);
        self.kernels(n + i, n..n + i + 1, &mut other);
        own.iter_mut().zip(&other).for_each(|(sum, k)| *sum += k);
        self.kernels(i, n..n + i + 1, &mut other);
        self.kernels(n + i, 0..i + 1, &mut mixed);
        own.iter().zip(other.iter().zip(&mixed)).map(|(sum, (a, b))| sum - (a + b)).collect()
    }
}

impl Exact {
    /// Exchanges draws that were kept with exact ones, in m blocks.
    #[must_use]
    pub fn exchange(&self, kept: &Kept, m: u32) -> Exchanged {
        let (n, d, m) = (kept.rows().len(), self.scales.len(), m as usize);
        let mut exact = vec![0.0; n * d];
        self.law.sample(&mut stream(self.seed, "gate/exchange", fingerprint(kept)), n, &mut exact);
        let column = |i: usize| {
            let both = kept.rows().map(|row| row[i]).chain(exact[i * n..(i + 1) * n].iter().copied());
            both.map(|x| x / self.scales[i]).collect()
        };
        let pairs = Pairs { n, columns: (0..d).map(column).collect() };
        let block = |i: usize| i * m / n;
        let rows: Vec<(f64, Vec<f64>)> = (0..n)
            .into_par_iter()
            .map(|i| {
                let mut row = vec![0.0; m];
                let products = pairs.products(i);
                // Half of the pairs stand for both orders.
                products[..i].iter().enumerate().for_each(|(j, product)| row[block(j)] += product);
                (products[i], row)
            })
            .collect();
        let spread: f64 = rows.iter().map(|(length, _)| length).sum();
        let mut gram = vec![vec![0.0; m]; m];
        for (i, (length, row)) in rows.iter().enumerate() {
            for (b, sum) in row.iter().enumerate() {
                gram[block(i)][b] += sum;
                gram[b][block(i)] += sum;
            }
            gram[block(i)][block(i)] += length;
        }
        let square: f64 = gram.iter().flatten().sum::<f64>().max(0.0);
        let away = (square.sqrt() * (1.0 - 1e-9) - spread.sqrt()).max(0.0);
        let bound = libm::exp(-0.5 * away * away / spread.max(f64::MIN_POSITIVE));
        let unit = UNIT / (2 * n * n) as f64;
        let whole: Vec<Vec<i64>> =
            gram.iter().map(|row| row.iter().map(|x| (x * unit).round() as i64).collect()).collect();
        Exchanged {
            pairs: n as u64,
            distance: square.sqrt() / n as f64,
            spread: spread / n as f64,
            p_bound: (2.0 * bound.min(as_large(&whole))).min(1.0),
        }
    }
}

/// Other draws are held beside other exact ones: with the same ones for all, a sampler that is run every day would meet the same chance again and again.
fn fingerprint(kept: &Kept) -> u64 {
    let mut hash = Sha256::new();
    kept.rows().flatten().for_each(|x| hash.update(x.to_bits().to_le_bytes()));
    hash.finalize().iter().take(8).fold(0, |number, byte| number << 8 | u64::from(*byte))
}

/// The share of signs e, e_0 = 1, for which `e^T A e` is at least `1^T A 1`: all of them, each one flip from the one before.
fn as_large(a: &[Vec<i64>]) -> f64 {
    let m = a.len();
    // The last flips are gone through inside, the first are split among threads.
    let split = (m - 1).min(6);
    let found: i64 = a.iter().flatten().sum();
    let count = |start: usize| {
        let mut signs: Vec<i64> =
            (0..m).map(|k| if k > 0 && k <= split && start >> (k - 1) & 1 == 1 { -1 } else { 1 }).collect();
        let mut along: Vec<i64> = a.iter().map(|row| row.iter().zip(&signs).map(|(x, e)| x * e).sum()).collect();
        let mut value: i64 = along.iter().zip(&signs).map(|(x, e)| x * e).sum();
        let mut count = u64::from(value >= found);
        for step in 1u64..1 << (m - 1 - split) {
            let k = 1 + split + step.trailing_zeros() as usize;
            value += 4 * (a[k][k] - signs[k] * along[k]);
            let twice = 2 * signs[k];
            along.iter_mut().zip(&a[k]).for_each(|(sum, x)| *sum -= twice * x);
            signs[k] = -signs[k];
            count += u64::from(value >= found);
        }
        count
    };
    let count: u64 = (0..1usize << split).into_par_iter().map(count).sum();
    count as f64 / libm::exp2((m - 1) as f64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::targets::Gaussian;
    use nalgebra::DVector;

    /// All signs, one by one.
    #[test]
    fn flips_go_through_all_signs() {
        for m in [1usize, 2, 5, 9] {
            let a: Vec<Vec<i64>> =
                (0..m).map(|i| (0..m).map(|j| ((7 * (i * j) + 3 * (i + j)) % 11) as i64 - 5).collect()).collect();
            let value = |bits: usize| -> i64 {
                let e = |k: usize| if k > 0 && bits >> (k - 1) & 1 == 1 { -1 } else { 1 };
                (0..m).flat_map(|i| (0..m).map(move |j| (i, j))).map(|(i, j)| e(i) * e(j) * a[i][j]).sum()
            };
            let want = (0..1usize << (m - 1)).filter(|&bits| value(bits) >= value(0)).count();
            assert_eq!(as_large(&a), want as f64 / (1u64 << (m - 1)) as f64, "{m}");
        }
    }

    #[test]
    fn blocks_reach_their_level() {
        for share in [0.3, 1e-3, 1e-7] {
            let m = blocks(share).unwrap();
            assert!(
                2.0 * libm::exp2(1.0 - f64::from(m)) <= share && 2.0 * libm::exp2(3.0 - f64::from(m)) > share,
                "{share}"
            );
        }
        assert!(blocks(1e-9).is_none());
    }

    /// Under the law itself p is at most 1/10 in at most a tenth of cases: of 300, more than 60 with probability 1e-7. A correlation that no coordinate shows
    /// by itself is seen with 1000 pairs.
    #[test]
    fn exchanged_draws_tell_the_laws_apart() {
        let law = |c: f64| {
            let cov = nalgebra::DMatrix::from_row_slice(2, 2, &[1.0, c, c, 1.0]);
            Density::Gaussian(Gaussian::new(DVector::zeros(2), crate::targets::Covariance::Dense(cov)).unwrap())
        };
        let kept = |law: &Density, n: usize, k: u64| {
            let mut xs = vec![0.0; 2 * n];
            law.sample(&mut stream(3, "gate/exchange-tests", k), n, &mut xs);
            let mut kept = Kept::default();
            kept.add(2, 0, &xs, n);
            kept
        };
        let exact = |seed| Exact { law: law(0.0), seed, scales: vec![1.0, 1.0] };
        let small = (0..300).filter(|&k| exact(k).exchange(&kept(&law(0.0), 60, k), 9).p_bound <= 0.1).count();
        assert!(small <= 60, "{small}");
        let found = exact(0).exchange(&kept(&law(0.9), 1000, 0), 20);
        assert!(found.p_bound <= 1e-5, "{found:?}");
    }
}
