//! Descents do not depend on threads, hardly on the precision, and stop when they diverge.

use super::super::network::tests::{labels, points};
use super::super::{Start, coupled, operator_norm, tangent_kernel};
use super::{Network, Precision, Regime, Training, TrainingError, TrainingSettings};
use nalgebra::DMatrix;

fn settings(step: f64) -> TrainingSettings {
    TrainingSettings { step, precision: Precision::Double, regime: Regime::Network }
}

fn start(width: usize) -> Network {
    Network::draw(4, 2, width, Start::Antisymmetric, 11, 0).unwrap()
}

/// 1/(largest eigenvalue) of the tangent kernel at the start.
fn step(network: &Network, z: &DMatrix<f64>) -> f64 {
    1.0 / operator_norm(&tangent_kernel(network, z, z).unwrap())
}

#[test]
fn a_step_is_the_gradient_step() {
    let (network, z, y) = (start(24), points(4, 33), labels(33, 2));
    let mut descent = Training::new(network.clone(), &z, y.clone(), settings(0.01)).unwrap();
    assert_eq!(descent.residual(), &-&y);
    let mut weights = network.weights().clone();
    let mut sum = 0.0;
    for k in 0..5 {
        assert_eq!(descent.steps(), k);
        let now = Network::new(weights.clone(), network.signs().clone()).unwrap();
        let residual = now.eval(&z) - &y;
        assert!((descent.residual() - &residual).amax() < 1e-13 && (descent.residual_sum() - sum).abs() < 1e-12);
        sum += residual.norm();
        weights -= now.gradient(&z, &residual) * 0.01;
        descent.advance().unwrap();
        assert!((descent.network().weights() - &weights).amax() < 1e-14);
    }
}

/// A descent after some of its steps.
#[derive(Debug, PartialEq)]
struct Seen {
    step: u64,
    residual: f64,
    residual_sum: f64,
    displacement: f64,
    displacement_bound: f64,
    train: DMatrix<f64>,
    test: DMatrix<f64>,
    network: Network,
}

fn seen(mut run: Training, labels: &DMatrix<f64>, test: &DMatrix<f64>, steps: &[u64]) -> Vec<Seen> {
    let after = |&step: &u64| {
        run.advance_to(step, &mut |_, _| ()).unwrap();
        Seen {
            step: run.steps(),
            residual: run.residual_norm(),
            residual_sum: run.residual_sum(),
            displacement: run.displacement(),
            displacement_bound: run.displacement_bound(),
            train: run.residual() + labels,
            test: run.eval(test),
            network: run.network().clone(),
        }
    };
    steps.iter().map(after).collect()
}

fn run(precision: Precision, regime: Regime) -> Vec<Seen> {
    let (network, z, test) = (start(1028), points(4, 133), points(4, 150).columns(133, 17).into_owned());
    let (settings, y) = (TrainingSettings { step: step(&network, &z), precision, regime }, labels(133, 2));
    seen(Training::new(network, &z, y.clone(), settings).unwrap(), &y, &test, &[0, 1, 20])
}

#[test]
fn threads_leave_the_bits_alone() {
    for precision in [Precision::Single, Precision::Double] {
        for regime in [Regime::Network, Regime::Linearised] {
            let with = |threads| {
                let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
                pool.install(|| run(precision, regime))
            };
            let one = with(1);
            assert_eq!(one, with(2));
            assert_eq!(one, with(5));
        }
    }
}

#[test]
fn single_precision_is_double_precision_to_six_digits() {
    let [single, double] = [Precision::Single, Precision::Double].map(|precision| run(precision, Regime::Network));
    assert_eq!(single[0].train, double[0].train);
    let gap = (&single[2].test - &double[2].test).amax();
    assert!(gap > 0.0 && gap < 3e-6, "{gap}");
    assert!((single[2].residual_sum / double[2].residual_sum - 1.0).abs() < 1e-6);
}

#[test]
fn checkpoints_keep_the_path() {
    let path = run(Precision::Double, Regime::Network);
    assert_eq!(path.iter().map(|point| point.step).collect::<Vec<_>>(), [0, 1, 20]);
    let first = labels(133, 2).norm();
    assert_eq!((path[0].residual, path[0].residual_sum, path[0].displacement), (first, 0.0, 0.0));
    assert_eq!((path[1].residual_sum, path[0].test.amax()), (first, 0.0));
    assert!(path[2].residual < path[1].residual && path[1].residual < first);
    for point in &path {
        assert!((&point.train - labels(133, 2)).norm() == point.residual || point.step > 0);
        assert!(((&point.train - labels(133, 2)).norm() / point.residual - 1.0).abs() < 1e-12);
        assert!(point.displacement <= point.displacement_bound && (point.step == 0 || point.displacement > 0.0));
    }
    let mut heard = Vec::new();
    let (network, z) = (start(16), points(4, 10));
    let mut descent = Training::new(network, &z, labels(10, 2), settings(0.01)).unwrap();
    descent.advance_to(3, &mut |k, norm| heard.push((k, norm))).unwrap();
    assert_eq!(heard.iter().map(|(k, _)| *k).collect::<Vec<_>>(), [1, 2, 3]);
    assert_eq!(heard[2].1, descent.residual_norm());
    assert_eq!(descent.advance_to(2, &mut |_, _| ()), Err(TrainingError::Backwards { at: 3, to: 2 }));
}

#[test]
fn the_linearised_descent_is_that_of_the_tangent_kernel() {
    for (begin, width) in [(Start::Antisymmetric, 200), (Start::Independent, 203)] {
        let network = Network::draw(4, 2, width, begin, 12, 0).unwrap();
        let (z, y, test) = (points(4, 30), labels(30, 2), points(4, 40).columns(30, 10).into_owned());
        let kernel = tangent_kernel(&network, &z, &z).unwrap();
        let step = 1.0 / operator_norm(&kernel);
        let settings = TrainingSettings { regime: Regime::Linearised, ..settings(step) };
        let path = seen(Training::new(network.clone(), &z, y.clone(), settings).unwrap(), &y, &test, &[7, 300]);
        // The limit plays no part here: zeros in its place.
        let [square, cross] = [(30, 30), (10, 30)].map(|(rows, columns)| DMatrix::zeros(rows, columns));
        let pairs = coupled(&kernel, &square, &(&y - network.eval(&z)), step, &[7, 300]).unwrap();
        for (point, pair) in path.iter().zip(&pairs) {
            let [moved, _] = pair.moved(&tangent_kernel(&network, &test, &z).unwrap(), &cross).unwrap();
            assert!((&point.test - (network.eval(&test) + moved)).amax() < 1e-11);
            assert!((point.residual_sum / pair.linear_sum - 1.0).abs() < 1e-12);
            assert!(point.displacement <= point.displacement_bound);
        }
    }
}

#[test]
fn divergence_stops_with_its_step() {
    for (precision, regime) in [(Precision::Double, Regime::Linearised), (Precision::Single, Regime::Linearised)] {
        let (network, z) = (start(64), points(4, 20));
        let settings = TrainingSettings { step: 5.0 * step(&network, &z), precision, regime };
        let mut descent = Training::new(network, &z, labels(20, 2), settings).unwrap();
        match descent.advance_to(1000, &mut |_, _| ()).unwrap_err() {
            TrainingError::Diverged { steps, residual, first, .. } => {
                assert!(steps < 20 && residual > 1e3 * first, "{steps} {residual}");
            }
            other => panic!("{other}"),
        }
    }
    // Weights beyond the largest number of the passes: their products are infinite or not numbers, never 0.
    for (precision, step) in [(Precision::Double, 1e300), (Precision::Double, 1e308), (Precision::Single, 1e45)] {
        let settings = TrainingSettings { precision, ..settings(step) };
        let mut hot = Training::new(start(64), &points(4, 20), labels(20, 2), settings).unwrap();
        let text = hot.advance_to(3, &mut |_, _| ()).unwrap_err().to_string();
        let begins = format!("gradient descent diverged: after 1 steps of {step:e} the residual is ");
        assert!(text.starts_with(&begins), "{text}");
    }
}

#[test]
fn what_does_not_fit_is_refused() {
    let refused = |z: DMatrix<f64>, y: DMatrix<f64>, step: f64| Training::new(start(8), &z, y, settings(step)).err();
    let shape = |what, found, expected| Some(TrainingError::Shape { what, found, expected });
    assert_eq!(refused(points(3, 5), labels(5, 2), 0.1), shape("rows of the inputs", 3, 4));
    assert_eq!(refused(points(4, 5), labels(6, 2), 0.1), shape("rows of the labels", 6, 5));
    assert_eq!(refused(points(4, 5), labels(5, 1), 0.1), shape("columns of the labels", 1, 2));
    assert_eq!(refused(points(4, 5), labels(5, 2), 0.0), Some(TrainingError::Step { step: 0.0 }));
    let mut missing = labels(5, 2);
    missing[3] = f64::NAN;
    assert!(matches!(refused(points(4, 5), missing, 0.1), Some(TrainingError::Diverged { steps: 0, .. })));
}
