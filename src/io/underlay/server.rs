//! Tiles of a server, fetched by threads of their own.
//!
//! Whoever asks for a tile gets what is at hand and is called when it has come. The last that was asked for is fetched first:
//! it is what is looked at. Answers are bounded in time and size, and are kept in memory, within bounds, and in the cache of
//! the project, where it has one ([`TileShelf`](crate::io::cache::TileShelf)): what lies there is not asked for again while it
//! is fresh, and shows where the server is down. A server that is down is left alone for a while. When the last one that
//! asks is gone, the threads end.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use rustc_hash::{FxHashMap, FxHashSet};

use super::address::Address;
use super::cache::{Cache, Key};
use super::tile::{self, Pyramid};
use super::{Asking, Block, Found, KEPT_BYTES, web};
use crate::io::hash::FileHash;
use crate::text::Message;

/// Threads that ask at once: no more than a polite browser's.
const THREADS: usize = 4;
/// Bytes of a tile.
const MOST_BYTES: u64 = 4 << 20;
/// Tiles that wait; the oldest are forgotten.
const MOST_ASKED: usize = 256;
/// Answers that failed one after the other before a server is left alone, and for how long.
const MOST_FAILURES: u32 = 6;
const LEFT_ALONE: Duration = Duration::from_secs(20);
/// How long a tile of the cache is fresh, and how long the word of a server that it has none.
const FRESH_SECONDS: u64 = 30 * 24 * 3600;
const NONE_SECONDS: u64 = 24 * 3600;

/// A server that is asked for tiles.
pub(super) struct Server {
    shared: Arc<Shared>,
}

struct Shared {
    address: Address,
    /// What its tiles are called by in the cache.
    number: u64,
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
        let mut number = FileHash::new();
        number.add(address.text().as_bytes());
        let shared = Shared {
            pyramid: address.pyramid(),
            number: number.value(),
            agent: web::agent(address.template()),
            address,
            asking,
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
            let is_failed = state.failed.get(&key).is_some_and(is_recent);
            if is_failed || (state.is_left_alone() && !self.shared.is_stored(key)) {
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

impl State {
    /// Whether the server failed too often to be asked now.
    fn is_left_alone(&self) -> bool {
        self.failures >= MOST_FAILURES && self.last_failure.is_some_and(|at| at.elapsed() < LEFT_ALONE)
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
            let is_left_alone = state.is_left_alone();
            drop(state);
            let answer = self.fetch(key, is_left_alone);
            let mut state = self.lock();
            state.at_work.remove(&key);
            match answer {
                Ok((block, is_of_server)) => {
                    let byte_count = block.as_ref().map_or(64, |block| block.rgba.len());
                    state.kept.put(key, block.map(Arc::new), byte_count);
                    if is_of_server {
                        (state.failures, state.fault) = (0, None);
                    }
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

    /// Whether the cache of the project has a tile.
    fn is_stored(&self, key: Key) -> bool {
        self.asking.shelf.get().is_some_and(|tiles| tiles.has(&self.stored_key(key)))
    }

    /// What a tile is called by in the cache: its level there is that of the server.
    fn stored_key(&self, [level, column, row]: Key) -> (u64, Key) {
        (self.number, [u32::from(self.pyramid.zoom(level)), column, row])
    }

    /// A tile, `None` where there is none there; and whether the server said so now, not the cache.
    fn fetch(&self, key: Key, is_left_alone: bool) -> Result<(Option<Block>, bool), String> {
        let shelf = self.asking.shelf.get();
        let stored = shelf.as_ref().and_then(|tiles| tiles.get(&self.stored_key(key)));
        // A clock before 1970 keeps tiles for ever.
        let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
        let lasts = |byte_count: usize| if byte_count == 0 { NONE_SECONDS } else { FRESH_SECONDS };
        let is_fresh = |since: u64, byte_count| now.saturating_sub(since) <= lasts(byte_count);
        if let Some(stored) = &stored
            && (is_left_alone || is_fresh(stored.seconds, stored.bytes.len()))
            && let Ok(block) = block_of(&stored.bytes)
        {
            return Ok((block, false));
        }
        let [level, column, row] = key;
        let address = self.address.of_tile(self.pyramid.zoom(level), column, row, &self.asking.key);
        let answer = web::get(&self.agent, &address, MOST_BYTES, &self.asking.key)
            .map(Option::unwrap_or_default)
            .and_then(|bytes| Ok((block_of(&bytes)?, bytes)));
        match answer {
            Ok((block, bytes)) => {
                if let Some(tiles) = shelf {
                    tiles.put(self.stored_key(key), &bytes, now);
                }
                Ok((block, true))
            }
            // What was there a while ago is better than nothing.
            Err(error) => match stored.map(|stored| block_of(&stored.bytes)) {
                Some(Ok(block)) => Ok((block, false)),
                _ => Err(error),
            },
        }
    }
}

/// The pixels of what a server said, `None` where it said nothing. What defeats a decoder is an error like others.
fn block_of(bytes: &[u8]) -> Result<Option<Block>, String> {
    if bytes.is_empty() {
        return Ok(None);
    }
    let decoded = std::panic::catch_unwind(|| tile::block_of(bytes));
    decoded.unwrap_or_else(|_| Err("panic of the decoder".to_owned())).map(Some)
}
