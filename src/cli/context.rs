//! What every command needs: the workspace, the instant, the shape of the answer.

use super::args::{Cli, Shape};
use super::moment::Moment;
use super::out::Failure;
use super::progress::Progress;
use crate::diag::{self, Diagnostics};
use crate::dossier::{Dossier, Register};
use crate::id::{PackageId, PersonId};
use crate::store::Workspace;
use crate::time::Timestamp;
use std::io::IsTerminal as _;
use std::path::PathBuf;

/// The situation a command runs in.
#[derive(Debug, Clone)]
pub struct Context {
    /// `--root`, or the current folder.
    pub root: PathBuf,
    /// The instant to judge at, and the time of new records.
    pub now: Timestamp,
    /// True when `now` was given instead of read from the clock.
    pub fixed: bool,
    /// True when another day is looked at: what was signed after `now` is left out.
    pub past: bool,
    /// Shape of the answer.
    pub shape: Shape,
}

impl Context {
    /// Reads the clock and the current folder, once.
    pub fn new(cli: &Cli) -> Result<Context, Failure> {
        let root = match &cli.root {
            Some(root) => root.clone(),
            None => {
                std::env::current_dir().map_err(|e| Failure::cannot(format!("no current folder: {e}")))?
            }
        };
        let day = cli.as_of.map(Moment::end);
        let now = day.or(cli.now).unwrap_or_else(clock);
        let fixed = day.is_some() || cli.now.is_some();
        Ok(Context { root, now, fixed, past: day.is_some(), shape: cli.format })
    }

    /// Opens the workspace.
    pub fn workspace(&self) -> Result<Workspace, Failure> {
        Ok(Workspace::find(&self.root)?)
    }

    /// Opens the workspace and derives everything known of it.
    pub fn load(&self) -> Result<(Workspace, Register), Failure> {
        let workspace = self.workspace()?;
        let mut register = self.derive(&workspace)?;
        if self.past {
            register.go_back(self.now);
        }
        Ok((workspace, register))
    }

    /// Derives everything known of a workspace as it is, and tells who waits.
    pub fn derive(&self, workspace: &Workspace) -> Result<Register, Failure> {
        let _progress = Progress::start("Reading and verifying the workspace");
        Ok(workspace.load(self.now)?)
    }

    /// The same for commands that sign: nobody signs on top of something that does not hold.
    pub fn load_sound(&self) -> Result<(Workspace, Register), Failure> {
        let (workspace, register) = self.load()?;
        match register.ledger.breaks.first() {
            None => Ok((workspace, register)),
            Some(found) => Err(Failure::tampered(format!(
                "nothing can be signed here: {}: {}",
                found.path, found.message
            ))
            .help("run `countersign verify` and restore what it names from the history of the repository")),
        }
    }

    /// True when the answer is one JSON document.
    pub fn json(&self) -> bool {
        self.shape == Shape::Json
    }

    /// Prints diagnostics in the asked shape: where they are the answer, on standard output.
    pub fn render(&self, diagnostics: &Diagnostics) -> String {
        let format = match self.shape {
            Shape::Human | Shape::Bundle => diag::Format::Human,
            Shape::Json => diag::Format::Json,
            Shape::Sarif => diag::Format::Sarif,
            Shape::Github => diag::Format::Github,
        };
        diag::render(diagnostics, format, color(std::io::stdout().is_terminal()))
    }
}

/// The system's clock: the one place that reads it.
pub fn clock() -> Timestamp {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    let seconds = i64::try_from(now.as_secs()).unwrap_or(0);
    Timestamp::from_seconds(seconds).expect("the clock is between the years 1970 and 9999")
}

fn color(terminal: bool) -> bool {
    terminal && std::env::var_os("NO_COLOR").is_none()
}

/// The dossier of a package, or what to do when there is none.
pub fn dossier<'a>(register: &'a Register, id: &PackageId) -> Result<&'a Dossier, Failure> {
    register.packages.get(id).ok_or_else(|| {
        let known: Vec<&str> = register.packages.keys().map(PackageId::as_str).collect();
        Failure::cannot(format!("there is no package `{id}`")).help(if known.is_empty() {
            "packages/ is empty".to_owned()
        } else {
            format!("known: {}", known.join(", "))
        })
    })
}

/// A person's printed name, or the id if nobody of that id is enrolled.
pub fn name_of(register: &Register, id: &PersonId) -> String {
    register.people.person(id).map_or_else(|| id.to_string(), |p| p.name.clone())
}
