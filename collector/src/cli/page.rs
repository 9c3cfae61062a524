//! From the command line to the page: its socket, and the token where others on the network can connect.

use std::net::TcpListener;
use std::sync::Arc;

use mona_collector::store::Store;
use mona_collector::{DeliveryCounters, Listen, Page, PageSettings, fresh_id};

use crate::args::Args;
use crate::output::Output;

/// The page, and the address to open in a browser.
pub(crate) struct Shown {
    /// Ends when it is dropped.
    _page: Page,
    pub(crate) address: String,
}

/// Starts the page, if it is asked for; `endpoints` is where programs can send to.
pub(crate) fn start(
    args: &Args,
    store: Option<Arc<Store>>,
    endpoints: Vec<String>,
    output: &Arc<Output>,
) -> Result<Option<Shown>, String> {
    let (Some(Listen::Address(address)), Some(store)) = (&args.page, store) else { return Ok(None) };
    let named = |error: std::io::Error| format!("--page {address}: {error}");
    if !address.ip().is_loopback() && !args.listen_anywhere {
        return Err(format!(
            "--page {address}: found an address that others can reach, expected 127.0.0.1, or --listen-anywhere"
        ));
    }
    let token = args.listen_anywhere.then(fresh_id);
    let query = token.as_ref().map_or_else(String::new, |token| format!("?token={token}"));
    let listener = TcpListener::bind(address).map_err(named)?;
    let output = Arc::clone(output);
    let told = Arc::clone(&output);
    let delivery = DeliveryCounters::new(move || told.delivery());
    let clients = output.clients();
    let settings = PageSettings { allow_hosts: args.allow_host.clone(), token, endpoints, delivery, clients };
    let page = Page::start(listener, store, settings).map_err(named)?;
    let address = format!("http://{}/{query}", page.address());
    Ok(Some(Shown { _page: page, address }))
}
