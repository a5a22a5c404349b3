//! Forward processes in specs.

use super::error::Flaw;
use super::fields::{Fields, items, numbers, positive};
use super::tree::Node;
use crate::processes::{Process, Rate};

/// The kinds of processes, as they are called in specs.
pub const PROCESSES: [&str; 3] = ["ou", "vp", "ve"];

/// Reads `[process.<kind>]`. The rate of `vp` reaches `beta-max` at its `horizon`, or at that of the sampler.
///
/// # Errors
/// The first thing that is wrong, with its place.
pub fn process(node: &Node, horizon_of_sampler: Option<f64>) -> Result<Process, Flaw> {
    let (kind, node) = Fields::of(node, "process")?.only(&PROCESSES)?;
    let mut fields = Fields::of(node, format!("process.{kind}"))?;
    let process = match kind {
        "ou" => Process::Ou,
        "ve" => Process::Ve,
        _ => {
            if let Some(table) = fields.maybe("beta") {
                let rate = rate(table)?;
                fields.finish()?;
                return Ok(Process::Vp(rate));
            }
            let beta_min = positive(fields.need("beta-min", "beta(0)")?, "process.vp.beta-min")?;
            let beta_max = positive(fields.need("beta-max", "beta(horizon)")?, "process.vp.beta-max")?;
            let horizon = match fields.positive("horizon")? {
                Some(horizon) => horizon,
                // A constant beta needs no horizon.
                None if beta_min == beta_max => 1.0,
                None if horizon_of_sampler.is_some() => horizon_of_sampler.unwrap_or(1.0),
                None => {
                    return Err(fields.need("horizon", "the time at which beta reaches beta-max").expect_err("absent"));
                }
            };
            Process::Vp(Rate::linear(beta_min, beta_max, horizon))
        }
    };
    fields.finish()?;
    Ok(process)
}

/// `beta = [[t, beta], ...]`: a broken line.
fn rate(node: &Node) -> Result<Rate, Flaw> {
    let name = "process.vp.beta";
    let rows = items(node, name, "a list of pairs [t, beta], the first at t = 0")?;
    let mut nodes = Vec::with_capacity(rows.len());
    for (i, row) in rows.iter().enumerate() {
        match numbers(row, &format!("{name}[{i}]"))?[..] {
            [t, beta] => nodes.push((t, beta)),
            ref other => {
                let found = format!("`{name}[{i}]` has {} entries", other.len());
                return Err(Flaw::new(&row.span, found, "expected a pair [t, beta]"));
            }
        }
    }
    Rate::broken_line(nodes).map_err(|i| match rows.get(i) {
        Some(row) => {
            let help = "times ascend from 0, and rates are positive";
            Flaw::new(&row.span, format!("`{name}[{i}]` does not continue the line"), help)
        }
        None => Flaw::new(&node.span, format!("`{name}` is empty"), "at least one pair [t, beta] is needed"),
    })
}
