//! The package of a story: a few texts, frozen again and again as real revisions.

use super::event::Edit;
use crate::chain::Chain;
use crate::diag::Diagnostics;
use crate::digest::{FileDigest, sha256};
use crate::id::{PackageId, PersonId, SectionId};
use crate::package::{self, Listed, Package};
use crate::text::RepoPath;
use std::collections::BTreeMap;

/// The files of the package as they stand at some moment of a story.
#[derive(Debug, Clone, Default)]
pub(super) struct Scene {
    /// Its id.
    pub id: Option<PackageId>,
    /// Who wrote it; the first submitter if empty.
    pub authors: Vec<PersonId>,
    /// Sections whose text is not the usual one.
    pub sections: BTreeMap<SectionId, String>,
    /// One file of evidence a section.
    pub evidence: BTreeMap<SectionId, String>,
    /// `[meta]` of package.toml.
    pub meta: BTreeMap<String, String>,
    /// The permitted use.
    pub use_: Option<String>,
}

impl Scene {
    /// The package's id.
    pub fn package(&self) -> PackageId {
        self.id.clone().unwrap_or_else(|| "credit".parse().expect("a plain name"))
    }

    /// The text of a section.
    pub fn text(&self, chain: &Chain, section: &SectionId) -> Option<String> {
        if let Some(text) = self.sections.get(section) {
            return Some(format!("{}\n", text.trim_end()));
        }
        let section = chain.section(section)?;
        Some(format!("# {}\n\nThis section shows what its criterion asks for.\n", section.title))
    }

    /// Changes the files; going back to an earlier revision is the stage's own.
    pub fn edit(&mut self, edit: &Edit) {
        match edit {
            Edit::Section(section, text) => _ = self.sections.insert(section.clone(), text.clone()),
            Edit::Evidence(section, text) => _ = self.evidence.insert(section.clone(), text.clone()),
            Edit::Meta(key, value) => _ = self.meta.insert(key.clone(), value.clone()),
            Edit::Use(text) => self.use_ = Some(text.clone()),
            Edit::BackTo(_) => {}
        }
    }

    /// Reads the files as the package they are, with true digests.
    pub fn freeze(&self, chain: &Chain, submitter: &PersonId) -> Result<Package, String> {
        let id = self.package();
        let base: RepoPath = format!("packages/{id}").parse().expect("an id is a plain name");
        let mut files: BTreeMap<RepoPath, Vec<u8>> = BTreeMap::new();
        let mut listing = Vec::new();
        let mut put = |name: String, text: String| {
            let bytes = text.into_bytes();
            let digest = FileDigest(sha256(&bytes));
            listing.push(Listed { path: name.clone(), size: bytes.len() as u64, digest });
            files.insert(base.join(&name).expect("ids are plain names"), bytes);
        };
        put("package.toml".to_owned(), self.toml(chain, submitter));
        for section in &chain.sections {
            if let Some(text) = self.text(chain, &section.id) {
                put(format!("{}.md", section.id), text);
            }
        }
        for (section, text) in &self.evidence {
            put(format!("evidence/{section}/notes.txt"), format!("{text}\n"));
        }
        let mut wrong = Diagnostics::new();
        let package = package::parse(id, &listing, &base, &files, &mut wrong);
        package.ok_or_else(|| {
            let words: Vec<&str> = wrong.iter().map(|d| d.message.as_str()).collect();
            format!("the package of this story cannot be read: {}", words.join("; "))
        })
    }

    fn toml(&self, chain: &Chain, submitter: &PersonId) -> String {
        // A JSON string is a TOML string: both escape alike.
        let quote = |text: &str| serde_json::Value::from(text).to_string();
        let authors: Vec<String> = match self.authors.as_slice() {
            [] => vec![quote(submitter.as_str())],
            authors => authors.iter().map(|a| quote(a.as_str())).collect(),
        };
        let owner = authors.first().cloned().unwrap_or_default();
        let use_ = self.use_.as_deref().unwrap_or("Ranks the cases of a story.");
        let mut text = format!(
            "title = \"A package of a story\"\nchain = {}\nowner = {owner}\nauthors = [{}]\n\n\
             [model]\nname = \"scorer\"\nversion = \"1.0\"\n\n\
             [scope]\nuse = {}\nnot_for = \"Anything outside the story.\"\n",
            quote(chain.id.as_str()),
            authors.join(", "),
            quote(use_),
        );
        if !self.meta.is_empty() {
            text.push_str("\n[meta]\n");
            for (key, value) in &self.meta {
                text.push_str(&format!("{} = {}\n", quote(key), quote(value)));
            }
        }
        text
    }
}
