//! Asks Git, by its own program: the user's hooks, credentials and settings apply, and no second
//! implementation of Git has to be trusted.

use super::workspace::StoreError;
use std::collections::{BTreeMap, BTreeSet};
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// How long Git may take to send a branch.
const PATIENCE: Duration = Duration::from_secs(60);
/// Bytes of what Git says that are kept.
const MOST_WORDS: u64 = 16 * 1024;

/// A Git work tree whose top is the workspace, or above it.
#[derive(Debug, Clone)]
pub struct Git {
    root: PathBuf,
}

impl Git {
    /// Git for the workspace at `root`; `None` when that is not in a work tree or Git is not installed.
    pub fn at(root: &Path) -> Option<Git> {
        let git = Git { root: root.to_owned() };
        let inside = git.run(&["rev-parse", "--is-inside-work-tree"]).ok()?;
        (inside.trim_ascii() == b"true").then_some(git)
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new("git");
        command.arg("-C").arg(&self.root).args(["-c", "core.quotePath=false"]).args(args);
        // A hook that runs us has these set for its own repository.
        for name in ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY", "GIT_PREFIX"] {
            command.env_remove(name);
        }
        command.stdin(Stdio::null());
        command
    }

    fn run(&self, args: &[&str]) -> Result<Vec<u8>, StoreError> {
        let out = self.command(args).output().map_err(|e| StoreError::Git(e.to_string()))?;
        if out.status.success() {
            return Ok(out.stdout);
        }
        let words = String::from_utf8_lossy(&out.stderr);
        Err(StoreError::Git(format!("{} ({})", words.trim(), args.first().copied().unwrap_or(""))))
    }

    /// The commit a name stands for.
    ///
    /// # Errors
    /// When there is no such commit.
    pub fn commit(&self, rev: &str) -> Result<String, StoreError> {
        let spec = format!("{rev}^{{commit}}");
        let out = self.run(&["rev-parse", "--verify", "--quiet", "--end-of-options", &spec]);
        let out = out.map_err(|_| StoreError::Git(format!("there is no commit `{rev}`")))?;
        Ok(String::from_utf8_lossy(&out).trim().to_owned())
    }

    /// The common ancestors two commits parted from. Where branches were merged both ways there are several,
    /// and each holds something that must not be lost.
    ///
    /// # Errors
    /// When they have none.
    pub fn merge_bases(&self, a: &str, b: &str) -> Result<Vec<String>, StoreError> {
        let out = self.run(&["merge-base", "--all", a, b]);
        let out = out.map_err(|_| StoreError::Git(format!("{a} and {b} have no common history")))?;
        Ok(String::from_utf8_lossy(&out).lines().map(str::to_owned).collect())
    }

    /// The branch that is checked out; `None` when none is.
    pub fn branch(&self) -> Option<String> {
        let out = self.run(&["symbolic-ref", "--quiet", "--short", "HEAD"]).ok()?;
        let name = String::from_utf8_lossy(&out).trim().to_owned();
        (!name.is_empty()).then_some(name)
    }

    /// True if the last commit holds these files and folders as they are on disk.
    pub fn holds(&self, paths: &[String]) -> bool {
        let with = |args: &[&str], path: &str| self.run(&[args, &["--", path]].concat());
        paths.iter().all(|path| {
            let known =
                with(&["ls-tree", "-r", "--name-only", "HEAD"], path).is_ok_and(|out| !out.is_empty());
            known && with(&["status", "--porcelain"], path).is_ok_and(|out| out.is_empty())
        })
    }

    /// Commits these files and folders, and nothing else that is staged, on the branch that is checked out.
    ///
    /// # Errors
    /// With Git's own words. What is staged is then as it was before.
    pub fn commit_only(&self, paths: &[String], message: &str) -> Result<(), StoreError> {
        let paths: Vec<&str> = paths.iter().map(String::as_str).collect();
        let with = |args: &[&str]| self.run(&[args, &["--"], paths.as_slice()].concat());
        with(&["add"])?;
        let done = with(&["commit", "--quiet", "--only", "-m", message]);
        if done.is_err() {
            // What could not be committed does not stay staged behind the user's back.
            let _ = with(&["reset", "--quiet"]);
        }
        done.map(drop)
    }

    /// Where the branch that is checked out is sent: the remote, and the branch there; `None` when nobody said.
    pub fn upstream(&self) -> Option<(String, String)> {
        let branch = self.branch()?;
        let remote = self.config(&format!("branch.{branch}.remote"))?;
        let merge = self.config(&format!("branch.{branch}.merge"))?;
        // The same names, as far as Git has fetched them.
        self.run(&["rev-parse", "--verify", "--quiet", "@{upstream}"]).ok()?;
        Some((remote, merge))
    }

    /// True if the branch that this one is sent to holds these files as they are on disk, as far as is known here.
    pub fn sent(&self, paths: &[String]) -> bool {
        let paths: Vec<&str> = paths.iter().map(String::as_str).collect();
        let list =
            self.run(&[&["ls-tree", "-r", "--name-only", "@{upstream}", "--"], paths.as_slice()].concat());
        list.is_ok_and(|out| !out.is_empty())
            && self.run(&[&["diff", "--quiet", "@{upstream}", "--"], paths.as_slice()].concat()).is_ok()
    }

    /// How many commits of this branch are not where it is sent.
    pub fn ahead(&self) -> usize {
        let out = self.run(&["rev-list", "--count", "@{upstream}..HEAD"]).unwrap_or_default();
        String::from_utf8_lossy(&out).trim().parse().unwrap_or(0)
    }

    /// Sends the branch that is checked out to where it is sent, and no other; never by force.
    ///
    /// # Errors
    /// With Git's own words, or that it did not answer: a page must not wait for a passphrase that is asked
    /// for on a terminal nobody looks at.
    pub fn push(&self) -> Result<(), StoreError> {
        let fail = |words: &str| StoreError::Git(words.trim().to_owned());
        let (remote, merge) = self.upstream().ok_or_else(|| fail("the branch is sent nowhere"))?;
        let to = format!("HEAD:{merge}");
        let mut command = self.command(&["push", "--quiet", "--end-of-options", &remote, &to]);
        command.env("GIT_TERMINAL_PROMPT", "0").stdout(Stdio::null()).stderr(Stdio::piped());
        let mut child = command.spawn().map_err(|e| fail(&e.to_string()))?;
        let mut errors = child.stderr.take().expect("asked for a pipe");
        let reader = std::thread::spawn(move || {
            let mut words = Vec::new();
            let _ = std::io::Read::by_ref(&mut errors).take(MOST_WORDS).read_to_end(&mut words);
            // What is more than that is read and let go, so that Git never waits for us.
            let _ = std::io::copy(&mut errors, &mut std::io::sink());
            String::from_utf8_lossy(&words).into_owned()
        });
        let begun = Instant::now();
        let status = loop {
            match child.try_wait().map_err(|e| fail(&e.to_string()))? {
                Some(status) => break status,
                None if begun.elapsed() > PATIENCE => {
                    let _ = child.kill();
                    let _ = child.wait();
                    return Err(fail(&format!(
                        "Git gave no answer in {} seconds; it may be waiting for a password. Push in a terminal",
                        PATIENCE.as_secs()
                    )));
                }
                None => std::thread::sleep(Duration::from_millis(20)),
            }
        };
        let words = reader.join().unwrap_or_default();
        if status.success() { Ok(()) } else { Err(fail(&words)) }
    }

    /// Every file of a commit under the workspace, by path below it, with its bytes, for the paths that
    /// `wanted` picks.
    ///
    /// # Errors
    /// When Git cannot list or read.
    pub fn files(
        &self,
        commit: &str,
        wanted: impl Fn(&str) -> bool,
    ) -> Result<BTreeMap<String, Vec<u8>>, StoreError> {
        let listing = self.run(&["ls-tree", "-r", "-z", commit, "--", "."])?;
        let mut names = Vec::new();
        for row in listing.split(|b| *b == 0).filter(|row| !row.is_empty()) {
            let row = String::from_utf8_lossy(row).into_owned();
            let Some((head, path)) = row.split_once('\t') else { continue };
            let mut head = head.split(' ');
            let (_mode, kind, oid) = (head.next(), head.next(), head.next());
            if kind == Some("blob") && wanted(path) {
                names.push((path.to_owned(), oid.unwrap_or_default().to_owned()));
            }
        }
        self.blobs(&names)
    }

    /// Paths under the workspace that differ between a commit and the work tree, new files included.
    ///
    /// # Errors
    /// When Git cannot compare.
    pub fn changed(&self, commit: &str) -> Result<Vec<String>, StoreError> {
        let tracked =
            self.run(&["diff", "--name-only", "--no-renames", "--relative", "-z", commit, "--", "."])?;
        let new = self.run(&["ls-files", "--others", "--exclude-standard", "-z", "--", "."])?;
        let all = tracked.split(|b| *b == 0).chain(new.split(|b| *b == 0));
        Ok(all.filter(|p| !p.is_empty()).map(|p| String::from_utf8_lossy(p).into_owned()).collect())
    }

    /// Reads many objects with one `git cat-file --batch`.
    fn blobs(&self, names: &[(String, String)]) -> Result<BTreeMap<String, Vec<u8>>, StoreError> {
        let fail = |e: std::io::Error| StoreError::Git(e.to_string());
        let mut child = self
            .command(&["cat-file", "--batch"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(fail)?;
        let mut input = child.stdin.take().expect("asked for a pipe");
        let asked: String = names.iter().map(|(_, oid)| format!("{oid}\n")).collect();
        // Written from a thread: with both pipes full, one process would wait for the other for ever.
        let writer = std::thread::spawn(move || input.write_all(asked.as_bytes()));
        let mut out = Vec::new();
        child.stdout.take().expect("asked for a pipe").read_to_end(&mut out).map_err(fail)?;
        writer.join().expect("writing does not panic").map_err(fail)?;
        child.wait().map_err(fail)?;

        let mut rest = out.as_slice();
        let mut files = BTreeMap::new();
        for (path, oid) in names {
            let broken = || StoreError::Git(format!("cat-file did not give {oid}"));
            let end = rest.iter().position(|b| *b == b'\n').ok_or_else(broken)?;
            let head = String::from_utf8_lossy(&rest[..end]);
            let size: usize = head.rsplit(' ').next().and_then(|n| n.parse().ok()).ok_or_else(broken)?;
            let bytes = rest.get(end + 1..end + 1 + size).ok_or_else(broken)?;
            files.insert(path.clone(), bytes.to_vec());
            rest = rest.get(end + 2 + size..).ok_or_else(broken)?;
        }
        Ok(files)
    }

    /// The bytes of one file of a commit; `None` when it is not in it.
    pub fn file(&self, rev: &str, path: &str) -> Option<Vec<u8>> {
        self.run(&["show", "--end-of-options", &format!("{rev}:./{path}")]).ok()
    }

    /// The mail addresses of everyone who wrote, committed or is named as co-author of a commit that
    /// touched `path`, oldest first, without repeats.
    pub fn authors(&self, path: &str) -> Vec<String> {
        // One address a line; a co-author's line is `Name <address>`.
        let format = "--format=%ae%n%ce%n%(trailers:key=Co-authored-by,valueonly)";
        let out = self.run(&["log", "--reverse", format, "--", path]).unwrap_or_default();
        let mut known = BTreeSet::new();
        let mut all = Vec::new();
        for line in String::from_utf8_lossy(&out).lines() {
            let address = match line.rsplit_once('<') {
                Some((_, rest)) => rest.split('>').next().unwrap_or_default(),
                None => line,
            };
            let address = address.trim();
            if !address.is_empty() && known.insert(address.to_owned()) {
                all.push(address.to_owned());
            }
        }
        all
    }

    /// A value of the user's Git configuration.
    pub fn config(&self, key: &str) -> Option<String> {
        let out = self.run(&["config", "--get", key]).ok()?;
        let value = String::from_utf8_lossy(&out).trim().to_owned();
        (!value.is_empty()).then_some(value)
    }
}
