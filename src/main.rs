//! The `scorebound` command.
#![forbid(unsafe_code)]

fn main() -> std::process::ExitCode {
    scorebound::cli::main()
}
