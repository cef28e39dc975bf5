//! The web pages over a small store: what is answered, what is refused, what every answer carries.
//!
//! `VANBAN_SLOW=1` adds a real browser (Chromium by its driver), axe-core and schemathesis.

#[path = "web/browser.rs"]
mod browser;
#[path = "web/driver.rs"]
mod driver;
#[path = "web/server.rs"]
mod server;

use serde_json::Value;
use server::{Answer, HOSTILE_ID, Server};
use std::io::{Read, Write};
use std::path::Path;
use std::time::{Duration, Instant};

const DECISION: &str = "2021-12-15-qd-438-tu-quy-che-cong-tac-dan-van.txt";

/// What amends it.
const AMENDING: &str = "2023/2023-06-26-qd-1127-tu-sua-doi-quy-che-dan-van.txt";

/// Percent-encodes everything but letters and digits.
fn encoded(text: &str) -> String {
    text.bytes()
        .map(|byte| if byte.is_ascii_alphanumeric() { (byte as char).to_string() } else { format!("%{byte:02X}") })
        .collect()
}

/// What every answer carries, whatever it says.
fn is_sound(path: &str, answer: &Answer) {
    for header in [
        "content-security-policy: default-src 'none'; style-src 'self'",
        "x-content-type-options: nosniff",
        "referrer-policy: same-origin",
        "x-frame-options: deny",
    ] {
        assert!(answer.head.contains(header), "{path} lacks {header}: {}", answer.head);
    }
    assert!(!answer.head.contains("set-cookie"), "{path} sets a cookie");
    if answer.head.contains("text/html") {
        let body = answer.body.to_lowercase();
        for bad in ["<script", "javascript:", " style=", "<img src=x", "<svg/onload", "\"onmouseover"] {
            assert!(!body.contains(bad), "{path} contains {bad}");
        }
    }
}

#[test]
fn every_page_answers_in_both_languages() {
    let server = Server::start(&[]);
    let doc = format!("/doc/{DECISION}");
    for (path, vi, en) in [
        ("/".to_owned(), "Tìm trong kho văn bản", "Search the archive"),
        ("/search?q=dan+van".to_owned(), "<mark>", "Sorted by"),
        ("/search?q=".to_owned(), "văn bản", "documents"),
        ("/search?q=zzzzqqq".to_owned(), "Không thấy văn bản nào", "Nothing found"),
        ("/archive".to_owned(), "Báo cáo đêm qua", "Last night"),
        (doc.clone(), "438-QĐ/TU", "Download"),
        (format!("{doc}?view=scan"), "<table", "Restored"),
        (format!("{doc}?view=amended&at=2022-01-01"), "lời văn như khi ban hành", "as issued"),
        (format!("{doc}?view=doubts"), "Chỗ ngờ", "Doubts"),
        (format!("{doc}?view=citations"), "thay thế", "replaces"),
        (format!("{doc}?view=fields"), "Người ký", "Signed by"),
        (format!("{doc}?view=print"), "Bản để in", "For printing"),
        (format!("/lineage/{DECISION}"), "<svg", "<svg"),
        (format!("/chain/{DECISION}"), "Các đời văn bản", "Successive versions"),
        ("/api".to_owned(), "Giao diện lập trình", "never changes"),
    ] {
        let answer = server.get(&path);
        assert_eq!(answer.status, 200, "{path}: {}", answer.body);
        assert!(answer.body.contains(vi), "{path} lacks {vi}: {}", answer.body);
        assert!(answer.body.contains("<html lang=\"vi\">"), "{path}");
        is_sound(&path, &answer);
        let path = format!("{path}{}lang=en", if path.contains('?') { '&' } else { '?' });
        let answer = server.get(&path);
        assert!(answer.body.contains("<html lang=\"en\">"), "{path}");
        assert!(answer.body.contains(en), "{path} lacks {en}: {}", answer.body);
        is_sound(&path, &answer);
    }
}

#[test]
fn what_is_not_there_or_not_well_formed_is_said() {
    let server = Server::start(&[]);
    for (path, status, holds) in [
        ("/nothing", 404, "Không có trang này"),
        ("/nothing?lang=en", 404, "There is no such page"),
        ("/nothing?a=b&lang=en", 404, "href=\"/nothing?a=b\" lang=\"vi\""),
        ("/doc/no-such", 404, "Không có trang này"),
        ("/doc/..%2F..%2Fetc%2Fpasswd", 404, "Không có trang này"),
        ("/doc/%2e%2e/%2e%2e/etc/passwd", 404, "Không có trang này"),
        ("/download/..%2F..%2Fcurrent%2Fmanifest.json", 404, "Không có trang này"),
        ("/style.css/../../Cargo.toml", 404, "Không có trang này"),
        ("/doc/%00", 404, "Không có trang này"),
        ("/archive?at=yesterday", 200, "Kho"),
        ("/doc/%FF?lang=en", 400, "cannot be understood"),
        ("/search?q=a&at=yesterday", 400, "NĂM-THÁNG-NGÀY"),
        ("/search?q=a&at=yesterday&lang=en", 400, "must be a date"),
        ("/search?q=a&q=b", 400, "Không hiểu được yêu cầu"),
        ("/review?from=many", 400, "Không hiểu được yêu cầu"),
        ("/search?q=a&page=many", 200, "văn bản"),
        ("/search?q=a&page=99999999999999999999", 200, "văn bản"),
        ("/api/v1/status?document=no-such", 404, "/api#not-found"),
        ("/api/v1/status", 400, "/api#bad-parameter"),
        ("/api/v1/search?q=a&limit=minus", 400, "/api#bad-parameter"),
        ("/api/v1/search?q=a&limit=101", 400, "from 0 to 100"),
        ("/api/v1/search?q=a&limt=5", 400, "limt"),
        ("/api/v1/search?q=a&at=2021-02-30", 400, "must be a date"),
        ("/api/v1/lineage?document=438-Q%C4%90/TU&relation=loves", 400, "/api#bad-parameter"),
        ("/api/v1/documents/%FF", 400, "/api#bad-parameter"),
        ("/api/v1/none", 404, "/api#not-found"),
    ] {
        let answer = server.get(path);
        assert_eq!(answer.status, status, "{path}: {} {}", answer.head, answer.body);
        assert!(answer.body.contains(holds), "{path}: {}", answer.body);
        is_sound(path, &answer);
        if !path.starts_with("/api/v1") {
            assert!(answer.head.contains("text/html"), "{path}: {}", answer.head);
        } else {
            assert!(answer.head.contains("application/problem+json"), "{path}: {}", answer.head);
            let problem: Value = serde_json::from_str(&answer.body).expect("problem details are JSON");
            assert_eq!(problem["status"], status, "{path}");
        }
    }
    let long = format!("/search?q={}", "a".repeat(9000));
    assert_eq!(server.get(&long).status, 414);
}

#[test]
fn nothing_read_or_asked_becomes_markup() {
    let server = Server::start(&[]);
    let id = encoded(HOSTILE_ID);
    let attack = encoded("\"><script>alert(1)</script><img src=x onerror=alert(2)>");
    for path in [
        format!("/doc/{id}"),
        format!("/doc/{id}?view=scan"),
        format!("/doc/{id}?view=citations"),
        format!("/doc/{id}?view=fields"),
        format!("/doc/{id}?view=amended"),
        format!("/doc/{id}?view=print"),
        format!("/doc/{id}?view={attack}"),
        format!("/lineage/{id}?mention=1"),
        format!("/chain/{id}"),
        format!("/search?q={attack}"),
        format!("/search?q=a&sort={attack}&page={attack}&lang={attack}"),
        "/search?q=alert".to_owned(),
        "/archive".to_owned(),
        "/".to_owned(),
    ] {
        let answer = server.get(&path);
        assert_eq!(answer.status, 200, "{path}: {}", answer.body);
        is_sound(&path, &answer);
    }
    let page = server.get(&format!("/doc/{id}"));
    assert!(page.body.contains("&lt;script&gt;alert(1)"), "the text itself is shown: {}", page.body);
    let saved = server.get(&format!("/download/{id}"));
    assert!(saved.head.contains("content-disposition: attachment; filename*=utf-8''%3cimg"), "{}", saved.head);
    assert!(saved.head.contains("content-type: text/plain"), "{}", saved.head);
    let header = server.get("/number/1%0D%0ASet-Cookie:%20a=b");
    assert!(!header.head.contains("\nset-cookie"), "{}", header.head);
}

#[test]
fn strangers_and_second_requests_in_disguise_are_refused() {
    let server = Server::start(&["--host", "kho.example.vn"]);
    let host = server.address.clone();
    for (host, status) in [
        ("evil.example", 421),
        ("", 421),
        ("127.0.0.1.evil.example", 421),
        ("KHO.example.vn:443", 200),
        ("localhost", 200),
    ] {
        assert_eq!(server.ask("GET", "/", &[("Host", host)], "").status, status, "{host}");
    }
    let two = format!("GET / HTTP/1.1\r\nHost: {host}\r\nHost: evil.example\r\nConnection: close\r\n\r\n");
    assert!(!server.raw(two.as_bytes()).starts_with("HTTP/1.1 200"));
    let hidden = format!("GET /archive HTTP/1.1\r\nHost: {host}\r\n\r\n");
    for framing in [
        "Content-Length: 4\r\nTransfer-Encoding: chunked".to_owned(),
        format!("Content-Length: 0\r\nContent-Length: {}", hidden.len()),
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity".to_owned(),
        "Transfer-Encoding: \x0bchunked".to_owned(),
        "Content-Length: +5".to_owned(),
        " Content-Length: 5".to_owned(),
        "Content-Length : 5".to_owned(),
    ] {
        let request = format!("POST /search HTTP/1.1\r\nHost: {host}\r\n{framing}\r\n\r\n0\r\n\r\n{hidden}");
        let answer = server.raw(request.as_bytes());
        assert!(!answer.contains("HTTP/1.1 200"), "{framing}: the hidden request was answered: {answer}");
    }
    let lines: String = (0..200).map(|n| format!("X-{n}: a\r\n")).collect();
    let many = server.raw(format!("GET / HTTP/1.1\r\nHost: {host}\r\n{lines}\r\n").as_bytes());
    assert!(many.starts_with("HTTP/1.1 431") || many.is_empty(), "{many}");
    let huge = server.raw(format!("GET / HTTP/1.1\r\nHost: {host}\r\nX: {}\r\n\r\n", "a".repeat(100_000)).as_bytes());
    assert!(huge.starts_with("HTTP/1.1 431") || huge.is_empty(), "{huge}");
}

#[test]
fn a_token_is_asked_for_where_one_is_set() {
    let server = Server::start(&["--token", "s3cret"]);
    let refused = server.get("/");
    assert_eq!(refused.status, 401);
    assert!(
        refused.head.contains("www-authenticate: bearer") && refused.head.contains("www-authenticate: basic"),
        "{}",
        refused.head
    );
    is_sound("/", &refused);
    for (value, status) in
        [("Bearer wrong", 401), ("Bearer s3cret", 200), ("Basic TGFuOnMzY3JldA==", 200), ("s3cret", 401)]
    {
        assert_eq!(server.ask("GET", "/", &[("Authorization", value)], "").status, status, "{value}");
    }
}

#[test]
fn only_the_proxy_says_who_it_is() {
    let server = Server::start(&["--proxy-header", "X-Remote-User"]);
    assert_eq!(server.get("/").status, 403);
    assert_eq!(server.ask("GET", "/", &[("X-Remote-User", "lan")], "").status, 200);
    assert_eq!(server.ask("GET", "/", &[("X-Remote-User", "lan"), ("X-Remote-User", "an")], "").status, 403);
    let elsewhere = Server::start(&["--proxy-header", "X-Remote-User", "--proxy", "192.0.2.1"]);
    assert_eq!(elsewhere.ask("GET", "/", &[("X-Remote-User", "lan")], "").status, 403);
}

#[test]
fn nothing_is_written_without_the_review_token() {
    let server = Server::start(&[]);
    for method in ["POST", "PUT", "DELETE", "PATCH"] {
        let answer = server.ask(method, "/search", &[], "q=a");
        assert_eq!(answer.status, 405, "{method}");
        assert!(answer.head.contains("allow: get"), "{method}: {}", answer.head);
    }
    let server = Server::start(&["--review-token", "pen"]);
    let own = format!("http://{}", server.address);
    for (headers, status) in [
        (vec![], 401),
        (vec![("Authorization", "Bearer wrong")], 401),
        (vec![("Authorization", "Bearer pen"), ("Origin", "http://evil.example")], 403),
        (vec![("Authorization", "Bearer pen"), ("Sec-Fetch-Site", "cross-site")], 403),
        // Let through to a page that takes no corrections.
        (vec![("Authorization", "Bearer pen"), ("Origin", own.as_str()), ("Sec-Fetch-Site", "same-origin")], 405),
    ] {
        assert_eq!(server.ask("POST", "/search", &headers, "q=a").status, status, "{headers:?}");
    }
    let large = format!("q={}", "a".repeat(70_000));
    assert_eq!(server.ask("POST", "/search", &[("Authorization", "Bearer pen")], &large).status, 413);
}

#[test]
fn an_address_that_asks_too_often_is_told_to_wait() {
    let server = Server::start(&["--rate", "2"]);
    let answers: Vec<Answer> = (0..30).map(|_| server.get("/icon.svg")).collect();
    let refused: Vec<&Answer> = answers.iter().filter(|answer| answer.status == 429).collect();
    assert!(!refused.is_empty() && answers[0].status == 200);
    assert!(refused[0].head.contains("retry-after: "), "{}", refused[0].head);
    assert!(refused[0].body.contains("/api#too-often"), "{}", refused[0].body);
}

#[test]
fn pages_are_tagged_by_generation_and_kept() {
    let server = Server::start(&[]);
    let first = server.get("/search?q=dan+van");
    let tag = first.head.lines().find_map(|line| line.strip_prefix("etag: ")).expect("a tag").to_owned();
    let again = server.get("/search?q=dan+van");
    assert_eq!(first.body, again.body);
    let tag = tag.replacen("w/", "W/", 1);
    let known = server.ask("GET", "/search?q=dan+van", &[("If-None-Match", &tag)], "");
    assert_eq!((known.status, known.body.as_str()), (304, ""));
    let packed = server.ask("GET", "/search?q=dan+van", &[("Accept-Encoding", "gzip")], "");
    assert!(packed.head.contains("content-encoding: gzip"), "{}", packed.head);
    assert!(server.get("/search?q=dan+van").body == first.body, "packed and plain answers are kept apart");
    assert_eq!(server.ask("HEAD", "/search?q=dan+van", &[], "").status, 200);
}

#[test]
fn tags_tell_generations_apart_by_what_is_in_them() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let archive = folder.path().join("archive");
    std::fs::create_dir(&archive).expect("a folder");
    let built = |text: &str, name: &str| {
        std::fs::write(archive.join("a.txt"), text).expect("it is written");
        server::reindex(&archive, &folder.path().join(name));
    };
    let tag = |name: &str| {
        let answer = Server::over(&folder.path().join(name), &[]).get("/archive");
        answer.head.lines().find_map(|line| line.strip_prefix("etag: ")).expect("a tag").to_owned()
    };
    // Two stores made one after the other: the same number, most likely the same day.
    built("QUYẾT ĐỊNH\nVề một việc\nĐiều 1. Việc thứ nhất.\n", "one");
    built("QUYẾT ĐỊNH\nVề việc khác\nĐiều 1. Việc thứ hai.\n", "two");
    assert_ne!(tag("one"), tag("two"));
    assert_eq!(tag("one"), tag("one"), "opened again, it is the same generation");
}

#[test]
fn what_is_not_found_comes_with_ways_out() {
    let server = Server::start(&[]);
    let page = server.get(&format!("/search?q=zzzqqq+{}&lang=en", encoded("loại:\"quyết định\""))).body;
    assert!(page.contains("Nothing found"), "{page}");
    assert!(page.contains("href=\"/search?q=zzzqqq&amp;lang=en\""), "without the condition: {page}");
    assert!(
        page.contains("href=\"/search?q=lo%E1%BA%A1i:%22quy%E1%BA%BFt%20%C4%91%E1%BB%8Bnh%22&amp;lang=en\""),
        "{page}"
    );
    assert!(!page.contains("class=\"order\"") && !page.contains("search.csv"), "nothing to sort or to save: {page}");
}

#[test]
fn the_picture_of_a_lineage_speaks_the_language_of_its_page_and_leads_on_in_it() {
    let server = Server::start(&[]);
    let path = format!("/lineage/{DECISION}?at=2022-01-01&depth=1&replace=1");
    let page = server.get(&format!("{path}&lang=en")).body;
    let picture = &page[page.find("<svg").expect("a picture")..page.find("</svg>").expect("its end")];
    assert!(picture.contains(">replaces<") && picture.contains("as of 1 Jan 2022"), "{picture}");
    assert!(picture.contains(".txt?at=2022-01-01&amp;depth=1&amp;replace=1&amp;lang=en\""), "{picture}");
    let page = server.get(&path).body;
    assert!(page.contains(">thay thế<") && page.contains("trạng thái tại ngày 01/01/2022"), "{page}");
}

#[test]
fn an_amended_text_names_each_change_in_the_language_of_the_page() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let (archive, store) = (folder.path().join("archive"), folder.path().join("store"));
    std::fs::create_dir(&archive).expect("a folder");
    let sample = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus/archive");
    for name in [format!("2021/{DECISION}"), AMENDING.to_owned()] {
        let to = archive.join(name.rsplit('/').next().expect("a name"));
        std::fs::copy(sample.join(&name), to).expect("it is copied");
    }
    server::reindex(&archive, &store);
    let server = Server::over(&store, &[]);
    let path = format!("/doc/{DECISION}?view=amended&at=2024-01-01");
    let (vi, en) = (server.get(&path).body, server.get(&format!("{path}&lang=en")).body);
    let heads = |page: &str| page.matches("class=\"change-head\"").count();
    assert!(heads(&vi) > 2 && heads(&vi) == heads(&en), "{vi}");
    assert!(!vi.contains("▶") && !en.contains("từ ngày 01/"), "the head is put into words: {en}");
    assert!(vi.contains(", từ ngày 01/7/2023") && en.contains(", since 1 Jul 2023"), "{en}");
    let before = server.get(&format!("/doc/{DECISION}?view=amended&at=2022-01-01")).body;
    assert_eq!(heads(&before), 0, "nothing had changed by then");
}

#[test]
fn a_new_generation_is_shown_without_a_failed_request() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let (archive, store) = (folder.path().join("archive"), folder.path().join("store"));
    std::fs::create_dir(&archive).expect("a folder");
    server::write_archive(&archive);
    server::reindex(&archive, &store);
    let server = Server::over(&store, &[]);
    assert_eq!(server.get("/doc/moi.txt").status, 404);
    std::fs::write(archive.join("moi.txt"), "Số: 12-CT/TU\nCHỈ THỊ\nvề công tác văn thư\n").expect("it is written");
    let night = std::thread::spawn(move || server::reindex(&archive, &store));
    let start = Instant::now();
    let mut published = false;
    while !published && start.elapsed() < Duration::from_secs(120) {
        assert_eq!(server.get("/search?q=dan+van").status, 200);
        published = server.get("/doc/moi.txt").status == 200;
    }
    night.join().expect("the night ends well");
    assert!(published, "the new document is shown");
}

#[test]
fn it_ends_when_told_and_finishes_what_is_under_way() {
    let mut server = Server::start(&[]);
    let mut idle = server.connect();
    let mut stream = server.connect();
    write!(stream, "GET /archive HTTP/1.1\r\nHost: {}\r\n\r\n", server.address).expect("it is sent");
    let mut first = [0; 15];
    stream.read_exact(&mut first).expect("it is answered");
    let told = std::process::Command::new("kill").arg(server.child.id().to_string()).status().expect("kill runs");
    assert!(told.success());
    let mut rest = String::new();
    stream.read_to_string(&mut rest).expect("the answer ends");
    assert!(rest.contains("</html>"), "the whole page came");
    assert_eq!(idle.read(&mut [0; 8]).expect("the idle connection is closed"), 0);
    assert_eq!(server.child.wait().expect("it ends").code(), Some(0));
}

#[test]
fn downloads_are_what_they_say() {
    let server = Server::start(&[]);
    let get = |path: &str| {
        let answer = server.get(path);
        assert_eq!(answer.status, 200, "{path}: {}", answer.body);
        answer.body
    };
    assert!(get(&format!("/download/{DECISION}")).contains("438-QĐ/TU"));
    let record: Value = serde_json::from_str(&get(&format!("/download/{DECISION}?format=json"))).expect("JSON");
    assert_eq!(record["number"], "438-QĐ/TU");
    assert!(get(&format!("/download/{DECISION}?format=akn")).contains("<akomaNtoso"));
    assert!(get(&format!("/lineage-file/{DECISION}?format=dot")).starts_with("digraph"));
    assert!(get(&format!("/lineage-file/{DECISION}?format=graphml")).contains("<graphml"));
    assert!(get(&format!("/lineage-file/{DECISION}")).contains("<svg"));
    let graph: Value = serde_json::from_str(&get(&format!("/lineage-file/{DECISION}?format=json"))).expect("JSON");
    assert!(graph["edges"].as_array().is_some_and(|edges| edges.iter().any(|edge| edge["relation"] == "replaces")));
    let table = get("/search.csv?q=dan+van");
    let rows: Vec<csv::StringRecord> = csv::Reader::from_reader(table.trim_start_matches('\u{feff}').as_bytes())
        .records()
        .map(|row| row.expect("a row"))
        .collect();
    assert!(rows.len() > 1 && rows.iter().all(|row| row.len() == 9));
}

#[test]
fn the_api_is_as_it_describes_itself() {
    let server = Server::start(&[]);
    let description: Value = serde_json::from_str(&server.get("/api/v1/openapi.json").body).expect("JSON");
    assert_eq!(description["openapi"], "3.1.0");
    for (path, question) in [
        ("/search", "?q=dan+van&limit=3&at=2022-01-01"),
        ("/complete", "?q=438"),
        ("/documents", "?limit=2&offset=1"),
        ("/documents/{id}", ""),
        ("/documents/{id}/amended", "?at=2022-01-01"),
        ("/status", "?document=438-Q%C4%90/TU"),
        ("/lineage", "?document=438-Q%C4%90/TU&depth=1"),
        ("/report", ""),
    ] {
        let address = format!("/api/v1{}{question}", path.replace("{id}", &encoded(DECISION)));
        let answer = server.get(&address);
        assert_eq!(answer.status, 200, "{address}: {}", answer.body);
        assert!(answer.head.contains("etag: "), "{address}");
        let value: Value = serde_json::from_str(&answer.body).expect("JSON");
        let schema = &description["paths"][path]["get"]["responses"]["200"]["content"]["application/json"]["schema"];
        fits(&description, schema, &value, &address);
    }
}

/// Schemathesis (PyPI) asks everything that the description allows, and much that it does not.
#[test]
fn schemathesis_finds_no_answer_that_is_not_described() {
    if !browser::is_slow() {
        return;
    }
    let server = Server::start(&[]);
    let description = format!("http://{}/api/v1/openapi.json", server.address);
    let run = std::process::Command::new("st")
        // Every text may be an id, so that no wrong one can be made up; a busy machine makes up slowly.
        .args([
            "run",
            &description,
            "--checks",
            "all",
            "--max-examples",
            "40",
            "--suppress-health-check",
            "filter_too_much,too_slow",
        ])
        .output()
        .expect("schemathesis is installed (pip install schemathesis)");
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stdout));
}

/// Holds a value against the parts of JSON Schema that the description uses.
fn fits(description: &Value, schema: &Value, value: &Value, at: &str) {
    if let Some(name) = schema["$ref"].as_str() {
        let named = description.pointer(&name[1..]).unwrap_or_else(|| panic!("{name} is not described"));
        return fits(description, named, value, at);
    }
    if let Some(allowed) = schema["enum"].as_array() {
        assert!(allowed.contains(value), "{at}: {value} is not among {allowed:?}");
    }
    let kinds: Vec<&str> = match &schema["type"] {
        Value::String(kind) => vec![kind],
        Value::Array(kinds) => kinds.iter().filter_map(Value::as_str).collect(),
        _ => vec![],
    };
    let is = |kind: &&str| match *kind {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "integer" => value.is_u64() || value.is_i64(),
        "number" => value.is_number(),
        "boolean" => value.is_boolean(),
        _ => value.is_null(),
    };
    assert!(kinds.is_empty() || kinds.iter().any(is), "{at}: {value} is no {kinds:?}");
    for name in schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str) {
        assert!(value.get(name).is_some(), "{at} lacks {name}: {value}");
    }
    for (name, inner) in schema["properties"].as_object().into_iter().flatten() {
        if let Some(field) = value.get(name) {
            fits(description, inner, field, &format!("{at} {name}"));
        }
    }
    if schema["items"].is_object() {
        for item in value.as_array().into_iter().flatten() {
            fits(description, &schema["items"], item, at);
        }
    }
}

#[test]
fn an_answer_is_written_and_taken_back_on_the_page() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let (archive, store) = (folder.path().join("archive"), folder.path().join("store"));
    std::fs::create_dir(&archive).expect("a folder");
    server::write_archive(&archive);
    server::reindex(&archive, &store);
    let read_only = Server::over(&store, &[]);
    assert!(!read_only.get("/review").body.contains("<button name"), "what cannot be written is not asked for");
    let server = Server::over(&store, &["--review-token", "pen"]);
    let page = server.get("/review");
    is_sound("/review", &page);
    let between = |text: &str, start: &str, end: &str| {
        let rest = &text[text.find(start).expect(start) + start.len()..];
        rest[..rest.find(end).expect(end)].to_owned()
    };
    let key = between(&page.body, "name=\"key\" value=\"", "\"");
    let pen = [("Authorization", "Bearer pen"), ("Content-Type", "application/x-www-form-urlencoded")];
    let answered = server.ask("POST", "/review", &pen, &format!("key={key}&is=right&from=0"));
    assert_eq!(answered.status, 303, "{}", answered.body);
    let id = between(&answered.head, "done=", "\r\n");
    let page = server.get(&format!("/review?done={id}")).body;
    assert!(page.contains("Hoàn tác") && !page.contains(&format!("id=\"{key}\"")));
    let undone = server.ask("POST", "/review", &pen, &format!("key={id}&is=undo&from=0"));
    assert!(undone.status == 303 && undone.head.contains("undone="), "{}", undone.head);
    assert!(server.get("/review").body.contains(&format!("id=\"{key}\"")));
    assert_eq!(server.ask("POST", "/review", &pen, &format!("key={id}&is=undo&from=0")).status, 400);
}
