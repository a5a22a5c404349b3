//! PMM-11b. See `flow_w2_steps.md`.

use crate::flows::*;
use crate::support::*;
use proptest::prelude::*;
use scorebound::bounds::pedrotti_maas_mondelli_2024::FLOW_W2_STEPS;
use scorebound::numerics::gauss_legendre;
use scorebound::samplers::FlowScheme;
use scorebound::targets::Target;

/// The recursion and the chain for N(m, v) on the line and the error `alpha x + beta`.
fn by_hand(by: &Falling, (m, v): (f64, f64), (alpha, beta): (f64, f64)) -> [f64; 2] {
    let h = (by.horizon - by.early) / by.steps as f64;
    let rule = gauss_legendre(30);
    let (mean, s) = noised(by.horizon, m, v);
    let (mut w, mut x, mut spread) = ((mean * mean + (s.sqrt() - 1.0).powi(2)).sqrt(), 0.0, 1.0);
    for k in 0..by.steps {
        let t = by.horizon - k as f64 * h;
        let (mean, s) = noised(t, m, v);
        let gain = (h.exp() + h.exp_m1() * (alpha - 1.0 / s)).abs();
        let epsilon = ((alpha * mean + beta).powi(2) + alpha * alpha * s).sqrt();
        let frozen: f64 = rule
            .nodes
            .iter()
            .zip(&rule.weights)
            .map(|(y, weight)| {
                let r = 0.5 * h * (y + 1.0);
                let s = noised(t - r, m, v).1;
                0.5 * h * weight * (h - r).exp_m1() * (1.0 - 1.0 / s).abs() / s.sqrt()
            })
            .sum();
        w = gain * w + h.exp_m1() * epsilon + frozen;
        x = h.exp() * x + h.exp_m1() * ((mean - x) / s + alpha * x + beta);
        spread *= gain;
    }
    let (mean, s) = noised(by.early, m, v);
    [w, ((x - mean).powi(2) + (spread - s.sqrt()).powi(2)).sqrt()]
}

#[test]
fn restated_independently() {
    for (m, v, alpha, beta, horizon, early, n) in
        [(0.7, 0.3, 0.0, 0.2, 2.0, 0.05, 4), (-0.4, 2.5, 0.15, 0.0, 1.0, 0.0, 7), (1.0, 4.0, -0.3, 0.0, 2.0, 0.1, 40)]
    {
        let by = exponential(horizon, early, n);
        let (shape, c) = if alpha == 0.0 { (constant(1), beta) } else { (affine(1, alpha), 1.0) };
        let claim = by.on(&line(m, v)).error(shape, c).then(&FLOW_W2_STEPS);
        let [bound, measured] = by_hand(&by, (m, v), (alpha, beta));
        // The rate of the score is enclosed panel by panel.
        let slack = 0.1 * claim.term("discretisation");
        assert!(claim.bound().contains(bound) && claim.bound().width() < slack, "{claim} {bound}");
        assert_close(claim.measured(), measured);
    }
}

/// On the line, against the recursion with the Hessian's maximum and the rate of the score by another quadrature: scipy's `quad` over x
/// of `p (g + g'g + g'')^2` and over r, `brentq` for the quantiles of `W2(p_T1, N(0, 1))`, `minimize_scalar` for `max g'`.
#[test]
fn holds_on_the_line() {
    let claim = exponential(0.8, 0.1, 6).on(&equal_modes()).error(constant(1), 0.05).then(&FLOW_W2_STEPS);
    assert_close_to(claim.bound(), 0.206_969_487_592_027_8, 1e-8);
    let near = |name: &str, value: f64| assert!((claim.term(name) - value).abs() < 1e-9 * value, "{name}: {claim}");
    near("W2(p_T1, q_T1)", 0.111_036_180_566_974_9);
    near("prod A_k", 1.326_056_260_981_788);
    assert!(claim.holds(), "{claim}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn holds_where_it_should(p in gaussians(1..=8, 8.0), horizon in 0.3..3.0f64, early in 0.0..0.3f64, n in 1..20u64, c in 1e-3..1.0f64, corrected in 0..20u64) {
        let d = Target::dim(&p);
        for shape in [constant(d), affine(d, -0.2), affine(d, 0.2)] {
            let by = exponential(horizon + early, early, n).after(0.05, corrected);
            for at in [by.on(&p), by.warm(&p)] {
                let claim = at.error(std::sync::Arc::clone(&shape), c).then(&FLOW_W2_STEPS);
                prop_assert!(claim.holds_or_equal(), "{claim}");
            }
        }
    }
}

#[test]
fn fails_when_a_hypothesis_is_dropped() {
    let by = exponential(1.0, 0.1, 4);
    let says = "the sampler takes exponential steps of the probability flow of OU or VP, after Langevin steps at the horizon or none";
    is_no_other_phase(&by, &FLOW_W2_STEPS, says);
    for scheme in [FlowScheme::Euler, FlowScheme::Heun] {
        let other = flow(scheme, 1.0, 0.1, 4).on(&line(0.5, 0.8));
        assert_eq!(other.then(&FLOW_W2_STEPS).failed(), Some(says));
    }
    // "the output is compared with p_delta as it is".
    is_compared_at_stop(&by, &FLOW_W2_STEPS);
    // "delta > 0, or p has a density".
    has_no_density(&by, &FLOW_W2_STEPS);
    let says =
        "s(t_k,.) is Lipschitz, E_{p_k} |e_k|^2 < inf, and the derivatives of ln p_t are known between the levels";
    assert!(by.on(&line(0.5, 0.8)).error(jumping(), 0.1).then(&FLOW_W2_STEPS).leaves_open(says));
    assert!(
        by.on(&three_dimensional())
            .start(normal(3, 0.0, 1.0))
            .then(&FLOW_W2_STEPS)
            .leaves_open("hypothesis not decided")
    );
    // "W2(p_T1, q_T1) < inf": as for PMM-11, nothing on the line breaks it.
}

#[test]
fn can_be_violated() {
    let by = exponential(1.0, 0.1, 40);
    let good = by.on(&line(0.5, 0.8)).error(constant(1), 0.02);
    assert!(good.then(&FLOW_W2_STEPS).holds(), "{}", good.then(&FLOW_W2_STEPS));
    let noisy = noisier(&by.clone().after(0.2, 9).program(), 2.0);
    assert!(good.sabotaged(noisy, &FLOW_W2_STEPS).is_violated());
    assert!(good.with_bound_over(1e6, &FLOW_W2_STEPS).is_violated());
}

/// With the exact score both sides are linear in the step, as guaranteed.
#[test]
fn rate() {
    let of = |n: u64| exponential(1.0, 0.1, n).warm(&line(0.5, 0.3)).then(&FLOW_W2_STEPS);
    let (coarse, fine) = (of(200), of(800));
    let rate = |of: &dyn Fn(&Claim) -> f64| slope((1.0 / 800.0, of(&fine)), (1.0 / 200.0, of(&coarse)));
    assert!((rate(&|c| c.bound().mid()) - 1.0).abs() < 0.03);
    assert!((rate(&|c| c.measured().mid()) - 1.0).abs() < 0.03);
}
