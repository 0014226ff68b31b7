//! An incremental build equals a cold one, byte for byte.

use super::bank::{bank, meta};
use super::world::{World, p};
use crate::dossier::Working;
use crate::engine::{PackageState, ThreadState};
use crate::id::PackageId;
use crate::site::address;
use crate::site::view::{Index, package};
use crate::site::{Assets, PageKeys, Site, SitePath, build};
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::sync::Arc;

fn cold(world: &World) -> Site {
    build(&world.register, &Assets::embedded(), &world.sources, &PageKeys::new()).unwrap()
}

fn bytes(site: &Site) -> BTreeMap<SitePath, Vec<u8>> {
    site.pages.iter().map(|page| (page.path.clone(), page.bytes.clone().unwrap())).collect()
}

#[test]
fn the_same_register_gives_the_same_bytes_on_any_number_of_threads() {
    let world = bank();
    let many = cold(&world);
    let one = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap().install(|| cold(&world));
    assert_eq!(many, one);
    assert!(many.pages.is_sorted_by_key(|page| page.path.clone()));
}

#[test]
fn nothing_is_rendered_twice() {
    let world = bank();
    let first = cold(&world);
    let again = build(&world.register, &Assets::embedded(), &world.sources, &first.keys()).unwrap();
    let rendered: Vec<_> =
        again.pages.iter().filter(|page| page.bytes.is_some()).map(|page| page.path.as_str()).collect();
    // The one page with a text that is not what was signed is looked at again each time, and so is what
    // finds it.
    let unsettled =
        ["packages/limit-increase/index.html", "packages/limit-increase/search.js", "search/00.js"];
    assert_eq!(rendered, unsettled);
    assert_eq!(again.keys(), first.keys());
}

#[test]
fn a_later_clock_changes_no_page() {
    let mut world = bank();
    let first = cold(&world);
    world.register.as_of = p("2026-12-24T00:00:00Z");
    for dossier in world.register.packages.values_mut() {
        dossier.outcome.as_of = world.register.as_of;
    }
    assert_eq!(cold(&world), first);
}

#[test]
fn a_new_template_or_stylesheet_renders_every_page() {
    let world = bank();
    let first = cold(&world);
    let pages = first.pages.iter().filter(|page| page.path.as_str().ends_with(".html")).count();
    let html = |site: &Site| {
        site.pages.iter().filter(|p| p.path.as_str().ends_with(".html") && p.bytes.is_some()).count()
    };
    let help = Assets::embedded().with_template("help.html", "{{ frame.title }}");
    assert_eq!(html(&build(&world.register, &help, &world.sources, &first.keys()).unwrap()), pages);
    let css = Assets::embedded().with_static("countersign.css", "body{}");
    assert_eq!(html(&build(&world.register, &css, &world.sources, &first.keys()).unwrap()), pages);
}

#[test]
fn every_view_has_one_text() {
    // No floats, no repeated keys: what was written reads back as the same value, of the same size.
    let world = bank();
    let assets = Assets::embedded();
    let index = Index::new(&world.register, &assets, None);
    for dossier in world.register.packages.values() {
        let view = package::now(&index, dossier, &address::package(&dossier.id));
        let text = serde_json::to_string(&view).unwrap();
        let value: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(serde_json::to_string(&value).unwrap().len(), text.len(), "{}", dossier.id);
        assert_eq!(serde_json::to_string(&view.clone()).unwrap(), text);
        assert!(!text.contains("\"html\":\""), "a key must not need the text of a section");
    }
}

/// One change a user, a reviewer or a clock could make.
fn edit(world: &mut World, which: usize, n: u8) {
    let ids: Vec<PackageId> = world.register.packages.keys().cloned().collect();
    let id = ids[usize::from(n) % ids.len()].clone();
    let dossier = world.register.packages.get_mut(&id).unwrap();
    match which {
        0 => dossier.working = Working::Unsubmitted { files: vec![p(&format!("file-{n}.md"))] },
        1 => dossier.outcome.state = PackageState::Expired,
        2 => dossier.outcome.why.because = format!("Because of {n}."),
        3 => {
            if let Some(thread) = dossier.outcome.threads.first_mut() {
                thread.state = ThreadState::Open;
            }
        }
        4 => drop(world.register.packages.remove(&id)),
        5 => {
            if let Some(package) = &mut dossier.package {
                Arc::make_mut(package).meta = meta(&format!("Title {n}"), "renamed", "9", false);
            }
        }
        6 => world.register.name = format!("Bank {n}"),
        7 => {
            let path = p("packages/affordability/limitations.md");
            let text = format!("# Known limitations\n\nNothing is known of {n}.\n").into_bytes();
            let digest = crate::digest::FileDigest(crate::digest::sha256(&text));
            if let Some(package) = world
                .register
                .packages
                .get_mut(&p::<PackageId>("affordability"))
                .and_then(|d| d.package.as_mut())
            {
                let files = &mut Arc::make_mut(package).manifest.files;
                files.iter_mut().find(|f| f.path.as_str() == "limitations.md").unwrap().digest = digest;
            }
            world.sources.insert(path, text);
        }
        8 => {
            let people = Arc::make_mut(&mut world.register.people);
            people.persons.get_mut(&p::<crate::id::PersonId>("ines-moreau")).unwrap().name =
                format!("Ines Moreau {n}");
        }
        9 => world.register.ledger.breaks.clear(),
        10 => dossier.revisions.truncate(usize::from(n % 2)),
        _ => {
            if let Some(entry) = world.register.ledger.entries.get_mut(usize::from(n) % 12) {
                entry.pending = !entry.pending;
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 16, ..ProptestConfig::default() })]
    /// A page's key changes exactly when its bytes do, over any sequence of edits.
    #[test]
    fn keys_and_bytes_change_together(edits in prop::collection::vec((0usize..12, any::<u8>()), 1..6)) {
        let mut world = bank();
        let mut before = cold(&world);
        let mut disk = bytes(&before);
        for (which, n) in edits {
            edit(&mut world, which, n);
            let now = build(&world.register, &Assets::embedded(), &world.sources, &before.keys()).unwrap();
            let new = now.keys();
            for page in &now.pages {
                if let Some(bytes) = &page.bytes {
                    let unsettled = page.key.as_str().starts_with("unsettled");
                    let same = disk.get(&page.path) == Some(bytes);
                    prop_assert!(unsettled || !same, "{} was rendered to the same bytes", page.path);
                    disk.insert(page.path.clone(), bytes.clone());
                }
            }
            disk.retain(|path, _| new.contains_key(path));
            let afresh = cold(&world);
            for (path, bytes) in bytes(&afresh) {
                prop_assert!(disk.get(&path) == Some(&bytes), "{path} is stale");
            }
            prop_assert_eq!(&new, &afresh.keys());
            before = now;
        }
    }
}
