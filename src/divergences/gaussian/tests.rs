//! Divergences between Gaussians against reference values and the inequalities between them.

use super::*;
use crate::targets::{Covariance, Gaussian};
use nalgebra::{DMatrix, DVector};
use serde_json::Value;

const ALL: [(&str, Divergence); 7] = [
    ("tv", Divergence::Tv),
    ("kl10", Divergence::Kl),
    ("kl01", Divergence::KlReverse),
    ("chi2_10", Divergence::ChiSquared),
    ("renyi2_10", Divergence::Renyi2),
    ("hell2", Divergence::HellingerSquared),
    ("w2", Divergence::W2),
];

fn reference(file: &str) -> Vec<Value> {
    let text = match file {
        "laws" => include_str!("../../../paper_checks/reference/laws.json"),
        _ => include_str!("../../../paper_checks/reference/gaussians.json"),
    };
    let table: Value = serde_json::from_str(text).unwrap();
    table["values"].as_array().unwrap().clone()
}

/// A decimal string or a number as the nearest double.
fn number(v: &Value) -> f64 {
    v.as_f64().unwrap_or_else(|| v.as_str().unwrap().parse().unwrap())
}

fn vector(v: &Value) -> DVector<f64> {
    DVector::from_vec(v.as_array().unwrap().iter().map(number).collect())
}

fn matrix(v: &Value) -> DMatrix<f64> {
    let rows: Vec<Vec<f64>> =
        v.as_array().unwrap().iter().map(|r| r.as_array().unwrap().iter().map(number).collect()).collect();
    DMatrix::from_fn(rows.len(), rows.len(), |i, j| rows[i][j])
}

fn law(mean: DVector<f64>, cov: Covariance) -> GaussianLaw {
    GaussianLaw::exact(&Gaussian::new(mean, cov).unwrap())
}

/// The interval contains the reference up to the reference's own tolerance, and is not wider than `slack` times that.
fn check(id: &str, what: &str, found: &Measured, entry: &Value, slack: f64) {
    let Some(wanted) = entry["output"].get(what) else { return };
    let wanted = number(wanted);
    let tolerance = &entry["tolerance"][what];
    let part = |k: &str| tolerance.get(k).map_or(0.0, number);
    let tolerance = part("atol") + part("rtol") * wanted.abs();
    let value = found.value;
    if wanted.is_infinite() {
        assert_eq!(value, Interval::INFINITY, "{id} {what}");
        return;
    }
    eprintln!(
        "{id:20} {what:10} width/tol {:.3} error/tol {:.3} {found}",
        value.width() / tolerance,
        (value.mid() - wanted).abs() / tolerance
    );
    assert!(found.evidence.is_proved(), "{id} {what}: {found}");
    assert!(value.widen(tolerance).contains(wanted), "{id} {what}: {found} misses {wanted:e}");
    assert!(
        value.width() <= slack * tolerance,
        "{id} {what}: {found} is {:.1} tolerances wide",
        value.width() / tolerance
    );
}

#[test]
fn pairs_match_the_references() {
    for entry in reference("laws").iter().filter(|e| e["kind"] == "gauss_pair") {
        let (id, input) = (entry["id"].as_str().unwrap(), &entry["input"]);
        let p = law(vector(&input["m0"]), Covariance::Dense(matrix(&input["S0"])));
        let cov = match input.get("S1_sd") {
            Some(sd) => DMatrix::from_element(1, 1, number(sd).powi(2)),
            None => matrix(&input["S1"]),
        };
        let q = law(vector(&input["m1"]), Covariance::Dense(cov));
        for (what, divergence) in ALL.into_iter() {
            check(id, what, &between(divergence, &q, &p).unwrap(), entry, 1.0);
        }
    }
}

#[test]
fn diagonal_pairs_match_the_references() {
    for entry in reference("laws").iter().filter(|e| e["kind"] == "gauss_pair_diag") {
        let id = entry["id"].as_str().unwrap();
        let (scale, shift) = match id {
            "gaussdiag_d20_0.3" => (0.3, 0.1),
            "gaussdiag_d100_0.05" => (0.05, 0.05),
            other => panic!("unknown entry {other}"),
        };
        let d = entry["input"]["d"].as_u64().unwrap() as usize;
        let at = |i: usize| i as f64 + 1.0;
        let q = law(
            DVector::from_fn(d, |i, _| shift * at(i).sin()),
            Covariance::Diagonal(DVector::from_fn(d, |i, _| (scale * at(i).cos()).exp())),
        );
        let p = law(DVector::zeros(d), Covariance::Isotropic(1.0));
        for (what, divergence) in ALL {
            check(id, what, &between(divergence, &q, &p).unwrap(), entry, 1.0);
        }
    }
}

#[test]
fn products_match_the_references() {
    for entry in reference("laws").iter().filter(|e| e["kind"] == "product_gauss") {
        let id = entry["id"].as_str().unwrap();
        let (mean, variance) = match id {
            "gaussprod_d10" => (0.2, 1.3),
            "gaussprod_d1000" => (0.02, 1.03),
            "gaussprod_d1000000" => (0.0, 1.0005),
            "gaussprod_chi2_d1000" => (0.0, 1.05),
            other => panic!("unknown entry {other}"),
        };
        let copies = entry["input"]["d"].as_u64().unwrap();
        // The references are for the decimals; the doubles lie within half a unit in the last place of them, which 10^6 copies
        // of a ratio of 1.0005 turn into many tolerances.
        let decimal = |x: f64| if x == 0.0 { Interval::ZERO } else { Interval::new(x.next_down(), x.next_up()) };
        let q = GaussianLaw::line(decimal(mean), decimal(variance));
        let p = GaussianLaw::line(Interval::ZERO, Interval::ONE);
        for (what, divergence) in ALL.into_iter().chain([("log1p_chi2_10", Divergence::Renyi2)]) {
            check(
                id,
                what,
                &between_products(divergence, &[(&q, &p, copies)]).unwrap(),
                entry,
                if copies > 1000 { 20.0 } else { 1.0 },
            );
        }
    }
}
