//! The pages in Chromium, driven as a reader would: with the keyboard, on a phone, without scripts, and looked over
//! by axe-core.
//!
//! `VANBAN_SCREENSHOTS=DIR` keeps a picture of every page at both widths.

use super::DECISION;
use super::driver::{Browser, ENTER, ESCAPE, TAB};
use super::server::Server;
use serde_json::json;
use std::path::PathBuf;
use std::process::Command;

/// The document that [`DECISION`] replaces, in its second article.
const CITED: &str = "2010-09-20-qd-1265-tu-quy-che-cong-tac-dan-van.txt";

/// Widths at which every page is looked at.
const WIDTHS: [u32; 2] = [360, 1440];

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
        ("search-did-you-mean", "/search?q=quy+chee+lam+viec".to_owned()),
        ("document", doc.clone()),
        ("scan", format!("{doc}?view=scan")),
        ("amended", format!("{doc}?view=amended")),
        ("doubts", format!("{doc}?view=doubts")),
        ("citations", format!("{doc}?view=citations")),
        ("fields", format!("{doc}?view=fields")),
        ("print", format!("{doc}?view=print")),
        ("lineage", format!("/lineage/{DECISION}?replace=1&amend=1&suspend=1&authority=1")),
        ("chain", format!("/chain/{DECISION}")),
        ("archive", "/archive".to_owned()),
        ("review", "/review".to_owned()),
        ("api", "/api".to_owned()),
        ("missing", "/no-such-page".to_owned()),
        ("wrong", "/search?q=a&at=yesterday".to_owned()),
    ]
}

/// Text that is squeezed into a column of letters.
const SQUEEZED: &str = "return [...document.querySelectorAll('main *')].filter(element => { \
    const box = element.getBoundingClientRect(); \
    const own = [...element.childNodes].some(node => node.nodeType === 3 && node.textContent.trim().length > 12); \
    return own && box.width > 1 && box.width < 70 && box.height > 200 && !element.closest('svg, .many'); \
}).map(element => element.outerHTML.slice(0, 120))";

/// Vietnamese on an English page that is not said to be Vietnamese.
const UNTRANSLATED: &str = "const walker = document.createTreeWalker(document.documentElement, NodeFilter.SHOW_TEXT), found = []; \
    while (walker.nextNode()) { \
        const parent = walker.currentNode.parentElement; \
        if (!parent.closest('svg, code, title, .review') && parent.closest('[lang]').lang === 'en' && /[ăâđêôơưạảấầẩẫậắằẳẵặẹẻẽếềểễệỉịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹ]/i.test(walker.currentNode.textContent)) \
            found.push(parent.outerHTML.slice(0, 160)); \
    } return found.slice(0, 5)";

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
            let english = format!("{path}{}lang=en", if path.contains('?') { '&' } else { '?' });
            browser.open(&format!("http://{}{english}", server.address));
            if let Some(folder) = &pictures {
                browser.keep_picture(folder, &format!("{name}-english-{width}"));
            }
            for (wrong, script) in [("untranslated", UNTRANSLATED), ("squeezed", SQUEEZED)] {
                for element in browser.run(script).as_array().expect("a list") {
                    found.push(format!("{name} in English at {width}: {wrong}: {element}"));
                }
            }
            browser.open(&format!("http://{}{path}", server.address));
            if let Some(folder) = &pictures {
                browser.keep_picture(folder, &format!("{name}-{width}"));
            }
            for element in browser.run(SQUEEZED).as_array().expect("a list") {
                found.push(format!("{name} at {width}: squeezed: {element}"));
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
        browser.comes_to("/search?q=hieu");
        browser.tab_to(&format!(".passage a.where[href='/doc/{DECISION}#dieu:2']"));
        browser.press(&ENTER.to_string());
        browser.comes_to(&format!("/doc/{DECISION}#"));
        browser.tab_to(".paper a.cite:not(.missing)[href^='/doc/']");
        browser.press(&ENTER.to_string());
        browser.comes_to(&format!("/doc/{CITED}"));
        browser.tab_to("a[href^='/lineage/']");
        browser.press(&ENTER.to_string());
        browser.comes_to(&format!("/lineage/{CITED}"));
        browser.tab_to("form.filters #at");
        // The three parts of the date, in the order of the browser's language.
        browser.run("document.activeElement.value = ''");
        browser.press("01012015");
        assert_eq!(browser.run("return document.activeElement.value"), "2015-01-01");
        browser.press(&ENTER.to_string());
        browser.comes_to("at=2015-01-01");
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
fn without_scripts_a_pointer_leads_from_a_search_to_what_was_in_force_on_a_day() {
    if !is_slow() {
        return;
    }
    let server = Server::start(&[]);
    for width in WIDTHS {
        let browser = Browser::start(width, false);
        browser.open(&format!("http://{}/", server.address));
        browser.click("#q");
        browser.press("hieu luc thay the 1265");
        browser.click("form.search button");
        browser.comes_to("/search?q=hieu");
        browser.click(&format!(".passage a.where[href='/doc/{DECISION}#dieu:2']"));
        browser.comes_to(&format!("/doc/{DECISION}#"));
        browser.click(".paper a.cite:not(.missing)[href^='/doc/']");
        browser.comes_to(&format!("/doc/{CITED}"));
        browser.click("a[href^='/lineage/']");
        browser.comes_to(&format!("/lineage/{CITED}"));
        browser.focus("form.filters #at");
        browser.press("01012015");
        browser.click("form.filters button");
        browser.comes_to("at=2015-01-01");
        assert!(browser.text(".status").contains("01/01/2015"), "{}", browser.text(".status"));
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
        browser.click("#q");
        browser.press(&format!("dan van{ENTER}"));
        browser.comes_to("/search?q=dan");
        assert!(browser.text(".found").contains("văn bản"));
        browser.click(&format!(".results a[href*='{DECISION}']"));
        browser.comes_to(&format!("/doc/{DECISION}"));
        assert!(browser.text("h1").contains("438-QĐ/TU"));
        browser.click(".tabs a[href*='view=scan']");
        browser.comes_to("view=scan");
        assert!(browser.text(".compare").contains("438-"));
        browser.click("a[href^='/chain/']");
        browser.comes_to("/chain/");
        assert!(browser.text("h1").contains("Các đời văn bản"));
        browser.click("header a.lang");
        browser.comes_to("lang=en");
        assert!(browser.text("h1").contains("Successive versions"), "the language switch stays on the page");
        browser.click("nav a[href^='/archive']");
        browser.comes_to("/archive");
        assert!(browser.text("h1").contains("The archive"));
    }
}
