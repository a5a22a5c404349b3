//! `eval`: one question, one JSON object.

use super::args::EvalArgs;
use super::session::{Exit, Failure, Session};
use super::specs::find;
use crate::experiments::evaluate;

pub fn eval(args: &EvalArgs, session: &Session) -> Result<Exit, Failure> {
    let spec = find(&args.spec)?;
    let posed = spec.question_of(&spec.tree)?.pose(session.seed).map_err(|flaw| spec.at(flaw))?;
    let mut evaluation = evaluate(&posed, session.explain).map_err(|flaw| spec.at(flaw))?;
    session.explain(&evaluation.explanation());
    if session.talks_to_a_terminal() && !session.json {
        // The text above says it all to whoever reads both.
        evaluation.explain = None;
    }
    session.print_json(&evaluation)?;
    match evaluation.all_failed() {
        None => Ok(Exit::Fine),
        Some(why) => Err(Failure::new(format!("no divergence could be measured: {why}"), "see the `error` of each")),
    }
}
