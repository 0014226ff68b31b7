//! The real ssh-keygen and ssh-agent, both ways.

use super::hand::{Desk, adaeze, approve, ines};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use countersign::keys::{KeyError, SigningKey, agent, openssh};
use countersign::ledger;
use countersign::record::{NAMESPACE, PublicKey, Unlock, print, sshsig, verify, wording};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

const PASS: &str = "correct horse battery";

fn ssh_keygen(folder: &Path, arguments: &[&str], stdin: &str) -> (bool, String) {
    use std::io::Write as _;
    let mut child = Command::new("ssh-keygen")
        .args(arguments)
        .current_dir(folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("ssh-keygen is installed");
    child.stdin.take().unwrap().write_all(stdin.as_bytes()).unwrap();
    let out = child.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&out.stdout).into_owned() + &String::from_utf8_lossy(&out.stderr);
    (out.status.success(), said)
}

fn new_key(folder: &Path, name: &str, pass: &str) -> PathBuf {
    let (ok, said) = ssh_keygen(folder, &["-q", "-t", "ed25519", "-N", pass, "-C", "c c", "-f", name], "");
    assert!(ok, "{said}");
    folder.join(name)
}

#[test]
fn ssh_keygen_says_good_to_our_records() {
    let folder = tempfile::tempdir().unwrap();
    let mut desk = super::ledger::story();
    desk.append();
    let people = desk.verdict().people;
    std::fs::write(folder.path().join("allowed_signers"), ledger::people::allowed_signers(&people)).unwrap();
    for line in desk.ledger.lines() {
        std::fs::write(folder.path().join("sig"), &line.signed.sig).unwrap();
        let signer = desk_signer(&line.signed.record);
        let check = ["-Y", "verify", "-f", "allowed_signers", "-I", &signer, "-n", NAMESPACE, "-s", "sig"];
        let (ok, said) = ssh_keygen(folder.path(), &check, &line.signed.record);
        assert!(ok && said.contains("Good"), "{said}");
        let (ok, _) =
            ssh_keygen(folder.path(), &check, &line.signed.record.replace("record/v1", "record/v2"));
        assert!(!ok);
    }
}

fn desk_signer(record: &str) -> String {
    countersign::record::parse(record).unwrap().signer.person.to_string()
}

#[test]
fn ssh_keygen_and_we_agree_on_security_keys() {
    use super::vectors_signature::{token_blob, token_parts};
    let folder = tempfile::tempdir().unwrap();
    let (hand, message) = (adaeze(), "what a token signs");
    let blob = STANDARD.encode(token_blob(hand.secret.verifying_key().as_bytes(), "ssh:"));
    let public = format!("sk-ssh-ed25519@openssh.com {blob}");
    std::fs::write(folder.path().join("allowed_signers"), format!("adaeze {public}\n")).unwrap();
    let sig = token_parts(&hand, "ssh:", 1, message).armor();
    std::fs::write(folder.path().join("sig"), &sig).unwrap();
    let check = ["-Y", "verify", "-f", "allowed_signers", "-I", "adaeze", "-n", NAMESPACE, "-s", "sig"];
    let (ok, said) = ssh_keygen(folder.path(), &check, message);
    assert!(ok && said.contains("Good"), "{said}");
    let public: PublicKey = public.parse().unwrap();
    sshsig::check(&sig, &public, NAMESPACE, message.as_bytes()).unwrap();
    let (_, fingerprint) = ssh_keygen(folder.path(), &["-l", "-f", "-"], public.as_str());
    assert!(fingerprint.contains(public.fingerprint().as_str()), "{fingerprint}");
}

#[test]
fn we_verify_what_ssh_keygen_signs() {
    let folder = tempfile::tempdir().unwrap();
    new_key(folder.path(), "k", "");
    let public = openssh::read_public(&folder.path().join("k.pub")).unwrap();
    std::fs::write(folder.path().join("m"), "message").unwrap();
    let (ok, said) = ssh_keygen(folder.path(), &["-Y", "sign", "-f", "k", "-n", NAMESPACE, "m"], "");
    assert!(ok, "{said}");
    let sig = std::fs::read_to_string(folder.path().join("m.sig")).unwrap();
    sshsig::check(&sig, &public, NAMESPACE, b"message").unwrap();
    assert!(sshsig::check(&sig, &public, NAMESPACE, b"messagf").is_err());
    assert!(sshsig::check(&sig, &public, "file", b"message").is_err());
    let (_, fingerprint) = ssh_keygen(folder.path(), &["-l", "-f", "k.pub"], "");
    assert!(fingerprint.contains(public.fingerprint().as_str()), "{fingerprint}");
    // The other hash ssh-keygen can use is refused: one meaning, one spelling.
    std::fs::remove_file(folder.path().join("m.sig")).unwrap();
    let (ok, said) = ssh_keygen(
        folder.path(),
        &["-Y", "sign", "-O", "hashalg=sha256", "-f", "k", "-n", NAMESPACE, "m"],
        "",
    );
    assert!(ok, "{said}");
    let sig = std::fs::read_to_string(folder.path().join("m.sig")).unwrap();
    let error = sshsig::check(&sig, &public, NAMESPACE, b"message").unwrap_err();
    assert!(error.to_string().contains("sha512"), "{error}");
}

#[test]
fn key_files_go_both_ways() {
    let folder = tempfile::tempdir().unwrap();
    let path = new_key(folder.path(), "theirs", PASS);
    let key = openssh::open(&path, PASS).unwrap();
    assert_eq!(key.public(), openssh::read_public(&folder.path().join("theirs.pub")).unwrap());
    assert_eq!(key.unlock(), Unlock::Passphrase);
    let signature = key.sign(NAMESPACE, b"m").unwrap();
    sshsig::check(&signature, &key.public(), NAMESPACE, b"m").unwrap();

    let (text, public) = openssh::generate(PASS, "ines", openssh::ROUNDS).unwrap();
    let ours = folder.path().join("ours");
    std::fs::write(&ours, text.as_bytes()).unwrap();
    restrict(&ours);
    let (ok, said) = ssh_keygen(folder.path(), &["-y", "-P", PASS, "-f", "ours"], "");
    assert!(ok, "{said}");
    assert!(said.starts_with(public.as_str()), "{said}");
    assert!(said.contains(" ines"), "{said}");
    assert_eq!(openssh::open(&ours, PASS).unwrap().public(), public);
    let (ok, _) = ssh_keygen(folder.path(), &["-y", "-P", "", "-f", "ours"], "");
    assert!(!ok, "it must be encrypted");
}

fn restrict(path: &Path) {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600)).unwrap();
}

#[test]
fn what_is_not_an_encrypted_ed25519_key_is_refused_with_a_way_out() {
    let folder = tempfile::tempdir().unwrap();
    let plain = new_key(folder.path(), "plain", "");
    let locked = new_key(folder.path(), "locked", PASS);
    let (ok, said) = ssh_keygen(folder.path(), &["-q", "-t", "ecdsa", "-N", PASS, "-f", "ecdsa"], "");
    assert!(ok, "{said}");
    let error = |path: &Path, pass: &str| openssh::open(path, pass).err().unwrap().to_string();
    assert!(error(&plain, PASS).contains("ssh-keygen -p"), "{}", error(&plain, PASS));
    assert!(error(&locked, "wrong").contains("does not open"));
    assert!(error(&folder.path().join("ecdsa"), PASS).contains("ssh-keygen -t ed25519"));
    assert!(error(&folder.path().join("none"), PASS).contains("ssh-add"));
    assert!(error(&folder.path().join("plain.pub"), PASS).contains("not an OpenSSH private key"));
    assert!(error(folder.path(), PASS).contains("size of a key"));
    let public = openssh::read_public(&plain).err().unwrap().to_string();
    assert!(public.contains("private key"), "{public}");
    assert!(openssh::read_public(&folder.path().join("ecdsa.pub")).is_err());
    assert!(matches!(openssh::generate("short", "", openssh::ROUNDS), Err(KeyError::ShortPassphrase(_))));
}

/// A real ssh-agent that dies with the test.
struct Agent {
    child: Child,
    socket: PathBuf,
}

impl Agent {
    fn start(folder: &Path) -> Agent {
        let socket = folder.join("agent");
        let child = Command::new("ssh-agent")
            .args(["-D", "-a"])
            .arg(&socket)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("ssh-agent is installed");
        let agent = Agent { child, socket };
        for _ in 0..500 {
            if agent::list(&agent.socket).is_ok() {
                break;
            }
            std::thread::sleep(std::time::Duration::from_millis(10));
        }
        agent
    }
    fn add(&self, path: &Path) {
        let out = Command::new("ssh-add")
            .arg(path)
            .env("SSH_AUTH_SOCK", &self.socket)
            .stdin(Stdio::null())
            .output()
            .expect("ssh-add is installed");
        assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    }
}

impl Drop for Agent {
    fn drop(&mut self) {
        self.child.kill().and_then(|()| self.child.wait()).expect("the agent is ours to end");
    }
}

#[test]
fn a_real_agent_signs_a_record() {
    let folder = tempfile::tempdir().unwrap();
    let agent = Agent::start(folder.path());
    assert_eq!(agent::list(&agent.socket).unwrap(), []);
    agent.add(&new_key(folder.path(), "k", ""));
    let (ok, said) = ssh_keygen(folder.path(), &["-q", "-t", "ecdsa", "-N", "", "-f", "ecdsa"], "");
    assert!(ok, "{said}");
    agent.add(&folder.path().join("ecdsa"));
    let identities = agent::list(&agent.socket).unwrap();
    assert_eq!(identities.len(), 1, "the ECDSA key is left out");
    assert_eq!(identities[0].comment, "c c");

    let key = agent::open(&agent.socket, identities[0].public.clone());
    assert_eq!(key.unlock(), Unlock::Agent);
    let mut desk = Desk::founded();
    let mut record = desk.record(&adaeze(), approve());
    record.signer.key = key.fingerprint();
    let record = print(&wording::complete(record));
    let sig = key.sign(NAMESPACE, record.as_bytes()).unwrap();
    verify(countersign::record::Signed { record, sig, tst: None }).unwrap();

    let stranger = agent::open(&agent.socket, ines().public());
    let error = stranger.sign(NAMESPACE, b"m").unwrap_err();
    assert!(error.to_string().contains("ssh-add -l"), "{error}");
    let nobody = agent::list(&folder.path().join("nothing")).unwrap_err();
    assert!(nobody.to_string().contains("ssh-agent"), "{nobody}");
}

/// Answers one question with fixed bytes.
fn false_agent(answer: Vec<u8>) -> (tempfile::TempDir, PathBuf) {
    use std::io::{Read as _, Write as _};
    let folder = tempfile::tempdir().unwrap();
    let socket = folder.path().join("s");
    let listener = std::os::unix::net::UnixListener::bind(&socket).unwrap();
    std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut length = [0; 4];
        stream.read_exact(&mut length).unwrap();
        let mut request = vec![0; usize::try_from(u32::from_be_bytes(length)).unwrap()];
        stream.read_exact(&mut request).unwrap();
        stream.write_all(&answer).unwrap();
    });
    (folder, socket)
}

#[test]
fn an_agent_that_lies_is_found_out() {
    let list = |answer: &[u8]| {
        let (_folder, socket) = false_agent(answer.to_vec());
        agent::list(&socket).unwrap_err().to_string()
    };
    assert!(list(&[0xff; 8]).contains("out of bounds"));
    assert!(list(&[0, 0, 0, 0]).contains("out of bounds"));
    assert!(list(&[0, 0, 0, 5, 12, 0xff, 0xff, 0xff, 0xff]).contains("cut short"));
    assert!(list(&[0, 0, 0, 1, 9]).contains("does not list"));
    assert!(list(&[0, 0, 0, 9, 12]).contains("cannot be reached"));
    // A signature over something else is thrown away.
    let raw = ines().secret_signature(b"another message");
    let inner = sshsig::inner(&raw);
    let size = |n: usize| u32::try_from(n).unwrap().to_be_bytes();
    let mut answer = size(inner.len() + 5).to_vec();
    answer.push(14);
    answer.extend_from_slice(&size(inner.len()));
    answer.extend_from_slice(&inner);
    let (_folder, socket) = false_agent(answer);
    let error = agent::open(&socket, ines().public()).sign(NAMESPACE, b"m").unwrap_err();
    assert!(matches!(error, KeyError::Signature(_)), "{error}");
}
