//! The messages that open a connection.

use crate::handshake::{Draft, End};
use crate::ibc::{RawHeight, any};
use crate::ibc_connection::{
    ACK, CONFIRM, ConnectionEnd, Counterparty, MsgAck, MsgConfirm, MsgTry, Prefix, TRY, Version,
};
use crate::link::{Link, Target};
use crate::shown::Shown;
use cosmrs::Any;
use prost::Message;
use tendermint_client::STORE_DEFAULT;

/// The one version of connections that there is, and what it carries.
pub(crate) const VERSION: &str = "1";
pub(crate) const FEATURES: [&str; 2] = ["ORDER_ORDERED", "ORDER_UNORDERED"];

/// Proofs of an end, of the client that it believes, and of a state that this client believes.
pub(crate) struct Proofs {
    pub(crate) height: RawHeight,
    pub(crate) shown: [Shown; 3],
    pub(crate) consensus_height: RawHeight,
}

impl Proofs {
    fn client_state(&self) -> Option<Any> {
        Any::decode(self.shown[1].value.as_slice()).ok()
    }

    pub(crate) fn open_try(self, link: &Link<'_>, on: usize, source: &End<ConnectionEnd>) -> Draft {
        let message = MsgTry {
            client_id: link.sides[on].client.to_string(),
            client_state: self.client_state(),
            counterparty: Some(counterparty(link, 1 - on, &source.id)),
            delay_period: source.raw.delay_period,
            counterparty_versions: source.raw.versions.clone(),
            proof_height: Some(self.height),
            consensus_height: Some(self.consensus_height),
            proof_init: self.shown[0].proof.clone(),
            proof_client: self.shown[1].proof.clone(),
            proof_consensus: self.shown[2].proof.clone(),
            signer: String::new(),
        };
        Box::new(move |signer| {
            let signer = signer.to_owned();
            any(
                TRY,
                &MsgTry {
                    signer,
                    ..message.clone()
                },
            )
        })
    }

    pub(crate) fn open_ack(self, own: String, source: &End<ConnectionEnd>) -> Draft {
        let message = MsgAck {
            connection_id: own,
            counterparty_connection_id: source.id.clone(),
            version: source.raw.versions.first().cloned(),
            client_state: self.client_state(),
            proof_height: Some(self.height),
            consensus_height: Some(self.consensus_height),
            proof_try: self.shown[0].proof.clone(),
            proof_client: self.shown[1].proof.clone(),
            proof_consensus: self.shown[2].proof.clone(),
            signer: String::new(),
        };
        Box::new(move |signer| {
            let signer = signer.to_owned();
            any(
                ACK,
                &MsgAck {
                    signer,
                    ..message.clone()
                },
            )
        })
    }
}

pub(crate) fn confirm(own: String, end: Shown, target: &Target) -> Draft {
    let height = RawHeight::from(target.height);
    Box::new(move |signer| {
        let message = MsgConfirm {
            connection_id: own.clone(),
            proof_ack: end.proof.clone(),
            proof_height: Some(height),
            signer: signer.to_owned(),
        };
        any(CONFIRM, &message)
    })
}

/// The one version that there is.
pub(crate) fn version() -> Version {
    Version {
        identifier: VERSION.to_owned(),
        features: FEATURES.map(str::to_owned).to_vec(),
    }
}

/// How an end names the other one, which is on the chain `side`.
pub(crate) fn counterparty(link: &Link<'_>, side: usize, connection: &str) -> Counterparty {
    Counterparty {
        client_id: link.sides[side].client.to_string(),
        connection_id: connection.to_owned(),
        prefix: Some(Prefix {
            key_prefix: STORE_DEFAULT.to_vec(),
        }),
    }
}
