//! Sending: simulated unless a batch like it was, signed, handed over; a sequence that the node does not share is healed on the way
//! (`sequence`).
//!
//! A transaction has a timeout height from the start, and counts as under way before the node has it: when the hand-over
//! fails without an answer, nobody knows, and `fate` finds out. What a node refuses in so many words counts as not sent.
//!
//! What this module must never do: sign again what may still be included.

use crate::answers::Broadcast;
use crate::meter::Load;
use crate::price::{Price, fewer, with_margin};
use crate::refusal::{Refusal, Said};
use crate::rpc::{Answered, Rpc};
use crate::rules::Pay;
use crate::sequence::{Place, TRIES_MAX};
use crate::sign::{Bytes, Draft};
use crate::trouble::{Kind, Trouble};
use crate::wallet::Turn;
use cosmrs::Any;
use cosmrs::proto::cosmos::base::v1beta1::Coin;
use endpoints::Complaint;

/// What was tried, or why it did not work; the outer error is the endpoint's fault.
pub type Tried<T> = Result<Result<T, Trouble>, Complaint>;

/// By what a transaction is found again. To be kept on disk before the transaction is handed over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Flight {
    /// The hash of the transaction.
    pub hash: [u8; 32],
    /// The sequence that it names: of all transactions that do, at most one is ever included.
    pub sequence: u64,
    /// The newest block when it was signed: it is in none up to here.
    pub signed_at: u64,
    /// The last block that may hold it.
    pub timeout_height: u64,
}

/// A signed transaction.
#[derive(Clone, Debug, PartialEq)]
pub struct Signed {
    /// How it is found.
    pub flight: Flight,
    /// How many of the messages it holds, from the first one on.
    pub count: usize,
    /// The gas that it is allowed.
    pub gas: u64,
    /// What it pays, in the smallest unit of the coin.
    pub fee: u128,
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// Whether the node executed it for this; else one like it was, and what is wrong with a message shows later.
    pub is_simulated: bool,
}

/// What became of a hand-over.
#[derive(Debug)]
pub enum Handed {
    /// It is in the node's mempool.
    Taken,
    /// There was no answer: it may be there or not, and has to be found.
    Unclear(Complaint),
    /// The node expects another sequence, which is known now: it is to be signed again.
    Stale(Said),
    /// The node does not want it. It is not under way.
    Refused(Trouble),
}

impl Turn<'_> {
    /// Signs as many of the first of `messages` as fit into a transaction that the node would execute now.
    ///
    /// - `now`: the newest block that is known to exist, better not only by this node's word.
    pub async fn sign(&mut self, rpc: &Rpc, messages: &[Any], now: u64) -> Tried<Signed> {
        self.sign_like(rpc, messages, None, now).await
    }

    /// As [`Self::sign`], but the node is not asked to simulate what is like a batch that it simulated of late.
    ///
    /// - `load`: what the gas of all `messages` follows from.
    pub(crate) async fn sign_like(
        &mut self,
        rpc: &Rpc,
        messages: &[Any],
        load: Option<&Load>,
        now: u64,
    ) -> Tried<Signed> {
        self.book.settle(now);
        let mut count = match self.first_count(messages) {
            Ok(count) => count,
            Err(trouble) => return Ok(Err(trouble)),
        };
        let price = match self.price(rpc).await? {
            Ok(price) => price,
            Err(trouble) => return Ok(Err(trouble)),
        };
        let timeout_height = now.saturating_add(self.rules.timeout_blocks.max(1));
        let mut tries = 0;
        loop {
            let place = match self.place(rpc).await? {
                Ok(place) => place,
                Err(trouble) => return Ok(Err(trouble)),
            };
            let draft = self.draft(&messages[..count], place, timeout_height);
            let load = load.filter(|_| count == messages.len());
            let expected = load.and_then(|load| self.meter().expect(load, now));
            let used = match expected {
                Some(used) => Ok(used),
                None => self.simulate(rpc, &draft, load, price, now).await?,
            };
            match used {
                Ok(used) => match self.gas(used, count) {
                    Ok(gas) => {
                        let signed = self.finish(draft, gas, price, now);
                        return Ok(signed.map(|signed| Signed {
                            is_simulated: expected.is_none(),
                            ..signed
                        }));
                    }
                    Err(fewer) if fewer < count => count = fewer,
                    Err(_) => {
                        return Ok(Err(Trouble::Gas {
                            needed: used,
                            max: self.rules.gas_max,
                        }));
                    }
                },
                Err(Refusal::Application(said)) => {
                    if let Err(trouble) = self.heal(said, place.1, &mut tries) {
                        return Ok(Err(trouble));
                    }
                }
                Err(refusal) => return Ok(Err(Trouble::Node(refusal))),
            }
        }
    }

    /// The gas that a transaction uses when the node executes it for nothing.
    async fn simulate(
        &self,
        rpc: &Rpc,
        draft: &Draft<'_>,
        load: Option<&Load>,
        price: Price,
        now: u64,
    ) -> Answered<u64> {
        // One unit, because paying costs gas too.
        let trial = Draft {
            fee: self.coin(u128::from(price != Price(0))),
            ..*draft
        };
        let used = rpc.simulate(trial.unsigned(self.key)).await?;
        if let (Some(load), Ok(used)) = (load, &used) {
            let others = self.rules.simulate_every.saturating_sub(1);
            self.meter().simulated(load, *used, now, others);
        }
        Ok(used)
    }

    /// Hands a signed transaction to a node.
    ///
    /// It may be handed over again, to this node or another one, until its fate is known: what a node has against it then
    /// leaves open whether the first one has it.
    pub async fn hand_over(&mut self, rpc: &Rpc, signed: &Signed) -> Handed {
        let Flight { hash, sequence, .. } = signed.flight;
        let is_first = self.book.flew(signed.flight);
        let said = match rpc.broadcast(&signed.bytes).await {
            Ok(Ok(answer)) if answer.hash != hash => {
                return Handed::Unclear(Complaint::malformed(format!(
                    "handed over transaction {}, the node took {}",
                    hex::encode_upper(hash),
                    hex::encode_upper(answer.hash)
                )));
            }
            Ok(Ok(Broadcast { code: 0, .. })) | Ok(Err(Refusal::Known)) => return Handed::Taken,
            Ok(Ok(Broadcast {
                code, codespace, log, ..
            })) => Said { code, codespace, log },
            Ok(Err(Refusal::Full(text))) if is_first => {
                self.book.refused(sequence, hash);
                return Handed::Refused(Trouble::Full(text));
            }
            Ok(Err(Refusal::TooLarge(text))) if is_first => {
                self.book.refused(sequence, hash);
                return Handed::Refused(Trouble::TooLarge {
                    bytes: signed.bytes.len(),
                    text,
                });
            }
            Ok(Err(refusal)) => return Handed::Unclear(refusal.into_complaint("broadcast_tx_sync")),
            Err(complaint) => return Handed::Unclear(complaint),
        };
        if Kind::of(&said) == Kind::Known {
            return Handed::Taken;
        }
        if !is_first {
            let refusal = Refusal::Application(said);
            return Handed::Unclear(refusal.into_complaint("broadcast_tx_sync"));
        }
        self.book.refused(sequence, hash);
        match self.heal(said.clone(), sequence, &mut 0) {
            Ok(()) => Handed::Stale(said),
            Err(trouble) => Handed::Refused(trouble),
        }
    }

    /// Signs and hands over, again while the node expects another sequence. `keep` is called with each transaction before a
    /// node sees it.
    ///
    /// The second of the answer is what was wrong with the hand-over, when nobody knows whether the node has it.
    pub async fn send(
        &mut self,
        rpc: &Rpc,
        messages: &[Any],
        now: u64,
        mut keep: impl FnMut(&Signed),
    ) -> Tried<(Signed, Option<Complaint>)> {
        let keep = |signed: &Signed| {
            keep(signed);
            Ok(())
        };
        self.send_like(rpc, messages, None, now, keep).await
    }

    /// As [`Self::send`], with a first try that is not simulated where a batch like it was. When a node refuses that one, a simulation
    /// tells which message is at fault.
    ///
    /// - `keep`: may refuse to hand a transaction over.
    pub(crate) async fn send_like(
        &mut self,
        rpc: &Rpc,
        messages: &[Any],
        mut load: Option<&Load>,
        now: u64,
        mut keep: impl FnMut(&Signed) -> Result<(), Complaint>,
    ) -> Tried<(Signed, Option<Complaint>)> {
        let mut tries = 0;
        loop {
            let signed = match self.sign_like(rpc, messages, load.take(), now).await? {
                Ok(signed) => signed,
                Err(trouble) => return Ok(Err(trouble)),
            };
            keep(&signed)?;
            match self.hand_over(rpc, &signed).await {
                Handed::Taken => return Ok(Ok((signed, None))),
                Handed::Unclear(complaint) => return Ok(Ok((signed, Some(complaint)))),
                // It was the first one.
                Handed::Refused(trouble) if !signed.is_simulated && trouble.may_be_of_a_message() => {}
                Handed::Refused(trouble) => return Ok(Err(trouble)),
                Handed::Stale(_) if tries < TRIES_MAX => tries += 1,
                Handed::Stale(said) => {
                    let sequence = signed.flight.sequence;
                    return Ok(Err(self.no_agreement(sequence, &said, tries)));
                }
            }
        }
    }

    fn first_count(&self, messages: &[Any]) -> Result<usize, Trouble> {
        let (flying, max) = (self.book.flying(), self.rules.flying_max.max(1));
        if messages.is_empty() {
            return Err(Trouble::Empty);
        }
        if flying >= max {
            return Err(Trouble::Crowded {
                address: self.key.address().to_owned(),
                count: flying,
                max,
            });
        }
        let max = self.rules.bytes_max;
        self.rules
            .fit(messages)
            .map_err(|bytes| Trouble::Size { bytes, max })
    }

    async fn price(&self, rpc: &Rpc) -> Tried<Price> {
        let price = match self.rules.pay.price(rpc).await? {
            Ok(price) => price,
            Err(refusal) => return Ok(Err(Trouble::Node(refusal))),
        };
        match &self.rules.pay {
            Pay::Market { denom, max, .. } if price > *max => Ok(Err(Trouble::PriceTooHigh {
                denom: denom.clone(),
                asked: price,
                max: *max,
            })),
            Pay::Market { .. } | Pay::Fixed { .. } => Ok(Ok(price)),
        }
    }

    fn draft<'m>(&'m self, messages: &'m [Any], place: Place, timeout_height: u64) -> Draft<'m> {
        Draft {
            chain_id: &self.rules.chain_id,
            account_number: place.0,
            sequence: place.1,
            messages,
            timeout_height,
            gas_limit: self.rules.gas_max,
            fee: None,
        }
    }

    /// The gas that `count` messages are allowed that used `used`; else how many to try.
    fn gas(&self, used: u64, count: usize) -> Result<u64, usize> {
        let margin = self.rules.gas_margin_percent.saturating_add(self.book.boost());
        let (wanted, max) = (with_margin(used, margin), self.rules.gas_max);
        match () {
            () if wanted <= max => Ok(wanted),
            // The last one gets what there is.
            () if count == 1 && used <= max => Ok(max),
            () => Err(fewer(count, wanted, max)),
        }
    }

    fn finish(&self, draft: Draft<'_>, gas: u64, price: Price, now: u64) -> Result<Signed, Trouble> {
        let fee = price.fee(gas).ok_or_else(|| Trouble::PriceTooHigh {
            denom: self.rules.pay.denom().to_owned(),
            asked: price,
            max: Price(u128::MAX / u128::from(gas.max(1))),
        })?;
        let draft = Draft {
            gas_limit: gas,
            fee: self.coin(fee),
            ..draft
        };
        let Bytes { bytes, hash } = draft.sign(self.key)?;
        Ok(Signed {
            flight: Flight {
                hash,
                sequence: draft.sequence,
                signed_at: now,
                timeout_height: draft.timeout_height,
            },
            count: draft.messages.len(),
            gas,
            fee,
            bytes,
            is_simulated: true,
        })
    }

    /// A coin of the fee; no coin stands for nothing.
    fn coin(&self, amount: u128) -> Option<Coin> {
        (amount > 0).then(|| Coin {
            denom: self.rules.pay.denom().to_owned(),
            amount: amount.to_string(),
        })
    }
}

#[cfg(test)]
#[path = "send_tests.rs"]
pub(crate) mod tests;
