//! What an error shape is, in names and numbers: the table `[error.<kind>]` of a spec without its size.

use super::Direction;
use nalgebra::DMatrix;

/// A shape by its kind and its parameters.
#[derive(Clone, Debug, PartialEq)]
pub struct Description {
    /// The kind as specs call it: `constant`, `fourier`, ...
    pub kind: &'static str,
    /// The parameters that are not what the kind takes by itself.
    pub entries: Vec<(&'static str, Entry)>,
}

/// A parameter of a shape.
#[derive(Clone, Debug, PartialEq)]
pub enum Entry {
    /// A number.
    Number(f64),
    /// A whole number.
    Count(u64),
    /// A vector of R^d.
    Vector(Vec<f64>),
    /// A d x d matrix.
    Matrix(DMatrix<f64>),
}

impl Description {
    /// A shape of this kind along `direction`, which is named unless the kind takes it by itself.
    pub(super) fn along(kind: &'static str, direction: &Direction, usual: &Direction) -> Self {
        let components = || (0..direction.dim()).map(|i| direction.component(i)).collect();
        let named = (direction != usual).then(|| ("direction", Entry::Vector(components())));
        Self { kind, entries: named.into_iter().collect() }
    }

    /// With one more parameter.
    pub(super) fn and(mut self, name: &'static str, entry: Entry) -> Self {
        self.entries.push((name, entry));
        self
    }
}
