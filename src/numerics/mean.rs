//! Means of independent numbers with what chance does to them.

use statrs::distribution::{ContinuousCDF, StudentsT};

/// The mean of independent numbers of one law.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Mean {
    /// How many.
    pub count: usize,
    /// Their mean; not a number where there is none.
    pub value: f64,
    /// Their variance, `sum (x - mean)^2/(n - 1)`; 0 of fewer than two.
    pub variance: f64,
}

impl Mean {
    /// Of some numbers.
    #[must_use]
    pub fn of(numbers: impl IntoIterator<Item = f64>) -> Self {
        let numbers: Vec<f64> = numbers.into_iter().collect();
        let n = numbers.len() as f64;
        let value = numbers.iter().sum::<f64>() / n;
        let squares: f64 = numbers.iter().map(|x| (x - value) * (x - value)).sum();
        Self { count: numbers.len(), value, variance: if numbers.len() > 1 { squares / (n - 1.0) } else { 0.0 } }
    }

    /// `(variance/n)^{1/2}`; infinite of fewer than two numbers, which say nothing about it.
    #[must_use]
    pub fn standard_error(&self) -> f64 {
        if self.count > 1 { (self.variance / self.count as f64).sqrt() } else { f64::INFINITY }
    }

    /// Two standard errors: about 95 % where many numbers of similar size are averaged.
    #[must_use]
    pub fn two_errors(&self) -> f64 {
        2.0 * self.standard_error()
    }

    /// The half-width of Student's interval, which covers the mean of few normal numbers with probability `level` in (0, 1).
    #[must_use]
    pub fn student(&self, level: f64) -> f64 {
        let law = StudentsT::new(0.0, 1.0, self.count.saturating_sub(1) as f64);
        law.map_or(f64::INFINITY, |law| law.inverse_cdf(0.5 * (1.0 + level)) * self.standard_error())
    }

    /// `(sum x)^2/sum x^2`, how many numbers of one size are worth as much as these, none of them negative: where it is small a few
    /// of them make the mean, and two standard errors cover less than they should.
    #[must_use]
    pub fn effective(&self) -> f64 {
        let (n, square) = (self.count as f64, self.value * self.value);
        let second = square + self.variance * (n - 1.0) / n;
        if second > 0.0 { n * square / second } else { n }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Of 1, 2 and 3 the variance is 1; with two degrees of freedom Student's 97.5 % quantile is 4.302653.
    #[test]
    fn a_mean_by_hand() {
        let mean = Mean::of([1.0, 2.0, 3.0]);
        assert_eq!((mean.count, mean.value, mean.variance), (3, 2.0, 1.0));
        assert!((mean.two_errors() - 2.0 / 3.0_f64.sqrt()).abs() < 1e-15);
        assert!((mean.student(0.95) - 4.302_652_729_911_275 / 3.0_f64.sqrt()).abs() < 1e-8);
        assert!((mean.effective() - 36.0 / 14.0).abs() < 1e-14);
        assert!(Mean::of([7.0]).two_errors().is_infinite() && Mean::of([]).value.is_nan());
        assert!((Mean::of([0.0, 0.0, 5.0, 0.0]).effective() - 1.0).abs() < 1e-14);
        assert!(Mean::of([0.0; 4]).effective() == 4.0 && Mean::of([2.0; 4]).two_errors() == 0.0);
    }
}
