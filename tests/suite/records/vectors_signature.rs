//! Vectors about signatures: form, purpose, keys, and the mathematics two verifiers could differ in.

use super::hand::{Hand, adaeze, ines};
use super::vectors::Vector;
use super::vectors_record::{approval, vector};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};
use countersign::record::{NAMESPACE, Record, Signed, print, sshsig, wording};
use curve25519_dalek::constants::EIGHT_TORSION;
use curve25519_dalek::{EdwardsPoint, Scalar};
use ed25519_dalek::Signer as _;
use sha2::{Digest as _, Sha256, Sha512};

fn string(bytes: &[u8]) -> Vec<u8> {
    let mut out = u32::try_from(bytes.len()).unwrap().to_be_bytes().to_vec();
    out.extend_from_slice(bytes);
    out
}

/// The parts of a signature file, each of which a vector may spoil.
#[derive(Clone)]
pub struct Parts {
    pub version: u32,
    pub key: Vec<u8>,
    pub namespace: Vec<u8>,
    pub reserved: Vec<u8>,
    pub hash: Vec<u8>,
    pub inner: Vec<u8>,
    pub tail: Vec<u8>,
}

impl Parts {
    fn blob(&self) -> Vec<u8> {
        let mut blob = b"SSHSIG".to_vec();
        blob.extend_from_slice(&self.version.to_be_bytes());
        for part in [&self.key, &self.namespace, &self.reserved, &self.hash, &self.inner] {
            blob.extend(string(part));
        }
        blob.extend_from_slice(&self.tail);
        blob
    }
    pub fn armor(&self) -> String {
        armor(&STANDARD.encode(self.blob()), 70, "\n")
    }
}

fn armor(digits: &str, columns: usize, end: &str) -> String {
    let lines: Vec<&str> = digits.as_bytes().chunks(columns).map(|c| str::from_utf8(c).unwrap()).collect();
    format!("-----BEGIN SSH SIGNATURE-----{end}{}{end}-----END SSH SIGNATURE-----{end}", lines.join(end))
}

pub fn plain_blob(point: &[u8; 32]) -> Vec<u8> {
    [string(b"ssh-ed25519"), string(point)].concat()
}
pub fn token_blob(point: &[u8; 32], application: &str) -> Vec<u8> {
    [string(b"sk-ssh-ed25519@openssh.com"), string(point), string(application.as_bytes())].concat()
}

fn parts(key: Vec<u8>, raw: &[u8; 64]) -> Parts {
    Parts {
        version: 1,
        key,
        namespace: NAMESPACE.into(),
        reserved: Vec::new(),
        hash: b"sha512".to_vec(),
        inner: sshsig::inner(raw),
        tail: Vec::new(),
    }
}

/// The approval, signed for by a key given in wire form.
fn approval_by(key: &[u8]) -> String {
    let mut record: Record = approval();
    let digest = STANDARD_NO_PAD.encode(Sha256::digest(key));
    record.signer.key = format!("SHA256:{digest}").parse().unwrap();
    print(&wording::complete(record))
}

fn honest(hand: &Hand, record: &str) -> Parts {
    let raw = hand.secret.sign(&sshsig::signed_data(NAMESPACE, record.as_bytes())).to_bytes();
    parts(plain_blob(hand.secret.verifying_key().as_bytes()), &raw)
}

/// What a FIDO token would give.
pub fn token_parts(hand: &Hand, application: &str, flags: u8, record: &str) -> Parts {
    let data = sshsig::signed_data(NAMESPACE, record.as_bytes());
    let counter = 7u32.to_be_bytes();
    let signed = [&Sha256::digest(application)[..], &[flags], &counter, &Sha256::digest(&data)].concat();
    let raw = hand.secret.sign(&signed).to_bytes();
    let inner = [string(b"sk-ssh-ed25519@openssh.com"), string(&raw), vec![flags], counter.to_vec()].concat();
    Parts { inner, ..parts(token_blob(hand.secret.verifying_key().as_bytes(), application), &raw) }
}

pub fn cases() -> Vec<Vector> {
    let mut all = form();
    all.extend(purpose_and_keys());
    all.extend(mathematics());
    all.extend(tokens());
    all
}

fn form() -> Vec<Vector> {
    let record = print(&approval());
    let good = honest(&adaeze(), &record);
    let mut all = Vec::new();
    let mut bad = |name, about, sig: String| {
        let signed = Signed { record: record.clone(), sig, tst: None };
        all.push(vector(name, about, Some("BAD_SIGNATURE_FORM"), &signed));
    };
    let with = |change: &dyn Fn(&mut Parts)| {
        let mut parts = good.clone();
        change(&mut parts);
        parts.armor()
    };
    let digits = STANDARD.encode(good.blob());
    bad("sig-no-line-feed", "no line feed at the end", good.armor().trim_end().to_owned());
    bad("sig-two-line-feeds", "two line feeds at the end", good.armor() + "\n");
    bad("sig-crlf", "CR LF line ends", armor(&digits, 70, "\r\n"));
    bad("sig-columns", "76 columns", armor(&digits, 76, "\n"));
    bad("sig-space", "a space at a line's end", good.armor().replacen("\n-----END", " \n-----END", 1));
    bad("sig-label", "another label", good.armor().replace("SSH", "PGP"));
    bad("sig-padding", "one padding character too many", armor(&format!("{digits}="), 70, "\n"));
    bad("sig-version", "version 2", with(&|p| p.version = 2));
    bad("sig-reserved", "a reserved field that is not empty", with(&|p| p.reserved = b"x".to_vec()));
    bad("sig-tail", "a byte after the last field", with(&|p| p.tail = vec![0]));
    bad("sig-inner-tail", "a byte after the key's part", with(&|p| p.inner.push(0)));
    bad("sig-inner-type", "the key's part is of another type", with(&|p| p.inner[14] = b'8'));
    bad(
        "sig-inner-short",
        "63 bytes of signature",
        with(&|p| p.inner = [string(b"ssh-ed25519"), string(&[1; 63])].concat()),
    );
    bad("sig-empty", "no signature", String::new());
    let sha256 = {
        let mut data = b"SSHSIG".to_vec();
        [&b"countersign-record"[..], b"", b"sha256", &Sha256::digest(&record)]
            .iter()
            .for_each(|p| data.extend(string(p)));
        let raw = adaeze().secret.sign(&data).to_bytes();
        Parts { hash: b"sha256".to_vec(), inner: sshsig::inner(&raw), ..good.clone() }
    };
    bad("sig-sha256", "a good signature over SHA-256 instead of SHA-512", sha256.armor());
    all
}

fn purpose_and_keys() -> Vec<Vector> {
    let record = print(&approval());
    let mut all = Vec::new();
    let mut bad = |name, about, code, record: &str, sig: String| {
        all.push(vector(name, about, Some(code), &Signed { record: record.to_owned(), sig, tst: None }));
    };
    for (name, about, namespace) in [
        ("namespace-file", "a good signature made for files", "file"),
        ("namespace-git", "a good signature made for commits", "git"),
        ("namespace-enrol", "a good signature made as a proof of possession", "countersign-enrol"),
        ("namespace-empty", "no namespace", ""),
    ] {
        let raw = adaeze().secret.sign(&sshsig::signed_data(namespace, record.as_bytes())).to_bytes();
        let parts = Parts { namespace: namespace.into(), ..parts(honest(&adaeze(), "").key, &raw) };
        bad(name, about, "WRONG_NAMESPACE", &record, parts.armor());
    }
    bad(
        "key-another",
        "a good signature by another person's key",
        "WRONG_KEY",
        &record,
        honest(&ines(), &record).armor(),
    );
    let rsa = Parts { key: [string(b"ssh-rsa"), string(&[1, 0, 1])].concat(), ..honest(&adaeze(), &record) };
    bad("key-rsa", "a key of another type", "BAD_KEY", &approval_by(&rsa.key), rsa.armor());

    let mut key = |name, about, point: [u8; 32]| {
        let key = plain_blob(&point);
        let record = approval_by(&key);
        // s = 0 and R the identity: under a small-order key this holds for one message in eight.
        let mut raw = [0; 64];
        raw[0] = 1;
        bad(name, about, "BAD_KEY", &record, parts(key, &raw).armor());
    };
    let identity = [&[1u8][..], &[0; 31]].concat().try_into().unwrap();
    key("key-identity", "the neutral element as a key", identity);
    key("key-small-order", "a key of order 8", EIGHT_TORSION[1].compress().0);
    let mut high = [0xff; 32];
    (high[0], high[31]) = (0xee, 0x7f);
    key("key-non-canonical-identity", "the neutral element with y = p + 1", high);
    let mut negative_zero: [u8; 32] = identity;
    negative_zero[31] |= 0x80;
    key("key-negative-zero", "the neutral element with a sign on x = 0", negative_zero);
    (high[0], high[31]) = (0xed + 3, 0x7f);
    key("key-non-canonical", "a point of large order with y = p + 3", high);
    let mut off = [0; 32];
    off[0] = 2;
    key("key-off-curve", "32 bytes that are no point", off);

    // A + T: the honest signature is made so often that it holds even for strict verifiers.
    let torsioned = (EdwardsPoint::mul_base(&adaeze().secret.to_scalar()) + EIGHT_TORSION[1]).compress().0;
    let record = approval_by(&plain_blob(&torsioned));
    let data = sshsig::signed_data(NAMESPACE, record.as_bytes());
    let raw = (1u64..)
        .map(|n| {
            forge(
                &torsioned,
                adaeze().secret.to_scalar(),
                Scalar::from(n),
                EdwardsPoint::mul_base(&Scalar::from(n)).compress().0,
                &data,
            )
        })
        .find(|raw| {
            let key = ed25519_dalek::VerifyingKey::from_bytes(&torsioned).unwrap();
            key.verify_strict(&data, &ed25519_dalek::Signature::from_bytes(raw)).is_ok()
        })
        .unwrap();
    bad(
        "key-torsion",
        "a key with a torsion component and a signature that strict verification takes",
        "BAD_KEY",
        &record,
        parts(plain_blob(&torsioned), &raw).armor(),
    );
    all
}

/// s = r + k a, with whatever R is given.
fn forge(key: &[u8; 32], secret: Scalar, r: Scalar, point: [u8; 32], data: &[u8]) -> [u8; 64] {
    let hash = Sha512::new().chain_update(point).chain_update(key).chain_update(data).finalize();
    let k = Scalar::from_bytes_mod_order_wide(&hash.into());
    let s = r + k * secret;
    [point, s.to_bytes()].concat().try_into().unwrap()
}

fn mathematics() -> Vec<Vector> {
    let record = print(&approval());
    let hand = adaeze();
    let key = *hand.secret.verifying_key().as_bytes();
    let (data, a) = (sshsig::signed_data(NAMESPACE, record.as_bytes()), hand.secret.to_scalar());
    let mut all = Vec::new();
    let mut bad = |name, about, raw: [u8; 64]| {
        let sig = parts(plain_blob(&key), &raw).armor();
        all.push(vector(
            name,
            about,
            Some("BAD_SIGNATURE"),
            &Signed { record: record.clone(), sig, tst: None },
        ));
    };
    let good: [u8; 64] = hand.secret.sign(&data).to_bytes();
    let mut high_s = good;
    // s + l, with l in little endian.
    let order = hex("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010");
    let mut carry = 0u16;
    for (byte, add) in high_s[32..].iter_mut().zip(order) {
        carry += u16::from(*byte) + u16::from(add);
        *byte = carry.to_le_bytes()[0];
        carry >>= 8;
    }
    bad("s-plus-l", "s + l instead of s: the same signature in a second spelling", high_s);
    let mut changed = good;
    changed[40] ^= 1;
    bad("s-changed", "one bit of s", changed);
    changed = good;
    changed[0] ^= 1;
    bad("r-changed", "one bit of R", changed);
    let r = Scalar::from(5u8);
    let torsioned = (EdwardsPoint::mul_base(&r) + EIGHT_TORSION[1]).compress().0;
    bad(
        "r-torsion",
        "R with a torsion component: batch and cofactored verification take it",
        forge(&key, a, r, torsioned, &data),
    );
    let identity: [u8; 32] = [&[1u8][..], &[0; 31]].concat().try_into().unwrap();
    bad(
        "r-identity",
        "R is the neutral element: only strict verification refuses",
        forge(&key, a, Scalar::ZERO, identity, &data),
    );
    let lenient = ed25519_dalek::Signature::from_bytes(&forge(&key, a, Scalar::ZERO, identity, &data));
    let verifier = hand.secret.verifying_key();
    assert!(ed25519_dalek::Verifier::verify(&verifier, &data, &lenient).is_ok(), "lenient verifiers take it");
    let mut high = [0xff; 32];
    (high[0], high[31]) = (0xee, 0x7f);
    bad(
        "r-non-canonical",
        "R is the neutral element with y = p + 1",
        forge(&key, a, Scalar::ZERO, high, &data),
    );
    let small = EIGHT_TORSION[4].compress().0;
    bad("r-small-order", "R of order 2", forge(&key, a, Scalar::ZERO, small, &data));
    bad("s-zero", "R and s are zero", [0; 64]);
    let raw = hand.secret.sign(record.as_bytes()).to_bytes();
    bad("bare", "a signature over the bare record, without SSHSIG's wrapping", raw);
    all.push(replayed());
    all
}

/// A signature moved to another record.
fn replayed() -> Vector {
    let sig = honest(&adaeze(), &print(&approval())).armor();
    let mut other = approval();
    other.nonce.0[0] ^= 1;
    let signed = Signed { record: print(&wording::complete(other)), sig, tst: None };
    vector(
        "replayed",
        "a good signature of another record by the same person",
        Some("BAD_SIGNATURE"),
        &signed,
    )
}

fn hex(text: &str) -> Vec<u8> {
    text.as_bytes().chunks(2).map(|c| u8::from_str_radix(str::from_utf8(c).unwrap(), 16).unwrap()).collect()
}

fn tokens() -> Vec<Vector> {
    let hand = adaeze();
    let point = hand.secret.verifying_key().to_bytes();
    let fido = |name, about, refused, application: &str, flags| {
        let record = approval_by(&token_blob(&point, application));
        let sig = token_parts(&hand, application, flags, &record).armor();
        vector(name, about, refused, &Signed { record, sig, tst: None })
    };
    let mut all = vec![
        fido("good-fido", "a security key that was touched", None, "ssh:", 1),
        fido("good-fido-verified", "a security key that was touched and knew its owner", None, "ssh:", 5),
        fido("fido-untouched", "a security key that nobody touched", Some("BAD_SIGNATURE_FORM"), "ssh:", 0),
        fido(
            "fido-application",
            "a security key made for a web site",
            Some("BAD_KEY"),
            "https://example.org",
            1,
        ),
    ];
    let record = approval_by(&token_blob(&point, "ssh:"));
    let mut parts = token_parts(&hand, "ssh:", 1, &record);
    *parts.inner.last_mut().unwrap() ^= 1;
    let signed = Signed { record, sig: parts.armor(), tst: None };
    all.push(vector("fido-counter", "another counter than was signed", Some("BAD_SIGNATURE"), &signed));

    let good = hand.sign(approval());
    let mut der = vec![0x30, 34, 0x04, 32];
    der.extend_from_slice(&Sha256::digest(&good.sig));
    let token = STANDARD.encode(&der);
    let stamped = |name, about, refused, tst: String| {
        vector(name, about, refused, &Signed { tst: Some(tst), ..good.clone() })
    };
    all.push(stamped(
        "good-token",
        "a token about this signature (outside only: it is not verified yet)",
        None,
        token.clone(),
    ));
    all.push(stamped("token-line-feed", "a token with a line feed", Some("BAD_TOKEN"), token + "\n"));
    der[10] ^= 1;
    all.push(stamped(
        "token-another",
        "a token about another signature",
        Some("BAD_TOKEN"),
        STANDARD.encode(&der),
    ));
    all.push(stamped("token-cut", "a token cut short", Some("BAD_TOKEN"), STANDARD.encode(&der[..20])));
    all.push(stamped("token-empty", "an empty token", Some("BAD_TOKEN"), String::new()));
    all
}
