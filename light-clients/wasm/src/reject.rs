//! Why the contract refuses. The rules of updates and proofs are those of `ethereum`, those of guardians those of
//! `guardian_core`; here stand the rules of the host's messages and of the store.

use alloc::string::String;

use thiserror::Error;
use wire::Seconds;

/// A broken rule.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Reject {
    /// The host's message is not the JSON of 08-wasm.
    #[error("read {what}: it is not the JSON that ibc-go's 08-wasm writes ({fault})")]
    Json {
        /// Which message.
        what: &'static str,
        /// What the reader says.
        fault: String,
    },
    /// Bytes of ours are no encoding of docs/formats/wasm.md.
    #[error("read {part}: bytes missing, left over, or not allowed; encode it by docs/formats/wasm.md")]
    Malformed {
        /// The part that could not be read.
        part: &'static str,
    },
    /// The bytes are of another version.
    #[error("read {part} of version {found}: this code reads version {known}")]
    Version {
        /// What is versioned.
        part: &'static str,
        /// The version found.
        found: u8,
        /// The version that is read here.
        known: u8,
    },
    /// A client message of no known kind.
    #[error("read a client message of kind {kind}: the kinds are 1 to 8, see docs/formats/wasm.md")]
    UnknownKind {
        /// The kind's number.
        kind: u8,
    },
    /// The store holds something that this code would not have written.
    #[error(
        "use the store: {part} under {key} can't be read; nothing repairs that, replace the client by another"
    )]
    Corrupt {
        /// The key.
        key: String,
        /// What can't be read.
        part: &'static str,
    },
    /// The store lacks something that always is there.
    #[error(
        "use the store: nothing under {key}, which is always there; nothing repairs that, replace the client by another"
    )]
    Missing {
        /// The key.
        key: String,
    },
    /// The ring of states would be too large to be cleared in one call.
    #[error("start with a ring of {capacity} states: at most {most}")]
    CapacityTooLarge {
        /// States asked for.
        capacity: u32,
        /// The most.
        most: u32,
    },
    /// A rule of the Ethereum client.
    #[error(transparent)]
    Law(#[from] ethereum::Reject),
    /// The path is no path of IBC v2.
    #[error(transparent)]
    Path(#[from] wire::Reject),
    /// The path has a prefix that a router does not have.
    #[error(
        "read a path of {parts} parts: a router has one; register the counterparty with one empty prefix"
    )]
    Prefix {
        /// Parts of the path.
        parts: usize,
    },
    /// A delay of a connection of IBC v1.
    #[error(
        "prove behind a delay of {time_nanos} ns and {blocks} blocks: this client is for IBC v2, which has none"
    )]
    Delay {
        /// Nanoseconds asked for.
        time_nanos: u64,
        /// Blocks asked for.
        blocks: u64,
    },
    /// Guardians halted the client: nothing that it proves counts.
    #[error(
        "prove by a client that guardians halted until {until}: it is {now}; they resume it, or the halt ends"
    )]
    Halted {
        /// When the halt ends by itself.
        until: Seconds,
        /// The time.
        now: Seconds,
    },
    /// A rule of guardians.
    #[error(transparent)]
    Guardian(#[from] guardian_core::Reject),
    /// The client has no guardians.
    #[error("act as guardians: this client has none; governance names them by a migration")]
    NoGuardians,
    /// No rotation waits.
    #[error("complete a rotation of guardians: none waits")]
    NoRotation,
    /// The rotation has to wait.
    #[error("complete a rotation of guardians at {now}: it is due at {due}")]
    RotationEarly {
        /// When it is due.
        due: Seconds,
        /// The time.
        now: Seconds,
    },
    /// A message that shows no misbehaviour came where the host brings misbehaviour.
    #[error("freeze the client: the message shows no misbehaviour")]
    NoMisbehaviour,
    /// Upgrades by a counterparty do not exist.
    #[error(
        "upgrade the client: an Ethereum chain commits to no client of the next; a fork is appended by a migration"
    )]
    NoUpgrade,
    /// The substitute follows something else.
    #[error("recover by this substitute: {what} differs; create one with the parameters of the client")]
    OtherClient {
        /// What differs.
        what: &'static str,
    },
    /// The substitute is itself not to be believed.
    #[error("recover by this substitute: it is {status}, not Active")]
    SubstituteNotActive {
        /// Its status.
        status: &'static str,
    },
}

impl Reject {
    /// The rule's name, that of the crate that has the rule.
    #[must_use]
    pub fn rule(&self) -> String {
        let text = match self {
            Self::Law(ethereum::Reject::Storage(rule)) => alloc::format!("{rule:?}"),
            Self::Law(rule) => alloc::format!("{rule:?}"),
            Self::Path(rule) => return rule.rule().into(),
            Self::Guardian(rule) => return rule.rule().into(),
            other => alloc::format!("{other:?}"),
        };
        text.split([' ', '(', '{']).next().unwrap_or_default().into()
    }
}
