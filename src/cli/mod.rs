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
mod conditions;
mod context;
mod demo;
mod diff;
mod export;
mod foresee;
mod help;
mod init;
mod ledger;
mod model;
mod moment;
mod out;
mod people;
mod progress;
mod review;
mod review_agent;
mod sign;
mod simulate;
mod site;
mod stand_in;
mod statements;
mod status;
mod submit;
mod terms;
mod test;
mod todo;

pub use ledger::CODES;

use args::{Cli, Command, Shape};
use clap::FromArgMatches as _;
use context::Context;
use out::{Exit, Failure};
use std::process::ExitCode;

/// Runs the program.
pub fn main() -> ExitCode {
    let cli = match parse() {
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

fn parse() -> Result<Cli, clap::Error> {
    let mut command = help::command();
    let matches = command.try_get_matches_from_mut(std::env::args_os())?;
    Cli::from_arg_matches(&matches).map_err(|error| error.format(&mut command))
}

fn run(cli: &Cli) -> Result<Exit, Failure> {
    let context = Context::new(cli)?;
    if context.shape == Shape::Bundle && !matches!(cli.command, Command::Export(_)) {
        return Err(Failure::cannot("`--format bundle` is for `export` alone"));
    }
    if context.past && !reads(&cli.command) {
        return Err(Failure::cannot("`--as-of` is for commands that only read")
            .help("a record is signed now, or not at all"));
    }
    match &cli.command {
        Command::Demo(args) => demo::run(&context, args),
        Command::Init(args) => init::run(&context, args),
        Command::Check(args) => check::run(&context, &args.packages),
        Command::Lint => check::lint(&context),
        Command::Submit(args) => submit::run(&context, args),
        Command::Todo(args) => todo::run(&context, args),
        Command::Status(args) => status::status(&context, args.what.as_deref()),
        Command::Explain(args) => status::explain(&context, &args.package),
        Command::Review(args) => review_agent::run(&context, args),
        Command::Comment(args) => review::comment(&context, args),
        Command::Answer(args) => review::answer(&context, args),
        Command::Resolve(args) => review::resolve(&context, args),
        Command::Decide(args) => review::decide(&context, args),
        Command::Withdraw(args) => review::withdraw(&context, args),
        Command::Object(args) => statements::object(&context, args),
        Command::Confirm(args) => statements::confirm(&context, args),
        Command::Recuse(args) => statements::recuse(&context, args),
        Command::Delegate(args) => stand_in::delegate(&context, args),
        Command::Undelegate(args) => stand_in::undelegate(&context, args),
        Command::Discharge(args) => conditions::discharge(&context, args),
        Command::VerifyCondition(args) => conditions::verify(&context, args),
        Command::Waive(args) => conditions::waive(&context, args),
        Command::ResolveRejection(args) => statements::resolve_rejection(&context, args),
        Command::Override(args) => statements::set_aside(&context, args),
        Command::Retract(args) => statements::retract(&context, args),
        Command::Revoke(args) => statements::revoke(&context, args),
        Command::Diff(args) => diff::run(&context, args),
        Command::Test(args) => test::run(&context, args),
        Command::Simulate(args) => simulate::run(&context, args),
        Command::Append => ledger::append(&context),
        Command::Certify(args) => certify::run(&context, args),
        Command::Verify(args) => ledger::verify(&context, args),
        Command::Gate(args) => status::gate(&context, args),
        Command::Build(args) => site::build(&context, args),
        Command::Serve(args) => site::serve(&context, args),
        Command::Export(args) => export::run(&context, args),
        Command::People(args) => people::run(&context, args),
        Command::Log(args) => ledger::log(&context, args.package.as_ref()),
        Command::Completions(args) => Ok(help::completions(args)),
        Command::Man(args) => help::man(args),
    }
}

/// True for commands that answer and change nothing but pages.
fn reads(command: &Command) -> bool {
    match command {
        Command::Check(_)
        | Command::Lint
        | Command::Todo(_)
        | Command::Status(_)
        | Command::Explain(_)
        | Command::Diff(_)
        | Command::Verify(_)
        | Command::Gate(_)
        | Command::Build(_)
        | Command::Serve(_)
        | Command::Log(_) => true,
        Command::People(args) => args.action.is_none(),
        _ => false,
    }
}
