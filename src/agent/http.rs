//! Answers on 127.0.0.1, behind a guard.
//!
//! tiny_http allocates what a `Content-Length` promises when a request is dropped: 2^60 aborts the
//! process, and a body that never comes blocks the thread. The preview needs no bodies, so a request that
//! announces one is answered and its connection is given up without ever being drained. A page of another
//! site that was made to point at 127.0.0.1 (DNS rebinding) is stopped by the exact `Host`.

use super::ServeError;
use super::live::Live;
use std::io::{Cursor, Write as _};
use std::sync::{Arc, RwLock};
use tiny_http::{Header, Method, Request, Response, Server};

/// Answered from one of so many threads; a stalled reader costs one of them.
const THREADS: usize = 8;
const CSP: &str = "default-src 'none'; style-src 'self'; font-src 'self'; img-src 'self' data:; \
     script-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
const META_CSP: &str = "http-equiv=\"Content-Security-Policy\"";
const LIVE_SCRIPT: &str = include_str!("live.js");

pub(super) fn listen(port: u16) -> Result<Arc<Server>, ServeError> {
    let server =
        Server::http(("127.0.0.1", port)).map_err(|e| ServeError::Listen { port, why: e.to_string() })?;
    Ok(Arc::new(server))
}

pub(super) fn run(server: Arc<Server>, state: &Arc<RwLock<Live>>) {
    let address = server.server_addr().to_ip().expect("listens on an IP address");
    let hosts = [format!("127.0.0.1:{}", address.port()), format!("localhost:{}", address.port())];
    std::thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                while let Ok(request) = server.recv() {
                    one(request, &hosts, state);
                }
            });
        }
    });
}

fn header<'a>(request: &'a Request, name: &'static str) -> Option<&'a str> {
    request.headers().iter().find(|h| h.field.equiv(name)).map(|h| h.value.as_str())
}

fn field(name: &str, value: &str) -> Header {
    Header::from_bytes(name.as_bytes(), value.as_bytes()).expect("our own header names and values are ASCII")
}

fn plain(status: u16, text: &str) -> Response<Cursor<Vec<u8>>> {
    Response::from_data(text.as_bytes().to_vec())
        .with_status_code(status)
        .with_header(field("Content-Type", "text/plain; charset=utf-8"))
        .with_header(field("X-Content-Type-Options", "nosniff"))
}

fn one(request: Request, hosts: &[String], state: &RwLock<Live>) {
    let body = request.body_length().unwrap_or(0) > 0 || header(&request, "Transfer-Encoding").is_some();
    if body || header(&request, "Expect").is_some() {
        let stream = request.upgrade("close", plain(413, "this server takes no request bodies\n"));
        // Dropping would drain what was announced; one descriptor is the smaller loss.
        std::mem::forget(stream);
        return;
    }
    let response = answer(&request, hosts, state);
    let head = *request.method() == Method::Head;
    let mut bytes = Vec::new();
    if response.raw_print(&mut bytes, request.http_version().clone(), request.headers(), head, None).is_err()
    {
        return;
    }
    // In one piece: tiny_http writes kilobyte by kilobyte, and from the second answer of a connection on
    // the system holds the last one back for 40 ms, until the reader has confirmed those before.
    let mut writer = request.into_writer();
    // The reader may be gone; that is its affair.
    let _ = writer.write_all(&bytes).and_then(|()| writer.flush());
}

fn answer(request: &Request, hosts: &[String], state: &RwLock<Live>) -> Response<Cursor<Vec<u8>>> {
    if !header(request, "Host").is_some_and(|host| hosts.iter().any(|h| h == host)) {
        return plain(403, "wrong host\n");
    }
    if !matches!(request.method(), Method::Get | Method::Head) {
        return plain(405, "only reading is possible here\n");
    }
    let url = request.url();
    let path = url.split(['?', '#']).next().unwrap_or(url);
    let Ok(live) = state.read() else {
        return plain(500, "the preview broke down; start it again\n");
    };
    match path {
        "/_countersign/version" => return plain(200, &live.version().to_string()),
        "/_countersign/live.js" => {
            let script = LIVE_SCRIPT.replace("VERSION", &live.version().to_string());
            return file(script.into_bytes(), "live.js");
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
        Some(bytes) if name.ends_with(".html") => file(with_reload(&bytes), &name),
        Some(bytes) => file(bytes.to_vec(), &name),
        None => plain(404, "there is no such page\n"),
    }
}

fn decode(path: &str) -> Option<String> {
    let mut out = Vec::with_capacity(path.len());
    let mut bytes = path.bytes();
    while let Some(byte) = bytes.next() {
        if byte == b'%' {
            let digits = [bytes.next()?, bytes.next()?];
            let text = std::str::from_utf8(&digits).ok()?;
            out.push(u8::from_str_radix(text, 16).ok()?);
        } else {
            out.push(byte);
        }
    }
    String::from_utf8(out).ok()
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

fn file(bytes: Vec<u8>, name: &str) -> Response<Cursor<Vec<u8>>> {
    let kind = match name.rsplit('.').next() {
        Some("html") => "text/html; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("woff2") => "font/woff2",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("jpg" | "jpeg") => "image/jpeg",
        Some("webp") => "image/webp",
        Some("json" | "jsonl") => "application/json",
        Some("txt" | "md" | "csv" | "toml") => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    };
    let evidence = name.contains("/evidence/");
    // Evidence is untrusted: whatever it is, nothing in it runs.
    let policy = if evidence { "default-src 'none'; style-src 'unsafe-inline'; sandbox" } else { CSP };
    let mut response = Response::from_data(bytes)
        .with_header(field("Content-Type", kind))
        .with_header(field("Content-Security-Policy", policy))
        .with_header(field("X-Content-Type-Options", "nosniff"))
        .with_header(field("Referrer-Policy", "no-referrer"))
        .with_header(field("Cache-Control", "no-store"));
    if evidence && !kind.starts_with("image/") {
        response.add_header(field("Content-Disposition", "attachment"));
    }
    response
}
