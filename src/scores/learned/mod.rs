//! Learned scores: the regression of `X_0` on `(X_t, t)` by a wide two-layer network and by its limiting kernel.

mod laziness;
mod network;
mod passes;
mod tangent;
mod training;

pub use laziness::{LAZY_FLIPS, Laziness};
pub use network::{Network, NetworkError, Start};
pub use tangent::{
    Coupled, MAX_ORDER, TangentError, coupled, deviation, entry_variance, kernel_variance, operator_norm,
    tangent_kernel,
};
pub use training::{Checkpoint, DIVERGED, Precision, Regime, Training, TrainingError, TrainingSettings, train};
