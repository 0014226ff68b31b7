//! Certificates of several packages, and texts of several revisions, without any disk.

use super::case::Ground;
use super::certificates::{Claim, conflicts, supersede};
use super::*;
use crate::digest::{FileDigest, RepositoryId, sha256};
use crate::engine::{PackageState, Texts as _, evaluate};
use crate::id::Model;
use crate::package::{Listed, parse};

/// A package with certificates at ledger positions, each with what it names as replaced.
fn certified(id: &str, version: &str, certificates: &[(usize, Option<usize>)]) -> Dossier {
    let people = Arc::new(People::default());
    let chains = BTreeMap::new();
    let id: PackageId = id.parse().unwrap();
    let last = certificates.last().map(|(at, _)| *at);
    let claim = |(at, names): &(usize, Option<usize>)| Claim {
        at: *at,
        record: record(*at),
        model: Model { name: "score".to_owned(), version: version.to_owned() },
        names: names.map(record),
        last: last == Some(*at),
    };
    let told = Told { certificates: certificates.iter().map(claim).collect(), ..Told::default() };
    let mut outcome = evaluate(&ground(&people, &chains).case(&id, &[], &[], &told).get());
    outcome.state = PackageState::Certified;
    Dossier {
        id,
        package: None,
        diagnostics: Diagnostics::new(),
        chain: None,
        revisions: Vec::new(),
        working: Working::Draft,
        entries: Vec::new(),
        told,
        outcome,
    }
}

fn record(at: usize) -> RecordId {
    RecordId(sha256(&at.to_be_bytes()))
}

fn ground<'a>(people: &'a Arc<People>, chains: &'a BTreeMap<ChainId, Arc<Chain>>) -> Ground<'a> {
    let as_of = "2027-01-01T00:00:00Z".parse().unwrap();
    Ground { repository: RepositoryId([7; 16]), entries: &[], people, chains, as_of }
}

/// Who was replaced by the record at which position, and which packages are in conflict.
fn judged(dossiers: Vec<Dossier>) -> (Vec<(String, RecordId)>, Vec<String>) {
    let mut packages: BTreeMap<PackageId, Dossier> =
        dossiers.into_iter().map(|dossier| (dossier.id.clone(), dossier)).collect();
    let (people, chains) = (Arc::new(People::default()), BTreeMap::new());
    supersede(&mut packages, ground(&people, &chains), None);
    let replaced =
        packages.values().filter_map(|d| Some((d.id.to_string(), d.told.superseded_by?))).collect();
    let mut out = Diagnostics::new();
    conflicts(&packages, &mut out);
    (replaced, out.iter().map(|d| d.message.clone()).collect())
}

#[test]
fn r33_a_later_certificate_replaces_the_one_it_names() {
    let (replaced, conflicts) =
        judged(vec![certified("a", "1", &[(3, None)]), certified("b", "1", &[(5, Some(3))])]);
    assert_eq!(replaced, [("a".to_owned(), record(5))]);
    assert_eq!(conflicts, [""; 0]);
    // The names of the packages say nothing: the ledger's order does.
    let (replaced, conflicts) =
        judged(vec![certified("a", "1", &[(5, Some(3))]), certified("b", "1", &[(3, None)])]);
    assert_eq!(replaced, [("b".to_owned(), record(5))]);
    assert_eq!(conflicts, [""; 0]);
}

#[test]
fn r33_a_later_certificate_that_names_nothing_is_a_conflict() {
    let (replaced, conflicts) =
        judged(vec![certified("a", "1", &[(3, None)]), certified("b", "1", &[(5, None)])]);
    assert_eq!(replaced, []);
    assert_eq!(conflicts.len(), 1);
    assert!(conflicts[0].contains("must name what it supersedes"), "{conflicts:?}");
    assert!(conflicts[0].starts_with(&format!("certificate {} of b", record(5).short())), "{conflicts:?}");
    // Another version is another model.
    let (replaced, conflicts) =
        judged(vec![certified("a", "1", &[(3, None)]), certified("b", "2", &[(5, None)])]);
    assert_eq!((replaced.len(), conflicts.len()), (0, 0));
    // So it does not help to name its certificate.
    let (replaced, _) = judged(vec![certified("a", "1", &[(3, None)]), certified("b", "2", &[(5, Some(3))])]);
    assert_eq!(replaced, []);
}

#[test]
fn what_was_replaced_stays_replaced() {
    // Each named the one before.
    let chain = vec![
        certified("a", "1", &[(3, None)]),
        certified("b", "1", &[(5, Some(3))]),
        certified("c", "1", &[(7, Some(5))]),
    ];
    let (replaced, conflicts) = judged(chain);
    assert_eq!(replaced, [("a".to_owned(), record(5)), ("b".to_owned(), record(7))]);
    assert_eq!(conflicts, [""; 0]);
    // A newer certificate of the same package need not name it again.
    let (replaced, conflicts) =
        judged(vec![certified("a", "1", &[(3, None)]), certified("b", "1", &[(5, Some(3)), (8, None)])]);
    assert_eq!(replaced, [("a".to_owned(), record(5))]);
    assert_eq!(conflicts, [""; 0]);
    // A package that was certified again is not replaced by what named its old certificate.
    let (replaced, conflicts) =
        judged(vec![certified("a", "1", &[(3, None), (9, Some(5))]), certified("b", "1", &[(5, Some(3))])]);
    assert_eq!(replaced, [("b".to_owned(), record(9))]);
    assert_eq!(conflicts, [""; 0]);
}

#[test]
fn nothing_is_replaced_by_what_came_before_or_by_itself() {
    let (replaced, conflicts) =
        judged(vec![certified("a", "1", &[(5, None)]), certified("b", "1", &[(3, Some(5))])]);
    assert_eq!((replaced.len(), conflicts.len()), (0, 1));
    let (replaced, conflicts) = judged(vec![certified("a", "1", &[(3, None), (5, Some(3))])]);
    assert_eq!((replaced.len(), conflicts.len()), (0, 0));
    // Two that replaced the same one are in conflict with each other.
    let (replaced, conflicts) = judged(vec![
        certified("a", "1", &[(3, None)]),
        certified("b", "1", &[(5, Some(3))]),
        certified("c", "1", &[(7, Some(3))]),
    ]);
    assert_eq!(replaced, [("a".to_owned(), record(5))]);
    assert_eq!(conflicts.len(), 1);
}

#[test]
fn one_that_is_over_is_in_nobodys_way() {
    for state in [PackageState::Expired, PackageState::Revoked] {
        let mut old = certified("a", "1", &[(3, None)]);
        old.outcome.state = state;
        assert_eq!(judged(vec![old, certified("b", "1", &[(5, None)])]).1, [""; 0]);
    }
}

const TOML: &str = "title = \"Scorecard\"\nchain = \"c\"\nowner = \"ines\"\nauthors = [\"ines\"]\n\
    [model]\nname = \"score\"\nversion = \"1\"\n[scope]\nuse = \"Loans.\"\nnot_for = \"Mortgages.\"\n";

/// Frozen revisions of a package, and the files they were read from.
fn frozen(revisions: &[&[(&str, &str)]]) -> (Vec<Revision>, BTreeMap<RepoPath, Vec<u8>>) {
    let chain = "id = \"c\"\ntitle = \"C\"\n[[section]]\nid = \"data\"\ntitle = \"Data\"\ncriterion = \"Named.\"\n\
        [[step]]\nid = \"s\"\nrole = \"r\"\nscope = [\"*\"]\n\
        meaning = \"I, {name}, as {role}, have read revision {revision} of {package} and I {decision} it.\"\n";
    let file = crate::text::SourceFile::new("chains/c.toml".parse().unwrap(), chain.to_owned());
    let mut out = Diagnostics::new();
    let chain = Arc::new(crate::chain::parse(&file, &mut out).unwrap_or_else(|| panic!("{out:?}")));
    let mut sources = BTreeMap::new();
    let mut found = Vec::new();
    for (number, files) in (1..).zip(revisions) {
        let base: RepoPath = format!("packages/p/revisions/{number}").parse().unwrap();
        let all: Vec<(&str, &str)> = files.iter().copied().chain([("package.toml", TOML)]).collect();
        let listed = |(path, text): &(&str, &str)| Listed {
            path: (*path).to_owned(),
            size: text.len() as u64,
            digest: FileDigest(sha256(text.as_bytes())),
        };
        for (path, text) in &all {
            sources.insert(base.join(path).unwrap(), text.as_bytes().to_vec());
        }
        let mut listing: Vec<Listed> = all.iter().map(listed).collect();
        listing.sort_by(|a, b| a.path.cmp(&b.path));
        let package = parse("p".parse().unwrap(), &listing, &base, &sources, &mut out);
        let package = Arc::new(package.unwrap_or_else(|| panic!("{out:?}")));
        found.push(Revision { number, package, chain: chain.clone() });
    }
    (found, sources)
}

fn read(revisions: &[Revision], sources: &BTreeMap<RepoPath, Vec<u8>>) -> FrozenTexts {
    FrozenTexts::read(revisions, &"packages/p".parse().unwrap(), sources)
}

#[test]
fn only_sections_that_differ_are_kept() {
    let (revisions, sources) = frozen(&[
        &[("data.md", "One."), ("same.md", "Same."), ("gone.md", "Gone.")],
        &[("data.md", "Two."), ("same.md", "Same."), ("evidence/same/a.csv", "a\n")],
        &[("data.md", "One."), ("same.md", "Same.")],
    ]);
    let texts = read(&revisions, &sources);
    let of = |number, section: &str| texts.section(number, &section.parse().unwrap());
    assert_eq!([of(1, "data"), of(2, "data"), of(3, "data")].map(Option::unwrap), ["One.", "Two.", "One."]);
    assert_eq!([of(1, "same"), of(2, "same")], [None, None]);
    assert_eq!([of(1, "gone"), of(2, "gone")], [Some("Gone.".to_owned()), None]);
    assert_eq!([of(4, "data"), of(1, "package")], [None, None]);
    assert!(read(&revisions[..1], &sources).is_empty());
}

#[test]
fn a_text_that_is_not_the_one_listed_is_no_text() {
    let large = "word ".repeat(300_000);
    let (revisions, mut sources) =
        frozen(&[&[("data.md", "One."), ("big.md", &large)], &[("data.md", "Two."), ("big.md", "small")]]);
    sources.insert("packages/p/revisions/1/data.md".parse().unwrap(), b"One!".to_vec());
    let texts = read(&revisions, &sources);
    let of = |number, section: &str| texts.section(number, &section.parse().unwrap());
    assert_eq!([of(1, "data"), of(2, "data")], [None, Some("Two.".to_owned())]);
    assert_eq!([of(1, "big"), of(2, "big")], [None, Some("small".to_owned())]);
}
