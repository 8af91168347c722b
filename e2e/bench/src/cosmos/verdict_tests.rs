use super::*;

fn measured(name: &str, wall_ms: u64, cpu_ms: u64, mib: u64, single_ms: u64) -> Measured {
    let burst = |extra| Burst {
        wall: Duration::from_millis(wall_ms + extra),
        cpu: Duration::from_millis(cpu_ms + extra),
        peak_kib: mib * 1_024 + extra,
    };
    Measured {
        name: name.into(),
        protocol: Protocol::V1,
        // The middle one counts.
        bursts: vec![burst(900), burst(0), burst(0)],
        singles: vec![Duration::from_millis(single_ms); 3],
        given_up: 0,
    }
}

fn legs(relayed_ms: u64) -> Vec<Legs> {
    let half = Duration::from_millis(relayed_ms / 2);
    vec![Legs {
        sends: Duration::from_secs(1),
        receives: half,
        acknowledgements: half,
    }]
}

fn peers() -> Vec<Measured> {
    vec![
        measured("hermes", 20_000, 6_000, 74, 1_900),
        measured("rly", 10_000, 8_000, 112, 2_400),
    ]
}

const FLOOR: Duration = Duration::from_millis(1_890);

fn said(ours: &Measured, legs: &[Legs], what: &str) -> String {
    let text = bars(ours, &peers(), legs, FLOOR);
    let line = text.lines().find(|line| line.trim_start().starts_with(what));
    line.unwrap_or_else(|| panic!("no {what} in {text}")).to_owned()
}

fn is_held(line: &str) -> bool {
    assert!(
        line.ends_with("is held") != line.ends_with("is NOT held"),
        "{line}"
    );
    line.ends_with("is held")
}

#[test]
fn wall_time_is_held_at_half_of_the_faster_peer_or_when_the_chains_are_the_limit() {
    for (wall, chain, held) in [
        (5_000, 100, true),
        (5_001, 100, false),
        (5_001, 4_000, false),
        (5_000, 4_000, true),
        (9_000, 7_200, true),
        (9_000, 7_100, false),
    ] {
        let ours = measured("ours", wall, 1_000, 50, 1_900);
        let line = said(&ours, &legs(chain), "wall time");
        assert_eq!(is_held(&line), held, "{line}");
    }
    let unmeasured = said(&measured("ours", 9_000, 1, 1, 1), &[], "wall time");
    assert!(!is_held(&unmeasured), "{unmeasured}");
}

#[test]
fn cpu_is_held_at_a_quarter_of_the_lower_and_memory_at_the_smaller() {
    for (cpu, mib, held) in [(1_500, 74, true), (1_501, 75, false)] {
        let ours = measured("ours", 1, cpu, mib, 1);
        let (cpu, memory) = (said(&ours, &[], "CPU"), said(&ours, &[], "peak memory"));
        assert_eq!((is_held(&cpu), is_held(&memory)), (held, held), "{cpu}\n{memory}");
    }
}

#[test]
fn one_transfer_is_held_when_it_is_the_fastest_or_near_the_floor() {
    for (single, held) in [(1_899, true), (1_900, true), (2_090, true), (2_091, false)] {
        let line = said(&measured("ours", 1, 1, 1, single), &[], "one transfer");
        assert_eq!(is_held(&line), held, "{line}");
    }
    // Faster than both, though far from the floor.
    let slow_peers = [
        measured("hermes", 1, 1, 1, 9_000),
        measured("rly", 1, 1, 1, 8_000),
    ];
    let ours = measured("ours", 1, 1, 1, 7_999);
    assert!(bars(&ours, &slow_peers, &[], FLOOR).contains("8.00 s: the bar is held"));
}

#[test]
fn the_floor_is_three_and_a_half_blocks() {
    let block = Duration::from_millis(540);
    assert_eq!(floor([block, block]), FLOOR);
    assert_eq!(floor([block * 2, block]), block * 4 + block * 3 / 2);
}

#[test]
fn figures_of_another_protocol_and_missing_peers_are_named() {
    let ours = Measured {
        protocol: Protocol::V2,
        ..measured("ours", 1, 1, 1, 1)
    };
    let text = bars(&ours, &[], &[], FLOOR);
    assert!(text.contains("IBC v2: the bars are about IBC v1"), "{text}");
    assert!(text.contains("no peer was measured"), "{text}");
}

#[test]
fn a_figure_has_least_middle_most_and_unit() {
    let text = lines(&measured("ours", 5_000, 1_000, 50, 1_900), 1_000);
    let wall = text.lines().find(|line| line.contains("wall time")).unwrap();
    let words: Vec<&str> = wall.split_whitespace().collect();
    assert_eq!(
        words,
        [
            "wall", "time", "min", "5.00", "median", "5.00", "max", "5.90", "s", "of", "3"
        ]
    );
    assert!(text.contains("peak memory") && text.contains("MiB"), "{text}");
    let chains = chain_lines(&legs(4_000), 1_000);
    let both = chains.lines().last().unwrap();
    assert!(both.contains("median     4.00"), "{both}");
}

#[test]
fn transfers_that_nobody_carried_are_told() {
    let mut rly = measured("rly", 1, 1, 1, 1);
    assert!(!lines(&rly, 1_000).contains("not carried"));
    rly.given_up = 2;
    let text = lines(&rly, 1_000);
    assert!(
        text.contains("not carried within 60 s, and are in no figure: 2"),
        "{text}"
    );
}
