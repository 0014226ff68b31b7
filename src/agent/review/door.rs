//! Who comes in: one session of one browser, by an address that opens once.
//!
//! Three things are asked of every request. The exact `Host`, so that no name of somebody else's that
//! points here is served (DNS rebinding). The session's cookie, which only the browser that used the opening
//! address has; it is `HttpOnly`, `SameSite=Strict`, and bound to a folder with a random name, because
//! cookies do not know ports and would go to every other server on this computer. And of every form the
//! exact `Origin`. A new opening ends the session before it.

use super::super::wire::{Answer, Request, field, file, plain};
use crate::digest::hex;
use crate::keys::{self, KeyError};
use std::net::SocketAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};
use tiny_http::Method;

/// No page of the reviewer runs anything or loads anything from elsewhere.
pub(super) const CSP: &str = "default-src 'none'; style-src 'self'; font-src 'self'; img-src 'self' data:; \
     form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// What became of a request at the door.
pub(super) enum Passed {
    /// Turned away, with this answer.
    Turned(Answer),
    /// A new session was opened.
    Opened(Answer),
    /// Wants to read.
    Reads { path: String, query: String },
    /// Sends a form.
    Sends { path: String },
}

/// The door.
pub(super) struct Door {
    host: String,
    /// The folder all pages are in.
    room: String,
    /// Where a new session begins, below the room.
    first: String,
    keys: Mutex<Keys>,
}

struct Keys {
    /// Opens a session, once.
    opening: String,
    session: Option<String>,
}

fn secret() -> Result<String, KeyError> {
    Ok(hex(&keys::random::<24>()?))
}

/// Compares without telling by the time taken where two secrets part.
fn same(a: &str, b: &str) -> bool {
    let differs = a.bytes().zip(b.bytes()).fold(0, |all, (x, y)| all | (x ^ y));
    a.len() == b.len() && differs == 0
}

impl Door {
    pub(super) fn new(address: SocketAddr, first: String) -> Result<Door, KeyError> {
        Ok(Door {
            host: format!("127.0.0.1:{}", address.port()),
            room: hex(&keys::random::<8>()?),
            first: if first.is_empty() { "review/index.html".to_owned() } else { first },
            keys: Mutex::new(Keys { opening: secret()?, session: None }),
        })
    }

    fn keys(&self) -> MutexGuard<'_, Keys> {
        self.keys.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The address that opens the next session.
    pub(super) fn opening(&self) -> String {
        format!("http://{}/open/{}", self.host, self.keys().opening)
    }

    /// The address of a page, from the top of the server.
    pub(super) fn at(&self, page: &str) -> String {
        format!("/{}/{page}", self.room)
    }

    pub(super) fn admit(&self, request: &Request) -> Passed {
        if request.header("Host") != Some(self.host.as_str()) {
            return Passed::Turned(plain(403, "wrong host\n"));
        }
        let (path, query) = request.path_and_query();
        let reads = match request.method {
            Method::Get | Method::Head => true,
            Method::Post => false,
            _ => return Passed::Turned(plain(405, "this cannot be done here\n")),
        };
        if let Some(token) = path.strip_prefix("/open/") {
            return if request.method == Method::Get { self.open(token) } else { Passed::Turned(closed()) };
        }
        // The prefix and the cookie are compared before anything is said about what is there.
        let below = path.strip_prefix('/').and_then(|p| p.strip_prefix(self.room.as_str()));
        let below = below.and_then(|p| p.strip_prefix('/'));
        let (Some(below), true) = (below, self.knows(request)) else { return Passed::Turned(closed()) };
        if !reads {
            let origin = format!("http://{}", self.host);
            let site = request.header("Sec-Fetch-Site").unwrap_or("same-origin");
            if request.header("Origin") != Some(origin.as_str()) || site != "same-origin" {
                return Passed::Turned(plain(
                    403,
                    "this form does not come from these pages; nothing was signed\n",
                ));
            }
            let kind = request.header("Content-Type").unwrap_or_default();
            if !kind.starts_with("application/x-www-form-urlencoded") {
                return Passed::Turned(plain(415, "this is not a form of these pages\n"));
            }
            return Passed::Sends { path: below.to_owned() };
        }
        Passed::Reads { path: below.to_owned(), query: query.to_owned() }
    }

    fn knows(&self, request: &Request) -> bool {
        let Some(cookies) = request.header("Cookie") else { return false };
        let Some(session) = self.keys().session.clone() else { return false };
        let mut sent = cookies.split(';').filter_map(|c| c.trim().strip_prefix("countersign="));
        sent.next().is_some_and(|sent| same(sent, &session))
    }

    fn open(&self, token: &str) -> Passed {
        let mut keys = self.keys();
        if !same(token, &keys.opening) {
            return Passed::Turned(closed());
        }
        let (Ok(opening), Ok(session)) = (secret(), secret()) else {
            return Passed::Turned(plain(500, "the system gives no random bytes\n"));
        };
        keys.opening = opening;
        let cookie = format!("countersign={session}; Path=/{}/; HttpOnly; SameSite=Strict", self.room);
        keys.session = Some(session);
        // Not a redirect: a browser that came here from a file would leave a strict cookie at home on the
        // way. From this page on it is at home.
        let to = self.at(&self.first);
        let page = format!(
            "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>Opening the review pages</title>\
             <meta http-equiv=\"refresh\" content=\"0; url={to}\"></head><body><p><a href=\"{to}\">Go on to your \
             reviews</a></p></body></html>\n"
        );
        let mut answer = file(page.into_bytes(), "open.html", CSP);
        answer.add_header(field("Set-Cookie", &cookie));
        Passed::Opened(answer)
    }
}

fn closed() -> Answer {
    plain(
        403,
        "These pages are open in one browser only. Use the newest address that `countersign review` has printed, or \
         stop it and start it again.\nNothing has been signed.\n",
    )
}
