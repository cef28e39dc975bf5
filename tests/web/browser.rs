//! The pages in Chromium, driven as a reader would: with the keyboard, on a phone, without scripts, and looked over
//! by axe-core.
//!
//! `VANBAN_SCREENSHOTS=DIR` keeps a picture of every page at both widths.

use super::DECISION;
use super::server::Server;
use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// Widths at which every page is looked at.
const WIDTHS: [u32; 2] = [360, 1440];

/// Key codes of the WebDriver standard.
const TAB: char = '\u{e004}';
const ENTER: char = '\u{e007}';
const ESCAPE: char = '\u{e00c}';

/// The name under which the standard gives an element.
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

struct Browser {
    driver: Child,
    port: u16,
    session: String,
    _profile: tempfile::TempDir,
}

impl Drop for Browser {
    fn drop(&mut self) {
        let _ = request(self.port, "DELETE", &format!("/session/{}", self.session), None);
        let _ = self.driver.kill();
        let _ = self.driver.wait();
    }
}

/// One command to the driver: JSON there and back.
fn request(port: u16, method: &str, path: &str, body: Option<&Value>) -> Result<Value, String> {
    let body = body.map(Value::to_string).unwrap_or_default();
    let mut stream = TcpStream::connect(("127.0.0.1", port)).map_err(|error| error.to_string())?;
    stream.set_read_timeout(Some(Duration::from_secs(150))).map_err(|error| error.to_string())?;
    write!(
        stream,
        "{method} {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
    .map_err(|error| error.to_string())?;
    // The driver keeps the connection open whatever it is told, so the length decides.
    let mut answer = BufReader::new(stream);
    let mut length = 0;
    loop {
        let mut line = String::new();
        answer.read_line(&mut line).map_err(|error| error.to_string())?;
        match line.to_ascii_lowercase().split_once(':') {
            Some(("content-length", value)) => length = value.trim().parse().map_err(|_| "no length")?,
            _ if line.trim().is_empty() => break,
            _ => {}
        }
    }
    let mut body = vec![0; length];
    answer.read_exact(&mut body).map_err(|error| error.to_string())?;
    let answer: Value = serde_json::from_slice(&body).map_err(|error| error.to_string())?;
    match answer["value"]["error"].as_str() {
        Some(error) => Err(format!("{error}: {}", answer["value"]["message"])),
        None => Ok(answer["value"].clone()),
    }
}

impl Browser {
    fn start(width: u32, scripts: bool) -> Browser {
        let mut driver = Command::new("chromedriver")
            .arg("--port=0")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("chromedriver is installed (Debian: chromium-driver)");
        let mut lines = BufReader::new(driver.stdout.take().expect("a pipe")).lines();
        let port = loop {
            let line = lines.next().expect("it says its port").expect("it can be read");
            if let Some(port) = line.split("successfully on port ").nth(1) {
                break port.trim_end_matches('.').parse().expect("a port");
            }
        };
        std::thread::spawn(move || lines.for_each(drop));
        let profile = tempfile::tempdir().expect("a temporary folder");
        let mut options = json!({
            "args": ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars",
                "--disable-background-networking", "--lang=vi",
                format!("--user-data-dir={}", profile.path().display()), format!("--window-size={width},1000")],
            "prefs": { "profile.managed_default_content_settings.javascript": if scripts { 1 } else { 2 } },
        });
        if width < 500 {
            options["mobileEmulation"] =
                json!({ "deviceMetrics": { "width": width, "height": 780, "pixelRatio": 2.0, "touch": true } });
        }
        let wanted = json!({ "capabilities": { "alwaysMatch": {
            "browserName": "chrome", "goog:chromeOptions": options, "timeouts": { "pageLoad": 120_000, "script": 120_000 } } } });
        let session = request(port, "POST", "/session", Some(&wanted)).expect("the browser starts");
        let session = session["sessionId"].as_str().expect("a session").to_owned();
        Browser { driver, port, session, _profile: profile }
    }

    fn call(&self, method: &str, path: &str, body: Value) -> Value {
        let body = (method == "POST").then_some(&body);
        let path = format!("/session/{}{path}", self.session);
        request(self.port, method, &path, body).unwrap_or_else(|error| panic!("{path}: {error}"))
    }

    fn open(&self, address: &str) {
        self.call("POST", "/url", json!({ "url": address }));
    }

    fn address(&self) -> String {
        self.call("GET", "/url", Value::Null).as_str().expect("an address").to_owned()
    }

    fn find(&self, selector: &str) -> String {
        let found = self.call("POST", "/element", json!({ "using": "css selector", "value": selector }));
        found[ELEMENT].as_str().expect("an element").to_owned()
    }

    fn click(&self, selector: &str) {
        self.call("POST", &format!("/element/{}/click", self.find(selector)), json!({}));
    }

    fn text(&self, selector: &str) -> String {
        let element = self.find(selector);
        self.call("GET", &format!("/element/{element}/text"), Value::Null).as_str().expect("text").to_owned()
    }

    fn run(&self, script: &str) -> Value {
        self.call("POST", "/execute/sync", json!({ "script": script, "args": [] }))
    }

    /// Presses keys as a hand would, whatever has the focus.
    fn press(&self, keys: &str) {
        let strokes: Vec<Value> = keys
            .chars()
            .flat_map(|key| [json!({ "type": "keyDown", "value": key }), json!({ "type": "keyUp", "value": key })])
            .collect();
        self.call("POST", "/actions", json!({ "actions": [{ "type": "key", "id": "keys", "actions": strokes }] }));
    }

    /// Goes from one control to the next until one fits.
    fn tab_to(&self, selector: &str) {
        for _ in 0..250 {
            self.press(&TAB.to_string());
            if self.run(&format!("return document.activeElement.matches({selector:?})")) == true {
                return;
            }
        }
        panic!("{selector} cannot be reached with the keyboard on {}", self.address());
    }

    fn keep_picture(&self, folder: &Path, name: &str) {
        let height = self.run("return Math.min(document.documentElement.scrollHeight, 4000)");
        let width = self.run("return window.innerWidth");
        let metrics =
            json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": width.as_u64() < Some(500) });
        let command = |name: &str, params: Value| {
            self.call("POST", "/goog/cdp/execute", json!({ "cmd": name, "params": params }))
        };
        command("Emulation.setDeviceMetricsOverride", metrics);
        let picture = command("Page.captureScreenshot", json!({ "format": "png" }));
        command("Emulation.clearDeviceMetricsOverride", json!({}));
        use base64::Engine;
        let png = base64::engine::general_purpose::STANDARD.decode(picture["data"].as_str().expect("a picture"));
        std::fs::write(folder.join(format!("{name}.png")), png.expect("base64")).expect("it is written");
    }
}

pub fn is_slow() -> bool {
    let slow = std::env::var("VANBAN_SLOW").is_ok_and(|value| value == "1");
    if !slow {
        eprintln!("skipped: VANBAN_SLOW=1 runs it");
    }
    slow
}

/// Every page, by name and address.
fn pages() -> Vec<(&'static str, String)> {
    let doc = format!("/doc/{DECISION}");
    vec![
        ("home", "/".to_owned()),
        ("search", "/search?q=dan+van".to_owned()),
        ("search-none", "/search?q=zzzqqq".to_owned()),
        ("search-english", "/search?q=dan+van&lang=en".to_owned()),
        ("document", doc.clone()),
        ("scan", format!("{doc}?view=scan")),
        ("amended", "/doc/2021-qd-11-2021-qd-ubnd-quy-che-van-thu-luu-tru.txt?view=amended".to_owned()),
        ("doubts", format!("{doc}?view=doubts")),
        ("citations", format!("{doc}?view=citations")),
        ("fields", format!("{doc}?view=fields")),
        ("print", format!("{doc}?view=print")),
        ("lineage", format!("/lineage/{DECISION}?replace=1&amend=1&suspend=1&authority=1")),
        ("chain", format!("/chain/{DECISION}")),
        ("archive", "/archive".to_owned()),
        ("api", "/api".to_owned()),
        ("missing", "/no-such-page".to_owned()),
    ]
}

/// axe-core's script, packed by npm.
fn axe() -> String {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let run = |name: &str, arguments: &[&str]| {
        let done = Command::new(name).args(arguments).current_dir(folder.path()).output();
        let done = done.unwrap_or_else(|error| panic!("{name} is needed: {error}"));
        assert!(done.status.success(), "{name}: {}", String::from_utf8_lossy(&done.stderr));
    };
    run("npm", &["pack", "--silent", "axe-core@4"]);
    let packed = std::fs::read_dir(folder.path()).expect("a folder").next().expect("a file").expect("an entry").path();
    run("tar", &["xzf", packed.to_str().expect("a name"), "package/axe.min.js"]);
    std::fs::read_to_string(folder.path().join("package/axe.min.js")).expect("the script")
}

#[test]
fn every_page_fits_both_widths_and_axe_finds_nothing_serious() {
    if !is_slow() {
        return;
    }
    let server = Server::start(&[]);
    let axe = axe();
    let pictures = std::env::var_os("VANBAN_SCREENSHOTS").map(PathBuf::from);
    let mut found = Vec::new();
    for width in WIDTHS {
        let browser = Browser::start(width, true);
        for (name, path) in pages() {
            browser.open(&format!("http://{}{path}", server.address));
            if let Some(folder) = &pictures {
                browser.keep_picture(folder, &format!("{name}-{width}"));
            }
            let excess = browser.run("return document.documentElement.scrollWidth - window.innerWidth");
            if excess.as_i64() > Some(0) {
                found.push(format!("{name} at {width}: {excess} pixels too wide"));
            }
            let script = format!(
                "{axe}; const done = arguments[arguments.length - 1]; \
                 axe.run().then(result => done(result.violations), error => done([{{ id: String(error), impact: 'critical', nodes: [] }}]));"
            );
            let violations = browser.call("POST", "/execute/async", json!({ "script": script, "args": [] }));
            for violation in violations.as_array().expect("a list") {
                let nodes: Vec<&str> = violation["nodes"]
                    .as_array()
                    .into_iter()
                    .flatten()
                    .filter_map(|node| node["html"].as_str())
                    .take(3)
                    .collect();
                let line = format!("{name} at {width}: {} ({}): {nodes:?}", violation["id"], violation["impact"]);
                match violation["impact"].as_str() {
                    Some("serious" | "critical") => found.push(line),
                    _ => eprintln!("minor: {line}"),
                }
            }
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn the_keyboard_alone_leads_from_a_search_to_what_was_in_force_on_a_day() {
    if !is_slow() {
        return;
    }
    let server = Server::start(&[]);
    for width in WIDTHS {
        let browser = Browser::start(width, true);
        browser.open(&format!("http://{}/", server.address));
        browser.press(&TAB.to_string());
        assert_eq!(
            browser.run("return document.activeElement.className"),
            "skip",
            "the first stop skips to the content"
        );
        browser.tab_to("#q");
        browser.press("hieu luc thay the 1265");
        browser.press(&ENTER.to_string());
        assert!(browser.address().contains("/search?q=hieu"), "{}", browser.address());
        browser.tab_to(&format!(".passage a.where[href='/doc/{DECISION}#dieu:2']"));
        browser.press(&ENTER.to_string());
        assert!(browser.address().contains(&format!("/doc/{DECISION}#")), "{}", browser.address());
        browser.tab_to(".paper a.cite:not(.missing)[href^='/doc/']");
        browser.press(&ENTER.to_string());
        let cited = browser.address();
        assert!(cited.contains("/doc/") && !cited.contains(DECISION), "{cited}");
        browser.tab_to("a[href^='/lineage/']");
        browser.press(&ENTER.to_string());
        assert!(browser.address().contains("/lineage/"), "{}", browser.address());
        browser.tab_to("form.filters #at");
        // The three parts of the date, in the order of the browser's language.
        browser.run("document.activeElement.value = ''");
        browser.press("01012015");
        assert_eq!(browser.run("return document.activeElement.value"), "2015-01-01");
        browser.press(&ENTER.to_string());
        assert!(browser.address().contains("at=2015-01-01"), "{}", browser.address());
        assert!(browser.text(".status").contains("01/01/2015"), "{}", browser.text(".status"));
    }
}

#[test]
fn a_doubtful_syllable_explains_itself_without_scripts() {
    if !is_slow() {
        return;
    }
    let server = Server::start(&[]);
    for width in WIDTHS {
        let browser = Browser::start(width, false);
        browser.open(&format!("http://{}/doc/{DECISION}", server.address));
        browser.click(".paper .doubt > button");
        let why = browser.text(".paper .doubt > .why:popover-open");
        assert!(why.contains("bản quét") && why.contains("đọc là"), "{why}");
        browser.press(&ESCAPE.to_string());
        let still = json!({ "using": "css selector", "value": ".why:popover-open" });
        assert_eq!(browser.call("POST", "/elements", still), json!([]), "escape closes it");
    }
}

#[test]
fn without_scripts_links_and_forms_lead_through_every_page() {
    if !is_slow() {
        return;
    }
    let server = Server::start(&[]);
    for width in WIDTHS {
        let browser = Browser::start(width, false);
        browser.open(&format!("http://{}/", server.address));
        let input = browser.find("#q");
        browser.call("POST", &format!("/element/{input}/value"), json!({ "text": "dan van" }));
        browser.click("form.search button");
        assert!(browser.text(".found").contains("văn bản"));
        browser.click(&format!(".results a[href*='{DECISION}']"));
        assert!(browser.text("h1").contains("438-QĐ/TU"));
        browser.click(".tabs a[href*='view=scan']");
        assert!(browser.text(".compare").contains("438-"));
        browser.click("a[href^='/chain/']");
        assert!(browser.text("h1").contains("Các đời văn bản"));
        browser.click("header a.lang");
        assert!(browser.text("h1").contains("Successive versions"), "the language switch stays on the page");
        browser.click("nav a[href^='/archive']");
        assert!(browser.text("h1").contains("The archive"));
    }
}
