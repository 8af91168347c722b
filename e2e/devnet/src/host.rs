//! The threads of one chain: they serve its interfaces and let its time pass.
//!
//! Must never know what is served, nor what a slot does.

use crate::{
    clock::{Clock, Member},
    error::DevnetError,
};
use axum::Router;
use std::{net::SocketAddr, sync::Arc, time::Duration};
use tokio::{net::TcpListener, runtime::Runtime, time::Instant};

/// Threads that serve one chain.
const WORKERS: usize = 2;

/// The threads of one chain. Dropping it stops its servers and its clock.
#[derive(Debug)]
pub struct Host(Option<Runtime>);

impl Host {
    /// Starts the threads.
    ///
    /// Errors when the system has none left.
    pub fn start() -> Result<Self, DevnetError> {
        tokio::runtime::Builder::new_multi_thread()
            .worker_threads(WORKERS)
            .thread_name("devnet")
            .enable_all()
            .build()
            .map(|runtime| Self(Some(runtime)))
            .map_err(DevnetError::Runtime)
    }

    fn runtime(&self) -> &Runtime {
        self.0.as_ref().expect("taken only when the chain is dropped")
    }

    /// Serves `routes` and says where.
    ///
    /// Errors when the port cannot be bound.
    pub async fn serve(&self, listen: SocketAddr, routes: Router) -> Result<SocketAddr, DevnetError> {
        let bound = self.runtime().spawn(async move {
            let listener = TcpListener::bind(listen).await?;
            let address = listener.local_addr()?;
            tokio::spawn(async move { axum::serve(listener, routes).await });
            Ok(address)
        });
        match bound.await {
            Ok(Ok(address)) => Ok(address),
            Ok(Err(error)) => Err(DevnetError::Bind { listen, error }),
            Err(_) => Err(DevnetError::Stopped),
        }
    }

    /// Calls `pass` at the pace of `clock`, for ever; it lets one slot pass and answers the chain time of the next.
    pub fn run_clock(
        &self,
        clock: &Clock,
        member: Arc<Member>,
        seconds_per_slot: u64,
        mut pass: impl FnMut() -> u64 + Send + 'static,
    ) {
        let (slot, is_wall): (Duration, bool) = (clock.slot_duration(seconds_per_slot), clock.is_wall());
        self.runtime().spawn(async move {
            let mut due = Instant::now() + slot;
            loop {
                member.wait(due).await;
                member.moved_to(pass());
                // Simulated time stretches when the machine is slow; real time does not.
                due = if is_wall {
                    due + slot
                } else {
                    (due + slot).max(Instant::now())
                };
            }
        });
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}
