//! `gate plan`: how many draws a fault needs.

use super::super::args::PlanArgs;
use super::super::columns::aligned;
use super::super::session::{Exit, Failure, Session};
use super::posed::Posed;
use super::{asked, faults, within};

pub(super) fn plan(args: &PlanArgs, session: &Session) -> Result<Exit, Failure> {
    let mut gated = Posed::read(&args.law, session.seed)?;
    let asked = asked(&args.levels, within(args.within.as_deref())?)?;
    let faults = faults(&args.detect)?;
    gated.look_out(&faults)?;
    let planned = faults.into_iter().map(|fault| gated.planned(fault, &asked)).collect::<Result<Vec<_>, _>>()?;
    if session.json {
        session.print_json(&planned)?;
    } else {
        let mut rows = Vec::new();
        for fault in &planned {
            let name = |k: usize| {
                fault.tests.get(k).map_or(String::new(), |need| format!("{} ({:.0})", need.name, need.draws))
            };
            let draws = fault.draws.map_or("none is enough".into(), |n| format!("{n:.0}"));
            rows.push(vec![fault.fault.clone(), draws, name(0), name(1)]);
        }
        session.print(&aligned(&["fault", "draws", "seen first by", "then by"], &rows))?;
    }
    match planned.iter().find(|fault| fault.draws.is_none()) {
        None => Ok(Exit::Fine),
        Some(fault) => {
            let what = format!("no number of draws is known to show `{}`", fault.fault);
            Err(Failure::new(
                what,
                "the laws that this fault changes are not among those the gate looks at, or it stays within what is allowed",
            ))
        }
    }
}
