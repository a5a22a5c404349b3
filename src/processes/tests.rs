//! Levels solve their process' equations.

use super::Process;
use proptest::prelude::*;

proptest! {
    /// OU and VP preserve a unit variance; running to s and then on to s + t is running to s + t.
    #[test]
    fn levels_compose(s in 1e-9..3.0f64, t in 1e-9..3.0f64) {
        let (a, b, c) = (Process::Ou.level(s), Process::Ou.level(t), Process::Ou.level(s + t));
        prop_assert!((a.alpha.powi(2) + a.variance() - 1.0).abs() < 1e-15);
        prop_assert!((a.alpha * b.alpha - c.alpha).abs() < 1e-15);
        prop_assert!((b.alpha.powi(2) * a.variance() + b.variance() - c.variance()).abs() < 4e-16 * (1.0 + c.variance()));
        let (a, b, c) = (Process::Ve.level(s), Process::Ve.level(t), Process::Ve.level(s + t));
        prop_assert!((a.variance() + b.variance() - c.variance()).abs() < 1e-14);
    }

    /// VP with a constant beta is OU at half the rate; small times keep their relative accuracy.
    #[test]
    fn vp_is_ou_in_its_own_time(t in 1e-12..1.0f64, beta in 0.1..20.0f64) {
        let vp = Process::Vp { beta_min: beta, beta_max: beta, horizon: 1.0 };
        let (a, b) = (vp.level(t), Process::Ou.level(beta * t / 2.0));
        prop_assert!((a.sigma / b.sigma - 1.0).abs() < 1e-14 && (a.alpha / b.alpha - 1.0).abs() < 1e-14);
    }
}
