//! Floor 0: intervals, evidence, quadrature, special functions, linear algebra, random streams.

mod certified;
mod complex;
mod confidence;
mod convolution;
mod evidence;
mod interval;
mod jet;
pub mod linalg;
mod line;
mod mean;
mod noncentral;
mod quadrature;
mod streams;
mod sum;
pub mod symmetric;
#[cfg(test)]
mod tests;

pub use certified::{Refining, Signs, integrate, integrate_over, panel_centre, panel_integral, signs, supremum};
pub use complex::ComplexInterval;
pub use confidence::mean_of_bounded;
pub use convolution::{Composed, convolution_power};
pub use evidence::{Evidence, Ledger, Measured, Size, Source, Term};
pub use interval::{Interval, LIBM_MARGIN};
pub use jet::{Jet, ORDER};
pub use line::slope_weights;
pub use mean::Mean;
pub use noncentral::noncentral_tail;
pub use quadrature::{Estimate, Rule, enclosed_gauss_16, gauss_legendre, integrate_plain};
pub use streams::stream;
pub use sum::IntervalSum;
