//! `rates`: measured exponents beside stated ones.

use super::args::SpecArgs;
use super::run::parsed;
use super::session::{Exit, Failure, Session};
use super::specs::find;
use crate::experiments::solve;
use crate::report::rates_table;

pub fn rates(args: &SpecArgs, session: &Session) -> Result<Exit, Failure> {
    let spec = find(&args.spec)?;
    if spec.rates.is_empty() {
        let what = format!("{} has no [rate] table", spec.source.name);
        return Err(Failure::new(what, "`rates` needs solve-for, such-that, bracket and exponents-of"));
    }
    let total: usize = spec.rates.iter().map(|rate| rate.parameters.len()).sum();
    let bar = session.progress(total as u64, &spec.name);
    let mut found = Vec::new();
    for rate in &spec.rates {
        for parameter in &rate.parameters {
            let solved = solve(&spec, rate, parameter, session.seed)?;
            bar.inc();
            session.explain(&format!("{} in {}: {}\n", rate.solve_for, parameter.axis.path, solved.because()));
            if session.json {
                session.print_json(&solved)?;
            }
            found.push(solved);
        }
    }
    bar.finish();
    let failed = |e: serde_json::Error| Failure::new(format!("cannot write JSON: {e}"), "");
    let values = found.iter().map(serde_json::to_value).collect::<Result<Vec<_>, _>>().map_err(failed)?;
    if !session.json {
        session.print(&rates_table(&parsed(&values)?))?;
        for solved in found.iter().filter(|s| s.because().starts_with("UNRESOLVED")) {
            session.remark(&format!("  {}", solved.because()));
        }
    }
    let contradicted = found.iter().any(crate::experiments::RateRecord::is_contradicted);
    Ok(if contradicted { Exit::Contradicted } else { Exit::Fine })
}
