//! The rate beta(t) of a variance-preserving process.

use std::sync::Arc;

/// beta(t) as a broken line through nodes `(t, beta)`; before the first and after the last node it goes on as their segments do.
///
/// Invariants: at least one node, times ascending, rates positive.
#[derive(Clone, Debug, PartialEq)]
pub struct Rate {
    nodes: Arc<[(f64, f64)]>,
}

impl Rate {
    /// The same rate at all times.
    #[must_use]
    pub fn constant(beta: f64) -> Self {
        Self { nodes: Arc::from([(0.0, beta)]) }
    }

    /// `beta_min + (beta_max - beta_min) t/horizon`.
    #[must_use]
    pub fn linear(beta_min: f64, beta_max: f64, horizon: f64) -> Self {
        Self { nodes: Arc::from([(0.0, beta_min), (horizon, beta_max)]) }
    }

    /// The broken line through nodes `(t, beta)`, the first of them at t = 0.
    ///
    /// # Errors
    /// The index of the first node that breaks the order of times or has a rate that is not positive.
    pub fn broken_line(nodes: Vec<(f64, f64)>) -> Result<Self, usize> {
        let fits = |i: usize| {
            let (t, beta) = nodes[i];
            let ordered = if i == 0 { t == 0.0 } else { t > nodes[i - 1].0 };
            ordered && t.is_finite() && beta > 0.0 && beta.is_finite()
        };
        match (0..nodes.len().max(1)).find(|&i| i >= nodes.len() || !fits(i)) {
            Some(i) => Err(i),
            None => Ok(Self { nodes: nodes.into() }),
        }
    }

    /// The last time at which the rate is positive; `+inf` when it always is.
    #[must_use]
    pub fn end(&self) -> f64 {
        match self.nodes[..] {
            [.., (s, a), (t, b)] if b < a => t + b * (t - s) / (a - b),
            _ => f64::INFINITY,
        }
    }

    /// beta(t).
    #[must_use]
    pub fn at(&self, t: f64) -> f64 {
        let after = self.nodes.partition_point(|(s, _)| *s <= t).clamp(1, self.nodes.len().max(2) - 1);
        match (self.nodes.get(after - 1), self.nodes.get(after)) {
            (Some(&(s, a)), Some(&(u, b))) => a + (b - a) * ((t - s) / (u - s)),
            _ => self.nodes[0].1,
        }
    }

    /// The least and the largest beta between two times.
    #[must_use]
    pub fn range(&self, from: f64, to: f64) -> (f64, f64) {
        let inside = self.nodes.iter().filter(|(t, _)| from < *t && *t < to).map(|&(_, beta)| beta);
        let all = inside.chain([self.at(from), self.at(to)]);
        all.fold((f64::INFINITY, f64::NEG_INFINITY), |(least, most), beta| (least.min(beta), most.max(beta)))
    }

    /// `int_t^{t + h} beta`, summed over the segments in between so that a short interval loses nothing.
    #[must_use]
    pub fn integral(&self, t: f64, h: f64) -> f64 {
        let (mut from, mut left, mut total) = (t, h, 0.0);
        for &(next, _) in self.nodes.iter().filter(|(s, _)| *s > t) {
            let length = next - from;
            if length >= left {
                break;
            }
            total += length * 0.5 * (self.at(from) + self.at(next));
            (from, left) = (next, left - length);
        }
        total + left * 0.5 * (self.at(from) + self.at(from + left))
    }
}
