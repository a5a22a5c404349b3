//! `eval`: one question, one JSON object.

use super::args::EvalArgs;
use super::session::{Exit, Failure, Session};
use super::specs::find;
use crate::experiments::{Posed, evaluate, put};
use crate::scores::learned::Learner;
use std::path::Path;

/// Writes what was learned, by atomic rename.
fn save_score(posed: &Posed, path: &Path) -> Result<(), Failure> {
    let lesson = posed.instance.lesson.as_ref();
    let lesson =
        lesson.ok_or_else(|| Failure::new("no score is learned here", "add [score.learned] with `samples`"))?;
    if lesson.task().learner == Learner::Exact {
        let help = "leave `--save-score` out, or learn one: learner = \"kernel\" or \"network\"";
        return Err(Failure::new("the exact score is no estimate that a file holds", help));
    }
    let estimate = lesson.estimate().map_err(|why| Failure::new(why.to_string(), "nothing was written"))?;
    Ok(put(path, estimate.text().as_bytes())?)
}

pub fn eval(args: &EvalArgs, session: &Session) -> Result<Exit, Failure> {
    let spec = find(&args.spec)?;
    let posed = spec.question_of(&spec.tree)?.pose(session.seed).map_err(|flaw| spec.at(flaw))?;
    let mut evaluation = evaluate(&posed, session.explain).map_err(|flaw| spec.at(flaw))?;
    session.explain(&evaluation.explanation());
    if session.talks_to_a_terminal() && !session.json {
        // The text above says it all to whoever reads both.
        evaluation.explain = None;
    }
    if let Some(path) = &args.save_score {
        save_score(&posed, path)?;
    }
    session.print_json(&evaluation)?;
    match evaluation.all_failed() {
        None => Ok(Exit::Fine),
        Some(why) => Err(Failure::new(format!("no divergence could be measured: {why}"), "see the `error` of each")),
    }
}
