//! Who may ask, how often, and what every answer carries: Host check, tokens, rate, security headers.
//!
//! Tokens are compared by hash, in constant time. A browser cannot be told to send a bearer
//! token, so the password of HTTP's own dialog serves as well; since a browser sends that
//! one along on its own, whatever writes must also come from our own pages.

use super::api;
use super::connections::Peer;
use super::rate::Rate;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use base64::Engine;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Instant;

/// Bytes of path and query.
const LONGEST_ADDRESS: usize = 8 * 1024;

/// What the operator asks for.
#[derive(Debug)]
pub(crate) struct Rules {
    /// The listening address.
    pub(crate) listen: SocketAddr,
    /// Host names beside it.
    pub(crate) hosts: Vec<String>,
    /// Needed for reading.
    pub(crate) token: Option<String>,
    /// Needed for writing; nothing is written where there is none.
    pub(crate) review_token: Option<String>,
    /// The header that names the person, and the addresses from which it is believed.
    pub(crate) proxy: Option<(HeaderName, Vec<IpAddr>)>,
    /// Requests a second and address, five times as many at once.
    pub(crate) rate: Option<NonZeroU32>,
}

/// Which requests are let in.
#[derive(Clone)]
pub(crate) struct Guard(Arc<Inner>);

struct Inner {
    hosts: Vec<String>,
    token: Option<blake3::Hash>,
    review_token: Option<blake3::Hash>,
    proxy: Option<(HeaderName, Vec<IpAddr>)>,
    rate: Option<Rate>,
}

/// A person let in, as the trusted proxy or the browser's dialog names them.
#[derive(Clone, Debug)]
pub(crate) struct Person(pub(crate) String);

/// Decisions can be written here, with the review token.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TakesAnswers;

impl Guard {
    /// Lets in requests for the listening address, for loopback names where it listens there, and for the hosts given.
    pub(crate) fn new(rules: Rules) -> Guard {
        let ip = rules.listen.ip();
        let mut hosts: Vec<String> = rules.hosts.iter().map(|host| host.to_ascii_lowercase()).collect();
        hosts.push(if ip.is_ipv6() { format!("[{ip}]") } else { ip.to_string() });
        if ip.is_loopback() || ip.is_unspecified() {
            hosts.extend(["localhost", "127.0.0.1", "[::1]"].map(str::to_owned));
        }
        let hash = |token: Option<String>| token.map(|token| blake3::hash(token.as_bytes()));
        Guard(Arc::new(Inner {
            hosts,
            token: hash(rules.token),
            review_token: hash(rules.review_token),
            proxy: rules.proxy,
            rate: rules.rate.map(Rate::new),
        }))
    }

    /// The address that a request is counted under: behind the trusted proxy the one it names last.
    fn address(&self, request: &Request) -> Option<IpAddr> {
        let peer = request.extensions().get::<Peer>()?.0;
        let trusted = self.0.proxy.as_ref().is_some_and(|(_, proxies)| proxies.contains(&peer));
        let forwarded = || {
            let value = request.headers().get_all("x-forwarded-for").iter().next_back()?.to_str().ok()?;
            value.rsplit(',').next()?.trim().parse::<IpAddr>().ok()
        };
        Some(match if trusted { forwarded().unwrap_or(peer) } else { peer } {
            // One subscriber has a whole network of these.
            IpAddr::V6(ip) => Ipv6Addr::from(u128::from(ip) >> 64 << 64).into(),
            ip => ip,
        })
    }

    /// Seconds to wait, where this address asks too often.
    fn too_often(&self, request: &Request) -> Option<u64> {
        self.0.rate.as_ref()?.refuses(self.address(request)?, Instant::now())
    }

    fn refuses(&self, request: &mut Request) -> Option<Response> {
        let headers = request.headers();
        let mut hosts = headers.get_all(header::HOST).iter();
        let host = hosts.next().and_then(|host| host.to_str().ok()).unwrap_or_default();
        if hosts.next().is_some() || !self.0.hosts.iter().any(|known| known.eq_ignore_ascii_case(name_of(host))) {
            let why = "this server does not answer for that host; `vanban serve --host NAME` adds one";
            return Some(api::problem(StatusCode::MISDIRECTED_REQUEST, why).into_response());
        }
        if request.uri().path_and_query().is_some_and(|address| address.as_str().len() > LONGEST_ADDRESS) {
            return Some(api::problem(StatusCode::URI_TOO_LONG, "the address is too long").into_response());
        }
        let length = request.headers().get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok());
        if length.is_some_and(|length| length.parse::<usize>().is_ok_and(|length| length > super::LARGEST_BODY)) {
            return Some(api::problem(StatusCode::PAYLOAD_TOO_LARGE, "the body is too large").into_response());
        }
        if let Some(seconds) = self.too_often(request) {
            let mut response =
                api::problem(StatusCode::TOO_MANY_REQUESTS, "too many requests from this address").into_response();
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
            return Some(response);
        }
        let (given, mut person) = credentials(request.headers());
        if let Some((header, proxies)) = &self.0.proxy {
            let peer = request.extensions().get::<Peer>().map(|peer| peer.0);
            let mut named = request.headers().get_all(header).iter();
            let name = named.next().and_then(|name| name.to_str().ok()).filter(|name| !name.trim().is_empty());
            match name {
                Some(name) if named.next().is_none() && peer.is_some_and(|peer| proxies.contains(&peer)) => {
                    person = Some(Person(name.trim().chars().take(100).collect()));
                }
                _ => return Some(api::problem(StatusCode::FORBIDDEN, "only the proxy may ask").into_response()),
            }
        }
        let fits = |token: &Option<blake3::Hash>| {
            let given = given.as_ref().map(|given| blake3::hash(given.as_bytes()));
            token.is_some() && *token == given
        };
        let may_write = fits(&self.0.review_token);
        if self.0.token.is_some() && !fits(&self.0.token) && !may_write {
            return Some(unauthorized("a token is needed"));
        }
        if !matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS)
            && let Err(refusal) = self.may_write(request, may_write)
        {
            return Some(refusal);
        }
        if self.0.review_token.is_some() {
            request.extensions_mut().insert(TakesAnswers);
        }
        if let Some(person) = person {
            tracing::debug!(person = person.0, address = %request.uri(), "let in");
            request.extensions_mut().insert(person);
        }
        None
    }

    // The answer that refuses is the error: made once for each refused request, and sent as it is.
    #[allow(clippy::result_large_err)]
    fn may_write(&self, request: &Request, has_token: bool) -> Result<(), Response> {
        if self.0.review_token.is_none() {
            let why = "this server takes no corrections; `vanban serve --review-token` makes it";
            let mut response = api::problem(StatusCode::METHOD_NOT_ALLOWED, why).into_response();
            response.headers_mut().insert(header::ALLOW, HeaderValue::from_static("GET,HEAD"));
            return Err(response);
        }
        if !has_token {
            return Err(unauthorized("the review token is needed"));
        }
        if is_foreign(request.headers()) {
            return Err(api::problem(StatusCode::FORBIDDEN, "corrections are taken from this server's own pages")
                .into_response());
        }
        Ok(())
    }
}

fn unauthorized(why: &str) -> Response {
    let mut response = api::problem(StatusCode::UNAUTHORIZED, why).into_response();
    let headers = response.headers_mut();
    headers.append(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    headers.append(header::WWW_AUTHENTICATE, HeaderValue::from_static("Basic realm=\"vanban\", charset=\"UTF-8\""));
    response
}

/// A host without its port.
fn name_of(host: &str) -> &str {
    match host.rfind(':') {
        Some(colon) if !host[colon..].contains(']') => &host[..colon],
        _ => host,
    }
}

/// The token that a request carries, and the name given with it.
fn credentials(headers: &HeaderMap) -> (Option<String>, Option<Person>) {
    let Some(value) = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()) else {
        return (None, None);
    };
    let (scheme, rest) = value.split_once(' ').unwrap_or((value, ""));
    if scheme.eq_ignore_ascii_case("bearer") {
        return (Some(rest.trim().to_owned()), None);
    }
    let decoded =
        base64::engine::general_purpose::STANDARD.decode(rest.trim()).ok().and_then(|b| String::from_utf8(b).ok());
    match decoded.as_deref().and_then(|pair| pair.split_once(':')) {
        Some((name, password)) if scheme.eq_ignore_ascii_case("basic") => {
            let person = (!name.trim().is_empty()).then(|| Person(name.trim().chars().take(100).collect()));
            (Some(password.to_owned()), person)
        }
        _ => (None, None),
    }
}

/// Whether a browser says that the request was made by another site.
fn is_foreign(headers: &HeaderMap) -> bool {
    let text = |name: HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    let site = text(HeaderName::from_static("sec-fetch-site"));
    let host = text(header::HOST).unwrap_or_default();
    site.is_some_and(|site| !matches!(site, "same-origin" | "none"))
        || headers.get(header::ORIGIN).is_some_and(|origin| {
            let origin = origin.to_str().unwrap_or_default();
            origin.split_once("://").is_none_or(|(_, authority)| !authority.eq_ignore_ascii_case(host))
        })
}

const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; \
     base-uri 'none'; frame-ancestors 'none'";

/// Refuses strangers and adds the security headers to every answer.
pub(crate) async fn check(State(guard): State<Guard>, mut request: Request, next: Next) -> Response {
    let mut response = match guard.refuses(&mut request) {
        Some(refusal) => refusal,
        None => next.run(request).await,
    };
    let headers = response.headers_mut();
    for (name, value) in [
        (header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "same-origin"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(rows: &[(&'static str, &str)]) -> HeaderMap {
        let value = |text: &str| HeaderValue::from_str(text).expect("a header value");
        rows.iter().map(|(name, text)| (HeaderName::from_static(name), value(text))).collect()
    }

    #[test]
    fn only_own_pages_may_write_in_a_browser() {
        assert!(!is_foreign(&headers(&[("host", "kho.vn:80")])));
        assert!(!is_foreign(&headers(&[
            ("host", "kho.vn"),
            ("origin", "https://kho.vn"),
            ("sec-fetch-site", "same-origin")
        ])));
        assert!(is_foreign(&headers(&[("host", "kho.vn"), ("origin", "https://evil.example")])));
        assert!(is_foreign(&headers(&[("host", "kho.vn"), ("origin", "null")])));
        assert!(is_foreign(&headers(&[("host", "kho.vn"), ("sec-fetch-site", "cross-site")])));
    }

    #[test]
    fn a_token_comes_as_bearer_or_as_password() {
        assert_eq!(credentials(&headers(&[("authorization", "bearer s3cret")])).0.as_deref(), Some("s3cret"));
        let (token, person) = credentials(&headers(&[("authorization", "Basic TGFuOnMzY3JldA==")]));
        assert_eq!((token.as_deref(), person.map(|person| person.0).as_deref()), (Some("s3cret"), Some("Lan")));
        assert_eq!(credentials(&headers(&[("authorization", "Basic !!")])).0, None);
    }

    #[test]
    fn the_port_is_no_part_of_the_name() {
        assert_eq!(name_of("localhost:8080"), "localhost");
        assert_eq!(name_of("[::1]:8080"), "[::1]");
        assert_eq!(name_of("[::1]"), "[::1]");
    }
}
