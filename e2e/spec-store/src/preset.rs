//! Constants of the presets `mainnet` and `minimal`, as far as sizes of objects depend on them.

use anyhow::{Result, bail};

/// A preset.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Preset {
    /// `SYNC_COMMITTEE_SIZE`.
    pub sync_committee_size: u32,
    /// `SLOTS_PER_EPOCH`.
    pub slots_per_epoch: u64,
    /// `EPOCHS_PER_SYNC_COMMITTEE_PERIOD`.
    pub epochs_per_period: u64,
    /// `SLOTS_PER_HISTORICAL_ROOT`.
    pub historical_roots: u64,
    /// `EPOCHS_PER_ETH1_VOTING_PERIOD`.
    pub eth1_voting_epochs: u64,
    /// `EPOCHS_PER_HISTORICAL_VECTOR`.
    pub historical_vector: u64,
    /// `EPOCHS_PER_SLASHINGS_VECTOR`.
    pub slashings_vector: u64,
    /// `MAX_COMMITTEES_PER_SLOT`.
    pub committees_per_slot: u64,
    /// `MAX_WITHDRAWALS_PER_PAYLOAD`.
    pub withdrawals: u64,
    /// `PENDING_PARTIAL_WITHDRAWALS_LIMIT`.
    pub pending_partial_withdrawals: u64,
    /// `PENDING_CONSOLIDATIONS_LIMIT`.
    pub pending_consolidations: u64,
    /// `MAX_DEPOSIT_REQUESTS_PER_PAYLOAD`.
    pub deposit_requests: u64,
    /// `MAX_WITHDRAWAL_REQUESTS_PER_PAYLOAD`.
    pub withdrawal_requests: u64,
    /// `MAX_BLOB_COMMITMENTS_PER_BLOCK`. Releases of `minimal` differ in it, and in the two above.
    pub blob_commitments: u64,
}

impl Preset {
    /// Preset `mainnet`.
    pub const MAINNET: Self = Self {
        sync_committee_size: 512,
        slots_per_epoch: 32,
        epochs_per_period: 256,
        historical_roots: 8192,
        eth1_voting_epochs: 64,
        historical_vector: 65_536,
        slashings_vector: 8192,
        committees_per_slot: 64,
        withdrawals: 16,
        pending_partial_withdrawals: 1 << 27,
        pending_consolidations: 1 << 18,
        deposit_requests: 8192,
        withdrawal_requests: 16,
        blob_commitments: 4096,
    };

    /// Preset `minimal`.
    pub const MINIMAL: Self = Self {
        sync_committee_size: 32,
        slots_per_epoch: 8,
        epochs_per_period: 8,
        historical_roots: 64,
        eth1_voting_epochs: 4,
        historical_vector: 64,
        slashings_vector: 64,
        committees_per_slot: 4,
        withdrawals: 4,
        pending_partial_withdrawals: 64,
        pending_consolidations: 64,
        deposit_requests: 4,
        withdrawal_requests: 2,
        blob_commitments: 4096,
    };

    /// The preset of this name.
    ///
    /// # Errors
    /// Any other name.
    pub fn by_name(name: &str) -> Result<Self> {
        match name {
            "mainnet" => Ok(Self::MAINNET),
            "minimal" => Ok(Self::MINIMAL),
            other => bail!("preset {other} is neither mainnet nor minimal"),
        }
    }

    /// This preset as the releases of the specification since Deneb have had it. They differ in limits of lists, which
    /// change roots of block bodies: `minimal` had its own limits for blob commitments and for requests to the
    /// execution layer in some releases, those of `mainnet` in others.
    pub(crate) fn releases(self) -> impl Iterator<Item = Self> {
        let is_minimal = self.sync_committee_size == Self::MINIMAL.sync_committee_size;
        let commitments: &[u64] = if is_minimal { &[4096, 32, 16] } else { &[4096] };
        let requests: &[(u64, u64)] = if is_minimal {
            &[(8192, 16), (4, 2)]
        } else {
            &[(8192, 16)]
        };
        requests.iter().flat_map(move |(deposits, withdrawals)| {
            commitments.iter().map(move |blob_commitments| Self {
                blob_commitments: *blob_commitments,
                deposit_requests: *deposits,
                withdrawal_requests: *withdrawals,
                ..self
            })
        })
    }
}
