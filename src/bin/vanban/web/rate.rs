//! How often one address may ask: a bucket for each that fills evenly and overflows.

use std::collections::HashMap;
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::Mutex;
use std::time::{Duration, Instant};

/// Seconds' worth of requests that may come at once.
const BURST: f64 = 5.0;
/// Addresses remembered before those that have rested long enough are forgotten.
const MOST_ADDRESSES: usize = 20_000;

/// Requests a second and address.
#[derive(Debug)]
pub(super) struct Rate {
    each_second: f64,
    buckets: Mutex<HashMap<IpAddr, Bucket>>,
}

#[derive(Clone, Copy, Debug)]
struct Bucket {
    left: f64,
    at: Instant,
}

impl Rate {
    pub(super) fn new(each_second: NonZeroU32) -> Rate {
        Rate { each_second: f64::from(each_second.get()), buckets: Mutex::default() }
    }

    /// Counts a request; the seconds to wait, where it is one too many.
    pub(super) fn refuses(&self, address: IpAddr, now: Instant) -> Option<u64> {
        let full = self.each_second * BURST;
        let mut buckets = self.buckets.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        if buckets.len() >= MOST_ADDRESSES {
            // By then their buckets are full again, so that nothing is lost.
            let rested = Duration::from_secs_f64(BURST);
            buckets.retain(|_, bucket| now.duration_since(bucket.at) < rested);
            if buckets.len() >= MOST_ADDRESSES {
                buckets.clear();
            }
        }
        let bucket = buckets.entry(address).or_insert(Bucket { left: full, at: now });
        let filled = now.duration_since(bucket.at).as_secs_f64() * self.each_second;
        *bucket = Bucket { left: (bucket.left + filled).min(full), at: now };
        if bucket.left >= 1.0 {
            bucket.left -= 1.0;
            return None;
        }
        Some(((1.0 - bucket.left) / self.each_second).ceil().max(1.0) as u64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::Ipv4Addr;

    #[test]
    fn a_bucket_empties_fills_and_is_each_address_own() {
        let rate = Rate::new(NonZeroU32::new(2).unwrap());
        let (one, other) = (IpAddr::from(Ipv4Addr::new(10, 0, 0, 1)), IpAddr::from(Ipv4Addr::new(10, 0, 0, 2)));
        let start = Instant::now();
        let allowed = (0..20).filter(|_| rate.refuses(one, start).is_none()).count();
        assert_eq!(allowed, 10);
        assert_eq!(rate.refuses(one, start), Some(1));
        assert_eq!(rate.refuses(other, start), None);
        assert_eq!(rate.refuses(one, start + Duration::from_secs(1)), None);
    }
}
