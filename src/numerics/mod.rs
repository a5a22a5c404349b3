//! Floor 0: intervals, evidence, quadrature, special functions, linear algebra, random streams.

mod evidence;
mod interval;

pub use evidence::{Evidence, Ledger, Measured, Size, Source, Term};
pub use interval::{Interval, LIBM_MARGIN};
