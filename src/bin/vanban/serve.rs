//! `vanban serve`: the web pages and the JSON API, on loopback unless told otherwise.

use crate::web::guard::{Guard, Rules};
use crate::{Failure, Status, StoreArg};
use axum::http::HeaderName;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::num::NonZeroU32;

/// Serve the web pages and the JSON API
///
/// Shows the store and never changes what the nightly job published. A generation published meanwhile is shown
/// as soon as it is open. Corrections can be written only where a review token is set, and only with it.
///
/// Example: vanban serve --listen 127.0.0.1:8080
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    #[command(flatten)]
    store: StoreArg,
    /// Address and port to listen on; anything but loopback shows the whole store to that network
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8080", value_parser = address)]
    listen: SocketAddr,
    /// A further host name under which the pages may be asked for (behind a proxy); may be repeated
    #[arg(long = "host", value_name = "NAME")]
    hosts: Vec<String>,
    /// Token that every request must carry as `Authorization: Bearer …`, or as the password a browser asks for
    #[arg(long, value_name = "TOKEN", env = "VANBAN_TOKEN", hide_env_values = true)]
    token: Option<String>,
    /// Token for writing corrections; none is written without it
    #[arg(long, value_name = "TOKEN", env = "VANBAN_REVIEW_TOKEN", hide_env_values = true)]
    review_token: Option<String>,
    /// Header in which a trusted proxy names the person it let in, such as `X-Remote-User`; requests without it are refused
    #[arg(long, value_name = "NAME")]
    proxy_header: Option<HeaderName>,
    /// Address from which that proxy asks; may be repeated [default: loopback]
    #[arg(long = "proxy", value_name = "IP", requires = "proxy_header")]
    proxies: Vec<IpAddr>,
    /// Requests a second from one address, five times as many at once [default: no limit on loopback, else 50]
    #[arg(long, value_name = "N")]
    rate: Option<NonZeroU32>,
    /// Pages made at the same time; more wait, and beyond 512 waiting are refused [default: twice the cores]
    #[arg(long, value_name = "N")]
    concurrency: Option<usize>,
    /// Memory for pages already made, such as 64MiB; 0 makes every page anew
    #[arg(long, value_name = "SIZE", default_value = "128MiB", value_parser = crate::values::size)]
    cache: bytesize::ByteSize,
}

/// Requests a second and address beyond loopback.
const RATE: NonZeroU32 = NonZeroU32::new(50).expect("it is not zero");

pub(crate) fn run(args: &Args) -> Result<Status, Failure> {
    let cores = std::thread::available_parallelism().map_or(2, usize::from);
    let limits =
        crate::web::Limits { concurrency: args.concurrency.unwrap_or(cores * 2).max(1), cache: args.cache.as_u64() };
    let app = crate::web::App::open(&args.store.store, &limits)?;
    let loopback = args.listen.ip().is_loopback();
    let proxies = if args.proxies.is_empty() {
        vec![Ipv4Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into()]
    } else {
        args.proxies.clone()
    };
    let guard = Guard::new(Rules {
        listen: args.listen,
        hosts: args.hosts.clone(),
        token: args.token.clone(),
        review_token: args.review_token.clone(),
        proxy: args.proxy_header.clone().map(|header| (header, proxies)),
        rate: args.rate.or((!loopback).then_some(RATE)),
    });
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let listener = tokio::net::TcpListener::bind(args.listen)
            .await
            .map_err(|cause| vanban::error::Error::io(args.listen.to_string(), cause))?;
        if !loopback {
            eprintln!("vanban: {}", exposure(args, app.len()));
        }
        eprintln!("vanban: http://{}/ — Ctrl-C ends it", listener.local_addr()?);
        let follows = tokio::spawn(app.clone().follow());
        crate::web::connections::serve(listener, crate::web::router(app, guard), stop_signal()).await;
        follows.abort();
        Ok(Status::Done)
    })
}

fn address(text: &str) -> Result<SocketAddr, String> {
    text.parse().map_err(|_| "an address is written with its port, such as 127.0.0.1:8080".to_owned())
}

/// What everyone on the network of `--listen` can do.
fn exposure(args: &Args, n_documents: u64) -> String {
    let who = match (&args.token, &args.proxy_header) {
        (Some(_), _) => "everyone who has the token",
        (None, Some(_)) => "everyone whom the proxy lets in",
        (None, None) => "everyone who reaches this address",
    };
    let writes = if args.review_token.is_some() { " and, with the review token, write corrections" } else { "" };
    let remedy = match (&args.token, &args.proxy_header) {
        (None, None) => "; --token or --proxy-header asks who it is",
        _ => "",
    };
    format!(
        "listening on {} over plain HTTP: {who} can read all {n_documents} documents of {}{writes}{remedy}",
        args.listen,
        args.store.store.display(),
    )
}

async fn stop_signal() {
    use tokio::signal::unix::{SignalKind, signal};
    let Ok(mut terminate) = signal(SignalKind::terminate()) else { return };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        _ = terminate.recv() => {}
    }
}
