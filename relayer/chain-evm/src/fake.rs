//! Endpoints under the control of a test, as this adapter asks them.

use crate::rpc::Rpc;
pub(crate) use endpoints::testing::{Fake, limits};

/// JSON-RPC over `fake`.
pub(crate) async fn rpc(fake: &Fake) -> Rpc {
    Rpc(endpoints::testing::endpoint(fake).await)
}
