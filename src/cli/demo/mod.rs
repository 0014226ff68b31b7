//! `demo`: a whole review, played with the real commands on a real package.
//!
//! Every step is this same program, run as the person who would run it, with that person's key. Nothing
//! is simulated but the calendar: the story takes five weeks, so each command is told its day.

mod files;
mod story;

use super::args;
use super::context::Context;
use super::out::{Exit, Failure, answer, talk};
use crate::keys;
use crate::store::{Workspace, write_new};
use std::io::IsTerminal as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use story::Act;

/// The demo keys protect nothing: they belong to invented people.
const PASSPHRASE: &str = "demonstration only";
/// So nobody need wait for their key derivation.
const ROUNDS: u32 = 2;

/// Plays the story.
pub fn run(context: &Context, args: &args::Demo) -> Result<Exit, Failure> {
    let dir = folder(args)?;
    answer(&format!("A review from submission to certificate, in {}\n\n", dir.display()));
    let stage = Stage::new(&dir)?;
    for scene in story::scenes() {
        stage.scene(scene)?;
    }
    answer("\nWhat CI asks\n");
    stage.ask(&["verify"])?;
    stage.ask(&["gate", story::PACKAGE])?;
    stage.ask(&["build"])?;
    let name = stage.name();
    let root = dir.display();
    answer(&format!(
        "\nThe whole review is in {root}\n  \
           pages        {root}/site/public/index.html\n  \
           audit trail  {name} --root {root} log\n  \
           reasons      {name} --root {root} explain {1}\n  \
           evidence     {name} --root {root} export {1} --format bundle --out evidence\n  \
           try it       change one byte of {root}/chains/ledger.jsonl, then {0} --root {root} verify\n",
        name,
        story::PACKAGE,
    ));
    if args.no_serve {
        return Ok(Exit::Yes);
    }
    let ws = Workspace::at(&dir)?;
    super::site::serve_workspace(context, ws, args.port, std::io::stdout().is_terminal())
}

fn folder(args: &args::Demo) -> Result<PathBuf, Failure> {
    let fail = |dir: &Path, e: std::io::Error| Failure::cannot(format!("{}: {e}", dir.display()));
    let dir = match &args.dir {
        Some(dir) => dir.clone(),
        None => {
            let temp = tempfile::Builder::new().prefix("countersign-demo-").tempdir();
            temp.map_err(|e| Failure::cannot(format!("no new folder: {e}")))?.keep()
        }
    };
    if dir.exists() {
        let mut entries = std::fs::read_dir(&dir).map_err(|e| fail(&dir, e))?;
        if entries.next().is_some() {
            return Err(Failure::refused(format!("{} is not empty; nothing was written", dir.display()))
                .help("name a folder that is absent or empty, or none at all"));
        }
    }
    std::fs::create_dir_all(&dir).map_err(|e| fail(&dir, e))?;
    dir.canonicalize().map_err(|e| fail(&dir, e))
}

/// The folder with its people.
struct Stage {
    dir: PathBuf,
    program: PathBuf,
    git: bool,
}

impl Stage {
    fn new(dir: &Path) -> Result<Stage, Failure> {
        let program =
            std::env::current_exe().map_err(|e| Failure::cannot(format!("cannot find myself: {e}")))?;
        let stage = Stage { dir: dir.to_owned(), program, git: git(dir, &["init", "--quiet"]) };
        write_new(&stage.passphrase(), format!("{PASSPHRASE}\n").as_bytes())?;
        for person in story::PEOPLE {
            let (private, public) = keys::openssh::generate(PASSPHRASE, person.id, ROUNDS)
                .map_err(|e| Failure::cannot(format!("a demo key could not be made: {e}")))?;
            let file = stage.key(person.id);
            write_new(&file, private.as_bytes())?;
            restrict(&file);
            write_new(
                &file.with_extension("pub"),
                format!("{} {}\n", public.as_str(), person.id).as_bytes(),
            )?;
        }
        Ok(stage)
    }

    /// The program as the reader can call it from here.
    fn name(&self) -> String {
        let here = std::env::current_dir().unwrap_or_default();
        let path = self.program.strip_prefix(here).unwrap_or(&self.program);
        path.display().to_string()
    }

    fn hidden(&self) -> PathBuf {
        self.dir.join(".countersign/demo")
    }

    fn passphrase(&self) -> PathBuf {
        self.hidden().join("passphrase")
    }

    fn key(&self, person: &str) -> PathBuf {
        self.hidden().join("keys").join(person)
    }

    fn scene(&self, scene: &story::Scene) -> Result<(), Failure> {
        let who = story::PEOPLE.iter().find(|p| p.id == scene.who).expect("the story names its own people");
        let day: crate::time::Timestamp = scene.at.parse().expect("the story's times are well formed");
        if !matches!(scene.acts, [Act::Quiet(_)]) {
            answer(&format!("\n{}  {}, {}\n", day.human(), who.name, who.part));
        }
        for act in scene.acts {
            match act {
                Act::Tell(words) => answer(&format!("  {words}\n")),
                Act::Quiet(words) => {
                    let words: Vec<String> = words.iter().map(|w| self.fill(w)).collect();
                    self.play(scene.at, scene.who, &words)?;
                }
                Act::Files(revision) => self.lay(*revision)?,
                Act::Text(path, text) => write_text(&self.hidden().join(path), text)?,
                Act::Run(words) => {
                    let words: Vec<String> = words.iter().map(|w| self.fill(w)).collect();
                    self.command(scene.at, scene.who, &words)?;
                }
                Act::Reply(command, words) => {
                    let thread = self.open_thread()?;
                    let mut all = vec![(*command).to_owned(), story::PACKAGE.to_owned(), thread];
                    all.extend(words.iter().map(|w| self.fill(w)));
                    self.command(scene.at, scene.who, &all)?;
                }
                Act::Commit(message) => self.commit(who, scene.at, message),
            }
        }
        Ok(())
    }

    fn fill(&self, word: &str) -> String {
        word.replace("{demo}", &self.hidden().display().to_string())
    }

    /// Lays the package's files for a revision, as its author would have edited them.
    fn lay(&self, revision: usize) -> Result<(), Failure> {
        let base = self.dir.join("packages").join(story::PACKAGE);
        let fail = |e: std::io::Error| Failure::cannot(format!("{}: {e}", base.display()));
        for (path, bytes) in files::revision(revision) {
            let full = base.join(path);
            std::fs::create_dir_all(full.parent().expect("a file in a folder")).map_err(fail)?;
            std::fs::write(&full, bytes).map_err(fail)?;
        }
        for gone in files::gone(revision) {
            std::fs::remove_file(base.join(gone)).map_err(fail)?;
        }
        Ok(())
    }

    fn child(&self, at: &str, who: Option<&str>, words: &[String]) -> Command {
        let mut command = Command::new(&self.program);
        command.arg("--root").arg(&self.dir).args(words).stdin(Stdio::null());
        command.env("COUNTERSIGN_NOW", at).env("COUNTERSIGN_PASSPHRASE_FILE", self.passphrase());
        // The agent of whoever runs the demo has no part in it.
        command.env_remove("SSH_AUTH_SOCK").env_remove("COUNTERSIGN_KEY");
        if let Some(who) = who {
            command.env("COUNTERSIGN_KEY", self.key(who));
        }
        command
    }

    /// Runs a command and shows both.
    fn command(&self, at: &str, who: &str, words: &[String]) -> Result<(), Failure> {
        let shown: Vec<String> = words.iter().map(|w| story::shown(w, &self.hidden())).collect();
        answer(&format!("  $ countersign {}\n", shown.join(" ")));
        for line in self.play(at, who, words)?.lines().filter(|l| !l.is_empty()) {
            answer(&format!("      {line}\n"));
        }
        Ok(())
    }

    /// Runs a command; its answer.
    fn play(&self, at: &str, who: &str, words: &[String]) -> Result<String, Failure> {
        let mut words = words.to_vec();
        if story::signs(&words) {
            words.push("--yes".to_owned());
        }
        let out = self.child(at, Some(who), &words).output().map_err(|e| Failure::cannot(e.to_string()))?;
        if out.status.success() {
            return Ok(String::from_utf8_lossy(&out.stdout).into_owned());
        }
        talk(&String::from_utf8_lossy(&out.stderr));
        talk(&String::from_utf8_lossy(&out.stdout));
        Err(Failure::cannot("the demonstration stopped here"))
    }

    /// Runs a question as of now and shows the whole answer.
    fn ask(&self, words: &[&str]) -> Result<(), Failure> {
        let words: Vec<String> = words.iter().map(|w| (*w).to_owned()).collect();
        answer(&format!("  $ countersign {}\n", words.join(" ")));
        let mut command = Command::new(&self.program);
        command.arg("--root").arg(&self.dir).args(&words).stdin(Stdio::null());
        let out = command.output().map_err(|e| Failure::cannot(e.to_string()))?;
        for line in String::from_utf8_lossy(&out.stdout).lines() {
            answer(&format!("      {line}\n"));
        }
        if out.status.success() {
            return Ok(());
        }
        talk(&String::from_utf8_lossy(&out.stderr));
        Err(Failure::cannot("the demonstration stopped here"))
    }

    /// The question that waits for an answer or for its asker.
    fn open_thread(&self) -> Result<String, Failure> {
        let words = ["--format", "json", "status", story::PACKAGE].map(str::to_owned);
        let out =
            self.child(story::END, None, &words).output().map_err(|e| Failure::cannot(e.to_string()))?;
        let status: serde_json::Value =
            serde_json::from_slice(&out.stdout).map_err(|e| Failure::cannot(format!("status: {e}")))?;
        let threads = status["threads"].as_array().cloned().unwrap_or_default();
        let open = threads.iter().find(|t| matches!(t["state"].as_str(), Some("open" | "answered")));
        let id = open.and_then(|t| t["id"].as_str()).map(|id| id[..12].to_owned());
        id.ok_or_else(|| Failure::cannot("no question is open"))
    }

    fn commit(&self, who: &story::Player, at: &str, message: &str) {
        if !self.git || !git(&self.dir, &["add", "--all"]) {
            return;
        }
        let mut command = Command::new("git");
        let email = format!("{}@example.test", who.id);
        command.arg("-C").arg(&self.dir).args(["commit", "--quiet", "--no-gpg-sign", "-m", message]);
        for role in ["AUTHOR", "COMMITTER"] {
            command.env(format!("GIT_{role}_NAME"), who.name).env(format!("GIT_{role}_EMAIL"), &email);
            command.env(format!("GIT_{role}_DATE"), at);
        }
        let _ = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status();
    }
}

fn git(dir: &Path, args: &[&str]) -> bool {
    let mut command = Command::new("git");
    command.arg("-C").arg(dir).args(args).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok_and(|s| s.success())
}

fn write_text(path: &Path, text: &str) -> Result<(), Failure> {
    Ok(crate::store::write_atomic(path, text.as_bytes())?)
}

#[cfg(unix)]
fn restrict(path: &Path) {
    use std::os::unix::fs::PermissionsExt as _;
    let _ = std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600));
}

#[cfg(not(unix))]
fn restrict(_: &Path) {}
