//! Designs draw what they say, whatever the threads; their factors bound what they should.

use super::{Design, DesignError, Sample, TimeMeasure};
use crate::numerics::{Interval, Mean, Measured};
use crate::processes::{Process, Rate};
use crate::targets::{BoundedData, BoxMixture, Points};
use nalgebra::DVector;

fn points(points: &[&[f64]]) -> BoundedData {
    let weights = vec![1.0 / points.len() as f64; points.len()];
    BoundedData::Points(Points::new(weights, points.iter().map(|x| DVector::from_column_slice(x)).collect()).unwrap())
}

fn two() -> BoundedData {
    points(&[&[-1.0], &[1.0]])
}

fn cube() -> BoundedData {
    let means = vec![DVector::from_vec(vec![0.2, -0.6, 0.9]), DVector::from_vec(vec![-0.4, 0.1, 0.3])];
    BoundedData::Box(BoxMixture::new(vec![0.5, 0.5], means, vec![0.25, 0.5], 1.0).unwrap())
}

fn design(process: Process, measure: TimeMeasure) -> Design {
    Design::new(process, (0.1, 2.0), measure, true).unwrap()
}

fn vp() -> Process {
    Process::Vp(Rate::linear(0.5, 4.0, 2.0))
}

const MEASURES: [TimeMeasure; 2] = [TimeMeasure::UniformTime, TimeMeasure::UniformSnr];

#[test]
fn times_have_their_law() {
    for process in [Process::Ou, Process::Ve, vp()] {
        let (time, snr) = (design(process.clone(), MEASURES[0]), design(process.clone(), MEASURES[1]));
        for u in [0.0, 0.1, 0.5, 0.97, 1.0] {
            assert!((time.time(u) - (0.1 + 1.9 * u)).abs() < 1e-15);
            let (most, least) = snr.snr_range();
            let expected = most + u * (least - most);
            assert!((process.level(snr.time(u)).snr() / expected - 1.0).abs() < 1e-12, "{u} {process:?}");
        }
    }
    // OU by hand: t = ln(1 + 1/gamma)/2.
    let snr = design(Process::Ou, TimeMeasure::UniformSnr);
    let (most, least) = snr.snr_range();
    let gamma = 0.7 * most + 0.3 * least;
    assert!((snr.time(0.3) - 0.5 * (1.0 / gamma).ln_1p()).abs() < 1e-15);
    let single = Design::new(Process::Ou, (0.5, 0.5), TimeMeasure::UniformSnr, true).unwrap();
    assert_eq!((single.time(0.0), single.time(0.9)), (0.5, 0.5));
}

#[test]
fn impossible_designs_are_refused() {
    let falling = Process::Vp(Rate::linear(2.0, 1.0, 1.0));
    for (process, early, horizon) in [
        (Process::Ou, 0.0, 1.0),
        (Process::Ou, 2.0, 1.0),
        (Process::Ou, 0.1, f64::INFINITY),
        (Process::Ou, f64::NAN, 1.0),
        (falling, 0.1, 2.5),
    ] {
        let found = Design::new(process, (early, horizon), TimeMeasure::UniformTime, false);
        assert!(matches!(found, Err(DesignError::Times { .. })), "{early} {horizon}");
    }
}

/// Inputs, posteriors and labels belong together; the noise of the labels is centred and has its variances (6 standard errors).
#[test]
fn a_sample_is_what_it_says() {
    for (data, measure, bias) in [(two(), MEASURES[0], true), (cube(), MEASURES[1], false), (cube(), MEASURES[0], true)]
    {
        let design = Design::new(Process::Ou, (0.1, 2.0), measure, bias).unwrap();
        let (n, d) = (4000, data.dim());
        let sample = design.draw(&data, n, (7, "train", 0));
        assert_eq!(sample.inputs.shape(), (d + 1 + usize::from(bias), n));
        assert_eq!((sample.clean.shape(), sample.variances.shape(), sample.len()), ((n, d), (n, d), n));
        for j in [0, 17, n - 1] {
            let x: Vec<f64> = sample.noised.row(j).iter().copied().collect();
            let mut z = vec![0.0; design.input_dim(d)];
            design.write_input(sample.times[j], &x, &mut z);
            assert_eq!(sample.inputs.column(j).as_slice(), z);
            assert_eq!(z[d], sample.times[j] - 0.1);
            let at = data.posterior(design.level(sample.times[j]), &x);
            assert_eq!(sample.regression.row(j).transpose(), at.mean);
            assert_eq!(sample.variances.row(j).transpose(), at.covariance.diagonal());
        }
        let noise = sample.noise();
        let root = (n as f64).sqrt();
        for c in 0..d {
            let (centre, spread) = (noise.column(c).mean(), sample.variances.column(c).mean());
            assert!(centre.abs() < 6.0 * spread.sqrt() / root, "{c}: {centre}");
            let gap = noise.column(c).map(|e| e * e).mean() - spread;
            // Squares of noise lie in [0, 4 D^2].
            assert!(gap.abs() < 6.0 * (4.0 * data.radius().powi(2) * spread).sqrt() / root, "{c}: {gap}");
        }
        let traces = sample.traces();
        assert!((traces.iter().sum::<f64>() / (n * d) as f64 - sample.rms_deviation().powi(2)).abs() < 1e-13);
        assert!(
            sample.largest_deviation() >= sample.rms_deviation() && sample.largest_deviation() <= 0.5 * data.diameter()
        );
    }
}

/// HRX-4, sample by sample: `s_f - grad ln p(X_t | X_0) = a (f - X_0)` for the exact regression.
#[test]
fn score_matching_is_regression() {
    let (data, design) = (cube(), design(Process::Ou, TimeMeasure::UniformTime));
    let sample = design.draw(&data, 50, (3, "train", 1));
    for j in 0..sample.len() {
        let level = design.level(sample.times[j]);
        let x: Vec<f64> = sample.noised.row(j).iter().copied().collect();
        let mut score = vec![0.0; 3];
        data.scores(level, &x, &mut score);
        for c in 0..3 {
            let conditional = (level.alpha * sample.clean[(j, c)] - x[c]) / level.variance();
            let expected = level.gain() * (sample.regression[(j, c)] - sample.clean[(j, c)]);
            assert!((score[c] - conditional - expected).abs() < 1e-13 * (1.0 + score[c].abs() + conditional.abs()));
        }
    }
}

#[test]
fn draws_depend_on_their_name_alone() {
    let (data, design) = (cube(), design(vp(), TimeMeasure::UniformSnr));
    let with = |threads: usize, n: usize| -> Sample {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| design.draw(&data, n, (11, "train", 4)))
    };
    let sample = with(1, 200);
    assert_eq!(sample, with(3, 200));
    let first = with(2, 50);
    assert_eq!(first.times[..], sample.times[..50]);
    assert_eq!(first.inputs, sample.inputs.columns(0, 50).into_owned());
    for other in [(11, "train", 5), (11, "test", 4), (12, "train", 4)] {
        assert_ne!(design.draw(&data, 5, other).times, first.times[..5]);
    }
}

/// The mean noise: quadrature against draws, and under the uniform ratio it is the information gained (HRX-6, HRX-7).
#[test]
fn mean_noise_is_information() {
    for process in [Process::Ou, Process::Ve, vp()] {
        for measure in MEASURES {
            let design = design(process.clone(), measure);
            let found = design.mean_noise_on_line(&two()).unwrap();
            let drawn = Mean::of(design.draw(&two(), 20_000, (5, "test", 0)).traces());
            // Five standard errors: a false alarm in a million.
            let apart = (drawn.value - found.value.mid()).abs();
            assert!(apart < 5.0 * drawn.standard_error() && apart < 0.03, "{found} {drawn:?}");
            match (measure, design.most_mean_noise(&two())) {
                (TimeMeasure::UniformTime, bound) => assert_eq!(bound, None),
                (TimeMeasure::UniformSnr, bound) => {
                    let information = |t: f64| two().information_on_line(design.level(t)).unwrap().value.mid();
                    let (most, least) = design.snr_range();
                    let expected = 2.0 * (information(0.1) - information(2.0)) / (most - least);
                    assert!((found.value.mid() - expected).abs() < 1e-11, "{found} {expected} {process:?}");
                    assert!(found.value.hi() <= bound.unwrap());
                }
            }
        }
    }
    assert!(design(Process::Ou, MEASURES[0]).mean_noise_on_line(&cube()).is_none());
}

/// HRX-7: `a(T0)^2` is 24.9 at T0 = 0.1 and 2500 at T0 = 0.01; errors integrated over time are below the factors times the
/// mean squared error, and the uniform ratio makes the path divergence equal.
#[test]
fn factors_bound_what_the_error_becomes() {
    let gain = |early: f64| {
        let design = Design::new(Process::Ou, (early, early + 1.0), TimeMeasure::UniformTime, true).unwrap();
        design.score_error_factor()
    };
    assert!((gain(0.1) - 24.9).abs() < 0.05 && (gain(0.01) - 2500.0).abs() < 5.0, "{} {}", gain(0.1), gain(0.01));
    // An error E|f - f_*|^2 of some shape in time.
    let error = |t: f64| 0.02 + (t - 0.7).powi(2) + (-3.0 * t).exp();
    for process in [Process::Ou, Process::Ve, vp()] {
        let uniform = design(process.clone(), TimeMeasure::UniformTime);
        let mean = |design: &Design, f: &dyn Fn(f64) -> f64| {
            let found = design.mean_over_time(|t| Some(Measured::exact(Interval::point(f(t))))).unwrap().value;
            // The estimate is that of half the nodes.
            assert!(found.width() < 1e-6 * found.mid(), "{found}");
            found.mid()
        };
        let square = |t: f64| process.level(t).gain().powi(2) * error(t);
        let score = 1.9 * mean(&uniform, &square);
        let path = 1.9 * mean(&uniform, &|t| 0.5 * process.noise_rates(t, t).0 * square(t));
        for measure in MEASURES {
            let design = design(process.clone(), measure);
            let mse = mean(&design, &error);
            assert!(score <= design.score_error_factor() * mse * (1.0 + 1e-9), "{process:?} {measure:?}");
            let bound = design.path_kl_factor() * mse;
            assert!(path <= bound * (1.0 + 1e-9), "{process:?} {measure:?}: {path} {bound}");
            if measure == TimeMeasure::UniformSnr {
                assert!((path / bound - 1.0).abs() < 1e-9, "{process:?}: {path} {bound}");
            }
        }
    }
}

/// Times spread in their logarithms: one in each share, and their weighted means are integrals over time.
#[test]
fn times_spread_in_their_logarithms() {
    for process in [Process::Ou, Process::Ve, vp()] {
        for measure in MEASURES {
            let design = Design::new(process.clone(), (0.001, 2.0), measure, true).unwrap();
            let n = 4000;
            let sample = design.draw_in_logarithm(&two(), n, (5, "test", 0));
            let length = (2.0_f64 / 0.001).ln();
            for (j, t) in sample.times.iter().enumerate() {
                let share = (t / 0.001).ln() / length * n as f64 - j as f64;
                assert!((-1e-9..=1.0 + 1e-9).contains(&share), "{j}: {t}");
            }
            // int t^-2 dt = 999.5; with one point in each share the error is of order n^{-3/2}.
            let found = Mean::of(sample.times.iter().map(|t| length / t)).value;
            assert!((found / 999.5 - 1.0).abs() < 1e-3, "{found}");
            let level = design.level(sample.times[7]);
            let x: Vec<f64> = sample.noised.row(7).iter().copied().collect();
            assert_eq!(sample.regression[(7, 0)], two().posterior(level, &x).mean[0]);
        }
    }
    let single = Design::new(Process::Ou, (0.5, 0.5), TimeMeasure::UniformTime, true).unwrap();
    assert_eq!(single.draw_in_logarithm(&two(), 3, (5, "test", 0)).times, [0.5; 3]);
}
