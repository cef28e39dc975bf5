//! Chromium, headless, by its driver (WebDriver) and by its own protocol (CDP) where a page runs no scripts.

use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// How long a page may take to come.
const PATIENCE: Duration = Duration::from_secs(60);

/// Keys by the codes of the WebDriver standard.
pub const TAB: char = '\u{e004}';
pub const ENTER: char = '\u{e007}';
pub const ESCAPE: char = '\u{e00c}';

/// The name under which the standard gives an element.
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// A browser of its own, ended when dropped.
pub struct Browser {
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
    /// Headless, this wide; a phone where that is narrow.
    pub fn start(width: u32, scripts: bool) -> Browser {
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
        let browser = Browser { driver, port, session, _profile: profile };
        browser.open("data:text/html,<title>off</title><script>document.title='on'</script>");
        let told = browser.call("GET", "/title", Value::Null);
        assert_eq!(told, if scripts { "on" } else { "off" }, "whether pages may run scripts");
        browser
    }

    pub fn call(&self, method: &str, path: &str, body: Value) -> Value {
        let body = (method == "POST").then_some(&body);
        let path = format!("/session/{}{path}", self.session);
        request(self.port, method, &path, body).unwrap_or_else(|error| panic!("{path}: {error}"))
    }

    pub fn open(&self, address: &str) {
        self.call("POST", "/url", json!({ "url": address }));
    }

    pub fn address(&self) -> String {
        self.call("GET", "/url", Value::Null).as_str().expect("an address").to_owned()
    }

    /// Looks again and again until it is so: the page may still be on its way.
    fn until<T>(&self, what: &str, look: impl Fn() -> Option<T>) -> T {
        let end = Instant::now() + PATIENCE;
        loop {
            if let Some(seen) = look() {
                return seen;
            }
            assert!(Instant::now() < end, "{what} on {}", self.address());
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Waits for a page whose address contains this.
    pub fn comes_to(&self, part: &str) {
        self.until(&format!("waited for {part}"), || self.address().contains(part).then_some(()));
    }

    fn find(&self, selector: &str) -> String {
        let query = json!({ "using": "css selector", "value": selector });
        self.until(&format!("waited for {selector}"), || {
            let found = self.call("POST", "/elements", query.clone());
            found[0][ELEMENT].as_str().map(str::to_owned)
        })
    }

    /// A command of the browser's own protocol.
    pub fn command(&self, name: &str, params: Value) -> Value {
        self.call("POST", "/goog/cdp/execute", json!({ "cmd": name, "params": params }))
    }

    /// The element as the browser's own protocol names it, which looks for it without any script.
    fn node(&self, selector: &str) -> Value {
        self.until(&format!("waited for {selector}"), || {
            let root = self.command("DOM.getDocument", json!({ "depth": 0 }));
            let asked = json!({ "nodeId": root["root"]["nodeId"], "selector": selector });
            let path = format!("/session/{}/goog/cdp/execute", self.session);
            // A page that goes away meanwhile takes its nodes along.
            let asked = json!({ "cmd": "DOM.querySelector", "params": asked });
            request(self.port, "POST", &path, Some(&asked)).ok().filter(|found| found["nodeId"] != 0)
        })
    }

    /// Moves the pointer there and presses. The driver's own click runs a script in the page and waits for it, for
    /// ever where the page may run none; this one is the event that a mouse makes.
    pub fn click(&self, selector: &str) {
        let node = self.node(selector);
        self.command("DOM.scrollIntoViewIfNeeded", node.clone());
        let quad = &self.command("DOM.getContentQuads", node)["quads"][0];
        let at = |n: usize| quad[n].as_f64().unwrap_or_else(|| panic!("{selector} is nowhere to be seen"));
        let (x, y) = ((at(0) + at(4)) / 2.0, (at(1) + at(5)) / 2.0);
        for (kind, button, n) in [("mouseMoved", "none", 0), ("mousePressed", "left", 1), ("mouseReleased", "left", 1)]
        {
            let event = json!({ "type": kind, "x": x, "y": y, "button": button, "clickCount": n });
            self.command("Input.dispatchMouseEvent", event);
        }
    }

    /// Gives it the focus, as arriving there with the tabulator does.
    pub fn focus(&self, selector: &str) {
        self.command("DOM.focus", self.node(selector));
    }

    pub fn text(&self, selector: &str) -> String {
        let element = self.find(selector);
        self.call("GET", &format!("/element/{element}/text"), Value::Null).as_str().expect("text").to_owned()
    }

    pub fn run(&self, script: &str) -> Value {
        self.call("POST", "/execute/sync", json!({ "script": script, "args": [] }))
    }

    /// Presses keys as a hand would, whatever has the focus.
    pub fn press(&self, keys: &str) {
        for key in keys.chars() {
            let (name, code, text) = match key {
                TAB => ("Tab".to_owned(), 9, String::new()),
                ENTER => ("Enter".to_owned(), 13, "\r".to_owned()),
                ESCAPE => ("Escape".to_owned(), 27, String::new()),
                key => (key.to_string(), key.to_ascii_uppercase() as u32, key.to_string()),
            };
            for kind in ["keyDown", "keyUp"] {
                let text = if kind == "keyDown" { text.as_str() } else { "" };
                let event = json!({ "type": kind, "key": name, "windowsVirtualKeyCode": code, "text": text });
                self.command("Input.dispatchKeyEvent", event);
            }
        }
    }

    /// Goes from one control to the next until one fits.
    pub fn tab_to(&self, selector: &str) {
        for _ in 0..250 {
            self.press(&TAB.to_string());
            if self.run(&format!("return document.activeElement.matches({selector:?})")) == true {
                return;
            }
        }
        panic!("{selector} cannot be reached with the keyboard on {}", self.address());
    }

    /// A picture of the whole page, whatever the window shows.
    pub fn keep_picture(&self, folder: &Path, name: &str) {
        let height = self.run("return Math.min(document.documentElement.scrollHeight, 4000)");
        let width = self.run("return window.innerWidth");
        let metrics =
            json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": width.as_u64() < Some(500) });
        self.command("Emulation.setDeviceMetricsOverride", metrics);
        let picture = self.command("Page.captureScreenshot", json!({ "format": "png" }));
        self.command("Emulation.clearDeviceMetricsOverride", json!({}));
        use base64::Engine;
        let png = base64::engine::general_purpose::STANDARD.decode(picture["data"].as_str().expect("a picture"));
        std::fs::write(folder.join(format!("{name}.png")), png.expect("base64")).expect("it is written");
    }
}
