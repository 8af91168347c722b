//! Addresses: 20 bytes of a key's hash, or of a module's name, in bech32.

use cosmrs::AccountId;
use ripemd::Ripemd160;
use sha2::{Digest, Sha256};

use super::refused::{Answer, sdk};

/// An address as stores hold it.
pub(crate) type Address = Vec<u8>;

/// Bytes of an address that a hash is cut to.
const LENGTH: usize = 20;

/// The address of a public key of secp256k1.
pub(crate) fn of_key(key: &[u8]) -> Address {
    Ripemd160::digest(Sha256::digest(key)).to_vec()
}

/// The address of a module, or of anything else that has a name and no key.
pub(crate) fn of_name(name: &[u8]) -> Address {
    Sha256::digest(name)[..LENGTH].to_vec()
}

/// As text.
pub(crate) fn text(prefix: &str, address: &[u8]) -> String {
    AccountId::new(prefix, address).map_or_else(|_| hex::encode(address), |id| id.to_string())
}

/// From text.
pub(crate) fn parse(prefix: &str, text: &str) -> Answer<Address> {
    let id: AccountId = text
        .parse()
        .map_err(|error| sdk::INVALID_ADDRESS.because(format_args!("decoding bech32 failed: {error}")))?;
    if id.prefix() != prefix {
        return Err(sdk::INVALID_ADDRESS.because(format_args!(
            "invalid Bech32 prefix; expected {prefix}, got {}",
            id.prefix()
        )));
    }
    Ok(id.to_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modules_have_the_addresses_that_they_have_on_every_chain() {
        // Both as a real simd told them.
        let minter = text("cosmos", &of_name(b"transfer"));
        assert_eq!(minter, "cosmos1yl6hdjhmkf37639730gffanpzndzdpmhwlkfhr");
        assert_eq!(parse("cosmos", &minter).unwrap(), of_name(b"transfer"));
        assert_eq!(parse("osmo", &minter).unwrap_err().code, 7);
        assert_eq!(parse("cosmos", "cosmos1nonsense").unwrap_err().code, 7);
    }
}
