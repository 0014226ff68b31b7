//! The site laid out on a disk. `COUNTERSIGN_SITE_OUT=folder cargo test site::tests::look` keeps it there,
//! to be looked at with a browser.

#![expect(clippy::disallowed_methods, reason = "writes what a test built, reads what is embedded")]

use super::bank::bank;
use crate::site::{Assets, PageKeys, build};
use std::path::PathBuf;

#[test]
fn every_address_is_a_file_a_disk_can_hold() {
    let world = bank();
    let site = build(&world.register, &Assets::embedded(), &world.sources, &PageKeys::new()).unwrap();
    let temporary = tempfile::tempdir().unwrap();
    let out = std::env::var_os("COUNTERSIGN_SITE_OUT").map_or(temporary.path().to_owned(), PathBuf::from);
    for page in &site.pages {
        let file = out.join(page.path.as_str());
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(&file, page.bytes.as_ref().unwrap()).unwrap();
    }
    for page in &site.pages {
        assert_eq!(Some(std::fs::read(out.join(page.path.as_str())).unwrap()), page.bytes, "{}", page.path);
    }
}

fn folder(name: &str) -> Vec<(String, Vec<u8>)> {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(name);
    let (mut found, mut todo) = (Vec::new(), vec![root.clone()]);
    while let Some(next) = todo.pop() {
        for entry in std::fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                todo.push(path);
            } else {
                let name = path.strip_prefix(&root).unwrap().to_str().unwrap().to_owned();
                found.push((name, std::fs::read(&path).unwrap()));
            }
        }
    }
    found.sort();
    found
}

#[test]
fn what_is_embedded_is_what_the_folders_hold() {
    let assets = Assets::embedded();
    let templates: Vec<_> = assets.templates().map(|(n, t)| (n.to_owned(), t.as_bytes().to_vec())).collect();
    let statics: Vec<_> = assets.statics().map(|(n, b)| (n.to_owned(), b.to_vec())).collect();
    assert!(templates == folder("templates"), "the table of templates and templates/ differ");
    assert!(statics == folder("site/static"), "the table of static files and site/static/ differ");
}
