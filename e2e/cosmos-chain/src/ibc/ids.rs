//! Identifiers, as ICS-24 and ibc-go allow them.

use crate::app::refused::{Answer, host};

fn check(what: &str, id: &str, min: usize, max: usize) -> Answer<()> {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"._+-#[]<>".contains(&byte);
    if id.trim().is_empty() {
        return Err(host::INVALID_ID
            .because("identifier cannot be blank")
            .during(what));
    }
    if id.len() < min || id.len() > max {
        let why = format!(
            "identifier {id} has invalid length: {}, must be between {min}-{max} characters",
            id.len()
        );
        return Err(host::INVALID_ID.because(why).during(what));
    }
    if !id.bytes().all(fits) {
        let why = format!(
            "identifier {id} must contain only alphanumeric or the following characters: '.', '_', '+', '-', '#', '[', ']', '<', '>'"
        );
        return Err(host::INVALID_ID.because(why).during(what));
    }
    Ok(())
}

/// A client where only clients are named.
pub(crate) fn check_client(what: &str, id: &str) -> Answer<()> {
    check(what, id, 4, 64)
}

/// A client where a packet names it: by the rule of channels.
pub(crate) fn check_packet_client(what: &str, id: &str) -> Answer<()> {
    check(what, id, 8, 64)
}

pub(crate) fn check_port(what: &str, id: &str) -> Answer<()> {
    check(what, id, 2, 128)
}

/// Whether it is `name-number`.
pub(crate) fn is_numbered(id: &str) -> bool {
    id.rsplit_once('-').is_some_and(|(name, number)| {
        let first = name
            .bytes()
            .next()
            .is_some_and(|byte| byte.is_ascii_alphanumeric());
        let digits = (1..=20).contains(&number.len()) && number.bytes().all(|byte| byte.is_ascii_digit());
        first && digits && !name.ends_with('-') && number.parse::<u64>().is_ok()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_numbered_ids_name_clients_of_transfers() {
        for id in ["07-tendermint-0", "client-7", "08-wasm-12"] {
            assert!(is_numbered(id), "{id}");
        }
        for id in [
            "client",
            "client-",
            "-1",
            "client-x",
            "client-99999999999999999999",
        ] {
            assert!(!is_numbered(id), "{id}");
        }
        assert!(check_packet_client("id", "client-0").is_ok() && check_packet_client("id", "cli-0").is_err());
        assert!(check_client("id", "cli-0").is_ok() && check_port("id", "tr/nsfer").is_err());
    }
}
