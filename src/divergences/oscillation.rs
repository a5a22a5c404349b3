//! A proved bound of `|M(1/2 + is)|` for all large s: the tail of the transform of a one-dimensional pair of laws.
//!
//! ```text
//! M(1/2 + is) = int f e^{isL} dx,     f = sqrt(pq),  L = ln(q/p)
//! ```
//! Where `|L'| >= c`, one integration by parts bounds the integral by `(1/s)` times the boundary values and the total
//! variation of `f/L'`; where `|L'| < c` it is at most the mass of f there. Hence, for every s >= t > 0 and every c > 0,
//! ```text
//! |M(1/2 + is)| <= int_{|L'| < c} f  +  (1/t) sum over runs of {|L'| >= c} of [ f/|L'| at both ends + int |(f/L')'| ].
//! ```

use crate::numerics::Interval;

/// One cell of a partition of the line, with what is known on it.
#[derive(Clone, Copy, Debug)]
pub struct PhaseCell {
    /// Its width.
    pub width: f64,
    /// f over the cell.
    pub f: Interval,
    /// f' over the cell.
    pub f_slope: Interval,
    /// L' over the cell.
    pub l_slope: Interval,
    /// L'' over the cell.
    pub l_curvature: Interval,
}

/// For each threshold c: the mass where the phase is slow, and the variation where it is fast.
#[derive(Clone, Debug)]
pub struct Oscillation {
    pieces: Vec<(f64, f64)>,
}

/// Number of thresholds tried, and their spacing: a factor of 1.5 from the largest slope down to 1e-6 of it.
const THRESHOLDS: i32 = 35;
const SPACING: f64 = 1.5;

impl Oscillation {
    /// From a partition (left to right, adjacent cells) and a bound of the mass of f outside of it.
    #[must_use]
    pub fn new(cells: &[PhaseCell], mass_outside: f64) -> Self {
        let steepest = cells.iter().map(|c| c.l_slope.abs().lo()).fold(0.0, f64::max);
        let pieces = (1..=THRESHOLDS)
            .map(|k| steepest * SPACING.powi(-k))
            .filter(|&c| c > 0.0)
            .map(|c| Self::at_threshold(cells, mass_outside, c))
            .collect();
        Self { pieces }
    }

    /// `(int_{|L'| < c} f, sum over runs of boundary values + int |(f/L')'|)`, both from above.
    fn at_threshold(cells: &[PhaseCell], mass_outside: f64, c: f64) -> (f64, f64) {
        let (mut slow, mut variation) = (Interval::point(mass_outside), Interval::ZERO);
        // f/|L'| on the last cell of the current run, and the sign of L' on it.
        let mut run: Option<(Interval, bool)> = None;
        for cell in cells {
            if cell.l_slope.abs().lo() < c {
                if let Some((end, _)) = run.take() {
                    variation += end;
                }
                slow += Interval::point(cell.f.hi()) * cell.width;
                continue;
            }
            let rising = cell.l_slope.lo() > 0.0;
            let ratio = Interval::point((cell.f / cell.l_slope.abs()).hi());
            match run {
                Some((_, sign)) if sign == rising => {}
                // A new run: its left end, and the right end of the one it replaces.
                Some((end, _)) => variation += end + ratio,
                None => variation += ratio,
            }
            let slope = cell.f_slope / cell.l_slope - cell.f * cell.l_curvature / cell.l_slope.sqr();
            variation += Interval::point(slope.magnitude()) * cell.width;
            run = Some((ratio, rising));
        }
        if let Some((end, _)) = run {
            variation += end;
        }
        (slow.hi(), variation.hi())
    }

    /// A bound of `sup_{s >= t} |M(1/2 + is)|`; non-increasing in t.
    ///
    /// # Promise
    /// The supremum is at most the returned value when the cells cover the line up to `mass_outside`.
    #[must_use]
    pub fn beyond(&self, t: f64) -> f64 {
        self.pieces
            .iter()
            .map(|&(slow, variation)| (Interval::point(slow) + Interval::point(variation) / t).hi())
            .fold(f64::INFINITY, f64::min)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::numerics::Jet;

    /// p = N(0, 1), q = N(m, v): f and L from their series, cells of width 1/64 on [-9, 9].
    fn gaussian_pair(m: f64, v: f64) -> Oscillation {
        let log_ratio = |x: &Jet| x.shift(-m).sqr().scale(Interval::point(-0.5) / v) + x.sqr().scale(0.5);
        let f = |x: &Jet| {
            let norm = Interval::ONE / (Interval::SQRT_TAU * Interval::point(v).sqrt().sqrt());
            (x.shift(-m).sqr().scale(Interval::point(-0.25) / v) + x.sqr().scale(-0.25)).exp().scale(norm)
        };
        let cells: Vec<PhaseCell> = (0..18 * 64)
            .map(|i| {
                let a = -9.0 + f64::from(i) / 64.0;
                let x = Jet::variable(Interval::new(a, a + 1.0 / 64.0));
                let (f, l) = (f(&x), log_ratio(&x));
                PhaseCell {
                    width: 1.0 / 64.0,
                    f: f.value(),
                    f_slope: f.coefficient(1),
                    l_slope: l.coefficient(1),
                    l_curvature: l.coefficient(2) * 2.0,
                }
            })
            .collect();
        Oscillation::new(&cells, 1e-8)
    }

    /// |M(1/2 + it)| of the same pair in closed form.
    fn modulus(m: f64, v: f64, t: f64) -> f64 {
        // ln M = [(1-z) ln v - ln(1 + (1-z) e)]/2 - z (1-z) m^2 / (2 (1 + (1-z) e)), z = 1/2 + it, e = v - 1.
        let e = v - 1.0;
        let (wr, wi) = (1.0 + 0.5 * e, -t * e);
        let norm = wr.hypot(wi);
        let quarter = 0.25 + t * t;
        (0.25 * v.ln() - 0.5 * norm.ln() - 0.5 * quarter * m * m * wr / (norm * norm)).exp()
    }

    #[test]
    fn bounds_the_closed_form_from_above_and_is_of_its_size() {
        for (m, v) in [(0.3, 1.4), (1.0, 1.0 + 1e-3), (0.0, 2.0), (0.1, 0.5)] {
            let bound = gaussian_pair(m, v);
            let mut previous = f64::INFINITY;
            for k in 0..60 {
                let t = 0.5 * 1.25_f64.powi(k);
                let value = bound.beyond(t);
                assert!(value >= modulus(m, v, t), "m={m} v={v} t={t}: {value} < {}", modulus(m, v, t));
                assert!(value <= previous);
                previous = value;
            }
            // Useful: far out it is well below 1.
            assert!(bound.beyond(1e3) < 0.4, "m={m} v={v}: {}", bound.beyond(1e3));
        }
    }
}
