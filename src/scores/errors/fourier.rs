//! e_i(x) = c cos(frequency x_i + phase).

use super::{markov, on_the_line};
use crate::numerics::{Interval, Jet, Measured};
use crate::scores::direction::Direction;
use crate::scores::error_shape::{by_chords, worth_a_quadrature};
use crate::scores::projection::Projection;
use crate::scores::{Affine, CrossMoments, Description, Entry, ErrorShape};
use crate::targets::{Density, Frame, Gaussian, Run};
use std::sync::Arc;

/// A wave in every coordinate.
#[derive(Clone, Debug, PartialEq)]
pub struct Fourier {
    /// d.
    pub dim: usize,
    /// w.
    pub frequency: f64,
    /// phi.
    pub phase: f64,
}

impl Fourier {
    /// E cos^2(w x_i + phi) = (1 - D)/2 + D cos^2(w m + phi) for x_i ~ N(m, v), D = e^{-2 w^2 v}: no difference is taken.
    fn mean_square_coordinate(&self, mean: Interval, variance: Interval) -> Interval {
        let w = Interval::point(self.frequency);
        let exponent = -(w.sqr() * variance * 2.0);
        (exponent.exp() * (w * mean + self.phase).cos().sqr() - exponent.exp_m1() * 0.5).clamp(0.0, 1.0)
    }

    fn mean_square_gaussian(&self, g: &Gaussian) -> Interval {
        g.runs().iter().map(|run| self.mean_square_run(g, run)).sum()
    }

    /// The sum over the coordinates of one run of equal blocks.
    fn mean_square_run(&self, g: &Gaussian, run: &Run) -> Interval {
        let block: Interval = (run.first..run.first + run.dim)
            .map(|i| self.mean_square_coordinate(g.mean_enclosed(i), g.variance_enclosed(i)))
            .sum();
        block * run.copies as f64
    }

    /// `-E d/dx cos(w x + phi) = w D sin theta` and `E x cos(w x + phi) = D (m cos theta - v w sin theta)` for x ~ N(m, v), with
    /// `D = e^{-w^2 v/2}` and `theta = w m + phi`.
    fn cross_coordinate(&self, mean: Interval, variance: Interval) -> [Interval; 2] {
        let w = Interval::point(self.frequency);
        let (damping, theta) = ((-(w.sqr() * variance * 0.5)).exp(), w * mean + self.phase);
        let (sin, cos) = (theta.sin(), theta.cos());
        [w * damping * sin, damping * (mean * cos - variance * w * sin)]
    }

    fn cross(&self, p: &Density) -> [Interval; 2] {
        let sum = |parts: &mut dyn Iterator<Item = [Interval; 2]>| {
            parts.fold([Interval::ZERO; 2], |[a, b], [c, d]| [a + c, b + d])
        };
        let scaled = |by: Interval, [a, b]: [Interval; 2]| [a * by, b * by];
        match p {
            Density::Gaussian(g) => sum(&mut g.runs().iter().map(|run| {
                let one = |i| self.cross_coordinate(g.mean_enclosed(i), g.variance_enclosed(i));
                scaled(Interval::point(run.copies as f64), sum(&mut (run.first..run.first + run.dim).map(one)))
            })),
            Density::Mixture(m) => {
                let parts = m.shares().into_iter().zip(&m.components);
                sum(&mut parts.map(|(w, c)| scaled(w, self.cross(&Density::Gaussian(c.clone())))))
            }
            Density::Product(p) => {
                sum(&mut p.factors.iter().map(|(f, copies)| scaled(Interval::point(*copies as f64), self.cross(f))))
            }
        }
    }

    fn enclose(&self, p: &Density) -> Interval {
        match p {
            Density::Gaussian(g) => self.mean_square_gaussian(g),
            Density::Mixture(m) => {
                m.weights.iter().zip(&m.components).map(|(w, c)| self.mean_square_gaussian(c) * *w).sum()
            }
            Density::Product(p) => p.factors.iter().map(|(f, copies)| self.enclose(f) * *copies as f64).sum(),
        }
    }
}

impl ErrorShape for Fourier {
    fn dim(&self) -> usize {
        self.dim
    }

    fn eval(&self, xs: &[f64], out: &mut [f64]) {
        for (o, x) in out.iter_mut().zip(xs) {
            *o = (self.frequency * x + self.phase).cos();
        }
    }

    fn slope(&self, xs: &[f64]) -> Vec<f64> {
        xs.iter().map(|x| -self.frequency * (self.frequency * x + self.phase).sin()).collect()
    }

    fn affine(&self) -> Option<Affine> {
        None
    }

    fn jumps(&self) -> Vec<f64> {
        Vec::new()
    }

    fn runs(&self) -> Vec<Run> {
        vec![Run { first: 0, dim: 1, copies: self.dim }]
    }

    fn block(&self, _first: usize, dim: usize) -> Arc<dyn ErrorShape> {
        Arc::new(Self { dim, ..*self })
    }

    fn in_frame(&self, _frame: &Frame) -> Option<(Arc<dyn ErrorShape>, Arc<dyn ErrorShape>)> {
        None
    }

    fn sup(&self) -> f64 {
        Interval::point(self.dim as f64).sqrt().hi()
    }

    fn mean_square(&self, p: &Density) -> Measured {
        Measured::exact(self.enclose(p))
    }

    fn cross_moments(&self, p: &Density) -> Option<CrossMoments> {
        let [score, position] = self.cross(p);
        Some(CrossMoments::exact(score, position))
    }

    fn describe(&self) -> Option<Description> {
        let entries = vec![("frequency", Entry::Number(self.frequency)), ("phase", Entry::Number(self.phase))];
        Some(Description { kind: "fourier", entries })
    }

    /// On independent coordinates, `E e^{s cos^2} = e^s E e^{-s sin^2}` by quadrature, or the chord where that is near enough.
    fn ln_exponential_moments(&self, p: &Density, scales: &[f64]) -> Vec<f64> {
        let (chords, runs) = (by_chords(self, p, scales), p.runs());
        if runs.iter().any(|run| run.dim > 1) {
            return chords;
        }
        let laws: Vec<_> = runs
            .iter()
            .filter_map(|run| {
                Some((Projection::of(&p.block(run.first, 1), &Direction::axis(1, 0))?, run.copies as f64))
            })
            .collect();
        let exact = |s: f64| -> Interval {
            let wave = |z: &Jet| z.scale(self.frequency).shift(self.phase).sin().sqr().scale(-s).exp();
            laws.iter().map(|(law, copies)| (law.expectation(&wave, &[]).ln() + s) * *copies).sum()
        };
        let value = |(&s, chord): (&f64, f64)| if worth_a_quadrature(s) { exact(s).hi().min(chord) } else { chord };
        match laws.len() == runs.len() {
            true => scales.iter().zip(chords).map(value).collect(),
            false => chords,
        }
    }

    /// The derivative is diagonal, with entries `-w sin(w x_i + phi)`.
    fn lipschitz(&self) -> f64 {
        self.frequency.abs()
    }

    fn exceedance(&self, p: &Density, threshold: f64) -> Interval {
        if self.dim > 1 {
            return markov(self, p, threshold);
        }
        on_the_line(p, &|x| (x * self.frequency + self.phase).cos().abs() - threshold)
    }
}
