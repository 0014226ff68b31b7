//! The site laid out on a disk. `COUNTERSIGN_SITE_OUT=folder cargo test site::tests::look` keeps it there,
//! to be looked at with a browser.

#![expect(clippy::disallowed_methods, clippy::disallowed_types, reason = "writes what a test built")]

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
