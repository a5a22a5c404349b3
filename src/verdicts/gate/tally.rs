//! What is counted of draws: whole numbers only, so that no order of counting matters.

use super::kept::Kept;
use super::reference::Reference;
use super::sides::Sides;
use crate::targets::Mixture;

/// Fractions are counted in units of 2^-32.
const UNIT: f64 = 4_294_967_296.0;

/// Counts over draws.
#[derive(Clone, Debug, PartialEq)]
pub struct Tally {
    /// Draws.
    pub draws: u64,
    /// Per view, numbers in each bin.
    pub bins: Vec<Vec<u64>>,
    /// Per mode, the sum of its responsibilities.
    pub parts: Vec<u128>,
    /// Per random feature, the sum of its values.
    pub features: Vec<i128>,
    /// On which sides of medians the draws lie, in their order.
    pub sides: Sides,
    /// Some of the draws.
    pub kept: Kept,
}

impl Tally {
    /// Nothing yet.
    #[must_use]
    pub fn new(reference: &Reference) -> Self {
        Self {
            draws: 0,
            bins: reference.views.iter().map(|view| vec![0; view.bins.masses.len()]).collect(),
            parts: vec![0; reference.parts.as_ref().map_or(0, |parts| parts.components.len())],
            features: vec![0; reference.features.as_ref().map_or(0, |features| 2 * features.frequencies.len())],
            sides: Sides::default(),
            kept: Kept::default(),
        }
    }

    /// Counts n draws (`xs`: d x n, component-major), of which the first is draw number `first` of all.
    pub fn add(&mut self, reference: &Reference, first: u64, xs: &[f64], n: usize) {
        self.draws += n as u64;
        for (view, counts) in reference.views.iter().zip(&mut self.bins) {
            view.count(xs, n, counts);
        }
        if let Some(parts) = &reference.parts {
            responsibilities(parts, xs, n, &mut self.parts);
        }
        if let Some(features) = &reference.features {
            let d = reference.dim;
            for j in 0..n {
                for (k, frequency) in features.frequencies.iter().enumerate() {
                    let phase: f64 = (0..d).map(|i| frequency[i] * xs[i * n + j]).sum();
                    let (sin, cos) = libm::sincos(phase);
                    self.features[2 * k] += (cos * UNIT).round() as i128;
                    self.features[2 * k + 1] += (sin * UNIT).round() as i128;
                }
            }
        }
        self.sides.add(&reference.sides, first, xs, n);
        if reference.exact.is_some() {
            self.kept.add(reference.dim, first, xs, n);
        }
    }

    /// Both together.
    #[must_use]
    pub fn and(mut self, other: &Self) -> Self {
        self.draws += other.draws;
        for (own, more) in self.bins.iter_mut().zip(&other.bins) {
            own.iter_mut().zip(more).for_each(|(a, b)| *a += b);
        }
        self.parts.iter_mut().zip(&other.parts).for_each(|(a, b)| *a += b);
        self.features.iter_mut().zip(&other.features).for_each(|(a, b)| *a += b);
        self.sides = self.sides.and(&other.sides);
        self.kept = self.kept.and(&other.kept);
        self
    }

    /// The mean responsibility of mode k.
    #[must_use]
    pub fn part(&self, k: usize) -> f64 {
        self.parts[k] as f64 / UNIT / self.draws as f64
    }

    /// The mean of feature k.
    #[must_use]
    pub fn feature(&self, k: usize) -> f64 {
        self.features[k] as f64 / UNIT / self.draws as f64
    }
}

/// Adds `P(component k | x)` over n draws.
fn responsibilities(law: &Mixture, xs: &[f64], n: usize, sums: &mut [u128]) {
    let mut logs = vec![0.0; n * law.components.len()];
    for ((w, c), part) in law.weights.iter().zip(&law.components).zip(logs.chunks_exact_mut(n.max(1))) {
        c.ln_density(xs, part);
        part.iter_mut().for_each(|p| *p += libm::log(*w));
    }
    let mut own = vec![0.0; sums.len()];
    for j in 0..n {
        own.iter_mut().enumerate().for_each(|(k, p)| *p = logs[k * n + j]);
        let top = own.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        // So far out that logarithms overflow, the components count alike.
        own.iter_mut().for_each(|p| *p = if top.is_finite() { libm::exp(*p - top) } else { 1.0 });
        let sum: f64 = own.iter().sum();
        sums.iter_mut().zip(&own).for_each(|(s, p)| *s += (p / sum * UNIT).round() as u128);
    }
}
