//! How fast the score changes along the exact probability flow: `d/dtau g(X) = -(g + (grad g) g + grad Delta ln p)`.

use crate::targets::{Density, Mixture1};

/// Standard deviations around every mean that are summed over.
const REACH: f64 = 11.0;
/// Points to a standard deviation of the narrowest component, and the most points.
const FINE: f64 = 10.0;
const MOST: f64 = 20_000.0;

/// `E_p |g + (grad g) g + grad Delta ln p|^2` in plain numerics.
///
/// # Errors
/// When a block of the law is neither on the line nor Gaussian.
pub fn score_rate(p: &Density) -> Result<f64, String> {
    let mut total = 0.0;
    for run in p.runs() {
        let block = p.block(run.first, run.dim);
        let law = block.as_mixture1().filter(|_| run.dim == 1);
        let law = law.ok_or(
            "third derivatives of ln p are known on the line and for Gaussians with independent coordinates only",
        )?;
        total += run.copies as f64 * on_the_line(&law)?;
    }
    Ok(total)
}

/// The trapezoidal rule, which is exponentially accurate for what is analytic and falls like a Gaussian.
fn on_the_line(law: &Mixture1) -> Result<f64, String> {
    let sd = |i: usize| law.variances[i].sqrt();
    let parts = 0..law.means.len();
    let lo = parts.clone().map(|i| law.means[i] - REACH * sd(i)).fold(f64::INFINITY, f64::min);
    let hi = parts.clone().map(|i| law.means[i] + REACH * sd(i)).fold(f64::NEG_INFINITY, f64::max);
    let narrowest = parts.map(sd).fold(f64::INFINITY, f64::min);
    let n = ((hi - lo) / narrowest * FINE).ceil();
    if n > MOST {
        return Err("its modes are too narrow for their distance: the rate of the score has no quadrature there".into());
    }
    let n = n as usize;
    let dx = (hi - lo) / n as f64;
    Ok((0..=n).map(|k| at(law, lo + k as f64 * dx)).sum::<f64>() * dx)
}

/// `p(x) (g + g' g + g'')^2` at x, from `p'/p`, `p''/p` and `p'''/p`.
fn at(law: &Mixture1, x: f64) -> f64 {
    let ln = law.ln_density(x);
    let (mut a, mut b, mut c) = (0.0, 0.0, 0.0);
    for i in 0..law.means.len() {
        let (v, z) = (law.variances[i], (law.means[i] - x) / law.variances[i]);
        let own = law.weights[i].ln() - 0.5 * (std::f64::consts::TAU * v).ln() - 0.5 * z * z * v;
        let share = (own - ln).exp();
        a += share * z;
        b += share * (z * z - 1.0 / v);
        c += share * (z * z * z - 3.0 * z / v);
    }
    let (first, second) = (b - a * a, c - 3.0 * a * b + 2.0 * a * a * a);
    ln.exp() * (a + first * a + second).powi(2)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::targets::{Gaussian, Mixture};

    /// A Gaussian has `(1 - 1/v)^2/v`, and so has a mixture of one law with itself; the rate of a mixture is that of its score along
    /// the flow, by differences.
    #[test]
    fn the_rate_is_that_of_the_score_along_the_flow() {
        let exact = (1.0 - 1.0 / 0.3_f64).powi(2) / 0.3;
        let gaussian = Density::Gaussian(Gaussian::scalar(0.7, 0.3).unwrap());
        assert!((score_rate(&gaussian).unwrap() - exact).abs() < 1e-12 * exact);
        let law = Density::Mixture(Mixture::scalar(&[0.4, 0.6], &[-1.5, 1.0], &[0.5, 0.8]).unwrap());
        // By quadrature over the law of the change of the score over dtau = 1e-4 along one Euler step, which errs by O(dtau).
        let (t, dt) = (0.4, 1e-4);
        let p = |t: f64| law.noised(crate::processes::Process::Ou.level(t)).unwrap().as_mixture1().unwrap();
        let (now, next) = (p(t), p(t - dt));
        let mut sum = 0.0;
        for k in 0..4000 {
            let x = -10.0 + 20.0 * f64::from(k) / 4000.0;
            let g = now.score(x);
            sum += now.ln_density(x).exp() * ((next.score(x + dt * (x + g)) - g) / dt).powi(2) * 0.005;
        }
        let found = score_rate(&law.noised(crate::processes::Process::Ou.level(t)).unwrap()).unwrap();
        assert!((found - sum).abs() < 2e-3 * sum, "{found} {sum}");
    }
}
