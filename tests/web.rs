//! The web pages over a small store: what is answered, what is refused, what every answer carries.

use assert_cmd::cargo::CommandCargoExt;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// A running server; stopped when dropped.
struct Server {
    child: Child,
    address: String,
    _store: tempfile::TempDir,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn vanban() -> Command {
    Command::cargo_bin("vanban").expect("the binary is built")
}

fn start() -> Server {
    let store = tempfile::tempdir().expect("a temporary folder");
    let archive = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus/archive/2021");
    let built = vanban().arg("reindex").arg(archive).arg("--store").arg(store.path()).output().expect("it runs");
    assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
    let mut child = vanban()
        .args(["serve", "--listen", "127.0.0.1:0", "--store"])
        .arg(store.path())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it runs");
    let mut line = String::new();
    BufReader::new(child.stderr.take().expect("a pipe")).read_line(&mut line).expect("it says where it listens");
    let address = line.split("http://").nth(1).and_then(|rest| rest.split('/').next()).expect("an address").to_owned();
    Server { child, address, _store: store }
}

/// Head and body of the answer.
fn get(server: &Server, path: &str, host: &str) -> (String, String) {
    let mut stream = TcpStream::connect(&server.address).expect("the server listens");
    write!(stream, "GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n").expect("it is sent");
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).expect("it is answered");
    let answer = String::from_utf8_lossy(&answer).into_owned();
    let (head, body) = answer.split_once("\r\n\r\n").expect("a head and a body");
    (head.to_ascii_lowercase(), body.to_owned())
}

#[test]
fn pages_answer_and_strangers_are_refused() {
    let server = start();
    let host = server.address.clone();
    for (path, status, holds) in [
        ("/", "200", "Tìm trong kho văn bản"),
        ("/?lang=en", "200", "Search the archive"),
        ("/search?q=dan+van", "200", "<mark>"),
        ("/search?q=%3Cscript%3Ealert(1)%3C/script%3E", "200", "&lt;script&gt;"),
        ("/archive", "200", "<rect"),
        ("/doc/2021-12-15-qd-438-tu-quy-che-cong-tac-dan-van.txt", "200", "438-QĐ/TU"),
        ("/doc/2021-12-15-qd-438-tu-quy-che-cong-tac-dan-van.txt?view=scan", "200", "<table"),
        ("/doc/2021-12-15-qd-438-tu-quy-che-cong-tac-dan-van.txt?at=yesterday", "400", "must be a date"),
        ("/lineage/2021-12-15-qd-438-tu-quy-che-cong-tac-dan-van.txt", "200", "<svg"),
        ("/chain/2021-12-15-qd-438-tu-quy-che-cong-tac-dan-van.txt", "200", "timeline"),
        ("/doc/..%2F..%2Fetc%2Fpasswd", "404", "There is no such page"),
        ("/api/v1/openapi.json", "200", "\"3.1.0\""),
        ("/api/v1/status?document=438-Q%C4%90/TU", "200", "\"status\""),
        ("/api/v1/status?document=no-such", "404", "application/problem+json"),
        ("/api/v1/search?q=a&limit=minus", "400", "application/problem+json"),
        ("/nothing", "404", "There is no such page"),
    ] {
        let (head, body) = get(&server, path, &host);
        assert!(head.starts_with(&format!("http/1.1 {status}")), "{path}: {head}");
        assert!(body.contains(holds) || head.contains(holds), "{path}: {body}");
        assert!(head.contains("content-security-policy: default-src 'none'"), "{path}: {head}");
        assert!(!body.contains("<script"), "{path}");
    }
    let (head, _) = get(&server, "/", "evil.example");
    assert!(head.starts_with("http/1.1 421"), "{head}");
}
