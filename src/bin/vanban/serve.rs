//! `vanban serve`: the web pages and the JSON API, on loopback unless told otherwise.

use crate::{Failure, Status, StoreArg};
use std::net::SocketAddr;

/// Serve the web pages and the JSON API.
///
/// Reads the store and never writes it. A generation published meanwhile is shown
/// from the next request on. Example: `vanban serve --listen 127.0.0.1:8080`
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    #[command(flatten)]
    store: StoreArg,
    /// Address and port to listen on; anything but loopback shows the whole store to that network
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8080")]
    listen: SocketAddr,
    /// A further host name under which the pages may be asked for (behind a proxy); may be repeated
    #[arg(long = "host", value_name = "NAME")]
    hosts: Vec<String>,
    /// Token that every request must carry as `Authorization: Bearer …`
    #[arg(long, value_name = "TOKEN", env = "VANBAN_TOKEN", hide_env_values = true)]
    token: Option<String>,
    /// Requests answered at the same time; more wait, and beyond four times as many are refused
    #[arg(long, value_name = "N", default_value_t = 64)]
    concurrency: usize,
}

pub(crate) fn run(args: &Args) -> Result<Status, Failure> {
    let app = crate::web::App::open(&args.store.store)?;
    if !args.listen.ip().is_loopback() {
        eprintln!(
            "vanban: listening on {}: everyone who reaches this address can read every document of {}{}",
            args.listen,
            args.store.store.display(),
            if args.token.is_some() { " with the token" } else { "; set --token to ask for one" },
        );
    }
    let guard = crate::web::guard::Guard::new(args.listen, &args.hosts, args.token.clone());
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let listener = tokio::net::TcpListener::bind(args.listen)
            .await
            .map_err(|cause| vanban::error::Error::io(args.listen.to_string(), cause))?;
        eprintln!("vanban: http://{}/ — Ctrl-C ends it", listener.local_addr()?);
        axum::serve(listener, crate::web::router(app, guard, args.concurrency))
            .with_graceful_shutdown(stop_signal())
            .await?;
        Ok(Status::Done)
    })
}

async fn stop_signal() {
    use tokio::signal::unix::{SignalKind, signal};
    let Ok(mut terminate) = signal(SignalKind::terminate()) else { return };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        _ = terminate.recv() => {}
    }
}
