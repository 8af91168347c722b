//! Cases that are refused: states and the signatures under them.

use alloy_primitives::{Address, B256, U256, address};
use attestor::codec::encode_update;
use attestor::{Attestation, Claim, Config, Update};
use merkle::mpt::EMPTY_ROOT;
use wire::Seconds;
use wire::sign::{self, Domain, Kind};

use crate::fixture::{HEIGHT, HOST, INTERVAL, NOW, World, config, time};
use crate::format::{Table, Vector};

const DAY: u64 = 86_400;
const ORDER: &str = "0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141";

pub(crate) fn cases(world: &World) -> Vec<(String, Vector)> {
    let fixed = [
        bytes(world),
        claims(world),
        order(world),
        signers(world),
        signatures(world),
        replays(world),
    ];
    fixed.concat()
}

/// A state whose bytes are changed before they are sent.
fn bytes(world: &World) -> Vec<(String, Vector)> {
    let mut table = Table::new(Vector::new(world));
    let good = encode_update(&world.state(HEIGHT, &[0, 1, 2]));
    let mut bent = |name: &str, about: &str, change: &dyn Fn(&mut Vec<u8>)| {
        let mut bytes = good.clone();
        change(&mut bytes);
        table.refuse("Malformed", name, about, |it| it.bytes(&bytes, 0));
    };
    bent("empty", "nothing", &Vec::clear);
    bent("version", "version 2", &|bytes| bytes[0] = 2);
    bent("kind", "kind 3", &|bytes| bytes[1] = 3);
    bent("height_zero", "height 0", &|bytes| bytes[2..10].fill(0));
    bent("time_zero", "time 0", &|bytes| bytes[10..18].fill(0));
    bent("form", "signatures of 66 bytes", &|bytes| bytes[50] = 66);
    bent("count", "a signature less than announced", &|bytes| {
        bytes[51] += 1
    });
    bent("count_less", "a signature more than announced", &|bytes| {
        bytes[51] -= 1
    });
    bent("cut", "the last byte is missing", &|bytes| {
        bytes.truncate(bytes.len() - 1)
    });
    bent("longer", "a byte more", &|bytes| bytes.push(0));
    bent("head_only", "no signatures", &|bytes| bytes.truncate(50));
    table.cases
}

fn signed(world: &World, height: u64, claim: Claim) -> Update {
    Update::State(world.signed(&config().domain(1), height, claim, &[0, 1, 2]))
}

fn claims(world: &World) -> Vec<(String, Vector)> {
    let mut table = Table::new(Vector::new(world));
    let claim = world.claim(HEIGHT);
    let root = |storage_root| {
        signed(
            world,
            HEIGHT,
            Claim {
                storage_root,
                ..claim
            },
        )
    };
    let at = |timestamp| signed(world, HEIGHT, Claim { timestamp, ..claim });
    let contradiction = world.evidence(HEIGHT, &[0, 1, 2], &[0, 1, 2]);
    let state = |height| world.state(height, &[0, 1, 2]);
    let (first, next, beside) = (state(HEIGHT), state(HEIGHT + INTERVAL), state(HEIGHT + 1));
    let past = 7 * DAY;
    table.refuse("Frozen", "state_frozen", "frozen", |it| {
        it.evidence(&contradiction, 0).update(&first, 1)
    });
    table.refuse("Expired", "state_expired", "expired", |it| {
        it.update(&first, 0).update(&next, past)
    });
    table.refuse("OffInterval", "off_interval", "one beside", |it| {
        it.update(&beside, 0)
    });
    let rule = "EmptyStorageRoot";
    table.refuse(rule, "t33_zero_root", "root 0", |it| {
        it.update(&root(B256::ZERO), 0)
    });
    table.refuse(rule, "t33_empty_root", "an empty trie", |it| {
        it.update(&root(EMPTY_ROOT), 0)
    });
    let rule = "FromTheFuture";
    table.refuse(rule, "future", "a second ahead", |it| {
        it.update(&at(Seconds(NOW.0 + 1)), 0)
    });
    table.refuse(rule, "far_future", "the end of time", |it| {
        it.update(&at(Seconds(u64::MAX)), 0)
    });
    let old = at(Seconds(NOW.0 - past));
    table.refuse("StateExpired", "old_state", "seven days old", |it| {
        it.update(&old, 0)
    });
    table.cases
}

fn order(world: &World) -> Vec<(String, Vector)> {
    let mut table = Table::new(Vector::new(world));
    let first = world.state(HEIGHT, &[0, 1, 2]);
    let far = |timestamp| Update::State(world.timed(HEIGHT + 8 * INTERVAL, timestamp, &[0, 1, 2]));
    let (rule, about) = ("OlderThanRing", "eight intervals behind");
    table.refuse(rule, "behind_the_ring", about, |it| {
        it.update(&far(time(HEIGHT + 8 * INTERVAL)), 0).update(&first, 1)
    });
    let about = "eight intervals behind, in the second of the newest";
    table.refuse(rule, "behind_the_ring_same_second", about, |it| {
        it.update(&far(time(HEIGHT)), 0).update(&first, 1)
    });
    let few = world.state(HEIGHT, &[0, 1]);
    let about = "two of five, eight intervals behind and later than the newest";
    table.refuse("BelowThreshold", "behind_the_ring_few", about, |it| {
        it.update(&far(time(HEIGHT - 1)), 0).update(&few, 1)
    });
    table.cases
}

/// Adds a state of three with changed signatures.
fn tamper(table: &mut Table, world: &World, case: [&str; 3], change: &dyn Fn(&mut Attestation)) {
    let mut attestation = world.attestation(HEIGHT, &[0, 1, 2]);
    change(&mut attestation);
    let [rule, name, about] = case;
    table.refuse(rule, name, about, |it| it.update(&Update::State(attestation), 0));
}

fn signers(world: &World) -> Vec<(String, Vector)> {
    let mut table = Table::new(Vector::new(world));
    let mut add =
        |case: [&str; 3], change: &dyn Fn(&mut Attestation)| tamper(&mut table, world, case, change);
    add(["BelowThreshold", "few", "two of five"], &|it| {
        it.signatures.truncate(2)
    });
    add(["BelowThreshold", "nobody", "no signature"], &|it| {
        it.signatures.clear()
    });
    add(["SignerOrder", "duplicate", "the same twice"], &|it| {
        it.signatures[1] = it.signatures[0].clone()
    });
    add(["SignerOrder", "unsorted", "not in order"], &|it| {
        it.signatures.swap(0, 1)
    });
    add(["UnknownSigner", "unknown", "the sixth of five"], &|it| {
        it.signatures[2].index = 5
    });
    add(["WrongSigner", "swapped", "one in the place of another"], &|it| {
        it.signatures[2].index = 3
    });
    add(
        ["WrongSigner", "outsider", "keys that are not in the set"],
        &|it| {
            it.signatures = world
                .heirs
                .attest(&config().domain(1), HEIGHT, &it.claim, &[0, 1, 2]);
        },
    );
    let struck = world.evidence(HEIGHT, &[1], &[1]);
    let state = world.state(HEIGHT, &[0, 1, 2]);
    let about = "one of three counts nothing";
    table.refuse("BelowThreshold", "struck", about, |it| {
        it.evidence(&struck, 0).update(&state, 1)
    });
    table.cases
}

fn signatures(world: &World) -> Vec<(String, Vector)> {
    let mut table = Table::new(Vector::new(world));
    let mut whole = world.keys.clone();
    whole.compact = false;
    let long = whole.attest(&config().domain(1), HEIGHT, &world.claim(HEIGHT), &[0, 1, 2]);
    let wrong_v = |it: &mut Attestation, v| {
        it.signatures = long.clone();
        it.signatures[1].signature[64] = v;
    };
    let mirrored = |it: &mut Attestation| {
        it.signatures = long.clone();
        let signature = &mut it.signatures[2].signature;
        let s = ORDER.parse::<U256>().unwrap() - U256::from_be_slice(&signature[32..64]);
        signature[32..64].copy_from_slice(&s.to_be_bytes::<32>());
        signature[64] = 55 - signature[64];
    };
    let mut add =
        |case: [&str; 3], change: &dyn Fn(&mut Attestation)| tamper(&mut table, world, case, change);
    add(["RecoveryByte", "recovery_byte_0", "v 0"], &|it| wrong_v(it, 0));
    add(["RecoveryByte", "recovery_byte_29", "v 29"], &|it| {
        wrong_v(it, 29)
    });
    add(["HighS", "t31_high_s", "the twin of a good signature"], &mirrored);
    add(["Unrecoverable", "no_key", "r is 0"], &|it| {
        it.signatures[0].signature[..32].fill(0)
    });
    let rule = "WrongSigner";
    add([rule, "t45_other_height", "signed for another height"], &|it| {
        it.height += INTERVAL
    });
    add([rule, "t45_other_time", "signed for another time"], &|it| {
        it.claim.timestamp.0 -= 1
    });
    add([rule, "t45_other_root", "signed for another root"], &|it| {
        it.claim.storage_root.0[31] ^= 1
    });
    table.cases
}

/// [T-38] Good signatures of these attestors over this very state, made for somewhere else.
fn replays(world: &World) -> Vec<(String, Vector)> {
    let mut table = Table::new(Vector::new(world));
    let claim = world.claim(HEIGHT);
    let mut replay = |name: &str, about: &str, digest: B256| {
        let signatures = world.keys.sign(digest, &[0, 1, 2]);
        let attestation = Attestation {
            height: HEIGHT,
            claim,
            signatures,
        };
        table.refuse("WrongSigner", name, about, |it| {
            it.update(&Update::State(attestation), 0)
        });
    };
    let under = |domain: Domain| claim.digest(&domain, HEIGHT);
    let elsewhere: Address = address!("a77e570000000000000000000000000000000002");
    let mut other_chain: Config = config();
    other_chain.host = sign::word(HOST + 1);
    let mut other_contract = config();
    other_contract.contract = elsewhere.into_word();
    replay(
        "t38_other_chain",
        "made for another chain",
        under(other_chain.domain(1)),
    );
    replay(
        "t38_other_contract",
        "made for another contract",
        under(other_contract.domain(1)),
    );
    replay(
        "t38_other_set",
        "made for the next set",
        under(config().domain(2)),
    );
    let here = config().domain(1);
    let words = [
        sign::word(HEIGHT),
        sign::seconds(claim.timestamp),
        claim.storage_root,
    ];
    replay(
        "t38_other_kind",
        "made as a rotation",
        here.digest(Kind::AttestorRotation, &words),
    );
    replay(
        "t38_guardian_kind",
        "made as a guardian's halt",
        here.digest(Kind::GuardianHalt, &words),
    );
    let longer = [words.as_slice(), &[B256::ZERO]].concat();
    replay(
        "t38_longer_statement",
        "made with a word more",
        here.digest(Kind::AttestedState, &longer),
    );
    table.cases
}
