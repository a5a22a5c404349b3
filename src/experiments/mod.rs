//! Floor 9: from a question in TOML to cells, evaluations, records and rates.

mod atomic;
mod embedded;
mod error;
mod evaluate;
mod fields;
mod figure;
mod journal;
mod law;
mod measure;
mod process;
mod question;
mod rate_spec;
mod rates;
mod record;
mod run;
mod sampler;
mod score_error;
mod spec;
mod sweep;
mod tree;

pub use embedded::{EXPERIMENTS, embedded};
pub use error::{ExperimentError, Flaw, Source, SpecError};
pub use evaluate::{Evaluation, Number, evaluate};
pub use law::LAWS;
pub use process::PROCESSES;
pub use question::{Posed, Question, StartSpec};
pub use rate_spec::{Asked, Limit, Parameter, RateSpec, Role, moves_dimension};
pub use rates::{RateRecord, provenance_name, solve};
pub use record::{CellRecord, PRESCRIBED, columns, record};
pub use run::{COMMIT, Options, Outcome, Shard, VERSION, Watch, run};
pub use sampler::{LATER, SAMPLERS, help_on_theorems};
pub use score_error::ERRORS;
pub use spec::Spec;
pub use sweep::{Axis, Cell, cells};
pub use tree::{Key, LostPath, Node, Span, Value, float};
