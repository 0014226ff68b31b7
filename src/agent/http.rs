//! Answers on 127.0.0.1, behind a guard.
//!
//! Any page in the user's browser can make requests here. tiny_http writes the answers; connections are
//! accepted here and not by its server, which allocates what a `Content-Length` promises when a request is
//! dropped (2^60 aborts the process), waits for bodies that never come, and starts a thread for each
//! connection without end. The preview needs no bodies and no long connections: a bounded head is read, one
//! answer is written, and the connection is closed. When too many are open, the oldest gives way. A page of
//! another site that was made to point at 127.0.0.1 (DNS rebinding) is stopped by the exact `Host`.

use super::ServeError;
use super::live::Live;
use std::collections::VecDeque;
use std::io::{self, Cursor, Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Duration;
use tiny_http::{HTTPVersion, Header, ListenAddr, Method, Response};

/// Connections open at once, each with its thread.
const CONNECTIONS: usize = 64;
/// Bytes of a request's head.
const MAX_HEAD: usize = 16 * 1024;
/// Reads a head may come in, and reads after an answer; a drop at a time must not hold a thread for hours.
const MAX_READS: usize = 64;
/// How long one read or write may take.
const PATIENCE: Duration = Duration::from_secs(5);
/// How long the rest of a refused request is awaited.
const LINGER: Duration = Duration::from_millis(250);
const CSP: &str = "default-src 'none'; style-src 'self'; font-src 'self'; img-src 'self' data:; \
     script-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
const META_CSP: &str = "http-equiv=\"Content-Security-Policy\"";
const LIVE_SCRIPT: &str = include_str!("live.js");

/// The open door.
pub(super) struct Server {
    listener: TcpListener,
    address: ListenAddr,
}

impl Server {
    /// Where it listens.
    pub(super) fn server_addr(&self) -> ListenAddr {
        self.address.clone()
    }
}

pub(super) fn listen(port: u16) -> Result<Arc<Server>, ServeError> {
    let bind = || {
        let listener = TcpListener::bind(("127.0.0.1", port))?;
        let address = ListenAddr::IP(listener.local_addr()?);
        Ok(Arc::new(Server { listener, address }))
    };
    bind().map_err(|e: io::Error| ServeError::Listen { port, why: e.to_string() })
}

pub(super) fn run(server: Arc<Server>, state: &Arc<RwLock<Live>>) {
    let address = server.server_addr().to_ip().expect("listens on an IP address");
    let hosts = [format!("127.0.0.1:{}", address.port()), format!("localhost:{}", address.port())];
    let open: Mutex<VecDeque<Arc<TcpStream>>> = Mutex::new(VecDeque::new());
    let lock = || open.lock().unwrap_or_else(PoisonError::into_inner);
    let leave = |stream: &Arc<TcpStream>| lock().retain(|other| !Arc::ptr_eq(other, stream));
    std::thread::scope(|scope| {
        for stream in server.listener.incoming() {
            let Ok(stream) = stream.map(Arc::new) else {
                // Nothing left to open; some of it ends soon.
                std::thread::sleep(Duration::from_millis(20));
                continue;
            };
            let mut open = lock();
            if open.len() >= CONNECTIONS
                && let Some(oldest) = open.pop_front()
            {
                // Its thread waits for the other end; now it does not.
                let _ = oldest.shutdown(Shutdown::Both);
            }
            open.push_back(Arc::clone(&stream));
            drop(open);
            let theirs = Arc::clone(&stream);
            let (hosts, leave) = (&hosts, &leave);
            let work = move || {
                // The reader may be gone; that is its affair.
                let _ = one(&theirs, hosts, state);
                leave(&theirs);
            };
            if std::thread::Builder::new().spawn_scoped(scope, work).is_err() {
                leave(&stream);
            }
        }
    });
}

/// What a request asks for.
struct Request {
    method: Method,
    url: String,
    headers: Vec<Header>,
}

impl Request {
    /// Reads a head; `None` if it is none.
    fn parse(head: &[u8]) -> Option<Request> {
        let mut lines = std::str::from_utf8(head).ok()?.split("\r\n");
        let mut words = lines.next()?.split(' ');
        let (method, url, version) = (words.next()?, words.next()?, words.next()?);
        if !matches!(version, "HTTP/1.0" | "HTTP/1.1") || words.next().is_some() {
            return None;
        }
        let headers = lines.map(|line| line.parse().ok()).collect::<Option<_>>()?;
        Some(Request { method: method.parse().ok()?, url: url.to_owned(), headers })
    }

    /// Whether more comes behind the head.
    fn has_body(&self) -> bool {
        let length = header(self, "Content-Length").is_some_and(|length| length != "0");
        length || header(self, "Transfer-Encoding").is_some() || header(self, "Expect").is_some()
    }
}

fn header<'a>(request: &'a Request, name: &'static str) -> Option<&'a str> {
    request.headers.iter().find(|h| h.field.equiv(name)).map(|h| h.value.as_str())
}

/// The bytes up to the empty line; `None` if there are too many or they do not come.
fn head(mut stream: &TcpStream) -> Option<Vec<u8>> {
    let mut head = Vec::new();
    let mut chunk = [0; 4096];
    for _ in 0..MAX_READS {
        let seen = head.len();
        let read = stream.read(&mut chunk).ok().filter(|read| *read > 0)?;
        head.extend_from_slice(&chunk[..read]);
        let from = usize::saturating_sub(seen, 3);
        if let Some(at) = head[from..].windows(4).position(|four| four == b"\r\n\r\n") {
            head.truncate(from + at);
            return Some(head);
        }
        if head.len() > MAX_HEAD {
            return None;
        }
    }
    None
}

fn one(mut stream: &TcpStream, hosts: &[String], state: &RwLock<Live>) -> io::Result<()> {
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    stream.set_nodelay(true)?;
    let request = head(stream).map(|head| Request::parse(&head));
    let (response, method) = match &request {
        None => (plain(408, "the request did not come, or is too long\n"), None),
        Some(None) => (plain(400, "this is not a request\n"), None),
        Some(Some(r)) if r.has_body() => (plain(413, "this server takes no request bodies\n"), None),
        Some(Some(r)) => (answer(r, hosts, state), Some(&r.method)),
    };
    let mut bytes = Vec::new();
    let no_body = method == Some(&Method::Head);
    let response = response.with_chunked_threshold(usize::MAX);
    response.raw_print(&mut bytes, HTTPVersion(1, 1), &[], no_body, None)?;
    // tiny_http leaves this line to its own server.
    if let Some(end) = bytes.windows(2).position(|two| two == b"\r\n") {
        bytes.splice(end..end, *b"\r\nConnection: close");
    }
    stream.write_all(&bytes)?;
    stream.shutdown(Shutdown::Write)?;
    if method.is_none() {
        // Closing while bytes are unread would take the answer back before it is seen.
        stream.set_read_timeout(Some(LINGER))?;
        let mut rest = [0; 4096];
        for _ in 0..MAX_READS {
            if stream.read(&mut rest)? == 0 {
                break;
            }
        }
    }
    Ok(())
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

fn answer(request: &Request, hosts: &[String], state: &RwLock<Live>) -> Response<Cursor<Vec<u8>>> {
    if !header(request, "Host").is_some_and(|host| hosts.iter().any(|h| h == host)) {
        return plain(403, "wrong host\n");
    }
    if !matches!(request.method, Method::Get | Method::Head) {
        return plain(405, "only reading is possible here\n");
    }
    let url = request.url.as_str();
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
