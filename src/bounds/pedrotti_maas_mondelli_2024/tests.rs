//! Values of the reference file that belong to PMM-1 and PMM-2.

use super::*;
use crate::bounds::{Instance, Theorem};
use crate::divergences::{Divergence, fisher_information};
use crate::laws::{Law, Settings, Start};
use crate::numerics::{Interval, gauss_legendre};
use crate::processes::{NoiseLevel, Process};
use crate::samplers::Program;
use crate::scores::Damaged;
use crate::targets::{Covariance, Data, Density, Gaussian, Line, Mixture, Points, Target};
use nalgebra::{DMatrix, DVector};
use serde_json::Value;
use std::sync::Arc;

/// A value of the reference file as the nearest double.
pub(super) fn reference(id: &str) -> f64 {
    let all: Value =
        serde_json::from_str(include_str!("../../../paper_checks/reference/prediction_correction.json")).unwrap();
    all["values"][id]["value"].as_str().unwrap().parse().unwrap()
}

/// An enclosure holds a reference to within its rounding, and is narrow.
pub(super) fn assert_encloses(found: Interval, id: &str, relative: f64) {
    let expected = reference(id);
    assert!(found.widen(2.3e-16 * expected.abs()).contains(expected), "{id}: {found:?} does not hold {expected:?}");
    assert!(found.width() <= relative * expected.abs(), "{id}: {found:?} is wider than {relative:e}");
}

fn three_points() -> Data {
    let points = [-2.0, 0.5, 3.0].map(|x| DVector::from_element(1, x)).to_vec();
    Data::Points(Points::new(vec![0.3, 0.4, 0.3], points).unwrap())
}

fn mixture() -> Data {
    Data::Density(Density::Mixture(Mixture::scalar(&[0.3, 0.7], &[-2.0, 1.5], &[0.25, 0.64]).unwrap()))
}

/// Data at a time of OU without a sampler, beside a start.
fn at(data: &Data, t: f64, start: Density) -> Instance {
    let target: Arc<dyn Target> = Arc::new(data.clone());
    let field = Arc::new(Damaged::exact(Arc::clone(&target)));
    let nothing = Program { blocks: Vec::new() };
    Instance::new(target, Process::Ou.level(t), Start::Density(start), field, nothing, Settings::default())
}

fn prior() -> Density {
    Density::Gaussian(Gaussian::scalar(0.0, 1.0).unwrap())
}

fn warm(data: &Data, t: f64) -> Density {
    let level = Process::Ou.level(t);
    Density::Gaussian(Gaussian::isotropic(data.mean() * level.alpha, level.variance()).unwrap())
}

fn measured(theorem: &Theorem, at: &Instance) -> Interval {
    theorem.about.measured(at).unwrap().value
}

/// PMM-1: components, scores and their slopes at a level.
#[test]
fn laws_at_a_level() {
    let level = Process::Ou.level(0.7);
    for (data, of) in [(three_points(), "3pt"), (mixture(), "mix")] {
        let p = data.noised(level).unwrap();
        let Density::Mixture(noised) = &p else { panic!() };
        let line = Line::from(&p.as_mixture1().unwrap());
        let x = Interval::point(0.3);
        let near = |found: f64, id: &str| {
            let expected = reference(&format!("{of}_t0.7_{id}"));
            assert!((found - expected).abs() <= 4e-16 * (1.0 + expected.abs()), "{of} {id}: {found:?} {expected:?}");
        };
        if of == "3pt" {
            near(noised.components[0].mean[0], "m1");
            near(line.score(x).mid(), "score_x0.3");
        } else {
            near(line.ln_density(x).mid(), "logp_x0.3");
        }
        near(noised.components[1].variance(0), "v2");
        near(-line.curvature(x).mid(), "dscore_x0.3");
    }
}

/// PMM-2: the divergences at the start, both ways.
#[test]
fn divergences_at_the_start() {
    for (data, of, t) in [(three_points(), "3pt", 2.0), (mixture(), "mix", 1.0)] {
        let to = measured(&KL_TO_PRIOR, &at(&data, t, prior()));
        assert_encloses(to.widen(1e-15), &format!("{of}_KL_pT_gamma_T{t}"), 1e-10);
        let from = measured(&KL_FROM_PRIOR, &at(&data, 1.0, prior()));
        assert_encloses(from.widen(1e-15), &format!("{of}_KL_gamma_pT_T1"), 1e-10);
    }
    let warm = at(&mixture(), 1.0, warm(&mixture(), 1.0));
    assert_encloses(measured(&WARM_START_KL, &warm).widen(1e-15), "mix_KL_warm_pT_T1", 1e-10);
}

/// PMM-2 and PMM-3: the bounds.
#[test]
fn bounds_at_the_start_and_at_the_stop() {
    let three = three_points();
    let bound = |theorem: &Theorem, at: &Instance| (theorem.bound)(at).unwrap();
    assert_encloses(bound(&KL_TO_PRIOR, &at(&three, 1.0, prior())).value, "B_KLpg_3pt_T1", 1e-12);
    let ratio = bound(&WARM_START_KL, &at(&three, 1.0, warm(&three, 1.0)));
    let (name, d) = ratio.terms[0];
    assert_eq!(name, "D");
    assert_encloses(d, "B_warmD_3pt_T1", 1e-12);
    assert_encloses(bound(&EARLY_STOP_W2, &at(&three, 0.01, prior())).value, "early_3pt_d0.01", 1e-12);
}

/// J and G of PMM-13 at t = 1: the Fisher information, and `E (g')^2` by quadrature of the curvature.
#[test]
fn information_at_a_level() {
    let level = Process::Ou.level(1.0);
    let rule = gauss_legendre(20);
    let slope_square = |p: &Density| {
        let line = Line::from(&p.as_mixture1().unwrap());
        let f = |x: f64| (line.curvature(Interval::point(x)).sqr() * line.density(Interval::point(x))).mid();
        let cell = |k: i32| {
            let (a, half) = (0.25 * f64::from(k), 0.125);
            rule.nodes.iter().zip(&rule.weights).map(|(x, w)| half * w * f(a + half + half * x)).sum::<f64>()
        };
        (-44..44).map(cell).sum::<f64>()
    };
    let three = three_points().noised(level).unwrap();
    assert_encloses(fisher_information(&three).unwrap().value.widen(1e-15), "3pt_J_t1", 1e-11);
    for (p, id) in [(three, "3pt_G_t1"), (mixture().noised(level).unwrap(), "mix_G_t1")] {
        assert!((slope_square(&p) / reference(id) - 1.0).abs() < 1e-13, "{id}: {}", slope_square(&p));
    }
}

/// W2 of two Gaussians in the plane.
#[test]
fn bures_distance() {
    let law = |mean: [f64; 2], cov: [f64; 4]| {
        let cov = Covariance::Dense(DMatrix::from_row_slice(2, 2, &cov));
        Law::Closed(Density::Gaussian(Gaussian::new(DVector::from_row_slice(&mean), cov).unwrap()))
    };
    let (a, b) = (law([1.0, 0.0], [2.0, 0.5, 0.5, 1.0]), law([0.0, 0.5], [1.0, -0.3, -0.3, 1.5]));
    assert_encloses(Divergence::W2.between(&a, &b).unwrap().value, "W2_bures_2d", 1e-12);
}

/// Levels near the data and near pure noise keep the digits of what is small.
#[test]
fn levels_keep_their_digits() {
    for t in [1e-9, 1e-3, 0.3, 2.0, 12.0] {
        let found = OuLevel::of(Process::Ou.level(t), NoiseLevel::DATA).unwrap();
        let near = |x: Interval, y: f64| x.widen(1e-15 * y).contains(y) && x.width() < 1e-11 * y;
        assert!(
            near(found.u, (-2.0 * t).exp()) && near(found.q, -(-2.0 * t).exp_m1()) && near(found.time, t),
            "{found:?}"
        );
    }
    assert!(OuLevel::of(NoiseLevel { alpha: 1.0, sigma: 0.5 }, NoiseLevel::DATA).is_err());
}
