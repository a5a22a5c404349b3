//! PMM-12. See `reverse_sde_w2.md`.

use crate::flows::*;
use crate::support::*;
use proptest::prelude::*;
use scorebound::bounds::pedrotti_maas_mondelli_2024::REVERSE_SDE_W2;
use scorebound::numerics::gauss_legendre;
use scorebound::samplers::Scheme;
use scorebound::targets::Target;

/// Both sides for N(m, v) on the line and the error `alpha x + beta`: mean and variance by Runge-Kutta of second order with many
/// steps, the bound by quadrature.
fn by_hand(t: [f64; 2], (m, v): (f64, f64), (alpha, beta): (f64, f64)) -> [f64; 2] {
    let s = |t: f64| noised(t, m, v).1;
    // int_delta^t (1 - 2/s) = ln(s_delta/s_t) - (t - delta).
    let growth = |r: f64| s(t[1]) / s(r) * ((2.0 * alpha - 1.0) * (r - t[1])).exp();
    let rule = gauss_legendre(60);
    let half = 0.5 * (t[0] - t[1]);
    let errors: f64 = rule
        .nodes
        .iter()
        .zip(&rule.weights)
        .map(|(x, w)| {
            let r = t[1] + half * (x + 1.0);
            let (mean, s) = noised(r, m, v);
            2.0 * half * w * growth(r) * ((alpha * mean + beta).powi(2) + alpha * alpha * s).sqrt()
        })
        .sum();
    let (mean, first) = noised(t[0], m, v);
    let bound = growth(t[0]) * (mean * mean + (first.sqrt() - 1.0).powi(2)).sqrt() + errors;
    let n = 20_000;
    let h = (t[0] - t[1]) / f64::from(n);
    let (mut x, mut w) = (0.0, 1.0);
    for k in 0..n {
        let (mean, s) = noised(t[0] - (f64::from(k) + 0.5) * h, m, v);
        let rate = 1.0 - 2.0 / s + 2.0 * alpha;
        let slope = |x: f64| rate * x + 2.0 * mean / s + 2.0 * beta;
        x += h * slope(x + 0.5 * h * slope(x));
        let wider = |w: f64| 2.0 * rate * w + 2.0;
        w += h * wider(w + 0.5 * h * wider(w));
    }
    let (mean, s) = noised(t[1], m, v);
    [bound, ((x - mean).powi(2) + (w.sqrt() - s.sqrt()).powi(2)).sqrt()]
}

#[test]
fn restated_independently() {
    for (m, v, alpha, beta, horizon, early, n) in
        [(0.7, 0.3, 0.0, 0.2, 2.0, 0.05, 1), (-0.4, 2.5, 0.15, 0.0, 1.0, 0.0, 7), (1.0, 4.0, -0.2, 0.0, 2.0, 0.1, 40)]
    {
        let by = sde(Scheme::ALL[n as usize % 3], horizon, early, n);
        let (shape, c) = if alpha == 0.0 { (constant(1), beta) } else { (affine(1, alpha), 1.0) };
        let claim = by.on(&line(m, v)).error(shape, c).then(&REVERSE_SDE_W2);
        let [bound, measured] = by_hand([horizon, early], (m, v), (alpha, beta));
        assert_close(claim.bound(), bound);
        assert_close_to(claim.measured(), measured, 1e-5);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn holds_where_it_should(p in gaussians(1..=8, 8.0), horizon in 0.3..3.0f64, early in 0.0..0.3f64, n in 1..20u64, c in 1e-3..1.0f64, corrected in 0..20u64) {
        let d = Target::dim(&p);
        for shape in [constant(d), affine(d, -0.2), affine(d, 0.2)] {
            let by = sde(Scheme::ExponentialMinus, horizon + early, early, n).after(0.05, corrected);
            for at in [by.on(&p), by.warm(&p)] {
                let claim = at.error(std::sync::Arc::clone(&shape), c).then(&REVERSE_SDE_W2);
                prop_assert!(claim.holds_or_equal(), "{claim}");
            }
        }
    }
}

/// On a mixture the limit is taken by halving steps: an open term.
#[test]
fn holds_on_the_line() {
    let claim =
        sde(Scheme::ExponentialMinus, 0.8, 0.1, 6).on(&equal_modes()).error(constant(1), 0.05).then(&REVERSE_SDE_W2);
    assert!(claim.holds(), "{claim}");
    assert!(!claim.judgement.measured.as_ref().unwrap().evidence.is_proved());
}

#[test]
fn fails_when_a_hypothesis_is_dropped() {
    let by = sde(Scheme::Exponential, 1.0, 0.1, 4);
    let says = "the sampler is the reverse SDE of OU or VP, after Langevin steps at the horizon or none";
    is_no_other_phase(&by, &REVERSE_SDE_W2, says);
    // "the output is compared with p_delta as it is".
    is_compared_at_stop(&by, &REVERSE_SDE_W2);
    // "delta > 0, or p has a density".
    has_no_density(&by, &REVERSE_SDE_W2);
    let says = "<x - y, s(t,x) - s(t,y)> <= L_t |x - y|^2 and E_{p_t} |e_t|^2 < inf, L_t and the errors integrable over [delta, T1]";
    assert!(by.on(&line(0.5, 0.8)).error(jumping(), 0.1).then(&REVERSE_SDE_W2).leaves_open(says));
    // "W2(p_T1, q_T1) < inf": as for PMM-11, nothing on the line breaks it.
}

#[test]
fn can_be_violated() {
    let by = sde(Scheme::Exponential, 1.0, 0.1, 20);
    let good = by.on(&line(0.5, 0.8)).error(constant(1), 0.02);
    assert!(good.then(&REVERSE_SDE_W2).holds(), "{}", good.then(&REVERSE_SDE_W2));
    // The flow in the place of the SDE forgets less of what it starts from.
    let shifted = good.clone().start(normal(1, 0.8, 1.0));
    let other = exponential(1.0, 0.1, 20).program();
    assert!(shifted.then(&REVERSE_SDE_W2).holds(), "{}", shifted.then(&REVERSE_SDE_W2));
    assert!(shifted.sabotaged(other, &REVERSE_SDE_W2).is_violated());
    assert!(good.with_bound_over(1e6, &REVERSE_SDE_W2).is_violated());
}

/// The error grows like epsilon, as guaranteed.
#[test]
fn rate() {
    let of = |c: f64| {
        sde(Scheme::Exponential, 1.0, 0.1, 4).warm(&line(0.5, 0.8)).error(constant(1), c).then(&REVERSE_SDE_W2)
    };
    let (small, large) = (of(1e-3), of(1e-1));
    let rate = |of: &dyn Fn(&Claim) -> f64| slope((1e-3, of(&small)), (1e-1, of(&large)));
    assert!((rate(&|c| c.bound().mid()) - 1.0).abs() < 1e-6);
    assert!((rate(&|c| c.measured().mid()) - 1.0).abs() < 1e-6);
}
