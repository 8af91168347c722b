//! Accounts: numbers, sequences and keys, under the keys of the SDK's auth.

use cosmrs::Any;
use cosmrs::proto::cosmos::auth::v1beta1::BaseAccount;
use prost::Message;

use super::address;
use super::context::Context;
use super::refused::{Answer, sdk};

const STORE: &str = "acc";
const ACCOUNTS: u8 = 1;
const NEXT_NUMBER: &[u8] = &[2];
/// How the plain account is named.
pub(crate) const BASE_ACCOUNT: &str = "/cosmos.auth.v1beta1.BaseAccount";

fn key(address: &[u8]) -> Vec<u8> {
    [&[ACCOUNTS], address].concat()
}

/// The account, if there is one.
pub(crate) fn find(context: &mut Context<'_>, address: &[u8]) -> Answer<Option<BaseAccount>> {
    let Some(bytes) = context.get(STORE, &key(address))? else {
        return Ok(None);
    };
    let any = Any::decode(bytes.as_slice()).expect("what was stored");
    Ok(Some(
        BaseAccount::decode(any.value.as_slice()).expect("what was stored"),
    ))
}

pub(crate) fn save(context: &mut Context<'_>, address: &[u8], account: &BaseAccount) -> Answer<()> {
    let any = Any {
        type_url: BASE_ACCOUNT.into(),
        value: account.encode_to_vec(),
    };
    context.set(STORE, &key(address), &any.encode_to_vec())
}

/// Makes an account unless there is one.
pub(crate) fn ensure(context: &mut Context<'_>, address: &[u8]) -> Answer<()> {
    if find(context, address)?.is_some() {
        return Ok(());
    }
    let stored = context.get(STORE, NEXT_NUMBER)?.unwrap_or_default();
    let number = stored.try_into().map_or(0, u64::from_be_bytes);
    context.set(STORE, NEXT_NUMBER, &(number + 1).to_be_bytes())?;
    let account = BaseAccount {
        address: address::text(&context.rules.prefix, address),
        pub_key: None,
        account_number: number,
        sequence: 0,
    };
    save(context, address, &account)
}

/// The account of somebody who signs.
pub(crate) fn of_signer(context: &mut Context<'_>, address: &[u8]) -> Answer<BaseAccount> {
    let text = address::text(&context.rules.prefix, address);
    find(context, address)?
        .ok_or_else(|| sdk::UNKNOWN_ADDRESS.because(format_args!("account {text} does not exist")))
}
