//! Whatever a node does that is no lie about its state: each message is executed once.
//!
//! The order of events follows from a seed, which a failure names.

use crate::fake_node::{Chain, Mood};
use crate::fate::Fate;
use crate::send::Flight;
use crate::send::tests::{messages, rules, wallet};
use crate::wallet::Wallet;

const SEEDS: u64 = 40;
/// Steps in bad weather, and then in good weather.
const STORM: u32 = 60;
const CALM: u32 = 60;
const MESSAGES: u8 = 12;

/// Numbers that follow from a seed.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }
}

/// What a relayer keeps: messages that wait, and transactions under way with what they hold.
struct Queue {
    waiting: Vec<String>,
    flights: Vec<(String, Flight, Vec<String>)>,
}

impl Queue {
    async fn send(&mut self, wallet: &Wallet, chain: &Chain, count: usize) {
        let mut turn = wallet.turn().await;
        let names: Vec<&str> = self.waiting.iter().take(count).map(String::as_str).collect();
        let now = chain.state().height;
        let Ok(signed) = turn.sign(&chain.rpc, &messages(&names), now).await.unwrap() else {
            return;
        };
        let held: Vec<String> = self.waiting.drain(..signed.count).collect();
        let address = turn.address().to_owned();
        match turn.hand_over(&chain.rpc, &signed).await {
            crate::send::Handed::Taken | crate::send::Handed::Unclear(_) => {
                self.flights.push((address, signed.flight, held));
            }
            crate::send::Handed::Stale(_) | crate::send::Handed::Refused(_) => self.waiting.extend(held),
        }
    }

    async fn look(&mut self, wallet: &Wallet, chain: &Chain) {
        for (address, flight, held) in std::mem::take(&mut self.flights) {
            match wallet.find(&chain.rpc, &address, &flight).await.unwrap().unwrap() {
                Fate::Waiting { .. } => self.flights.push((address, flight, held)),
                Fate::Landed(landed) if landed.failure.is_none() => {}
                Fate::Landed(_) | Fate::Dead { .. } => self.waiting.extend(held),
            }
        }
    }
}

fn change_weather(chain: &Chain, dice: &mut Dice) {
    let mut state = chain.state();
    let was = state.mood.loses;
    match dice.roll(9) {
        0 => state.mood.loses = !was,
        1 => state.mood.mute = !state.mood.mute,
        2 => state.mood.full = !state.mood.full,
        3 => state.mood.without_index = !state.mood.without_index,
        4 => state.mood.gas = state.mood.gas.is_none().then_some(40_000),
        5 => state.mood.expects = state.mood.expects.is_none().then_some(|got| got + 3),
        6 => state.drop_pending(),
        7 => state.hear_of_lost(),
        // Another process sends with one of the keys.
        _ => {
            let position = usize::try_from(dice.roll(2)).unwrap();
            state.accounts.values_mut().nth(position).unwrap().1 += 1;
        }
    }
}

async fn weather(seed: u64) {
    let mut dice = Dice(seed);
    let wallet = wallet(rules(), 2);
    let chain = Chain::new(wallet.addresses()).await;
    let mut queue = Queue {
        waiting: (0..MESSAGES).map(|index| format!("m{index}")).collect(),
        flights: Vec::new(),
    };
    let mut expected: Vec<Vec<u8>> = queue
        .waiting
        .iter()
        .map(|name| name.clone().into_bytes())
        .collect();
    for step in 0..STORM + CALM {
        if step == STORM {
            chain.state().mood = Mood::default();
        }
        match dice.roll(4) {
            0 if step < STORM => change_weather(&chain, &mut dice),
            0 => chain.state().hear_of_lost(),
            1 => chain.state().commit(),
            2 => {
                let count = usize::try_from(dice.roll(3)).unwrap() + 1;
                queue.send(&wallet, &chain, count).await;
            }
            _ => queue.look(&wallet, &chain).await,
        }
    }
    // All that is left, without chance.
    for _ in 0..40 {
        queue.send(&wallet, &chain, 4).await;
        chain.state().commit();
        queue.look(&wallet, &chain).await;
    }
    let mut executed = chain.state().executed.clone();
    executed.sort();
    expected.sort();
    assert_eq!(executed, expected, "seed {seed}");
    assert!(
        queue.waiting.is_empty() && queue.flights.is_empty(),
        "seed {seed}"
    );
}

#[tokio::test]
async fn nothing_is_lost_and_nothing_doubled() {
    for seed in 0..SEEDS {
        weather(seed).await;
    }
}
