"""Section 3 of SPEC.md: SSHSIG signatures by Ed25519 keys, checked strictly."""

import base64
import functools
import hashlib
import os
import subprocess
import tempfile


class Refused(Exception):
    """One reason why something is not admitted."""

    def __init__(self, code, words):
        super().__init__(words)
        self.code, self.words = code, words


# Edwards curve -x^2 + y^2 = 1 + d x^2 y^2 over the integers modulo p, points as (X, Y, Z, T).

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P
ROOT = pow(2, (P - 1) // 4, P)
NEUTRAL = (0, 1, 1, 0)


def add(a, b):
    e, f = (a[1] - a[0]) * (b[1] - b[0]) % P, (a[1] + a[0]) * (b[1] + b[0]) % P
    c, d = 2 * a[3] * b[3] * D % P, 2 * a[2] * b[2] % P
    x, y, z, t = f - e, d - c, d + c, f + e
    return x * y % P, z * t % P, y * z % P, x * t % P


def times(n, point):
    out = NEUTRAL
    while n:
        if n & 1:
            out = add(out, point)
        point, n = add(point, point), n >> 1
    return out


def is_neutral(a):
    return a[0] % P == 0 and (a[1] - a[2]) % P == 0


def encode(a):
    inv = pow(a[2], -1, P)
    x, y = a[0] * inv % P, a[1] * inv % P
    return (y | (x & 1) << 255).to_bytes(32, "little")


def decode(data):
    """The point that these 32 bytes are the canonical encoding of, or None."""
    y = int.from_bytes(data, "little")
    sign, y = y >> 255, y & (1 << 255) - 1
    if y >= P:
        return None
    u, v = (y * y - 1) % P, (D * y * y + 1) % P
    x = u * pow(v, 3, P) * pow(u * pow(v, 7, P), (P - 5) // 8, P) % P
    if v * x * x % P == -u % P:
        x = x * ROOT % P
    if v * x * x % P != u or x == 0 and sign:
        return None
    if x & 1 != sign:
        x = P - x
    return x, y, 1, x * y % P


BASE = decode((4 * pow(5, -1, P) % P).to_bytes(32, "little"))


@functools.cache
def s3_2_point(a):
    """The point of a public key, if it is admitted."""
    point = decode(a)
    if point is None:
        raise Refused("BAD_KEY", "the key is not the canonical encoding of a point")
    if is_neutral(times(8, point)):
        raise Refused("BAD_KEY", "the key is of small order")
    if not is_neutral(times(L, point)):
        raise Refused("BAD_KEY", "the key has a torsion component")
    return point


def s3_3_ed25519(a, signature, message):
    """The strict, cofactorless check."""
    r, s = signature[:32], int.from_bytes(signature[32:], "little")
    if s >= L:
        raise Refused("BAD_SIGNATURE", "S is not below l")
    k = int.from_bytes(hashlib.sha512(r + a + message).digest(), "little") % L
    got = add(times(s, BASE), times(L - k, s3_2_point(a)))
    if encode(got) != r or is_neutral(times(8, got)):
        raise Refused("BAD_SIGNATURE", "the signature does not hold for these bytes")


ED, SK = b"ssh-ed25519", b"sk-ssh-ed25519@openssh.com"


def string(data):
    return len(data).to_bytes(4, "big") + data


class Reader:
    """Fields of the SSH wire format."""

    def __init__(self, data, code="BAD_SIGNATURE_FORM"):
        self.data, self.code = data, code

    def take(self, n):
        if n > len(self.data):
            raise Refused(self.code, "cut short")
        out, self.data = self.data[:n], self.data[n:]
        return out

    def uint32(self):
        return int.from_bytes(self.take(4), "big")

    def string(self):
        return self.take(self.uint32())

    def expect(self, got, wanted, words):
        if got != wanted:
            raise Refused(self.code, words)

    def end(self):
        self.expect(self.data, b"", "bytes after the last field")


def s3_1_key(blob):
    """Key blob -> (type, A)."""
    fields = Reader(blob)
    kind = fields.string()
    if kind not in (ED, SK):
        raise Refused("BAD_KEY", "a key of another type")
    a = fields.string()
    fields.expect(len(a), 32, "the key is not 32 bytes long")
    if kind == SK and fields.string() != b"ssh:":
        raise Refused("BAD_KEY", "a security key for another application")
    fields.end()
    return kind, a


def fingerprint_of(blob):
    return "SHA256:" + base64.b64encode(hashlib.sha256(blob).digest()).decode().rstrip("=")


def parse_key_text(value):
    """3.2: `type base64` -> key blob."""
    kind, _, encoded = value.partition(" ")
    try:
        blob = base64.b64decode(encoded, validate=True)
    except ValueError:
        raise Refused("BAD_KEY", "not base64")
    if base64.b64encode(blob).decode() != encoded or s3_1_key(blob)[0].decode() != kind:
        raise Refused("BAD_KEY", "not the one spelling of a key")
    return blob


MARKS = "-----BEGIN SSH SIGNATURE-----\n", "-----END SSH SIGNATURE-----\n"


def s3_1_form(armored):
    """Armored text -> {key, kind, a, namespace, raw, tail}."""
    def form(words):
        raise Refused("BAD_SIGNATURE_FORM", words)

    if len(armored.encode()) > 4096:
        form("longer than 4096 bytes")
    if not armored.startswith(MARKS[0]) or not armored.endswith(MARKS[1]):
        form("not between the two marks")
    body = armored[len(MARKS[0]):-len(MARKS[1])]
    try:
        blob = base64.b64decode(body.replace("\n", ""), validate=True)
    except ValueError:
        form("not base64")
    spelled = base64.b64encode(blob).decode()
    if body != "".join(spelled[i:i + 70] + "\n" for i in range(0, len(spelled), 70)):
        form("not in lines of 70 characters of canonical base64")
    outer = Reader(blob)
    outer.expect(outer.take(6), b"SSHSIG", "not SSHSIG")
    outer.expect(outer.uint32(), 1, "not version 1")
    key, namespace = outer.string(), outer.string()
    outer.expect(outer.string(), b"", "the reserved field is not empty")
    outer.expect(outer.string(), b"sha512", "another hash")
    inner = Reader(outer.string())
    outer.end()
    kind, a = s3_1_key(key)
    inner.expect(inner.string(), kind, "the signature is of another type than the key")
    raw = inner.string()
    inner.expect(len(raw), 64, "the signature is not 64 bytes long")
    tail = inner.take(5) if kind == SK else b""
    inner.end()
    return {"key": key, "kind": kind, "a": a, "namespace": namespace, "raw": raw, "tail": tail}


def s3_3_signature(data, armored, namespace, key_fingerprint):
    """3.3 without its first and last step."""
    sig = s3_1_form(armored)
    if sig["namespace"] != namespace.encode():
        raise Refused("WRONG_NAMESPACE", "made for another purpose")
    s3_2_point(sig["a"])
    if fingerprint_of(sig["key"]) != key_fingerprint:
        raise Refused("WRONG_KEY", "made by another key than the one named")
    if sig["kind"] == SK and not sig["tail"][0] & 1:
        raise Refused("BAD_SIGNATURE_FORM", "nobody touched the security key")
    message = (b"SSHSIG" + string(sig["namespace"]) + string(b"") + string(b"sha512")
               + string(hashlib.sha512(data).digest()))
    if sig["kind"] == SK:
        message = hashlib.sha256(b"ssh:").digest() + sig["tail"] + hashlib.sha256(message).digest()
    s3_3_ed25519(sig["a"], sig["raw"], message)
    ssh_keygen(data, armored, namespace, sig)


def ssh_keygen(data, armored, namespace, sig):
    """OpenSSH must come to the same answer."""
    with tempfile.TemporaryDirectory() as folder:
        def write(name, content):
            with open(os.path.join(folder, name), "wb") as file:
                file.write(content)
            return os.path.join(folder, name)

        allowed = write("allowed", b"signer " + sig["kind"] + b" " + base64.b64encode(sig["key"]) + b"\n")
        sigfile = write("sig", armored.encode())
        done = subprocess.run(["ssh-keygen", "-Y", "verify", "-f", allowed, "-I", "signer", "-n", namespace,
                               "-s", sigfile], input=data, capture_output=True)
    if done.returncode != 0:
        raise Refused("BAD_SIGNATURE", "ssh-keygen refuses it: " + done.stderr.decode(errors="replace").strip())


def s3_4_token(token, armored):
    def bad(words):
        raise Refused("BAD_TOKEN", words)

    try:
        der = base64.b64decode(token, validate=True)
    except ValueError:
        bad("not base64")
    if len(token) > 65_536 or base64.b64encode(der).decode() != token:
        bad("too long, or not one line of canonical base64")
    size = der[1] if len(der) > 1 else 0
    head = 2
    if size >= 0x80:
        head += size - 0x80
        size = int.from_bytes(der[2:head], "big")
    n = (size.bit_length() + 7) // 8
    minimal = bytes([size]) if size < 0x80 else bytes([0x80 + n]) + size.to_bytes(n, "big")
    if der[:1] != b"\x30" or der[1:head] != minimal or len(der) != head + size:
        bad("not one DER SEQUENCE")
    if hashlib.sha256(armored.encode()).digest() not in der:
        bad("about another signature")
