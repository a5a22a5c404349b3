//! HRX-8. See `projection_tail.md`.

use crate::support::*;
use nalgebra::DVector;
use proptest::prelude::*;
use scorebound::bounds::han_razaviyayn_xu_2024::{PROJECTION_TAIL, mass_beyond};
use scorebound::processes::{NoiseLevel, Process};
use scorebound::targets::{Data, Points, tail_of_bounded};
use scorebound::verdicts::{Asymptote, Better, Condition, Search, rate as measure};

/// One atom at this distance from the origin.
fn atom(dim: usize, distance: f64) -> Data {
    let mut place = DVector::zeros(dim);
    place[0] = distance;
    Data::Points(Points::new(vec![1.0], vec![place]).unwrap())
}

/// P(Z > x).
fn upper(x: f64) -> f64 {
    0.5 * statrs::function::erf::erfc(x / std::f64::consts::SQRT_2)
}

#[test]
fn restated_independently() {
    // On the line: three atoms, D = 3.
    let t: f64 = 0.4;
    let (alpha, h) = ((-t).exp(), -(-2.0 * t).exp_m1());
    let radius = 3.0 * alpha + h.sqrt() + (2.0 * h * 10f64.ln()).sqrt();
    let claim = at_time(three_points(), t).then(&PROJECTION_TAIL);
    let beyond = |m: f64| upper((radius - alpha * m) / h.sqrt()) + upper((radius + alpha * m) / h.sqrt());
    assert!(claim.holds(), "{claim}");
    assert_close(claim.bound(), 0.1);
    assert_close(claim.measured(), 0.3 * beyond(-2.0) + 0.4 * beyond(0.5) + 0.3 * beyond(3.0));
    assert!((claim.term("R") - radius).abs() < 1e-12 && (claim.term("D") - 3.0).abs() < 1e-12, "{claim}");
    // In the plane and at the origin: an exponential.
    let level = NoiseLevel { alpha: 0.7, sigma: 1.3 };
    let claim = at_level(atom(2, 0.0), level).then(&PROJECTION_TAIL);
    let root = 2f64.sqrt() + (2.0 * 10f64.ln()).sqrt();
    assert_close(claim.measured(), (-0.5 * root * root).exp());
    // In space: `(r/m)(phi(r - m) - phi(r + m))` is the density of the norm.
    let claim = at_level(atom(3, 2.0), level).then(&PROJECTION_TAIL);
    let (m, phi) = (1.4 / 1.3, |x: f64| (-0.5 * x * x).exp() / std::f64::consts::TAU.sqrt());
    let r = m + 3f64.sqrt() + (2.0 * 10f64.ln()).sqrt();
    assert_close(claim.measured(), (phi(r - m) - phi(r + m)) / m + upper(r - m) + upper(r + m));
    // Blocks: the square of the norm is a sum.
    let blocks = Data::product(vec![(points(&[0.5, 0.5], &[0.0, 2.0]), 3)]).unwrap();
    let found = mass_beyond(&blocks, level, 4.0).unwrap();
    let each: f64 = [(1.0, 0.0), (3.0, 4.0), (3.0, 8.0), (1.0, 12.0)]
        .map(|(n, square): (f64, f64)| n / 8.0 * mass_beyond(&atom(3, square.sqrt()), level, 4.0).unwrap().mid())
        .iter()
        .sum();
    assert_close(found, each);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]
    #[test]
    fn holds_where_it_should(
        dim in 1..60usize, distance in 0.0..5.0f64, alpha in 0.05..1.0f64, sigma in 0.1..3.0f64, weight in 0.01..0.99f64,
        farther in 0.0..4.0f64,
    ) {
        let level = NoiseLevel { alpha, sigma };
        let far = atom(dim, distance);
        let two = Data::Points(Points::new(
            vec![weight, 1.0 - weight],
            vec![DVector::zeros(dim), DVector::from_element(dim, distance / (dim as f64).sqrt())],
        ).unwrap());
        for data in [far.clone(), two, Data::product(vec![(far, 2), (atoms(), 1)]).unwrap()] {
            let claim = at_level(data.clone(), level).then(&PROJECTION_TAIL);
            prop_assert!(claim.holds(), "{claim}");
            // At any other radius too.
            let radius = alpha * data.reach() + sigma * ((data.dim() as f64).sqrt() + farther);
            let (mass, bound) =
                (mass_beyond(&data, level, radius).unwrap(), tail_of_bounded(data.dim(), data.reach(), level, radius));
            prop_assert!(mass.hi() <= bound.lo(), "{mass} {bound}");
        }
    }
}

#[test]
fn fails_when_a_hypothesis_is_dropped() {
    assert!(at_time(atoms(), 0.5).then(&PROJECTION_TAIL).holds());
    let noise = "the level has alpha > 0 and sigma > 0";
    for level in [NoiseLevel::DATA, NoiseLevel { alpha: 0.0, sigma: 1.0 }] {
        assert_eq!(at_level(atoms(), level).then(&PROJECTION_TAIL).failed(), Some(noise));
    }
    let bounded = "the data are finitely many atoms, or independent blocks of such";
    assert_eq!(at_time(Data::Density(two_modes()), 0.5).then(&PROJECTION_TAIL).failed(), Some(bounded));
    let many = Data::product(vec![(atoms(), 8)]).unwrap();
    assert_eq!(at_time(many, 0.5).then(&PROJECTION_TAIL).failed(), Some(bounded));
    // Far atoms under next to no noise have no series.
    let far = at_level(atom(2, 1e4), NoiseLevel { alpha: 1.0, sigma: 0.1 }).then(&PROJECTION_TAIL);
    assert!(far.leaves_open("too far out"), "{far}");
}

#[test]
fn can_be_violated() {
    let good = at_time(atom(5, 2.0), 0.5);
    assert!(good.then(&PROJECTION_TAIL).holds());
    assert!(good.with_bound_over(1e6, &PROJECTION_TAIL).is_violated());
    // Without the sqrt(h d) the claim is false in many dimensions.
    let (level, dim) = (Process::Ou.level(0.5), 50);
    let radius = level.alpha * 2.0 + level.sigma * (2.0 * 10f64.ln()).sqrt();
    let claimed = (-(radius - level.alpha * 2.0).powi(2) / (2.0 * level.variance())).exp();
    assert!(mass_beyond(&atom(dim, 2.0), level, radius).unwrap().lo() > claimed);
    // Nor does the norm of the mean do in place of the largest norm.
    let far =
        Data::Points(Points::new(vec![0.5, 0.5], [-9.0, 9.0].map(|x| DVector::from_element(1, x)).to_vec()).unwrap());
    let radius = level.sigma * (1.0 + (2.0 * 10f64.ln()).sqrt());
    assert!(mass_beyond(&far, level, radius).unwrap().lo() > tail_of_bounded(1, 0.0, level, radius).hi());
}

/// `R ~ sqrt d` at a fixed probability.
#[test]
fn rate() {
    let stated = PROJECTION_TAIL.exponents.iter().find(|e| e.of == "radius" && e.in_ == "dim").unwrap().power;
    let stated = f64::from(stated.0) / f64::from(stated.1);
    let level = Process::Ou.level(0.5);
    let found = measure(
        &[1024.0, 4096.0, 16384.0, 65536.0],
        Asymptote::Large,
        Condition::AtMost(0.1),
        |_| Search::real(1.0, 1e4),
        |dim, radius| mass_beyond(&atom(dim as usize, 1.0), level, radius),
    );
    assert_eq!(found.compare(stated, Better::Smaller, 0.02).word(), "matches", "{found:?}");
}
