//! The error shapes a spec can name, one per file.

mod constant;
mod fourier;
mod linear;
mod random;
mod window;

pub use constant::Constant;
pub use fourier::Fourier;
pub use linear::Linear;
pub use random::Random;
pub use window::Window;

use super::ErrorShape;
use super::direction::Direction;
use super::projection::Projection;
use crate::numerics::Interval;
use crate::targets::Density;

/// p(|u| > threshold) from E|u|^2 alone: 0 when the supremum is not above the threshold, else Markov's inequality.
pub(in crate::scores) fn markov(shape: &dyn ErrorShape, p: &Density, threshold: f64) -> Interval {
    if shape.sup() <= threshold {
        return Interval::ZERO;
    }
    let upper = (shape.mean_square(p).value / Interval::point(threshold).sqr()).hi();
    Interval::new(0.0, upper.clamp(0.0, 1.0))
}

/// p(f(x) > 0) on the line.
fn on_the_line(p: &Density, f: &dyn Fn(Interval) -> Interval) -> Interval {
    Projection::of(p, &Direction::axis(1, 0)).map_or(Interval::new(0.0, 1.0), |z| z.where_positive(f))
}
