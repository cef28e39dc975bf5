//! Connections: HTTP/1.1 with a limit on everything a stranger can send or leave unsent, and a graceful stop.

use axum::Router;
use axum::body::Body;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, watch};
use tower_service::Service;

/// Connections at a time; more wait to be accepted.
const MOST_CONNECTIONS: usize = 1024;
/// For a whole head to arrive, and for a connection to lie idle.
const HEAD_LIMIT: Duration = Duration::from_secs(20);
/// Header lines of a request.
const MOST_HEADERS: usize = 64;
/// Bytes of a head.
const LONGEST_HEAD: usize = 32 * 1024;
/// For answers under way when the server is told to stop.
const STOP_LIMIT: Duration = Duration::from_secs(10);

/// The address a request came from.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Peer(pub(crate) IpAddr);

/// Answers until `stop`, then finishes what is under way.
pub(crate) async fn serve(listener: TcpListener, router: Router, stop: impl Future<Output = ()>) {
    let mut http = hyper::server::conn::http1::Builder::new();
    http.timer(TokioTimer::new())
        .header_read_timeout(HEAD_LIMIT)
        .max_headers(MOST_HEADERS)
        .max_buf_size(LONGEST_HEAD)
        .half_close(false);
    let (stopping, stops) = watch::channel(false);
    let room = Arc::new(Semaphore::new(MOST_CONNECTIONS));
    let mut stop = std::pin::pin!(stop);
    loop {
        let accepted = async {
            let place = Arc::clone(&room).acquire_owned().await;
            (place, listener.accept().await)
        };
        let (place, (stream, from)) = tokio::select! {
            () = &mut stop => break,
            (place, accepted) = accepted => match accepted {
                Ok(accepted) => (place, accepted),
                Err(error) => {
                    // Out of descriptors, most likely: those in use will come free.
                    tracing::warn!(%error, "no connection accepted");
                    tokio::time::sleep(Duration::from_millis(50)).await;
                    continue;
                }
            },
        };
        let _ = stream.set_nodelay(true);
        let (router, peer) = (router.clone(), Peer(from.ip().to_canonical()));
        let service = service_fn(move |mut request: hyper::Request<Incoming>| {
            request.extensions_mut().insert(peer);
            router.clone().call(request.map(Body::new))
        });
        let connection = http.serve_connection(TokioIo::new(stream), service);
        let mut stops = stops.clone();
        tokio::spawn(async move {
            let mut connection = std::pin::pin!(connection);
            let ended = tokio::select! {
                ended = connection.as_mut() => ended,
                () = async { drop(stops.wait_for(|stopping| *stopping).await) } => {
                    connection.as_mut().graceful_shutdown();
                    connection.await
                }
            };
            if let Err(error) = ended {
                tracing::debug!(%error, "connection ended early");
            }
            drop(place);
        });
    }
    drop((listener, stops));
    // Every connection holds a receiver; the last one gone, all are closed.
    let _ = stopping.send(true);
    if tokio::time::timeout(STOP_LIMIT, stopping.closed()).await.is_err() {
        tracing::warn!("some connections did not end in time");
    }
}
