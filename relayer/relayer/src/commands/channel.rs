//! `relayer channel create|close`: channels of IBC v1 between two Cosmos chains.
//!
//! Each step is told as it is taken, so that whoever interrupts the command knows what is there; the same command goes on.

use super::create::CLOCK_DRIFT;
use super::path::refuse_bad;
use super::wait::Deadline;
use super::{load, open_cosmos};
use crate::cli::{Common, Patience};
use crate::cli_channel::{ChannelName, ChannelVerb, Place};
use crate::config::Config;
use crate::output::Format;
use anyhow::{Result, anyhow, bail};
use chain::{Depth, Expected};
use chain_cosmos::{
    ChannelClosing, ChannelHandshake, ChannelWish, Connected, ConnectionHandshake, ConnectionId, Cosmos,
    HandshakeFault, Progress, Step, StepTaken, Terms,
};
use serde_json::json;
use std::process::ExitCode;
use tendermint_client::TrustLevel;
use wire::channel::Ordering;
use wire::{ClientId, Seconds};

/// What other chains have instead.
pub(super) const ONLY_COSMOS: &str = "channels of IBC v1 join Cosmos chains";

/// What a channel stands on, as far as it is there: whoever names it goes on where this ended.
struct Begun {
    places: [Place; 2],
    /// A client was made for it.
    is_made: bool,
}

impl Begun {
    /// What went wrong, and by which words the command goes on, where there is something to go on with.
    fn told(&self, error: anyhow::Error) -> anyhow::Error {
        if !self.is_made {
            return error;
        }
        error.context(self.words())
    }

    /// By which words the command goes on with what it made.
    fn words(&self) -> String {
        let [a, b] = &self.places;
        format!(
            "the same command goes on with --a {a} --b {b}, the other words as they were; without these clients it makes new ones"
        )
    }
}

/// Two chains, and the patience with both.
struct Pair {
    config: Config,
    names: [String; 2],
    chains: [Cosmos; 2],
    deadline: Deadline,
}

pub(super) async fn execute(verb: ChannelVerb) -> Result<ExitCode> {
    match verb {
        ChannelVerb::Create {
            common,
            patience,
            a,
            b,
            port,
            b_port,
            order,
            version,
            connection,
            trust_period_secs,
        } => {
            let pair = Pair::open(&common, patience, [&a.chain, &b.chain])?;
            let wish = ChannelWish {
                ports: [port.clone(), b_port.unwrap_or(port)],
                ordering: order.into(),
                version,
            };
            let terms = Terms {
                trust_period: trust_period_secs.map(Seconds),
                clock_drift: CLOCK_DRIFT,
                trust_level: TrustLevel::ONE_THIRD,
            };
            let mut begun = Begun {
                places: [a, b],
                is_made: false,
            };
            let done = async {
                let clients = pair.clients(&mut begun, connection.as_ref(), &terms).await?;
                pair.create(&common, clients, connection.as_ref(), wish).await
            };
            let done = done.await;
            done.map_err(|error| begun.told(error))
        }
        ChannelVerb::Close {
            common,
            patience,
            channel,
        } => close(&common, patience, &channel).await,
    }
}

impl Pair {
    fn open(common: &Common, patience: Patience, names: [&String; 2]) -> Result<Self> {
        let config = load(common)?;
        if names[0] == names[1] {
            bail!(
                "failed to join {} with itself: a channel joins two chains",
                names[0]
            );
        }
        let open = |name: &String| open_cosmos(&config, name, ONLY_COSMOS);
        Ok(Self {
            chains: [open(names[0])?, open(names[1])?],
            names: names.map(String::clone),
            deadline: Deadline::in_secs(patience.wait_secs),
            config,
        })
    }

    fn chains(&self) -> [&Cosmos; 2] {
        self.chains.each_ref()
    }

    /// The clients that the channel stands on: those that are named, those of the connection, or new ones; none that does not
    /// fit.
    async fn clients(
        &self,
        begun: &mut Begun,
        connection: Option<&ConnectionId>,
        terms: &Terms,
    ) -> Result<[ClientId; 2]> {
        let mut known = begun.places.each_ref().map(|place| place.client.clone());
        if let Some(id) = connection {
            let read = || async { self.chains[0].clients_of(id).await };
            let [a, b] = self.until(&format!("read {id}"), read).await?;
            let [own, other] = &mut known;
            own.get_or_insert(a);
            other.get_or_insert(b);
        }
        let [a, b] = known;
        let clients = [
            self.client(0, a, begun, terms).await?,
            self.client(1, b, begun, terms).await?,
        ];
        for (side, client) in clients.iter().enumerate() {
            self.verify(side, client).await?;
        }
        Ok(clients)
    }

    async fn client(
        &self,
        side: usize,
        known: Option<ClientId>,
        begun: &mut Begun,
        terms: &Terms,
    ) -> Result<ClientId> {
        if let Some(id) = known {
            return Ok(id);
        }
        let (host, tracked) = (&self.names[side], &self.names[1 - side]);
        let what = format!("create a client of {tracked} on {host}");
        let make = || self.chains[side].create_client(&self.chains[1 - side], terms, self.deadline.left());
        let created = self.deadline.until(&what, make).await?;
        begun.places[side].client = Some(created.id.clone());
        begun.is_made = true;
        eprintln!(
            "{host}/{} follows {tracked}; if this command is interrupted, {}",
            created.id,
            begun.words()
        );
        Ok(created.id)
    }

    async fn verify(&self, side: usize, client: &ClientId) -> Result<()> {
        let end = format!("{}/{client}", self.names[side]);
        let expected = expected(&self.config, [&self.names[side], &self.names[1 - side]]);
        let check = || self.chains[side].verify_client(&self.chains[1 - side], client, &expected);
        let findings = self.deadline.until(&format!("verify {end}"), check).await?;
        refuse_bad(&end, &findings)
    }

    async fn create(
        &self,
        common: &Common,
        clients: [ClientId; 2],
        connection: Option<&ConnectionId>,
        wish: ChannelWish,
    ) -> Result<ExitCode> {
        let connected = self.connect(clients, connection).await?;
        let ordering = wish.ordering;
        let mut handshake = ChannelHandshake::new(self.chains(), connected.clone(), wish);
        let open = loop {
            match handshake
                .step(self.deadline.left())
                .await
                .map_err(told("open a channel"))?
            {
                Progress::Took(taken) => say("channel", &taken),
                Progress::Done(open) => break open,
            }
        };
        let end = |side: usize| {
            json!({
                "end": format!("{}/{}", self.names[side], open.ends[side]),
                "connection": connected.connections[side].as_str(),
                "client": connected.clients[side].as_str(),
            })
        };
        Format::of(common.json).print(&json!({
            "a": end(0),
            "b": end(1),
            "order": order_word(ordering),
            "version": open.version,
        }))?;
        Ok(ExitCode::SUCCESS)
    }

    async fn connect(&self, clients: [ClientId; 2], connection: Option<&ConnectionId>) -> Result<Connected> {
        let mut handshake = ConnectionHandshake::new(self.chains(), clients, connection);
        loop {
            match handshake
                .step(self.deadline.left())
                .await
                .map_err(told("open a connection"))?
            {
                Progress::Took(taken) => say("connection", &taken),
                Progress::Done(connected) => return Ok(connected),
            }
        }
    }

    /// Waits as [`Deadline::until`] does, with what does not fit told at once.
    async fn until<T, Trying>(&self, what: &str, attempt: impl Fn() -> Trying) -> Result<T>
    where
        Trying: Future<Output = Result<T, HandshakeFault>>,
    {
        let read = || async {
            match attempt().await {
                Ok(value) => Ok(Ok(value)),
                Err(HandshakeFault::Chain(fault)) => Err(fault),
                Err(HandshakeFault::Misfit(misfit)) => Ok(Err(misfit)),
            }
        };
        let read = self.deadline.until(what, read).await?;
        read.map_err(|misfit| anyhow!("failed to {what}: failed to {misfit}"))
    }
}

async fn close(common: &Common, patience: Patience, channel: &ChannelName) -> Result<ExitCode> {
    let config = load(common)?;
    let found = super::import::Found::read(&config, channel).await?;
    let deadline = Deadline::in_secs(patience.wait_secs);
    let [a, b] = &found.views;
    let clients = [a.client.clone(), b.client.clone()];
    let ends = [a.end.clone(), b.end.clone()];
    let mut closing = ChannelClosing::new(found.chains.each_ref(), clients, ends);
    let refused = told("close the channel");
    while let Progress::Took(taken) = closing.step(deadline.left()).await.map_err(&refused)? {
        say("channel", &taken);
    }
    Format::of(common.json).print(&json!({"a": found.name(0), "b": found.name(1), "state": "CLOSED"}))?;
    Ok(ExitCode::SUCCESS)
}

/// What a client has to be on a path between these chains. Which client is its counterparty, connections say.
pub(super) fn expected(config: &Config, chains: [&String; 2]) -> Expected {
    Expected {
        counterparty: None,
        terms_max: config.terms_max_between(chains.map(String::as_str)),
        depth: Depth::Whole,
    }
}

pub(super) fn told(what: &'static str) -> impl Fn(HandshakeFault) -> anyhow::Error {
    move |fault| anyhow!("failed to {what}: failed to {fault}")
}

fn say(what: &str, taken: &StepTaken) {
    let step = match taken.step {
        Step::Init => "INIT",
        Step::Try => "TRY",
        Step::Ack => "ACK",
        Step::Confirm => "CONFIRM",
    };
    eprintln!(
        "{what} {step}: {}/{} in transaction {}",
        taken.chain, taken.end, taken.tx
    );
}

pub(super) fn order_word(ordering: Ordering) -> &'static str {
    match ordering {
        Ordering::Ordered => "ordered",
        Ordering::Unordered => "unordered",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_that_ends_early_says_how_it_goes_on() {
        let place = |chain: &str, client: Option<&str>| Place {
            chain: chain.into(),
            client: client.map(|id| id.parse().expect("an id")),
        };
        let none = Begun {
            places: [place("east", Some("07-tendermint-0")), place("west", None)],
            is_made: false,
        };
        assert_eq!(none.told(anyhow!("no answer")).to_string(), "no answer");
        let half = Begun {
            places: [place("east", Some("07-tendermint-3")), place("west", None)],
            is_made: true,
        };
        // What is said as soon as the client is there is what is said at the end.
        assert!(
            half.words()
                .contains("goes on with --a east/07-tendermint-3 --b west,")
        );
        let told = format!("{:#}", half.told(anyhow!("no answer")));
        assert!(
            told.contains("--a east/07-tendermint-3 --b west,") && told.ends_with("no answer"),
            "{told}"
        );
    }
}
