//! The floor plan is a test: imports go down only, siblings do not know each other, each crate has its
//! floor, each file is a page.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Module → floor. A module that is not here does not exist.
const FLOORS: &[(&str, u8)] = &[
    ("digest", 0),
    ("time", 0),
    ("decimal", 0),
    ("text", 1),
    ("id", 1),
    ("diag", 2),
    ("package", 3),
    ("chain", 3),
    ("record", 3),
    ("ledger", 4),
    ("engine", 4),
    ("diff", 4),
    ("dossier", 5),
    ("policy", 5),
    ("export", 6),
    ("site", 7),
    ("store", 8),
    ("keys", 8),
    ("agent", 9),
    ("cli", 10),
];

/// The first floor that may touch the world.
const WORLD: u8 = 8;

/// The only pairs on one floor that know each other, each with its reason.
const SAME_FLOOR: &[(&str, &str, &str)] =
    &[("package", "chain", "a package is checked against the chain it names; a chain knows no package")];

/// Crate → the modules that may import it.
const CRATES: &[(&str, &[&str])] = &[
    ("tera", &["site"]),
    ("comrak", &["package"]),
    ("clap", &["cli"]),
    ("clap_complete", &["cli"]),
    ("clap_mangen", &["cli"]),
    ("indicatif", &["cli"]),
    ("rpassword", &["cli"]),
    ("annotate_snippets", &["diag"]),
    ("ssh_key", &["keys"]),
    ("ed25519_dalek", &["record", "keys"]),
    ("curve25519_dalek", &["record"]),
    ("getrandom", &["keys"]),
    ("tiny_http", &["agent"]),
    ("notify", &["agent"]),
    ("tempfile", &["store", "cli"]),
    ("csv", &["package"]),
    ("similar", &["diff"]),
    ("jiff", &["time"]),
    ("unicode_normalization", &["text"]),
];

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn rust_files(dir: &Path, out: &mut Vec<PathBuf>) {
    let mut entries: Vec<PathBuf> = std::fs::read_dir(dir).unwrap().map(|e| e.unwrap().path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            rust_files(&path, out);
        } else if path.extension().is_some_and(|e| e == "rs") {
            out.push(path);
        }
    }
}

/// (module, file relative to src, text) of every source file below src/<module>/.
fn sources() -> Vec<(String, String, String)> {
    let src = root().join("src");
    let mut files = Vec::new();
    rust_files(&src, &mut files);
    let mut out = Vec::new();
    for file in files {
        let below = file.strip_prefix(&src).unwrap().to_str().unwrap().replace('\\', "/");
        let Some((module, _)) = below.split_once('/') else { continue };
        out.push((module.to_owned(), below.clone(), std::fs::read_to_string(&file).unwrap()));
    }
    assert!(out.len() > 30, "the sources were found");
    out
}

/// Unit tests that fill a folder of their own may touch the world: they are no part of the product.
fn is_test(file: &str) -> bool {
    file.contains("/tests/")
}

/// The parts of `text` that are code: line comments are left out.
fn code(text: &str) -> String {
    text.lines().filter(|l| !l.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}

#[test]
fn every_module_has_a_floor() {
    let floors: BTreeMap<_, _> = FLOORS.iter().copied().collect();
    for (module, file, _) in sources() {
        assert!(floors.contains_key(module.as_str()), "{file}: `{module}` has no floor");
    }
    for (module, _) in FLOORS {
        assert!(
            root().join(format!("src/{module}/mod.rs")).is_file(),
            "{module} is in the plan but not in src"
        );
    }
}

#[test]
fn imports_go_down_only() {
    let floors: BTreeMap<_, _> = FLOORS.iter().copied().collect();
    let mut wrong = Vec::new();
    for (module, file, text) in sources() {
        let code = code(&text);
        for part in code.split("crate::").skip(1) {
            let name: String = part.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
            let Some(floor) = floors.get(name.as_str()) else { continue };
            let allowed = name == module
                || *floor < floors[module.as_str()]
                || SAME_FLOOR.iter().any(|(a, b, _)| *a == module && *b == name);
            if !allowed {
                wrong.push(format!("{file}: `{module}` may not use `{name}`"));
            }
        }
        // `use crate::{a, b}` would hide names from the check above.
        if code.contains("use crate::{") {
            wrong.push(format!("{file}: write `use crate::module::...` line by line"));
        }
    }
    wrong.sort();
    wrong.dedup();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn each_crate_has_its_place() {
    let mut wrong = Vec::new();
    for (module, file, text) in sources().into_iter().filter(|(_, file, _)| !is_test(file)) {
        for (name, modules) in CRATES {
            if code(&text).contains(&format!("{name}::")) && !modules.contains(&module.as_str()) {
                wrong.push(format!("{file}: `{name}` belongs to {modules:?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn only_the_upper_floors_open_themselves_to_the_world() {
    let floors: BTreeMap<_, _> = FLOORS.iter().copied().collect();
    for (module, file, text) in sources().into_iter().filter(|(_, file, _)| !is_test(file)) {
        let opens = code(&text).contains("clippy::disallowed_methods");
        let shell = floors[module.as_str()] >= WORLD;
        assert!(!opens || shell, "{file} is on a pure floor and may not allow itself the world");
        assert!(!opens || file.ends_with("/mod.rs"), "{file}: the folder's mod.rs opens it, in one place");
    }
}

#[test]
fn a_file_is_a_page() {
    let mut long = Vec::new();
    let mut all = Vec::new();
    rust_files(&root().join("src"), &mut all);
    rust_files(&root().join("tests"), &mut all);
    for file in all {
        let lines = std::fs::read_to_string(&file).unwrap().lines().count();
        if lines > 600 {
            long.push(format!("{}: {lines} lines", file.display()));
        }
    }
    assert!(long.is_empty(), "{}", long.join("\n"));
}

#[test]
fn every_module_opens_with_its_story() {
    for (module, _) in FLOORS {
        let text = std::fs::read_to_string(root().join(format!("src/{module}/mod.rs"))).unwrap();
        let head: Vec<&str> = text.lines().take_while(|l| l.starts_with("//!")).collect();
        assert!(head.len() >= 3, "{module}: its mod.rs tells what comes in and goes out");
        assert!(head.len() <= 30, "{module}: the story is under 30 lines");
        assert!(head.iter().any(|l| l.contains("*Invariant")), "{module}: its mod.rs names an invariant");
    }
}
