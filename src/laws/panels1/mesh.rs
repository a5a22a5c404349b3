//! Where the panels are: fine at the jumps of the score and at narrow components, coarse elsewhere.

/// A point near which panels are small.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Focus {
    /// Where.
    pub(super) at: f64,
    /// The size of panels there.
    pub(super) size: f64,
    /// How fast the size may grow with the distance.
    pub(super) growth: f64,
}

/// Panel edges from `lo` to `hi`, ascending; every point of `fixed` inside is an edge. Panel sizes follow
/// ```text
/// size(x) = min(widest, min over foci of max(size, growth |x - at|)).
/// ```
pub(super) fn edges(lo: f64, hi: f64, fixed: &[f64], foci: &[Focus], widest: f64) -> Vec<f64> {
    let size = |x: f64| foci.iter().fold(widest, |s, f| s.min(f.size.max(f.growth * (x - f.at).abs())));
    let mut corners: Vec<f64> = fixed.iter().copied().filter(|x| lo < *x && *x < hi).chain([lo, hi]).collect();
    corners.sort_by(f64::total_cmp);
    corners.dedup();
    let mut edges = vec![lo];
    for pair in corners.windows(2) {
        // Panels hold equal shares of the integral of 1/size.
        let (mut x, mut share) = (pair[0], 0.0);
        let mut samples = vec![(x, 0.0)];
        while x < pair[1] {
            // However small the size, the next number is another one.
            let step = (size(x) / 16.0).max(x.next_up() - x).min(pair[1] - x);
            share += step / size(x + 0.5 * step);
            x = if pair[1] - x <= step * (1.0 + 1e-9) { pair[1] } else { x + step };
            samples.push((x, share));
        }
        let count = share.ceil().max(1.0) as usize;
        let mut i = 1;
        for k in 1..count {
            let wanted = share * k as f64 / count as f64;
            while samples[i].1 < wanted {
                i += 1;
            }
            let ((x0, s0), (x1, s1)) = (samples[i - 1], samples[i]);
            edges.push(x0 + (x1 - x0) * (wanted - s0) / (s1 - s0));
        }
        edges.push(pair[1]);
    }
    edges.dedup();
    edges
}

/// The panels that `too_wide` finds halved again and again, but not below `smallest`.
pub(super) fn halved(edges: &[f64], smallest: f64, too_wide: impl Fn(f64, f64) -> bool) -> Vec<f64> {
    let mut fine = vec![edges[0]];
    for pair in edges.windows(2) {
        let mut open = vec![(pair[0], pair[1])];
        while let Some((a, b)) = open.pop() {
            if b - a > 2.0 * smallest && too_wide(a, b) {
                let mid = 0.5 * (a + b);
                open.push((mid, b));
                open.push((a, mid));
            } else {
                fine.push(b);
            }
        }
    }
    fine
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn panels_are_graded_and_keep_the_fixed_points() {
        let focus = Focus { at: 0.25, size: 1e-3, growth: 0.7 };
        let edges = edges(-5.0, 5.0, &[0.25, -0.5], &[focus], 1.0);
        assert!(edges.windows(2).all(|e| e[0] < e[1]));
        assert!([-5.0, -0.5, 0.25, 5.0].iter().all(|x| edges.contains(x)));
        for e in edges.windows(2) {
            let distance = (e[0] - 0.25).abs().min((e[1] - 0.25).abs());
            assert!(e[1] - e[0] <= 1.1 * (0.7 * (distance + (e[1] - e[0]))).clamp(1e-3, 1.0), "{e:?}");
        }
        assert!(edges.len() < 50, "{}", edges.len());
    }
}
