//! What is remembered of a bounded number of things: of those that were put last.
//!
//! It must never forget all of them at once: who needs several looks to learn a thing would begin anew for ever.

use alloc::collections::BTreeMap;

/// Values by their keys, those that were put last.
#[derive(Debug)]
pub struct Recent<K, V> {
    kept: BTreeMap<K, (u64, V)>,
    puts: u64,
    most: usize,
}

impl<K: Ord + Clone, V> Recent<K, V> {
    /// Remembers nothing yet, and never more than `most`.
    #[must_use]
    pub const fn new(most: usize) -> Self {
        Self {
            kept: BTreeMap::new(),
            puts: 0,
            most,
        }
    }

    /// What is remembered of `key`.
    pub fn get_mut(&mut self, key: &K) -> Option<&mut V> {
        self.kept.get_mut(key).map(|(_, value)| value)
    }

    /// Remembers `value`; what was put the longest time ago makes room for it.
    pub fn put(&mut self, key: K, value: V) {
        self.puts = self.puts.saturating_add(1);
        self.kept.insert(key, (self.puts, value));
        if self.kept.len() > self.most {
            let oldest = self.kept.iter().min_by_key(|(_, (put, _))| *put);
            if let Some(key) = oldest.map(|(key, _)| key.clone()) {
                self.kept.remove(&key);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_put_the_longest_time_ago_makes_room_and_nothing_else() {
        let mut recent = Recent::new(2);
        recent.put("one", 1);
        recent.put("two", 2);
        recent.put("one", 10);
        recent.put("three", 3);
        assert_eq!(recent.get_mut(&"two"), None);
        assert_eq!(recent.get_mut(&"one"), Some(&mut 10));
        assert_eq!(recent.get_mut(&"three"), Some(&mut 3));
        assert_eq!(recent.kept.len(), 2);
    }
}
