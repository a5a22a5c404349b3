//! Equidistant nodes of a rectangle.

use std::ops::Range;

/// A box that is this many times as large as it need be is not kept.
const ROOMY: f64 = 1.4;
/// Nodes that are this many times as dense as they need be are not kept.
const DENSE: f64 = 1.25;
/// The part of its sides by which a new box is larger than it need be, so that the next laws fit as well.
const SPARE: f64 = 0.03;

/// A tensor grid: `lo_i + k spacing_i` for k below `nodes_i`, in the order of the first coordinate, then the second.
#[derive(Clone, Debug, PartialEq)]
pub struct Axes {
    lo: [f64; 2],
    spacing: [f64; 2],
    nodes: [usize; 2],
}

/// The interval of either coordinate.
pub type Rectangle = [(f64, f64); 2];

/// The smallest rectangle that holds both.
#[must_use]
pub fn hull(a: Rectangle, b: Rectangle) -> Rectangle {
    std::array::from_fn(|i| (a[i].0.min(b[i].0), a[i].1.max(b[i].1)))
}

/// How many nodes at most `spacing` apart a side of the rectangle takes: the longer one.
#[must_use]
pub fn nodes_a_side(rectangle: &Rectangle, spacing: f64) -> f64 {
    rectangle.iter().map(|(a, b)| ((b - a) / spacing).ceil() + 1.0).fold(2.0, f64::max)
}

impl Axes {
    /// Nodes at most `spacing` apart, those at the ends of the sides included.
    #[must_use]
    pub fn new(rectangle: &Rectangle, spacing: f64) -> Self {
        Self::with_nodes(rectangle, rectangle.map(|(a, b)| ((b - a) / spacing).ceil() as usize + 1))
    }

    /// So many nodes of either side, at least two.
    pub(super) fn with_nodes(rectangle: &Rectangle, nodes: [usize; 2]) -> Self {
        let nodes = nodes.map(|n| n.max(2));
        let apart = std::array::from_fn(|i| (rectangle[i].1 - rectangle[i].0) / (nodes[i] - 1) as f64);
        Self { lo: rectangle.map(|side| side.0), spacing: apart, nodes }
    }

    /// A rectangle somewhat larger than the given one.
    pub(super) fn around(rectangle: &Rectangle, spacing: f64) -> Self {
        Self::new(&rectangle.map(|(a, b)| (a - SPARE * (b - a), b + SPARE * (b - a))), spacing)
    }

    /// Whether a law in the rectangle that needs nodes `spacing` apart is well served by these nodes.
    pub(super) fn serve(&self, rectangle: &Rectangle, spacing: f64) -> bool {
        let own = self.rectangle();
        let inside = (0..2).all(|i| own[i].0 <= rectangle[i].0 && rectangle[i].1 <= own[i].1);
        let area = |r: &Rectangle| (r[0].1 - r[0].0) * (r[1].1 - r[1].0);
        let dense = self.spacing.iter().all(|&d| d <= spacing && DENSE * d >= spacing);
        inside && dense && area(&own) <= ROOMY * area(rectangle)
    }

    /// The rectangle.
    #[must_use]
    pub fn rectangle(&self) -> Rectangle {
        std::array::from_fn(|i| (self.lo[i], self.lo[i] + self.spacing[i] * (self.nodes[i] - 1) as f64))
    }

    /// The number of nodes of either side.
    #[must_use]
    pub fn nodes(&self) -> [usize; 2] {
        self.nodes
    }

    /// The number of all nodes.
    #[must_use]
    pub fn count(&self) -> usize {
        self.nodes[0] * self.nodes[1]
    }

    /// The spacing of either side.
    #[must_use]
    pub fn spacing(&self) -> [f64; 2] {
        self.spacing
    }

    /// The area that belongs to one node.
    #[must_use]
    pub fn cell(&self) -> f64 {
        self.spacing[0] * self.spacing[1]
    }

    /// Coordinate `axis` of the k-th nodes along it.
    #[must_use]
    pub fn at(&self, axis: usize, k: usize) -> f64 {
        self.lo[axis] + self.spacing[axis] * k as f64
    }

    /// The nodes of some rows of equal first coordinates, component-major.
    #[must_use]
    pub fn points(&self, rows: Range<usize>) -> Vec<f64> {
        let columns = self.nodes[1];
        let first = rows.clone().flat_map(|i| std::iter::repeat_n(self.at(0, i), columns));
        let second = rows.clone().flat_map(|_| (0..columns).map(|j| self.at(1, j)));
        first.chain(second).collect()
    }

    /// The centres of n x n equal parts of the cell around the k-th node, component-major.
    pub(super) fn inside(&self, k: usize, n: usize) -> Vec<f64> {
        let node = [k / self.nodes[1], k % self.nodes[1]];
        let part = |axis: usize, a: usize| {
            self.at(axis, node[axis]) + self.spacing[axis] * ((a as f64 + 0.5) / n as f64 - 0.5)
        };
        let first = (0..n * n).map(|a| part(0, a / n));
        first.chain((0..n * n).map(|a| part(1, a % n))).collect()
    }

    /// The node nearest to x along an axis, as a number that may lie outside.
    pub(super) fn nearest(&self, axis: usize, x: f64) -> f64 {
        ((x - self.lo[axis]) / self.spacing[axis]).round()
    }

    /// The nodes along an axis within `reach` of x.
    pub(super) fn within(&self, axis: usize, x: f64, reach: f64) -> Range<usize> {
        let place = |y: f64| (y - self.lo[axis]) / self.spacing[axis];
        // Conversions saturate.
        let from = place(x - reach).ceil().max(0.0) as usize;
        let to = (place(x + reach).floor() + 1.0).max(0.0) as usize;
        from..to.min(self.nodes[axis]).max(from)
    }
}
