//! A small deterministic minimiser for the free parameters of a bound.
//!
//! Whatever it returns, the bound is evaluated rigorously at that point, so a poor minimum costs tightness, never truth.

/// From so many of the best grid points a search is started.
const STARTS: usize = 3;

/// A point of the box `ranges` where `f` is small: the best of Nelder and Mead's searches from the best points of a coarse
/// grid, searched from once more.
///
/// NaN counts as plus infinity. `grid` points per coordinate; the last search stops when its simplex is 1e-6 of the ranges.
#[must_use]
pub fn minimise(ranges: &[(f64, f64)], grid: u32, f: impl Fn(&[f64]) -> f64) -> Vec<f64> {
    let scaled = |x: &[f64]| -> Vec<f64> {
        x.iter().zip(ranges).map(|(t, (lo, hi))| (lo + (hi - lo) * t).clamp(*lo, *hi)).collect()
    };
    let value = |x: &[f64]| {
        let y = f(&scaled(x));
        if y.is_nan() { f64::INFINITY } else { y }
    };
    let n = ranges.len();
    let mut seen: Vec<(Vec<f64>, f64)> = (0..u64::from(grid).pow(n as u32))
        .map(|index| {
            let digit = |i: usize| index / u64::from(grid).pow(i as u32) % u64::from(grid);
            let x: Vec<f64> = (0..n).map(|i| (digit(i) as f64 + 0.5) / f64::from(grid)).collect();
            let y = value(&x);
            (x, y)
        })
        .collect();
    seen.sort_by(|a, b| a.1.total_cmp(&b.1));
    seen.truncate(STARTS);
    let spacing = 1.0 / f64::from(grid);
    let found = seen.into_iter().map(|start| search(start, 0.5 * spacing, 1e-2 * spacing, &value));
    let best = found.min_by(|a, b| a.1.total_cmp(&b.1)).unwrap_or_else(|| (vec![0.5; n], f64::INFINITY));
    scaled(&search(best, 0.1 * spacing, 1e-6, &value).0)
}

/// Nelder and Mead's search in the unit cube, from a simplex of this size until it is smaller than `least`.
fn search(start: (Vec<f64>, f64), size: f64, least: f64, value: &dyn Fn(&[f64]) -> f64) -> (Vec<f64>, f64) {
    let n = start.0.len();
    let at = |x: Vec<f64>| {
        let x: Vec<f64> = x.into_iter().map(|t| t.clamp(0.0, 1.0)).collect();
        let y = value(&x);
        (x, y)
    };
    let mut simplex = vec![start];
    for i in 0..n {
        let mut x = simplex[0].0.clone();
        // Into the cube.
        x[i] += if x[i] + size <= 1.0 { size } else { -size };
        simplex.push(at(x));
    }
    for _ in 0..100 * n {
        simplex.sort_by(|a, b| a.1.total_cmp(&b.1));
        let width = |i: usize| {
            let all = || simplex.iter().map(|(x, _)| x[i]);
            all().fold(f64::NEG_INFINITY, f64::max) - all().fold(f64::INFINITY, f64::min)
        };
        if (0..n).all(|i| width(i) < least) {
            break;
        }
        let centre: Vec<f64> = (0..n).map(|i| simplex[..n].iter().map(|(x, _)| x[i]).sum::<f64>() / n as f64).collect();
        let worst = simplex[n].clone();
        let along = |t: f64| at(centre.iter().zip(&worst.0).map(|(c, w)| c + t * (c - w)).collect());
        let reflected = along(1.0);
        let better = if reflected.1 < simplex[0].1 {
            let expanded = along(2.0);
            if expanded.1 < reflected.1 { expanded } else { reflected }
        } else if reflected.1 < simplex[n - 1].1 {
            reflected
        } else {
            along(if reflected.1 < worst.1 { 0.5 } else { -0.5 })
        };
        if better.1 < worst.1 {
            simplex[n] = better;
        } else {
            let towards = simplex[0].0.clone();
            for corner in &mut simplex[1..] {
                *corner = at(corner.0.iter().zip(&towards).map(|(x, b)| 0.5 * (x + b)).collect());
            }
        }
    }
    simplex.sort_by(|a, b| a.1.total_cmp(&b.1));
    simplex.swap_remove(0)
}

/// A point strictly between two numbers, for t in [0, 1]: dense near both ends on a logarithmic scale, and near `lo` also on
/// the scale of 1.
#[must_use]
pub fn between(lo: f64, hi: f64, t: f64) -> f64 {
    let room = hi - lo;
    // ln of the odds, from e^-9 below the smaller of the room and 1 to e^9.
    let (least, most) = (-9.0 - room.ln_1p(), 9.0);
    lo + room / (1.0 + (-(least + (most - least) * t)).exp())
}
