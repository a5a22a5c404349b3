//! Constants enclose reference values and known closed forms.

use super::Constants;
use crate::numerics::Interval;
use crate::targets::{Density, Mixture};

fn line(w: &[f64], m: &[f64], v: &[f64]) -> Density {
    Density::Mixture(Mixture::scalar(w, m, v).unwrap())
}

fn within(found: f64, expected: f64, relative: f64) {
    assert!((found / expected - 1.0).abs() <= relative, "{found} {expected}");
}

/// Entry s1 of the reference values: 0.5 N(-1.5, 1) + 0.5 N(1.5, 1).
#[test]
fn reference_values_of_the_symmetric_mixture() {
    let text = include_str!("../../../paper_checks/reference/langevin.json");
    let table: serde_json::Value = serde_json::from_str(text).unwrap();
    let entry = table["values"].as_array().unwrap().iter().find(|e| e["id"] == "s1").unwrap();
    let value = |name: &str| entry["output"][name].as_str().unwrap().parse::<f64>().unwrap();
    let c = Constants::of(&line(&[0.5, 0.5], &[-1.5, 1.5], &[1.0, 1.0]));
    assert!(c.lipschitz.value.contains(value("L")));
    within(c.lipschitz.value.lo(), value("L"), 1e-12);
    within(c.poincare.value.hi(), value("C_P_upper"), 1e-6);
    within(c.lsi.value.hi(), value("C_LS_upper"), 1e-6);
    assert!(c.poincare.value.contains(value("C_P")));
    within(c.poincare.value.lo(), value("C_P"), 1e-7);
    within(super::ball::bounds(Interval::point(2.25)).0, value("kim_milman"), 1e-13);
    assert!(c.second_moment.contains(3.25) && c.second_moment.width() < 1e-13);
}
