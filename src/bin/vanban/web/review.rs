//! The review queue for a browser: read by everyone who may read, answered with the review token.
//!
//! No script: every entry is a form, and every answer leads back to the entries that are left.
//! Who may write, and that the form is our own, is the guard's to know.

use super::guard::Person;
use super::page::{self, Frame, Lang, encode, link};
use super::{App, Common, Page, Trouble, aside};
use axum::Router;
use axum::extract::{Extension, Form, Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use jiff::Timestamp;
use maud::{Markup, html};
use serde::Deserialize;
use std::ops::Range;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::SystemTime;
use vanban::decision;
use vanban::error::Error;
use vanban::review::{self, Answer, Item, Kind};
use vanban::store;

/// Entries on one page.
const SHOWN: usize = 20;
/// Characters of an answer, a name or a reason.
const LONGEST: usize = 300;

pub(super) fn router() -> Router<App> {
    Router::new().route("/review", get(show).post(answer))
}

/// Generation, and length and time of the decisions: what a queue depends on.
type Key = (u64, Option<(u64, SystemTime)>);

/// A store, the state it was in, and its queue.
type Gathered = (PathBuf, Key, Arc<Vec<Item>>);

/// The queue last asked for: gathering one reads every document.
static LAST: Mutex<Option<Gathered>> = Mutex::new(None);

fn store_of(app: &App) -> PathBuf {
    let open = app.current();
    open.generation.folder().parent().map(PathBuf::from).unwrap_or_default()
}

fn queue(app: &App) -> Result<Arc<Vec<Item>>, Error> {
    let open = app.current();
    let store = store_of(app);
    let path = store::decisions_path(&store);
    let stamp = path.metadata().ok().and_then(|data| Some((data.len(), data.modified().ok()?)));
    let key = (open.generation.number(), stamp);
    // One at a time: a second asker waits for the first one's queue instead of gathering it too.
    let mut last = LAST.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
    if let Some((known, known_key, items)) = last.as_ref()
        && *known == store
        && *known_key == key
    {
        return Ok(Arc::clone(items));
    }
    let items = Arc::new(review::queue(&open.generation, &decision::read(&path)?)?);
    *last = Some((store, key, Arc::clone(&items)));
    Ok(items)
}

#[derive(Debug, Deserialize)]
struct Asked {
    #[serde(flatten)]
    common: Common,
    kind: Option<String>,
    /// What became of the last answer.
    done: Option<String>,
}

async fn show(State(app): State<App>, Query(asked): Query<Asked>) -> Result<Page, Trouble> {
    let lang = asked.common.lang();
    let generation = app.current().generation.number();
    let items = aside(move || queue(&app)).await?;
    let kind = asked.kind.as_deref().unwrap_or_default();
    let wanted: Vec<&Item> = items.iter().filter(|item| kind.is_empty() || item.kind.name() == kind).collect();
    let here = if kind.is_empty() { "/review".to_owned() } else { format!("/review?kind={}", encode(kind)) };
    let title = lang.pick("Rà soát", "Review");
    let frame = Frame { lang, title, here: &here, section: "review", generation, narrow: true };
    let body = html! {
        h1 { (title) }
        p { (lang.pick(
            "Những chỗ máy chưa chắc, chỗ quan trọng nhất và giải quyết được nhiều nơi nhất ở trên. Quyết định có hiệu lực từ lần lập chỉ mục kế tiếp.",
            "Where the machine is unsure; what matters most and settles most places comes first. A decision takes effect with the next reindex.")) }
        @if let Some(done) = &asked.done {
            p role="status" { (lang.pick("Đã ghi: ", "Written: ")) code { (done) } }
        }
        (kinds(lang, &items, kind))
        @if wanted.is_empty() { p { (lang.pick("Không còn gì phải rà soát.", "Nothing is left to review.")) } }
        @for item in wanted.iter().take(SHOWN) { (entry(lang, item, kind)) }
        @if wanted.len() > SHOWN {
            p { (wanted.len() - SHOWN) (lang.pick(" mục nữa sau đó.", " more after these.")) }
        }
    };
    Ok(Page(page::frame(&frame, body)))
}

fn kinds(lang: Lang, items: &[Item], current: &str) -> Markup {
    let all = [
        Kind::Conflict,
        Kind::Lost,
        Kind::Number,
        Kind::Edge,
        Kind::Name,
        Kind::Reading,
        Kind::Graph,
        Kind::Duplicate,
        Kind::SetAside,
    ];
    let count = |kind: Kind| items.iter().filter(|item| item.kind == kind).count();
    html! {
        nav aria-label=(lang.pick("Loại", "Kinds")) {
            ul.inline {
                li { a href=(link(lang, "/review")) aria-current=[current.is_empty().then_some("page")] {
                    (lang.pick("Tất cả", "All")) " " (items.len()) } }
                @for kind in all.into_iter().filter(|kind| count(*kind) > 0) {
                    li { a href=(link(lang, &format!("/review?kind={}", kind.name())))
                           aria-current=[(current == kind.name()).then_some("page")] {
                        (words(lang, kind)) " " (count(kind)) } }
                }
            }
        }
    }
}

fn words(lang: Lang, kind: Kind) -> &'static str {
    match kind {
        Kind::Conflict => lang.pick("Hai người quyết khác nhau", "Two people disagree"),
        Kind::Lost => lang.pick("Quyết định mất chỗ", "Decision without a place"),
        Kind::Number => lang.pick("Số, ký hiệu", "Number"),
        Kind::Edge => lang.pick("Quan hệ văn bản", "Relation"),
        Kind::Name => lang.pick("Tên riêng", "Name"),
        Kind::Reading => lang.pick("Chữ", "Reading"),
        Kind::Graph => lang.pick("Chưa phân định", "Undecided"),
        Kind::Duplicate => lang.pick("Trùng bản", "Duplicate"),
        Kind::SetAside => lang.pick("Tệp để riêng", "Set aside"),
    }
}

/// The line with a part of it marked.
fn marked(line: &str, part: Option<Range<usize>>) -> Markup {
    html! {
        @match part {
            Some(part) => { (line[..part.start]) mark { (line[part.clone()]) } (line[part.end..]) }
            None => { (line) }
        }
    }
}

fn entry(lang: Lang, item: &Item, kind: &str) -> Markup {
    let place = if item.line > 0 {
        format!("{}, {} {}", item.doc, lang.pick("dòng", "line"), item.line)
    } else {
        item.doc.clone()
    };
    let may_write = item.anchor.is_some() || item.edge.is_some();
    html! {
        article.review id=(item.key) {
            h2 { (words(lang, item.kind)) }
            p { a href=(link(lang, &format!("/doc/{}?view=scan", encode(&item.doc)))) { (place) } }
            @if !item.scan_line.is_empty() {
                dl {
                    dt { (lang.pick("Bản quét", "Scan")) } dd lang="vi" { (marked(&item.scan_line, item.scan_place())) }
                    dt { (lang.pick("Đọc là", "Read as")) } dd lang="vi" { (marked(&item.reading_line, item.reading_place())) }
                }
            } @else if !item.reading_line.is_empty() {
                blockquote lang="vi" { (item.reading_line) }
            }
            @if !item.note.is_empty() { p { (item.note) } }
            @if item.places > 1 { p { (lang.pick("Cùng chỗ hỏng ở ", "The same damage in ")) (item.places) (lang.pick(" nơi.", " places.")) } }
            form method="post" action=(link(lang, "/review")) {
                input type="hidden" name="key" value=(item.key);
                input type="hidden" name="kind" value=(kind);
                @if lang == Lang::En { input type="hidden" name="lang" value="en"; }
                @if item.places > 1 {
                    label { input type="checkbox" name="everywhere" value="yes" checked; (lang.pick(" Ở mọi nơi", " In all places")) }
                }
                p {
                    button name="is" value="right" { (lang.pick("Đúng", "Right")) @if !item.reading.is_empty() { ": " (item.reading) } }
                    @for choice in &item.choices {
                        @if may_write { " " button name="is" value=(format!("reads {choice}")) { (choice) } }
                    }
                    @if item.edge.is_some() { " " button name="is" value="no" { (lang.pick("Không có quan hệ này", "No such relation")) } }
                }
                @if may_write {
                    p {
                        label { (lang.pick("Đọc đúng là ", "It reads ")) input name="text" maxlength=(LONGEST) autocomplete="off" lang="vi"; }
                        " " label { (lang.pick("Lý do ", "Reason ")) input name="reason" maxlength=(LONGEST) autocomplete="off"; }
                        " " button name="is" value="text" { (lang.pick("Ghi", "Write")) }
                    }
                }
            }
        }
    }
}

#[derive(Debug, Deserialize)]
struct Said {
    key: String,
    is: String,
    #[serde(default)]
    text: String,
    #[serde(default)]
    reason: String,
    everywhere: Option<String>,
    #[serde(default)]
    kind: String,
    lang: Option<String>,
}

async fn answer(
    State(app): State<App>,
    person: Option<Extension<Person>>,
    Form(said): Form<Said>,
) -> Result<Response, Trouble> {
    let who = person.map_or_else(|| "web".to_owned(), |Extension(Person(name))| name);
    let lang = if said.lang.as_deref() == Some("en") { Lang::En } else { Lang::Vi };
    let back = if said.kind.is_empty() { "/review".to_owned() } else { format!("/review?kind={}", encode(&said.kind)) };
    if said.text.chars().count() > LONGEST || said.reason.chars().count() > LONGEST {
        return Err(Trouble::BadRequest("Nội dung quá dài. · The answer is too long."));
    }
    let written = aside(move || {
        let items = queue(&app)?;
        let Some(item) = items.iter().find(|item| item.key == said.key) else { return Ok(None) };
        let answer = match said.is.as_str() {
            "right" => Answer::Right,
            "no" => Answer::NoEdge,
            "text" => Answer::Reads(said.text.clone()),
            other => Answer::Reads(other.strip_prefix("reads ").unwrap_or_default().to_owned()),
        };
        if matches!(&answer, Answer::Reads(text) if text.trim().is_empty()) {
            return Ok(None);
        }
        let made = item.answer(&answer, said.everywhere.is_some(), &who, Timestamp::now(), said.reason.trim());
        decision::append(&store::decisions_path(&store_of(&app)), &made)?;
        Ok::<_, Error>(made.first().map(|one| one.id.clone()))
    });
    match written.await? {
        Some(id) => {
            let sign = if back.contains('?') { '&' } else { '?' };
            Ok(Redirect::to(&link(lang, &format!("{back}{sign}done={id}"))).into_response())
        }
        None => Err(Trouble::BadRequest(
            "Mục này đã được trả lời, hoặc câu trả lời trống. · This entry is answered already, or the answer is empty.",
        )),
    }
}
