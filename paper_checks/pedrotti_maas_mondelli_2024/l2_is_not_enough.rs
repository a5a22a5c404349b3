//! PMM-N. See `l2_is_not_enough.md`.

use crate::support::*;
use crate::truncated::{Truncated, line_of};
use proptest::prelude::*;
use scorebound::bounds::lee_lu_tan_2022::Kick;
use scorebound::bounds::pedrotti_maas_mondelli_2024::{L2_IS_NOT_ENOUGH, chi2_of_start, poincare_upper};
use scorebound::scores::{At, ScoreField};
use scorebound::verdicts::{Asymptote, Better, Condition, Search, rate as measure};
use statrs::distribution::{ContinuousCDF, Normal};

/// N(0, I) with a kick of height A beyond B.
fn trap(dim: usize, threshold: f64, height: f64, h: f64, time: f64) -> Given {
    given(&normal(dim, 0.0, 1.0)).run(lmc(h, steps(time, h))).error(outward(dim, threshold, 0.0), height)
}

fn kick(threshold: f64, height: f64) -> Kick {
    Kick { height: height.into(), threshold: threshold.into() }
}

#[test]
fn restated_independently() {
    let cdf = |x: f64| Normal::standard().cdf(x);
    for (b, a, time) in [(1.5, 3.0, 40.0), (2.0, 4.5, 400.0), (1.0, 2.5, 12.0)] {
        let claim = trap(1, b, a, 0.02, time).then(&L2_IS_NOT_ENOUGH);
        let z = cdf(b) + (a * a / 2.0 - a * b).exp() * cdf(a - b);
        let chi2 = z * (cdf(b) + (a * a / 2.0 + a * b).exp() * cdf(-a - b)) - 1.0;
        let end = b + z.ln() / a;
        let inside = (cdf(b) + (a * a / 2.0 - a * b).exp() * (cdf(end - a) - cdf(b - a))) / z;
        let left = 0.5 * chi2.sqrt() * (-claim.term("time") / claim.term("poincare")).exp();
        assert_close_to(claim.bound(), 1.0 - (cdf(end) - inside) + left, 1e-7);
    }
    // The reference values.
    // On the set {x < B} alone; where the densities cross the distance is a little larger.
    let below = cdf(4.0) * (1.0 - 1.0 / kick(4.0, 10.0).normalisation().mid());
    assert!((below - 0.999_922_932_327_161_3).abs() < 1e-14, "{below}");
    assert!(kick(4.0, 10.0).stationary_tv().lo() > 0.99995 && kick(4.0, 10.0).stationary_tv().hi() < 0.99996);
    assert!((kick(4.0, 10.0).epsilon().mid() - 0.05628).abs() < 1e-5);
    // Without a kick that matters pi is N(0,1), of Poincare constant 1, which four times Muckenhoupt's constant bounds; a deep
    // second well is left about once in the time it takes to climb out of the first.
    let nearly = poincare_upper(&kick(3.0, 1e-6)).unwrap();
    assert!((1.0..4.0).contains(&nearly), "{nearly}");
    let (deep, climb) = (poincare_upper(&kick(3.0, 8.0)).unwrap(), kick(3.0, 8.0).mean_escape_time().mid());
    assert!(deep > climb && deep < 10.0 * climb, "{deep} {climb}");
    assert!(chi2_of_start(&kick(3.0, 1e-6)).hi() < 1e-10);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(6))]
    #[test]
    fn holds_where_it_should(b in 0.5..2.0f64, steep in 1.3..3.0f64, time in 1.0..200.0f64, d in 1..4usize) {
        // In the limit an equality, and the diffusion is only known to the distance of chains.
        let claim = trap(d, b, steep * b, 0.02, time).then(&L2_IS_NOT_ENOUGH);
        prop_assert!(!claim.is_violated(), "{claim}");
        prop_assert!(claim.holds_or_vacuous() || claim.term("not-yet-there") < 0.02, "{claim}");
    }
}

#[test]
fn fails_when_a_hypothesis_is_dropped() {
    let theorem = &L2_IS_NOT_ENOUGH;
    let good = trap(1, 1.5, 3.0, 0.05, 60.0);
    assert!(good.then(theorem).holds_or_vacuous(), "{}", good.then(theorem));
    let noisy = good.clone().run(noisier(&lmc(0.05, 7), 1.5)).then(theorem);
    assert_eq!(noisy.failed(), Some("the sampler is LMC(h) at the noise level of p"));
    let wide = given(&normal(1, 0.0, 1.1)).run(lmc(0.05, 7)).error(outward(1, 1.5, 0.0), 3.0).then(theorem);
    assert_eq!(wide.failed(), Some("p = N(0, I)"));
    assert_eq!(good.clone().start(normal(1, 0.0, 0.9)).then(theorem).failed(), Some("q_0 = p"));
    let shape = "e = A 1{v.x > B} v with A > 0, in every step";
    assert_eq!(good.clone().error(outward(1, 1.5, 0.1), 3.0).then(theorem).failed(), Some(shape));
    assert_eq!(good.clone().error(outward(1, 1.5, 0.0), -3.0).then(theorem).failed(), Some(shape));
    assert_eq!(good.clone().run(partly(0.05, 100, 1)).then(theorem).failed(), Some(shape));
    assert_eq!(trap(1, 20.0, 40.0, 0.05, 1.0).then(theorem).failed(), Some(shape));
}

#[test]
fn can_be_violated() {
    let good = trap(1, 1.5, 4.0, 0.02, 60.0);
    assert!(good.then(&L2_IS_NOT_ENOUGH).holds(), "{}", good.then(&L2_IS_NOT_ENOUGH));
    assert!(good.with_bound_over(1e6, &L2_IS_NOT_ENOUGH).is_violated());
    // A sampler that sees no error stays at p: which is what truncation makes of it.
    let claim = good.sabotaged(lmc(0.02, 3000).clean(), &L2_IS_NOT_ENOUGH);
    assert!(claim.is_violated(), "{claim}");
}

/// With A = 5 B/2 the error falls like e^{-B^2/4}, in x = e^{B^2} with exponent -1/4, while the stationary distance tends to 1;
/// truncated, what is left of the error is at most the truncation.
#[test]
fn rate() {
    let found = measure(
        &[10.0, 12.0, 14.0, 16.0].map(|b: f64| (b * b).exp()),
        Asymptote::Large,
        Condition::AtMost(1.0),
        |_| Search::real(1e-40, 1.0),
        |x, epsilon| {
            let b = x.ln().sqrt();
            // eps = A sqrt(Phi(-B)), and Phi(-B) is about phi(B)/B: the power of B is taken off.
            Ok(epsilon * b.sqrt() / kick(b, 2.5 * b).epsilon())
        },
    );
    assert!(matches!(found.compare(-0.25, Better::Smaller, 0.005).word(), "matches" | "beaten"), "{found:?}");
    for b in [4.0, 5.0, 6.0] {
        assert!(kick(b, 2.5 * b).stationary_tv().lo() > 1.0 - 2.0 * (-b).exp());
    }
    let cut = Truncated::new(line_of(&[1.0], &[0.0]), 20.0, 1e-3, outward(1, 4.0, 0.0), 10.0).instance();
    let at = At { level: cut.level, clean: false, truncated: true };
    let (mut s, xs) = ([0.0; 3], [-1.0, 3.0, 5.0]);
    cut.field.eval(at, &xs, &mut s);
    assert!((s[0] - 1.0).abs() < 1e-12 && (s[1] + 3.0).abs() < 1e-12 && (s[2] + 5.0 - 1e-3).abs() < 1e-12, "{s:?}");
}
