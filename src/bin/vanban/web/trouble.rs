//! What goes wrong for a person with a browser, said on a page of its own.

use super::Page;
use super::page::{self, Frame, Lang, link};
use super::search;
use axum::extract::Request;
use axum::http::{StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use maud::html;
use vanban::error::Error;

/// What goes wrong. Becomes a page in [`told`], which knows the language.
pub(super) enum Trouble {
    NotFound,
    /// Why, in Vietnamese and in English.
    BadRequest(&'static str, &'static str),
    World(Error),
}

/// What is wrong with the question asked, in Vietnamese and in English.
#[derive(Clone, Copy, Debug)]
struct Why(&'static str, &'static str);

impl From<Error> for Trouble {
    fn from(error: Error) -> Trouble {
        Trouble::World(error)
    }
}

impl IntoResponse for Trouble {
    fn into_response(self) -> Response {
        match self {
            Trouble::NotFound => StatusCode::NOT_FOUND.into_response(),
            Trouble::BadRequest(vi, en) => {
                let mut response = StatusCode::BAD_REQUEST.into_response();
                response.extensions_mut().insert(Why(vi, en));
                response
            }
            Trouble::World(error) => {
                tracing::error!(%error, "request failed");
                StatusCode::INTERNAL_SERVER_ERROR.into_response()
            }
        }
    }
}

/// In Vietnamese and in English.
type Both = (&'static str, &'static str);

/// What went wrong and what to do.
const SAID: [(StatusCode, Both, Both); 4] = [
    (
        StatusCode::NOT_FOUND,
        ("Không có trang này", "There is no such page"),
        (
            "Địa chỉ sai, hoặc văn bản không còn trong kho. Hãy tìm theo số hiệu hay tên.",
            "The address is wrong, or the document is no longer held. Search for its number or title.",
        ),
    ),
    (
        StatusCode::BAD_REQUEST,
        ("Không hiểu được yêu cầu", "The question cannot be understood"),
        ("Địa chỉ có chỗ viết sai.", "Something in the address is not as it must be."),
    ),
    (
        StatusCode::METHOD_NOT_ALLOWED,
        ("Trang này chỉ để xem", "This page can only be read"),
        ("Ở đây không ghi được gì.", "Nothing can be written here."),
    ),
    (
        StatusCode::INTERNAL_SERVER_ERROR,
        ("Không đọc được kho", "The store cannot be read"),
        ("Người quản trị cần chạy `vanban check`.", "Whoever runs the server should try `vanban check`."),
    ),
];

/// Said of every other refusal.
const REFUSED: ((&str, &str), (&str, &str)) = (
    ("Không nhận yêu cầu này", "The request was not taken"),
    ("Hãy trở lại trang trước và thử lại.", "Go back and try again."),
);

/// Turns refusals without a body, or with the few words of the framework, into pages in the language asked for.
pub(super) async fn told(request: Request, next: Next) -> Response {
    let asked: Vec<&str> = request.uri().query().unwrap_or_default().split('&').collect();
    let lang = Lang::of(asked.iter().find_map(|part| part.strip_prefix("lang=")));
    let kept: Vec<&str> = asked.into_iter().filter(|part| !part.is_empty() && !part.starts_with("lang=")).collect();
    let mut here = request.uri().path().to_owned();
    if !kept.is_empty() {
        here.push_str(&format!("?{}", kept.join("&")));
    }
    let response = next.run(request).await;
    let status = response.status();
    let kind = response.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    let bare = kind.is_none_or(|kind| kind.starts_with("text/plain"));
    if !bare || !(status.is_client_error() || status.is_server_error()) {
        return response;
    }
    let known = SAID.iter().find(|(one, _, _)| *one == status).map(|(_, title, advice)| (*title, *advice));
    let ((vi, en), (advice_vi, advice_en)) = known.unwrap_or(REFUSED);
    let title = lang.pick(vi, en);
    let advice = match response.extensions().get::<Why>() {
        Some(Why(vi, en)) => lang.pick(vi, en),
        None => lang.pick(advice_vi, advice_en),
    };
    let frame = Frame { lang, title, here: &here, section: "search", generation: 0, narrow: true };
    let body = html! {
        div.hero {
            p.code { (status.as_u16()) }
            h1 { (title) }
            p.lead { (super::api::in_code(advice)) }
            (search::form(lang, "", false, &[]))
            p.examples { a href=(link(lang, "/")) { (lang.pick("Về trang đầu", "To the first page")) } }
        }
    };
    let mut page = (status, Page(page::frame(&frame, body))).into_response();
    if let Some(methods) = response.headers().get(header::ALLOW) {
        page.headers_mut().insert(header::ALLOW, methods.clone());
    }
    page
}
