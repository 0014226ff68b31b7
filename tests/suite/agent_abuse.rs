//! What other programs and other sites can send to the review pages: refused, and nothing signed.

use crate::agent::{Pages, encode, pending};
use crate::desk::{Desk, PASSPHRASE};
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::{Duration, Instant};

const DG: &str = "tomasz-lindqvist";

/// A check page, one click away from a signature.
fn ready() -> (Desk, Pages, String) {
    let desk = Desk::submitted();
    let pages = Pages::open(&desk, DG);
    pages.read(&["training-data"]);
    let ticket = pages.choose("data-governance", &[("decision", "approve")]).is(200).ticket();
    (desk, pages, ticket)
}

/// R43: with the right passphrase and ticket, and one thing wrong about the request, nothing is signed.
#[test]
fn r43_only_the_one_tab_can_sign() {
    let (desk, pages, ticket) = ready();
    let before = pending(&desk);
    let form = encode(&[("ticket", &ticket), ("reviewer", DG), ("passphrase", PASSPHRASE)]);
    let path = format!("{}packages/scorecard/sign", pages.room);
    let port = pages.host.split(':').nth(1).unwrap();
    let (localhost, other_port) = (format!("localhost:{port}"), format!("http://127.0.0.1:{}", 1));
    let own = format!("http://{}", pages.host);
    let wrong: &[&[(&str, &str)]] = &[
        &[("Host", "evil.example")],
        &[("Host", &localhost)],
        &[("Host", "")],
        &[("Origin", "http://evil.example")],
        &[("Origin", "null")],
        &[("Origin", "")],
        &[("Origin", &other_port)],
        &[("Cookie", "")],
        &[("Cookie", "countersign=0000")],
        &[("Sec-Fetch-Site", "cross-site")],
        &[("Sec-Fetch-Site", "same-site")],
        &[("Content-Type", "text/plain")],
    ];
    for headers in wrong {
        let got = pages.send("POST", &path, headers, &form);
        assert!(matches!(got.status, 403 | 415), "{headers:?}: {}", got.headers);
        assert_eq!(before, pending(&desk), "{headers:?}");
    }
    // A second Host or Origin: two programs could read it in two ways.
    for twice in [
        format!("Host: {}\r\nHost: evil.example", pages.host),
        format!("Host: {}\r\nOrigin: {own}", pages.host),
    ] {
        let head = format!(
            "POST {path} HTTP/1.1\r\n{twice}\r\nOrigin: {own}\r\nCookie: {}\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{form}",
            pages.cookie,
            form.len()
        );
        assert_eq!(pages.raw(head.as_bytes()).status, 403, "{twice}");
    }
    // Not below the room, by reading, or with a made-up ticket.
    for path in ["/packages/scorecard/sign", "/0000000000000000/packages/scorecard/sign"] {
        assert_eq!(pages.send("POST", path, &[], &form).status, 403);
    }
    assert_eq!(pages.send("GET", &format!("{path}?{form}"), &[], "").status, 404);
    let made_up = encode(&[("ticket", "0123456789abcdef"), ("reviewer", DG), ("passphrase", PASSPHRASE)]);
    pages.send("POST", &path, &[], &made_up).is(409).says("This form is too old");
    // The ticket of a page signs nothing.
    let page = pages.get("packages/scorecard/index.html").ticket();
    pages.sign(&page, DG, PASSPHRASE).is(409);
    // Nor does the ticket of one package for another address.
    let fields = [("ticket", ticket.as_str()), ("reviewer", DG), ("passphrase", PASSPHRASE)];
    pages.post("packages/other/sign", &fields).is(409);
    assert_eq!(before, pending(&desk));
    pages.sign(&ticket, DG, PASSPHRASE).is(303);
    assert_eq!(pending(&desk).len(), before.len() + 1);
}

#[test]
fn the_opening_address_opens_once_and_a_new_session_ends_the_old() {
    let desk = Desk::submitted();
    let pages = Pages::open(&desk, DG);
    let path = pages.opening.split_once(&pages.host).unwrap().1.to_owned();
    pages.send("GET", &path, &[("Cookie", "")], "").is(403).says("one browser only");
    for path in ["/", "/open/", "/open/0", "/review/index.html", "/static/countersign.css"] {
        pages.send("GET", path, &[], "").is(403);
    }
    pages.send("GET", &format!("{}review/index.html", pages.room), &[("Cookie", "")], "").is(403);
    pages.get("review/index.html").is(200);
    // Nothing of the session is left in a file once it is open.
    let mut todo = vec![desk.beside(".local")];
    while let Some(folder) = todo.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            assert!(!path.ends_with("open.html"), "{}", path.display());
            if path.is_dir() {
                todo.push(path);
            }
        }
    }
}

#[test]
fn no_address_leads_out_of_the_pages() {
    let desk = Desk::submitted();
    let pages = Pages::open(&desk, DG);
    for path in [
        "../countersign.toml",
        "../../../../etc/passwd",
        "%2e%2e/%2e%2e/countersign.toml",
        "packages/../countersign.toml",
        "packages/%2e%2e/chains/ledger.jsonl",
        "packages/scorecard/../../chains/people.toml",
        "chains/people.toml",
        "static/../../Cargo.toml",
        "ledger/99999999999999999999.html",
        "ledger/500.html",
        "packages/nobody/decide.html?step=x",
        "packages/scorecard/decide.html?step=nobody",
        "packages/scorecard/check.html?draft=../../../etc/passwd",
        "packages/scorecard/recorded.html?record=zz",
        "packages/scorecard/act.html?act=enthrone",
        "packages/scorecard/act.html?act=delegate",
        "review/act.html?act=certify",
        "packages/scorecard/changes.html?from=1",
        "%00",
        "%zz",
        "a?%",
    ] {
        let got = pages.send("GET", &format!("{}{path}", pages.room), &[], "");
        assert!(matches!(got.status, 400 | 403 | 404), "{path}: {}", got.headers);
    }
    assert_eq!(pages.send("DELETE", &pages.room, &[], "").status, 405);
}

/// A body of 100 MB, 1,000 slow connections, half requests: refused, and a page still comes within a second.
#[test]
fn floods_and_slow_clients_neither_sign_nor_stop_the_pages() {
    let (desk, pages, ticket) = ready();
    let before = pending(&desk);
    let path = format!("{}packages/scorecard/sign", pages.room);
    let head = |length: &str| {
        format!(
            "POST {path} HTTP/1.1\r\nHost: {0}\r\nOrigin: http://{0}\r\nCookie: {1}\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: {length}\r\n\r\n",
            pages.host, pages.cookie
        )
    };
    for length in ["104857600", "1152921504606846976", "18446744073709551616", "-1", "1 1"] {
        let got = pages.raw(head(length).as_bytes());
        assert!(matches!(got.status, 400 | 413), "{length}: {}", got.headers);
    }
    let mut stream = TcpStream::connect(&pages.host).unwrap();
    stream.write_all(head("104857600").as_bytes()).unwrap();
    let block = vec![b'a'; 1 << 20];
    let sent = (0..100).take_while(|_| stream.write_all(&block).is_ok()).count();
    assert!(sent < 100, "the server did not read 100 MB");
    let chunked = head("0").replace("Content-Length: 0", "Transfer-Encoding: chunked");
    assert_eq!(pages.raw(format!("{chunked}5\r\nhello\r\n0\r\n\r\n").as_bytes()).status, 413);

    let mut slow = Vec::new();
    for n in 0..1000 {
        // Half of them hold back a head, half a body.
        let Ok(mut stream) = TcpStream::connect(&pages.host) else { continue };
        let bytes = if n % 2 == 0 { "GET / HT".to_owned() } else { head("400") + "ticket=" };
        let _ = stream.write_all(bytes.as_bytes());
        slow.push(stream);
    }
    assert!(slow.len() > 900, "{} connections were made", slow.len());
    for page in ["review/index.html", "packages/scorecard/index.html"] {
        let start = Instant::now();
        pages.get(page).is(200);
        assert!(start.elapsed() < Duration::from_secs(1), "{page}: {:?}", start.elapsed());
    }
    assert_eq!(before, pending(&desk));
    drop(slow);
    pages.sign(&ticket, DG, PASSPHRASE).is(303);
    assert_eq!(pending(&desk).len(), before.len() + 1);
}

/// Whole forms full of rubbish are answered in words, and change nothing.
#[test]
fn rubbish_in_forms_is_refused_in_words() {
    let (desk, pages, _) = ready();
    let before = pending(&desk);
    let path = format!("{}packages/scorecard/sign", pages.room);
    for body in ["", "&", "=", "a", "ticket", "%", "ticket=%ff", "ticket=%u1234", &"a=1&".repeat(600)] {
        let got = pages.send("POST", &path, &[], body);
        assert!(matches!(got.status, 400 | 409), "{body:.20}: {}", got.headers);
    }
    let long = "x".repeat(70_000);
    let page =
        pages.act(&[("act", "comment"), ("section", "training-data"), ("choice", "note"), ("text", &long)]);
    let page = pages.sign(&page.ticket(), DG, PASSPHRASE);
    assert!(!matches!(page.status, 303), "a text longer than records allow is not signed");
    let hidden =
        [("act", "comment"), ("section", "training-data"), ("choice", "note"), ("text", "a\u{202e}b")];
    let page = pages.act(&hidden);
    let page = pages.sign(&page.ticket(), DG, PASSPHRASE);
    assert!(!matches!(page.status, 303), "hidden characters are not signed");
    for act in ["certify", "people", "", "submit", "\u{0}"] {
        pages.act(&[("act", act), ("text", "x")]);
    }
    assert_eq!(before, pending(&desk));
    let mut open = TcpStream::connect(&pages.host).unwrap();
    open.write_all(&[0xff; 100]).unwrap();
    open.write_all(b"\r\n\r\n").unwrap();
    let mut answer = String::new();
    let _ = open.read_to_string(&mut answer);
    assert!(answer.contains("400"), "{answer}");
}
