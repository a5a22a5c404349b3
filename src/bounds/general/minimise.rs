//! A small deterministic minimiser for the free parameters of a bound.
//!
//! Whatever it returns, the bound is evaluated rigorously at that point, so a poor minimum costs tightness, never truth.

/// A point of the box `ranges` where `f` is small: the best of a coarse grid, improved by a compass search.
///
/// NaN counts as plus infinity. `grid` points per coordinate; the search stops when its step is 1e-5 of the range.
#[must_use]
pub fn minimise(ranges: &[(f64, f64)], grid: u32, f: impl Fn(&[f64]) -> f64) -> Vec<f64> {
    let value = |x: &[f64]| {
        let y = f(x);
        if y.is_nan() { f64::INFINITY } else { y }
    };
    let mut best: Vec<f64> = ranges.iter().map(|(lo, hi)| 0.5 * (lo + hi)).collect();
    let mut least = value(&best);
    let points = u64::from(grid).pow(ranges.len() as u32);
    for index in 0..points {
        let mut rest = index;
        let x: Vec<f64> = ranges
            .iter()
            .map(|(lo, hi)| {
                let i = rest % u64::from(grid);
                rest /= u64::from(grid);
                lo + (hi - lo) * (i as f64 + 0.5) / f64::from(grid)
            })
            .collect();
        let y = value(&x);
        if y < least {
            (best, least) = (x, y);
        }
    }
    let mut scale = 0.5 / f64::from(grid);
    while scale > 1e-5 {
        let mut improved = false;
        for (i, (lo, hi)) in ranges.iter().enumerate() {
            for sign in [1.0, -1.0] {
                let mut x = best.clone();
                x[i] = (x[i] + sign * scale * (hi - lo)).clamp(*lo, *hi);
                let y = value(&x);
                if y < least {
                    (best, least, improved) = (x, y, true);
                }
            }
        }
        if !improved {
            scale *= 0.5;
        }
    }
    best
}
