//! Which step of a handshake is next, by what both chains have of it. Connections and channels open alike.
//!
//! Pure: two lists of ends in, a pair and a step out. Whoever asks again after any step, or after somebody else's, is told the one
//! that is next; a second connection or channel is begun only where there is nothing to go on with.

/// How far an end is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// It is there, the other one may be.
    Init,
    /// The other one was there before it.
    Try,
    /// Packets go over it.
    Open,
    /// For ever.
    Closed,
    /// None that a handshake knows.
    Other,
}

impl State {
    /// As ibc-go calls it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Init => "INIT",
            Self::Try => "TRYOPEN",
            Self::Open => "OPEN",
            Self::Closed => "CLOSED",
            Self::Other => "of another kind",
        }
    }
}

/// An end as its chain has it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct End<E, M> {
    pub(crate) id: String,
    pub(crate) state: State,
    /// The other end; empty until it is known.
    pub(crate) other: String,
    /// What does not fit what was asked for.
    pub(crate) misfit: Option<M>,
    pub(crate) raw: E,
}

/// Both ends of one connection or channel, as far as there are any.
pub(crate) type Pair<E, M> = [Option<End<E, M>>; 2];

/// What is to be done; at which end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Next {
    Init(usize),
    Try(usize),
    Ack(usize),
    Confirm(usize),
    /// Nothing: it is as it should be.
    Done,
    /// The two ends cannot stand like this at one time: one of them was read too early.
    Unclear,
}

/// What is next for a pair.
pub(crate) fn next<E, M>(pair: &Pair<E, M>) -> Next {
    use State::{Init, Open, Try};
    let [a, b] = pair;
    match (a.as_ref().map(|end| end.state), b.as_ref().map(|end| end.state)) {
        (None, None) => Next::Init(0),
        (Some(Init), None) => Next::Try(1),
        (None, Some(Init)) => Next::Try(0),
        (Some(Init), Some(Try)) => Next::Ack(0),
        (Some(Try), Some(Init)) => Next::Ack(1),
        (Some(Open), Some(Try)) => Next::Confirm(1),
        (Some(Try), Some(Open)) => Next::Confirm(0),
        (Some(Open), Some(Open)) => Next::Done,
        (_, _) => Next::Unclear,
    }
}

/// The pair that is furthest, of those that fit; two times none if there is nothing to go on with.
pub(crate) fn furthest<E: Clone, M: Clone>(found: &[Vec<End<E, M>>; 2]) -> Pair<E, M> {
    let fits = |end: &Option<End<E, M>>| {
        end.as_ref()
            .is_none_or(|end| end.misfit.is_none() && !is_over(end.state))
    };
    let mut pairs = pairs(found);
    pairs.retain(|pair| pair.iter().all(fits));
    pairs
        .into_iter()
        .min_by_key(|pair| rank(next(pair)))
        .unwrap_or([None, None])
}

/// The pair of the end `id` of the side `side`; none if there is no such end.
pub(crate) fn of<E: Clone, M: Clone>(
    found: &[Vec<End<E, M>>; 2],
    side: usize,
    id: &str,
) -> Option<Pair<E, M>> {
    let mut pairs = pairs(found);
    pairs.retain(|pair| pair[side].as_ref().is_some_and(|end| end.id == id));
    pairs.into_iter().min_by_key(|pair| rank(next(pair)))
}

fn is_over(state: State) -> bool {
    matches!(state, State::Closed | State::Other)
}

/// What is further is gone on with; what is unclear may be open, and is looked at again before anything else is gone on with.
fn rank(next: Next) -> u8 {
    match next {
        Next::Done => 0,
        Next::Unclear => 1,
        Next::Confirm(_) => 2,
        Next::Ack(_) => 3,
        Next::Try(_) => 4,
        Next::Init(_) => 5,
    }
}

/// All ends, each with the one that it names or that names it.
fn pairs<E: Clone, M: Clone>(found: &[Vec<End<E, M>>; 2]) -> Vec<Pair<E, M>> {
    let mut pairs = Vec::new();
    for side in 0..2 {
        let (ours, theirs) = (&found[side], &found[1 - side]);
        for end in ours {
            let named = |other: &&End<E, M>| match (end.other.as_str(), other.other.as_str()) {
                ("", "") => false,
                ("", back) => back == end.id,
                (name, "") => name == other.id,
                (name, back) => name == other.id && back == end.id,
            };
            let mut alone = true;
            for other in theirs.iter().filter(named) {
                alone = false;
                // From the first side each such pair is seen.
                if side == 0 {
                    pairs.push([Some(end.clone()), Some(other.clone())]);
                }
            }
            if alone && !is_left_behind(end, theirs) {
                let mut pair = [None, None];
                pair[side] = Some(end.clone());
                pairs.push(pair);
            }
        }
    }
    pairs
}

/// Whether the other end went on with another one than this: two relayers tried at the same time, and one was first.
fn is_left_behind<E, M>(end: &End<E, M>, theirs: &[End<E, M>]) -> bool {
    theirs
        .iter()
        .any(|other| other.id == end.other && !other.other.is_empty() && other.other != end.id)
}

#[cfg(test)]
#[path = "steps_tests.rs"]
mod tests;
