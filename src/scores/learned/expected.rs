//! With which power of the number of samples, or of the width, quantities of learned scores are expected to move (HRX-13, 14, 19).

use super::{Asked, Norm, Part, Stop, Task};

/// What is varied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Varied {
    /// n.
    Samples,
    /// m.
    Width,
}

/// An exponent that is expected in the limit, and which statement says so. None of them is proved with constants: they are held
/// beside what is measured and decide nothing.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Expected {
    /// The exponent.
    pub power: f64,
    /// The label of the statement.
    pub statement: &'static str,
}

impl Expected {
    /// That of a quantity of a task, for inputs that span p dimensions: d + 2 of the data's d with times and the constant 1, one
    /// less at a single time, and one less without the constant.
    /// ```text
    /// lambda_j ~ j^{-p/(p-1)}:   epsilon^2, error^2 at T^ ~ n^{-p/(2p-1)},   eta_T^ ~ n^{p/(2p-1)}     HRX-19
    /// lambda_n ~ n^{-2/(p-1)} for the smallest eigenvalue of the Gram matrix                           HRX-13
    /// coupling, and its part of kernels ~ m^{-1/2}, its part of kinks ~ m^{-3/4}                       HRX-14
    /// ```
    /// `None` where nothing is expected: inputs on a line, p = 1, have two eigenvalues above 0; without the constant f_* is not in the kernel's
    /// space (HRX-10) and no error has a limit.
    #[must_use]
    pub fn of(asked: Asked, varied: Varied, task: &Task) -> Option<Self> {
        let p = task.design.span_dim(task.data.dim()) as f64;
        if p < 2.0 && varied == Varied::Samples {
            return None;
        }
        let rate = p / (2.0 * p - 1.0);
        let learns = task.stop == Stop::CriticalRadius(1.0) && task.design.bias();
        let (power, statement) = match (varied, asked) {
            (Varied::Samples, Asked::CriticalRadius | Asked::ExtrapolatedRadius) => (-rate, "HRX-19"),
            (Varied::Samples, Asked::StoppedTime | Asked::ExtrapolatedTime) => (rate, "HRX-19"),
            (Varied::Samples, Asked::SquaredError) if learns => (-rate, "HRX-19"),
            (Varied::Samples, Asked::Error(Part::Total, Norm::Regression)) if learns => (-0.5 * rate, "HRX-19"),
            (Varied::Samples, Asked::LeastEigenvalue) => (-2.0 / (p - 1.0), "HRX-13"),
            (Varied::Width, Asked::Error(Part::Coupling | Part::KernelCoupling, _)) => (-0.5, "HRX-14"),
            (Varied::Width, Asked::Error(Part::KinkCoupling, _)) => (-0.75, "HRX-14"),
            _ => return None,
        };
        Some(Self { power, statement })
    }
}
