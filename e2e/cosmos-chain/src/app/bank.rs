//! Balances and supply, under the keys of the SDK's bank.
//!
//! Amounts end at 128 bits here, at 256 in the SDK: beyond that everything is refused as a number that is none.

use cosmrs::proto::cosmos::bank::v1beta1::MsgSend;
use cosmrs::proto::cosmos::base::v1beta1::Coin;

use super::address::{self, Address};
use super::auth;
use super::context::Context;
use super::refused::{Answer, sdk};

const STORE: &str = "bank";
const SUPPLY: u8 = 0;
const BALANCES: u8 = 2;
/// The module that holds fees.
pub(crate) const FEE_COLLECTOR: &str = "fee_collector";
/// The longest name of a coin.
const DENOM_MAX: usize = 128;

/// An amount of one coin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Amount {
    pub(crate) denom: String,
    pub(crate) amount: u128,
}

impl Amount {
    pub(crate) fn read(coin: &Coin) -> Answer<Self> {
        let bad = || sdk::INVALID_COINS.because(format_args!("{}{}", coin.amount, coin.denom));
        if !is_denom(&coin.denom) {
            return Err(bad());
        }
        Ok(Self {
            denom: coin.denom.clone(),
            amount: number(&coin.amount).ok_or_else(bad)?,
        })
    }
}

impl core::fmt::Display for Amount {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "{}{}", self.amount, self.denom)
    }
}

/// Several amounts as the SDK writes them.
pub(crate) fn list(amounts: &[Amount]) -> String {
    let texts: Vec<String> = amounts.iter().map(ToString::to_string).collect();
    texts.join(",")
}

/// Whether a coin can have this name.
pub(crate) fn is_denom(denom: &str) -> bool {
    let rest = |byte: u8| byte.is_ascii_alphanumeric() || b"/:._-".contains(&byte);
    (3..=DENOM_MAX).contains(&denom.len())
        && denom
            .bytes()
            .next()
            .is_some_and(|first| first.is_ascii_alphabetic())
        && denom.bytes().skip(1).all(rest)
}

/// A number in decimal digits.
pub(crate) fn number(text: &str) -> Option<u128> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|_| digits)
}

fn balance_key(address: &[u8], denom: &str) -> Vec<u8> {
    let mut key = vec![
        BALANCES,
        u8::try_from(address.len()).expect("addresses are short"),
    ];
    key.extend_from_slice(address);
    key.extend_from_slice(denom.as_bytes());
    key
}

fn supply_key(denom: &str) -> Vec<u8> {
    [&[SUPPLY], denom.as_bytes()].concat()
}

fn read(context: &mut Context<'_>, key: &[u8]) -> Answer<u128> {
    let text = context.get(STORE, key)?.unwrap_or_default();
    Ok(String::from_utf8(text)
        .ok()
        .and_then(|text| number(&text))
        .unwrap_or(0))
}

/// Zero is not stored.
fn write(context: &mut Context<'_>, key: &[u8], amount: u128) -> Answer<()> {
    if amount == 0 {
        context.delete(STORE, key)
    } else {
        context.set(STORE, key, amount.to_string().as_bytes())
    }
}

pub(crate) fn balance(context: &mut Context<'_>, address: &[u8], denom: &str) -> Answer<u128> {
    read(context, &balance_key(address, denom))
}

pub(crate) fn supply(context: &mut Context<'_>, denom: &str) -> Answer<u128> {
    read(context, &supply_key(denom))
}

/// All coins of an account, in the order of their names.
pub(crate) fn balances(context: &Context<'_>, address: &[u8]) -> Vec<Coin> {
    let prefix = balance_key(address, "");
    let store = context.stores.get(STORE).expect("a store of this chain");
    let under = |(key, value): (&[u8], &[u8])| {
        let denom = key.strip_prefix(prefix.as_slice())?;
        Some(Coin {
            denom: String::from_utf8(denom.to_vec()).ok()?,
            amount: String::from_utf8(value.to_vec()).ok()?,
        })
    };
    store.entries().into_iter().filter_map(under).collect()
}

fn take(context: &mut Context<'_>, from: &[u8], amount: &Amount) -> Answer<()> {
    let held = balance(context, from, &amount.denom)?;
    let Some(left) = held.checked_sub(amount.amount) else {
        return Err(sdk::INSUFFICIENT_FUNDS.because(format_args!(
            "spendable balance {held}{} is smaller than {amount}",
            amount.denom
        )));
    };
    write(context, &balance_key(from, &amount.denom), left)?;
    let spender = address::text(&context.rules.prefix, from);
    context.tell(
        "coin_spent",
        vec![("spender", spender), ("amount", amount.to_string())],
    );
    Ok(())
}

fn give(context: &mut Context<'_>, to: &[u8], amount: &Amount) -> Answer<()> {
    let held = balance(context, to, &amount.denom)?;
    let more = held
        .checked_add(amount.amount)
        .ok_or_else(|| sdk::INVALID_COINS.because("a balance above 128 bits"))?;
    write(context, &balance_key(to, &amount.denom), more)?;
    let receiver = address::text(&context.rules.prefix, to);
    context.tell(
        "coin_received",
        vec![("receiver", receiver), ("amount", amount.to_string())],
    );
    Ok(())
}

/// Moves coins; the receiver's account begins to exist with them.
pub(crate) fn send(context: &mut Context<'_>, from: &[u8], to: &[u8], amounts: &[Amount]) -> Answer<()> {
    for amount in amounts {
        take(context, from, amount)?;
        give(context, to, amount)?;
    }
    auth::ensure(context, to)?;
    let prefix = context.rules.prefix.clone();
    let (sender, recipient) = (address::text(&prefix, from), address::text(&prefix, to));
    let amount = list(amounts);
    context.tell(
        "transfer",
        vec![
            ("recipient", recipient),
            ("sender", sender.clone()),
            ("amount", amount),
        ],
    );
    context.tell("message", vec![("sender", sender)]);
    Ok(())
}

/// Makes coins, which `module` gets.
pub(crate) fn mint(context: &mut Context<'_>, module: &str, amount: &Amount) -> Answer<()> {
    let minter = address::of_name(module.as_bytes());
    let before = supply(context, &amount.denom)?;
    let after = before
        .checked_add(amount.amount)
        .ok_or_else(|| sdk::INVALID_COINS.because("a supply above 128 bits"))?;
    give(context, &minter, amount)?;
    write(context, &supply_key(&amount.denom), after)?;
    let minter = address::text(&context.rules.prefix, &minter);
    context.tell(
        "coinbase",
        vec![("minter", minter), ("amount", amount.to_string())],
    );
    Ok(())
}

/// Destroys coins that `module` has.
pub(crate) fn burn(context: &mut Context<'_>, module: &str, amount: &Amount) -> Answer<()> {
    let burner = address::of_name(module.as_bytes());
    take(context, &burner, amount)?;
    let before = supply(context, &amount.denom)?;
    write(
        context,
        &supply_key(&amount.denom),
        before.saturating_sub(amount.amount),
    )?;
    let burner = address::text(&context.rules.prefix, &burner);
    context.tell("burn", vec![("burner", burner), ("amount", amount.to_string())]);
    Ok(())
}

/// Whether nobody may send coins there.
pub(crate) fn is_blocked(address: &[u8]) -> bool {
    [FEE_COLLECTOR, crate::transfer::MODULE]
        .iter()
        .any(|module| address == address::of_name(module.as_bytes()))
}

/// `cosmos.bank.v1beta1.MsgSend`.
pub(crate) fn run_send(context: &mut Context<'_>, message: &MsgSend) -> Answer<()> {
    let prefix = context.rules.prefix.clone();
    let from: Address = address::parse(&prefix, &message.from_address)?;
    let to: Address = address::parse(&prefix, &message.to_address)?;
    if is_blocked(&to) {
        return Err(sdk::UNAUTHORIZED.because(format_args!(
            "{} is not allowed to receive funds",
            message.to_address
        )));
    }
    let amounts: Answer<Vec<Amount>> = message.amount.iter().map(Amount::read).collect();
    let amounts = amounts?;
    if amounts.is_empty() || amounts.iter().any(|amount| amount.amount == 0) {
        return Err(sdk::INVALID_COINS.because(list(&amounts)));
    }
    send(context, &from, &to, &amounts)
}
