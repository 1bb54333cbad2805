//! One question to a server, within bounds: the only place of the program that speaks to the web.
//!
//! The whole of an answer, from the name of the server to the last byte, has a time; its bytes have a limit, and nothing of it
//! is unpacked on the way. Where a server sends on to another address, that is followed a few times, but never from an
//! encrypted one to one that is not, nor from the web into this machine or the house: no server has others asked there.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::time::{Duration, Instant};

use ureq::tls::{RootCerts, TlsConfig, TlsProvider};

/// The whole of an answer.
const PATIENCE: Duration = Duration::from_secs(12);
/// How often one address sends on to another.
const MOST_REDIRECTS: usize = 2;
/// Bytes of an address.
const MOST_ADDRESS: usize = 4000;
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
        .max_redirects(0)
        .https_only(address.get(..8).is_some_and(|head| head.eq_ignore_ascii_case("https://")))
        .max_response_header_size(MOST_HEAD_BYTES)
        .user_agent(concat!("tuban/", env!("CARGO_PKG_VERSION")))
        .tls_config(tls);
    if name_of(address).is_some_and(|name| name == "localhost" || name.starts_with("127.")) {
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
    let until = Instant::now() + PATIENCE;
    let mut address = address.to_owned();
    for _ in 0..=MOST_REDIRECTS {
        let left = until.saturating_duration_since(Instant::now()).max(Duration::from_millis(1));
        let question = agent.get(&address).config().timeout_global(Some(left)).build();
        let mut answer = match question.call() {
            Ok(answer) => answer,
            Err(ureq::Error::StatusCode(404 | 410)) => return Ok(None),
            Err(error) => return Err(said(error)),
        };
        if !answer.status().is_redirection() {
            return answer.body_mut().with_config().limit(most_bytes).read_to_vec().map(Some).map_err(said);
        }
        // What is no text leads nowhere.
        let to = answer.headers().get("location").and_then(|to| to.to_str().ok());
        address = to.and_then(|to| redirected(&address, to)).ok_or("sends on to where nobody follows")?;
    }
    Err("sends on too often".to_owned())
}

/// Where an address leads that a server sends on to; `None` where nobody follows.
fn redirected(from: &str, to: &str) -> Option<String> {
    let (scheme, rest) = from.split_once("://")?;
    let (host, path) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
    let path = path.split(['?', '#']).next().unwrap_or_default();
    let is_whole = to.split(['/', '?', '#']).next().is_some_and(|head| head.ends_with(':'));
    let whole = if is_whole {
        to.to_owned()
    } else if let Some(rest) = to.strip_prefix("//") {
        format!("{scheme}://{rest}")
    } else if to.starts_with('/') {
        format!("{scheme}://{host}{to}")
    } else {
        let folder = path.rfind('/').map_or("/", |at| &path[..=at]);
        format!("{scheme}://{host}{folder}{to}")
    };
    let (next, _) = whole.split_once("://")?;
    let is_secure = |scheme: &str| scheme.eq_ignore_ascii_case("https");
    let is_web = is_secure(next) || (next.eq_ignore_ascii_case("http") && !is_secure(scheme));
    let is_plain = whole.len() <= MOST_ADDRESS && !whole.contains(|c: char| c.is_whitespace() || c.is_control());
    let goes_in = is_inside(&name_of(&whole)?) && !is_inside(&name_of(from)?);
    (is_web && is_plain && !goes_in).then_some(whole)
}

/// The name of the server of an address, without its port.
fn name_of(address: &str) -> Option<String> {
    let (_, rest) = address.split_once("://")?;
    let host = rest.split(['/', '?', '#', '\\']).next()?;
    let host = host.rsplit('@').next()?;
    let name = match host.strip_prefix('[') {
        Some(rest) => rest.split(']').next()?,
        None => host.split(':').next()?,
    };
    Some(name.trim_end_matches('.').to_ascii_lowercase()).filter(|name| !name.is_empty())
}

/// Whether a name is that of this machine or of one in the house, as far as it tells.
fn is_inside(name: &str) -> bool {
    let of_four = |v4: Ipv4Addr| v4.is_loopback() || v4.is_private() || v4.is_link_local() || v4.is_unspecified();
    match name.parse::<IpAddr>() {
        Ok(IpAddr::V4(v4)) => of_four(v4),
        Ok(IpAddr::V6(v6)) => {
            let mapped = v6.to_ipv4_mapped().is_some_and(of_four);
            mapped || v6.is_loopback() || v6.is_unspecified() || v6.is_unique_local() || v6.is_unicast_link_local()
        }
        Err(_) => {
            // `127.1` and `0x7f000001` are numbers of machines, too, and a name without a dot is one of the house.
            let last = name.rsplit('.').next().unwrap_or_default();
            let is_number = last.starts_with(|c: char| c.is_ascii_digit());
            is_number || last == name || matches!(last, "localhost" | "local" | "lan" | "internal")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn servers_send_on_within_the_web_and_not_into_the_house() {
        let from = "https://a.example/tiles/1/2/3.png?k=1";
        for (to, expected) in [
            ("https://b.example/x.png", Some("https://b.example/x.png")),
            ("//b.example/x.png", Some("https://b.example/x.png")),
            ("/x.png", Some("https://a.example/x.png")),
            ("4.png", Some("https://a.example/tiles/1/2/4.png")),
            ("http://a.example/x.png", None),
            ("file:///etc/passwd", None),
            ("https://127.0.0.1/x", None),
            ("https://user@localhost:80/x", None),
            ("https://192.168.1.1/x", None),
            ("https://[::1]/x", None),
            ("https://[::ffff:10.0.0.1]/x", None),
            ("https://2130706433/x", None),
            ("https://0x7f.1/x", None),
            ("https://router/x", None),
            ("https://b.example/a b", None),
        ] {
            assert_eq!(redirected(from, to).as_deref(), expected, "{to}");
        }
        // Servers of the house send on within it.
        assert_eq!(redirected("http://10.1.1.1/a/b", "http://10.1.1.2/c").as_deref(), Some("http://10.1.1.2/c"));
        assert_eq!(redirected("http://10.1.1.1", "b").as_deref(), Some("http://10.1.1.1/b"));
    }
}
