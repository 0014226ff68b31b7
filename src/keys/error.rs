//! What can go wrong with a private key, and what to do about it.

use crate::record::BadKey;
use crate::record::sshsig::SigError;

/// Why there is no signature. Each message ends with what to do.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The file cannot be read.
    #[error("{path}: {error}; name a key file with --key, or load your key into ssh-agent with `ssh-add`")]
    Unreadable {
        /// The file.
        path: String,
        /// What the system said.
        error: String,
    },
    /// Not a key file.
    #[error("{path} is not an OpenSSH {wanted} ({why}); `ssh-keygen -t ed25519` makes one")]
    NotAKey {
        /// The file.
        path: String,
        /// What was looked for.
        wanted: &'static str,
        /// What is wrong with it.
        why: String,
    },
    /// A key without a passphrase.
    #[error(
        "{path} is not encrypted: whoever copies the file can sign as you; give it a passphrase with `ssh-keygen -p -f {path}`"
    )]
    Unencrypted {
        /// The file.
        path: String,
    },
    /// The passphrase is wrong.
    #[error("the passphrase does not open {path}; try again")]
    WrongPassphrase {
        /// The file.
        path: String,
    },
    /// A passphrase that can be guessed.
    #[error("the passphrase has fewer than {0} characters; choose a longer one")]
    ShortPassphrase(usize),
    /// A handle to a FIDO token.
    #[error(
        "{path} only points to a security key; plug the token in and load it with `ssh-add {path}`, then sign through ssh-agent"
    )]
    Token {
        /// The file.
        path: String,
    },
    /// The key derivation would take minutes.
    #[error(
        "{path} asks for {rounds} rounds of key derivation, more than are done here; change it with `ssh-keygen -p -a 64 -f {path}`"
    )]
    Rounds {
        /// The file.
        path: String,
        /// As written in it.
        rounds: u32,
    },
    /// The key itself is not admitted.
    #[error("the key is not admitted: {0}; `ssh-keygen -t ed25519` makes one that is")]
    Bad(#[from] BadKey),
    /// No agent.
    #[error(
        "ssh-agent at {socket} cannot be reached ({error}); start it with `eval $(ssh-agent)` and run `ssh-add`"
    )]
    NoAgent {
        /// Its socket.
        socket: String,
        /// What the system said.
        error: String,
    },
    /// The agent did not answer in time.
    #[error(
        "ssh-agent did not answer within {0} seconds; touch your security key or confirm its question, and try again"
    )]
    AgentSilent(u64),
    /// The agent answered nonsense.
    #[error("ssh-agent answered something that is not its protocol ({0}); restart it")]
    AgentNonsense(&'static str),
    /// The agent does not have the key, or the person said no.
    #[error("ssh-agent refused to sign with {0}: is the key loaded (`ssh-add -l`), unlocked and confirmed?")]
    AgentRefused(String),
    /// What came back is not a good signature.
    #[error("the signature made does not verify, so it was thrown away: {0}")]
    Signature(#[from] SigError),
    /// No randomness.
    #[error("the system gives no random bytes ({0}); do not sign on this machine")]
    Random(String),
    /// The system has no ssh-agent this program can talk to.
    #[error("ssh-agent is not supported on this system; use an encrypted key file with --key")]
    NoAgentHere,
}
