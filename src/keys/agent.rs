//! ssh-agent, by its protocol: two messages over a socket (draft-ietf-sshm-ssh-agent).
//!
//! Security keys, password managers and forwarded agents are all reached this way. An agent is another
//! program and not trusted: its answers are bounded in size and time, and its signatures are verified.

use super::{KeyError, SigningKey};
use crate::record::{PublicKey, Unlock};
use std::path::{Path, PathBuf};

/// A key an agent holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// The key.
    pub public: PublicKey,
    /// What its owner called it.
    pub comment: String,
}

/// A key inside an agent.
#[derive(Debug, Clone)]
pub struct AgentKey {
    socket: PathBuf,
    public: PublicKey,
}

/// The admitted keys an agent holds; others (RSA, ECDSA, certificates) are left out.
///
/// # Errors
/// When the agent cannot be reached or does not answer in its protocol.
pub fn list(socket: &Path) -> Result<Vec<Identity>, KeyError> {
    protocol::list(socket)
}

/// A key by its public half. That the agent holds it shows when it signs.
pub fn open(socket: &Path, public: PublicKey) -> AgentKey {
    AgentKey { socket: socket.to_owned(), public }
}

impl SigningKey for AgentKey {
    fn public(&self) -> PublicKey {
        self.public.clone()
    }
    fn unlock(&self) -> Unlock {
        if self.public.is_token() { Unlock::Fido } else { Unlock::Agent }
    }
    fn sign(&self, namespace: &str, message: &[u8]) -> Result<String, KeyError> {
        protocol::sign(&self.socket, &self.public, namespace, message)
    }
}

#[cfg(not(unix))]
mod protocol {
    use super::{Identity, KeyError, Path, PublicKey};

    pub(super) fn list(_: &Path) -> Result<Vec<Identity>, KeyError> {
        Err(KeyError::NoAgentHere)
    }
    pub(super) fn sign(_: &Path, _: &PublicKey, _: &str, _: &[u8]) -> Result<String, KeyError> {
        Err(KeyError::NoAgentHere)
    }
}

#[cfg(unix)]
mod protocol {
    use super::{Identity, KeyError, Path, PublicKey};
    use crate::record::SoundKey;
    use crate::record::sshsig;
    use crate::record::sshwire::{Reader, put_string};
    use std::io::{ErrorKind, Read, Write};
    use std::os::unix::net::UnixStream;
    use std::time::{Duration, Instant};

    const REQUEST_IDENTITIES: u8 = 11;
    const IDENTITIES_ANSWER: u8 = 12;
    const SIGN_REQUEST: u8 = 13;
    const SIGN_RESPONSE: u8 = 14;
    const FAILURE: u8 = 5;
    /// Bytes of an answer; OpenSSH's agent keeps to the same bound.
    const MAX_ANSWER: u32 = 256 * 1024;
    /// Listing needs no person.
    const LIST_SECONDS: u64 = 10;
    /// Signing may wait for a touch, a PIN or a question to be confirmed.
    const SIGN_SECONDS: u64 = 120;
    /// Other seconds for that, up to these many: nobody waits forever.
    const SECONDS_NAME: &str = "COUNTERSIGN_AGENT_SECONDS";
    const MAX_SECONDS: u64 = 600;

    /// How long signing may take.
    fn patience() -> u64 {
        let told = std::env::var(SECONDS_NAME).ok().and_then(|text| text.parse().ok());
        told.filter(|seconds| (1..=MAX_SECONDS).contains(seconds)).unwrap_or(SIGN_SECONDS)
    }

    pub(super) fn list(socket: &Path) -> Result<Vec<Identity>, KeyError> {
        const CUT: KeyError = KeyError::AgentNonsense("its list of keys is cut short");
        let answer = ask(socket, &[REQUEST_IDENTITIES], LIST_SECONDS)?;
        let mut reader = Reader(&answer);
        if reader.byte() != Some(IDENTITIES_ANSWER) {
            return Err(KeyError::AgentNonsense("it does not list its keys"));
        }
        let count = reader.u32().ok_or(CUT)?;
        let mut identities = Vec::new();
        for _ in 0..count {
            let blob = reader.string().ok_or(CUT)?;
            let comment = reader.string().ok_or(CUT)?;
            if let Ok(key) = SoundKey::from_blob(blob) {
                let comment = String::from_utf8_lossy(comment).escape_debug().to_string();
                identities.push(Identity { public: key.public(), comment });
            }
        }
        Ok(identities)
    }

    pub(super) fn sign(
        socket: &Path,
        public: &PublicKey,
        namespace: &str,
        message: &[u8],
    ) -> Result<String, KeyError> {
        let mut request = vec![SIGN_REQUEST];
        put_string(&mut request, &public.blob());
        put_string(&mut request, &sshsig::signed_data(namespace, message));
        request.extend_from_slice(&0u32.to_be_bytes());
        let answer = ask(socket, &request, patience())?;
        let mut reader = Reader(&answer);
        match reader.byte() {
            Some(SIGN_RESPONSE) => {}
            Some(FAILURE) => return Err(KeyError::AgentRefused(public.fingerprint().to_string())),
            _ => return Err(KeyError::AgentNonsense("it does not sign")),
        }
        let inner = reader.string().ok_or(KeyError::AgentNonsense("its signature is cut short"))?;
        Ok(sshsig::seal(public, namespace, message, inner)?)
    }

    /// One question, one answer, on a fresh connection.
    fn ask(socket: &Path, request: &[u8], seconds: u64) -> Result<Vec<u8>, KeyError> {
        let lost = |e: std::io::Error| match e.kind() {
            ErrorKind::WouldBlock | ErrorKind::TimedOut => KeyError::AgentSilent(seconds),
            _ => KeyError::NoAgent { socket: socket.display().to_string(), error: e.to_string() },
        };
        let until = Instant::now() + Duration::from_secs(seconds);
        let mut stream = UnixStream::connect(socket).map_err(lost)?;
        stream.set_write_timeout(Some(Duration::from_secs(seconds))).map_err(lost)?;
        let mut framed = Vec::with_capacity(request.len() + 4);
        put_string(&mut framed, request);
        stream.write_all(&framed).map_err(lost)?;
        let mut length = [0; 4];
        read_until(&mut stream, &mut length, until).map_err(lost)?;
        let length = u32::from_be_bytes(length);
        if length == 0 || length > MAX_ANSWER {
            return Err(KeyError::AgentNonsense("the length of its answer is out of bounds"));
        }
        let mut answer = vec![0; length.try_into().expect("bounded just above")];
        read_until(&mut stream, &mut answer, until).map_err(lost)?;
        Ok(answer)
    }

    /// Fills the buffer before a moment: a timeout on each read alone would let an agent that sends a
    /// byte a minute hold the program for days.
    fn read_until(stream: &mut UnixStream, mut buffer: &mut [u8], until: Instant) -> std::io::Result<()> {
        while !buffer.is_empty() {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Err(ErrorKind::TimedOut.into());
            }
            stream.set_read_timeout(Some(left))?;
            match stream.read(buffer) {
                Ok(0) => return Err(ErrorKind::UnexpectedEof.into()),
                Ok(n) => buffer = &mut buffer[n..],
                Err(e) if e.kind() == ErrorKind::Interrupted => {}
                Err(e) => return Err(e),
            }
        }
        Ok(())
    }
}
