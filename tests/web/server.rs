//! A server over a small archive, and requests byte by byte.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::LazyLock;
use std::time::Duration;

/// A document whose every field tries to be markup.
const HOSTILE: &str = "UBND TỈNH SÔNG THAO\nSố: 66/QĐ-UBND\nSông Thao, ngày 06 tháng 6 năm 2021\nQUYẾT ĐỊNH\n\
    Về <script>alert(1)</script> \"onmouseover=\"alert(2)\" và <img src=x onerror=alert(3)>\n\n\
    Căn cứ Luật Tổ chức chính quyền địa phương ngày 19 tháng 6 năm 2015;\n\n\
    Điều 1. <b>Ban hành</b> </title><svg/onload=alert(4)> theo Quyết định số 438-QĐ/TU ngày 15/12/2021.\n\
    Điều 2. Quyết định này có hiệu lực kể từ ngày ký.\n";

/// Its id, which would be markup too.
pub const HOSTILE_ID: &str = "<img src=x onerror=alert(5)>.txt";

/// The archive that the tests serve: three years of the sample archive, a hostile document, and one that is none.
pub fn write_archive(folder: &Path) {
    let sample = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus/archive");
    for year in ["2010", "2015", "2021"] {
        for entry in std::fs::read_dir(sample.join(year)).expect("the sample archive is there") {
            let path = entry.expect("an entry").path();
            let to = folder.join(path.file_name().expect("a name"));
            std::fs::copy(&path, to).expect("it is copied");
        }
    }
    std::fs::write(folder.join(HOSTILE_ID), HOSTILE).expect("it is written");
    std::fs::write(folder.join("hong.docx"), b"PK\x03\x04 not a document").expect("it is written");
}

pub fn vanban() -> Command {
    Command::new(env!("CARGO_BIN_EXE_vanban"))
}

pub fn reindex(archive: &Path, store: &Path) {
    let built = vanban().arg("reindex").arg(archive).arg("--store").arg(store).output().expect("it runs");
    assert!(matches!(built.status.code(), Some(0 | 3)), "{}", String::from_utf8_lossy(&built.stderr));
}

/// One store for all tests that do not publish; built anew in each run.
pub static STORE: LazyLock<PathBuf> = LazyLock::new(|| {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("web");
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(folder.join("archive")).expect("a folder");
    write_archive(&folder.join("archive"));
    reindex(&folder.join("archive"), &folder.join("store"));
    folder.join("store")
});

/// A running server; stopped when dropped.
pub struct Server {
    pub child: Child,
    pub address: String,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// An answer as it came over the line.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    /// In lower case.
    pub head: String,
    pub body: String,
}

impl Server {
    pub fn start(arguments: &[&str]) -> Server {
        Server::over(&STORE, arguments)
    }

    pub fn over(store: &Path, arguments: &[&str]) -> Server {
        let mut child = vanban()
            .args(["serve", "--listen", "127.0.0.1:0", "--store"])
            .arg(store)
            .args(arguments)
            .stderr(Stdio::piped())
            .spawn()
            .expect("it runs");
        let mut line = String::new();
        BufReader::new(child.stderr.take().expect("a pipe")).read_line(&mut line).expect("it says where it listens");
        let address = line.split("http://").nth(1).and_then(|rest| rest.split('/').next());
        let address = address.unwrap_or_else(|| panic!("no address: {line}")).to_owned();
        Server { child, address }
    }

    pub fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(&self.address).expect("the server listens");
        stream.set_read_timeout(Some(Duration::from_secs(60))).expect("a time limit");
        stream
    }

    /// Everything that comes back for these bytes until the server closes.
    pub fn raw(&self, request: &[u8]) -> String {
        let mut stream = self.connect();
        // A server that refuses early may close before all is sent.
        let _ = stream.write_all(request);
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer);
        String::from_utf8_lossy(&answer).into_owned()
    }

    pub fn ask(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        let mut request = format!("{method} {path} HTTP/1.1\r\nConnection: close\r\n");
        if !headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("host")) {
            request.push_str(&format!("Host: {}\r\n", self.address));
        }
        for (name, value) in headers {
            request.push_str(&format!("{name}: {value}\r\n"));
        }
        if !body.is_empty() {
            request.push_str(&format!("Content-Length: {}\r\n", body.len()));
        }
        let answer = self.raw(format!("{request}\r\n{body}").as_bytes());
        let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
        let status = head.split(' ').nth(1).and_then(|code| code.parse().ok()).unwrap_or(0);
        Answer { status, head: head.to_lowercase(), body: body.to_owned() }
    }

    pub fn get(&self, path: &str) -> Answer {
        self.ask("GET", path, &[], "")
    }
}
