//! Floor 10: tables, figures and pages made from records. Nothing is computed here that is not in a record already.
//!
//! A run's directory holds
//! ```text
//! records.csv   cell, <swept paths>, divergence, lo, hi, evidence, theorem, bound_lo, bound_hi, ratio_lo, ratio_hi,
//!               verdict, engine, why, dim, <prescribed-step, prescribed-steps, prescribed-tau, prescribed-epsilon, promised>,
//!               <constant of figure.x>, terms, seconds
//! meta.json     {"title", "question", "figure": {"x", "y", "series", "x-label", "slopes": [{"of", "power", "label"}]},
//!                "spec-hash", "version", "commit", "seed", ...}     every key optional, others left alone
//! rates.json    [{"solve-for", "such-that", "parameter", "as", "theorem", "points": [{"value", "threshold-lo", "threshold-hi"}],
//!                 "local-slopes", "slope", "slope-uncertainty", "stated", "stated-provenance", "recalled", "asymptote",
//!                 "outcome", "because", "window": [first, last], "missing": [{"value", "why"}]}]
//! exponents.json  [{"of", "against", "where", "points", "local-slopes", "slope", "window", "expected", "statement", "beside",
//!                 "excluded", "outcome", "because"}]      with `[[exponent]]`
//! profile.csv   cell, <swept paths>, theorem, part, time_from, time_to, sigma_from, term, lo, hi     with `figure.profile`
//! coverage.json {"version", "commit", "seed", "asked", "evaluations", "statements": [{"labels", "title", "status", ...}]}
//!               by `verify --out`; becomes coverage.html
//! ```
//! either of `records.csv` and `rates.json`, or both; [`write()`] puts `figure.svg`, `rates.svg`, `table.md` and
//! `index.html` beside them. [`gate`] makes a page of what a gate found.

mod axis;
pub mod bibtex;
mod canvas;
mod chart;
mod coverage;
mod draw;
mod exponents;
mod figures;
pub mod gate;
mod gathered;
mod html;
mod labels;
mod legend;
mod packed;
mod profile;
mod rate_figures;
mod rates;
mod records;
mod repeated;
mod table;
#[cfg(test)]
mod tests;
mod write;

pub use bibtex::cite;
pub use exponents::{Beside, Excluded, Exponent, Power, exponents_table};
pub use rates::{LocalSlope, MissingPoint, Rate, RatePoint};
pub use records::{FigureSpec, Meta, Records, ReportError, Row, Slope, Span};
pub use repeated::{ranking, wide_table};
pub use table::{kind, notes, prescribed_table, rates_table, short_table, summary, table};
pub use write::{Written, write, write_overview};
