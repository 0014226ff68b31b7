//! The command line: arguments in, an answer out, an exit code by contract.
//!
//! In: arguments, environment, clock, terminal. Out: the answer on standard output, talk on standard
//! error, and 0 yes, 1 no, 2 could not answer, 3 tampered. `args` says what can be asked, `context` reads
//! the situation once, `sign` is the one way a record comes to be, `out` prints.
//!
//! *Invariant:* nothing is decided here; commands ask the floors below and word the answer.
#![expect(
    clippy::disallowed_methods,
    reason = "arguments, environment, clock and the user's files enter here"
)]

mod args;
mod certify;
mod check;
mod context;
mod demo;
mod diff;
mod export;
mod init;
mod ledger;
mod out;
mod people;
mod review;
mod review_agent;
mod sign;
mod site;
mod status;
mod submit;
mod terms;

pub use ledger::CODES;

use args::{Cli, Command, Shape};
use clap::Parser as _;
use context::Context;
use out::{Exit, Failure};
use std::process::ExitCode;

/// Runs the program.
pub fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version are answers; anything else was not understood.
            let code = if error.use_stderr() { Exit::CouldNotAnswer } else { Exit::Yes };
            let _ = error.print();
            return ExitCode::from(code as u8);
        }
    };
    let exit = match run(&cli) {
        Ok(exit) => exit,
        Err(failure) => {
            failure.tell();
            failure.exit
        }
    };
    ExitCode::from(exit as u8)
}

fn run(cli: &Cli) -> Result<Exit, Failure> {
    let context = Context::new(cli)?;
    if context.shape == Shape::Bundle && !matches!(cli.command, Command::Export(_)) {
        return Err(Failure::cannot("`--format bundle` is for `export` alone"));
    }
    match &cli.command {
        Command::Demo(args) => demo::run(&context, args),
        Command::Init(args) => init::run(&context, args),
        Command::Check(args) => check::run(&context, &args.packages),
        Command::Lint => check::lint(&context),
        Command::Submit(args) => submit::run(&context, args),
        Command::Status(args) => status::status(&context, args.package.as_ref()),
        Command::Explain(args) => status::explain(&context, &args.package),
        Command::Review(args) => review_agent::run(&context, args),
        Command::Comment(args) => review::comment(&context, args),
        Command::Answer(args) => review::answer(&context, args),
        Command::Resolve(args) => review::resolve(&context, args),
        Command::Decide(args) => review::decide(&context, args),
        Command::Withdraw(args) => review::withdraw(&context, args),
        Command::Diff(args) => diff::run(&context, args),
        Command::Append => ledger::append(&context),
        Command::Certify(args) => certify::run(&context, args),
        Command::Verify(args) => ledger::verify(&context, args.base.as_deref()),
        Command::Gate(args) => status::gate(&context, &args.packages),
        Command::Build(args) => site::build(&context, args),
        Command::Serve(args) => site::serve(&context, args),
        Command::Export(args) => export::run(&context, args),
        Command::People(args) => people::run(&context, args),
        Command::Log(args) => ledger::log(&context, args.package.as_ref()),
    }
}
