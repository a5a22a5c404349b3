//! Vectors of R^d that stay small when they are regular: constant, one coordinate, or explicit.

use crate::numerics::Interval;
use crate::targets::{Frame, Run};
use nalgebra::DVector;

/// A vector v of R^d.
#[derive(Clone, Debug, PartialEq)]
pub struct Direction {
    dim: usize,
    shape: Shape,
}

#[derive(Clone, Debug, PartialEq)]
enum Shape {
    /// Every component is the same.
    Constant(f64),
    /// One component differs from 0.
    Single(usize, f64),
    /// All components.
    Explicit(DVector<f64>),
}

impl Direction {
    /// (1, …, 1)/sqrt d.
    #[must_use]
    pub fn uniform(dim: usize) -> Self {
        Self { dim, shape: Shape::Constant(1.0 / (dim as f64).sqrt()) }
    }

    /// e_index.
    #[must_use]
    pub fn axis(dim: usize, index: usize) -> Self {
        Self { dim, shape: Shape::Single(index, 1.0) }
    }

    /// The zero vector.
    #[must_use]
    pub fn zero(dim: usize) -> Self {
        Self { dim, shape: Shape::Constant(0.0) }
    }

    /// v as it is.
    #[must_use]
    pub fn explicit(v: DVector<f64>) -> Self {
        Self { dim: v.len(), shape: Shape::Explicit(v) }
    }

    /// v/|v|; `None` for the zero vector or one with a NaN or infinite entry.
    #[must_use]
    pub fn normalised(v: DVector<f64>) -> Option<Self> {
        // Scaled by the largest entry first: squares neither overflow nor vanish.
        let largest = v.amax();
        (largest > 0.0 && v.iter().all(|x| x.is_finite())).then(|| {
            let scaled = v / largest;
            let norm = scaled.norm();
            Self::explicit(scaled / norm)
        })
    }

    /// d.
    #[must_use]
    pub fn dim(&self) -> usize {
        self.dim
    }

    /// v_i.
    #[must_use]
    pub fn component(&self, i: usize) -> f64 {
        match &self.shape {
            Shape::Constant(v) => *v,
            Shape::Single(k, v) => f64::from(u8::from(i == *k)) * v,
            Shape::Explicit(v) => v[i],
        }
    }

    /// The indices of components that are not 0.
    pub fn support(&self) -> Box<dyn Iterator<Item = usize> + '_> {
        match &self.shape {
            Shape::Constant(v) if *v == 0.0 => Box::new(std::iter::empty()),
            Shape::Constant(_) => Box::new(0..self.dim),
            Shape::Single(k, _) => Box::new(std::iter::once(*k)),
            Shape::Explicit(v) => Box::new((0..self.dim).filter(move |&i| v[i] != 0.0)),
        }
    }

    /// |v|^2, enclosed.
    #[must_use]
    pub fn norm_squared(&self) -> Interval {
        match &self.shape {
            Shape::Constant(v) => Interval::point(*v).sqr() * self.dim as f64,
            Shape::Single(_, v) => Interval::point(*v).sqr(),
            Shape::Explicit(v) => v.iter().map(|x| Interval::point(*x).sqr()).sum(),
        }
    }

    /// v.x at n points (`xs`: d x n), written to `out` (n).
    pub fn dot(&self, xs: &[f64], out: &mut [f64]) {
        let n = out.len();
        out.fill(0.0);
        for i in self.support() {
            let v = self.component(i);
            out.iter_mut().zip(&xs[i * n..(i + 1) * n]).for_each(|(o, x)| *o += v * x);
        }
    }

    /// The components `first .. first + dim`.
    #[must_use]
    pub fn block(&self, first: usize, dim: usize) -> Self {
        let shape = match &self.shape {
            Shape::Constant(v) => Shape::Constant(*v),
            Shape::Single(k, v) if (first..first + dim).contains(k) => Shape::Single(k - first, *v),
            Shape::Single(..) => Shape::Constant(0.0),
            Shape::Explicit(v) => Shape::Explicit(v.rows(first, dim).into_owned()),
        };
        Self { dim, shape }
    }

    /// Runs of equal components.
    #[must_use]
    pub fn runs(&self) -> Vec<Run> {
        let run = |first, copies| Run { first, dim: 1, copies };
        match &self.shape {
            Shape::Constant(_) => vec![run(0, self.dim)],
            Shape::Single(k, _) => {
                [run(0, *k), run(*k, 1), run(k + 1, self.dim - k - 1)].into_iter().filter(|r| r.copies > 0).collect()
            }
            Shape::Explicit(v) => {
                let mut runs: Vec<Run> = Vec::new();
                for i in 0..self.dim {
                    match runs.last_mut() {
                        Some(last) if v[last.first] == v[i] => last.copies += 1,
                        _ => runs.push(run(i, 1)),
                    }
                }
                runs
            }
        }
    }

    /// Runs in which the whole support is one block: for fields that depend on v.x.
    #[must_use]
    pub fn coupled_runs(&self) -> Vec<Run> {
        let (Some(a), Some(b)) = (self.support().min(), self.support().max()) else {
            return vec![Run { first: 0, dim: 1, copies: self.dim }];
        };
        [
            Run { first: 0, dim: 1, copies: a },
            Run { first: a, dim: b - a + 1, copies: 1 },
            Run { first: b + 1, dim: 1, copies: self.dim - b - 1 },
        ]
        .into_iter()
        .filter(|r| r.copies > 0)
        .collect()
    }

    /// Q^T v as (core, rest); components that are rounding of the rotation are set to 0 (a permutation has none).
    #[must_use]
    pub fn in_frame(&self, frame: &Frame) -> (Direction, Direction) {
        let v = DVector::from_fn(self.dim, |i, _| self.component(i));
        let small = frame.rounding() * v.norm();
        let (core, rest) = frame.coordinates(&v);
        let clean = |y: DVector<f64>| y.map(|x| if x.abs() <= small { 0.0 } else { x });
        (Direction::explicit(clean(core)), Direction::explicit(clean(rest)))
    }

    /// Whether every component is 0.
    #[must_use]
    pub fn is_zero(&self) -> bool {
        self.support().next().is_none()
    }
}
