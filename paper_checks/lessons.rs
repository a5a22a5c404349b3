//! Lessons for the checks of HRX-11 to HRX-20: a training set and what is learned from it, and kernel descent step by step.

use crate::support::*;
use nalgebra::{DMatrix, DVector};
use proptest::prelude::*;
use scorebound::bounds::{Instance, Theorem};
use scorebound::laws::{Settings, Start as Initial};
use scorebound::processes::{NoiseLevel, Process};
use scorebound::samplers::Program;
use scorebound::scores::Damaged;
use scorebound::scores::learned::{Design, Learner, Lesson, Precision, Regime, Ridge, Start, Stop, Task, TimeMeasure};
use scorebound::targets::{BoundedData, Data, Points, Target};
use scorebound::verdicts::judge;
use std::f64::consts::{PI, TAU};
use std::ops::Range;
use std::sync::Arc;

/// A lesson under construction.
#[derive(Clone, Debug)]
pub struct Taught {
    pub data: Data,
    pub task: Task,
}

/// Three atoms in the plane.
pub fn triangle() -> Data {
    let places = [[1.0, 0.2], [-0.7, 0.8], [-0.3, -0.9]].map(|x| DVector::from_row_slice(&x)).to_vec();
    Data::Points(Points::new(vec![0.3, 0.45, 0.25], places).unwrap())
}

/// Learned from 40 samples at times from 0.1 to 2.
pub fn taught(data: Data, learner: Learner, stop: Stop) -> Taught {
    let task = Task {
        data: BoundedData::of(&data).unwrap(),
        design: Design::new(Process::Ou, (0.1, 2.0), TimeMeasure::UniformTime, true).unwrap(),
        samples: 40,
        test: 150,
        anchors: 80,
        ridge: Ridge::Of(1e-3),
        learner,
        stop,
        draw: (Settings::default().seed, 0),
    };
    Taught { data, task }
}

/// Kernel descent of so many steps.
pub fn kernel(data: Data, steps: u64) -> Taught {
    taught(data, Learner::Kernel, Stop::Steps(steps))
}

/// A network of this width.
pub fn network(data: Data, width: usize, start: Start, regime: Regime, steps: u64) -> Taught {
    taught(data, Learner::Network { width, start, precision: Precision::Double, regime }, Stop::Steps(steps))
}

/// Kernel descent of so many steps on so many samples of atoms on the line or in the plane.
pub fn descents(samples: Range<usize>, steps: Range<u64>) -> impl Strategy<Value = Taught> {
    (samples, steps, any::<bool>(), 0..1000u64).prop_map(|(samples, steps, plane, repetition)| {
        kernel(if plane { triangle() } else { atoms() }, steps).samples(samples).repetition(repetition)
    })
}

/// Kernel descent, or a network of 512 neurons that starts at 0, of 5 to 49 samples.
pub fn kernels_and_networks(regime: Regime) -> impl Strategy<Value = Taught> {
    let parts = (5..50usize, 1..300u64, any::<bool>(), any::<bool>(), 0..1000u64);
    parts.prop_map(move |(samples, steps, plane, kernels, repetition)| {
        let data = if plane { triangle() } else { two() };
        let at = match kernels {
            true => kernel(data, 10 * steps),
            false => network(data, 512, Start::Antisymmetric, regime, steps.min(30)),
        };
        at.samples(samples).repetition(repetition)
    })
}

/// A network of a few neurons, whose tangent kernel is larger than its limit by more than a factor 2.
pub fn diverging() -> Taught {
    let network = |r| network(two(), 8, Start::Independent, Regime::Linearised, 500).repetition(r);
    (0..200).map(network).find(|at| at.lesson().steps_made().is_err()).expect("one of many is far from its mean")
}

impl Taught {
    pub fn samples(mut self, samples: usize) -> Self {
        self.task.samples = samples;
        self
    }

    pub fn repetition(mut self, repetition: u64) -> Self {
        self.task.draw.1 = repetition;
        self
    }

    pub fn stop(mut self, stop: Stop) -> Self {
        self.task.stop = stop;
        self
    }

    pub fn design(mut self, measure: TimeMeasure, bias: bool) -> Self {
        self.task.design = Design::new(Process::Ou, (0.1, 2.0), measure, bias).unwrap();
        self
    }

    pub fn lesson(&self) -> Lesson {
        Lesson::new(self.task.clone()).unwrap()
    }

    pub fn instance(&self) -> Instance {
        let target: Arc<dyn Target> = Arc::new(self.data.clone());
        let start = Initial::Density(normal(target.dim(), 0.0, 1.0));
        let field = Arc::new(Damaged::exact(Arc::clone(&target)));
        let (program, settings) = (Program { blocks: Vec::new() }, Settings::default());
        let at = Instance::new(target, NoiseLevel::DATA, start, field, program, settings);
        at.with_lesson(Some(Arc::new(self.lesson())))
    }

    /// Holds the theorem against the lesson.
    pub fn then(&self, theorem: &'static Theorem) -> Claim {
        Claim { theorem, judgement: judge(theorem, &self.instance()) }
    }

    /// Holds the theorem's bound for this lesson, divided by `factor`, against what is measured of another.
    pub fn against(&self, other: &Self, factor: f64, theorem: &'static Theorem) -> Claim {
        held(&self.instance(), &other.instance(), factor, theorem)
    }

    pub fn with_bound_over(&self, factor: f64, theorem: &'static Theorem) -> Claim {
        self.against(self, factor, theorem)
    }
}

/// `<z, z'> (pi - theta)/(2 pi)` between the columns of two matrices, entry by entry, theta being the angle: twice the arc sine of half
/// the distance of the directions.
pub fn kernel_between(left: &DMatrix<f64>, right: &DMatrix<f64>) -> DMatrix<f64> {
    DMatrix::from_fn(left.ncols(), right.ncols(), |i, j| {
        let (a, b) = (left.column(i), right.column(j));
        let angle = 2.0 * (0.5 * (a / a.norm() - b / b.norm()).norm()).min(1.0).asin();
        a.dot(&b) * (PI - angle) / TAU
    })
}

/// The rows of values, those outside the ball about 0 brought to its boundary.
pub fn projected(values: &DMatrix<f64>, radius: f64) -> DMatrix<f64> {
    let mut values = values.clone();
    values.row_iter_mut().for_each(|mut row| {
        let over = row.norm() / radius;
        if over > 1.0 {
            row /= over;
        }
    });
    values
}

/// Kernel descent from 0 on labels, every step made: the residuals of all steps, and the values at the test points.
pub fn walked(lesson: &Lesson, labels: &DMatrix<f64>, steps: u64) -> (Vec<DMatrix<f64>>, DMatrix<f64>) {
    let inputs = &lesson.train().inputs;
    let gram = kernel_between(inputs, inputs);
    let mut residuals = vec![labels.clone()];
    let mut sum = DMatrix::zeros(labels.nrows(), labels.ncols());
    for _ in 0..steps {
        let last = residuals.last().unwrap();
        sum += last;
        residuals.push(last - &gram * last * lesson.step());
    }
    (residuals, kernel_between(&lesson.test().inputs, inputs) * sum * lesson.step())
}

/// The root mean square over points of the distance of two functions with several outputs.
pub fn rms(a: &DMatrix<f64>, b: &DMatrix<f64>) -> f64 {
    ((a - b).norm_squared() / a.nrows() as f64).sqrt()
}
