//! What a block did: the one answer that nobody can ask for in parts, and that grows with what anybody puts into a block.
//!
//! With the limits of all other requests a block could be there that is never read, and nothing behind it. So it may take longer,
//! and where it is too long, it is read once more with more room. That happens to one at a time: a node that lies shall not make
//! many of them fill the memory at once.
//!
//! What this module must never do: read without a limit.

use crate::answers::Results;
use crate::refusal::Refusal;
use crate::rpc::{Answered, Rpc, check_height, text};
use endpoints::{Complaint, Defect};
use serde::de::DeserializeOwned;
use serde_json::json;
use tokio::sync::Semaphore;

const METHOD: &str = "block_results";
/// How many times longer it may take. With the default it is less than the minute that the machine waits for an answer.
const TIME: u64 = 4;
/// How many times more bytes it may have.
const ROOM: usize = 8;
/// Answers that are read with more room at the same time.
static ROOMS: Semaphore = Semaphore::const_new(1);

impl Rpc {
    /// What executing the block of `height` did.
    ///
    /// - `E`: what is read of an event.
    pub(crate) async fn results<E: DeserializeOwned>(&self, height: u64) -> Answered<Results<E>> {
        let mut rpc = self.clone();
        let limits = &mut rpc.0.limits;
        limits.request_ms = limits.request_ms.saturating_mul(TIME);
        let answered = match rpc.results_within(height).await {
            Err(Complaint::Endpoint(Defect::TooLong, _)) => {
                // It is closed by nobody.
                let _room = ROOMS.acquire().await;
                let limits = &mut rpc.0.limits;
                limits.body_bytes = limits.body_bytes.saturating_mul(ROOM);
                rpc.results_within(height).await
            }
            answered => answered,
        };
        answered.map_err(|complaint| rpc.of_block(height, complaint))
    }

    async fn results_within<E: DeserializeOwned>(&self, height: u64) -> Answered<Results<E>> {
        let asked = json!({ "height": text(height) });
        let found: Result<Results<E>, Refusal> = self.ask(METHOD, asked).await?;
        if let Ok(results) = &found {
            check_height(height, results.height)?;
        }
        Ok(found)
    }

    /// The complaint with what an operator has to know of it.
    fn of_block(&self, height: u64, complaint: Complaint) -> Complaint {
        let limits = self.0.limits;
        match complaint {
            Complaint::Endpoint(Defect::TooLong, text) => Complaint::Endpoint(
                Defect::TooLong,
                format!(
                    "{METHOD} of block {height}: {text}, {ROOM} times body_bytes_max of [http]; raise that to read on"
                ),
            ),
            Complaint::Endpoint(Defect::Unreachable, text) => Complaint::Endpoint(
                Defect::Unreachable,
                format!(
                    "{METHOD} of block {height}: {text}; it may take {} ms, {TIME} times request_ms of [http]: if it times out each \
                     time, raise that",
                    limits.request_ms
                ),
            ),
            other => other,
        }
    }
}

#[cfg(test)]
#[path = "large_tests.rs"]
mod tests;
