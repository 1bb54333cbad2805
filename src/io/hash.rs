//! A 64-bit hash of a file's bytes, for provenance: the same on every platform and in every release.
//!
//! The algorithm is XXH64 with seed 0 (Y. Collet, specification of xxHash, 2023): four lanes of eight bytes, so that it
//! costs a fraction of reading. It tells versions of a file apart; it does not resist forgery.

const P1: u64 = 0x9E37_79B1_85EB_CA87;
const P2: u64 = 0xC2B2_AE3D_27D4_EB4F;
const P3: u64 = 0x1656_67B1_9E37_79F9;
const P4: u64 = 0x85EB_CA77_C2B2_AE63;
const P5: u64 = 0x27D4_EB2F_1656_67C5;

/// The hash of `bytes` as 16 hexadecimal digits.
pub fn hash_hex(bytes: &[u8]) -> String {
    let mut hash = FileHash::new();
    hash.add(bytes);
    hash.hex()
}

/// Hashes bytes as they come.
#[derive(Clone, Debug)]
pub(super) struct FileHash {
    lanes: [u64; 4],
    byte_count: u64,
    open: Vec<u8>,
}

impl FileHash {
    pub(super) fn new() -> Self {
        Self { lanes: [P1.wrapping_add(P2), P2, 0, P1.wrapping_neg()], byte_count: 0, open: Vec::with_capacity(32) }
    }

    /// Bytes hashed so far.
    pub(super) fn byte_count(&self) -> u64 {
        self.byte_count
    }

    pub(super) fn add(&mut self, mut bytes: &[u8]) {
        self.byte_count += bytes.len() as u64;
        if !self.open.is_empty() {
            let (now, later) = bytes.split_at(bytes.len().min(32 - self.open.len()));
            self.open.extend_from_slice(now);
            bytes = later;
            if self.open.len() == 32 {
                let stripe = std::mem::take(&mut self.open);
                self.stripe(&stripe);
            }
        }
        let mut stripes = bytes.chunks_exact(32);
        for stripe in &mut stripes {
            self.stripe(stripe);
        }
        self.open.extend_from_slice(stripes.remainder());
    }

    #[inline]
    fn stripe(&mut self, stripe: &[u8]) {
        for (lane, word) in self.lanes.iter_mut().zip(stripe.as_chunks::<8>().0) {
            *lane = round(*lane, u64::from_le_bytes(*word));
        }
    }

    /// The hash of all bytes as 16 hexadecimal digits.
    pub(super) fn hex(&self) -> String {
        format!("{:016x}", self.value())
    }

    /// The hash of all bytes.
    pub(super) fn value(&self) -> u64 {
        let [a, b, c, d] = self.lanes;
        let mut h = if self.byte_count >= 32 {
            let mixed = a
                .rotate_left(1)
                .wrapping_add(b.rotate_left(7))
                .wrapping_add(c.rotate_left(12))
                .wrapping_add(d.rotate_left(18));
            self.lanes.iter().fold(mixed, |h, lane| (h ^ round(0, *lane)).wrapping_mul(P1).wrapping_add(P4))
        } else {
            P5
        };
        h = h.wrapping_add(self.byte_count);
        let (words, rest) = self.open.as_chunks::<8>();
        for word in words {
            h = (h ^ round(0, u64::from_le_bytes(*word))).rotate_left(27).wrapping_mul(P1).wrapping_add(P4);
        }
        let (halves, rest) = rest.as_chunks::<4>();
        for half in halves {
            let half = u64::from(u32::from_le_bytes(*half));
            h = (h ^ half.wrapping_mul(P1)).rotate_left(23).wrapping_mul(P2).wrapping_add(P3);
        }
        for byte in rest {
            h = (h ^ u64::from(*byte).wrapping_mul(P5)).rotate_left(11).wrapping_mul(P1);
        }
        h = (h ^ (h >> 33)).wrapping_mul(P2);
        h = (h ^ (h >> 29)).wrapping_mul(P3);
        h ^ (h >> 32)
    }
}

#[inline]
fn round(lane: u64, word: u64) -> u64 {
    lane.wrapping_add(word.wrapping_mul(P2)).rotate_left(31).wrapping_mul(P1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_hashes() {
        let check = |bytes: &[u8], expected: &str| {
            let mut hash = FileHash::new();
            hash.add(bytes);
            assert_eq!(hash.hex(), expected);
        };
        check(b"", "ef46db3751d8e999");
        check(b"abc", "44bc2cf5ad770999");
        check(b"Nobody inspects the spammish repetition", "fbcea83c8a378bf1");
    }

    #[test]
    fn pieces_do_not_matter() {
        let bytes: Vec<u8> = (0..1000_u32).map(|i| (i * 7 % 251) as u8).collect();
        let mut whole = FileHash::new();
        whole.add(&bytes);
        for size in [1, 3, 31, 32, 33, 64, 999] {
            let mut hash = FileHash::new();
            bytes.chunks(size).for_each(|piece| hash.add(piece));
            assert_eq!(hash.hex(), whole.hex(), "pieces of {size}");
        }
    }
}
