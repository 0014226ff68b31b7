//! The arguments. Help texts are imperative; every command says what it answers.

use clap::{Args, Parser, Subcommand, ValueEnum};
use std::path::PathBuf;

/// Sign-off for machine-learning models, done as docs-as-code.
#[derive(Debug, Parser)]
#[command(
    version,
    max_term_width = 100,
    after_help = "Exit codes: 0 yes, 1 no, 2 could not answer, 3 tampered.\nStart with `countersign demo`, or `countersign init` in a repository of yours."
)]
pub struct Cli {
    /// Use the workspace in this folder instead of the current one or the nearest above it.
    #[arg(long, global = true, value_name = "DIR")]
    pub root: Option<PathBuf>,
    /// Print the answer in this shape.
    #[arg(long, global = true, value_enum, default_value_t = Shape::Human)]
    pub format: Shape,
    /// Judge as of this instant (RFC 3339) instead of now.
    #[arg(long, global = true, hide = true, env = "COUNTERSIGN_NOW", value_name = "TIME")]
    pub as_of: Option<crate::time::Timestamp>,
    #[command(subcommand)]
    pub command: Command,
}

/// Shapes of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Shape {
    /// For people.
    Human,
    /// One JSON document.
    Json,
    /// SARIF 2.1.0, for code-scanning tools.
    Sarif,
    /// Workflow annotations.
    Github,
    /// A folder of evidence; for `export` alone.
    Bundle,
}

/// The commands, in the order of a package's life.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Play a whole review on a real package in a new folder, verify it and show the pages.
    Demo(Demo),
    /// Make a workspace: configuration, first registrar, a chain, a package to edit, a CI workflow.
    Init(Init),
    /// Say everything that is wrong with packages and chains.
    Check(Packages),
    /// Say what is legal in the chains but cannot work with the people enrolled.
    Lint,
    /// Freeze the working copy as the next revision and submit it for review.
    #[command(alias = "resubmit")]
    Submit(Submit),
    /// Show where packages stand.
    Status(OnePackage),
    /// Show why a package is in its state, as a tree of reasons.
    Explain(Package),
    /// Review in the browser: what awaits you, read, comment, decide and sign, on this computer only.
    Review(Review),
    /// Comment on a section, or ask a question that must be answered.
    Comment(Comment),
    /// Answer a question, for the author's side.
    Answer(Reply),
    /// Close a question you asked.
    Resolve(Reply),
    /// Approve, reject, ask for clarification or abstain, in one step of a package.
    Decide(Decide),
    /// Take back a record you signed; it stays in the ledger.
    Withdraw(Withdraw),
    /// Show what changed between two revisions, or between the last one and the working copy.
    Diff(Diff),
    /// Move pending records into the ledger.
    Append,
    /// Freeze the outcome of an approved package as its certificate.
    Certify(Certify),
    /// Answer about integrity: does every signature, hash and frozen file hold?
    Verify(Verify),
    /// Answer whether packages may pass.
    Gate(Packages),
    /// Render the site.
    Build(Build),
    /// Render the site, serve it on 127.0.0.1 and keep it current while files change.
    Serve(Serve),
    /// Write the certificate; needs `--format json` (a document) or `--format bundle` (a folder of evidence).
    Export(Export),
    /// Show and change who is enrolled, with which keys and roles.
    People(People),
    /// Show the audit trail.
    Log(OnePackage),
}

/// Where a person's key is.
#[derive(Debug, Clone, Args)]
pub struct Sign {
    /// Sign with this OpenSSH key file (or its .pub, when an ssh-agent holds the key).
    #[arg(long, env = "COUNTERSIGN_KEY", value_name = "FILE")]
    pub key: Option<PathBuf>,
    /// Declare AI assistance in words, as `tool: kind`.
    #[arg(long, default_value = "none", value_name = "WORDS")]
    pub assistance: String,
    /// Sign without asking again; the statement is shown all the same.
    #[arg(long, short = 'y')]
    pub yes: bool,
}

#[derive(Debug, Args)]
pub struct Demo {
    /// A folder that is absent or empty [default: a new folder, named in the output].
    pub dir: Option<PathBuf>,
    /// Exit after building instead of serving the pages.
    #[arg(long)]
    pub no_serve: bool,
    /// Serve on this port [default: a free one].
    #[arg(long, default_value_t = 0)]
    pub port: u16,
}

#[derive(Debug, Args)]
pub struct Init {
    /// Name of the repository, shown on every page.
    #[arg(long)]
    pub name: Option<String>,
    /// Person id of the first registrar.
    #[arg(long, value_name = "ID")]
    pub person: crate::id::PersonId,
    /// Printed name of the first registrar.
    #[arg(long, value_name = "NAME")]
    pub person_name: String,
    /// Mail address of the first registrar.
    #[arg(long, value_name = "ADDRESS")]
    pub email: String,
    /// Chain template to start from.
    #[arg(long, value_enum, default_value_t = ChainTemplate::Starter)]
    pub chain: ChainTemplate,
    /// Leave out the package skeleton.
    #[arg(long)]
    pub bare: bool,
    #[command(flatten)]
    pub sign: Sign,
}

/// The chains `init` can write.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ChainTemplate {
    /// One reviewer, four sections, one threshold: the smallest that works, to grow from.
    Starter,
    /// Data governance, model risk, fair lending, AI committee.
    BankCredit,
    /// Data privacy, clinical safety, validation, medical director.
    Clinical,
    /// Data steward, risk manager and technical documentation, signatory.
    EuAiActHighRisk,
}

#[derive(Debug, Args)]
pub struct Packages {
    /// Packages to look at [default: all].
    pub packages: Vec<crate::id::PackageId>,
}

#[derive(Debug, Args)]
pub struct OnePackage {
    /// The package [default: all].
    pub package: Option<crate::id::PackageId>,
}

#[derive(Debug, Args)]
pub struct Package {
    /// The package.
    pub package: crate::id::PackageId,
}

#[derive(Debug, Args)]
pub struct Submit {
    /// The package.
    pub package: crate::id::PackageId,
    /// Answers to findings and notes on changed sections, from a TOML file.
    #[arg(long, value_name = "FILE")]
    pub from: Option<PathBuf>,
    /// Answer an open finding: `FINDING: what was done`.
    #[arg(long, value_name = "TEXT")]
    pub answer: Vec<String>,
    /// Say what changed in a section: `SECTION: what and why`.
    #[arg(long, value_name = "TEXT")]
    pub note: Vec<String>,
    #[command(flatten)]
    pub sign: Sign,
}

#[derive(Debug, Args)]
pub struct Comment {
    /// The package.
    pub package: crate::id::PackageId,
    /// The section it is about.
    #[arg(long)]
    pub section: crate::id::SectionId,
    /// The words.
    #[arg(long, value_name = "TEXT")]
    pub text: String,
    /// A passage of the section, word for word.
    #[arg(long, value_name = "PASSAGE")]
    pub quote: Option<String>,
    /// Make it a question that must be answered before the package can pass.
    #[arg(long)]
    pub question: bool,
    #[command(flatten)]
    pub sign: Sign,
}

#[derive(Debug, Args)]
pub struct Reply {
    /// The package.
    pub package: crate::id::PackageId,
    /// The record that opened the thread; its first characters are enough.
    pub thread: String,
    /// The words.
    #[arg(long, default_value = "", value_name = "TEXT")]
    pub text: String,
    #[command(flatten)]
    pub sign: Sign,
}

/// What can be decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Choice {
    /// The criteria are met.
    Approve,
    /// They are not; name findings.
    Reject,
    /// A question must be answered first.
    Clarify,
    /// Present, without a vote.
    Abstain,
}

#[derive(Debug, Args)]
pub struct Decide {
    /// The package.
    pub package: crate::id::PackageId,
    /// The decision.
    #[arg(value_enum)]
    pub decision: Choice,
    /// The step [default: the only open step of your role].
    #[arg(long)]
    pub step: Option<crate::id::StepId>,
    /// Attach a condition: `text`, `text | owner` or `text | owner | YYYY-MM-DD`.
    #[arg(long, value_name = "TEXT")]
    pub condition: Vec<String>,
    /// Name a finding: `section | concern | what would make it approvable`.
    #[arg(long, value_name = "TEXT")]
    pub finding: Vec<String>,
    /// Give the reason of all findings.
    #[arg(long, value_enum, default_value_t = Reason::Documentation)]
    pub reason: Reason,
    /// Name the figure that misses its threshold, when that is the reason.
    #[arg(long)]
    pub figure: Option<crate::id::FigureId>,
    /// Ask a question: `section | question`.
    #[arg(long, value_name = "TEXT")]
    pub question: Option<String>,
    #[command(flatten)]
    pub sign: Sign,
}

/// Reasons of a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Reason {
    /// The documentation does not show what it must.
    Documentation,
    /// A policy threshold is not met.
    Threshold,
    /// An authorization is missing or in doubt.
    Authorization,
    /// Something else.
    Other,
}

#[derive(Debug, Args)]
pub struct Withdraw {
    /// The package.
    pub package: crate::id::PackageId,
    /// The record; its first characters are enough.
    pub record: String,
    /// Why.
    #[arg(long)]
    pub reason: String,
    #[command(flatten)]
    pub sign: Sign,
}

#[derive(Debug, Args)]
pub struct Diff {
    /// The package.
    pub package: crate::id::PackageId,
    /// From this revision [default: the current one].
    pub from: Option<u32>,
    /// To this revision [default: the working copy].
    pub to: Option<u32>,
}

#[derive(Debug, Args)]
pub struct Certify {
    /// The package.
    pub package: crate::id::PackageId,
    #[command(flatten)]
    pub sign: Sign,
}

#[derive(Debug, Args)]
pub struct Verify {
    /// Also compare with the point where the work tree left this commit or branch.
    #[arg(long, value_name = "REV")]
    pub base: Option<String>,
}

#[derive(Debug, Args)]
pub struct Build {
    /// Write the pages here [default: site/public].
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub struct Serve {
    /// Serve on this port; 0 takes a free one.
    #[arg(long, default_value_t = 4173)]
    pub port: u16,
    /// Open the browser.
    #[arg(long)]
    pub open: bool,
}

#[derive(Debug, Args)]
pub struct Review {
    /// The package to open first.
    pub package: Option<crate::id::PackageId>,
    /// Serve on this port; 0 takes a free one.
    #[arg(long, default_value_t = 0)]
    pub port: u16,
    /// Refuse to start unless the key is this person's.
    #[arg(long = "as", value_name = "ID")]
    pub person: Option<crate::id::PersonId>,
    /// Sign with this OpenSSH key file (or its .pub, when an ssh-agent holds the key).
    #[arg(long, env = "COUNTERSIGN_KEY", value_name = "FILE")]
    pub key: Option<PathBuf>,
    /// Declare AI assistance in every record signed, in words, as `tool: kind`.
    #[arg(long, default_value = "none", value_name = "WORDS")]
    pub assistance: String,
    /// Print the address instead of opening the browser.
    #[arg(long)]
    pub no_open: bool,
}

#[derive(Debug, Args)]
pub struct Export {
    /// The package.
    pub package: crate::id::PackageId,
    /// File (`--format json`) or new folder (`--format bundle`) to write.
    #[arg(long, value_name = "PATH")]
    pub out: PathBuf,
}

#[derive(Debug, Args)]
pub struct People {
    /// Print the people as an allowed_signers file for ssh-keygen.
    #[arg(long)]
    pub allowed_signers: bool,
    #[command(subcommand)]
    pub action: Option<PeopleAction>,
}

/// Changes of the people file. All but `request` are for registrars.
#[derive(Debug, Subcommand)]
pub enum PeopleAction {
    /// Make a request for enrolment, with proof that you hold the key; hand it to a registrar.
    Request(Request),
    /// Enrol a person by the request they made.
    Enrol(Enrol),
    /// Add a further key for an enrolled person, by the request they made.
    Rotate(Enrol),
    /// Revoke a key.
    Revoke(Revoke),
    /// Give a person a role.
    Grant(Grant),
    /// End a person's role.
    End(End),
    /// Write chains/people.toml anew from the ledger.
    Sync,
}

#[derive(Debug, Args)]
pub struct Request {
    /// Person id.
    #[arg(long)]
    pub person: crate::id::PersonId,
    /// Printed name.
    #[arg(long)]
    pub name: String,
    /// Mail address.
    #[arg(long)]
    pub email: String,
    /// Write the request here.
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,
    #[command(flatten)]
    pub sign: Sign,
}

#[derive(Debug, Args)]
pub struct Enrol {
    /// The request, as written by `people request`.
    pub request: PathBuf,
    /// Roles to grant at once.
    #[arg(long)]
    pub role: Vec<crate::id::RoleId>,
    /// How the identity was verified: method, by whom, when.
    #[arg(long, default_value = "")]
    pub identity: String,
    #[command(flatten)]
    pub sign: Sign,
}

#[derive(Debug, Args)]
pub struct Revoke {
    /// Person id.
    pub person: crate::id::PersonId,
    /// Fingerprint of the key, with or without `SHA256:`.
    pub fingerprint: String,
    /// Why.
    #[arg(long)]
    pub reason: String,
    /// First ledger line from which records by this key are disputed.
    #[arg(long, value_name = "LINE")]
    pub distrust_from: Option<u64>,
    #[command(flatten)]
    pub sign: Sign,
}

#[derive(Debug, Args)]
pub struct Grant {
    /// Person id.
    pub person: crate::id::PersonId,
    /// The role.
    pub role: crate::id::RoleId,
    #[command(flatten)]
    pub sign: Sign,
}

#[derive(Debug, Args)]
pub struct End {
    /// Person id.
    pub person: crate::id::PersonId,
    /// The role.
    pub role: crate::id::RoleId,
    /// Why.
    #[arg(long)]
    pub reason: String,
    #[command(flatten)]
    pub sign: Sign,
}
