//! Floor 10: tables, figures and pages made from records. Nothing is computed here that is not in a record already.

mod axis;
pub mod bibtex;
mod canvas;
mod chart;
mod draw;
mod figures;
mod html;
mod labels;
mod legend;
mod rate_figures;
mod rates;
mod records;
mod table;
#[cfg(test)]
mod tests;
mod write;

pub use bibtex::cite;
pub use rates::{Rate, RatePoint};
pub use records::{FigureSpec, Meta, Records, ReportError, Row, Slope, Span};
pub use table::{rates_table, summary, table};
pub use write::write;
