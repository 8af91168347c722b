//! The command line: `relayer <noun> <verb> --long-flags`. Data goes to stdout, talk to stderr.

use crate::cli_channel::ChannelVerb;
use clap::{Args, Parser, Subcommand};
use relayer_core::{EndName, PacketId};
use std::net::SocketAddr;
use std::path::PathBuf;
use tendermint_client::TrustLevel;
use wire::Sequence;

/// The longest patience of a command: a year. More is a slip of the finger.
const WAIT_SECS_MAX: u64 = 31_536_000;

/// Carries packets between chains whose light clients live on each other.
#[derive(Debug, Parser)]
#[command(name = "relayer", version, disable_help_subcommand = true)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Carry packets until told to stop (SIGTERM or SIGINT).
    Run(Common),
    /// Look at a configuration.
    #[command(subcommand)]
    Config(ConfigVerb),
    /// Put contracts on a chain.
    #[command(subcommand)]
    Contract(ContractVerb),
    /// Light clients.
    #[command(subcommand)]
    Client(ClientVerb),
    /// Attest states of a chain, for attestor clients on others.
    #[command(subcommand)]
    Attestor(AttestorVerb),
    /// Pairs of clients.
    #[command(subcommand)]
    Path(PathVerb),
    /// Channels of IBC v1 between two Cosmos chains.
    #[command(subcommand)]
    Channel(ChannelVerb),
    /// Packets: where they are, why, and what happens next.
    #[command(subcommand)]
    Packet(PacketVerb),
}

/// What every command takes.
#[derive(Clone, Debug, Args)]
pub(crate) struct Common {
    /// The configuration.
    #[arg(long, env = "RELAYER_CONFIG", default_value = "relayer.toml")]
    pub(crate) config: PathBuf,
    /// Print JSON; log lines become JSON too.
    #[arg(long)]
    pub(crate) json: bool,
}

/// How long a command waits for chains.
#[derive(Clone, Copy, Debug, Args)]
pub(crate) struct Patience {
    /// How long to wait for finality and for transactions, in seconds; at most a year.
    #[arg(long, default_value_t = 600, value_parser = clap::value_parser!(u64).range(..=WAIT_SECS_MAX))]
    pub(crate) wait_secs: u64,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ConfigVerb {
    /// Tell all problems of a configuration at once.
    Check(Common),
}

#[derive(Debug, Subcommand)]
pub(crate) enum ContractVerb {
    /// Deploy governance, transfer application and router, and prove who has which power.
    Deploy {
        #[command(flatten)]
        common: Common,
        #[command(flatten)]
        patience: Patience,
        /// What to deploy; configs/deployment.toml shows it.
        #[arg(long)]
        data: PathBuf,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum ClientVerb {
    /// Create a client on `host` that follows `tracked`.
    Create {
        #[command(flatten)]
        common: Common,
        #[command(flatten)]
        patience: Patience,
        /// The chain on which the client will live.
        #[arg(long)]
        host: String,
        /// The chain that it follows.
        #[arg(long)]
        tracked: String,
        /// Believe attestors: the file says who and how many; configs/attestors.toml shows it.
        #[arg(long, conflicts_with_all = ["policy", "weak_subjectivity_secs"])]
        attestors: Option<PathBuf>,
        /// Believe what other clients on `host` prove, named by id or address: `all-of(client-0, client-1)`,
        /// `any-of(…)`, `at-least(2, …)`, `after(3600, client-0)`.
        #[arg(long, conflicts_with_all = ["trust_period_secs", "weak_subjectivity_secs", "capacity"])]
        policy: Option<String>,
        /// How long its newest state may be believed: by default 7 days of an EVM chain, and of a Cosmos chain two thirds of its
        /// unbonding period; where an EVM chain believes it, at most 7 days.
        #[arg(long)]
        trust_period_secs: Option<u64>,
        /// How old the state may be that a beacon client starts from, by default 15.7 days.
        #[arg(long)]
        weak_subjectivity_secs: Option<u64>,
        /// How many states it keeps, of a Cosmos chain how many heights it reaches back; by default as many as a packet's longest life
        /// needs. A client of a Cosmos chain on another one keeps all that it still believes.
        #[arg(long)]
        capacity: Option<u32>,
        /// Of a Cosmos chain: how far ahead of the host's clock a header may be, by default 40 s.
        #[arg(long)]
        clock_drift_secs: Option<u64>,
        /// Of a Cosmos chain: more than this share of validators that it knows vouches for a later header, by default 1/3.
        #[arg(long, value_parser = trust_level)]
        trust_level: Option<TrustLevel>,
    },
    /// Bring a client up to the newest finalized state of the chain it follows.
    Update {
        #[command(flatten)]
        common: Common,
        #[command(flatten)]
        patience: Patience,
        /// The client, as chain/client.
        #[arg(long, value_parser = crate::config::parse_end)]
        client: EndName,
        /// The chain that it follows.
        #[arg(long)]
        tracked: String,
    },
    /// Show what a client trusts.
    Status {
        #[command(flatten)]
        common: Common,
        /// The client, as chain/client.
        #[arg(long, value_parser = crate::config::parse_end)]
        client: EndName,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum AttestorVerb {
    /// Sign final states of `tracked`, by this configuration's endpoints of it, for whoever asks over HTTP.
    Run {
        #[command(flatten)]
        common: Common,
        /// The chain whose states are signed.
        #[arg(long)]
        tracked: String,
        /// The key that signs, by reference: `file:path`. It needs no funds.
        #[arg(long)]
        key: String,
        /// The clients that it signs for, each as EIP-155 chain id and contract: `7002/0x…`.
        #[arg(long = "client", required = true)]
        clients: Vec<String>,
        /// Agree to a rotation: the file names a client, its present set and the next one; configs/rotation.toml shows
        /// it. The attestor signs this very set for whoever asks, and no other.
        #[arg(long = "rotation")]
        rotations: Vec<PathBuf>,
        /// Sign blocks whose numbers are multiples of this; the clients' own interval or a divisor of it.
        #[arg(long, default_value_t = 1)]
        interval: u64,
        /// The book of what was signed. Never lose it, and never run two attestors with one key.
        #[arg(long)]
        book: PathBuf,
        /// Where it answers.
        #[arg(long, default_value = "127.0.0.1:9760")]
        listen: SocketAddr,
        /// Whether `listen` may be an address that others can reach. There is no authentication.
        #[arg(long)]
        expose: bool,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum PathVerb {
    /// Verify both ends and register each as the other's counterparty.
    Create {
        #[command(flatten)]
        common: Common,
        #[command(flatten)]
        patience: Patience,
        /// One end, as chain/client.
        #[arg(long, value_parser = crate::config::parse_end)]
        a: EndName,
        /// The other end, as chain/client.
        #[arg(long, value_parser = crate::config::parse_end)]
        b: EndName,
    },
    /// Verify both ends of the configured paths.
    Status {
        #[command(flatten)]
        common: Common,
        /// Only the path with this end, as chain/client.
        #[arg(long, value_parser = crate::config::parse_end)]
        end: Option<EndName>,
    },
    /// Read an existing channel of IBC v1 at both ends, check all of it, and print its section of the configuration.
    Import {
        #[command(flatten)]
        common: Common,
        /// One end of it, as chain/port/channel.
        #[arg(long, value_parser = crate::cli_channel::parse_channel)]
        channel: crate::cli_channel::ChannelName,
        /// Add the section to the configuration, at its end; nothing is changed if the path is there already.
        #[arg(long)]
        write: bool,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum PacketVerb {
    /// List packets that are not settled.
    List {
        #[command(flatten)]
        common: Common,
        /// Only those sent over this end, as chain/client.
        #[arg(long, value_parser = crate::config::parse_end)]
        end: Option<EndName>,
        /// Only those at this stage, or parked; a stage of settled packets needs no `--all`.
        #[arg(long, value_parser = STAGES)]
        stage: Option<String>,
        /// Also those that are settled.
        #[arg(long)]
        all: bool,
        /// At most this many.
        #[arg(long, default_value_t = 100, value_parser = at_least_one)]
        limit: usize,
        /// Go on behind this packet, as chain/client/sequence.
        #[arg(long, value_parser = crate::packets::parse_packet)]
        after: Option<PacketId>,
    },
    /// Show one packet: where it is, why, and what happens next.
    Show(OnePacket),
    /// Show everything that happened to one packet.
    Trace(OnePacket),
}

#[derive(Debug, Args)]
pub(crate) struct OnePacket {
    #[command(flatten)]
    pub(crate) common: Common,
    /// The end it was sent over, as chain/client.
    #[arg(long, value_parser = crate::config::parse_end)]
    pub(crate) end: EndName,
    /// Its number there.
    #[arg(long, value_parser = sequence)]
    pub(crate) sequence: Sequence,
}

/// The words for stages, and the one for packets that are parked, at the stage `included`.
const STAGES: [&str; 10] = [
    "seen",
    "planned",
    "proving",
    "proven",
    "submitted",
    "included",
    "acked",
    "timed-out",
    "refused",
    crate::packets::PARKED,
];

fn at_least_one(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(0) => Err("0 would show nothing".into()),
        Ok(number) => Ok(number),
        Err(error) => Err(format!("{error}")),
    }
}

/// Between one third and all: with less, a minority could lie.
fn trust_level(text: &str) -> Result<TrustLevel, String> {
    let bad = || format!("{text:?} is no share between 1/3 and 1; write it as 1/3 or 2/3");
    let (numerator, denominator) = text.split_once('/').ok_or_else(bad)?;
    let number = |text: &str| text.parse::<u32>().map(u64::from).map_err(|_| bad());
    let (numerator, denominator) = (number(numerator)?, number(denominator)?);
    if denominator == 0 || numerator > denominator || numerator * 3 < denominator {
        return Err(bad());
    }
    Ok(TrustLevel {
        numerator,
        denominator,
    })
}

fn sequence(text: &str) -> Result<Sequence, String> {
    let number = text.parse::<u64>().map_err(|error| error.to_string())?;
    Sequence::new(number).map_err(|reject| reject.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use chain::SubmissionId;
    use relayer_core::{Carrier, Stage};
    use wire::Height;

    #[test]
    fn the_stages_of_the_command_line_are_those_of_the_machine() {
        let height = Height::of(1);
        let submission = SubmissionId(1);
        let all = [
            Stage::Seen,
            Stage::Planned,
            Stage::Proving { height },
            Stage::Proven { height },
            Stage::Submitted { submission },
            Stage::Included { by: Carrier::Others },
            Stage::Acked,
            Stage::TimedOut,
            Stage::Refused,
        ];
        let words = all.map(Stage::word).into_iter();
        assert!(words.chain([crate::packets::PARKED]).eq(STAGES));
    }

    #[test]
    fn a_patience_that_nobody_has_is_misuse() {
        let parse = |secs: &str| {
            let words = [
                "relayer",
                "contract",
                "deploy",
                "--data",
                "x",
                "--wait-secs",
                secs,
            ];
            Cli::try_parse_from(words).map_err(|error| error.to_string())
        };
        assert!(parse("31536000").is_ok());
        for secs in ["31536001", "18446744073709551615"] {
            let told = parse(secs).expect_err("refused");
            assert!(told.contains(secs) && told.contains("31536000"), "{told}");
        }
    }

    #[test]
    fn a_trust_level_is_a_share_of_at_least_a_third() {
        let level = trust_level("2/3").expect("a share");
        assert_eq!((level.numerator, level.denominator), (2, 3));
        assert!(trust_level("1/3").is_ok() && trust_level("1/1").is_ok());
        for text in [
            "",
            "1",
            "1/4",
            "4/3",
            "0/0",
            "1/0",
            "-1/3",
            "1/3/1",
            "99999999999/3",
        ] {
            assert!(
                trust_level(text).is_err_and(|told| told.contains("1/3")),
                "{text}"
            );
        }
    }

    #[test]
    fn every_command_takes_json_and_a_configuration() {
        fn walk(command: &clap::Command, leaves: &mut usize) {
            if command.has_subcommands() {
                return command.get_subcommands().for_each(|inner| walk(inner, leaves));
            }
            *leaves += 1;
            for wanted in ["json", "config"] {
                let has = command
                    .get_arguments()
                    .any(|argument| argument.get_id() == wanted);
                assert!(has, "{} lacks --{wanted}", command.get_name());
            }
        }
        let mut leaves = 0;
        walk(&<Cli as clap::CommandFactory>::command(), &mut leaves);
        assert_eq!(leaves, 15, "every command was looked at");
    }
}
