//! The arguments. Help texts are imperative; every command says what it answers. `approval` has those of
//! the rarer statements, `people` those about who is enrolled.

mod approval;
mod people;

pub use approval::{
    Claimed, Confirm, Delegate, Discharge, Object, Override, Recuse, Retract, RevokeCertificate, SetAside,
    Todo, Undelegate, VerifyCondition, Waive,
};
pub use people::{Enrol, People, PeopleAction, Request, Revoke};

use super::moment::Moment;
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
    /// Answer for this day or instant: only what was signed by then is looked at, and terms run out by it.
    #[arg(long, global = true, value_name = "DATE|TIME")]
    pub as_of: Option<Moment>,
    /// Take this instant (RFC 3339) for the clock's.
    #[arg(long, global = true, hide = true, env = "COUNTERSIGN_NOW", value_name = "TIME")]
    pub now: Option<crate::time::Timestamp>,
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
    /// Play the policy tests in chains/tests and say which are not as expected.
    Test(Test),
    /// Say what would be if some people did some things; nothing is written.
    Simulate(Simulate),
    /// Freeze the working copy as the next revision and submit it for review.
    #[command(alias = "resubmit")]
    Submit(Submit),
    /// Show what awaits you, what waits for others, and what runs out soon.
    #[command(after_help = "Example:\n  countersign todo\n  countersign todo --as ada")]
    Todo(Todo),
    /// Show where packages stand, or whether a model version was approved.
    #[command(
        after_help = "Example:\n  countersign status\n  countersign status credit-pd@2.1.0 --as-of 2026-06-30"
    )]
    Status(Status),
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
    /// Object, also before your step opens; it stands until you approve or take it back.
    #[command(
        after_help = "Example:\n  countersign object credit-pd --step model-risk --reason 'The sample is stale.'"
    )]
    Object(Object),
    /// Confirm that your approval stands after a small change, which is shown first.
    #[command(after_help = "Example:\n  countersign confirm credit-pd --step model-risk")]
    Confirm(Confirm),
    /// Take no part in the review of a package, for good.
    #[command(after_help = "Example:\n  countersign recuse credit-pd --reason 'I advised the vendor.'")]
    Recuse(Recuse),
    /// Let somebody decide for you while you are away.
    #[command(
        after_help = "Example:\n  countersign delegate grace --from 2026-12-21 --until 2027-01-04 --reason 'on leave'"
    )]
    Delegate(Delegate),
    /// End a delegation.
    #[command(after_help = "Example:\n  countersign undelegate 3fa9c1 --reason 'back early'")]
    Undelegate(Undelegate),
    /// Declare a condition met.
    #[command(
        after_help = "Example:\n  countersign discharge credit-pd model-risk-c1-1 --how 'Report filed.' --evidence report.pdf"
    )]
    Discharge(Discharge),
    /// Say whether a condition that was declared met is met.
    #[command(
        after_help = "Example:\n  countersign verify-condition credit-pd model-risk-c1-1 --met --reason 'I read the report.'"
    )]
    VerifyCondition(VerifyCondition),
    /// Drop a condition of your role.
    #[command(
        after_help = "Example:\n  countersign waive credit-pd model-risk-c1-1 --reason 'The policy has changed.'"
    )]
    Waive(Waive),
    /// Set aside a rejection that nobody looked at again in time.
    #[command(
        after_help = "Example:\n  countersign resolve-rejection credit-pd 3fa9c1 --reason 'Answered in revision 2; its signer has left.'"
    )]
    ResolveRejection(SetAside),
    /// Ask that steps be set aside, or second that; it takes two people of the role `override`.
    #[command(
        after_help = "Example:\n  countersign override credit-pd --step fair-lending --until 2027-01-31 --review 2027-01-15 --reason 'Outage.'\n  countersign override credit-pd --second 3fa9c1 --reason 'I agree.'"
    )]
    Override(Override),
    /// Take a revision you submitted out of review.
    #[command(after_help = "Example:\n  countersign retract credit-pd --reason 'The data were wrong.'")]
    Retract(Retract),
    /// Take a certificate out of force.
    #[command(after_help = "Example:\n  countersign revoke credit-pd --reason 'A defect was found.'")]
    Revoke(RevokeCertificate),
    /// Show what changed between two revisions, or between the last one and the working copy.
    Diff(Diff),
    /// Move pending records into the ledger.
    Append,
    /// Freeze the outcome of an approved package as its certificate.
    Certify(Certify),
    /// Answer about integrity: does every signature, hash and frozen file hold?
    Verify(Verify),
    /// Answer whether packages may pass, or whether a model version may be deployed.
    #[command(
        after_help = "Example:\n  countersign gate credit-pd\n  countersign gate credit-pd@2.1.0 --use credit --env production"
    )]
    Gate(Gate),
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
    /// Independent review and a board with a chair: judges changes of chains and people.
    Policy,
}

#[derive(Debug, Args)]
pub struct Packages {
    /// Packages to look at [default: all].
    pub packages: Vec<crate::id::PackageId>,
}

#[derive(Debug, Args)]
pub struct Test {
    /// Test files, named from the top of the workspace [default: chains/tests/*.toml].
    pub files: Vec<crate::text::RepoPath>,
    /// Play only cases whose name, or whose file, contains this text.
    #[arg(long, value_name = "TEXT")]
    pub filter: Option<String>,
}

#[derive(Debug, Args)]
#[command(after_help = "Example: countersign simulate credit-risk \"m.ferro approves model-risk\"")]
pub struct Simulate {
    /// The package.
    pub package: crate::id::PackageId,
    /// What happens, a line each, in the words of policy tests; people by id.
    #[arg(required = true, value_name = "EVENT")]
    pub events: Vec<String>,
}

#[derive(Debug, Args)]
pub struct Status {
    /// A package, or a model version as MODEL@VERSION [default: all packages].
    #[arg(value_name = "PACKAGE|MODEL@VERSION")]
    pub what: Option<String>,
}

#[derive(Debug, Args)]
pub struct Gate {
    /// Packages, or one model version as MODEL@VERSION [default: all packages].
    #[arg(value_name = "PACKAGE|MODEL@VERSION")]
    pub what: Vec<String>,
    /// The use the model is deployed for: `use` under `[meta]`, or the permitted use word for word.
    #[arg(long = "use", value_name = "USE")]
    pub use_: Option<String>,
    /// The environment it is deployed to.
    #[arg(long, value_name = "ENV")]
    pub env: Option<String>,
    /// Digest of the artefact that is deployed, `sha256:...`; it must be the certified one.
    #[arg(long, value_name = "DIGEST")]
    pub artifact: Option<String>,
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
    /// Claim how much changed; it can raise what is found, never lower it.
    #[arg(long, value_enum)]
    pub class: Option<Claimed>,
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
    /// Decide in the seat of somebody who delegated to you.
    #[arg(long = "for", value_name = "PERSON")]
    pub for_: Option<crate::id::PersonId>,
    /// Make a rejection final: nobody can override it or set it aside.
    #[arg(long = "final")]
    pub final_: bool,
    /// Attach a condition: `text | owner | YYYY-MM-DD`, then `kind=pre_merge`, `kind=before_step`,
    /// `step=STEP`, `verifier=ROLE`; all but the text may be left out.
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
    /// Replace this certificate of another package for the same model version.
    #[arg(long, value_name = "RECORD")]
    pub supersedes: Option<String>,
    #[command(flatten)]
    pub sign: Sign,
}

#[derive(Debug, Args)]
pub struct Verify {
    /// Also compare with the point where the work tree left this commit or branch.
    #[arg(long, value_name = "REV")]
    pub base: Option<String>,
    /// Also report packages that are here although their current revision has not passed its gate: for
    /// the main branch.
    #[arg(long)]
    pub merged: bool,
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
