//! Pages of long answers, cut as the SDK cuts them.

use prost::Message;

use crate::app::refused::{Answer, sdk};

/// Entries on a page where nobody says how many.
const LIMIT: u64 = 100;

/// `cosmos.base.query.v1beta1.PageRequest`.
#[derive(Clone, PartialEq, Message)]
pub(super) struct PageRequest {
    #[prost(bytes = "vec", tag = "1")]
    pub(super) key: Vec<u8>,
    #[prost(uint64, tag = "2")]
    pub(super) offset: u64,
    #[prost(uint64, tag = "3")]
    pub(super) limit: u64,
    #[prost(bool, tag = "4")]
    pub(super) count_total: bool,
    #[prost(bool, tag = "5")]
    pub(super) reverse: bool,
}

/// `cosmos.base.query.v1beta1.PageResponse`.
#[derive(Clone, PartialEq, Eq, Message)]
pub(super) struct PageResponse {
    #[prost(bytes = "vec", tag = "1")]
    pub(super) next_key: Vec<u8>,
    #[prost(uint64, tag = "2")]
    pub(super) total: u64,
}

/// The entries on a page, and what is said of those that are not.
///
/// - `all`: every entry behind its key, in the order of keys.
pub(super) fn cut<T: Clone>(
    all: &[(Vec<u8>, T)],
    page: Option<PageRequest>,
) -> Answer<(Vec<T>, Option<PageResponse>)> {
    let page = page.unwrap_or_default();
    if page.offset > 0 && !page.key.is_empty() {
        let why = "invalid request, either offset or key is expected, got both";
        return Err(sdk::INVALID_REQUEST.because(why));
    }
    if page.reverse {
        return Err(sdk::INVALID_REQUEST.because("this chain turns no pages backwards"));
    }
    let (limit, counts) = match page.limit {
        0 => (LIMIT, true),
        limit => (limit, page.count_total),
    };
    let size = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
    let before = all.iter().take_while(|(key, _)| *key < page.key).count();
    let mut rest = all.iter().skip(before.saturating_add(size(page.offset)));
    let entries = rest.by_ref().take(size(limit)).map(|(_, entry)| entry.clone());
    let entries = entries.collect();
    // Whoever goes on from a key is told no total.
    let counts = counts && page.key.is_empty();
    let response = PageResponse {
        next_key: rest.next().map(|(key, _)| key.clone()).unwrap_or_default(),
        total: if counts { all.len() as u64 } else { 0 },
    };
    Ok((entries, Some(response)))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is cut of four entries.
    fn asked(page: Option<PageRequest>) -> Answer<(Vec<char>, PageResponse)> {
        let all: Vec<_> = ('a'..='d').map(|entry| (vec![entry as u8], entry)).collect();
        cut(&all, page).map(|(entries, told)| (entries, told.unwrap()))
    }

    fn page(key: &[u8], offset: u64, limit: u64) -> Option<PageRequest> {
        Some(PageRequest {
            key: key.to_vec(),
            offset,
            limit,
            ..PageRequest::default()
        })
    }

    #[test]
    fn whoever_asks_for_no_page_gets_all_and_their_number() {
        let (entries, told) = asked(None).unwrap();
        assert_eq!((entries, told.total), (vec!['a', 'b', 'c', 'd'], 4));
        assert!(told.next_key.is_empty());
    }

    #[test]
    fn pages_join_without_gap_or_repetition() {
        let (first, told) = asked(page(b"", 0, 3)).unwrap();
        assert_eq!((first, told.total), (vec!['a', 'b', 'c'], 0));
        let (last, told) = asked(page(&told.next_key, 0, 3)).unwrap();
        assert_eq!((last, told.next_key), (vec!['d'], vec![]));
        assert_eq!(asked(page(b"", 2, 1)).unwrap().0, ['c']);
        assert!(asked(page(b"", u64::MAX, 1)).unwrap().0.is_empty());
        assert!(asked(page(b"e", 0, u64::MAX)).unwrap().0.is_empty());
    }

    #[test]
    fn pages_that_contradict_themselves_are_refused() {
        assert!(asked(page(b"a", 1, 1)).is_err());
        let backwards = PageRequest {
            reverse: true,
            ..PageRequest::default()
        };
        assert!(asked(Some(backwards)).is_err());
    }
}
