//! What every transaction goes through before its messages run, in the order of the SDK: timeout height, memo, size, fee,
//! keys, signatures, sequences.

use cosmrs::Any;
use cosmrs::proto::cosmos::crypto::secp256k1::PubKey;
use cosmrs::proto::cosmos::tx::v1beta1::mode_info::{Single, Sum};
use cosmrs::proto::cosmos::tx::v1beta1::{ModeInfo, SignDoc, SignerInfo};
use k256::ecdsa::signature::Verifier;
use k256::ecdsa::{Signature, VerifyingKey};
use prost::Message;

use super::address::{self, Address};
use super::bank::{self, Amount, FEE_COLLECTOR};
use super::context::Context;
use super::refused::{Answer, sdk};
use super::tx::Tx;
use super::{Mode, auth};

const MEMO_MAX: usize = 256;
const GAS_PER_TX_BYTE: u64 = 10;
const GAS_PER_SIGNATURE: u64 = 1_000;
const SECP256K1: &str = "/cosmos.crypto.secp256k1.PubKey";
/// `SIGN_MODE_DIRECT`.
const DIRECT: i32 = 1;

/// Judges a transaction, takes its fee and counts its sequences.
pub(crate) fn run(context: &mut Context<'_>, tx: &Tx, mode: Mode) -> Answer<()> {
    check_form(tx)?;
    check_timeout(context, tx)?;
    if tx.body.memo.len() > MEMO_MAX {
        return Err(sdk::MEMO_TOO_LARGE.because(format_args!(
            "maximum number of characters is {MEMO_MAX} but received {} characters",
            tx.body.memo.len()
        )));
    }
    context.spend(GAS_PER_TX_BYTE * tx.bytes.len() as u64, "txSize")?;
    let prefix = context.rules.prefix.clone();
    let signers: Answer<Vec<Address>> = tx
        .signers()
        .iter()
        .map(|signer| address::parse(&prefix, signer))
        .collect();
    let signers = signers?;
    if signers.len() != tx.auth.signer_infos.len() || signers.len() != tx.raw.signatures.len() {
        return Err(sdk::UNAUTHORIZED.because(format_args!(
            "wrong number of signers; expected {}, got {}",
            signers.len(),
            tx.raw.signatures.len()
        )));
    }
    take_fee(context, tx, &signers[0], mode)?;
    for ((signer, info), signature) in signers.iter().zip(&tx.auth.signer_infos).zip(&tx.raw.signatures) {
        check_signer(context, tx, signer, info, signature, mode)?;
    }
    Ok(())
}

fn check_form(tx: &Tx) -> Answer<()> {
    if tx.messages.is_empty() {
        return Err(sdk::INVALID_REQUEST.because("must contain at least one message"));
    }
    for message in &tx.messages {
        message.check()?;
    }
    if tx.raw.signatures.is_empty() {
        return Err(sdk::NO_SIGNATURES.plain());
    }
    Ok(())
}

fn check_timeout(context: &Context<'_>, tx: &Tx) -> Answer<()> {
    let (height, timeout) = (context.height, tx.body.timeout_height);
    if timeout > 0 && height > timeout {
        return Err(
            sdk::TX_TIMEOUT_HEIGHT.because(format_args!("block height: {height}, timeout height: {timeout}"))
        );
    }
    Ok(())
}

fn take_fee(context: &mut Context<'_>, tx: &Tx, payer: &[u8], mode: Mode) -> Answer<()> {
    let fee = tx.fee();
    let amounts: Answer<Vec<Amount>> = fee.amount.iter().map(Amount::read).collect();
    let amounts = amounts?;
    if matches!(mode, Mode::Check | Mode::Recheck) {
        check_price(context, &amounts, fee.gas_limit)?;
    }
    let text = address::text(&context.rules.prefix, payer);
    if auth::find(context, payer)?.is_none() {
        return Err(sdk::UNKNOWN_ADDRESS.because(format_args!("fee payer address: {text} does not exist")));
    }
    if amounts.iter().any(|amount| amount.amount > 0) {
        let collector = address::of_name(FEE_COLLECTOR.as_bytes());
        // The SDK wraps this error into itself.
        bank::send(context, payer, &collector, &amounts).map_err(|refused| {
            match refused.is_out_of_gas() {
                true => refused,
                false => sdk::INSUFFICIENT_FUNDS.because(refused.log),
            }
        })?;
    }
    context.tell("tx", vec![("fee", bank::list(&amounts)), ("fee_payer", text)]);
    Ok(())
}

/// The node's own lowest price; what is in a block is not asked for it again.
fn check_price(context: &Context<'_>, offered: &[Amount], gas: u64) -> Answer<()> {
    let rules = context.rules;
    let wanted = (u128::from(gas) * u128::from(rules.gas_price_micro)).div_ceil(1_000_000);
    let got = offered.iter().find(|amount| amount.denom == rules.denom);
    if got.map_or(0, |amount| amount.amount) >= wanted {
        return Ok(());
    }
    Err(sdk::INSUFFICIENT_FEE.because(format_args!(
        "insufficient fees; got: {} required: {wanted}{}",
        bank::list(offered),
        rules.denom
    )))
}

fn check_signer(
    context: &mut Context<'_>,
    tx: &Tx,
    signer: &[u8],
    info: &SignerInfo,
    signature: &[u8],
    mode: Mode,
) -> Answer<()> {
    let mut account = auth::of_signer(context, signer)?;
    let shown = info.public_key.clone().or_else(|| account.pub_key.clone());
    let key = public_key(shown.as_ref())?;
    if address::of_key(&key) != signer {
        return Err(sdk::INVALID_PUBKEY.because(format_args!(
            "pubKey does not match signer address {} with signer index: 0",
            account.address
        )));
    }
    context.spend(GAS_PER_SIGNATURE, "ante verify: secp256k1")?;
    let (got, expected) = (info.sequence, account.sequence);
    if got != expected {
        return Err(sdk::WRONG_SEQUENCE.because(format_args!(
            "account sequence mismatch, expected {expected}, got {got}"
        )));
    }
    let is_direct = matches!(
        info.mode_info,
        Some(ModeInfo {
            sum: Some(Sum::Single(Single { mode: DIRECT }))
        })
    );
    // A simulation shows no signature, and a block's rechecked transactions showed theirs.
    let is_judged = matches!(mode, Mode::Check | Mode::Deliver);
    let sound = is_direct
        && has_signed(
            &context.rules.chain_id,
            tx,
            account.account_number,
            &key,
            signature,
        );
    if is_judged && !sound {
        return Err(sdk::UNAUTHORIZED.because(format_args!(
            "signature verification failed; please verify account number ({}), sequence ({got}) and chain-id ({})",
            account.account_number, context.rules.chain_id
        )));
    }
    let acc_seq = format!("{}/{expected}", account.address);
    context.tell("tx", vec![("acc_seq", acc_seq)]);
    context.tell("tx", vec![("signature", crate::rpc::base64(signature))]);
    account.pub_key = shown;
    account.sequence += 1;
    auth::save(context, signer, &account)
}

fn public_key(any: Option<&Any>) -> Answer<Vec<u8>> {
    let any = any.ok_or_else(|| sdk::INVALID_PUBKEY.because("pubkey on account is not set"))?;
    if any.type_url != SECP256K1 {
        return Err(
            sdk::INVALID_PUBKEY.because(format_args!("unrecognized public key type: {}", any.type_url))
        );
    }
    PubKey::decode(any.value.as_slice())
        .map(|key| key.key)
        .map_err(|error| sdk::INVALID_PUBKEY.because(error))
}

/// Whether the signature is one of `SIGN_MODE_DIRECT` by `key`. Of the two that fit, the SDK takes the one with a low s.
fn has_signed(chain_id: &str, tx: &Tx, account_number: u64, key: &[u8], signature: &[u8]) -> bool {
    let doc = SignDoc {
        body_bytes: tx.raw.body_bytes.clone(),
        auth_info_bytes: tx.raw.auth_info_bytes.clone(),
        chain_id: chain_id.to_owned(),
        account_number,
    };
    let (Ok(key), Ok(signature)) = (
        VerifyingKey::from_sec1_bytes(key),
        Signature::from_slice(signature),
    ) else {
        return false;
    };
    signature.normalize_s().is_none() && key.verify(&doc.encode_to_vec(), &signature).is_ok()
}
