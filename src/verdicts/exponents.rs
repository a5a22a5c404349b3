//! Exponents of measured quantities: slopes of logarithms over repetitions, with Student's interval.

use super::slopes::{Slope, WINDOW, drift};
use crate::numerics::{Mean, slope_weights};

/// One quantity against one parameter, over repetitions: `values[r][i]` is what repetition r found at parameter number i.
#[derive(Clone, Debug, PartialEq)]
pub struct Curves {
    /// The parameters, ascending and positive.
    pub parameters: Vec<f64>,
    /// The values, positive; `None` where there is none, and for a 0, which has no logarithm. A repetition has one entry per parameter.
    pub values: Vec<Vec<Option<f64>>>,
}

/// The level of Student's intervals of means over repetitions, which are what is uncertain about them.
pub const LEVEL: f64 = 0.95;

impl Curves {
    /// The mean of the logarithms at each parameter: those of the geometric means.
    #[must_use]
    pub fn logarithms(&self) -> Vec<Option<Mean>> {
        let at = |i: usize| {
            let found = Mean::of(self.values.iter().filter_map(|curve| curve[i]).map(f64::ln));
            (found.count > 0).then_some(found)
        };
        (0..self.parameters.len()).map(at).collect()
    }

    /// The slopes between neighbouring parameters: of each repetition by itself, so that what repetitions share at all
    /// parameters falls out, then their mean with Student's interval of [`LEVEL`]. Only repetitions that have both values count, and the
    /// interval is that of so many; where none has both there is no slope.
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
        let mean = Mean::of(self.values.iter().filter_map(of));
        let centre = x.iter().sum::<f64>() / x.len() as f64;
        let slope =
            || Slope { at: centre.exp(), value: mean.value, uncertainty: mean.student(LEVEL), count: mean.count };
        (mean.count > 0).then(slope)
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
        let less = |a: &Slope, b: &Slope| Slope {
            at: a.at,
            value: a.value - b.value,
            uncertainty: a.uncertainty + b.uncertainty,
            count: a.count.min(b.count),
        };
        let local = |a: &Slope| Some(less(a, other.local.iter().find(|b| b.at == a.at)?));
        Self {
            slope: less(&self.slope, &other.slope),
            local: self.local.iter().filter_map(local).collect(),
            window: self.window,
        }
    }

    /// How far the local slopes certainly move, see [`drift`]; `None` of fewer than two of them.
    #[must_use]
    pub fn drift(&self) -> Option<f64> {
        (self.local.len() >= 2).then(|| drift(&self.local))
    }
}

/// How a measured exponent compares with an expected one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Agreement {
    /// Equal within the tolerance, uncertainties included.
    Matches,
    /// Apart by more than the tolerance, uncertainties included.
    Differs,
    /// The local slopes move by more than the tolerance in the window: there is no one exponent yet.
    Drifts(f64),
    /// Fewer than two local slopes: their drift is unknown.
    Short,
    /// The uncertainties do not allow an answer.
    Unresolved,
}

/// Whether an exponent is the expected one, from how far it is from it ([`Fit::less`], [`Fit::beside`]) and how well that is known.
#[must_use]
pub fn agreement(apart: &Fit, tolerance: f64) -> Agreement {
    match apart.drift() {
        None => return Agreement::Short,
        Some(drift) if drift > tolerance => return Agreement::Drifts(drift),
        Some(_) => {}
    }
    let Slope { value: apart, uncertainty: slack, .. } = apart.slope;
    if apart.abs() - slack > tolerance {
        Agreement::Differs
    } else if apart.abs() + slack <= tolerance {
        Agreement::Matches
    } else {
        Agreement::Unresolved
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The 97.5 % quantile of Student's law with two degrees of freedom.
    const QUANTILE: f64 = 4.302_652_729_911_275;

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
        assert!(
            (fit.value + 0.6).abs() < 1e-13 && (fit.uncertainty - QUANTILE * 0.1 / 3f64.sqrt()).abs() < 1e-9,
            "{fit:?}"
        );
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

    /// Two of seven repetitions have all values, with slopes 0.01 apart: two standard errors of their mean are 0.01 and Student's interval with
    /// one degree of freedom is 0.0635 on each side, which is more than the tolerance. Both of the exponent and beside another one.
    #[test]
    fn a_slope_is_as_sure_as_the_repetitions_that_have_it() {
        let parameters: Vec<f64> = vec![2.0, 4.0, 8.0, 16.0];
        let power = |r: usize| if r.is_multiple_of(2) { -0.495 } else { -0.505 };
        let curve = |r: usize| parameters.iter().map(|&x| Some(x.powf(power(r)))).collect();
        let whole = Curves { values: (0..7).map(curve).collect(), parameters: parameters.clone() };
        let mut some = whole.clone();
        some.values[2..].iter_mut().enumerate().for_each(|(r, curve)| curve[r % 4] = None);
        let (all, few) = (whole.fit().expect("all"), some.fit().expect("two"));
        assert_eq!((all.slope.count, few.slope.count, few.beside(&all).slope.count), (7, 2, 2));
        assert_eq!(few.local.iter().map(|slope| slope.count).collect::<Vec<_>>(), [4, 5, 5]);
        assert!((few.slope.uncertainty - 0.063_531).abs() < 1e-6, "{few:?}");
        assert_eq!(agreement(&all.less(-0.5), 0.05), Agreement::Matches);
        assert_eq!(agreement(&few.less(-0.5), 0.05), Agreement::Unresolved);
        assert_eq!(agreement(&few.beside(&all), 0.05), Agreement::Unresolved);
    }

    /// A fit whose local slopes are known as well as it is.
    fn fit(values: [f64; 3], value: f64, uncertainty: f64) -> Fit {
        let slope = |at: f64, value: f64| Slope { at, value, uncertainty, count: 10 };
        let local = values.iter().zip([1.0, 2.0, 4.0]).map(|(value, at)| slope(at, *value)).collect();
        Fit { slope: slope(2.0, value), local, window: (0.7, 5.7) }
    }

    #[test]
    fn agreement_needs_certainty() {
        let of = |value: f64, uncertainty: f64| agreement(&fit([value; 3], value, uncertainty).less(-0.5), 0.05);
        assert_eq!(of(-0.52, 0.01), Agreement::Matches);
        assert_eq!(of(-0.52, 0.1), Agreement::Unresolved);
        let other = fit([-0.5; 3], -0.5, 0.02);
        let apart = fit([-0.7; 3], -0.7, 0.02).beside(&other);
        assert_eq!(agreement(&apart, 0.05), Agreement::Differs);
    }

    /// Slopes that move are no exponent, even where the fit through them is the expected one; what another quantity shares of
    /// the movement falls out.
    #[test]
    fn slopes_that_drift_match_nothing() {
        let moving = fit([-0.7, -0.5, -0.3], -0.5, 0.01);
        assert!(matches!(agreement(&moving.less(-0.5), 0.05), Agreement::Drifts(by) if (by - 0.38).abs() < 1e-12));
        assert_eq!(agreement(&moving.beside(&moving), 0.05), Agreement::Matches);
        // Known to 0.25 only, the slopes need not move.
        let vague = Fit { slope: moving.slope, ..fit([-0.7, -0.5, -0.3], -0.5, 0.25) };
        assert_eq!(agreement(&vague.less(-0.5), 0.05), Agreement::Matches);
        let short = Fit { local: moving.local[..1].to_vec(), ..moving };
        assert_eq!(agreement(&short.less(-0.5), 0.05), Agreement::Short);
    }
}
