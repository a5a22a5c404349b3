//! The two passes of a step of gradient descent over all pairs of a neuron and a point, fused so that no matrix of
//! pairs is ever stored.
//!
//! Both vectorise over points: `LANES` points are one tile, `GROUP` neurons share the loads of a tile. Every sum has a
//! fixed order and every product and sum of it is a fused multiply-add, so that results are the same bits for any number
//! of threads and on any machine (without hardware for fused multiply-adds they are slow, not different).

use nalgebra::DMatrix;
use rayon::prelude::*;

/// Points of one tile.
const LANES: usize = 16;
/// Neurons that share the loads of a tile.
const GROUP: usize = 4;
/// Tiles of one task of the forward pass.
const BLOCK: usize = 4;
/// Neurons summed in the precision of the pass; their sums are added in `f64`.
const CHUNK: usize = 512;
/// Neurons of one task of the backward pass.
const TASK: usize = 64;

/// The precision of the passes.
pub(super) trait Real: Copy + Send + Sync + PartialOrd {
    const ZERO: Self;
    fn narrow(x: f64) -> Self;
    fn wide(self) -> f64;
    /// `self b + c` rounded once.
    fn fused(self, b: Self, c: Self) -> Self;
}

impl Real for f64 {
    const ZERO: Self = 0.0;
    #[inline(always)]
    fn narrow(x: f64) -> Self {
        x
    }
    #[inline(always)]
    fn wide(self) -> f64 {
        self
    }
    #[inline(always)]
    fn fused(self, b: Self, c: Self) -> Self {
        self.mul_add(b, c)
    }
}

impl Real for f32 {
    const ZERO: Self = 0.0;
    #[inline(always)]
    fn narrow(x: f64) -> Self {
        x as f32
    }
    #[inline(always)]
    fn wide(self) -> f64 {
        f64::from(self)
    }
    #[inline(always)]
    fn fused(self, b: Self, c: Self) -> Self {
        self.mul_add(b, c)
    }
}

/// One number per point of a tile.
#[derive(Clone, Copy)]
#[repr(align(64))]
struct Lanes<T>([T; LANES]);

impl<T: Real> Lanes<T> {
    const ZERO: Self = Self([T::ZERO; LANES]);

    #[inline(always)]
    fn add_scaled(mut self, scale: T, y: &Self) -> Self {
        for (x, y) in self.0.iter_mut().zip(&y.0) {
            *x = scale.fused(*y, *x);
        }
        self
    }

    #[inline(always)]
    fn add_product(mut self, y: &Self, z: &Self) -> Self {
        for (x, (y, z)) in self.0.iter_mut().zip(y.0.iter().zip(&z.0)) {
            *x = y.fused(*z, *x);
        }
        self
    }

    /// Zero where `gate` is at most 0. What is not a number passes: weights that overflowed must show in the sums.
    #[inline(always)]
    fn gated(mut self, gate: &Self) -> Self {
        for (x, gate) in self.0.iter_mut().zip(&gate.0) {
            *x = if *gate <= T::ZERO { T::ZERO } else { *x };
        }
        self
    }
}

/// Numbers per point (`rows` of them), tile after tile, in each tile row after row; the last tile is filled up with zeros.
pub(super) struct Tiles<T> {
    rows: usize,
    points: usize,
    data: Vec<Lanes<T>>,
}

impl<T: Real> Tiles<T> {
    fn new(rows: usize, points: usize, at: impl Fn(usize, usize) -> f64) -> Self {
        let mut data = vec![Lanes::ZERO; points.div_ceil(LANES) * rows];
        for j in 0..points {
            for c in 0..rows {
                data[(j / LANES) * rows + c].0[j % LANES] = T::narrow(at(c, j));
            }
        }
        Self { rows, points, data }
    }

    /// From a matrix with one column per point.
    pub(super) fn of_columns(matrix: &DMatrix<f64>) -> Self {
        Self::new(matrix.nrows(), matrix.ncols(), |c, j| matrix[(c, j)])
    }

    /// From a matrix with one row per point.
    pub(super) fn of_rows(matrix: &DMatrix<f64>) -> Self {
        Self::new(matrix.ncols(), matrix.nrows(), |c, j| matrix[(j, c)])
    }
}

/// Numbers per neuron (one column each), neuron after neuron, filled up with zero neurons to whole groups.
pub(super) fn neurons<T: Real>(matrix: &DMatrix<f64>) -> Vec<T> {
    let mut out: Vec<T> = matrix.iter().map(|x| T::narrow(*x)).collect();
    out.resize(matrix.ncols().next_multiple_of(GROUP) * matrix.nrows(), T::ZERO);
    out
}

/// `w_q . z` of a group of neurons at a tile.
#[inline(always)]
fn products<T: Real>(z: &[Lanes<T>], w: &[T], p: usize) -> [Lanes<T>; GROUP] {
    let mut out = [Lanes::ZERO; GROUP];
    for (c, z) in z.iter().enumerate() {
        for (q, out) in out.iter_mut().enumerate() {
            *out = out.add_scaled(w[q * p + c], z);
        }
    }
    out
}

/// Adds the terms of a chunk of neurons to the sums of a block of tiles.
struct Forward<'a, T> {
    p: usize,
    d: usize,
    z: &'a [Lanes<T>],
    w: &'a [T],
    gates: Option<&'a [T]>,
    a: &'a [T],
    sums: &'a mut [Lanes<T>],
}

impl<T: Real> pulp::WithSimd for Forward<'_, T> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: pulp::Simd>(self, _: S) {
        let (p, d) = (self.p, self.d);
        for g in 0..self.w.len() / (GROUP * p) {
            let of = g * GROUP * p..(g + 1) * GROUP * p;
            let a = &self.a[g * GROUP * d..(g + 1) * GROUP * d];
            for (z, sums) in self.z.chunks_exact(p).zip(self.sums.chunks_exact_mut(d)) {
                let mut s = products(z, &self.w[of.clone()], p);
                let gates = match self.gates {
                    Some(gates) => products(z, &gates[of.clone()], p),
                    None => s,
                };
                for (s, gate) in s.iter_mut().zip(&gates) {
                    *s = s.gated(gate);
                }
                for (i, sum) in sums.iter_mut().enumerate() {
                    let mut total = *sum;
                    for (q, s) in s.iter().enumerate() {
                        total = total.add_scaled(a[q * d + i], s);
                    }
                    *sum = total;
                }
            }
        }
    }
}

/// `sum_r a_r^i 1{g_r.z_j > 0} w_r.z_j` as a matrix of points by outputs; the gates `g` are the weights `w` themselves if
/// not given.
pub(super) fn forward<T: Real>(z: &Tiles<T>, w: &[T], gates: Option<&[T]>, a: &[T], d: usize) -> DMatrix<f64> {
    let p = z.rows;
    let arch = pulp::Arch::new();
    let block = |z: &[Lanes<T>]| {
        let mut total = vec![0.0; z.len() / p * d * LANES];
        let mut sums = vec![Lanes::ZERO; z.len() / p * d];
        for (c, (w, a)) in w.chunks(CHUNK * p).zip(a.chunks(CHUNK * d)).enumerate() {
            sums.fill(Lanes::ZERO);
            let gates = gates.map(|gates| &gates[c * CHUNK * p..][..w.len()]);
            arch.dispatch(Forward { p, d, z, w, gates, a, sums: &mut sums });
            for (total, x) in total.iter_mut().zip(sums.iter().flat_map(|sum| sum.0)) {
                *total += x.wide();
            }
        }
        total
    };
    let all: Vec<f64> = z.data.par_chunks(BLOCK * p).map(block).collect::<Vec<_>>().concat();
    DMatrix::from_fn(z.points, d, |j, i| all[(j / LANES * d + i) * LANES + j % LANES])
}

/// Sums the terms of all tiles for a group of neurons.
struct Backward<'a, T> {
    p: usize,
    d: usize,
    z: &'a [Lanes<T>],
    residual: &'a [Lanes<T>],
    gates: &'a [T],
    a: &'a [T],
    sums: &'a mut [Lanes<T>],
}

impl<T: Real> pulp::WithSimd for Backward<'_, T> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: pulp::Simd>(self, _: S) {
        let (p, d) = (self.p, self.d);
        for (z, residual) in self.z.chunks_exact(p).zip(self.residual.chunks_exact(d)) {
            let gates = products(z, self.gates, p);
            let mut pull = products(residual, self.a, d);
            for (pull, gate) in pull.iter_mut().zip(&gates) {
                *pull = pull.gated(gate);
            }
            for (z, sums) in z.iter().zip(self.sums.chunks_exact_mut(GROUP)) {
                for (sum, pull) in sums.iter_mut().zip(&pull) {
                    *sum = sum.add_product(pull, z);
                }
            }
        }
    }
}

/// `sum_j (sum_i a_r^i residual_j^i) 1{g_r.z_j > 0} z_j`, neuron after neuron.
pub(super) fn backward<T: Real>(z: &Tiles<T>, residual: &Tiles<T>, gates: &[T], a: &[T]) -> Vec<f64> {
    let (p, d) = (z.rows, residual.rows);
    let arch = pulp::Arch::new();
    let mut out = vec![0.0; gates.len()];
    let tasks = out.par_chunks_mut(TASK * p).zip(gates.par_chunks(TASK * p)).zip(a.par_chunks(TASK * d));
    tasks.for_each(|((out, gates), a)| {
        let mut sums = vec![Lanes::ZERO; GROUP * p];
        let groups = gates.chunks_exact(GROUP * p).zip(a.chunks_exact(GROUP * d));
        for (out, (gates, a)) in out.chunks_exact_mut(GROUP * p).zip(groups) {
            sums.fill(Lanes::ZERO);
            arch.dispatch(Backward { p, d, z: &z.data, residual: &residual.data, gates, a, sums: &mut sums });
            for (n, out) in out.iter_mut().enumerate() {
                *out = sums[n % p * GROUP + n / p].0.iter().map(|x| x.wide()).sum();
            }
        }
    });
    out
}

/// `w . z` with the rounding of the passes in `f64`, so that signs agree with theirs. Fast within a dispatch only.
#[inline(always)]
pub(super) fn dot(w: &[f64], z: &[f64]) -> f64 {
    w.iter().zip(z).fold(0.0, |sum, (w, z)| w.mul_add(*z, sum))
}
