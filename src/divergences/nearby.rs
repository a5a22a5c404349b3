//! What is proved of a pair of products beside its divergence: the spread of its log-ratio, and Renyi-2 of wider and narrower
//! laws.

use super::gaussian;
use super::line::log_ratio_square;
use super::lost::Products;
use super::pairs::{Atom, Line};
use super::transform::count;
use super::{Divergence, NoEngine};
use crate::numerics::Interval;
use crate::targets::Mixture1;

/// Independent pairs with copies.
pub(super) struct Nearby<'a> {
    /// The pairs.
    pub atoms: &'a [(Atom, u64)],
    /// The dimension of the laws, with the blocks on which they agree.
    pub dim: usize,
}

impl Products for Nearby<'_> {
    fn dim(&self) -> f64 {
        self.dim as f64
    }

    /// The variances of independent pairs add. For Gaussians with `KL = K`, l the eigenvalues of the variance ratio q over p,
    /// the variance is `sum (l - 1)^2/2 + l m^2 <= 2 max(1, l) K`, and `l <= 4 K + 2 ln 2` as `l - 1 - ln l <= 2 K`.
    fn spread(&self, divergence: Divergence) -> Result<f64, NoEngine> {
        let mut variance = Interval::ZERO;
        for (atom, copies) in self.atoms {
            let one = match atom {
                Atom::Gaussian(q, p) => {
                    let k = Interval::point(gaussian::between(divergence, q, p)?.value.hi());
                    (k * 4.0 + 1.4) * k * 2.0
                }
                Atom::Line(Line::Closed(q), Line::Closed(p)) if divergence == Divergence::Kl => log_ratio_square(q, p),
                Atom::Line(Line::Closed(q), Line::Closed(p)) => log_ratio_square(p, q),
                Atom::Line(..) | Atom::Other(..) => return Err(unknown(divergence)),
            };
            variance += one * count(*copies);
        }
        Ok(variance.sqrt().hi())
    }

    fn renyi2_scaled(&self, q: f64, p: f64) -> Result<Interval, NoEngine> {
        let scaled = |(atom, copies): &(Atom, u64)| {
            let atom = match atom {
                Atom::Gaussian(a, b) => Atom::Gaussian(a.scaled(q), b.scaled(p)),
                Atom::Line(Line::Closed(a), Line::Closed(b)) => {
                    Atom::Line(Line::Closed(mixture(a, q)), Line::Closed(mixture(b, p)))
                }
                Atom::Line(..) | Atom::Other(..) => return Err(unknown(Divergence::Renyi2)),
            };
            Ok((atom, *copies))
        };
        let atoms = self.atoms.iter().map(scaled).collect::<Result<Vec<_>, _>>()?;
        Ok(Divergence::Renyi2.of_product(&atoms)?.value)
    }
}

/// The variances multiplied by a factor, rounded away from the given ones.
fn mixture(of: &Mixture1, factor: f64) -> Mixture1 {
    let scale = |v: &f64| if factor > 1.0 { (v * factor).next_up() } else { (v * factor).next_down() };
    Mixture1 { variances: of.variances.iter().map(scale).collect(), ..of.clone() }
}

fn unknown(divergence: Divergence) -> NoEngine {
    NoEngine { divergence: divergence.name(), why: "one of the independent blocks has no closed form".to_string() }
}
