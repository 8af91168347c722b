//! What a message runs in: the stores, gas, and what it tells.
//!
//! Every read and write costs what the SDK's store asks. A part that fails leaves no trace but its gas.

use std::borrow::Cow;

use cosmos_store::Stores;

use super::Rules;
use super::refused::{Answer, sdk};

const READ_FLAT: u64 = 1_000;
const READ_PER_BYTE: u64 = 3;
const WRITE_FLAT: u64 = 2_000;
const WRITE_PER_BYTE: u64 = 30;
const DELETE: u64 = 1_000;

/// A moment: seconds since 1970, and nanoseconds of the second that has begun.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Moment {
    pub(crate) seconds: u64,
    pub(crate) nanos: u32,
}

impl Moment {
    /// Nanoseconds since 1970.
    pub(crate) fn as_nanos(self) -> u64 {
        self.seconds * 1_000_000_000 + u64::from(self.nanos)
    }
}

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Event {
    pub(crate) kind: Cow<'static, str>,
    pub(crate) attributes: Vec<Attribute>,
}

/// A name and what it is.
pub(crate) type Attribute = (Cow<'static, str>, String);

/// What ibc-go writes before the names of what was undone.
const UNDONE: &str = "ibccallbackerror-";

impl Event {
    /// Marks it as something that was undone.
    pub(crate) fn mark_undone(&mut self) {
        self.kind = format!("{UNDONE}{}", self.kind).into();
        for (name, _) in &mut self.attributes {
            *name = format!("{UNDONE}{name}").into();
        }
    }
}

/// How much gas there is, and how much was used.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Gas {
    /// None = as much as it takes.
    pub(crate) limit: Option<u64>,
    pub(crate) used: u64,
}

/// What a message runs in.
#[derive(Clone, Debug)]
pub(crate) struct Context<'a> {
    pub(crate) rules: &'a Rules,
    pub(crate) stores: Stores,
    /// The block that is being executed.
    pub(crate) height: u64,
    pub(crate) time: Moment,
    pub(crate) gas: Gas,
    pub(crate) events: Vec<Event>,
}

impl<'a> Context<'a> {
    pub(crate) fn new(rules: &'a Rules, stores: Stores, height: u64, time: Moment) -> Self {
        Self {
            rules,
            stores,
            height,
            time,
            gas: Gas { limit: None, used: 0 },
            events: Vec::new(),
        }
    }

    /// Uses gas for `what`.
    pub(crate) fn spend(&mut self, amount: u64, what: &str) -> Answer<()> {
        self.gas.used += amount;
        match self.gas.limit {
            Some(limit) if self.gas.used > limit => Err(sdk::OUT_OF_GAS.because(format_args!(
                "out of gas in location: {what}; gasWanted: {limit}, gasUsed: {}",
                self.gas.used
            ))),
            _ => Ok(()),
        }
    }

    pub(crate) fn get(&mut self, store: &str, key: &[u8]) -> Answer<Option<Vec<u8>>> {
        self.spend(READ_FLAT, "ReadFlat")?;
        let value = self
            .stores
            .get(store)
            .and_then(|store| store.get(key))
            .map(<[u8]>::to_vec);
        let length = key.len() + value.as_ref().map_or(0, Vec::len);
        self.spend(READ_PER_BYTE * length as u64, "ReadPerByte")?;
        Ok(value)
    }

    pub(crate) fn set(&mut self, store: &str, key: &[u8], value: &[u8]) -> Answer<()> {
        self.spend(WRITE_FLAT, "WriteFlat")?;
        self.spend(WRITE_PER_BYTE * (key.len() + value.len()) as u64, "WritePerByte")?;
        self.stores
            .get_mut(store)
            .expect("a store of this chain")
            .set(key, value);
        Ok(())
    }

    pub(crate) fn delete(&mut self, store: &str, key: &[u8]) -> Answer<()> {
        self.spend(DELETE, "Delete")?;
        self.stores
            .get_mut(store)
            .expect("a store of this chain")
            .remove(key);
        Ok(())
    }

    /// Runs `part`; what it wrote and told is undone if it fails. Its gas is not.
    pub(crate) fn attempt<T>(&mut self, part: impl FnOnce(&mut Self) -> Answer<T>) -> Answer<T> {
        let (stores, told) = (self.stores.clone(), self.events.len());
        let done = part(self);
        if done.is_err() {
            self.stores = stores;
            self.events.truncate(told);
        }
        done
    }

    pub(crate) fn tell(&mut self, kind: &'static str, attributes: Vec<(&'static str, String)>) {
        let attributes = attributes.into_iter().map(|(name, value)| (name.into(), value));
        self.events.push(Event {
            kind: kind.into(),
            attributes: attributes.collect(),
        });
    }

    /// The event by which a module says that it was at work.
    pub(crate) fn tell_module(&mut self, module: &str) {
        self.tell("message", vec![("module", module.to_owned())]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::fresh_stores;

    #[test]
    fn what_fails_leaves_its_gas_and_nothing_else() {
        let rules = Rules::for_tests();
        let mut context = Context::new(&rules, fresh_stores(), 1, Moment::default());
        context.set("bank", b"k", b"old").unwrap();
        let before = context.gas.used;
        let failed = context.attempt(|context| {
            context.set("bank", b"k", b"new")?;
            context.tell_module("bank");
            Err::<(), _>(sdk::UNAUTHORIZED.plain())
        });
        assert!(failed.is_err() && context.events.is_empty() && context.gas.used > before);
        assert_eq!(
            context.get("bank", b"k").unwrap().as_deref(),
            Some(b"old".as_slice())
        );
    }

    #[test]
    fn gas_ends_with_both_numbers() {
        let rules = Rules::for_tests();
        let mut context = Context::new(&rules, fresh_stores(), 1, Moment::default());
        context.gas.limit = Some(1_500);
        context.get("bank", b"").unwrap();
        let refused = context.get("bank", b"").unwrap_err();
        assert_eq!(
            refused.log,
            "out of gas in location: ReadFlat; gasWanted: 1500, gasUsed: 2000: out of gas"
        );
    }
}
