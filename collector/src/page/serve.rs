//! The server of the page: accepts connections, and ends with them when it is dropped.
//!
//! One thread with a runtime for all connections, as they wait more than they work; views are made on threads beside it.

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::thread::{Builder, JoinHandle};
use std::time::Duration;

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};

use super::follow::follow;
use super::routes::routes;
use super::settings::PageSettings;
use super::shared::{MAX_VIEWS, Shared};
use crate::store::Store;

/// Connections at the same time: a browser opens six to one server.
const MAX_CONNECTIONS: usize = 128;
/// A head is one packet; slower ones hold a connection for nothing.
const HEAD: Duration = Duration::from_secs(10);
/// What hyper holds of a head: a long address with its filters.
const BUFFER: usize = 64 << 10;
/// Out of descriptors: others have to give some back first.
const PAUSE_AFTER_ERROR: Duration = Duration::from_millis(50);
/// A view that is being made when the program ends is not waited for.
const LINGER: Duration = Duration::from_millis(500);

/// The page; dropping it ends its threads.
#[derive(Debug)]
pub struct Page {
    address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    serving: Option<JoinHandle<()>>,
}

impl Page {
    /// Starts serving what this store holds, on this socket.
    pub fn start(listener: TcpListener, store: Arc<Store>, settings: PageSettings) -> io::Result<Page> {
        let address = listener.local_addr()?;
        listener.set_nonblocking(true)?;
        let mut runtime = tokio::runtime::Builder::new_current_thread();
        runtime.enable_io().enable_time().max_blocking_threads(MAX_VIEWS + 1).thread_name("page");
        let runtime = runtime.build()?;
        let shared = Arc::new(Shared::new(address, store, settings));
        let (stop, stopped) = oneshot::channel();
        let serving = Builder::new().name("page".into()).spawn(move || {
            runtime.block_on(async {
                tokio::select! {
                    // Dropped without a word is the end too.
                    _ = stopped => {}
                    () = accept(listener, routes(Arc::clone(&shared))) => {}
                    () = follow(shared) => {}
                }
            });
            runtime.shutdown_timeout(LINGER);
        })?;
        Ok(Page { address, stop: Some(stop), serving: Some(serving) })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for Page {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(serving) = self.serving.take() {
            // A panic of that thread was reported when it happened.
            let _ = serving.join();
        }
    }
}

async fn accept(listener: TcpListener, router: Router) {
    let Ok(listener) = tokio::net::TcpListener::from_std(listener) else { return };
    let places = Arc::new(Semaphore::new(MAX_CONNECTIONS));
    loop {
        let Ok(place) = Arc::clone(&places).acquire_owned().await else { return };
        match listener.accept().await {
            Ok((stream, _)) => {
                tokio::spawn(converse(stream, router.clone(), place));
            }
            Err(_) => tokio::time::sleep(PAUSE_AFTER_ERROR).await,
        }
    }
}

async fn converse(stream: tokio::net::TcpStream, router: Router, place: OwnedSemaphorePermit) {
    // Without it small answers wait for the browser's acknowledgement.
    let _ = stream.set_nodelay(true);
    let mut builder = http1::Builder::new();
    builder.timer(TokioTimer::new()).header_read_timeout(HEAD).max_buf_size(BUFFER);
    // A browser that is gone is no fault.
    let _ = builder.serve_connection(TokioIo::new(stream), TowerToHyperService::new(router)).await;
    drop(place);
}
