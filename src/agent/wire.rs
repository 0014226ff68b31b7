//! One request, one answer, behind limits: what both the preview and the review pages stand on.
//!
//! Any page in the user's browser can make requests here, and so can every program on this computer.
//! tiny_http reads headers and writes the answers; connections are accepted here and not by its server,
//! which allocates what a `Content-Length` promises when a request is dropped (2^60 aborts the process),
//! waits for bodies that never come, and starts a thread for each connection without end. A bounded head and
//! a bounded body are read before a deadline, one answer is written, and the connection is closed. When too
//! many are open, the oldest that is still being read gives way; one whose request is whole is answered.

use super::ServeError;
use std::collections::VecDeque;
use std::io::{self, Cursor, Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tiny_http::{HTTPVersion, Header, Method, Response};
use zeroize::{Zeroize as _, Zeroizing};

/// Connections open at once, each with its thread.
const CONNECTIONS: usize = 64;
/// Bytes of a request's head.
const MAX_HEAD: usize = 16 * 1024;
/// How long a whole request may take to come: a drop at a time must not hold a thread for hours.
const DEADLINE: Duration = Duration::from_secs(10);
/// How long one read or write may take.
const PATIENCE: Duration = Duration::from_secs(5);
/// How long, and how much, of the rest of a refused request is read, so that the answer is seen.
const LINGER: Duration = Duration::from_millis(250);
const MAX_REST: usize = 256 * 1024;

/// An answer.
pub(super) type Answer = Response<Cursor<Vec<u8>>>;

/// The open door.
pub(super) struct Server {
    listener: TcpListener,
    /// Where it listens.
    pub address: SocketAddr,
}

/// Opens a port on 127.0.0.1; 0 takes a free one.
pub(super) fn listen(port: u16) -> Result<Server, ServeError> {
    let bind = || {
        let listener = TcpListener::bind(("127.0.0.1", port))?;
        let address = listener.local_addr()?;
        Ok(Server { listener, address })
    };
    bind().map_err(|e: io::Error| ServeError::Listen { port, why: e.to_string() })
}

struct Open {
    stream: TcpStream,
    /// True once its request is whole.
    whole: AtomicBool,
}

/// Answers requests until the process ends. Bodies may have `max_body` bytes.
pub(super) fn run(server: &Server, max_body: usize, answer: &(impl Fn(&Request) -> Answer + Sync)) {
    let open: Mutex<VecDeque<Arc<Open>>> = Mutex::new(VecDeque::new());
    let lock = || open.lock().unwrap_or_else(PoisonError::into_inner);
    let leave = |one: &Arc<Open>| lock().retain(|other| !Arc::ptr_eq(other, one));
    std::thread::scope(|scope| {
        for stream in server.listener.incoming() {
            let Ok(stream) = stream else {
                // Nothing left to open; some of it ends soon.
                std::thread::sleep(Duration::from_millis(20));
                continue;
            };
            let mine = Arc::new(Open { stream, whole: AtomicBool::new(false) });
            let mut open = lock();
            if open.len() >= CONNECTIONS {
                let reading = open.iter().position(|other| !other.whole.load(Ordering::Acquire));
                match reading.and_then(|at| open.remove(at)) {
                    // Its thread waits for the other end; now it does not.
                    Some(oldest) => drop(oldest.stream.shutdown(Shutdown::Both)),
                    None => continue,
                }
            }
            open.push_back(Arc::clone(&mine));
            drop(open);
            let theirs = Arc::clone(&mine);
            let leave = &leave;
            let work = move || {
                // The reader may be gone; that is its affair.
                let _ = one(&theirs, max_body, answer);
                leave(&theirs);
            };
            if std::thread::Builder::new().spawn_scoped(scope, work).is_err() {
                leave(&mine);
            }
        }
    });
}

/// What a request asks for.
pub(super) struct Request {
    /// Its method.
    pub method: Method,
    /// The address as sent.
    pub url: String,
    headers: Vec<Header>,
    /// What came behind the head; wiped when dropped, for it may hold a passphrase.
    pub body: Zeroizing<Vec<u8>>,
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
        let body = Zeroizing::new(Vec::new());
        Some(Request { method: method.parse().ok()?, url: url.to_owned(), headers, body })
    }

    /// The value of a header that must not come twice; `None` if it is absent or comes twice.
    pub(super) fn header(&self, name: &'static str) -> Option<&str> {
        let mut found = self.headers.iter().filter(|h| h.field.equiv(name));
        let first = found.next()?;
        found.next().is_none().then(|| first.value.as_str())
    }

    fn has(&self, name: &'static str) -> bool {
        self.headers.iter().any(|h| h.field.equiv(name))
    }

    /// Bytes that come behind the head; `None` where that cannot be told, or two tools could tell
    /// differently.
    fn length(&self) -> Option<usize> {
        if self.has("Transfer-Encoding") || self.has("Expect") {
            return None;
        }
        if !self.has("Content-Length") {
            return Some(0);
        }
        let digits = self.header("Content-Length")?;
        digits.bytes().all(|b| b.is_ascii_digit()).then(|| digits.parse().ok()).flatten()
    }

    /// The address without what follows `?` or `#`, and what follows `?`.
    pub(super) fn path_and_query(&self) -> (&str, &str) {
        let url = self.url.split('#').next().unwrap_or_default();
        url.split_once('?').unwrap_or((url, ""))
    }
}

/// Why a request is not even looked at.
struct Refused(u16, &'static str);

const LATE: Refused = Refused(408, "the request did not come, or is too long\n");

fn read(one: &Open, max_body: usize) -> Result<Request, Refused> {
    let until = Instant::now() + DEADLINE;
    let mut stream = &one.stream;
    let mut bytes = Zeroizing::new(Vec::with_capacity(MAX_HEAD + 4096));
    let mut chunk = Zeroizing::new([0; 4096]);
    let mut next = |chunk: &mut [u8; 4096]| -> Result<usize, Refused> {
        let left = until.saturating_duration_since(Instant::now()).min(PATIENCE);
        if left.is_zero() || stream.set_read_timeout(Some(left)).is_err() {
            return Err(LATE);
        }
        stream.read(chunk).ok().filter(|read| *read > 0).ok_or(LATE)
    };
    let end = loop {
        let seen = bytes.len();
        let read = next(&mut chunk)?;
        bytes.extend_from_slice(&chunk[..read]);
        let from = usize::saturating_sub(seen, 3);
        if let Some(at) = bytes[from..].windows(4).position(|four| four == b"\r\n\r\n") {
            break from + at;
        }
        if bytes.len() > MAX_HEAD {
            return Err(LATE);
        }
    };
    let mut request = Request::parse(&bytes[..end]).ok_or(Refused(400, "this is not a request\n"))?;
    let length = request.length().filter(|n| *n <= max_body);
    let length = length.ok_or(Refused(413, "the request body is too long for this server\n"))?;
    // The whole length at once: growing would leave copies behind that nobody wipes.
    let mut body = Zeroizing::new(Vec::with_capacity(length));
    let rest = &bytes[end + 4..];
    body.extend_from_slice(&rest[..rest.len().min(length)]);
    while body.len() < length {
        let read = next(&mut chunk)?;
        let take = read.min(length - body.len());
        body.extend_from_slice(&chunk[..take]);
    }
    chunk.zeroize();
    request.body = body;
    Ok(request)
}

fn one(open: &Open, max_body: usize, answer: &impl Fn(&Request) -> Answer) -> io::Result<()> {
    let mut stream = &open.stream;
    stream.set_write_timeout(Some(PATIENCE))?;
    stream.set_nodelay(true)?;
    let request = read(open, max_body);
    open.whole.store(request.is_ok(), Ordering::Release);
    let response = match &request {
        Err(Refused(status, words)) => plain(*status, words),
        Ok(request) => answer(request),
    };
    let mut bytes = Vec::new();
    let no_body = request.as_ref().is_ok_and(|r| r.method == Method::Head);
    let response = response.with_chunked_threshold(usize::MAX);
    response.raw_print(&mut bytes, HTTPVersion(1, 1), &[], no_body, None)?;
    // tiny_http leaves this line to its own server.
    if let Some(end) = bytes.windows(2).position(|two| two == b"\r\n") {
        bytes.splice(end..end, *b"\r\nConnection: close");
    }
    stream.write_all(&bytes)?;
    stream.shutdown(Shutdown::Write)?;
    if request.is_err() {
        // Closing while bytes are unread would take the answer back before it is seen.
        stream.set_read_timeout(Some(LINGER))?;
        let (mut rest, mut seen) = ([0; 4096], 0);
        let until = Instant::now() + LINGER;
        while seen < MAX_REST && Instant::now() < until {
            match stream.read(&mut rest)? {
                0 => break,
                n => seen += n,
            }
        }
    }
    Ok(())
}

/// A header of ours.
pub(super) fn field(name: &str, value: &str) -> Header {
    Header::from_bytes(name.as_bytes(), value.as_bytes()).expect("our own header names and values are ASCII")
}

/// A line of plain text.
pub(super) fn plain(status: u16, text: &str) -> Answer {
    Response::from_data(text.as_bytes().to_vec())
        .with_status_code(status)
        .with_header(field("Content-Type", "text/plain; charset=utf-8"))
        .with_header(field("X-Content-Type-Options", "nosniff"))
        .with_header(field("Cache-Control", "no-store"))
}

/// A file of the site under a policy.
pub(super) fn file(bytes: Vec<u8>, name: &str, csp: &str) -> Answer {
    // Not `no-referrer`: under that a browser says `Origin: null` even to where a form came from.
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
    // By its place, for a package may be called `evidence` too.
    let evidence = name.split('/').nth(2) == Some("evidence");
    // Evidence is untrusted: whatever it is, nothing in it runs.
    let policy = if evidence { "default-src 'none'; style-src 'unsafe-inline'; sandbox" } else { csp };
    let mut response = Response::from_data(bytes)
        .with_header(field("Content-Type", kind))
        .with_header(field("Content-Security-Policy", policy))
        .with_header(field("X-Content-Type-Options", "nosniff"))
        .with_header(field("Referrer-Policy", "same-origin"))
        .with_header(field("Cache-Control", "no-store"));
    if evidence && !kind.starts_with("image/") {
        response.add_header(field("Content-Disposition", "attachment"));
    }
    response
}

/// Undoes percent-encoding; `None` if what comes out is no text.
pub(super) fn decode(path: &str) -> Option<String> {
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
