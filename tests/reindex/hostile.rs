//! What an archive may hold that is no paper, or the paper of an enemy: named, set aside, the rest published.

use crate::night::{Night, installed, paper, slow};
use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{FileTypeExt, PermissionsExt};
use vanban::store::{Report, Store};

fn reasons(report: &Report) -> BTreeMap<&str, &str> {
    report.set_aside.iter().map(|one| (one.id.as_str(), one.reason.as_str())).collect()
}

#[test]
fn what_cannot_be_taken_is_named_and_the_rest_is_published() {
    let night = Night::new();
    night.write("good.txt", paper(1));
    night.write("empty.txt", "");
    night.write("binary.txt", b"\x00\x01\x02\xff\xfe\x00PK\x00\x00");
    night.write("large.txt", "Điều 1. ".repeat(200_000));
    night.write("sub/x.txt", paper(2));
    std::os::unix::fs::symlink("..", night.archive().join("sub/loop")).unwrap();
    fs::write(night.archive().join(std::ffi::OsStr::from_bytes(b"\xc3\x28.txt")), paper(3)).unwrap();
    rustix::fs::mkfifoat(rustix::fs::CWD, night.archive().join("pipe"), rustix::fs::Mode::RWXU).unwrap();

    let report = night.reindex(&["--max-file", "1MiB"], 3);
    let expected = [
        ("\\xc3(.txt", "name"),
        ("binary.txt", "binary"),
        ("empty.txt", "empty"),
        ("large.txt", "too-large"),
        ("pipe", "not-a-file"),
        ("sub/loop", "link-loop"),
    ];
    assert_eq!(reasons(&report), BTreeMap::from(expected));
    assert_eq!(report.documents.documents, 2);

    let mut command = night.command(&["reindex", "--max-file", "1MiB"]);
    let output = command.arg(night.archive()).assert().code(3).get_output().stderr.clone();
    let stderr = String::from_utf8(output).unwrap();
    for (id, _) in expected.iter().skip(1) {
        assert!(stderr.contains(id), "{id} is not named in {stderr}");
    }
    // The second night retried nothing that had not changed, and knows since when each is set aside.
    let again = night.reindex(&["--max-file", "1MiB"], 3);
    assert_eq!(again.files.read, 0);
    assert!(!again.published && again.set_aside.iter().all(|one| !one.new));
    assert_eq!(again.set_aside[0].first_seen, report.set_aside[0].first_seen);
}

#[test]
fn a_text_beyond_all_papers_is_set_aside_and_not_restored() {
    let night = Night::new();
    night.write("good.txt", paper(1));
    night.write("lines.txt", "a\n".repeat(1_000_001));
    let report = night.reindex(&[], 3);
    let named: Vec<(&str, &str)> = report.set_aside.iter().map(|one| (one.id.as_str(), one.reason.as_str())).collect();
    assert_eq!(named, [("lines.txt", "too-long")]);
    assert_eq!(report.documents.documents, 1);
}

#[test]
fn a_text_of_ten_million_lines_and_one_of_a_gigabyte_cost_little() {
    let night = Night::new();
    let (n_lines, n_bytes) = if slow("gigantic files") { (10_000_000, 1_u64 << 30) } else { (1_000_001, 66 << 20) };
    night.write("good.txt", paper(1));
    night.write("lines.txt", "a\n".repeat(n_lines));
    let mut file = std::io::BufWriter::new(fs::File::create(night.archive().join("bytes.txt")).unwrap());
    let block = paper(2).repeat(64);
    for _ in 0..n_bytes / block.len() as u64 + 1 {
        file.write_all(block.as_bytes()).unwrap();
    }
    file.into_inner().unwrap();
    let report = night.reindex(&[], 3);
    assert_eq!(reasons(&report), BTreeMap::from([("bytes.txt", "too-large"), ("lines.txt", "too-long")]));
    assert_eq!(report.documents.documents, 1);
    // Asked to take files of any size, it still bounds what a text may cost.
    let report = night.reindex(&["--max-file", "2GiB"], 3);
    assert_eq!(reasons(&report), BTreeMap::from([("bytes.txt", "too-long"), ("lines.txt", "too-long")]));
    println!("gigantic files: {:.1} s", report.seconds);
}

/// A zip archive of one member that unpacks to `n_bytes` zeros or, nested, of such archives.
fn bomb(n_bytes: usize, nested: usize) -> Vec<u8> {
    let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default();
    let inner = if nested > 0 { bomb(n_bytes, nested - 1) } else { Vec::new() };
    for n in 0..if nested > 0 { 4 } else { 1 } {
        let name = if nested > 0 { format!("{n}.zip") } else { format!("{n}.txt") };
        archive.start_file(name, options).unwrap();
        match nested {
            0 => (0..n_bytes >> 20).for_each(|_| archive.write_all(&[b'a'; 1 << 20]).unwrap()),
            _ => archive.write_all(&inner).unwrap(),
        }
    }
    archive.finish().unwrap().into_inner()
}

#[test]
fn bombs_end_at_the_limit() {
    let night = Night::new();
    night.write("good.txt", paper(1));
    night.write("flat.zip", bomb(600 << 20, 0));
    night.write("nested.zip", bomb(100 << 20, 2));
    night.write("deep.zip", bomb(1 << 20, 6));
    let report = night.reindex(&[], 3);
    for name in ["flat.zip", "nested.zip", "deep.zip"] {
        assert!(report.set_aside.iter().any(|one| one.id.starts_with(name)), "{name}: {:?}", reasons(&report));
    }
    assert_eq!(report.documents.documents, 1);
}

#[test]
fn any_byte_at_all_is_text_or_set_aside() {
    let night = Night::new();
    night.write("good.txt", paper(1));
    let all: Vec<u8> = (0..=255).collect();
    night.write("all.txt", all.repeat(40));
    for byte in 0..=255_u8 {
        let mut text = paper(2).into_bytes();
        text.insert(40, byte);
        text.extend([byte, b' ', byte, byte, b'\n']);
        night.write(&format!("bytes/{byte:02x}.txt"), text);
    }
    night.write("nul.txt", paper(3).replace('\n', "\n\0"));
    let report = night.reindex(&[], 3);
    assert!(report.set_aside.iter().any(|one| one.id == "all.txt" || one.id == "nul.txt"), "{:?}", reasons(&report));
    // Every file is either a document or named.
    assert_eq!(report.documents.documents + report.set_aside.len() as u64, 259);
    assert!(report.documents.documents > 128);
    night.command(&["check"]).assert().code(0);
}

#[test]
fn path_names_up_to_the_limit_are_read_and_beyond_it_named() {
    let night = Night::new();
    night.write("good.txt", paper(1));
    // Folders of 200 bytes each; the system takes no path of more than 4,095 bytes at once.
    let step = "đ".repeat(100);
    let mut folder = night.archive();
    while folder.as_os_str().len() + 202 < 4_000 {
        folder.push(&step);
    }
    let name = format!("{}.txt", "x".repeat(4_000 - folder.as_os_str().len() - 5));
    fs::create_dir_all(&folder).unwrap();
    assert_eq!(folder.join(&name).as_os_str().len(), 4_000);
    fs::write(folder.join(&name), paper(2)).unwrap();
    // Beyond the limit only by steps, each from the folder before.
    let mut deeper = rustix::fs::open(&folder, rustix::fs::OFlags::RDONLY, rustix::fs::Mode::empty()).unwrap();
    for _ in 0..2 {
        rustix::fs::mkdirat(&deeper, &step, rustix::fs::Mode::RWXU).unwrap();
        deeper = rustix::fs::openat(&deeper, &step, rustix::fs::OFlags::RDONLY, rustix::fs::Mode::empty()).unwrap();
    }
    let flags = rustix::fs::OFlags::CREATE | rustix::fs::OFlags::WRONLY;
    let file = rustix::fs::openat(&deeper, "far.txt", flags, rustix::fs::Mode::RWXU).unwrap();
    fs::File::from(file).write_all(paper(3).as_bytes()).unwrap();

    let report = night.reindex(&[], 3);
    assert_eq!(report.documents.documents, 2);
    let named: Vec<&str> = report.set_aside.iter().map(|one| one.reason.as_str()).collect();
    assert_eq!(named, ["name-too-long"]);
    let held = Store::open(night.store()).unwrap().current().unwrap();
    assert!(held.ids().any(|id| id.unwrap().0.ends_with(&name)));
}

#[test]
fn devices_pipes_sockets_and_links_are_named_and_never_opened() {
    let night = Night::new();
    night.write("good.txt", paper(1));
    let _socket = std::os::unix::net::UnixListener::bind(night.archive().join("socket.txt")).unwrap();
    rustix::fs::mkfifoat(rustix::fs::CWD, night.archive().join("pipe.txt"), rustix::fs::Mode::RWXU).unwrap();
    std::os::unix::fs::symlink("/dev/zero", night.archive().join("endless.txt")).unwrap();
    std::os::unix::fs::symlink("/etc/passwd", night.archive().join("outside.txt")).unwrap();
    std::os::unix::fs::symlink("nowhere", night.archive().join("broken.txt")).unwrap();
    std::os::unix::fs::symlink("good.txt", night.archive().join("inside.txt")).unwrap();
    let mut expected = BTreeMap::from([
        ("broken.txt", "link-broken"),
        ("endless.txt", "link-outside"),
        ("outside.txt", "link-outside"),
        ("pipe.txt", "not-a-file"),
        ("socket.txt", "not-a-file"),
    ]);
    let device = night.archive().join("device.txt");
    let made = std::process::Command::new("mknod").arg(&device).args(["c", "1", "5"]).output().unwrap();
    match made.status.success() {
        true => drop(expected.insert("device.txt", "not-a-file")),
        false => eprintln!("no device: this user may not make one"),
    }
    assert!(!made.status.success() || fs::symlink_metadata(device).unwrap().file_type().is_char_device());
    let report = night.reindex(&[], 3);
    assert_eq!(reasons(&report), expected);
    assert_eq!(report.documents.documents, 1);
}

#[test]
fn what_may_not_be_read_is_named_tried_again_and_taken_once_it_may() {
    let night = Night::new();
    night.write("good.txt", paper(1));
    night.write("closed.txt", paper(2));
    night.write("folder/inside.txt", paper(3));
    let mode = |name: &str, mode| {
        fs::set_permissions(night.archive().join(name), fs::Permissions::from_mode(mode)).unwrap();
    };
    // The superuser may read everything, so the job runs as nobody where the test runs as root.
    let root = fs::read(night.archive().join("good.txt")).is_ok() && {
        mode("closed.txt", 0o000);
        fs::read(night.archive().join("closed.txt")).is_ok()
    };
    if root && !installed("setpriv") {
        return;
    }
    for folder in [night.folder.path().to_owned(), night.archive(), night.archive().join("folder")] {
        fs::set_permissions(folder, fs::Permissions::from_mode(0o777)).unwrap();
    }
    let report_path = night.folder.path().join("nobody.json");
    let run = || -> (Option<i32>, Report) {
        let job = night.job();
        let mut command = match root {
            true => {
                let mut setpriv = std::process::Command::new("setpriv");
                setpriv.args(["--reuid=65534", "--regid=65534", "--clear-groups"]).arg(job.get_program());
                setpriv
            }
            false => std::process::Command::new(job.get_program()),
        };
        let status = command.args(job.get_args()).arg("--report").arg(&report_path).status().unwrap();
        (status.code(), serde_json::from_slice(&fs::read(&report_path).unwrap()).unwrap())
    };
    let (code, report) = run();
    assert_eq!((code, reasons(&report)), (Some(3), BTreeMap::from([("closed.txt", "cannot-open")])));
    assert_eq!(report.documents.documents, 2);
    // A folder that cannot be listed is no folder without files.
    mode("folder", 0o000);
    let (code, report) = run();
    let expected = BTreeMap::from([("closed.txt", "cannot-open"), ("folder", "cannot-open")]);
    assert_eq!((code, reasons(&report)), (Some(3), expected));
    assert_eq!(report.documents.documents, 2);
    mode("closed.txt", 0o644);
    mode("folder", 0o755);
    let (code, report) = run();
    assert_eq!((code, report.documents.documents), (Some(0), 3));
}
