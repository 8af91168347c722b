//! A policy as an operator writes it: `all-of(client-0, at-least(2, client-1, client-2, 0x…))`.
//!
//! What this module must never do: decide what a policy may be (`policy::Policy` does).

use policy::Node;
use wire::Seconds;

/// A policy whose clients are names still.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Written {
    All(Vec<Written>),
    Any(Vec<Written>),
    AtLeast(u8, Vec<Written>),
    After(Seconds, String),
    Client(String),
}

/// Policies inside each other that are read at most; one of the law is less deep.
const DEPTH_MAX: usize = 8;

impl Written {
    /// Reads a policy.
    ///
    /// # Errors
    /// What is wrong with it.
    pub(crate) fn read(text: &str) -> Result<Self, String> {
        let mut rest = text;
        let written = node(&mut rest, 0)?;
        if rest.trim().is_empty() {
            return Ok(written);
        }
        Err(format!("{:?} is left over behind the policy", rest.trim()))
    }

    /// The names of its clients, from left to right.
    pub(crate) fn names(&self) -> Vec<&str> {
        match self {
            Self::All(children) | Self::Any(children) | Self::AtLeast(_, children) => {
                children.iter().flat_map(Self::names).collect()
            }
            Self::After(_, name) | Self::Client(name) => vec![name],
        }
    }

    /// The same with an address for each name.
    ///
    /// # Errors
    /// The first name that has none.
    pub(crate) fn resolved(
        &self,
        address: &impl Fn(&str) -> Option<alloy_primitives::Address>,
    ) -> Result<Node, String> {
        let all = |children: &[Self]| -> Result<Vec<Node>, String> {
            children.iter().map(|child| child.resolved(address)).collect()
        };
        let one = |name: &str| address(name).ok_or_else(|| format!("{name} is no client"));
        Ok(match self {
            Self::All(children) => Node::AllOf(all(children)?),
            Self::Any(children) => Node::AnyOf(all(children)?),
            Self::AtLeast(needed, children) => Node::AtLeast(*needed, all(children)?),
            Self::After(delay, name) => Node::After(*delay, one(name)?),
            Self::Client(name) => Node::Leaf(one(name)?),
        })
    }
}

fn node(rest: &mut &str, depth: usize) -> Result<Written, String> {
    if depth > DEPTH_MAX {
        return Err("policies stand too deep in each other".to_owned());
    }
    let name = word(rest)?;
    if !rest.trim_start().starts_with('(') {
        return Ok(Written::Client(name));
    }
    expect(rest, '(')?;
    let written = match name.as_str() {
        "all-of" => Written::All(children(rest, depth)?),
        "any-of" => Written::Any(children(rest, depth)?),
        "at-least" => {
            let needed = number(rest)?;
            expect(rest, ',')?;
            Written::AtLeast(needed, children(rest, depth)?)
        }
        "after" => {
            let delay = Seconds(number(rest)?);
            expect(rest, ',')?;
            Written::After(delay, word(rest)?)
        }
        other => {
            return Err(format!(
                "{other} is no policy; there are all-of, any-of, at-least and after"
            ));
        }
    };
    expect(rest, ')')?;
    Ok(written)
}

fn children(rest: &mut &str, depth: usize) -> Result<Vec<Written>, String> {
    let mut children = vec![node(rest, depth + 1)?];
    while rest.trim_start().starts_with(',') {
        expect(rest, ',')?;
        children.push(node(rest, depth + 1)?);
    }
    Ok(children)
}

fn number<T: std::str::FromStr>(rest: &mut &str) -> Result<T, String> {
    let word = word(rest)?;
    word.parse().map_err(|_| format!("{word} is no number that fits"))
}

/// Letters, digits and hyphens: a kind of policy, a client, a number.
fn word(rest: &mut &str) -> Result<String, String> {
    let text = rest.trim_start();
    let end = text
        .find(|c: char| !c.is_ascii_alphanumeric() && c != '-')
        .unwrap_or(text.len());
    let (word, left) = text.split_at(end);
    if word.is_empty() {
        return Err(match text.chars().next() {
            Some(found) => format!("a client or a policy is missing before {found:?}"),
            None => "a client or a policy is missing at the end".to_owned(),
        });
    }
    *rest = left;
    Ok(word.to_owned())
}

fn expect(rest: &mut &str, wanted: char) -> Result<(), String> {
    let text = rest.trim_start();
    match text.strip_prefix(wanted) {
        Some(left) => {
            *rest = left;
            Ok(())
        }
        None => Err(match text.chars().next() {
            Some(found) => format!("{wanted:?} is missing before {found:?}"),
            None => format!("{wanted:?} is missing at the end"),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloy_primitives::Address;

    #[test]
    fn a_policy_is_read_and_its_clients_found() {
        let text = "all-of( client-0,at-least(2, client-1, client-2, any-of(client-3)), after(60, client-4))";
        let written = Written::read(text).expect("a policy");
        assert_eq!(
            written.names(),
            ["client-0", "client-1", "client-2", "client-3", "client-4"]
        );
        let address = |name: &str| {
            Some(Address::with_last_byte(
                name.strip_prefix("client-")?.parse().ok()?,
            ))
        };
        let leaf = |n| Node::Leaf(Address::with_last_byte(n));
        let expected = Node::AllOf(vec![
            leaf(0),
            Node::AtLeast(2, vec![leaf(1), leaf(2), Node::AnyOf(vec![leaf(3)])]),
            Node::After(Seconds(60), Address::with_last_byte(4)),
        ]);
        assert_eq!(written.resolved(&address), Ok(expected));
        assert_eq!(
            Written::Client("nobody".into()).resolved(&address),
            Err("nobody is no client".into())
        );
    }

    #[test]
    fn what_is_no_policy_is_told() {
        for (text, why) in [
            ("", "missing at the end"),
            ("all-of(client-0", "')' is missing at the end"),
            ("all-of(client-0,)", "missing before ')'"),
            (
                "none-of(client-0)",
                "there are all-of, any-of, at-least and after",
            ),
            ("at-least(x, client-0)", "x is no number"),
            ("after(60)", "',' is missing before ')'"),
            ("client-0 client-1", "left over"),
        ] {
            let error = Written::read(text).expect_err("refused");
            assert!(error.contains(why), "{text}: {error}");
        }
        assert!(Written::read(&"any-of(".repeat(100)).is_err());
    }
}
