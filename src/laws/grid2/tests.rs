//! The tensor grids: mass, what they refuse, and how honest their differences are.

use super::{Closed2, Grid2};
use crate::laws::{Engine, Law, Propagate, Settings, Start, carry, plan};
use crate::numerics::Interval;
use crate::processes::NoiseLevel;
use crate::samplers::{Program, lmc};
use crate::scores::errors::{Fourier, Random, Window};
use crate::scores::{Damaged, Direction, ErrorShape, Size, calibrate};
use crate::targets::{Density, Gaussian, Mixture, Points};
use nalgebra::DVector;
use std::sync::Arc;

fn normal(mean: [f64; 2], variance: f64) -> Gaussian {
    Gaussian::isotropic(DVector::from_row_slice(&mean), variance).unwrap()
}

fn mixture(parts: &[(f64, [f64; 2], f64)]) -> Density {
    let components = parts.iter().map(|&(_, mean, variance)| normal(mean, variance)).collect();
    Density::Mixture(Mixture::new(parts.iter().map(|p| p.0).collect(), components).unwrap())
}

fn three_modes() -> Density {
    mixture(&[(0.3, [-1.5, 0.0], 0.6), (0.4, [1.0, 1.2], 0.8), (0.3, [0.8, -1.4], 0.5)])
}

fn damaged(shape: Arc<dyn ErrorShape>, amplitude: f64) -> Damaged {
    calibrate(Arc::new(three_modes()), shape, Size::Amplitude(amplitude), &[NoiseLevel::DATA]).unwrap()
}

fn wave() -> Damaged {
    damaged(Arc::new(Fourier { dim: 2, frequency: 1.5, phase: 0.0 }), 0.3)
}

fn carried(start: &Density, program: &Program, field: &Damaged) -> Grid2 {
    let mut law = Grid2::new(start).unwrap();
    law.run(program, field).unwrap();
    law
}

#[test]
fn mass_is_conserved() {
    let start = Density::Gaussian(normal([0.3, 0.1], 1.2));
    for (h, n) in [(0.3, 10), (0.02, 40)] {
        let law = carried(&start, &lmc(h, n, NoiseLevel::DATA), &wave());
        let masses = law.expectations(&mut |_, out| out.fill(1.0));
        assert!((masses[0] - 1.0).abs() < 1e-12 && masses.iter().all(|m| (m - 1.0).abs() < 1e-10), "{masses:?}");
        assert!(law.lost() < 1e-12, "{:e}", law.lost());
    }
}

/// The same steps in one run, one by one, and from atoms whose first step is a mixture.
#[test]
fn steps_may_be_taken_one_by_one() {
    let points =
        Points::new(vec![0.5, 0.5], vec![DVector::from_vec(vec![0.4, 0.0]), DVector::from_vec(vec![-0.2, 0.3])]);
    let (program, field) = (lmc(0.05, 8, NoiseLevel::DATA), wave());
    let planned = plan(&Start::Points(points.unwrap()), &program, &field, &Settings::default()).unwrap();
    assert_eq!(planned.engine, Engine::Grid);
    let (mut at_once, mut single) = (planned.start.clone(), planned.start);
    at_once.run(&program, &field).unwrap();
    (0..8).for_each(|_| single.step(&program.blocks[0].kernel, &field).unwrap());
    let Law::Approximate { law, .. } = &at_once else { panic!("not from atoms") };
    assert!(matches!(**law, Law::Grid2(_)));
    assert!((at_once.mean() - single.mean()).norm() < 1e-13 && (at_once.cov() - single.cov()).norm() < 1e-13);
}

#[test]
fn laws_do_not_depend_on_threads() {
    let (start, program, field) = (Density::Gaussian(normal([0.0, 0.0], 1.0)), lmc(0.1, 3, NoiseLevel::DATA), wave());
    let run = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| {
            let law = carried(&start, &program, &field);
            (law.expectations(&mut |xs, out| out.copy_from_slice(&xs[..out.len()])), law.mean(), law.cov())
        })
    };
    assert_eq!(run(1), run(3));
}

/// Grids so coarse that their errors show: what they report covers their distance from the finest ones, for smooth errors and for
/// a sharp edge.
#[test]
fn differences_cover_the_errors_of_coarse_grids() {
    let start = Density::Gaussian(normal([0.3, 0.1], 1.2));
    let program = lmc(0.1, 10, NoiseLevel::DATA);
    let edge = |edge: f64, turn: f64| -> Arc<dyn ErrorShape> {
        let direction = Direction::explicit(DVector::from_vec(vec![turn.cos(), turn.sin()]));
        Arc::new(Window { direction, lo: -0.31, hi: Some(0.9), edge })
    };
    let random = |seed: u64| -> Arc<dyn ErrorShape> { Arc::new(Random::new(2, 8, 1.5, seed)) };
    let mut cases: Vec<Arc<dyn ErrorShape>> = (0..3).map(random).collect();
    cases.extend([(0.2, 0.4), (0.05, 1.0), (0.0, 0.0), (0.0, 0.3), (0.0, 1.2)].map(|(w, t)| edge(w, t)));
    for (i, shape) in cases.into_iter().enumerate() {
        let field = damaged(shape, 0.8);
        let at = |fineness: f64| {
            let mut law = Grid2::with(&Closed2::new(&start).unwrap(), fineness);
            law.advance(&program.blocks, &field).unwrap();
            law
        };
        let best = at(0.5);
        for fineness in [1.0, 1.6] {
            let law = at(fineness);
            let axes = best.compared(best.scale() / super::COMPARED);
            let (a, b) = (law.density(0, &axes), best.density(0, &axes));
            let apart = 0.5 * axes.cell() * a.iter().zip(&b).map(|(a, b)| (a - b).abs()).sum::<f64>();
            let reported = law.ledger().total();
            assert!(apart <= reported, "case {i} at {fineness}: {apart:e} > {reported:e}");
        }
    }
}

#[test]
fn refusals_name_what_is_missing() {
    let start = Start::Density(Density::Gaussian(normal([0.3, 0.1], 1.2)));
    let refusals = |start: &Start, program: &Program, field: &Damaged| -> Vec<String> {
        plan(start, program, field, &Settings { particles: 10, ..Settings::default() })
            .unwrap()
            .refused
            .iter()
            .map(ToString::to_string)
            .collect()
    };
    // Before the first step: too many nodes.
    let tiny = refusals(&start, &lmc(1e-6, 100, NoiseLevel::DATA), &wave());
    assert!(tiny.iter().any(|why| why.contains("1500 nodes a side") && why.contains("noise 1.4e-3")), "{tiny:?}");
    // Three coordinates that hang together.
    let component = |x: f64| Gaussian::isotropic(DVector::from_fn(3, |i, _| x * (i as f64 - x)), 0.7).unwrap();
    let parts = [-1.0, 0.5, 1.0, 2.0].map(component).to_vec();
    let space = Density::Mixture(Mixture::new(vec![0.25; 4], parts).unwrap());
    let shape = Arc::new(Random::new(3, 5, 1.0, 1));
    let field = calibrate(Arc::new(space), shape, Size::Amplitude(0.3), &[NoiseLevel::DATA]).unwrap();
    let ball = Start::Density(Density::Gaussian(Gaussian::isotropic(DVector::zeros(3), 1.0).unwrap()));
    let solid = refusals(&ball, &lmc(0.05, 10, NoiseLevel::DATA), &field);
    assert!(solid.iter().any(|why| why.contains("one or two dimensions; this block has 3")), "{solid:?}");
    // On the way: too much work, too coarse for a wave; particles take over.
    let settings = Settings { particles: 10, ..Settings::default() };
    let long = lmc(0.005, 1_000_000, NoiseLevel::DATA);
    let fast = damaged(Arc::new(Fourier { dim: 2, frequency: 400.0, phase: 0.3 }), 30.0);
    for (program, field, word) in
        [(&long, &wave(), "products in the plane"), (&lmc(0.05, 10, NoiseLevel::DATA), &fast, "agree to")]
    {
        let planned = plan(&start, program, field, &settings).unwrap();
        assert_eq!(planned.engine, Engine::Grid);
        let carried = carry(planned.start.clone(), program, field, &settings).unwrap();
        assert!(matches!(carried.law, Law::Particles(_)));
        assert!(carried.refused[0].needs.contains(word), "{:?}", carried.refused);
        let forced = Settings { engine: Some(Engine::Grid), ..settings };
        assert!(carry(planned.start, program, field, &forced).is_err());
    }
    // An explosion.
    let steep = lmc(3.0, 200, NoiseLevel::DATA);
    let mut law = plan(&start, &steep, &wave(), &settings).unwrap().start;
    assert!(law.run(&steep, &wave()).is_err());
}

/// Narrow and wide starts, in the plane: a law far too wide for its noise is refused, one that narrows on its way is not.
#[test]
fn the_box_follows_the_law() {
    let program = lmc(0.1, 60, NoiseLevel::DATA);
    let field = Damaged::exact(Arc::new(three_modes()));
    let from = |variance: f64| carried(&Density::Gaussian(normal([0.0, 0.0], variance)), &program, &field);
    let (narrow, wide) = (from(1e-3), from(25.0));
    assert!((narrow.mean() - wide.mean()).norm() < 0.1, "{} {}", narrow.mean(), wide.mean());
    let width = |law: &Grid2| law.rectangle().iter().map(|(a, b)| b - a).fold(0.0, f64::max);
    assert!(width(&narrow) < 25.0 && width(&wide) < 25.0);
    assert!(
        narrow.ledger().total() < 1e-8 && wide.ledger().total() < 1e-8,
        "{:?} {:?}",
        narrow.ledger(),
        wide.ledger()
    );
}

/// One step with a kick inside a slab: the density of the first coordinate is, with `I` the slab, `a = 1 - h` and Y ~ N(m, v),
/// ```text
/// N(x; a m, c^2 + a^2 v) P(Y not in I | x) + N(x; a m + h A, c^2 + a^2 v) P(Y in I | x)
/// ```
/// with the posterior of Y under either map, N(m + k (x - a m - shift), v (1 - k a)), `k = a v/(c^2 + a^2 v)`. However thin the slab,
/// the law is within what it reports of that, or refused by name.
#[test]
fn thin_slabs_are_seen_or_refused() {
    let (mean, v, h, amplitude) = ([0.3, 0.1], 1.2, 0.1, 0.5);
    let (a, noise) = (1.0 - h, 2.0 * h);
    let program = lmc(h, 1, NoiseLevel::DATA);
    let (mut seen, mut refused) = (0, 0);
    for width in [0.8, 0.1, 0.05, 0.03, 0.02, 0.01, 1e-3, 1e-5] {
        for lo in [-0.31, 0.123] {
            let shape = Window { direction: Direction::axis(2, 0), lo, hi: Some(lo + width), edge: 0.0 };
            let target = Density::Gaussian(normal([0.0, 0.0], 1.0));
            let field =
                calibrate(Arc::new(target), Arc::new(shape), Size::Amplitude(amplitude), &[NoiseLevel::DATA]).unwrap();
            let mut law = Grid2::new(&Density::Gaussian(normal(mean, v))).unwrap();
            if let Err(why) = law.run(&program, &field) {
                assert!(width < 0.05 && why.needs.contains("slabs"), "{width}: {}", why.needs);
                refused += 1;
                continue;
            }
            let wide = noise + a * a * v;
            let gain = a * v / wide;
            let root = (v * (1.0 - gain * a)).sqrt();
            let first = |x: f64| {
                let part = |shift: f64| {
                    let from = x - a * mean[0] - shift;
                    let place = |z: f64| Interval::point((z - mean[0] - gain * from) / root).normal_cdf().mid();
                    ((-0.5 * from * from / wide).exp(), place(lo + width) - place(lo))
                };
                let ((out, stays), (moved, inside)) = (part(0.0), part(h * amplitude));
                (out * (1.0 - stays) + moved * inside) / (std::f64::consts::TAU * wide).sqrt()
            };
            let second = |y: f64| {
                let from = y - a * mean[1];
                (-0.5 * from * from / wide).exp() / (std::f64::consts::TAU * wide).sqrt()
            };
            let axes = law.compared(law.scale() / super::COMPARED);
            let [rows, columns] = axes.nodes();
            let density = law.density(0, &axes);
            let exact = (0..rows).flat_map(|i| (0..columns).map(move |j| (i, j)));
            let apart: f64 = exact
                .zip(&density)
                .map(|((i, j), rho)| (rho - first(axes.at(0, i)) * second(axes.at(1, j))).abs())
                .sum::<f64>()
                * 0.5
                * axes.cell();
            let reported = law.ledger().total();
            assert!(apart <= reported + 1e-13, "a slab {width} wide at {lo}: {apart:e} > {reported:e}");
            seen += 1;
        }
    }
    assert!(seen >= 6 && refused >= 6, "{seen} seen, {refused} refused");
}
