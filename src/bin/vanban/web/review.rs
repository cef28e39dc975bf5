//! The review queue for a browser: read by everyone who may read, answered with the review token.
//!
//! No script: every entry is a form, and every answer leads back to the entries that are left.
//! Who may write, and that the form is our own, is the guard's to know.

mod words;

use super::guard::{Person, TakesAnswers};
use super::page::{self, Frame, Lang, count, encode, keep_lang, link};
use super::{App, Common, Page, Trouble, aside};
use axum::Router;
use axum::extract::{Extension, Form, Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use jiff::Timestamp;
use maud::{Markup, html};
use serde::Deserialize;
use std::collections::HashSet;
use std::ops::Range;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use vanban::decision::{self, Decision, Decisions, What};
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

/// The fingerprint of a generation, and what the machine doubts there.
type Gathered = (u128, Arc<Vec<Item>>);

/// The doubts last asked for: gathering them reads every document.
static LAST: Mutex<Option<Gathered>> = Mutex::new(None);

fn store_of(app: &App) -> PathBuf {
    let open = app.current();
    open.generation.folder().parent().map(PathBuf::from).unwrap_or_default()
}

fn doubts(app: &App) -> Result<Arc<Vec<Item>>, Error> {
    let open = app.current();
    let fingerprint = open.generation.fingerprint();
    // One at a time: a second asker waits for the first one's answer instead of gathering it too.
    let mut last = LAST.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
    if let Some((known, items)) = last.as_ref()
        && *known == fingerprint
    {
        return Ok(Arc::clone(items));
    }
    let items = Arc::new(review::doubts(&open.generation)?);
    *last = Some((fingerprint, Arc::clone(&items)));
    Ok(items)
}

/// The queue as it is now: what the machine doubts, but for what is answered, and what people disagree on.
struct Queue {
    doubts: Arc<Vec<Item>>,
    disputes: Vec<Item>,
    decisions: Decisions,
}

impl Queue {
    fn of(app: &App) -> Result<Queue, Error> {
        let decisions = decision::read(&store::decisions_path(&store_of(app)))?;
        let disputes = review::disputes(&app.current().generation, &decisions)?;
        Ok(Queue { doubts: doubts(app)?, disputes, decisions })
    }

    fn items(&self) -> Vec<&Item> {
        let answered: HashSet<&str> = self.decisions.answered().collect();
        let open = self.doubts.iter().filter(|item| !answered.contains(item.key.as_str()));
        let mut items: Vec<&Item> = self.disputes.iter().chain(open).collect();
        items.sort_by(|a, b| b.worth.total_cmp(&a.worth));
        items
    }
}

#[derive(Debug, Deserialize)]
struct Asked {
    #[serde(flatten)]
    common: Common,
    kind: Option<String>,
    /// Entries passed over.
    from: Option<usize>,
    /// Ids of the decisions that the last answer made, or took back.
    done: Option<String>,
    undone: Option<String>,
}

async fn show(
    State(app): State<App>,
    takes_answers: Option<Extension<TakesAnswers>>,
    Query(asked): Query<Asked>,
) -> Result<Page, Trouble> {
    let lang = asked.common.lang();
    let generation = app.current().generation.number();
    let queue = aside(move || Queue::of(&app)).await?;
    let items = queue.items();
    let kind = asked.kind.as_deref().unwrap_or_default();
    let wanted: Vec<&Item> = items.iter().copied().filter(|item| kind.is_empty() || item.kind.name() == kind).collect();
    let from = asked.from.unwrap_or(0).min(wanted.len());
    let here = address(kind, from);
    let title = lang.pick("Rà soát", "Review");
    let frame = Frame { lang, title, here: &here, section: "review", generation, narrow: true };
    let back = takes_answers.is_some().then_some(Back { kind, from });
    let body = html! {
        h1 { (title) }
        p.lead { (lang.pick(
            "Những chỗ máy chưa chắc; chỗ quan trọng nhất và giải quyết được nhiều nơi nhất ở trên. Quyết định có hiệu lực từ lần lập chỉ mục kế tiếp.",
            "Where the machine is unsure; what matters most and settles most places comes first. A decision takes effect with the next reindex.")) }
        @if back.is_none() {
            p.small { (lang.pick("Máy chủ này chỉ cho xem; muốn ghi quyết định ở đây, người quản trị chạy ", "This server only shows them; to decide here, have it run with "))
                code { "vanban serve --review-token" } "." }
        }
        @if let Some(done) = &asked.done { (written(lang, done, &queue.decisions, back)) }
        @if asked.undone.is_some() { p.said role="status" { (lang.pick("Đã rút lại quyết định vừa ghi.", "The last decision is taken back.")) } }
        (kinds(lang, &items, kind))
        @if wanted.is_empty() { p { (lang.pick("Không còn gì phải rà soát.", "Nothing is left to review.")) } }
        @for item in wanted.iter().skip(from).take(SHOWN) { (entry(lang, item, back)) }
        @if from > 0 || wanted.len() > from + SHOWN { nav.pager aria-label=(lang.pick("Các trang", "Pages")) {
            @if from > 0 {
                a.button.quiet href=(link(lang, &address(kind, from.saturating_sub(SHOWN)))) rel="prev" { (lang.pick("← Các mục trước", "← Entries before")) }
            }
            @if wanted.len() > from + SHOWN {
                a.button.quiet href=(link(lang, &address(kind, from + SHOWN))) rel="next" {
                    (lang.pick("Các mục sau →", "More entries →")) " (" (count(lang, (wanted.len() - from - SHOWN) as u64)) ")" }
            }
        } }
    };
    Ok(Page(page::frame(&frame, body)))
}

/// The page of a kind of entries, from one of them on.
fn address(kind: &str, from: usize) -> String {
    let mut parts = Vec::new();
    if !kind.is_empty() {
        parts.push(format!("kind={}", encode(kind)));
    }
    if from > 0 {
        parts.push(format!("from={from}"));
    }
    if parts.is_empty() { "/review".to_owned() } else { format!("/review?{}", parts.join("&")) }
}

/// Where a form leads back to.
#[derive(Clone, Copy)]
struct Back<'p> {
    kind: &'p str,
    from: usize,
}

impl Back<'_> {
    fn hidden(self, lang: Lang) -> Markup {
        html! {
            input type="hidden" name="kind" value=(self.kind);
            input type="hidden" name="from" value=(self.from);
            (keep_lang(lang))
        }
    }
}

/// What the last answer wrote, and the button that takes it back.
fn written(lang: Lang, ids: &str, decisions: &Decisions, back: Option<Back<'_>>) -> Markup {
    let made: Vec<&Decision> = ids.split(',').filter_map(|id| decisions.find(id)).collect();
    let one = |one: &Decision| match one.what {
        What::Undo => lang.pick("rút một quyết định", "a decision taken back").to_owned(),
        _ if one.scan.is_empty() => words::said(lang, one),
        _ => format!("{} → {}", one.scan, words::said(lang, one)),
    };
    let said = made.iter().map(|made| one(made)).collect::<Vec<_>>().join("; ");
    html! {
        @if !made.is_empty() {
            div.said role="status" {
                span { (lang.pick("Đã ghi: ", "Written: ")) strong lang="vi" { (said) } }
                @if let Some(back) = back {
                    form method="post" action=(link(lang, "/review")) {
                        (back.hidden(lang))
                        input type="hidden" name="key" value=(ids);
                        button.quiet name="is" value="undo" { (lang.pick("Hoàn tác", "Undo")) }
                    }
                }
            }
        }
    }
}

fn kinds(lang: Lang, items: &[&Item], current: &str) -> Markup {
    let n_of = |kind: Kind| items.iter().filter(|item| item.kind == kind).count() as u64;
    html! {
        nav.kinds aria-label=(lang.pick("Loại", "Kinds")) {
            a.chip href=(link(lang, "/review")) aria-current=[current.is_empty().then_some("page")] {
                (lang.pick("Tất cả", "All")) " " (count(lang, items.len() as u64)) }
            @for kind in Kind::ALL.into_iter().filter(|kind| n_of(*kind) > 0) {
                " " a.chip href=(link(lang, &address(kind.name(), 0)))
                    aria-current=[(current == kind.name()).then_some("page")] {
                    (words::kind(lang, kind)) " " (count(lang, n_of(kind))) }
            }
        }
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

fn entry(lang: Lang, item: &Item, back: Option<Back<'_>>) -> Markup {
    let place = if item.line > 0 {
        format!("{}, {} {}", item.doc, lang.pick("dòng", "line"), item.line)
    } else {
        item.doc.clone()
    };
    let question = words::question(lang, item);
    html! {
        article.review id=(item.key) {
            h2 { (words::kind(lang, item.kind)) }
            p.small { a href=(link(lang, &format!("/doc/{}?view=scan", encode(&item.doc)))) { (place) } }
            @if !question.is_empty() { p { (question) } }
            @if !item.scan_line.is_empty() {
                dl {
                    dt { (lang.pick("Bản quét", "Scan")) } dd lang="vi" { (marked(&item.scan_line, item.scan_place())) }
                    @if !item.reading_line.is_empty() {
                        dt { (lang.pick("Đọc là", "Read as")) }
                        dd lang="vi" {
                            @if !item.above.is_empty() { span.soft { (item.above) } br; }
                            (marked(&item.reading_line, item.reading_place()))
                            @if !item.below.is_empty() { br; span.soft { (item.below) } }
                        }
                    }
                }
            } @else if !item.reading_line.is_empty() {
                blockquote lang="vi" { (item.reading_line) }
            }
            @if item.places > 1 { p { (lang.pick("Cùng chỗ hỏng ở ", "The same damage in ")) (item.places) (lang.pick(" nơi.", " places.")) } }
            @if !item.elsewhere.is_empty() && item.kind == Kind::Duplicate {
                ul { @for (doc, _) in &item.elsewhere { li { a href=(link(lang, &format!("/doc/{}", encode(doc)))) { (doc) } } } }
            }
            @if item.kind == Kind::SetAside && lang == Lang::Vi { p.small lang="en" { (item.note) } }
            @if let Some(back) = back { (answers(lang, item, back)) }
        }
    }
}

fn answers(lang: Lang, item: &Item, back: Back<'_>) -> Markup {
    let may_write = item.anchor.is_some() || item.edge.is_some();
    let may_choose = may_write || item.kind == Kind::Conflict;
    html! {
        form method="post" action=(link(lang, "/review")) {
            input type="hidden" name="key" value=(item.key);
            (back.hidden(lang))
            @if item.places > 1 {
                p { label { input type="checkbox" name="everywhere" value="yes" checked; (lang.pick(" Ở mọi nơi", " In all places")) } }
            }
            p.choices {
                button name="is" value="right" { (words::as_it_stands(lang, item)) }
                @for (n, choice) in item.choices.iter().enumerate().filter(|_| may_choose) {
                    " " button.quiet name="is" value=(format!("reads {choice}")) { (words::choice(lang, item, n)) }
                }
                @if item.edge.is_some() && item.kind != Kind::Graph {
                    " " button.quiet name="is" value="no" { (lang.pick("Không có quan hệ này", "No such relation")) }
                }
            }
            @if may_write {
                p.choices {
                    label { (if item.edge.is_some() { lang.pick("Văn bản đúng là ", "The paper meant is ") } else { lang.pick("Đọc đúng là ", "It reads ") })
                        input type="text" name="text" maxlength=(LONGEST) autocomplete="off" lang="vi"; }
                    " " label { (lang.pick("Lý do ", "Reason ")) input type="text" name="reason" maxlength=(LONGEST) autocomplete="off"; }
                    " " button.quiet name="is" value="text" { (lang.pick("Ghi", "Write")) }
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
    #[serde(default)]
    from: usize,
    lang: Option<String>,
}

async fn answer(
    State(app): State<App>,
    person: Option<Extension<Person>>,
    Form(said): Form<Said>,
) -> Result<Response, Trouble> {
    let who = person.map_or_else(|| "web".to_owned(), |Extension(Person(name))| name);
    let lang = Lang::of(said.lang.as_deref());
    let back = address(&said.kind, said.from);
    if said.text.chars().count() > LONGEST || said.reason.chars().count() > LONGEST {
        return Err(Trouble::BadRequest("Nội dung quá dài.", "The answer is too long."));
    }
    let undoing = said.is == "undo";
    let written = aside(move || {
        let queue = Queue::of(&app)?;
        let now = Timestamp::now();
        let made = if undoing {
            let known = said.key.split(',').filter_map(|id| queue.decisions.find(id));
            let holds =
                |one: &&Decision| one.what == What::Undo || queue.decisions.holding().any(|other| other.id == one.id);
            known.filter(holds).map(|one| review::undo(one, &who, now, said.reason.trim())).collect()
        } else {
            let items = queue.items();
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
            item.answer(&answer, said.everywhere.is_some(), &who, now, said.reason.trim())
        };
        decision::append(&store::decisions_path(&store_of(&app)), &made)?;
        let ids: Vec<String> = made.into_iter().map(|one| one.id).collect();
        Ok::<_, Error>((!ids.is_empty()).then(|| ids.join(",")))
    });
    match written.await? {
        Some(ids) => {
            let sign = if back.contains('?') { '&' } else { '?' };
            let told = if undoing { "undone=1".to_owned() } else { format!("done={ids}") };
            Ok(Redirect::to(&link(lang, &format!("{back}{sign}{told}"))).into_response())
        }
        None => Err(Trouble::BadRequest(
            "Mục này đã được trả lời, hoặc câu trả lời trống.",
            "This entry is answered already, or the answer is empty.",
        )),
    }
}
