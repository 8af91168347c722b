//! Attestors of one chain for tests: honest ones, one who never answers, and one who signs what is not true.

use alloy::signers::{SignerSync, local::PrivateKeySigner};
use alloy_primitives::{Address, B256, keccak256};
use anyhow::{Context, Result};
use attest::{Attestor, Book, Served, serve};
use attestor::Claim;
use chain_evm::{Attested, Evm};
use std::{
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
    task::JoinHandle,
};
use wire::Seconds;
use wire::sign::Domain;

/// How many attestors there are, and how many signatures are needed: as many as are honest.
pub const COUNT: usize = 5;
/// See [`COUNT`].
pub const THRESHOLD: u64 = 3;
/// The places of those who do not attest as they should.
const SILENT: usize = 3;
const LIAR: usize = 4;

/// The attestors of one chain.
pub struct Crowd {
    keys: Vec<PrivateKeySigner>,
    urls: Vec<String>,
    asked: [Arc<AtomicUsize>; 2],
    tasks: Vec<JoinHandle<()>>,
}

impl Drop for Crowd {
    fn drop(&mut self) {
        for task in &self.tasks {
            task.abort();
        }
    }
}

impl Crowd {
    /// Attestors with keys that follow from the chain's name; they do not answer yet.
    ///
    /// # Errors
    /// A key is none; that does not happen.
    pub fn new(chain: &str) -> Result<Self> {
        let mut keys = Vec::new();
        for number in 0..COUNT {
            let secret = keccak256(format!("weighbridge test attestor {number} of {chain}"));
            keys.push(PrivateKeySigner::from_bytes(&secret).context("failed to make an attestor's key")?);
        }
        Ok(Self {
            keys,
            urls: Vec::new(),
            asked: Default::default(),
            tasks: Vec::new(),
        })
    }

    /// The keys of the honest ones.
    pub fn honest(&self) -> &[PrivateKeySigner] {
        &self.keys[..SILENT]
    }

    /// Where all of them answer, in the order of their places.
    pub fn urls(&self) -> &[String] {
        &self.urls
    }

    /// The data file of a client that believes them.
    pub fn set(&self) -> String {
        let members = self.keys.iter().map(|key| {
            let address = key.address();
            format!("[[members]]\naddress = \"{address}\"\nweight = 1\n")
        });
        format!("threshold = {THRESHOLD}\ninterval = 1\nrotation_delay_secs = 3600\n")
            + &members.collect::<String>()
    }

    /// How an operator lists them in the configuration of their chain, once they answer.
    pub fn listed(&self) -> String {
        let pairs = self.keys.iter().zip(&self.urls);
        pairs.map(|(key, url)| listed(key, url)).collect()
    }

    /// How often the silent one and the liar were asked.
    pub fn asked(&self) -> [usize; 2] {
        [0, 1].map(|at: usize| self.asked[at].load(Ordering::SeqCst))
    }

    /// Lets the silent one and the liar answer in their way, beside honest ones who answer at `honest`.
    ///
    /// # Errors
    /// No port is free.
    pub async fn join(&mut self, honest: Vec<String>) -> Result<()> {
        self.urls = honest;
        let (url, task) = silent(self.asked[0].clone()).await?;
        self.urls.push(url);
        self.tasks.push(task);
        let root = |_| B256::repeat_byte(0x66);
        let (url, task) = liar(self.keys[LIAR].clone(), self.asked[1].clone(), root).await?;
        self.urls.push(url);
        self.tasks.push(task);
        Ok(())
    }

    /// Lets all of them answer, the honest ones by what `node` says, for the client `served`. Their books lie in `folder`.
    ///
    /// # Errors
    /// A book cannot be opened, or no port is free.
    pub async fn answer(
        &mut self,
        served: Served,
        folder: &Path,
        node: impl Fn() -> Result<Evm>,
    ) -> Result<()> {
        let mut urls = Vec::new();
        for key in &self.keys[..SILENT] {
            let book = Book::open(&folder.join(format!("{}.book", key.address())))?;
            let attestor = Attestor::new(node()?, key.clone(), vec![served], 1, book);
            let listener = TcpListener::bind("127.0.0.1:0")
                .await
                .context("no port is free")?;
            urls.push(format!("http://{}", listener.local_addr()?));
            self.tasks.push(tokio::spawn(async move {
                // It serves until it is aborted.
                drop(serve(listener, Arc::new(attestor), std::future::pending()).await);
            }));
        }
        self.join(urls).await
    }
}

/// An attestor who signs another root each time that he is asked for a block.
pub struct Turncoat {
    key: PrivateKeySigner,
    url: String,
    task: JoinHandle<()>,
}

impl Drop for Turncoat {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Turncoat {
    /// Lets him answer.
    ///
    /// # Errors
    /// No port is free.
    pub async fn new(key: PrivateKeySigner) -> Result<Self> {
        let root = |times: usize| keccak256(times.to_be_bytes());
        let (url, task) = liar(key.clone(), Arc::default(), root).await?;
        Ok(Self { key, url, task })
    }

    /// How an operator lists him.
    pub fn listed(&self) -> String {
        listed(&self.key, &self.url)
    }
}

fn listed(key: &PrivateKeySigner, url: &str) -> String {
    let address = key.address();
    format!("[[chains.attestors]]\nurl = \"{url}\"\naddress = \"{address}\"\n")
}

/// Takes connections and never says a word.
async fn silent(asked: Arc<AtomicUsize>) -> Result<(String, JoinHandle<()>)> {
    let listener = TcpListener::bind("127.0.0.1:0")
        .await
        .context("no port is free")?;
    let url = format!("http://{}", listener.local_addr()?);
    let task = tokio::spawn(async move {
        let mut held = Vec::new();
        while let Ok((stream, _)) = listener.accept().await {
            asked.fetch_add(1, Ordering::SeqCst);
            held.push(stream);
        }
    });
    Ok((url, task))
}

/// Signs for every block that it is asked for a root that is not its own, with its genuine key.
///
/// - `root`: which one, when it was asked so many times before.
async fn liar(
    key: PrivateKeySigner,
    asked: Arc<AtomicUsize>,
    root: impl Fn(usize) -> B256 + Send + 'static,
) -> Result<(String, JoinHandle<()>)> {
    let listener = TcpListener::bind("127.0.0.1:0")
        .await
        .context("no port is free")?;
    let url = format!("http://{}", listener.local_addr()?);
    let task = tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let root = root(asked.fetch_add(1, Ordering::SeqCst));
            let mut head = [0; 4_096];
            let length = stream.read(&mut head).await.unwrap_or(0);
            let body = lie(&key, &String::from_utf8_lossy(&head[..length]), root).unwrap_or_default();
            let answer = format!(
                "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
                body.len()
            );
            drop(stream.write_all(answer.as_bytes()).await);
        }
    });
    Ok((url, task))
}

/// A signed lie about the block that a request with this head asks for.
fn lie(key: &PrivateKeySigner, head: &str, root: B256) -> Option<String> {
    let path = head.split(' ').nth(1)?;
    let words: Vec<&str> = path.split('/').collect();
    let [_, _, _, host, contract, set, height] = words[..] else {
        return None;
    };
    let contract: Address = contract.parse().ok()?;
    let height = height.parse().ok()?;
    let claim = Claim {
        timestamp: Seconds(1_700_000_000),
        storage_root: root,
    };
    let domain = Domain::evm(host.parse().ok()?, contract, set.parse().ok()?);
    let signature = key.sign_hash_sync(&claim.digest(&domain, height)).ok()?;
    serde_json::to_string(&Attested {
        height,
        timestamp: claim.timestamp.0,
        storage_root: claim.storage_root,
        signature: signature.as_bytes().to_vec().into(),
    })
    .ok()
}
