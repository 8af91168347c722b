//! One chain as its operator sees it: tokens, transfers, balances.

use alloy::network::EthereumWallet;
use alloy::providers::{DynProvider, Provider, ProviderBuilder};
use alloy::signers::local::PrivateKeySigner;
use alloy_primitives::{Address, U256};
use serde_json::Value;

/// Generated bindings, so that their lints stay in here.
#[allow(missing_docs, clippy::too_many_arguments)]
mod contracts {
    alloy::sol!(
        #[sol(rpc)]
        Transfer,
        "../../contracts/artifacts/Transfer.json"
    );
    alloy::sol!(
        #[sol(rpc)]
        TestToken,
        "../../contracts/artifacts/TestToken.json"
    );
}
use contracts::{TestToken, Transfer};

pub(crate) struct Side {
    pub(crate) provider: DynProvider,
    pub(crate) operator: Address,
    pub(crate) transfer: Address,
    pub(crate) client: String,
}

pub(crate) fn side(url: &str, signer: PrivateKeySigner, deployed: &Value, client: &str) -> Side {
    let operator = signer.address();
    let provider = ProviderBuilder::new()
        .wallet(EthereumWallet::from(signer))
        .connect_http(url.parse().expect("a url"))
        .erased();
    let transfer = deployed["transfer"]
        .as_str()
        .expect("an address")
        .parse()
        .expect("an address");
    Side {
        provider,
        operator,
        transfer,
        client: client.to_owned(),
    }
}

impl Side {
    /// Sends `amount` of `token` to `receiver` over this side's client; returns the sequence.
    pub(crate) async fn send(&self, token: Address, amount: U256, receiver: impl ToString) -> u64 {
        // 20 hours of chain time: the test must never be the reason for a timeout.
        self.send_for(token, amount, receiver, 72_000).await
    }

    /// The same, valid for so many seconds.
    pub(crate) async fn send_for(
        &self,
        token: Address,
        amount: U256,
        receiver: impl ToString,
        secs: u64,
    ) -> u64 {
        let erc20 = TestToken::new(token, self.provider.clone());
        let approved = erc20
            .approve(self.transfer, amount)
            .send()
            .await
            .expect("approved");
        assert!(approved.get_receipt().await.expect("a receipt").status());
        let app = Transfer::new(self.transfer, self.provider.clone());
        let latest = self
            .provider
            .get_block(alloy::eips::BlockId::latest())
            .await
            .expect("asked")
            .expect("a block");
        let message = Transfer::SendTransferMsg {
            denom: token,
            amount,
            receiver: receiver.to_string().to_lowercase(),
            sourceClient: self.client.clone(),
            destPort: "transfer".into(),
            timeoutTimestamp: latest.header.timestamp + secs,
            memo: String::new(),
        };
        let sequence = app
            .sendTransfer(message.clone())
            .call()
            .await
            .expect("it would be sent");
        let sent = app
            .sendTransfer(message)
            .send()
            .await
            .expect("sent")
            .get_receipt()
            .await
            .expect("a receipt");
        assert!(sent.status());
        sequence
    }

    pub(crate) async fn balance(&self, token: Address) -> U256 {
        TestToken::new(token, self.provider.clone())
            .balanceOf(self.operator)
            .call()
            .await
            .expect("a balance")
    }

    pub(crate) async fn voucher(&self, denom: &str) -> Address {
        let app = Transfer::new(self.transfer, self.provider.clone());
        app.ibcERC20Contract(denom.to_owned())
            .call()
            .await
            .expect("a voucher")
    }
}

/// A token of which the operator holds 1,000.
pub(crate) async fn minted_token(north: &Side) -> Address {
    let token = TestToken::deploy(north.provider.clone(), "Test".into(), "TST".into())
        .await
        .expect("a token");
    let token = *token.address();
    let minted = TestToken::new(token, north.provider.clone())
        .mint(north.operator, U256::from(1_000))
        .send()
        .await;
    assert!(
        minted
            .expect("minted")
            .get_receipt()
            .await
            .expect("a receipt")
            .status()
    );
    token
}
