//! Levels solve their process' equations.

use super::{GridError, Process, Rate, TimeGrid};
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
        let vp = Process::Vp(Rate::constant(beta));
        let (a, b) = (vp.level(t), Process::Ou.level(beta * t / 2.0));
        prop_assert!((a.sigma / b.sigma - 1.0).abs() < 1e-14 && (a.alpha / b.alpha - 1.0).abs() < 1e-14);
    }
}

proptest! {
    /// Rates of levels are difference quotients of levels, those of ratios follow, and times are found by their ratio.
    #[test]
    fn levels_move_at_their_rate(t in 0.01..2.0f64, low in 0.2..1.0f64, high in 1.0..9.0f64) {
        let broken = Rate::broken_line(vec![(0.0, high), (0.5, low), (3.0, high)]).unwrap();
        for process in [Process::Ou, Process::Ve, Process::Vp(broken)] {
            let rate = process.level_rate(t);
            // Central differences: the truncation error is that of a third derivative, at most 1e3/t^3 of the scale.
            let h = 1e-5 * t;
            if let Process::Vp(_) = process { prop_assume!((t - 0.5).abs() > h); }
            let quotient = |f: &dyn Fn(crate::processes::NoiseLevel) -> f64| (f(process.level(t + h)) - f(process.level(t - h))) / (2.0 * h);
            let close = |found: f64, expected: f64, scale: f64| (found - expected).abs() < 1e-8 * (expected.abs() + scale / t);
            let level = process.level(t);
            prop_assert!(close(quotient(&|l| l.alpha), rate.alpha, level.alpha));
            prop_assert!(close(quotient(&|l| l.variance()), rate.variance, level.variance()));
            prop_assert!(close(quotient(&|l| l.snr()), rate.snr(level), level.snr()));
            prop_assert!(close(quotient(&|l| l.gain()), rate.gain(level), level.gain()));
            prop_assert!((process.time_of_snr(level.snr(), 0.01, 2.0) - t).abs() < 1e-13);
            prop_assert_eq!(process.time_of_snr(process.level(0.005).snr(), 0.01, 2.0), 0.01);
            let (least, most) = process.noise_rates(0.01, 2.0);
            let g = process.noise_rates(t, t).0;
            prop_assert!(least <= g && g <= most);
        }
    }

    /// The integral of a broken line adds up over any cut, and is the closed form of a linear rate.
    #[test]
    fn rates_integrate(t in 0.0..2.0f64, h in 1e-9..2.0f64, cut in 0.0..1.0f64, low in 0.05..1.0f64, high in 1.0..20.0f64) {
        let line = Rate::linear(low, high, 1.5);
        let closed = |t: f64| low * t + 0.5 * (high - low) * t * t / 1.5;
        prop_assert!((line.integral(0.0, t + h) - closed(t + h)).abs() < 1e-13 * closed(t + h));
        let broken = Rate::broken_line(vec![(0.0, low), (0.4, high), (1.1, 0.5 * low), (1.7, high)]).unwrap();
        let (a, b) = (broken.integral(t, cut * h), broken.integral(t + cut * h, h - cut * h));
        prop_assert!((a + b - broken.integral(t, h)).abs() < 1e-12 * (1.0 + a + b));
        // Midpoints of fine cells, an independent rule.
        let cells = 20_000;
        let sum: f64 = (0..cells).map(|k| broken.at(t + h * (f64::from(k) + 0.5) / f64::from(cells))).sum();
        prop_assert!((sum * h / f64::from(cells) - broken.integral(t, h)).abs() < 1e-6 * (1.0 + sum.abs()));
    }

    /// Every grid starts and ends where it should, its lengths are the differences of its times, and each kind keeps its law.
    #[test]
    fn grids_descend(horizon in 0.05..12.0f64, part in 1e-5..0.9f64, steps in 1..400u64, kappa in 0.01..0.9f64) {
        let stop = horizon * part;
        let grids = [
            TimeGrid::uniform(horizon, stop, steps).unwrap(),
            TimeGrid::geometric(horizon, stop, steps).unwrap(),
            TimeGrid::kappa(horizon, stop, kappa).unwrap(),
        ];
        for grid in &grids {
            prop_assert_eq!((grid.times()[0], *grid.times().last().unwrap()), (horizon, stop));
            for (from, to, h) in grid.steps() {
                prop_assert!(h > 0.0 && (from - to - h).abs() <= 8.0 * f64::EPSILON * from);
            }
        }
        let ratios: Vec<f64> = grids[1].steps().map(|(from, to, _)| to / from).collect();
        prop_assert!(ratios.iter().all(|r| (r / ratios[0] - 1.0).abs() < 1e-12));
        let last = grids[2].lengths().len() - 1;
        for (k, (_, to, h)) in grids[2].steps().enumerate() {
            let law = kappa * to.min(1.0);
            prop_assert!(h <= law * (1.0 + 1e-12) && (k == last || (h / law - 1.0).abs() < 1e-12 || to < 1.0 + 1e-12), "{h} {law} {to}");
        }
    }
}

proptest! {
    /// A kappa grid of N steps has N steps, none of them longer than its kappa says, and no smaller kappa does.
    #[test]
    fn kappa_grids_are_found_by_their_number_of_steps(horizon in 0.05..12.0f64, part in 1e-5..0.9f64, steps in 1..300u64) {
        let stop = horizon * part;
        let grid = TimeGrid::kappa_in(horizon, stop, steps).unwrap();
        prop_assert_eq!(grid.lengths().len() as u64, steps);
        let kappa = grid.steps().map(|(_, to, h)| h / to.min(1.0)).fold(0.0, f64::max);
        let shorter = TimeGrid::kappa(horizon, stop, kappa * (1.0 - 1e-9)).unwrap();
        prop_assert!(shorter.lengths().len() as u64 > steps, "{kappa}");
    }
}

#[test]
fn impossible_grids_are_refused() {
    assert_eq!(TimeGrid::geometric(1.0, 0.0, 5), Err(GridError::Never));
    assert_eq!(TimeGrid::uniform(1.0, 1.0, 5), Err(GridError::Ends { horizon: 1.0, early_stop: 1.0 }));
    assert!(TimeGrid::uniform(f64::NAN, 0.0, 5).unwrap_err().to_string().contains("NaN"));
    assert_eq!(TimeGrid::uniform(1.0, 0.0, 0), Err(GridError::Steps(0.0)));
    assert!(matches!(TimeGrid::kappa(1.0, 0.1, 1e-12), Err(GridError::Steps(_))));
    assert_eq!(TimeGrid::uniform(1.0 + 1e-15, 1.0, 100), Err(GridError::Coincide));
    assert_eq!(Rate::broken_line(vec![(0.0, 1.0), (0.0, 2.0)]), Err(1));
    assert_eq!(Rate::broken_line(Vec::new()), Err(0));
    assert_eq!(Rate::linear(2.0, 1.0, 1.0).end(), 2.0);
}
