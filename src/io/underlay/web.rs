//! One question to a server, within bounds: the only place of the program that speaks to the web.
//!
//! The whole of an answer, from the name of the server to the last byte, has a time; its bytes have a limit, and nothing of it
//! is unpacked on the way. An address that is encrypted is never followed to one that is not.

use std::sync::Arc;
use std::time::Duration;

use ureq::tls::{RootCerts, TlsConfig, TlsProvider};

/// The whole of an answer.
const PATIENCE: Duration = Duration::from_secs(12);
/// Bytes of what stands before an answer.
const MOST_HEAD_BYTES: usize = 16 << 10;

/// What asks the server of an address.
pub(super) fn agent(address: &str) -> ureq::Agent {
    // Certificates are those that the system trusts: offices have some of their own.
    let tls = TlsConfig::builder()
        .provider(TlsProvider::Rustls)
        .root_certs(RootCerts::PlatformVerifier)
        .unversioned_rustls_crypto_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .build();
    let mut config = ureq::Agent::config_builder()
        .timeout_global(Some(PATIENCE))
        .max_redirects(2)
        .https_only(address.get(..8).is_some_and(|head| head.eq_ignore_ascii_case("https://")))
        .max_response_header_size(MOST_HEAD_BYTES)
        .user_agent(concat!("tuban/", env!("CARGO_PKG_VERSION")))
        .tls_config(tls);
    if is_here(address) {
        // No proxy stands between the machine and itself.
        config = config.proxy(None);
    }
    ureq::Agent::new_with_config(config.build())
}

/// What the server says at an address, at most so many bytes of it; `None` where it has nothing there. The key stands in no
/// error.
///
/// # Errors
/// What went wrong, in English.
pub(super) fn get(agent: &ureq::Agent, address: &str, most_bytes: u64, key: &str) -> Result<Option<Vec<u8>>, String> {
    let said = |error: ureq::Error| {
        let text = error.to_string();
        if key.is_empty() { text } else { text.replace(key, "…") }
    };
    match agent.get(address).call() {
        Ok(mut answer) => answer.body_mut().with_config().limit(most_bytes).read_to_vec().map(Some).map_err(said),
        Err(ureq::Error::StatusCode(404 | 410)) => Ok(None),
        Err(error) => Err(said(error)),
    }
}

/// Whether the server is this machine.
fn is_here(address: &str) -> bool {
    let host = address.split_once("://").map_or("", |(_, rest)| rest).split(['/', '?', ':']).next().unwrap_or_default();
    host == "localhost" || host.starts_with("127.")
}
