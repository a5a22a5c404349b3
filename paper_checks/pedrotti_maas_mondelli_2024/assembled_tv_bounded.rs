//! PMM-15c. See `assembled_tv_bounded.md`.

use crate::correctors::three_atoms;
use crate::flows::*;
use crate::support::*;
use nalgebra::DVector;
use proptest::prelude::*;
use scorebound::bounds::pedrotti_maas_mondelli_2024::{
    ASSEMBLED_TV, ASSEMBLED_TV_BOUNDED, LMC_GIRSANOV, REVERSE_SDE_TV,
};
use scorebound::samplers::{Scheme, lmc as langevin};
use scorebound::targets::{Data, Density, Gaussian, Points, Target};

const THEOREM: &scorebound::bounds::Theorem = &ASSEMBLED_TV_BOUNDED;

fn by(horizon: f64, early: f64, (step, steps): (f64, u64)) -> Falling {
    sde(Scheme::Exponential, horizon, early, 12).after(step, steps)
}

/// From the warm start `N(a EX, q I)`.
fn warmly(by: &Falling, data: &Data) -> Given {
    let first = by.first();
    let start = Density::Gaussian(Gaussian::isotropic(data.mean() * first.alpha, first.variance()).unwrap());
    given_data(data.clone()).along(by.program(), by.last()).start(start)
}

/// Weights `w, 1 - w` at -r and r.
fn two(w: f64, r: f64) -> Data {
    Data::Points(Points::new(vec![w, 1.0 - w], [-r, r].map(|x| DVector::from_element(1, x)).to_vec()).unwrap())
}

/// One atom at `(x, ..., x)`.
fn one(d: usize, x: f64) -> Data {
    Data::product(vec![(Data::Points(Points::new(vec![1.0], vec![DVector::from_element(1, x)]).unwrap()), d as u64)])
        .unwrap()
}

/// `½ ln(1 + 2 R²)` and a hair.
fn enough(radius_sqr: f64) -> f64 {
    0.5 * (2.0 * radius_sqr).ln_1p() * (1.0 + 1e-12)
}

#[test]
fn restated_independently() {
    for (data, radius_sqr, more, c) in
        [(two(0.3, 1.0), 1.0, 0.0, 0.05), (three_atoms(), 6.25, 0.2, 0.02), (one(2, 0.4), 0.0, 0.6, 0.1)]
    {
        let horizon = enough(radius_sqr) + more;
        let d = Target::dim(&data);
        let by = by(horizon, 0.1, (0.02, 20));
        let at = warmly(&by, &data).error(constant(d), c);
        let claim = at.then(THEOREM);
        // G from the statement about the corrector alone, Disc from that about the path alone.
        let alone = warmly(&by, &data).along(langevin(0.02, 20, by.first()), by.first());
        let energy = alone.error(constant(d), c).then(&LMC_GIRSANOV).term("G");
        let disc = at.then(&REVERSE_SDE_TV).term("discretisation");
        let q = -(-2.0 * horizon).exp_m1();
        assert!(energy <= d as f64 / (q * q) * (1.0 + 1e-9), "{energy}");
        let (lsi, spread) = (q * 0.5_f64.exp(), (0.25_f64.exp() * 0.4 / 8.0).sqrt());
        let corrector = 0.125_f64.sqrt() * (-0.4 / lsi).exp() + (c + (0.02 * energy).sqrt()) * spread;
        let by_hand = corrector + c * (0.5 * (horizon - 0.1)).sqrt() + (0.5 * disc).sqrt();
        assert_close_to(claim.bound(), by_hand, 1e-8);
        assert!(claim.holds(), "{claim}");
        assert!(claim.term("start-rounding") < 1e-12, "{claim}");
    }
    // The constants of the theory page, rounded up.
    assert!(0.25_f64.exp() / 8.0 < 0.161 && 0.5_f64.exp() < 1.6488);
}

/// PMM-15 knows D, C and K_0 of the case at hand: it is never larger than with the constants that hold for all of them.
#[test]
fn no_case_is_worse_than_the_constants() {
    for (data, radius_sqr) in [(two(0.3, 1.0), 1.0), (three_atoms(), 6.25), (one(2, -0.3), 0.0)] {
        let by = by(enough(radius_sqr) + 0.1, 0.05, (0.01, 30));
        let at = warmly(&by, &data).error(constant(Target::dim(&data)), 0.05);
        let (own, general) = (at.then(&ASSEMBLED_TV), at.then(THEOREM));
        assert!(own.bound().lo() <= general.bound().hi(), "{own} {general}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]
    #[test]
    fn holds_where_it_should(d in 1..6usize, x in -1.0..1.0f64, w in 0.05..0.95f64, r in 0.1..2.5f64, more in 0.15..1.0f64, n in 1..12u64, c in 1e-3..0.3f64) {
        for (scheme, shape) in Scheme::ALL.into_iter().zip([constant(d), affine(d, -0.2), affine(d, 0.2)]) {
            let by = sde(scheme, more + 0.5, 0.05, 40).after(0.002, 40 * n);
            let claim = warmly(&by, &one(d, x)).error(shape, c).then(THEOREM);
            prop_assert!(claim.holds_or_vacuous(), "{claim}");
        }
        let scheme = Scheme::ALL[n as usize % 3];
        let by = sde(scheme, enough(r * r) + more, 0.1, 8).after(0.01, n);
        let claim = warmly(&by, &two(w, r)).error(fourier(1, 1.5), c).then(THEOREM);
        prop_assert!(claim.holds_or_vacuous(), "{claim}");
    }
}

#[test]
fn fails_when_a_hypothesis_is_dropped() {
    let data = two(0.3, 1.0);
    let by = by(enough(1.0), 0.1, (0.02, 10));
    let good = warmly(&by, &data).error(constant(1), 0.05);
    assert!(good.then(THEOREM).holds(), "{}", good.then(THEOREM));
    let says = "the sampler is the reverse SDE of OU or VP, after Langevin steps at the horizon or none";
    for program in [with_wrong_step(&by), with_late_steps(&by)] {
        assert_eq!(good.clone().run(program).then(THEOREM).failed(), Some(says));
    }
    let classical = Falling { corrector: (0.0, 0), ..by.clone() };
    assert_eq!(warmly(&classical, &data).then(THEOREM).failed(), Some("Langevin steps at the horizon come first"));
    // "the output is compared with p_delta as it is".
    is_compared_at_stop(&by, THEOREM);
    // A density has no bounded support here.
    let p = line(0.5, 0.8);
    let gaussian = warmly(&by, &Data::Density(p)).then(THEOREM);
    assert_eq!(gaussian.failed(), Some("|X - c| <= R < inf"));
    let soon = Falling { horizon: 0.99 * enough(1.0), ..by.clone() };
    assert_eq!(warmly(&soon, &data).then(THEOREM).failed(), Some("T1 >= (1/2) ln(1 + 2 R^2)"));
    let says = "the start is N(alpha E X, sigma^2 I) of the first level";
    for start in [normal(1, 0.0, 1.0), normal(1, 0.1, by.first().variance())] {
        assert_eq!(good.clone().start(start).then(THEOREM).failed(), Some(says));
    }
    // "delta > 0, or p has a density".
    let down = Falling { early: 0.0, ..by };
    assert_eq!(warmly(&down, &data).then(THEOREM).failed(), Some("delta > 0, or p has a density"));
    let says = "E|x|^2 < inf; J of p_t and E_{p_t} |e_t|^2 are known at every level";
    assert!(good.error(constant(1), 1e200).then(THEOREM).leaves_open(says));
    // "E_{p_t} |e_t|^2 <= epsilon^2 < inf at T1 and at every level of the path": what is left of it is T1, where the path begins.
}

#[test]
fn can_be_violated() {
    let by = sde(Scheme::Exponential, 1.0, 0.1, 400).after(1e-4, 30_000);
    let good = warmly(&by, &one(1, 0.5)).error(constant(1), 0.01);
    assert!(good.then(THEOREM).holds(), "{}", good.then(THEOREM));
    assert!(good.sabotaged(noisier(&by.program(), 1.5), THEOREM).is_violated());
    assert!(good.with_bound_over(1e6, THEOREM).is_violated());
}

/// Linear in epsilon at a fixed T1, once all steps are short and the corrector has mixed; and the same for any d and R at a horizon that
/// makes up for R.
#[test]
fn rate() {
    let of = |c: f64| {
        let by = sde(Scheme::ExponentialMinus, 1.0, 0.5, 3000).after(1e-6, 20_000_000);
        warmly(&by, &one(1, 0.0)).error(constant(1), c).then(THEOREM)
    };
    let (small, large) = (of(0.1), of(0.3));
    assert!((slope((0.1, small.bound().mid()), (0.3, large.bound().mid())) - 1.0).abs() < 0.03, "{small} {large}");
    let error = |d: u64, r: f64| {
        let data = Data::product(vec![(two(0.5, r), d)]).unwrap();
        let by = by(enough(d as f64 * r * r), 0.3, (1e-3, 3));
        let claim = warmly(&by, &data).error(constant(d as usize), 0.1).then(THEOREM);
        [claim.term("mixing"), claim.term("corrector: error")]
    };
    let ([mixing, seen], [mixing_far, seen_far]) = (error(1, 1.0), error(40, 5.0));
    assert!((mixing / mixing_far - 1.0).abs() < 0.01 && (seen / seen_far - 1.0).abs() < 1e-9);
}
