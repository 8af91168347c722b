//! The sequence of an account: asked for when it is not known, and healed when a node expects another one.
//!
//! What this module must never do: go on asking for ever about a sequence on which nobody agrees.

use crate::query::Found;
use crate::refusal::Said;
use crate::rpc::Rpc;
use crate::send::Tried;
use crate::trouble::{Kind, Trouble};
use crate::wallet::Turn;

/// How often a sequence is healed for one transaction.
pub(crate) const TRIES_MAX: u32 = 3;

/// The chain's account number and sequence to sign with.
pub(crate) type Place = (u64, u64);

impl Turn<'_> {
    /// Account number and sequence, asked for when they are not known.
    pub(crate) async fn place(&mut self, rpc: &Rpc) -> Tried<Place> {
        if let Some(place) = self.book.next() {
            return Ok(Ok(place));
        }
        let address = self.key.address().to_owned();
        let on_chain = match rpc.account(&address).await? {
            Ok(Found::Account(on_chain)) => on_chain,
            Ok(Found::Nothing) => return Ok(Err(Trouble::NoAccount { address })),
            Ok(Found::Strange(kind)) => return Ok(Err(Trouble::AccountKind { address, kind })),
            Err(refusal) => return Ok(Err(Trouble::Node(refusal))),
        };
        if let Err(trouble) = self.book.learn(on_chain.number, on_chain.sequence) {
            return Ok(Err(trouble));
        }
        Ok(Ok(self
            .book
            .next()
            .unwrap_or((on_chain.number, on_chain.sequence))))
    }

    /// Takes from a refusal what heals; fails when it is about something else, or was tried too often.
    pub(crate) fn heal(&mut self, said: Said, ours: u64, tries: &mut u32) -> Result<(), Trouble> {
        match Kind::of(&said) {
            kind @ (Kind::Sequence(_) | Kind::Signature) => {
                if *tries >= TRIES_MAX {
                    return Err(self.no_agreement(ours, &said, *tries));
                }
                *tries += 1;
                match kind {
                    Kind::Sequence(Some(mismatch)) if mismatch.got == ours => {
                        self.book.heal(mismatch.expected)
                    }
                    // It does not say which, or the number of the account is another one since a restart of the chain.
                    _ => {
                        self.book.forget();
                        Ok(())
                    }
                }
            }
            kind => Err(kind.into_trouble(said, self.key.address())),
        }
    }

    pub(crate) fn no_agreement(&self, ours: u64, said: &Said, tries: u32) -> Trouble {
        let theirs = match Kind::of(said) {
            Kind::Sequence(Some(mismatch)) => mismatch.expected.to_string(),
            _ => endpoints::shortened(&said.log),
        };
        Trouble::Sequence {
            address: self.key.address().to_owned(),
            ours,
            theirs,
            tries,
        }
    }
}

#[cfg(test)]
#[path = "sequence_tests.rs"]
mod tests;
