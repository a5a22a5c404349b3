//! Where a field on the line changes on a length of its own.

/// The steepest part is within 5 widths of the place, and beyond 30 a logistic edge is flat to 1e-13.
const KNOTS: [f64; 5] = [-30.0, -5.0, 0.0, 5.0, 30.0];
/// Points this many widths apart may lie on both sides of a feature and not show it.
const LOST: f64 = 4.0;

/// A place on the line about which a field changes smoothly within a width, and nowhere else on that account.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Feature {
    /// Where.
    pub at: f64,
    /// The width, above 0.
    pub width: f64,
}

impl Feature {
    /// Where pieces should end on each of which the field is resolved by a polynomial, ascending.
    #[must_use]
    pub fn knots(&self) -> [f64; 5] {
        KNOTS.map(|k| self.at + k * self.width)
    }

    /// Whether it lies between two neighbouring points that are too far apart to show it.
    #[must_use]
    pub fn is_lost_between(&self, a: f64, b: f64) -> bool {
        let (lo, hi) = (a.min(b), a.max(b));
        lo <= self.at && self.at <= hi && hi - lo > LOST * self.width
    }

    /// The same for any of several, which are in ascending order.
    #[must_use]
    pub fn any_lost_between(features: &[Feature], a: f64, b: f64) -> bool {
        let (lo, hi) = (a.min(b), a.max(b));
        let first = features.partition_point(|feature| feature.at < lo);
        features[first..].iter().take_while(|feature| feature.at <= hi).any(|feature| feature.is_lost_between(lo, hi))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wide_gaps_lose_what_lies_in_them() {
        let features = [(-1.0, 0.1), (0.5, 1e-3), (0.6, 1.0)].map(|(at, width)| Feature { at, width });
        assert!(Feature::any_lost_between(&features, 0.49, 0.51) && Feature::any_lost_between(&features, 0.51, 0.49));
        for (a, b) in [(0.499, 0.501), (0.51, 0.7), (-1.1, -0.9), (2.0, 9.0)] {
            assert!(!Feature::any_lost_between(&features, a, b), "{a} {b}");
        }
        assert!(features[0].knots().windows(2).all(|pair| pair[0] < pair[1]));
    }
}
