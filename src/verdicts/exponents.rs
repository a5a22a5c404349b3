//! Exponents of measured quantities: slopes of logarithms over repetitions, with two standard errors.

use super::rates::{Slope, WINDOW};
use statrs::distribution::{ContinuousCDF, StudentsT};

/// One quantity against one parameter, over repetitions: `values[r][i]` is what repetition r found at parameter number i.
#[derive(Clone, Debug, PartialEq)]
pub struct Curves {
    /// The parameters, ascending and positive.
    pub parameters: Vec<f64>,
    /// The values, positive; `None` where there is none. A repetition has one entry per parameter.
    pub values: Vec<Vec<Option<f64>>>,
}

/// A mean over repetitions with two standard errors on each side.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Mean {
    /// The mean.
    pub value: f64,
    /// Two standard errors; infinite of a single repetition.
    pub error: f64,
    /// Over how many.
    pub count: usize,
}

impl Mean {
    /// Of some numbers; `None` of none.
    #[must_use]
    pub fn of(numbers: &[f64]) -> Option<Self> {
        let n = numbers.len() as f64;
        let value = (!numbers.is_empty()).then(|| numbers.iter().sum::<f64>() / n)?;
        let variance = numbers.iter().map(|x| (x - value).powi(2)).sum::<f64>() / (n - 1.0);
        let error = if numbers.len() > 1 { 2.0 * (variance / n).sqrt() } else { f64::INFINITY };
        Some(Self { value, error, count: numbers.len() })
    }
}

impl Curves {
    /// The mean of the logarithms at each parameter: those of the geometric means.
    #[must_use]
    pub fn logarithms(&self) -> Vec<Option<Mean>> {
        let at = |i: usize| {
            let found: Vec<f64> = self.values.iter().filter_map(|curve| curve[i]).map(f64::ln).collect();
            Mean::of(&found)
        };
        (0..self.parameters.len()).map(at).collect()
    }

    /// The slopes between neighbouring parameters: of each repetition by itself, so that what repetitions share at all
    /// parameters falls out, then their mean with two standard errors. Where no repetition has both values there is none.
    #[must_use]
    pub fn local_slopes(&self) -> Vec<Slope> {
        (1..self.parameters.len()).filter_map(|i| self.slope(&[i - 1, i])).collect()
    }

    /// The slope of the least-squares line over the last [`WINDOW`] parameters, and the first and last of them; `None` with fewer
    /// than two.
    #[must_use]
    pub fn fit(&self) -> Option<(Slope, (f64, f64))> {
        let n = self.parameters.len();
        let window: Vec<usize> = (n.saturating_sub(WINDOW)..n).collect();
        let ends = (self.parameters[*window.first()?], *self.parameters.last()?);
        Some((self.slope(&window)?, ends))
    }

    /// The mean over the repetitions that have all of some places of the slopes of their least-squares lines there.
    fn slope(&self, places: &[usize]) -> Option<Slope> {
        let x: Vec<f64> = places.iter().map(|&i| self.parameters[i].ln()).collect();
        let centre = x.iter().sum::<f64>() / x.len() as f64;
        let spread: f64 = x.iter().map(|x| (x - centre).powi(2)).sum();
        if x.len() < 2 || spread <= 0.0 {
            return None;
        }
        let of = |curve: &Vec<Option<f64>>| -> Option<f64> {
            let y: Vec<f64> = places.iter().map(|&i| curve[i].map(f64::ln)).collect::<Option<_>>()?;
            Some(x.iter().zip(&y).map(|(x, y)| (x - centre) * y).sum::<f64>() / spread)
        };
        let slopes: Vec<f64> = self.values.iter().filter_map(of).collect();
        let Mean { value, error, .. } = Mean::of(&slopes)?;
        Some(Slope { at: centre.exp(), value, uncertainty: error })
    }

    /// The same without some of the parameters.
    #[must_use]
    pub fn without(&self, excluded: &[usize]) -> Self {
        let kept: Vec<usize> = (0..self.parameters.len()).filter(|i| !excluded.contains(i)).collect();
        let values = |curve: &Vec<Option<f64>>| kept.iter().map(|&i| curve[i]).collect();
        Self {
            parameters: kept.iter().map(|&i| self.parameters[i]).collect(),
            values: self.values.iter().map(values).collect(),
        }
    }
}

/// How a measured exponent compares with an expected one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Agreement {
    /// Equal within the tolerance, uncertainties included.
    Matches,
    /// Apart by more than the tolerance, uncertainties included: measured less expected.
    Differs(f64),
    /// The uncertainties do not allow an answer.
    Unresolved,
}

/// Compares two slopes that are means over some repetitions, or a slope with a number: their two standard errors are taken for the
/// 97.5 % quantile of Student's law with one degree of freedom less than there are repetitions.
#[must_use]
pub fn agreement(found: Slope, (expected, uncertainty): (f64, f64), repetitions: usize, tolerance: f64) -> Agreement {
    let student = StudentsT::new(0.0, 1.0, repetitions.saturating_sub(1) as f64);
    let factor = student.map_or(f64::INFINITY, |law| 0.5 * law.inverse_cdf(0.975));
    let (apart, slack) = (found.value - expected, factor * (found.uncertainty + uncertainty));
    if apart.abs() - slack > tolerance {
        Agreement::Differs(apart)
    } else if apart.abs() + slack <= tolerance {
        Agreement::Matches
    } else {
        Agreement::Unresolved
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn curves(of: impl Fn(f64, f64) -> f64) -> Curves {
        let parameters: Vec<f64> = vec![2.0, 4.0, 8.0, 16.0, 32.0];
        let curve = |r: usize| parameters.iter().map(|&x| Some(of(r as f64, x))).collect();
        Curves { values: (0..3).map(curve).collect(), parameters }
    }

    /// What a repetition shares at all parameters does not blur its slope.
    #[test]
    fn slopes_of_repetitions_are_averaged() {
        let shared = curves(|r, x| (1.0 + r) * x.powf(-0.75));
        let (fit, window) = shared.fit().expect("five points");
        assert!((fit.value + 0.75).abs() < 1e-13 && fit.uncertainty < 1e-13 && window == (4.0, 32.0));
        assert_eq!(shared.local_slopes().len(), 4);
        // Slopes -0.5, -0.6 and -0.7: mean -0.6, standard error 0.1/sqrt(3).
        let apart = curves(|r, x| x.powf(-0.5 - 0.1 * r));
        let (fit, _) = apart.fit().expect("five points");
        assert!((fit.value + 0.6).abs() < 1e-13 && (fit.uncertainty - 0.2 / 3f64.sqrt()).abs() < 1e-13, "{fit:?}");
        // ln 2^{-0.6} and the spread of the logarithms.
        let mean = apart.logarithms()[0].expect("three values");
        assert!((mean.value + 0.6 * 2f64.ln()).abs() < 1e-15 && mean.count == 3);
    }

    #[test]
    fn what_is_not_there_is_left_out() {
        let mut some = curves(|_, x| x * x);
        some.values[1][4] = None;
        let (fit, _) = some.fit().expect("two repetitions have all");
        assert!((fit.value - 2.0).abs() < 1e-13);
        let last = some.without(&[0, 1, 2, 3]);
        assert_eq!((last.fit(), last.local_slopes()), (None, Vec::new()));
        assert!((some.without(&[4]).fit().expect("four are left").1.1 - 16.0).abs() < 1e-15);
        let one = Curves { values: some.values[..1].to_vec(), ..some };
        assert!(one.fit().expect("one curve has a slope").0.uncertainty.is_infinite());
    }

    #[test]
    fn agreement_needs_certainty() {
        let slope = |value: f64, uncertainty: f64| Slope { at: 1.0, value, uncertainty };
        assert_eq!(agreement(slope(-0.52, 0.01), (-0.5, 0.0), 10, 0.05), Agreement::Matches);
        assert_eq!(agreement(slope(-0.52, 0.1), (-0.5, 0.0), 10, 0.05), Agreement::Unresolved);
        // With two repetitions two standard errors are 12.7 of them: 0.013 become 0.083.
        assert_eq!(agreement(slope(-0.5, 0.013), (-0.5, 0.0), 2, 0.05), Agreement::Unresolved);
        assert_eq!(agreement(slope(-0.5, 0.013), (-0.5, 0.0), 3, 0.05), Agreement::Matches);
        assert!(matches!(agreement(slope(-0.7, 0.02), (-0.5, 0.02), 10, 0.05), Agreement::Differs(by) if by < -0.19));
    }
}
