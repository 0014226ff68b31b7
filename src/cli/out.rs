//! Answers and refusals: standard output is the answer, standard error the talk, and the exit code a
//! contract.

use crate::agent::DraftError;
use crate::diag::{self, Diagnostics};
use crate::store::{StoreError, WriteError};
use std::io::Write as _;

/// The exit codes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// It holds, it may pass, it was done.
    Yes = 0,
    /// It may not pass, or was refused by the rules.
    No = 1,
    /// The question could not be answered, or the request not understood.
    CouldNotAnswer = 2,
    /// Something that was signed does not hold.
    Tampered = 3,
}

/// Why a command ends without its answer.
#[derive(Debug)]
pub struct Failure {
    /// The exit code.
    pub exit: Exit,
    /// What is wrong, in one sentence.
    pub message: String,
    /// How to mend it; may be empty.
    pub help: String,
    /// Messages about files that led here.
    pub diagnostics: Diagnostics,
}

impl Failure {
    /// The question could not be answered.
    pub fn cannot(message: impl Into<String>) -> Failure {
        Failure {
            exit: Exit::CouldNotAnswer,
            message: message.into(),
            help: String::new(),
            diagnostics: Diagnostics::new(),
        }
    }

    /// The rules say no.
    pub fn refused(message: impl Into<String>) -> Failure {
        Failure { exit: Exit::No, ..Failure::cannot(message) }
    }

    /// Something that was signed does not hold.
    pub fn tampered(message: impl Into<String>) -> Failure {
        Failure { exit: Exit::Tampered, ..Failure::cannot(message) }
    }

    /// Adds how to mend it.
    #[must_use]
    pub fn help(self, help: impl Into<String>) -> Failure {
        Failure { help: help.into(), ..self }
    }

    /// Adds messages about files.
    #[must_use]
    pub fn with(self, diagnostics: Diagnostics) -> Failure {
        Failure { diagnostics, ..self }
    }

    /// Says it on standard error.
    pub fn tell(&self) {
        let mut text = diag::render(&self.diagnostics, diag::Format::Human, false);
        text += &format!("countersign: {}\n", self.message);
        if !self.help.is_empty() {
            text += &format!("  help: {}\n", self.help);
        }
        // Nobody is left to tell when standard error is closed.
        let _ = std::io::stderr().write_all(text.as_bytes());
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Failure {
        match error {
            StoreError::NoWorkspace(_) => Failure::cannot(error.to_string())
                .help("run `countersign init` here, or name the folder with --root; `countersign demo` makes one to look at"),
            StoreError::Config(ref diagnostics) => {
                let diagnostics = diagnostics.clone();
                Failure::cannot(error.to_string()).with(diagnostics)
            }
            _ => Failure::cannot(error.to_string()),
        }
    }
}

impl From<DraftError> for Failure {
    fn from(error: DraftError) -> Failure {
        match error {
            DraftError::Store(error) => error.into(),
            DraftError::Key(error) => Failure::cannot(format!("{error}; nothing has been signed")),
            DraftError::Refused(_) => Failure::refused(error.to_string()),
            _ => Failure::cannot(error.to_string()),
        }
    }
}

impl From<WriteError> for Failure {
    fn from(error: WriteError) -> Failure {
        Failure::cannot(error.to_string())
    }
}

/// Prints the answer. A reader that went away (`| head`) is silence, not an error.
pub fn answer(text: &str) {
    let mut out = std::io::stdout().lock();
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
}

/// Prints one JSON document.
pub fn answer_json(value: &impl serde::Serialize) {
    let text = serde_json::to_string_pretty(value).expect("answers are plain data");
    answer(&(text + "\n"));
}

/// Says something on the side.
pub fn talk(text: &str) {
    let _ = std::io::stderr().write_all(text.as_bytes());
}

/// `1 line`, `2 lines`.
pub fn count(n: usize, thing: &str) -> String {
    if n == 1 { format!("1 {thing}") } else { format!("{n} {thing}s") }
}
