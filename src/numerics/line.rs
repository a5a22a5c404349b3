//! The least-squares line through points.

/// The weights with which ordinates add up to the slope of their least-squares line, for the abscissae `x`; `None` unless two of these
/// differ.
/// ```text
/// w_i = (x_i - mean x)/sum_j (x_j - mean x)^2,   slope = sum_i w_i y_i,   sum_i w_i = 0
/// ```
#[must_use]
pub fn slope_weights(x: &[f64]) -> Option<Vec<f64>> {
    let centre = x.iter().sum::<f64>() / x.len() as f64;
    let spread: f64 = x.iter().map(|x| (x - centre).powi(2)).sum();
    (spread > 0.0).then(|| x.iter().map(|x| (x - centre) / spread).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_has_its_slope_and_a_single_place_none() {
        let x = [0.3, 1.1, 4.0, 4.5];
        let weights = slope_weights(&x).expect("four places");
        let slope: f64 = weights.iter().zip(x).map(|(w, x)| w * (2.0 - 0.7 * x)).sum();
        assert!((slope + 0.7).abs() < 1e-15 && weights.iter().sum::<f64>().abs() < 1e-15, "{slope}");
        // (1, 1), (2, 3), (4, 4): centre 7/3, spread 14/3, slope (13/3)/(14/3).
        let weights = slope_weights(&[1.0, 2.0, 4.0]).expect("three places");
        let slope: f64 = weights.iter().zip([1.0, 3.0, 4.0]).map(|(w, y)| w * y).sum();
        assert!((slope - 13.0 / 14.0).abs() < 1e-15, "{slope}");
        assert_eq!(
            (slope_weights(&[]), slope_weights(&[2.0, 2.0]), slope_weights(&[f64::NAN, 1.0])),
            (None, None, None)
        );
    }
}
