//! Names of things: one type each, so that a step can never be passed where a section is meant.
//!
//! An id is `[a-z0-9][a-z0-9-]{0,63}` (a person's id may also hold dots). Ids become folder names and
//! page addresses, so nothing else is ever accepted.
//!
//! *Invariant:* a value of these types exists only after its text was checked.

use std::fmt;
use std::str::FromStr;

/// The text cannot be an id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is not an id: lowercase letters, digits and hyphens, at most 64, starting with a letter or digit"
)]
pub struct BadId(pub String);

fn is_id(text: &str, dots: bool) -> bool {
    let ok = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
    text.len() <= 64
        && text.bytes().next().is_some_and(ok)
        && text.bytes().all(|b| ok(b) || b == b'-' || (dots && b == b'.'))
        && !text.ends_with('.')
        && !text.contains("..")
        && !reserved(text)
}

/// Names that Windows keeps for devices: a folder cannot have them everywhere.
fn reserved(text: &str) -> bool {
    let stem = text.split('.').next().unwrap_or(text);
    let port = ["com", "lpt"].iter().find_map(|name| stem.strip_prefix(name));
    matches!(stem, "con" | "prn" | "aux" | "nul")
        || port.is_some_and(|n| n.len() == 1 && n.as_bytes()[0].is_ascii_digit())
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident $(dots = $dots:literal)?;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(String);

        impl $name {
            /// The id as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
        impl FromStr for $name {
            type Err = BadId;
            fn from_str(text: &str) -> Result<Self, BadId> {
                if is_id(text, false $(|| $dots)?) { Ok(Self(text.to_owned())) } else { Err(BadId(text.to_owned())) }
            }
        }
        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
                s.serialize_str(&self.0)
            }
        }
        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
                let text = <std::borrow::Cow<'de, str>>::deserialize(d)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    )*};
}

ids! {
    /// A package: the name of its folder.
    PackageId;
    /// An approval chain: the name of its file.
    ChainId;
    /// A section of a package: the name of its Markdown file.
    SectionId;
    /// A step of a chain.
    StepId;
    /// A role a person holds and a step asks for.
    RoleId;
    /// A reported figure, named by thresholds.
    FigureId;
    /// A finding of a rejection, unique in its package.
    FindingId;
    /// A condition of an approval, unique in its package.
    ConditionId;
    /// A person.
    PersonId dots = true;
}

impl SectionId {
    /// The reserved name under which `package.toml` itself is in every signer's scope.
    pub fn package_itself() -> SectionId {
        SectionId("package".to_owned())
    }
}

/// A model version, as the registry names it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Model {
    /// Name in the registry.
    pub name: String,
    /// Version.
    pub version: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_cannot_leave_their_folder() {
        assert!("credit-2".parse::<PackageId>().is_ok());
        assert!("a.okafor".parse::<PersonId>().is_ok());
        for bad in
            ["", "-a", "A", "con", "nul.x", "com1", "ines.", "a/b", "..", "a..b", "a b", "é", &"a".repeat(65)]
        {
            assert!(bad.parse::<PersonId>().is_err(), "{bad}");
        }
        assert!("a.b".parse::<PackageId>().is_err());
    }
}
