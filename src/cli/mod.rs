//! Floor 11: the verbs. Data go to stdout, talk and progress to stderr; exit codes are those of the contract.

mod args;
mod columns;
mod diagnostics;
mod eval;
mod gate;
mod list;
mod rates;
mod report;
mod run;
mod session;
mod specs;
mod statements;
mod verify;

use args::{Cli, Verb};
use clap::{CommandFactory, Parser};
use session::{Failure, Session};
use std::process::ExitCode;

/// Parses the command line, runs the verb, and reports what went wrong.
#[must_use]
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    let session = Session::new(&cli.global);
    session::on_interrupt(matches!(cli.verb, Verb::Run(_)));
    let outcome = session.install_threads().and_then(|()| dispatch(&cli.verb, &session));
    ExitCode::from(match outcome {
        Ok(code) => code as u8,
        // Whoever reads has seen enough.
        Err(Failure::Pipe) => 0,
        Err(failure) => {
            session::talk(&diagnostics::render(&failure));
            2
        }
    })
}

fn dispatch(verb: &Verb, session: &Session) -> Result<session::Exit, Failure> {
    match verb {
        Verb::Run(args) => run::run(args, session),
        Verb::Verify(args) => verify::verify(args, session),
        Verb::Rates(args) => rates::rates(args, session),
        Verb::Eval(args) => eval::eval(args, session),
        Verb::Report(args) => report::report(args, session),
        Verb::List(args) => list::list(args, session),
        Verb::Show(args) => statements::show(args, session),
        Verb::Cite(args) => statements::cite(args, session),
        Verb::Gate(args) => gate::gate(args, session),
        Verb::Completions(args) => {
            let mut script = Vec::new();
            clap_complete::generate(args.shell, &mut Cli::command(), "scorebound", &mut script);
            session.print(&String::from_utf8_lossy(&script))?;
            Ok(session::Exit::Fine)
        }
    }
}
