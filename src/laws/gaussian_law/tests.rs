//! Laws after N steps: at once against step by step, and against reference values.

use super::*;
use proptest::prelude::*;
use serde_json::Value;

fn reference(file: &str, id: &str) -> Value {
    let text = match file {
        "laws" => include_str!("../../../paper_checks/reference/laws.json"),
        _ => include_str!("../../../paper_checks/reference/langevin.json"),
    };
    let table: Value = serde_json::from_str(text).unwrap();
    table["values"].as_array().unwrap().iter().find(|e| e["id"] == id).unwrap().clone()
}

fn number(v: &Value) -> f64 {
    v.as_f64().unwrap_or_else(|| v.as_str().unwrap().parse().unwrap())
}

/// x -> h (slope x + offset) on the line, with the rounding of both products and of decimal inputs.
fn line_map(h: f64, slope: f64, offset: f64) -> Affine {
    let (b, c) = (h * slope, h * offset);
    Affine {
        matrix: DMatrix::from_element(1, 1, b),
        offset: DVector::from_element(1, c),
        matrix_error: 4.0 * f64::EPSILON * b.abs(),
        offset_error: 4.0 * f64::EPSILON * c.abs(),
    }
}

fn holds(interval: Interval, wanted: f64, relative: f64) -> bool {
    interval.widen(1e-16 * wanted.abs()).contains(wanted) && interval.width() <= relative * wanted.abs()
}

#[test]
fn a_thousand_steps_on_the_line_match_the_reference() {
    let entry = reference("laws", "gausslmc_N1000");
    let out = &entry["output"];
    let mut law = GaussianLaw::line(Interval::point(1.5), Interval::point(0.5));
    law.apply(&line_map(1e-3, -0.95, 0.1), (2e-3_f64).sqrt(), 1000);
    let GaussianLaw::Independent(found) = &law else { panic!("a law on the line is independent") };
    assert!(holds(found.mean[0], number(&out["mean"]), 1e-14), "{:?}", found.mean);
    assert!(holds(found.variance[0], number(&out["var"]), 1e-14), "{:?}", found.variance);

    let entry = reference("langevin", "l1");
    let out = &entry["output"];
    // s = -(x - 0.5)/0.8 + 0.2 + 0.1 x.
    let map = line_map(0.05, -1.15, 0.825);
    let mut law = GaussianLaw::line(Interval::point(-1.0), Interval::point(2.0));
    law.apply(&map, 0.1_f64.sqrt(), 37);
    // The map's own error of four units passes through 37 steps that cancel the start against the drift.
    assert!(holds(Interval::around(law.mean()[0], law.mean_error()), number(&out["mean"]), 3e-14));
    assert!(holds(Interval::around(law.cov()[(0, 0)], law.cov_error()), number(&out["var"]), 3e-14));
    law.apply(&map, 0.1_f64.sqrt(), 10_u64.pow(12));
    assert!(holds(Interval::around(law.mean()[0], law.mean_error()), number(&out["mean_inf"]), 1e-14));
    assert!(holds(Interval::around(law.cov()[(0, 0)], law.cov_error()), number(&out["var_inf"]), 1e-14));

    let entry = reference("langevin", "l2");
    let mut law = GaussianLaw::line(Interval::ZERO, Interval::ONE);
    law.apply(&line_map(0.05, -1.25, 0.0), 0.1_f64.sqrt(), 10_u64.pow(9));
    assert!(holds(Interval::around(law.cov()[(0, 0)], law.cov_error()), number(&entry["output"]["var"]), 1e-14));
}

/// The three-dimensional reference chain: target precision times -h plus the error's matrix.
pub(crate) fn reference_chain() -> (Affine, f64) {
    let cov = DMatrix::from_row_slice(3, 3, &[2.0, 0.5, 0.0, 0.5, 1.0, 0.2, 0.0, 0.2, 0.5]);
    let error = DMatrix::from_row_slice(3, 3, &[0.02, 0.05, -0.01, -0.03, 0.01, 0.02, 0.04, 0.0, -0.02]);
    let matrix = (error - cov.try_inverse().unwrap()) * 1e-5;
    let offset = DVector::from_vec(vec![0.1, -0.05, 0.02]) * 1e-5;
    let (matrix_error, offset_error) = (4e-16 * matrix.norm(), 2e-16 * offset.norm());
    (Affine { matrix, offset, matrix_error, offset_error }, 2e-5_f64.sqrt())
}

#[test]
fn a_million_steps_in_three_dimensions_match_the_reference() {
    let entry = reference("laws", "gausslmc3d_N1000000");
    let (map, noise) = reference_chain();
    let start = Gaussian::new(DVector::from_vec(vec![1.0, 1.0, -1.0]), Covariance::Isotropic(1.0)).unwrap();
    let mut law = GaussianLaw::exact(&start);
    law.apply(&map, noise, 1_000_000);
    let mean = DVector::from_fn(3, |i, _| number(&entry["output"]["mean"][i]));
    let cov = DMatrix::from_fn(3, 3, |i, j| number(&entry["output"]["cov"][i][j]));
    let (dm, dc) = ((law.mean() - mean).norm(), (law.cov() - cov).norm());
    assert!(
        dm <= law.mean_error() && dc <= law.cov_error(),
        "{dm:e} {:e} {dc:e} {:e}",
        law.mean_error(),
        law.cov_error()
    );
    assert!(law.mean_error() < 2e-14 && law.cov_error() < 2e-13, "{:e} {:e}", law.mean_error(), law.cov_error());
}

proptest! {
    /// A chain of `n` single steps and the same at once agree within the proved errors of both.
    #[test]
    fn n_steps_at_once_are_n_single_steps(
        entries in proptest::collection::vec(-0.4..0.4f64, 9),
        offset in proptest::collection::vec(-1.0..1.0f64, 3),
        h in 1e-3..0.9f64,
        n in 1..60u64,
    ) {
        let matrix = (DMatrix::from_row_slice(3, 3, &entries) - DMatrix::identity(3, 3)) * h;
        let map = Affine::exact(matrix, DVector::from_vec(offset) * h);
        let start = Gaussian::new(DVector::from_vec(vec![1.0, -2.0, 0.5]), Covariance::Isotropic(0.7)).unwrap();
        let (mut once, mut single) = (GaussianLaw::exact(&start), GaussianLaw::exact(&start));
        once.apply(&map, h.sqrt(), n);
        for _ in 0..n {
            single.apply(&map, h.sqrt(), 1);
        }
        prop_assert!((once.mean() - single.mean()).norm() <= once.mean_error() + single.mean_error());
        prop_assert!((once.cov() - single.cov()).norm() <= once.cov_error() + single.cov_error());
        // Tight enough to notice an error in the ninth digit.
        prop_assert!(once.mean_error() < 1e-11 && once.cov_error() < 1e-11, "{:e} {:e}", once.mean_error(), once.cov_error());
    }

    /// The same on the line, where drifts with 1 + b < 0 and b = 0 are included.
    #[test]
    fn geometric_sums_are_sums(b in -2.2..0.3f64, c in -1.0..1.0f64, n in 1..40u64, zero in 0..4u8) {
        let b = match zero { 0 => 0.0, 1 => -1.0, 2 => -2.0, _ => b };
        let map = Affine::exact(DMatrix::from_element(1, 1, b), DVector::from_element(1, c));
        let start = GaussianLaw::line(Interval::new(0.3, 0.3 + 1e-15), Interval::point(0.2));
        let (mut once, mut single) = (start.clone(), start);
        once.apply(&map, 0.5, n);
        for _ in 0..n {
            single.apply(&map, 0.5, 1);
        }
        let (GaussianLaw::Independent(x), GaussianLaw::Independent(y)) = (&once, &single) else { unreachable!() };
        prop_assert!(x.mean[0].overlaps(y.mean[0]), "{:?} {:?}", x.mean, y.mean);
        prop_assert!(x.variance[0].overlaps(y.variance[0]), "{:?} {:?}", x.variance, y.variance);
        prop_assert!(x.variance[0].width() <= 1e-12 * (1.0 + x.variance[0].hi()), "{:?}", x.variance);
    }

    /// A diagonal chain gives the same law through the full-covariance path.
    #[test]
    fn independent_and_full_paths_agree(b in proptest::collection::vec(-1.2..-0.01f64, 4), n in 1..5000u64) {
        let map = Affine::exact(DMatrix::from_diagonal(&DVector::from_vec(b)), DVector::from_element(4, 0.25));
        let start = Gaussian::new(DVector::from_element(4, 1.0), Covariance::Isotropic(2.0)).unwrap();
        let mut independent = GaussianLaw::exact(&start);
        let mut full = GaussianLaw::Dense(independent.to_dense());
        independent.apply(&map, 0.5, n);
        full.apply(&map, 0.5, n);
        prop_assert!((independent.mean() - full.mean()).norm() <= independent.mean_error() + full.mean_error());
        prop_assert!((independent.cov() - full.cov()).norm() <= independent.cov_error() + full.cov_error());
    }
}

#[test]
fn enclosures_shrink_where_the_chain_contracts() {
    // 20000 different steps, as along a reverse diffusion: the error must not grow by |b| per step.
    let mut law = GaussianLaw::line(Interval::around(1.0, 1e-6), Interval::around(2.0, 1e-6));
    for k in 0..20_000 {
        law.apply(&line_map(1e-3 * (1.0 + f64::from(k % 7)), -1.0, 0.5), 0.05, 1);
    }
    assert!(law.mean_error() < 1e-12 && law.cov_error() < 1e-12, "{:e} {:e}", law.mean_error(), law.cov_error());
    assert!((law.mean()[0] - 0.5).abs() <= law.mean_error());
}

#[test]
fn a_billion_tiny_steps_lose_nothing() {
    // h = 1e-9: the law of the Ornstein-Uhlenbeck process at time 1 up to O(h), but here the discrete chain exactly:
    // v_N = (1 - h)^{2N} v_0 + 2h (1 - (1-h)^{2N})/(1 - (1-h)^2), evaluated with (1-h)^{2N} = exp(2N ln(1-h)).
    let (h, n) = (1e-9, 10_u64.pow(9));
    let map = line_map(h, -1.0, 0.0);
    let mut line = GaussianLaw::line(Interval::ONE, Interval::point(3.0));
    line.apply(&map, (2.0 * h).sqrt(), n);
    let power = (2e9 * (-h).ln_1p()).exp();
    let wanted = 3.0 * power + (1.0 - power) / (1.0 - 0.5 * h);
    assert!((line.cov()[(0, 0)] - wanted).abs() < 1e-14 && line.cov_error() < 2e-14, "{:e}", line.cov_error());
    let mut full = GaussianLaw::Dense(line.to_dense());
    full = match full {
        GaussianLaw::Dense(mut law) => {
            law.mean[0] = 1.0;
            law.cov[(0, 0)] = 3.0;
            (law.mean_error, law.cov_error) = (0.0, 0.0);
            GaussianLaw::Dense(law)
        }
        other => other,
    };
    full.apply(&map, (2.0 * h).sqrt(), n);
    assert!(
        (full.cov()[(0, 0)] - wanted).abs() <= full.cov_error() + 1e-14 && full.cov_error() < 1e-13,
        "{:e}",
        full.cov_error()
    );
}
