//! Names in configuration and on the command line.

use chain::ChainName;
use relayer_core::EndName;
use wire::End;

/// The longest chain name, in characters.
const NAME_MAX: usize = 32;

/// Reads an end, written as `chain/client`, or for a channel of IBC v1 as `chain/port/channel`.
///
/// # Errors
/// What is wrong with it.
pub fn parse_end(text: &str) -> Result<EndName, String> {
    let Some((chain, id)) = text.split_once('/') else {
        return Err(format!(
            "{text} is no end; write it as chain/client, such as north/client-0, or as chain/port/channel"
        ));
    };
    let id: End = id
        .parse()
        .map_err(|reject| format!("{id} is no client id and no channel: {reject}"))?;
    Ok(EndName {
        chain: chain_name(chain)?,
        id,
    })
}

/// Reads the name of a chain: letters, digits and hyphens, so that it can stand in paths and urls.
///
/// # Errors
/// What is wrong with it.
pub(super) fn chain_name(text: &str) -> Result<ChainName, String> {
    let fits = text.chars().all(|c| c.is_ascii_alphanumeric() || c == '-') && !text.is_empty();
    if fits && text.len() <= NAME_MAX {
        return Ok(ChainName(text.to_owned()));
    }
    Err(format!(
        "{text:?} is no chain name: 1 to {NAME_MAX} letters, digits and hyphens"
    ))
}
