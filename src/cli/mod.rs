//! Floor 11: the verbs. Data go to stdout, talk and progress to stderr; exit codes are those of the contract.

mod args;
mod diagnostics;
mod eval;
mod session;

use args::{Cli, Verb};
use clap::Parser;
use session::{Failure, Session};
use std::process::ExitCode;

/// Parses the command line, runs the verb, and reports what went wrong.
#[must_use]
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    let session = Session::new(&cli.global);
    session::on_interrupt();
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
        Verb::Eval(args) => eval::eval(args, session),
    }
}
