//! Mixtures in several dimensions against independent references, and where the truth is known.

use super::{Parts, bracket::Bracket, moments};
use crate::divergences::Divergence;
use crate::laws::Law;
use crate::numerics::{Interval, Measured};
use crate::targets::{Covariance, Density, Gaussian, Mixture, Product};
use nalgebra::{DMatrix, DVector};
use serde_json::Value;

const F_DIVERGENCES: [Divergence; 5] =
    [Divergence::Tv, Divergence::Kl, Divergence::KlReverse, Divergence::ChiSquared, Divergence::HellingerSquared];

fn reference() -> Vec<Value> {
    let text = include_str!("../../../paper_checks/reference/mixtures.json");
    let all: Value = serde_json::from_str(text).unwrap();
    all["values"].as_array().unwrap().clone()
}

fn numbers(v: &Value) -> Vec<f64> {
    v.as_array().unwrap().iter().map(|x| x.as_f64().unwrap()).collect()
}

fn list(law: &Value) -> Vec<(f64, DVector<f64>, DMatrix<f64>)> {
    let (means, covs) = (law["means"].as_array().unwrap(), law["covs"].as_array().unwrap());
    let weights = numbers(&law["weights"]);
    let d = means[0].as_array().unwrap().len();
    let cov = |c: &Value| {
        let rows: Vec<f64> = c.as_array().unwrap().iter().flat_map(numbers).collect();
        DMatrix::from_row_slice(d, d, &rows)
    };
    let one = |i: usize| (weights[i], DVector::from_vec(numbers(&means[i])), cov(&covs[i]));
    (0..weights.len()).map(one).collect()
}

fn density(parts: Vec<(f64, DVector<f64>, DMatrix<f64>)>) -> Density {
    let weights = parts.iter().map(|p| p.0).collect();
    let components = parts.into_iter().map(|(_, m, s)| Gaussian::new(m, Covariance::Dense(s)).unwrap()).collect();
    Density::Mixture(Mixture::new(weights, components).unwrap())
}

fn measure(divergence: Divergence, q: &Density, p: &Density) -> Measured {
    divergence.between(&Law::Closed(q.clone()), &Law::Closed(p.clone())).unwrap()
}

fn expected(case: &Value, divergence: Divergence) -> Option<(f64, f64)> {
    let entry = &case["expected"][divergence.name()];
    Some((entry["value"].as_f64()?, entry["tolerance"].as_f64()?))
}

#[test]
fn intervals_contain_the_references_and_are_proved() {
    for case in reference() {
        let (q, p) = (density(list(&case["q"])), density(list(&case["p"])));
        for divergence in F_DIVERGENCES {
            let Some((value, tolerance)) = expected(&case, divergence) else { continue };
            let found = measure(divergence, &q, &p);
            assert!(found.evidence.is_proved() && !found.ledger.terms().is_empty(), "{divergence} {found}");
            let what = format!("{} {divergence}: {found} against {value} +- {tolerance}", case["id"]);
            assert!(found.value.widen(tolerance).contains(value), "{what}");
            // Bounds of a divergence are not much use when they are trivial.
            assert!(found.value.lo() > 0.2 * value && found.value.hi() < 6.0 * value, "{what}");
            // In the plane they are narrow, relative to a large value.
            let narrow = if divergence == Divergence::Tv { 1e-7 } else { 1e-10 * value.max(1.0) };
            assert!(case["dim"] != 2 || found.value.width() < narrow, "{what}");
        }
    }
}

/// The same laws with a Gaussian of three more coordinates, carried by a linear map of R^5: no f-divergence changes.
#[test]
fn an_invertible_map_of_five_coordinates_changes_nothing() {
    let map = DMatrix::from_row_slice(
        5,
        5,
        &[
            1.0, 0.5, -0.3, 0.2, 0.0, 0.0, 1.0, 0.4, -0.1, 0.6, 0.7, 0.0, 1.0, 0.3, 0.1, 0.0, -0.4, 0.2, 1.0, 0.5, 0.3,
            0.1, 0.0, -0.2, 1.0,
        ],
    );
    let lift = |parts: Vec<(f64, DVector<f64>, DMatrix<f64>)>| {
        density(
            parts
                .into_iter()
                .map(|(w, m, s)| {
                    let mut mean = DVector::zeros(5);
                    mean.rows_mut(0, 2).copy_from(&m);
                    let mut cov = DMatrix::identity(5, 5);
                    cov.view_mut((0, 0), (2, 2)).copy_from(&s);
                    let cov = &map * cov * map.transpose();
                    (w, &map * mean, (&cov + cov.transpose()) * 0.5)
                })
                .collect(),
        )
    };
    for case in reference().iter().filter(|case| case["dim"] == 2 && case["id"] != "scales-apart") {
        let (q, p) = (lift(list(&case["q"])), lift(list(&case["p"])));
        for divergence in F_DIVERGENCES {
            let found = measure(divergence, &q, &p);
            assert!(found.evidence.is_proved(), "{divergence} {found}");
            let Some((value, tolerance)) = expected(case, divergence) else { continue };
            let what = format!("{} {divergence}: {found} against {value}", case["id"]);
            assert!(found.value.widen(tolerance + 1e-12).contains(value), "{what}");
            assert!(found.value.lo() > 0.1 * value, "{what}");
        }
    }
}

/// `W2(law of X + a, law of X) = |a|`, and that of a law stretched about the origin follows from its second moment.
#[test]
fn translations_and_dilations_have_known_w2() {
    for case in reference() {
        let parts = list(&case["q"]);
        let d = parts[0].1.len();
        let shift = DVector::from_fn(d, |i, _| 0.7 - 0.4 * i as f64);
        let moved = parts.iter().map(|(w, m, s)| (*w, m + &shift, s.clone())).collect();
        let (p, q) = (density(parts.clone()), density(moved));
        let found = measure(Divergence::W2, &q, &p);
        let truth = shift.norm();
        assert!(found.evidence.is_proved() && found.value.widen(1e-12 * truth).contains(truth), "{found} {truth}");
        assert!(found.value.width() < 1e-5 * truth, "{}: {found} {truth}", case["id"]);
        let scaled = density(parts.iter().map(|(w, m, s)| (*w, m * 1.5, s * 2.25)).collect());
        let second: f64 = parts.iter().map(|(w, m, s)| w * (m.norm_squared() + s.trace())).sum();
        let truth = 0.5 * second.sqrt();
        let found = measure(Divergence::W2, &scaled, &p);
        assert!(found.value.widen(1e-12 * truth).contains(truth) && found.value.lo() > 0.5 * truth, "{found} {truth}");
    }
}

fn isotropic(weights: &[f64], means: &[&[f64]], variances: &[f64]) -> Density {
    let one = |(m, v): (&&[f64], &f64)| Gaussian::isotropic(DVector::from_column_slice(m), *v).unwrap();
    Density::Mixture(Mixture::new(weights.to_vec(), means.iter().zip(variances).map(one).collect()).unwrap())
}

#[test]
fn identical_laws_are_at_distance_zero() {
    let law = isotropic(&[0.2, 0.3, 0.5], &[&[0.0, 0.0], &[3.0, 0.0], &[0.0, 3.0]], &[1.0, 0.5, 2.0]);
    let parts = Parts::of(&law, 9).unwrap();
    // The same law with its components in another order is not equal to the eye.
    let other = isotropic(&[0.5, 0.3, 0.2], &[&[0.0, 3.0], &[3.0, 0.0], &[0.0, 0.0]], &[2.0, 0.5, 1.0]);
    for divergence in Divergence::ALL {
        assert_eq!(measure(divergence, &law, &law).value, Interval::ZERO);
        let found = measure(divergence, &other, &law);
        let least = if divergence == Divergence::W2 { 1e-6 } else { 1e-12 };
        assert!(found.value.lo() <= 0.0 && found.value.hi() < least, "{divergence}: {found}");
    }
    assert!(moments::w2(&parts, &parts).value.hi() < 1e-6);
}

#[test]
fn laws_far_apart_are_told_apart() {
    for d in [2, 3, 6] {
        let at = |i: usize, x: f64| (0..d).map(|k| if k == i { x } else { 0.0 }).collect::<Vec<f64>>();
        let law = |x: f64| {
            let means: Vec<Vec<f64>> = (0..d).map(|i| at(i, x)).collect();
            let means: Vec<&[f64]> = means.iter().map(|m| &m[..]).collect();
            isotropic(&vec![1.0 / d as f64; d], &means, &vec![0.01; d])
        };
        let tv = measure(Divergence::Tv, &law(1.0), &law(9.0)).value;
        assert!(tv.lo() > 0.999 && tv.hi() <= 1.0, "{d}: {tv}");
    }
}

#[test]
fn infinite_chi_squared_is_told_from_finite_and_from_undecided() {
    for d in [2, 3] {
        let at = |i: usize, x: f64| (0..d).map(|k| if k == i { x } else { 0.0 }).collect::<Vec<f64>>();
        let law = |variance: f64| {
            let means = [at(0, 0.0), at(0, 2.0), at(1, 2.0)];
            isotropic(&[0.3, 0.3, 0.4], &[&means[0], &means[1], &means[2]], &[1.0, 0.8, variance])
        };
        for divergence in [Divergence::ChiSquared, Divergence::Renyi2] {
            assert_eq!(measure(divergence, &law(2.1), &law(1.0)).value.lo(), f64::INFINITY);
            let finite = measure(divergence, &law(1.9), &law(1.0)).value;
            assert!(finite.is_finite() && finite.lo() > 0.0, "{finite}");
        }
    }
    // Along one direction neither component of p is wide enough for the second one of q.
    let case = reference().into_iter().find(|c| c["id"] == "correlated-opposite").unwrap();
    let chi = measure(Divergence::ChiSquared, &density(list(&case["q"])), &density(list(&case["p"]))).value;
    assert_eq!(chi.lo(), f64::INFINITY);
    // Neither component of p bounds q alone, but both together do: known from below only.
    let q = isotropic(&[0.5, 0.5], &[&[0.0, 0.0], &[1.0, 0.7]], &[1.0, 0.9]);
    let one = |x: f64, a: f64, b: f64| {
        (0.5, DVector::from_vec(vec![x, 0.3]), DMatrix::from_row_slice(2, 2, &[a, 0.0, 0.0, b]))
    };
    let chi = measure(Divergence::ChiSquared, &q, &density(vec![one(0.0, 4.0, 0.3), one(0.5, 0.3, 4.0)])).value;
    assert!(chi.lo() > 0.1 && chi.lo() < 1e6 && chi.hi() == f64::INFINITY, "{chi}");
}

/// A single Gaussian as the reference has a closed form in any dimension.
#[test]
fn chi_squared_against_a_gaussian_is_narrow() {
    let q = isotropic(&[0.4, 0.6], &[&[0.0, 0.0, 0.0, 0.0], &[1.0, 0.5, 0.0, -0.5]], &[1.0, 0.7]);
    let cov = DMatrix::from_fn(4, 4, |i, j| if i == j { 1.2 } else { 0.1 });
    let p = Density::Gaussian(Gaussian::new(DVector::zeros(4), Covariance::Dense(cov)).unwrap());
    let found = measure(Divergence::ChiSquared, &q, &p);
    // The closed form in NumPy; a tensor Gauss-Hermite rule with 40 nodes agrees.
    let truth = 1.0325659232967201;
    assert!(found.evidence.is_proved() && found.value.width() < 1e-12, "{found}");
    assert!(found.value.widen(1e-13).contains(truth), "{found}");
    let wide = isotropic(&[1.0], &[&[0.0, 0.0, 0.0, 0.0]], &[1.2]);
    assert!(measure(Divergence::ChiSquared, &q, &wide).value.is_finite());
}

/// Products whose blocks do not match are multiplied out.
#[test]
fn products_are_multiplied_out() {
    let line = |a: f64| Density::Mixture(Mixture::scalar(&[0.5, 0.5], &[-a, a], &[1.0, 1.0]).unwrap());
    let square = Density::Product(Product::new(vec![(line(1.0), 2)]).unwrap());
    let corners = isotropic(&[0.25; 4], &[&[1.0, 1.0], &[1.0, -1.0], &[-1.0, 1.0], &[-1.0, -1.0]], &[1.0; 4]);
    for divergence in F_DIVERGENCES {
        let found = measure(divergence, &square, &corners);
        assert!(found.value.lo() <= 1e-15 && found.value.hi() < 1e-9, "{divergence}: {found}");
    }
}

/// Projections and couplings by themselves, whether or not the plane offers more.
#[test]
fn projections_and_couplings_hold_the_references() {
    for case in reference() {
        let (q, p) = (density(list(&case["q"])), density(list(&case["p"])));
        for divergence in F_DIVERGENCES {
            let Some((value, tolerance)) = expected(&case, divergence) else { continue };
            let crude = Bracket::of(&Parts::of(&q, 9).unwrap(), &Parts::of(&p, 9).unwrap(), divergence);
            let crude = crude.get(divergence);
            assert!(crude.widen(tolerance).contains(value), "{} {divergence}: {crude} {value}", case["id"]);
        }
    }
}
