//! The Ethereum client as a contract on a chain of ibc-go: stored through governance, created, updated, halted, frozen, recovered
//! and migrated, by transactions as everybody sends them.
//!
//! The beacon chain that it follows is one of which we know the keys, because a client has to be younger than its trust period; its
//! committees have 512 seats, its signatures are real. What the contract refuses is its own to say: refusals are looked at by rule.

mod forms;
mod governance;
mod tracked;

use anyhow::{Context, Result, ensure};
use chain_cosmos::{Any, Landed, Rpc, Wallet};
use scenarios::guardians::{LARGE_QUORUM, SMALL_QUORUM};
use wasm_client::Message;

use self::forms::Named as _;
use self::forms::{
    ClientStatusRequest, ClientStatusResponse, CreateClient, Height, MerklePath, MigrateContract,
    RecoverClient, StoreCode, UpdateClient, VerifyMembershipRequest, VerifyMembershipResponse,
};
use self::tracked::Tracked;
use super::chain::CosmosChain;
use super::keys::module_account;
use scenarios::cosmos::sent::{deliver, rules, wallet};
use scenarios::cosmos::served::served;

/// The contract that is checked in.
const CODE: &[u8] = include_bytes!("../../../../../light-clients/wasm/artifact/ethereum.wasm");
/// Blocks in which a transaction may be included: more than a busy machine needs.
const PATIENCE_BLOCKS: u64 = 120;
/// The proposal that stores the code tries it out, and pays for that.
const GAS_MAX: u64 = 400_000_000;
/// A transaction with the code in it.
const BYTES_MAX: u64 = 1_000_000;

/// A chain, and who acts on it.
struct Stage<'a> {
    chain: &'a CosmosChain,
    rpc: &'a Rpc,
    user: Wallet,
    voter: Wallet,
    findings: Vec<String>,
}

/// Does all that on a running chain that has let the contract in ([`let_in`]); says in a line each what was found.
///
/// # Errors
/// The chain refuses what it should accept, or accepts what it should refuse.
pub async fn wasm_client(chain: &CosmosChain) -> Result<Vec<String>> {
    let mut stage = Stage::on(chain)?;
    stage.run().await.context("the contract for 08-wasm")?;
    Ok(stage.findings)
}

/// Has governance let the contract in, so that clients can be created from it; says in a line what was found.
///
/// # Errors
/// The proposal does not pass.
pub async fn let_in(chain: &CosmosChain) -> Result<Vec<String>> {
    let mut stage = Stage::on(chain)?;
    stage
        .store(CODE.to_vec())
        .await
        .context("the contract for 08-wasm")?;
    Ok(stage.findings)
}

impl<'a> Stage<'a> {
    fn on(chain: &'a CosmosChain) -> Result<Self> {
        let settings = chain.settings();
        let rules = chain_cosmos::Rules {
            gas_max: GAS_MAX,
            bytes_max: BYTES_MAX,
            ..rules(settings.chain_id, PATIENCE_BLOCKS)?
        };
        let user = settings
            .keys()
            .into_iter()
            .next()
            .context("a chain without accounts")?;
        Ok(Self {
            chain,
            rpc: chain.rpc()?,
            user: wallet(rules.clone(), &[user])?,
            voter: wallet(rules, &[settings.operator_key(0)])?,
            findings: Vec::new(),
        })
    }
}

impl Stage<'_> {
    async fn run(&mut self) -> Result<()> {
        let checksum = forms::sha256(CODE);
        let tracked = Tracked::new()?;
        let halted = self.create(&tracked, &checksum, 0).await?;
        let frozen = self.create(&tracked, &checksum, 0).await?;
        self.follow(&tracked, &halted).await?;
        self.prove(&tracked, &halted).await?;
        self.forge(&tracked, &frozen).await?;
        self.halt(&tracked, &halted).await?;
        self.freeze(&tracked, &frozen).await?;
        let substitute = self.create(&tracked, &checksum, 1).await?;
        self.govern(&tracked, &halted, &frozen, &substitute).await
    }

    /// Stores code through governance, and checks under which checksum it is known.
    async fn store(&mut self, code: Vec<u8>) -> Result<Vec<u8>> {
        let bytes = code.len();
        let checksum = forms::sha256(&code);
        let signer = self.governor()?;
        let message = StoreCode { signer, code }.any();
        let gas = self.pass("Store the Ethereum client", vec![message]).await?;
        let known: forms::ChecksumsResponse = self
            .ask(
                "/ibc.lightclients.wasm.v1.Query/Checksums",
                &forms::ChecksumsRequest {},
            )
            .await?;
        let name = alloy_primitives::hex::encode(&checksum);
        ensure!(
            known.checksums.contains(&name),
            "no {name} among {:?}",
            known.checksums
        );
        self.findings.push(format!(
            "governance stored {bytes} bytes as {name}; submitting that took {gas} gas"
        ));
        Ok(checksum)
    }

    /// Creates a client that starts so many epochs after the first.
    async fn create(&mut self, tracked: &Tracked, checksum: &[u8], epochs: u64) -> Result<String> {
        let (state, consensus) = tracked.genesis(checksum, epochs)?;
        let landed = self
            .send(|signer| {
                let (client_state, consensus_state) = (Some(state.any()), Some(consensus.any()));
                CreateClient {
                    client_state,
                    consensus_state,
                    signer: signer.to_owned(),
                }
                .any()
            })
            .await?;
        let id = landed
            .events
            .iter()
            .filter(|event| event.kind == "create_client")
            .find_map(|event| event.attribute("client_id"))
            .context("no event names the client")?
            .to_owned();
        self.findings
            .push(format!("{id} is created for {} gas", landed.gas_used));
        self.expect_status(&id, "Active").await?;
        Ok(id)
    }

    /// Updates, signed by all and by two thirds, with and without the next committee.
    async fn follow(&mut self, tracked: &Tracked, client: &str) -> Result<()> {
        for (what, update) in tracked.updates()? {
            let bytes = update.len();
            let landed = self.tell(client, Message::Update(update)).await?;
            self.findings.push(format!(
                "{client}: an update {what}, {bytes} bytes, takes {} gas",
                landed.gas_used
            ));
        }
        Ok(())
    }

    /// A proof that holds, and one that does not.
    async fn prove(&mut self, tracked: &Tracked, client: &str) -> Result<()> {
        ensure!(
            self.verifies(tracked, client, false).await?,
            "a good proof is refused"
        );
        ensure!(
            !self.verifies(tracked, client, true).await?,
            "another value is proven"
        );
        self.findings
            .push(format!("{client}: a commitment is proven, another value is not"));
        Ok(())
    }

    /// Forged updates, each refused by its rule.
    async fn forge(&mut self, tracked: &Tracked, client: &str) -> Result<()> {
        let forged = tracked.forged()?;
        let count = forged.len();
        for (rule, update) in forged {
            let refused = self.tell(client, Message::Update(update)).await;
            expect_rule(refused.map(drop), rule).with_context(|| format!("the update against {rule}"))?;
        }
        self.findings.push(format!(
            "{client}: {count} forged updates are refused by their rules, among them points outside their groups"
        ));
        Ok(())
    }

    /// Guardians halt a client: it is active and proves nothing.
    async fn halt(&mut self, tracked: &Tracked, client: &str) -> Result<()> {
        let chain = self.chain.settings().chain_id;
        let too_few = tracked.halt(chain, client, SMALL_QUORUM - 1)?;
        expect_rule(self.tell(client, too_few).await.map(drop), "not_enough_signers")?;
        let landed = self
            .tell(client, tracked.halt(chain, client, SMALL_QUORUM)?)
            .await?;
        self.expect_status(client, "Active").await?;
        ensure!(
            !self.verifies(tracked, client, false).await?,
            "{client} proves while it is halted"
        );
        let resume = self
            .tell(client, tracked.resume(chain, client, LARGE_QUORUM)?)
            .await?;
        self.findings.push(format!(
            "{client}: {SMALL_QUORUM} guardians halt it for {} gas, it is active and proves nothing; {LARGE_QUORUM} schedule a \
             resume for {} gas",
            landed.gas_used, resume.gas_used
        ));
        Ok(())
    }

    async fn freeze(&mut self, tracked: &Tracked, client: &str) -> Result<()> {
        let landed = self.tell(client, Message::Evidence(tracked.evidence()?)).await?;
        self.expect_status(client, "Frozen").await?;
        self.findings.push(format!(
            "{client}: two finalized headers of one slot freeze it, for {} gas",
            landed.gas_used
        ));
        Ok(())
    }

    /// Governance moves one client to other code, which lifts its halt, and lets the other go on from a substitute.
    async fn govern(
        &mut self,
        tracked: &Tracked,
        halted: &str,
        frozen: &str,
        substitute: &str,
    ) -> Result<()> {
        // The same code to the machine, with another checksum: a custom section follows it.
        let other = [CODE, &[0, 2, 1, b'2']].concat();
        let (signer, checksum) = (self.governor()?, forms::sha256(&other));
        let store = StoreCode {
            signer: signer.clone(),
            code: other,
        };
        let migrate = MigrateContract {
            signer: signer.clone(),
            client_id: halted.to_owned(),
            checksum,
            message: br#"{"lift_halt":true}"#.to_vec(),
        };
        let recover = RecoverClient {
            subject: frozen.to_owned(),
            substitute: substitute.to_owned(),
            signer,
        };
        // A migration to code that is not stored yet can't be submitted.
        self.pass("Store the same with another checksum", vec![store.any()])
            .await?;
        self.pass(
            "Migrate one client, recover another",
            vec![migrate.any(), recover.any()],
        )
        .await?;
        ensure!(
            self.verifies(tracked, halted, false).await?,
            "{halted} proves nothing though its halt was lifted"
        );
        self.findings.push(format!(
            "{halted}: governance migrated it and lifted its halt; it proves again"
        ));
        self.expect_status(frozen, "Active").await?;
        self.tell(frozen, Message::Update(tracked.last_update()?)).await?;
        self.findings.push(format!(
            "{frozen}: governance let it go on from {substitute}; it is active and learns again"
        ));
        Ok(())
    }

    /// Sends one message of the user's.
    async fn send(&self, message: impl Fn(&str) -> Any) -> Result<Landed> {
        deliver(self.rpc, &self.user, |signer| Ok(vec![message(signer)])).await
    }

    /// Brings a client message.
    async fn tell(&self, client: &str, message: Message) -> Result<Landed> {
        let data = message.to_bytes();
        self.send(|signer| {
            UpdateClient {
                client_id: client.to_owned(),
                client_message: Some(forms::ClientMessage { data: data.clone() }.any()),
                signer: signer.to_owned(),
            }
            .any()
        })
        .await
    }

    /// Whether the chain verifies that the router stored something. It does not say why it does not.
    async fn verifies(&self, tracked: &Tracked, client: &str, is_false: bool) -> Result<bool> {
        let proof = tracked.proof();
        let mut value = proof.value.to_vec();
        if let (true, Some(last)) = (is_false, value.last_mut()) {
            *last ^= 1;
        }
        let asked = VerifyMembershipRequest {
            client_id: client.to_owned(),
            proof: proof.nodes,
            proof_height: Some(Height {
                revision_number: 0,
                revision_height: proof.slot,
            }),
            value,
            merkle_path: Some(MerklePath {
                key_path: vec![proof.path],
            }),
        };
        let said: VerifyMembershipResponse = self
            .ask("/ibc.core.client.v1.Query/VerifyMembership", &asked)
            .await?;
        Ok(said.success)
    }

    async fn expect_status(&self, client: &str, wanted: &str) -> Result<()> {
        let client_id = client.to_owned();
        let said: ClientStatusResponse = self
            .ask(
                "/ibc.core.client.v1.Query/ClientStatus",
                &ClientStatusRequest { client_id },
            )
            .await?;
        ensure!(said.status == wanted, "{client} is {}, not {wanted}", said.status);
        Ok(())
    }

    async fn ask<T: prost::Message + Default>(&self, path: &str, asked: &impl prost::Message) -> Result<T> {
        let said = served(self.rpc.query(path, &asked.encode_to_vec(), None).await)?;
        T::decode(said.value.as_slice()).with_context(|| format!("{path} answered something else"))
    }

    fn governor(&self) -> Result<String> {
        Ok(module_account("gov")?.to_string())
    }
}

/// Something was refused, by this rule.
fn expect_rule<T>(outcome: Result<T>, rule: &str) -> Result<()> {
    let Err(refused) = outcome else {
        anyhow::bail!("nothing refused what breaks {rule}");
    };
    let text = format!("{refused:#}");
    ensure!(
        text.contains(&format!("{rule}: ")),
        "refused by another rule than {rule}: {text}"
    );
    Ok(())
}
