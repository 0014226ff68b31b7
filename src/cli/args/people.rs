//! The arguments of `people`.

use super::Sign;
use clap::{Args, Subcommand};
use std::path::PathBuf;

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
    /// Say that a person is away. It routes requests; `countersign delegate` lets somebody decide.
    Absent(Absent),
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
    /// Give the reason; it is signed and shown.
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
    /// Give the reason; it is signed and shown.
    #[arg(long)]
    pub reason: String,
    #[command(flatten)]
    pub sign: Sign,
}

#[derive(Debug, Args)]
pub struct Absent {
    /// Person id.
    pub person: crate::id::PersonId,
    /// First day.
    #[arg(long, value_name = "DATE")]
    pub from: crate::time::Date,
    /// Last day.
    #[arg(long, value_name = "DATE")]
    pub until: crate::time::Date,
    /// Give the reason; it is signed and shown.
    #[arg(long)]
    pub reason: String,
    #[command(flatten)]
    pub sign: Sign,
}
