//! Floor 9: from a question in TOML to cells, evaluations, records and rates.

mod error;
mod evaluate;
mod fields;
mod figure;
mod law;
mod question;
mod rate_spec;
mod sampler;
mod score_error;
mod spec;
mod sweep;
mod tree;

pub use error::{ExperimentError, Flaw, Source, SpecError};
pub use evaluate::{Evaluation, Number, evaluate};
pub use law::LawSpec;
pub use question::{Posed, Question, StartSpec};
pub use spec::Spec;
pub use sweep::{Axis, Cell, cells};
pub use tree::{Key, LostPath, Node, Span, Value, float};
