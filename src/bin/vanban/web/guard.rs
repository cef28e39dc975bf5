//! Who may ask, and what every answer carries: Host check, token, security headers.

use axum::extract::{Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use std::net::SocketAddr;
use std::sync::Arc;

/// Which requests are let in.
#[derive(Clone, Debug)]
pub(crate) struct Guard(Arc<Rules>);

#[derive(Debug)]
struct Rules {
    hosts: Vec<String>,
    token: Option<blake3::Hash>,
}

impl Guard {
    /// Lets in requests for the listening address, for loopback names, and for `hosts`.
    pub(crate) fn new(listen: SocketAddr, hosts: &[String], token: Option<String>) -> Guard {
        let mut allowed: Vec<String> = hosts.iter().map(|host| host.to_ascii_lowercase()).collect();
        allowed.push(listen.ip().to_string());
        if listen.is_ipv6() {
            allowed.push(format!("[{}]", listen.ip()));
        }
        if listen.ip().is_loopback() || listen.ip().is_unspecified() {
            allowed.extend(["localhost", "127.0.0.1", "[::1]"].map(str::to_owned));
        }
        Guard(Arc::new(Rules { hosts: allowed, token: token.map(|token| blake3::hash(token.as_bytes())) }))
    }

    fn refuses(&self, request: &Request) -> Option<(StatusCode, &'static str)> {
        let host = request.headers().get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
        let name = match host.rfind(':') {
            Some(colon) if !host[colon..].contains(']') => &host[..colon],
            _ => host,
        };
        if !self.0.hosts.iter().any(|allowed| allowed.eq_ignore_ascii_case(name)) {
            return Some((StatusCode::MISDIRECTED_REQUEST, "this server does not answer for that host; see --host"));
        }
        let token = self.0.token?;
        let given = request
            .headers()
            .get(header::AUTHORIZATION)
            .and_then(|value| value.to_str().ok())
            .and_then(|value| value.strip_prefix("Bearer "));
        // Hashes are compared in constant time.
        match given {
            Some(given) if blake3::hash(given.as_bytes()) == token => None,
            _ => Some((StatusCode::UNAUTHORIZED, "a bearer token is needed")),
        }
    }
}

const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; \
     base-uri 'none'; frame-ancestors 'none'";

/// Refuses strangers and adds the security headers to every answer.
pub(crate) async fn check(State(guard): State<Guard>, request: Request, next: Next) -> Response {
    let mut response = match guard.refuses(&request) {
        Some((status, why)) => {
            let mut response = super::api::problem(status, why).into_response();
            if status == StatusCode::UNAUTHORIZED {
                response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
            }
            response
        }
        None => next.run(request).await,
    };
    let headers = response.headers_mut();
    for (name, value) in [
        (header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "same-origin"),
        (header::X_FRAME_OPTIONS, "DENY"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}
