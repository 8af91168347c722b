//! Answers that come in pages, read to their end.

use crate::cosmos::Cosmos;
use crate::ibc::client::{PageRequest, PageResponse};
use crate::lacking::had;
use crate::rpc::Rpc;
use crate::views::decoded;
use endpoints::Complaint;
use prost::Message;

/// A query whose answer comes in pages.
pub(crate) trait Paged {
    /// Path of the query.
    const QUERY: &'static str;
    /// Things in a page.
    const PAGE: u64;
    /// Pages that are read at most.
    const PAGES_MAX: usize;
    /// A page.
    type Answer: Message + Default;
    /// What pages are lists of.
    type Item;

    /// The request for a page.
    fn request(&self, page: PageRequest) -> Vec<u8>;

    /// What is in a page, and where the next one begins.
    fn items(answer: Self::Answer) -> (Vec<Self::Item>, Option<PageResponse>);
}

/// What was read.
pub(crate) struct Pages<T> {
    pub(crate) items: Vec<T>,
    /// Whether there are no others.
    pub(crate) are_all: bool,
}

/// What a node answers, up to the most pages that are read.
///
/// - `block`: after which block; none = the newest state, which may change between two pages.
pub(crate) async fn pages<Q: Paged>(
    rpc: &Rpc,
    chain: &Cosmos,
    query: &Q,
    block: Option<u64>,
) -> Result<Pages<Q::Item>, Complaint> {
    let (mut items, mut key) = (Vec::new(), Vec::new());
    for _ in 0..Q::PAGES_MAX {
        let limit = Q::PAGE;
        let request = query.request(PageRequest { key, limit });
        let answered = rpc.query(Q::QUERY, &request, block).await;
        let answer = match block {
            Some(block) => had(rpc, answered, Q::QUERY, chain.at(block)).await?,
            None => answered?.map_err(|refusal| refusal.into_complaint(Q::QUERY))?,
        };
        let (page, next) = Q::items(decoded(Q::QUERY, &answer.value)?);
        items.extend(page);
        key = next.unwrap_or_default().next_key;
        if key.is_empty() {
            let are_all = true;
            return Ok(Pages { items, are_all });
        }
    }
    let are_all = false;
    Ok(Pages { items, are_all })
}
