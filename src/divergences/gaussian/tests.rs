//! Divergences between Gaussians against reference values and the inequalities between them.

use super::*;
use crate::targets::{Covariance, Gaussian};
use nalgebra::{DMatrix, DVector};
use proptest::prelude::*;
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

/// How many tolerances (1e-13 relative) wide the divergences of a law after a million dense steps may be.
const LAW_SLACK: f64 = 60.0;

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
    if wanted.is_infinite() && entry["output"][what] != "inf" {
        // Finite, but beyond the largest double.
        assert!(value.lo() > 1.7e308 && value.hi() == f64::INFINITY, "{id} {what}: {found}");
        return;
    }
    if wanted.is_infinite() {
        assert_eq!(value, Interval::INFINITY, "{id} {what}");
        return;
    }
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
fn further_pairs_match_independent_values() {
    let entries = reference("gaussians");
    assert!(entries.len() >= 25);
    for entry in &entries {
        let (id, input) = (entry["id"].as_str().unwrap(), &entry["input"]);
        let p = law(vector(&input["m0"]), Covariance::Dense(matrix(&input["S0"])));
        let q = law(vector(&input["m1"]), Covariance::Dense(matrix(&input["S1"])));
        // The residuals of a whitening grow with the dimension.
        let slack = if q.dim() > 10 { 3.0 } else { 1.0 };
        for (what, divergence) in ALL {
            check(id, what, &between(divergence, &q, &p).unwrap(), entry, slack);
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

/// A thousand different variances and seven different shifts, `e = (i - 400)/2^{14 + j}` and `u = (i mod 7 - 3)/2^{10 + j}`, against
/// Gil-Pelaez inversions of `ln q/p` under q and p with 45 digits (mpmath, two spacings, equal to 30 digits).
#[test]
fn a_thousand_different_directions_match_independent_values() {
    let truths = [
        (0, "0.165387137060871350256033302589"),
        (4, "0.0104906381099141853887011022993"),
        (24, "0.0000000100101349729813462398890966401"),
    ];
    for (j, wanted) in truths {
        let wanted: f64 = wanted.parse().unwrap();
        let (variance, mean) = (2.0_f64.powi(-14 - j), 2.0_f64.powi(-10 - j));
        let q = law(
            DVector::from_fn(1000, |i, _| ((i % 7) as f64 - 3.0) * mean),
            Covariance::Diagonal(DVector::from_fn(1000, |i, _| 1.0 + (i as f64 - 400.0) * variance)),
        );
        let p = law(DVector::zeros(1000), Covariance::Isotropic(1.0));
        let found = between(Divergence::Tv, &q, &p).unwrap();
        assert!(found.evidence.is_proved(), "{j}: {found}");
        assert!(found.value.widen(wanted * f64::EPSILON).contains(wanted), "{j}: {found} misses {wanted:e}");
        assert!(found.value.width() <= 1e-13 * wanted, "{j}: {found}");
    }
}

fn pair_of(entries: &[f64], shift: &[f64], close: f64) -> (GaussianLaw, GaussianLaw) {
    let d = shift.len();
    let g = DMatrix::from_fn(d, d, |i, j| entries[i * d + j]);
    let h = DMatrix::from_fn(d, d, |i, j| entries[d * d + i * d + j]);
    let s0 = &g * g.transpose() + DMatrix::identity(d, d);
    let s1 = &s0 + (&h * h.transpose() - DMatrix::identity(d, d) * 0.4) * close;
    let half = |m: DMatrix<f64>| (&m + m.transpose()) * 0.5;
    let p = law(DVector::zeros(d), Covariance::Dense(half(s0)));
    let q = law(DVector::from_column_slice(shift) * close, Covariance::Dense(half(s1)));
    (q, p)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]
    /// Every inequality between the divergences holds, certified on both sides; TV and the Hellinger distance are symmetric and
    /// the two directions of KL and W2 are each other's reverse.
    #[test]
    fn inequalities_between_divergences_hold(
        entries in proptest::collection::vec(-1.0..1.0f64, 18),
        shift in proptest::collection::vec(-1.0..1.0f64, 3),
        exponent in 0..9i32,
    ) {
        let close = 10.0_f64.powi(-exponent);
        let (q, p) = pair_of(&entries, &shift, close);
        let of = |d, q: &GaussianLaw, p: &GaussianLaw| between(d, q, p).unwrap().value;
        let tv = of(Divergence::Tv, &q, &p);
        let kl = of(Divergence::Kl, &q, &p);
        let hellinger = of(Divergence::HellingerSquared, &q, &p);
        let chi2 = of(Divergence::ChiSquared, &q, &p);
        prop_assert!(tv.lo() >= 0.0 && kl.lo() >= 0.0 && hellinger.lo() >= 0.0 && chi2.lo() >= 0.0);
        // Pinsker, Hellinger on both sides, KL <= ln(1 + chi2).
        prop_assert!(tv.lo() <= (kl * 0.5).sqrt().hi());
        prop_assert!(hellinger.lo() <= tv.hi());
        prop_assert!(tv.lo() <= (hellinger * (2.0 - hellinger)).sqrt().hi());
        prop_assert!(kl.lo() <= of(Divergence::Renyi2, &q, &p).hi());
        for symmetric in [Divergence::Tv, Divergence::HellingerSquared, Divergence::W2] {
            let (there, back) = (of(symmetric, &q, &p), of(symmetric, &p, &q));
            prop_assert!(there.overlaps(back), "{symmetric:?} {there} {back}");
            prop_assert!(there.width() <= 1e-12 * there.hi(), "{symmetric:?} {there}");
        }
        prop_assert!(of(Divergence::Kl, &p, &q).overlaps(of(Divergence::KlReverse, &q, &p)));
    }

    #[test]
    fn a_law_is_at_distance_zero_from_itself(entries in proptest::collection::vec(-1.0..1.0f64, 18), shift in proptest::collection::vec(-1.0..1.0f64, 3)) {
        let (q, _) = pair_of(&entries, &shift, 1.0);
        for (what, divergence) in ALL {
            let value = between(divergence, &q, &q).unwrap().value;
            prop_assert_eq!(value, Interval::ZERO, "{}", what);
        }
    }

    /// The straight and the rotated contour enclose the same number.
    #[test]
    fn the_two_contours_agree(e in 0.05..0.3f64, u in 0.0..0.3f64, copies in 150..400u64) {
        let directions = [pinned::Exact::by_excess(e, u, copies)];
        let exact = pinned::Pinned { directions: directions.to_vec(), moved: 0.0 };
        let straight = super::super::tv_of_factors(&[(&GaussianFactor::pinned(&exact), 1)]).unwrap();
        let rotated = contour::total_variation(&directions, 0.5).unwrap();
        let error = rotated.discretisation + rotated.truncation;
        prop_assert!(straight.value.overlaps(rotated.sum.widen(error)), "{} {}", straight, rotated.sum);
        prop_assert!(error < 1e-16);
    }
}

#[test]
fn the_law_of_a_long_chain_matches_the_reference() {
    let laws = reference("laws");
    let entry = laws.iter().find(|e| e["id"] == "gausslmc3d_N1000000").unwrap();
    let cov = DMatrix::from_row_slice(3, 3, &[2.0, 0.5, 0.0, 0.5, 1.0, 0.2, 0.0, 0.2, 0.5]);
    let error = DMatrix::from_row_slice(3, 3, &[0.02, 0.05, -0.01, -0.03, 0.01, 0.02, 0.04, 0.0, -0.02]);
    let map = |h: f64| {
        let matrix = (&error - cov.clone().try_inverse().unwrap()) * h;
        let offset = DVector::from_vec(vec![0.1, -0.05, 0.02]) * h;
        let (matrix_error, offset_error) = (4e-16 * matrix.norm(), 2e-16 * offset.norm());
        crate::scores::Affine { matrix, offset, matrix_error, offset_error }
    };
    let mut q = law(DVector::from_vec(vec![1.0, 1.0, -1.0]), Covariance::Isotropic(1.0));
    q.apply(&map(1e-5), 2e-5_f64.sqrt(), 1_000_000);
    let p = law(DVector::zeros(3), Covariance::Dense(cov.clone()));
    for (what, divergence) in ALL {
        check("gausslmc3d", what, &between(divergence, &q, &p).unwrap(), entry, LAW_SLACK);
    }
    let entry = laws.iter().find(|e| e["id"] == "gausslmc_N1000").unwrap();
    let (b, c) = (1e-3 * -0.95, 1e-3 * 0.1);
    let map = crate::scores::Affine {
        matrix: DMatrix::from_element(1, 1, b),
        offset: DVector::from_element(1, c),
        matrix_error: 4e-16 * b.abs(),
        offset_error: 4e-16 * c,
    };
    let mut q = GaussianLaw::line(Interval::point(1.5), Interval::point(0.5));
    q.apply(&map, 2e-3_f64.sqrt(), 1000);
    let p = GaussianLaw::line(Interval::ZERO, Interval::ONE);
    for (what, divergence) in [("tv", Divergence::Tv), ("kl", Divergence::Kl), ("chi2", Divergence::ChiSquared)] {
        check("gausslmc", what, &between(divergence, &q, &p).unwrap(), entry, 1.0);
    }
}

#[test]
fn errors_of_the_laws_reach_the_divergences() {
    // A law known to 1e-9 only: the interval must contain the divergences of laws at both ends, and say so.
    let p = GaussianLaw::line(Interval::ZERO, Interval::ONE);
    let wide = GaussianLaw::line(Interval::around(0.3, 1e-9), Interval::around(1.4, 1e-9));
    let dense = |mean_error: f64, cov_error: f64, mean: f64, variance: f64| {
        GaussianLaw::Dense(crate::laws::DenseGaussian {
            mean: DVector::from_element(1, mean),
            cov: DMatrix::from_element(1, 1, variance),
            mean_error,
            cov_error,
        })
    };
    for (what, divergence) in ALL {
        for loose in [wide.clone(), dense(1e-9, 1e-9, 0.3, 1.4)] {
            let whole = between(divergence, &loose, &p).unwrap().value;
            assert!(whole.width() < 2e-8, "{what} {whole}");
            for (dm, dv) in [(1e-9, 1e-9), (-1e-9, 1e-9), (1e-9, -1e-9), (-1e-9, -1e-9)] {
                let end = GaussianLaw::line(Interval::point(0.3 + 0.99 * dm), Interval::point(1.4 + 0.99 * dv));
                let there = between(divergence, &end, &p).unwrap().value;
                assert!(whole.encloses(there), "{what}: {whole} does not contain {there}");
            }
        }
    }
}

#[test]
fn points_and_mismatches_are_answered() {
    let point = GaussianLaw::line(Interval::ONE, Interval::ZERO);
    let normal = GaussianLaw::line(Interval::ZERO, Interval::ONE);
    assert_eq!(between(Divergence::Tv, &point, &normal).unwrap().value, Interval::ONE);
    assert_eq!(between(Divergence::Kl, &point, &normal).unwrap().value, Interval::INFINITY);
    assert!(between(Divergence::W2, &point, &normal).unwrap().value.contains(2.0_f64.sqrt()));
    assert_eq!(between(Divergence::Tv, &point, &point).unwrap().value, Interval::ZERO);
    let plane = law(DVector::zeros(2), Covariance::Isotropic(1.0));
    for (_, divergence) in ALL {
        assert!(between(divergence, &plane, &normal).is_err());
    }
    // Whether chi^2 is finite cannot be decided: the interval says both.
    let edge = GaussianLaw::line(Interval::ZERO, Interval::around(2.0, 1e-12));
    let chi2 = between(Divergence::ChiSquared, &edge, &normal).unwrap().value;
    assert!(chi2.lo().is_finite() && chi2.lo() > 1e5 && chi2.hi() == f64::INFINITY, "{chi2}");
}

/// Twice the covariance: the integral of q^2/p diverges in every direction, with no rounding to hide behind.
#[test]
fn twice_the_covariance_is_seen_exactly() {
    let of =
        |c: f64| law(DVector::zeros(2), Covariance::Dense(DMatrix::from_row_slice(2, 2, &[2.0, 0.5, 0.5, 1.0]) * c));
    for divergence in [Divergence::ChiSquared, Divergence::Renyi2] {
        assert_eq!(between(divergence, &of(2.0), &of(1.0)).unwrap().value, Interval::INFINITY);
        assert!(between(divergence, &of(1.9), &of(1.0)).unwrap().value.is_finite());
    }
}

/// Covariances so ill-conditioned that the optimal map is not found still leave the means and the traces.
#[test]
fn ill_conditioned_pairs_keep_the_shift_of_the_means() {
    let q = law(
        DVector::from_vec(vec![-482_119.095_358_047_2, 598_848.330_473_382_6, 39_720.995_460_896_294]),
        Covariance::Dense(DMatrix::from_row_slice(
            3,
            3,
            &[
                0.178_899_360_205_438_84,
                0.002_025_502_223_983_367_6,
                -0.461_512_156_736_437_86,
                0.002_025_502_223_983_367_6,
                0.010_344_614_845_103_104,
                0.014_799_985_069_835_117,
                -0.461_512_156_736_437_86,
                0.014_799_985_069_835_117,
                1.633_316_451_989_177_6,
            ],
        )),
    );
    let p = law(
        DVector::from_vec(vec![-482_119.312_679_978_26, 598_846.212_634_627_6, 39_722.107_481_658_99]),
        Covariance::Dense(DMatrix::from_row_slice(
            3,
            3,
            &[
                518.015_591_355_393_2,
                -904.233_916_053_064_4,
                640.211_582_202_068_7,
                -904.233_916_053_064_4,
                1_585.235_807_912_168,
                -1_117.846_364_337_506_7,
                640.211_582_202_068_7,
                -1_117.846_364_337_506_7,
                791.268_029_958_528_4,
            ],
        )),
    );
    let w2 = between(Divergence::W2, &q, &p).unwrap().value;
    assert!(w2.contains(53.347) && w2.lo() > 50.0, "{w2}");
}
