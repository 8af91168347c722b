use super::path::COSMOS_TRUST_PERIOD_MAX;
use super::*;
use relayer_core::{BatchPolicy, FeePolicy};

const REFERENCE: &str = include_str!("../../../../configs/relayer.toml");

/// Nothing but what is required.
const LEAST: &str = r#"
[[chains]]
name = "north"
chain_id = 1
rpc_urls = ["http://127.0.0.1:8545"]
beacon_urls = ["http://127.0.0.1:5052"]
router = "0x00000000000000000000000000000000000000a1"

[[chains]]
name = "south"
chain_id = 2
rpc_urls = ["http://127.0.0.1:8546"]
beacon_urls = ["http://127.0.0.1:5053"]
router = "0x00000000000000000000000000000000000000b1"

[[paths]]
a = "north/client-0"
b = "south/client-0"
"#;

/// The same of a Cosmos chain.
const COSMOS: &str = r#"
[[chains]]
kind = "cosmos"
name = "hub"
chain_id = "hub-1"
rpc_urls = ["http://127.0.0.1:26657"]
account_prefix = "cosmos"
[chains.gas]
denom = "uatom"
price = "0.025"
"#;

fn evm(chain: &ChainEntry) -> &Settings {
    match &chain.family {
        Family::Evm { settings, .. } => settings,
        Family::Cosmos(_) => panic!("{} is a Cosmos chain", chain.name()),
    }
}

fn parse(text: &str) -> Config {
    Config::parse(text, Path::new("/base")).unwrap_or_else(|problems| panic!("{problems:?}"))
}

fn problems(text: &str) -> Vec<String> {
    let found = Config::parse(text, Path::new("/base")).err().unwrap_or_default();
    found.iter().map(ToString::to_string).collect()
}

#[test]
fn the_reference_holds_every_default() {
    let (reference, least) = (parse(REFERENCE), parse(LEAST));
    assert_eq!(reference.store_dir, least.store_dir);
    assert_eq!(reference.api, least.api);
    assert_eq!(reference.log, least.log);
    assert_eq!(reference.limits, least.limits);
    assert_eq!(reference.limits, Limits::default());
    assert_eq!(reference.keep, least.keep);
    assert_eq!(reference.keep, Keep::default());
    assert_eq!(reference.paths, least.paths);
    for (ours, theirs) in reference.chains.iter().zip(&least.chains) {
        assert_eq!(ours.machine, theirs.machine);
        let (ours, theirs) = (evm(ours), evm(theirs));
        assert_eq!(ours.limits, theirs.limits);
        assert_eq!(ours.limits, chain_evm::Limits::default());
        assert_eq!(ours.first_block, theirs.first_block);
        assert_eq!(ours.router, theirs.router);
    }
    let (ours, theirs) = (&reference.chains[2], &parse(COSMOS).chains[0]);
    assert_eq!(ours.machine, theirs.machine);
    assert_eq!(
        (ours.unit(), ours.first_block()),
        (theirs.unit(), theirs.first_block())
    );
    assert_eq!(reference.chains[0].machine.fee, FeePolicy::default());
    assert_eq!(reference.chains[0].machine.batch, BatchPolicy::default());
}

#[test]
fn the_reference_names_every_key() {
    // Each table is asked for one key that no table has; the answer lists the keys that it does have.
    for table in [
        "",
        "[api]",
        "[log]",
        "[http]",
        "[limits]",
        "[keep]",
        "[[chains]]",
        "[[chains]]\nkind = \"cosmos\"",
        "[[chains]]\nkind = \"cosmos\"\n[chains.gas]",
        "[[chains]]\nkind = \"cosmos\"\n[chains.batch]",
        "[[paths]]",
    ] {
        let text = format!("{table}\nnobody_asks = 1\n");
        let found = problems(&text);
        let listed = found
            .iter()
            .find(|line| line.contains("is not a key of this table"))
            .expect("a problem");
        let (_, keys) = listed.split_once("it has ").expect("a list of keys");
        for key in keys.split(", ").filter(|key| {
            ![
                "chains",
                "paths",
                "fee",
                "batch",
                "gas",
                "api",
                "log",
                "http",
                "keep",
                "limits",
                "attestors",
            ]
            .contains(key)
        }) {
            assert!(
                REFERENCE.contains(&format!("{key} = ")),
                "the reference lacks {key} of {table}"
            );
        }
    }
}

#[test]
fn all_problems_are_told_at_once_with_their_keys() {
    let text = r#"
        stoer_dir = "x"
        [api]
        listen = "0.0.0.0:80"
        [log]
        level = "loud"
        json = "yes"
        [keep]
        finished_days = 0
        log_days = 1.5
        [limits]
        page_blocks = 0
        live_packets_max = "many"
        pause_min_secs = 9
        pause_max_secs = 8
        [[chains]]
        name = "not a name"
        chain_id = -1
        rpc_urls = []
        beacon_urls = ["ftp://x", "http://127.0.0.1"]
        router = "0x12"
        signer = "0123456789abcdef"
        [chains.fee]
        tip_min_wei_per_gas = 9
        tip_max_wei_per_gas = 8
        [[paths]]
        a = "north"
        b = "south/c"
    "#;
    let found = problems(text);
    for expected in [
        "stoer_dir: is not a key",
        "api.listen: 0.0.0.0:80 can be reached by others",
        "log.level: \"loud\" is no level; write it as info",
        "log.json: true or false is needed, not a text",
        "keep.finished_days: 0 would stop everything",
        "keep.log_days: a whole number is needed, not a number with a fraction",
        "limits.pause_min_secs: 9 is above pause_max_secs = 8",
        "limits.page_blocks: 0 would stop everything",
        "limits.live_packets_max: a whole number is needed, not a text",
        "chains[0].name: \"not a name\" is no chain name",
        "chains[0].chain_id: -1 is out of range",
        "chains[0].rpc_urls: the list is empty",
        "chains[0].beacon_urls[0]: it starts with ftp:",
        "chains[0].router: ",
        "chains[0].signer: a secret is given by reference",
        "chains[0].fee.tip_min_wei_per_gas: 9 is above",
        "paths[0].a: north is no end",
        "paths[0].b: c is no client id and no channel",
    ] {
        assert!(
            found.iter().any(|line| line.starts_with(expected)),
            "{expected}\nis not in\n{}",
            found.join("\n")
        );
    }
}

/// Two Cosmos chains with a channel between them.
fn over_channels(a: &str, b: &str) -> String {
    let other = COSMOS.replace("hub", "zone");
    format!("{LEAST}{COSMOS}{other}\n[[paths]]\na = \"{a}\"\nb = \"{b}\"\n")
}

#[test]
fn a_path_may_join_channels_of_two_cosmos_chains() {
    let config = parse(&over_channels(
        "hub/transfer/channel-0",
        "zone/transfer/channel-7",
    ));
    let ends = config
        .paths
        .iter()
        .map(|path| &path.machine)
        .next_back()
        .expect("a path");
    assert_eq!(ends.a.name.to_string(), "hub/transfer/channel-0");
    assert_eq!(ends.b.name.to_string(), "zone/transfer/channel-7");
    assert!(ends.a.name.id.client().is_none());
}

#[test]
fn a_path_of_two_kinds_or_with_a_channel_of_an_evm_chain_is_refused() {
    for (a, b, told) in [
        (
            "hub/transfer/channel-0",
            "zone/07-tendermint-0",
            "one end is a client and the other a channel",
        ),
        (
            "hub/transfer/channel-0",
            "north/transfer/channel-0",
            "north has no channels",
        ),
        ("hub/transfer/channel", "zone/transfer/channel-7", "no channel"),
        ("hub/transfer/", "zone/transfer/channel-7", "no channel"),
    ] {
        let found = problems(&over_channels(a, b));
        assert!(
            found.iter().any(|line| line.contains(told)),
            "{told} is not in {found:?}"
        );
    }
}

/// Puts a value of the wrong kind behind every key of the reference, one at a time.
#[test]
fn a_wrong_value_of_any_key_is_told_with_the_key() {
    let lines: Vec<&str> = REFERENCE.lines().collect();
    for (at, line) in lines.iter().enumerate() {
        let Some((key, _)) = line.trim_start_matches("# ").split_once(" = ") else {
            continue;
        };
        if key.contains(' ') {
            continue;
        }
        let mut broken: Vec<String> = lines.iter().map(ToString::to_string).collect();
        broken[at] = format!("{key} = 1979-05-27");
        let found = problems(&broken.join("\n"));
        assert!(
            found
                .iter()
                .any(|told| told.contains(key) && told.contains("needed, not a date")),
            "{key} is not told among {found:?}"
        );
    }
}

#[test]
fn a_path_needs_two_known_chains_with_routers() {
    let unknown = LEAST.replace("south/client-0", "west/client-0");
    assert!(
        problems(&unknown).iter().any(|line| line.contains("west")),
        "{:?}",
        problems(&unknown)
    );
    let same = LEAST.replace("south/client-0", "north/client-1");
    assert!(
        problems(&same)
            .iter()
            .any(|line| line.contains("a path joins two chains"))
    );
    let bare = LEAST.replace("router = \"0x00000000000000000000000000000000000000b1\"", "");
    assert!(
        problems(&bare)
            .iter()
            .any(|line| line.contains("needs the router of south"))
    );
}

#[test]
fn a_kind_that_nobody_knows_is_told_alone() {
    let found = problems("[[chains]]\nkind = \"solana\"\nname = \"sun\"\nprogram = 1\n");
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].starts_with("chains[0].kind: ") && found[0].contains("evm or cosmos"));
}

#[test]
fn the_longest_trust_period_depends_on_what_is_followed() {
    let west = COSMOS.replace("hub", "west");
    let ends =
        |a: &str, b: &str| format!("[[paths]]\na = \"{a}/07-tendermint-0\"\nb = \"{b}/07-tendermint-0\"\n");
    let config = parse(&format!("{LEAST}{COSMOS}{west}{}", ends("hub", "west")));
    assert_eq!(
        config.paths[0].terms_max.trust_period,
        ethereum::TRUST_PERIOD_DEFAULT
    );
    assert_eq!(config.paths[1].terms_max.trust_period, COSMOS_TRUST_PERIOD_MAX);
    let end = |name: &str| parse_end(&format!("{name}/07-tendermint-9")).expect("an end");
    let most = |a: &str, b: &str| config.terms_max(&end(a), &end(b)).trust_period;
    assert_eq!(most("west", "hub"), COSMOS_TRUST_PERIOD_MAX);
    assert_eq!(most("north", "hub"), ethereum::TRUST_PERIOD_DEFAULT);
    let text = format!("{COSMOS}{west}{}trust_period_secs_max = 7\n", ends("west", "hub"));
    let config = parse(&text);
    let [west, hub] = [&config.paths[0].machine.a.name, &config.paths[0].machine.b.name];
    assert_eq!(config.terms_max(hub, west).trust_period, Seconds(7));
}

#[test]
fn a_path_may_accept_clients_with_another_clock_drift() {
    let west = COSMOS.replace("hub", "west");
    let path = "[[paths]]\na = \"west/07-tendermint-0\"\nb = \"hub/07-tendermint-0\"\n";
    let drift = |more: &str| {
        parse(&format!("{COSMOS}{west}{path}{more}")).paths[0]
            .terms_max
            .clock_drift
    };
    assert_eq!(drift(""), Seconds(600));
    assert_eq!(drift("clock_drift_secs_max = 30\n"), Seconds(30));
    let found = problems(&format!("{COSMOS}{west}{path}clock_drift_secs_max = 0\n"));
    assert!(
        found.iter().any(|text| text.contains("clock_drift_secs_max")),
        "{found:?}"
    );
}

#[test]
fn what_is_not_toml_is_told_with_its_line() {
    let found = problems("store_dir = \n");
    assert_eq!(found.len(), 1);
    assert!(found[0].contains("line 1"), "{}", found[0]);
}

#[test]
fn starts_default_to_the_routers_block() {
    let text = LEAST
        .replace(
            "router = \"0x00000000000000000000000000000000000000a1\"",
            "router = \"0x00000000000000000000000000000000000000a1\"\nrouter_block = 77",
        )
        .replace(
            "b = \"south/client-0\"",
            "b = \"south/client-0\"\nb_start_block = 5",
        );
    let config = parse(&text);
    assert_eq!(config.paths[0].machine.a.start, BlockNumber(77));
    assert_eq!(config.paths[0].machine.b.start, BlockNumber(5));
}

/// The least configuration, with a third chain that no path uses, and signers for the chains named.
fn missing_with(signers: &[&str]) -> Vec<String> {
    let third = LEAST.split("[[chains]]").nth(1).expect("a chain");
    let third = third
        .replace("north", "third")
        .replace("chain_id = 1", "chain_id = 3");
    let folder = tempfile::tempdir().expect("a folder");
    let key = folder.path().join("key");
    fs::write(&key, "07".repeat(32)).expect("written");
    fs::set_permissions(&key, std::os::unix::fs::PermissionsExt::from_mode(0o600)).expect("a mode");
    let mut text = LEAST.replace("[[paths]]", &format!("[[chains]]{third}[[paths]]"));
    for name in signers {
        let named = format!("name = \"{name}\"\n");
        text = text.replace(&named, &format!("{named}signer = \"file:key\"\n"));
    }
    let config = Config::parse(&text, folder.path()).unwrap_or_else(|problems| panic!("{problems:?}"));
    config.missing_to_run().iter().map(ToString::to_string).collect()
}

#[test]
fn a_chain_of_a_path_needs_a_signer_to_run() {
    assert_eq!(missing_with(&["north", "south"]), Vec::<String>::new());
    let without = missing_with(&["north"]);
    assert_eq!(without.len(), 1, "{without:?}");
    assert!(without[0].starts_with("chains[1].signer: ") && without[0].contains("south"));
    assert_eq!(missing_with(&["third"]).len(), 2);
}

#[test]
fn a_relayer_without_paths_does_not_run() {
    let bare = LEAST.split("[[paths]]").next().expect("chains");
    let missing = parse(bare).missing_to_run();
    assert_eq!(missing.len(), 1, "{missing:?}");
    assert_eq!(missing[0].key, "paths");
}
