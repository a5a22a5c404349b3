//! Exponents of measured quantities: slopes of logarithms over repetitions, with two standard errors.

use super::slopes::{Slope, WINDOW, drift};
use crate::numerics::slope_weights;
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

    /// The slope of the least-squares line over the last [`WINDOW`] parameters; `None` with fewer than two.
    #[must_use]
    pub fn fit(&self) -> Option<Fit> {
        let n = self.parameters.len();
        let window: Vec<usize> = (n.saturating_sub(WINDOW)..n).collect();
        let ends = (self.parameters[*window.first()?], *self.parameters.last()?);
        let local = window.windows(2).filter_map(|pair| self.slope(pair)).collect();
        Some(Fit { slope: self.slope(&window)?, local, window: ends })
    }

    /// The mean over the repetitions that have all of some places of the slopes of their least-squares lines there.
    fn slope(&self, places: &[usize]) -> Option<Slope> {
        let x: Vec<f64> = places.iter().map(|&i| self.parameters[i].ln()).collect();
        let weights = slope_weights(&x)?;
        let of = |curve: &Vec<Option<f64>>| -> Option<f64> {
            let terms = weights.iter().zip(places).map(|(weight, &i)| curve[i].map(|y| weight * y.ln()));
            terms.sum()
        };
        let slopes: Vec<f64> = self.values.iter().filter_map(of).collect();
        let Mean { value, error, .. } = Mean::of(&slopes)?;
        let centre = x.iter().sum::<f64>() / x.len() as f64;
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

/// The slope over the last window, and the local slopes inside it.
#[derive(Clone, Debug, PartialEq)]
pub struct Fit {
    /// The slope.
    pub slope: Slope,
    /// Those between neighbours in the window.
    pub local: Vec<Slope>,
    /// The first and the last parameter of the window.
    pub window: (f64, f64),
}

impl Fit {
    /// How far it is from an exponent: that of the quantity over `parameter^power`.
    #[must_use]
    pub fn less(&self, power: f64) -> Self {
        let less = |slope: &Slope| Slope { value: slope.value - power, ..*slope };
        Self { slope: less(&self.slope), local: self.local.iter().map(less).collect(), window: self.window }
    }

    /// How far it is from that of another quantity over the same parameters, uncertainties added: a drift that both share falls out.
    #[must_use]
    pub fn beside(&self, other: &Self) -> Self {
        let less =
            |a: &Slope, b: &Slope| Slope { value: a.value - b.value, uncertainty: a.uncertainty + b.uncertainty, ..*a };
        let local = |a: &Slope| Some(less(a, other.local.iter().find(|b| b.at == a.at)?));
        Self {
            slope: less(&self.slope, &other.slope),
            local: self.local.iter().filter_map(local).collect(),
            window: self.window,
        }
    }

    /// How far the local slopes certainly move, see [`drift`], two standard errors over some repetitions being taken for a
    /// quantile of Student's law; `None` of fewer than two of them.
    #[must_use]
    pub fn drift(&self, repetitions: usize) -> Option<f64> {
        let factor = student(repetitions);
        let sure = |slope: &Slope| Slope { uncertainty: factor * slope.uncertainty, ..*slope };
        let local: Vec<Slope> = self.local.iter().map(sure).collect();
        (local.len() >= 2).then(|| drift(&local))
    }
}

/// Half the 97.5 % quantile of Student's law with one degree of freedom less than there are repetitions.
fn student(repetitions: usize) -> f64 {
    let law = StudentsT::new(0.0, 1.0, repetitions.saturating_sub(1) as f64);
    law.map_or(f64::INFINITY, |law| 0.5 * law.inverse_cdf(0.975))
}

/// How a measured exponent compares with an expected one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Agreement {
    /// Equal within the tolerance, uncertainties included.
    Matches,
    /// Apart by more than the tolerance, uncertainties included: measured less expected.
    Differs(f64),
    /// The local slopes move by more than the tolerance in the window: there is no one exponent yet.
    Drifts(f64),
    /// Fewer than two local slopes: their drift is unknown.
    Short,
    /// The uncertainties do not allow an answer.
    Unresolved,
}

/// Whether an exponent is the expected one, from how far it is from it ([`Fit::less`], [`Fit::beside`]) as a mean over some
/// repetitions: two standard errors are taken for the 97.5 % quantile of Student's law with one degree of freedom less.
#[must_use]
pub fn agreement(apart: &Fit, repetitions: usize, tolerance: f64) -> Agreement {
    match apart.drift(repetitions) {
        None => return Agreement::Short,
        Some(drift) if drift > tolerance => return Agreement::Drifts(drift),
        Some(_) => {}
    }
    let (apart, slack) = (apart.slope.value, student(repetitions) * apart.slope.uncertainty);
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
        let Fit { slope: fit, window, local } = shared.fit().expect("five points");
        assert!((fit.value + 0.75).abs() < 1e-13 && fit.uncertainty < 1e-13 && window == (4.0, 32.0));
        assert_eq!(local[..], shared.local_slopes()[1..]);
        assert_eq!(shared.local_slopes().len(), 4);
        // Slopes -0.5, -0.6 and -0.7: mean -0.6, standard error 0.1/sqrt(3).
        let apart = curves(|r, x| x.powf(-0.5 - 0.1 * r));
        let fit = apart.fit().expect("five points").slope;
        assert!((fit.value + 0.6).abs() < 1e-13 && (fit.uncertainty - 0.2 / 3f64.sqrt()).abs() < 1e-13, "{fit:?}");
        // ln 2^{-0.6} and the spread of the logarithms.
        let mean = apart.logarithms()[0].expect("three values");
        assert!((mean.value + 0.6 * 2f64.ln()).abs() < 1e-15 && mean.count == 3);
    }

    #[test]
    fn what_is_not_there_is_left_out() {
        let mut some = curves(|_, x| x * x);
        some.values[1][4] = None;
        let fit = some.fit().expect("two repetitions have all").slope;
        assert!((fit.value - 2.0).abs() < 1e-13);
        let last = some.without(&[0, 1, 2, 3]);
        assert_eq!((last.fit(), last.local_slopes()), (None, Vec::new()));
        assert!((some.without(&[4]).fit().expect("four are left").window.1 - 16.0).abs() < 1e-15);
        let one = Curves { values: some.values[..1].to_vec(), ..some };
        assert!(one.fit().expect("one curve has a slope").slope.uncertainty.is_infinite());
    }

    /// A fit whose local slopes are known as well as it is.
    fn fit(values: [f64; 3], value: f64, uncertainty: f64) -> Fit {
        let slope = |at: f64, value: f64| Slope { at, value, uncertainty };
        let local = values.iter().zip([1.0, 2.0, 4.0]).map(|(value, at)| slope(at, *value)).collect();
        Fit { slope: slope(2.0, value), local, window: (0.7, 5.7) }
    }

    #[test]
    fn agreement_needs_certainty() {
        let of = |value: f64, uncertainty: f64, repetitions: usize| {
            agreement(&fit([value; 3], value, uncertainty).less(-0.5), repetitions, 0.05)
        };
        assert_eq!(of(-0.52, 0.01, 10), Agreement::Matches);
        assert_eq!(of(-0.52, 0.1, 10), Agreement::Unresolved);
        // With two repetitions two standard errors are 12.7 of them: 0.013 become 0.083.
        assert_eq!(of(-0.5, 0.013, 2), Agreement::Unresolved);
        assert_eq!(of(-0.5, 0.013, 3), Agreement::Matches);
        let other = fit([-0.5; 3], -0.5, 0.02);
        let apart = fit([-0.7; 3], -0.7, 0.02).beside(&other);
        assert!(matches!(agreement(&apart, 10, 0.05), Agreement::Differs(by) if by < -0.19));
    }

    /// Slopes that move are no exponent, even where the fit through them is the expected one; what another quantity shares of
    /// the movement falls out.
    #[test]
    fn slopes_that_drift_match_nothing() {
        let moving = fit([-0.7, -0.5, -0.3], -0.5, 0.01);
        assert!(matches!(agreement(&moving.less(-0.5), 10, 0.05), Agreement::Drifts(by) if (by - 0.3774).abs() < 1e-4));
        assert_eq!(agreement(&moving.beside(&moving), 10, 0.05), Agreement::Matches);
        // Known to 0.25 only, the slopes need not move.
        let vague = Fit { slope: moving.slope, ..fit([-0.7, -0.5, -0.3], -0.5, 0.25) };
        assert_eq!(agreement(&vague.less(-0.5), 10, 0.05), Agreement::Matches);
        let short = Fit { local: moving.local[..1].to_vec(), ..moving };
        assert_eq!(agreement(&short.less(-0.5), 10, 0.05), Agreement::Short);
    }
}
