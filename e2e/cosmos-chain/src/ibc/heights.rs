//! `ConsensusStateHeights`: the heights whose states a client keeps, in the order of the store's keys, which is that of text: 10
//! stands before 9.

use prost::Message;
use tendermint_client::testing::ibc::Height;

use super::pages::{PageRequest, PageResponse, cut};
use super::{STORE, clients};
use crate::app::context::Context;
use crate::app::refused::Answer;

/// `ibc.core.client.v1.QueryConsensusStateHeightsRequest`.
#[derive(Clone, PartialEq, Message)]
pub(super) struct Request {
    #[prost(string, tag = "1")]
    client_id: String,
    #[prost(message, optional, tag = "2")]
    pagination: Option<PageRequest>,
}

/// `ibc.core.client.v1.QueryConsensusStateHeightsResponse`.
#[derive(Clone, PartialEq, Message)]
struct Response {
    #[prost(message, repeated, tag = "1")]
    heights: Vec<Height>,
    #[prost(message, optional, tag = "2")]
    pagination: Option<PageResponse>,
}

pub(super) fn answer(context: &Context<'_>, request: Request) -> Answer<Vec<u8>> {
    let all = kept(context, &request.client_id);
    let (heights, pagination) = cut(&all, request.pagination)?;
    Ok(Response { heights, pagination }.encode_to_vec())
}

/// All heights that a client keeps a state of, each behind what distinguishes its key.
fn kept(context: &Context<'_>, client: &str) -> Vec<(Vec<u8>, Height)> {
    let prefix = clients::key(client, "consensusStates/");
    let entries = context.stores.get(STORE).map(|store| store.entries());
    let keys = entries.into_iter().flatten().map(|(key, _)| key);
    keys.filter_map(|key| {
        let rest = key.strip_prefix(prefix.as_slice())?;
        // What else is noted about a state lies behind another slash.
        let (revision, height) = core::str::from_utf8(rest).ok()?.split_once('-')?;
        let height = Height {
            revision_number: revision.parse().ok()?,
            revision_height: height.parse().ok()?,
        };
        Some((rest.to_vec(), height))
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::context::Moment;
    use crate::app::{Rules, fresh_stores};

    #[test]
    fn all_heights_of_one_client_are_told_in_the_order_of_text() {
        let rules = Rules::for_tests();
        let mut context = Context::new(&rules, fresh_stores(), 1, Moment::default());
        let kept = [("a-0", 9), ("a-0", 10), ("a-0", 11), ("a-0", 100), ("a-01", 12)];
        for (client, at) in kept {
            let height = Height {
                revision_number: 1,
                revision_height: at,
            };
            let key = clients::consensus_key(client, height);
            context.set(STORE, &key, b"state").unwrap();
            let beside = [&key, b"/processedTime".as_slice()].concat();
            context.set(STORE, &beside, b"when").unwrap();
        }
        let asked = Request {
            client_id: "a-0".into(),
            pagination: None,
        };
        let told = Response::decode(answer(&context, asked).unwrap().as_slice()).unwrap();
        let heights: Vec<u64> = told.heights.iter().map(|one| one.revision_height).collect();
        assert_eq!(heights, [10, 100, 11, 9]);
    }
}
