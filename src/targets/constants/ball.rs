//! Mixing laws inside a ball (LLT-18g).

use super::side::Side;
use crate::numerics::Interval;

/// The two bounds of LLT-18g for `nu * N(0, I)` with nu in a ball of squared radius at most `r2`: (C_LS, C_P).
///
/// ```text
/// C_LS <= min(e^{R^2}, 1/(1 - R^2) if R < 1),     C_P <= (1 + e^{4 R^2})/2
/// ```
pub(super) fn bounds(r2: Interval) -> (f64, f64) {
    let r2 = Interval::point(r2.hi());
    let mut lsi = r2.exp().hi();
    if r2.hi() < 1.0 {
        lsi = lsi.min((1.0 / (1.0 - r2)).hi());
    }
    (lsi, (((r2 * 4.0).exp() + 1.0) * 0.5).hi().min(lsi))
}

/// The same as ends of constants of a law whose common covariance has largest eigenvalue `scale` (LLT-18d for the
/// whitening map).
pub(super) fn sides(r2: Interval, scale: Interval) -> (Side, Side) {
    let (lsi, poincare) = bounds(r2);
    let side = |c: f64| {
        Side::proved((scale * c).hi(), format!("LLT-18g: means in a ball of radius {:.6} sigma", r2.hi().sqrt()))
    };
    (side(lsi), side(poincare))
}

/// A centre from which the farthest of the points is nearly as near as possible, as weights of the points; any centre gives a
/// valid ball, this one a small one: the better of Badoiu and Clarkson's and the middle of the two points farthest apart, which
/// is the best there is for points on a line. `gram` holds their inner products.
pub(super) fn centre(gram: &[Vec<f64>]) -> Vec<f64> {
    let k = gram.len();
    let mut weights = vec![0.0; k];
    // |x_i - sum w x|^2 up to a constant.
    let distance = |weights: &[f64], i: usize| gram[i][i] - 2.0 * (0..k).map(|j| weights[j] * gram[i][j]).sum::<f64>();
    let farthest =
        |weights: &[f64]| (0..k).max_by(|&a, &b| distance(weights, a).total_cmp(&distance(weights, b))).unwrap_or(0);
    weights[0] = 1.0;
    for step in 1..=20 * k.min(50) {
        let far = farthest(&weights);
        let t = 1.0 / (step as f64 + 1.0);
        weights.iter_mut().for_each(|w| *w *= 1.0 - t);
        weights[far] += t;
    }
    let apart = |&(i, j): &(usize, usize)| gram[i][i] + gram[j][j] - 2.0 * gram[i][j];
    let pairs = (0..k).flat_map(|i| (0..i).map(move |j| (i, j)));
    let Some((i, j)) = pairs.max_by(|a, b| apart(a).total_cmp(&apart(b))) else { return weights };
    let mut middle = vec![0.0; k];
    (middle[i], middle[j]) = (0.5, 0.5);
    let radius = |weights: &[f64]| {
        let square: f64 = (0..k).map(|i| weights[i] * (0..k).map(|j| weights[j] * gram[i][j]).sum::<f64>()).sum();
        distance(weights, farthest(weights)) + square
    };
    if radius(&middle) <= radius(&weights) { middle } else { weights }
}
