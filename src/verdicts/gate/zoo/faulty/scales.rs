//! A wrong number, a wrong matrix, a wrong weight.

use super::super::drawing::{each, normal, on_line};
use super::super::laws::{gaussian, isotropic, modes};
use super::super::line_laws::{Alone, RoundedDown, coordinate};
use super::super::{Faulty, Wrong};
use nalgebra::{Matrix2, Vector2};
use rand::RngExt;

pub(super) const ALL: [Faulty; 9] = [
    Faulty {
        name: "variance-one-percent",
        fault: "the variance of 100 data is divided by n - 1 where the law has n: 1 % too large",
        story: "no report of this one found; Rust's first ziggurat used the wrong neighbours in its table, and the variance of its normals was a little off \
            (rust-lang/rust#10084)",
        build: variance_one_percent,
    },
    Faulty {
        name: "variance-as-sd",
        fault: "the variance stands where the standard deviation belongs",
        story: "`Distributions.jl` drew the mean of a NormalGamma so (JuliaStats/Distributions.jl#263); `LDpred` did in a Gibbs sampler, where results \
            \"did not seem to change\" (bvilhjal/ldpred#111)",
        build: variance_as_sd,
    },
    Faulty {
        name: "mean-not-added",
        fault: "one method returns L z and forgets the mean",
        story: "`rand(MultivariateNormal([6, 1], I), 1000)` of an early `Distributions.jl` had mean 0 (JuliaStats/Distributions.jl#36)",
        build: mean_not_added,
    },
    Faulty {
        name: "cholesky-transposed",
        fault: "z L in place of z L^T: variances move between the coordinates",
        story: "`Generator.multivariate_normal` of NumPy 1.18 with `method=\"cholesky\"`; the default was right, so tests passed (numpy/numpy#15871)",
        build: cholesky_transposed,
    },
    Faulty {
        name: "solve-transposed",
        fault: "L^-1 u in place of L^-T u, L being the factor of the precision",
        story: "momenta of Stan with a dense metric (stan-dev/stan#2671); aehmc had the same bug five years later (aesara-devs/aehmc#92)",
        build: solve_transposed,
    },
    Faulty {
        name: "mode-weight-two-percent",
        fault: "weights are smoothed like labels, by 0.1: 0.3 becomes 0.32",
        story: "a layer of TensorFlow Probability sends what it is given through a softmax: 1/3, 0, 2/3 became 0.32, 0.23, 0.45 (tensorflow/probability#1727)",
        build: mode_weight,
    },
    Faulty {
        name: "weights-ignored",
        fault: "a component is chosen uniformly, whatever its weight",
        story: "no report of a normal mixture found; OpenMC's `Mixture.sample` ignored that its parts may weigh differently (openmc-dev/openmc#2165)",
        build: weights_ignored,
    },
    Faulty {
        name: "rounds-down",
        fault: "numbers are made 8-bit integers by a cast, which rounds down: half a step of 1/255 is lost on average",
        story: "a Gibbs sampler returned integers, since every draw was cast to the type of the array it was put into (numpy/numpy#11093)",
        build: rounds_down,
    },
    Faulty {
        name: "noise-over-coordinates",
        fault: "noise of shape (n, 1) is broadcast: the second half of the noise is the same number in all coordinates",
        story: "an information bottleneck drew noise of shape (batch, 1, 1, 1), and every neuron got the same number (BioroboticsLab/IBA#17)",
        build: noise_over_coordinates,
    },
];

fn variance_one_percent() -> Result<Wrong, String> {
    // Data with mean 0 and variance 1.
    let data: Vec<f64> = (0..100).map(|k| (f64::from(k) - 49.5) / (9999.0f64 / 12.0).sqrt()).collect();
    let spread = (data.iter().map(|x| x * x).sum::<f64>() / (data.len() as f64 - 1.0)).sqrt();
    let draw = each(3, move |source, x| x.iter_mut().for_each(|x| *x = spread * normal(source)));
    Ok(Wrong::density(&isotropic(3, 0.0, 1.0)?, isotropic(3, 0.0, 100.0 / 99.0)?, draw))
}

fn variance_as_sd() -> Result<Wrong, String> {
    let variance = 0.81;
    let draw = on_line(move |source| 2.0 + variance * normal(source));
    Ok(Wrong::density(&isotropic(1, 2.0, 0.81)?, isotropic(1, 2.0, 0.81 * 0.81)?, draw))
}

const COV: [f64; 3] = [2.0, 0.8, 1.0];

/// The lower factor of the covariance.
fn factor() -> Matrix2<f64> {
    let [a, b, c] = COV;
    let l = a.sqrt();
    Matrix2::new(l, 0.0, b / l, (c - b * b / a).sqrt())
}

fn covariance() -> nalgebra::DMatrix<f64> {
    let [a, b, c] = COV;
    nalgebra::DMatrix::from_row_slice(2, 2, &[a, b, b, c])
}

fn mean_not_added() -> Result<Wrong, String> {
    let l = factor();
    let draw =
        each(2, move |source, x| x.copy_from_slice((l * Vector2::new(normal(source), normal(source))).as_slice()));
    Ok(Wrong::density(&gaussian(&[0.3, -0.2], covariance())?, gaussian(&[0.0, 0.0], covariance())?, draw))
}

fn cholesky_transposed() -> Result<Wrong, String> {
    let l = factor();
    let draw = each(2, move |source, x| {
        let z = Vector2::new(normal(source), normal(source));
        // z as a row: z L.
        x.copy_from_slice((l.transpose() * z).as_slice());
    });
    // L^T L.
    let [a, b, c] = COV;
    let (p, q, r) = (a, b * b / a, c - b * b / a);
    let wrong = nalgebra::DMatrix::from_row_slice(2, 2, &[p + q, (q * r).sqrt(), (q * r).sqrt(), r]);
    Ok(Wrong::density(&gaussian(&[0.0, 0.0], covariance())?, gaussian(&[0.0, 0.0], wrong)?, draw))
}

fn solve_transposed() -> Result<Wrong, String> {
    // The factor of the precision.
    let l = factor();
    let draw = each(2, move |source, x| {
        x[0] = normal(source) / l[(0, 0)];
        x[1] = (normal(source) - l[(1, 0)] * x[0]) / l[(1, 1)];
    });
    let [a, b, c] = COV;
    let det = a * c - b * b;
    let right = nalgebra::DMatrix::from_row_slice(2, 2, &[c / det, -b / det, -b / det, a / det]);
    // (L^T L)^-1, L^T L being [[a + q, s], [s, r]] with determinant a r = det.
    let (q, r) = (b * b / a, c - b * b / a);
    let s = (q * r).sqrt();
    let wrong = nalgebra::DMatrix::from_row_slice(2, 2, &[r / det, -s / det, -s / det, (a + q) / det]);
    Ok(Wrong::density(&gaussian(&[0.0, 0.0], right)?, gaussian(&[0.0, 0.0], wrong)?, draw))
}

fn mode_weight() -> Result<Wrong, String> {
    let (weights, smoothing) = ([0.3, 0.7], 0.1);
    let draw = on_line(move |source| {
        let smooth = |w: f64| (1.0 - smoothing) * w + smoothing / weights.len() as f64;
        let first = source.random::<f64>() < smooth(weights[0]);
        (if first { -2.0 } else { 2.0 }) + 0.7 * normal(source)
    });
    let law = |w: f64| modes(&[(w, -2.0, 0.49), (1.0 - w, 2.0, 0.49)]);
    Ok(Wrong::density(&law(0.3)?, law(0.32)?, draw))
}

fn weights_ignored() -> Result<Wrong, String> {
    let means = [-3.0, 0.0, 3.0];
    let draw = on_line(move |source| means[source.random_range(0..means.len())] + normal(source));
    let law = |w: [f64; 3]| modes(&[(w[0], means[0], 1.0), (w[1], means[1], 1.0), (w[2], means[2], 1.0)]);
    let third = 1.0 / 3.0;
    Ok(Wrong::density(&law([0.25, 0.5, 0.25])?, law([third, third, 1.0 - 2.0 * third])?, draw))
}

fn rounds_down() -> Result<Wrong, String> {
    let right = isotropic(1, 0.5, 0.0064)?;
    let draw = on_line(|source| f64::from((255.0 * (0.5 + 0.08 * normal(source))) as u8) / 255.0);
    let law = Alone::of(RoundedDown { law: coordinate(&right)?, step: 1.0 / 255.0 });
    Ok(Wrong::line(&right, law, draw))
}

fn noise_over_coordinates() -> Result<Wrong, String> {
    let draw = each(3, |source, x| {
        let shared = normal(source);
        x.iter_mut().for_each(|x| *x = (normal(source) + shared) / 2f64.sqrt());
    });
    let cov = nalgebra::DMatrix::from_fn(3, 3, |i, j| if i == j { 1.0 } else { 0.5 });
    Ok(Wrong::density(&isotropic(3, 0.0, 1.0)?, gaussian(&[0.0; 3], cov)?, draw))
}
