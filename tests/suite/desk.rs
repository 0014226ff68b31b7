//! The harness: a temporary workspace, real keys, the real program, and a clock that moves only when told.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::OnceLock;
use tempfile::TempDir;

/// The passphrase of every key on the desk.
pub const PASSPHRASE: &str = "desk passphrase";

/// The people of the small bank. All of them are invented.
pub const PEOPLE: &[(&str, &str, &[&str])] = &[
    ("nora-vance", "Nora Vance", &[]),
    ("ines-moreau", "Ines Moreau", &[]),
    ("tomasz-lindqvist", "Tomasz Lindqvist", &["data-governance"]),
    ("adaeze-okafor", "Adaeze Okafor", &["model-risk"]),
    ("hana-sato", "Hana Sato", &["ai-committee"]),
    ("lucas-brandt", "Lucas Brandt", &["ai-committee"]),
];

/// A workspace with keys, a program and a clock.
pub struct Desk {
    dir: TempDir,
    clock: i64,
}

/// What a command answered.
#[derive(Debug)]
pub struct Answer {
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl From<Output> for Answer {
    fn from(output: Output) -> Answer {
        Answer {
            code: output.status.code().unwrap_or(-1),
            out: String::from_utf8_lossy(&output.stdout).into_owned(),
            err: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }
}

impl Answer {
    /// Asserts the exit code.
    #[track_caller]
    pub fn exits(self, code: i32) -> Answer {
        assert_eq!(self.code, code, "stdout:\n{}\nstderr:\n{}", self.out, self.err);
        self
    }

    /// Asserts that the answer or the talk holds some words.
    #[track_caller]
    pub fn says(self, words: &str) -> Answer {
        let all = format!("{}{}", self.out, self.err);
        assert!(all.contains(words), "`{words}` is not in:\n{all}");
        self
    }

    /// The answer as JSON.
    #[track_caller]
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.out).unwrap_or_else(|e| panic!("{e}\n{}\n{}", self.out, self.err))
    }
}

/// The built program.
pub fn program() -> &'static Path {
    Path::new(env!("CARGO_BIN_EXE_countersign"))
}

/// A file of this repository.
pub fn repository(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// Copies a folder.
pub fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), &target).unwrap();
        }
    }
}

/// A key made by the real ssh-keygen; one round of key derivation, for speed.
pub fn keygen(file: &Path) {
    let status = Command::new("ssh-keygen")
        .args(["-q", "-t", "ed25519", "-a", "1", "-C", "desk", "-N", PASSPHRASE, "-f"])
        .arg(file)
        .status()
        .expect("ssh-keygen is installed");
    assert!(status.success());
}

impl Desk {
    /// An empty folder with a key for everyone.
    pub fn empty() -> Desk {
        let desk = Desk { dir: TempDir::new().unwrap(), clock: 1_793_520_000 };
        std::fs::create_dir_all(desk.root()).unwrap();
        std::fs::create_dir_all(desk.dir.path().join("keys")).unwrap();
        std::fs::write(desk.dir.path().join("passphrase"), PASSPHRASE).unwrap();
        static KEYS: OnceLock<TempDir> = OnceLock::new();
        let keys = KEYS.get_or_init(|| {
            let keys = TempDir::new().unwrap();
            PEOPLE.iter().for_each(|(id, ..)| keygen(&keys.path().join(id)));
            keys
        });
        copy(keys.path(), &desk.dir.path().join("keys"));
        desk
    }

    /// A workspace with everyone enrolled, a chain of three steps and a package, not submitted.
    pub fn bank() -> Desk {
        static MADE: OnceLock<Desk> = OnceLock::new();
        MADE.get_or_init(|| {
            let mut desk = Desk::empty();
            let args =
                ["init", "--bare", "--chain", "bank-credit", "--name", "Desk bank", "--person", "nora-vance"];
            let more = ["--person-name", "Nora Vance", "--email", "nora-vance@example.test", "--yes"];
            desk.by("nora-vance", &[&args[..], &more[..]].concat()).exits(0);
            for (id, name, roles) in &PEOPLE[1..] {
                let request = desk.dir.path().join(format!("{id}.toml"));
                let request = request.to_str().unwrap();
                let email = format!("{id}@example.test");
                let args = [
                    "people", "request", "--person", id, "--name", name, "--email", &email, "--out", request,
                ];
                desk.by(id, &args).exits(0);
                let mut args =
                    vec!["people", "enrol", request, "--identity", "badge checked on the desk", "--yes"];
                roles.iter().for_each(|role| args.extend(["--role", role]));
                desk.by("nora-vance", &args).exits(0);
            }
            desk.run(&["append"]).exits(0);
            std::fs::remove_file(desk.path("chains/bank-credit.toml")).unwrap();
            copy(&repository("tests/workspaces/desk"), &desk.root());
            desk
        })
        .copied()
    }

    /// The bank with the package submitted.
    pub fn submitted() -> Desk {
        static MADE: OnceLock<Desk> = OnceLock::new();
        MADE.get_or_init(|| {
            let mut desk = Desk::bank();
            desk.by("ines-moreau", &["submit", "scorecard", "--yes"]).exits(0);
            desk
        })
        .copied()
    }

    /// The bank with the package approved by everyone, in the ledger.
    pub fn approved() -> Desk {
        static MADE: OnceLock<Desk> = OnceLock::new();
        MADE.get_or_init(|| {
            let mut desk = Desk::submitted();
            desk.by("tomasz-lindqvist", &["decide", "scorecard", "approve", "--yes"]).exits(0);
            let condition = "Report the stability index each quarter | ines-moreau | 2027-06-30";
            desk.by("adaeze-okafor", &["decide", "scorecard", "approve", "--condition", condition, "--yes"])
                .exits(0);
            desk.by("hana-sato", &["decide", "scorecard", "approve", "--yes"]).exits(0);
            desk.by("lucas-brandt", &["decide", "scorecard", "approve", "--yes"]).exits(0);
            desk.run(&["append"]).exits(0);
            desk
        })
        .copied()
    }

    /// Adds a copy of the package as one of its own, approved in every step and not certified.
    pub fn approve_second(&mut self) {
        copy(&self.path("packages/scorecard"), &self.path("packages/second"));
        std::fs::remove_dir_all(self.path("packages/second/revisions")).unwrap();
        self.by("ines-moreau", &["submit", "second", "--yes"]).exits(0);
        for person in ["tomasz-lindqvist", "adaeze-okafor", "hana-sato", "lucas-brandt"] {
            self.by(person, &["decide", "second", "approve", "--yes"]).exits(0);
        }
        self.run(&["append"]).exits(0);
    }

    /// The bank with the package certified, and one comment that waits.
    pub fn certified() -> Desk {
        static MADE: OnceLock<Desk> = OnceLock::new();
        MADE.get_or_init(|| {
            let mut desk = Desk::approved();
            desk.by("nora-vance", &["certify", "scorecard", "--yes"]).exits(0);
            desk.run(&["append"]).exits(0);
            let words = ["--section", "evaluation", "--text", "For the next review.", "--yes"];
            desk.by("hana-sato", &[&["comment", "scorecard"][..], &words[..]].concat()).exits(0);
            desk
        })
        .copied()
    }

    /// A desk of its own with the same contents.
    pub fn copied(&self) -> Desk {
        let dir = TempDir::new().unwrap();
        copy(self.dir.path(), dir.path());
        Desk { dir, clock: self.clock }
    }

    /// The workspace.
    pub fn root(&self) -> PathBuf {
        self.dir.path().join("workspace")
    }

    /// A file of the workspace.
    pub fn path(&self, path: &str) -> PathBuf {
        self.root().join(path)
    }

    /// A place beside the workspace.
    pub fn beside(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// Someone's key file.
    pub fn key(&self, person: &str) -> PathBuf {
        self.dir.path().join("keys").join(person)
    }

    /// The text of a file of the workspace.
    pub fn read(&self, path: &str) -> String {
        std::fs::read_to_string(self.path(path)).unwrap_or_else(|e| panic!("{path}: {e}"))
    }

    /// Writes a file of the workspace.
    pub fn write(&self, path: &str, text: &str) {
        let full = self.path(path);
        std::fs::create_dir_all(full.parent().unwrap()).unwrap();
        std::fs::write(full, text).unwrap();
    }

    /// Replaces words in a file of the workspace; they must be there.
    #[track_caller]
    pub fn edit(&self, path: &str, old: &str, new: &str) {
        let text = self.read(path);
        assert!(text.contains(old), "`{old}` is not in {path}");
        self.write(path, &text.replace(old, new));
    }

    /// The instant of the desk's clock.
    pub fn now(&self) -> String {
        countersign::time::Timestamp::from_seconds(self.clock).unwrap().to_string()
    }

    /// Lets days pass.
    pub fn wait_days(&mut self, days: i64) {
        self.clock += days * 86_400;
    }

    fn command(&mut self, person: Option<&str>, args: &[&str]) -> Command {
        self.clock += 60;
        let mut command = Command::new(program());
        command.arg("--root").arg(self.root()).args(args).stdin(Stdio::null());
        command.env_clear().env("PATH", std::env::var_os("PATH").unwrap_or_default());
        command.env("HOME", self.dir.path()).env("COUNTERSIGN_NOW", self.now());
        command.env("COUNTERSIGN_PASSPHRASE_FILE", self.dir.path().join("passphrase"));
        command.env("GIT_CONFIG_NOSYSTEM", "1");
        if let Some(person) = person {
            command.env("COUNTERSIGN_KEY", self.key(person));
        }
        command
    }

    /// Runs the program as nobody in particular.
    pub fn run(&mut self, args: &[&str]) -> Answer {
        self.command(None, args).output().unwrap().into()
    }

    /// Runs the program with someone's key.
    pub fn by(&mut self, person: &str, args: &[&str]) -> Answer {
        self.command(Some(person), args).output().unwrap().into()
    }

    /// Runs the program with someone's key and a changed environment.
    pub fn by_with(
        &mut self,
        person: Option<&str>,
        args: &[&str],
        change: impl FnOnce(&mut Command),
    ) -> Answer {
        let mut command = self.command(person, args);
        change(&mut command);
        command.output().unwrap().into()
    }

    /// `status --format json` of the package.
    pub fn status(&mut self) -> serde_json::Value {
        self.run(&["--format", "json", "status", "scorecard"]).exits(0).json()
    }

    /// The package's state.
    pub fn state(&mut self) -> String {
        self.status()["state"].as_str().unwrap().to_owned()
    }

    /// A step's state.
    pub fn step(&mut self, id: &str) -> String {
        let status = self.status();
        let steps = status["steps"].as_array().unwrap();
        let step = steps.iter().find(|s| s["id"] == id).unwrap_or_else(|| panic!("no step {id}"));
        step["state"].as_str().unwrap().to_owned()
    }

    /// The codes of all records, in ledger order.
    pub fn codes(&mut self) -> Vec<String> {
        let status = self.status();
        status["records"].as_array().unwrap().iter().map(|r| r["code"].as_str().unwrap().to_owned()).collect()
    }

    /// Runs git in the workspace.
    #[track_caller]
    pub fn git(&self, args: &[&str]) -> Answer {
        git(&self.root(), args)
    }
}

/// Runs git in a folder, as a plain invented person.
#[track_caller]
pub fn git(dir: &Path, args: &[&str]) -> Answer {
    let mut command = Command::new("git");
    command
        .arg("-C")
        .arg(dir)
        .args(["-c", "init.defaultBranch=main", "-c", "commit.gpgsign=false"])
        .args(args);
    for role in ["AUTHOR", "COMMITTER"] {
        command.env(format!("GIT_{role}_NAME"), "Desk").env(format!("GIT_{role}_EMAIL"), "desk@example.test");
    }
    command.env("GIT_CONFIG_NOSYSTEM", "1").env("GIT_CONFIG_GLOBAL", "/dev/null");
    command.stdin(Stdio::null()).output().expect("git is installed").into()
}
