//! Tiles of a server, fetched by threads of their own.
//!
//! Whoever asks for a tile gets what is at hand and is called when it has come. The last that was asked for is fetched first:
//! it is what is looked at. Answers are bounded in time and size, and are kept in memory only, within bounds. A server that is
//! down is left alone for a while. When the last one that asks is gone, the threads end.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use rustc_hash::{FxHashMap, FxHashSet};
use ureq::tls::{RootCerts, TlsConfig, TlsProvider};

use super::address::Address;
use super::cache::{Cache, Key};
use super::tile::{self, Pyramid};
use super::{Asking, Block, Found, KEPT_BYTES};
use crate::text::Message;

/// Threads that ask at once: no more than a polite browser's.
const THREADS: usize = 4;
/// The whole of an answer, from the name of the server to its last byte.
const PATIENCE: Duration = Duration::from_secs(12);
/// Bytes of a tile.
const MOST_BYTES: u64 = 4 << 20;
/// Tiles that wait; the oldest are forgotten.
const MOST_ASKED: usize = 256;
/// Answers that failed one after the other before a server is left alone, and for how long.
const MOST_FAILURES: u32 = 6;
const LEFT_ALONE: Duration = Duration::from_secs(20);

/// A server that is asked for tiles.
pub(super) struct Server {
    shared: Arc<Shared>,
}

struct Shared {
    address: Address,
    pyramid: Pyramid,
    asking: Asking,
    agent: ureq::Agent,
    state: Mutex<State>,
    news: Condvar,
    arrivals: AtomicU64,
}

struct State {
    kept: Cache<Option<Arc<Block>>>,
    asked: Vec<Key>,
    at_work: FxHashSet<Key>,
    failed: FxHashMap<Key, Instant>,
    failures: u32,
    last_failure: Option<Instant>,
    fault: Option<String>,
    threads: usize,
    has_ended: bool,
}

impl Server {
    pub(super) fn new(address: Address, asking: Asking) -> Self {
        // Certificates are those that the system trusts: offices have some of their own.
        let tls = TlsConfig::builder()
            .provider(TlsProvider::Rustls)
            .root_certs(RootCerts::PlatformVerifier)
            .unversioned_rustls_crypto_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .build();
        let mut config = ureq::Agent::config_builder()
            .timeout_global(Some(PATIENCE))
            .max_redirects(2)
            .user_agent(concat!("tuban/", env!("CARGO_PKG_VERSION")))
            .tls_config(tls);
        if address.is_here() {
            // No proxy stands between the machine and itself.
            config = config.proxy(None);
        }
        let config = config.build();
        let state = State {
            kept: Cache::new(KEPT_BYTES),
            asked: Vec::new(),
            at_work: FxHashSet::default(),
            failed: FxHashMap::default(),
            failures: 0,
            last_failure: None,
            fault: None,
            threads: 0,
            has_ended: false,
        };
        let shared = Shared {
            pyramid: address.pyramid(),
            address,
            asking,
            agent: ureq::Agent::new_with_config(config),
            state: Mutex::new(state),
            news: Condvar::new(),
            arrivals: AtomicU64::new(0),
        };
        Self { shared: Arc::new(shared) }
    }

    /// A tile that is at hand.
    pub(super) fn at_hand(&self, key: &Key) -> Option<Arc<Block>> {
        self.shared.lock().kept.get(key).flatten()
    }

    /// Counts the answers.
    pub(super) fn arrival_count(&self) -> u64 {
        self.shared.arrivals.load(Ordering::Relaxed)
    }

    /// Why there is nothing, where the last answers failed.
    pub(super) fn fault(&self) -> Option<Message> {
        let state = self.shared.lock();
        let error = state.fault.as_ref()?;
        Some(Message::new("underlay.server-fault").with("host", self.shared.address.host()).with("error", error))
    }

    /// A tile; asked for where it is not at hand, and waited for as long as `patience`.
    pub(super) fn block(&self, key: Key, patience: Duration) -> Found {
        if !self.shared.asking.allowed {
            return Found::Nothing;
        }
        let deadline = Instant::now() + patience;
        let mut state = self.shared.lock();
        loop {
            if let Some(known) = state.kept.get(&key) {
                return known.map_or(Found::Nothing, Found::Block);
            }
            let is_recent = |at: &Instant| at.elapsed() < LEFT_ALONE;
            let is_left_alone = state.failures >= MOST_FAILURES && state.last_failure.as_ref().is_some_and(is_recent);
            if is_left_alone || state.failed.get(&key).is_some_and(is_recent) {
                return Found::Nothing;
            }
            state.failed.remove(&key);
            if !state.at_work.contains(&key) {
                // What is looked at comes to the top.
                state.asked.retain(|asked| *asked != key);
                state.asked.push(key);
                if state.asked.len() > MOST_ASKED {
                    state.asked.remove(0);
                }
            }
            self.start(&mut state);
            self.shared.news.notify_all();
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Found::Awaited;
            }
            let waited = self.shared.news.wait_timeout(state, left);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// Starts threads where there are too few.
    fn start(&self, state: &mut State) {
        let wanted = THREADS.min(state.asked.len() + state.at_work.len());
        while state.threads < wanted {
            let shared = self.shared.clone();
            let started = std::thread::Builder::new().name("tiles".into()).spawn(move || shared.work());
            if started.is_err() {
                // No thread is to be had now; the next who asks tries again.
                return;
            }
            state.threads += 1;
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let mut state = self.shared.lock();
        state.has_ended = true;
        state.asked.clear();
        drop(state);
        self.shared.news.notify_all();
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Fetches what is asked for until nobody asks any more.
    fn work(&self) {
        loop {
            let mut state = self.lock();
            let key = loop {
                if state.has_ended {
                    state.threads -= 1;
                    return;
                }
                if let Some(key) = state.asked.pop() {
                    break key;
                }
                state = self.news.wait(state).unwrap_or_else(PoisonError::into_inner);
            };
            state.at_work.insert(key);
            drop(state);
            let answer = self.fetch(key);
            let mut state = self.lock();
            state.at_work.remove(&key);
            match answer {
                Ok(block) => {
                    let byte_count = block.as_ref().map_or(64, |block| block.rgba.len());
                    state.kept.put(key, block.map(Arc::new), byte_count);
                    (state.failures, state.fault) = (0, None);
                }
                Err(error) => {
                    state.failures += 1;
                    state.last_failure = Some(Instant::now());
                    state.fault = Some(error);
                    if state.failed.len() > 4 * MOST_ASKED {
                        state.failed.clear();
                    }
                    state.failed.insert(key, Instant::now());
                }
            }
            self.arrivals.fetch_add(1, Ordering::Relaxed);
            let has_ended = state.has_ended;
            drop(state);
            self.news.notify_all();
            if let Some(wake) = self.asking.wake.as_ref().filter(|_| !has_ended) {
                wake();
            }
        }
    }

    /// A tile of the server; `None` where it has none there.
    fn fetch(&self, [level, column, row]: Key) -> Result<Option<Block>, String> {
        let address = self.address.of_tile(self.pyramid.zoom(level), column, row, &self.asking.key);
        // What is said of an address is said without the key.
        let said = |error: ureq::Error| {
            let text = error.to_string();
            if self.asking.key.is_empty() { text } else { text.replace(&self.asking.key, "…") }
        };
        let bytes = match self.agent.get(&address).call() {
            Ok(mut answer) => answer.body_mut().with_config().limit(MOST_BYTES).read_to_vec().map_err(said)?,
            Err(ureq::Error::StatusCode(404 | 410)) => return Ok(None),
            Err(error) => return Err(said(error)),
        };
        if bytes.is_empty() {
            return Ok(None);
        }
        tile::block_of(&bytes).map(Some)
    }
}
