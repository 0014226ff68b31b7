//! `countersign.toml`: the name of the repository, its random id and its root of trust.

use super::diagnostics;
use crate::diag::Diagnostics;
use crate::digest::{RecordId, RepositoryId};
use crate::dossier::Settings;
use crate::text::SourceFile;
use serde::Deserialize;

/// How far a clock may run behind the records it follows, unless the file says otherwise.
const DEFAULT_SKEW_SECONDS: u32 = 300;

/// The contents of `countersign.toml`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigFile {
    /// Name of the repository, shown on every page.
    pub name: String,
    /// Random id made by `init`.
    pub repository: RepositoryId,
    /// Id of the first people record.
    pub root: RecordId,
    /// Allowed clock skew.
    pub skew_seconds: u32,
    /// Branch that reviewed work lands on, as Git knows it.
    pub base: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawConfig {
    name: String,
    repository: RepositoryId,
    root: RecordId,
    #[serde(default)]
    skew_seconds: Option<u32>,
    #[serde(default)]
    base: Option<String>,
}

impl ConfigFile {
    /// Reads the file; says what is wrong with it.
    pub fn parse(file: &SourceFile, diagnostics: &mut Diagnostics) -> Option<ConfigFile> {
        match toml::from_str::<RawConfig>(file.text()) {
            Ok(raw) => Some(ConfigFile {
                name: raw.name,
                repository: raw.repository,
                root: raw.root,
                skew_seconds: raw.skew_seconds.unwrap_or(DEFAULT_SKEW_SECONDS),
                base: raw.base.unwrap_or_else(|| "origin/main".to_owned()),
            }),
            Err(error) => {
                diagnostics.push(diagnostics::bad_config(file, &error));
                None
            }
        }
    }

    /// What the pure floors need of it.
    pub fn settings(&self) -> Settings {
        Settings {
            name: self.name.clone(),
            repository: self.repository,
            root_of_trust: self.root,
            skew_seconds: self.skew_seconds,
        }
    }
}

/// The text of a new configuration file.
pub fn new_config(name: &str, repository: RepositoryId, root: RecordId) -> String {
    let name = toml::Value::String(name.to_owned());
    format!(
        "# countersign: sign-off for machine-learning models. Commit this file.\n\
         name = {name}\n\n\
         # Random id of this repository: records made for another one do not count here.\n\
         repository = \"{repository}\"\n\n\
         # Root of trust: the id of the first record, by which the first registrar enrolled.\n\
         # Keep a copy of it outside the repository; an auditor compares the two.\n\
         root = \"{root}\"\n\n\
         # The branch that reviewed work lands on.\n\
         base = \"origin/main\"\n\n\
         # How far a signer's clock may run behind the records it follows.\n\
         skew_seconds = {DEFAULT_SKEW_SECONDS}\n"
    )
}
