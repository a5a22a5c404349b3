//! What is known of a density on the line at the nodes of a quadrature: a value with what it may be off by, as logarithms
//! where the values themselves drown in noise.

use crate::laws::Density1;

/// Density values are used where they exceed their noise by this factor.
const CLEAR: f64 = 30.0;
/// A Gaussian tail is fitted through two values that exceed the noise by these factors.
const ANCHORS: [f64; 2] = [1e3, 1e6];
/// The part of the drop along an extrapolated tail by which its logarithm may be off.
const SLACK: f64 = 0.25;
/// How many nats below its upper end a value that drowns in noise is taken to be at worst.
const DEPTH: f64 = 100.0;

/// A non-negative number with its logarithm; neither follows from the other once one of them under- or overflows.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::divergences) struct Size {
    pub(in crate::divergences) value: f64,
    pub(in crate::divergences) ln: f64,
}

impl Size {
    fn of(value: f64) -> Self {
        let value = value.max(0.0);
        Self { value, ln: value.ln() }
    }

    fn exp(ln: f64) -> Self {
        Self { value: ln.exp(), ln }
    }
}

/// How a value is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::divergences) enum Known {
    /// In closed form, or well above its noise.
    Clear,
    /// By extrapolating a Gaussian tail.
    Tail,
    /// Not above its noise, between places where it is.
    Murky,
}

/// One node: the value taken, the two ends it may lie between, and how it is known.
#[derive(Clone, Copy, Debug)]
pub(in crate::divergences) struct Node {
    pub(in crate::divergences) taken: Size,
    pub(in crate::divergences) lo: Size,
    pub(in crate::divergences) hi: Size,
    pub(in crate::divergences) known: Known,
}

impl Node {
    /// A value with its noise, beside values that are clear.
    pub(in crate::divergences) fn seen(value: f64, noise: f64) -> Self {
        if value > CLEAR * noise {
            let (lo, hi) = (Size::of(value - noise), Size::of(value + noise));
            return Self { taken: Size::of(value), lo, hi, known: Known::Clear };
        }
        murky(value, noise)
    }

    /// A value in closed form.
    pub(in crate::divergences) fn exactly(ln: f64) -> Self {
        let size = Size::exp(ln);
        Self { taken: size, lo: size, hi: size, known: Known::Clear }
    }
}

/// A Gaussian tail: `ln f = ln + slope y - y^2/(2 variance)` at the distance y beyond `from`.
#[derive(Clone, Copy, Debug)]
struct Fit {
    from: f64,
    ln: f64,
    slope: f64,
    variance: f64,
}

impl Fit {
    /// Through the outermost clear values on one side (`side` is -1 or 1); `order` runs from the outside in.
    fn new(order: impl Iterator<Item = (f64, f64)> + Clone, noise: f64, variance: f64) -> Option<Self> {
        let above = |factor: f64| order.clone().find(|(_, v)| *v > factor * noise);
        let (x0, v0) = above(ANCHORS[0]).or_else(|| above(CLEAR))?;
        let (ln, variance) = (v0.ln(), variance.max(f64::MIN_POSITIVE));
        let slope = above(ANCHORS[1]).filter(|(x, _)| *x != x0).map_or(0.0, |(x1, v1)| {
            let gap = (x0 - x1).abs();
            ((ln - v1.ln()) / gap - 0.5 * gap / variance).min(0.0)
        });
        Some(Self { from: x0, ln, slope, variance })
    }

    fn at(&self, x: f64) -> Node {
        let y = (x - self.from).abs();
        let ln = self.ln + self.slope * y - 0.5 * y * y / self.variance;
        let off = std::f64::consts::LN_2 + SLACK * (self.ln - ln).abs();
        Node { taken: Size::exp(ln), lo: Size::exp(ln - off), hi: Size::exp(ln + off), known: Known::Tail }
    }
}

/// A density at the nodes of a quadrature, and beyond them.
pub(super) struct Seen<'a> {
    law: &'a dyn Density1,
    pub(super) nodes: Vec<Node>,
    tails: [Option<Fit>; 2],
}

impl<'a> Seen<'a> {
    /// At the ascending nodes `xs`, where the density takes the values `values`, whose logarithms are `ln` for a law without noise.
    pub(super) fn new(law: &'a dyn Density1, xs: &[f64], values: &[f64], ln: &[f64]) -> Self {
        let noise = law.noise();
        if noise == 0.0 {
            let nodes =
                values.iter().zip(ln).map(|(&value, &ln)| exactly(Size { value: value.max(0.0), ln })).collect();
            return Self { law, nodes, tails: [None, None] };
        }
        let clear = |i: &usize| values[*i] > CLEAR * noise;
        let first = (0..xs.len()).find(clear).unwrap_or(xs.len());
        let last = (0..xs.len()).rev().find(clear).unwrap_or(0);
        let pairs = xs.iter().copied().zip(values.iter().copied());
        let (left, right) = law.tail_variance();
        let tails = [Fit::new(pairs.clone(), noise, left), Fit::new(pairs.rev(), noise, right)];
        let node = |i: usize| {
            let (x, v) = (xs[i], values[i]);
            match (i < first, i > last) {
                (false, false) => Node::seen(v, noise),
                (true, false) if tails[0].is_some() => tails[0].map_or_else(|| murky(v, noise), |f| f.at(x)),
                (false, true) if tails[1].is_some() => tails[1].map_or_else(|| murky(v, noise), |f| f.at(x)),
                _ => murky(v, noise),
            }
        };
        let nodes = (0..xs.len()).map(node).collect();
        Self { law, nodes, tails }
    }

    /// The density beyond the nodes, on the left or on the right.
    pub(super) fn beyond(&self, x: f64, right: bool) -> Node {
        if let Some(fit) = self.tails[usize::from(right)] {
            return fit.at(x);
        }
        let (mut value, mut ln) = ([0.0], [0.0]);
        self.law.density(&[x], &mut value);
        self.law.ln_density(&[x], &mut ln);
        exactly(Size { value: value[0].max(0.0), ln: ln[0] })
    }
}

fn exactly(size: Size) -> Node {
    Node { taken: size, lo: size, hi: size, known: Known::Clear }
}

fn murky(value: f64, noise: f64) -> Node {
    let hi = Size::of(value.max(0.0) + CLEAR * noise);
    Node { taken: Size::of(value.max(noise)), lo: Size::exp(hi.ln - DEPTH), hi, known: Known::Murky }
}
