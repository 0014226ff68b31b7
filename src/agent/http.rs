//! The preview's answers: only pages, only reading, only to this host.
//!
//! A page of another site that was made to point at 127.0.0.1 (DNS rebinding) is stopped by the exact
//! `Host`.

use super::live::Live;
use super::wire::{self, Answer, Request, Server, decode, file, plain};
use std::sync::RwLock;
use tiny_http::Method;

const CSP: &str = "default-src 'none'; style-src 'self'; font-src 'self'; img-src 'self' data:; \
     script-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
const META_CSP: &str = "http-equiv=\"Content-Security-Policy\"";
const LIVE_SCRIPT: &str = include_str!("live.js");

pub(super) fn run(server: &Server, state: &RwLock<Live>) {
    let port = server.address.port();
    let hosts = [format!("127.0.0.1:{port}"), format!("localhost:{port}")];
    wire::run(server, 0, &|request: &Request| answer(request, &hosts, state));
}

fn answer(request: &Request, hosts: &[String], state: &RwLock<Live>) -> Answer {
    if !request.header("Host").is_some_and(|host| hosts.iter().any(|h| h == host)) {
        return plain(403, "wrong host\n");
    }
    if !matches!(request.method, Method::Get | Method::Head) {
        return plain(405, "only reading is possible here\n");
    }
    let (path, _) = request.path_and_query();
    let Ok(live) = state.read() else {
        return plain(500, "the preview broke down; start it again\n");
    };
    match path {
        "/_countersign/version" => return plain(200, &live.version().to_string()),
        "/_countersign/live.js" => {
            let script = LIVE_SCRIPT.replace("VERSION", &live.version().to_string());
            return file(script.into_bytes(), "live.js", CSP);
        }
        _ => {}
    }
    let Some(mut name) = decode(path.trim_start_matches('/')) else {
        return plain(400, "this address cannot be read\n");
    };
    if name.is_empty() || name.ends_with('/') {
        name += "index.html";
    }
    // The pages are a map in memory: an address is looked up, never opened, so none can lead elsewhere.
    match live.page(&name) {
        Some(bytes) if name.ends_with(".html") => file(with_reload(&bytes), &name, CSP),
        Some(bytes) => file(bytes.to_vec(), &name, CSP),
        None => plain(404, "there is no such page\n"),
    }
}

/// The page with the reloading script; its own policy, which allows no script at all, gives way to the
/// one in the header.
fn with_reload(page: &[u8]) -> Vec<u8> {
    let text = String::from_utf8_lossy(page);
    let kept: Vec<&str> = text.split_inclusive('>').filter(|tag| !tag.contains(META_CSP)).collect();
    kept.concat()
        .replacen("</head>", "<script src=\"/_countersign/live.js\" defer></script></head>", 1)
        .into_bytes()
}
