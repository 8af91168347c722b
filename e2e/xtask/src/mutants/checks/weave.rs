//! Writes a source in which chosen checks can be switched off one at a time, when a test runs: the number of the check is
//! the address of the block's beneficiary, which no contract here asks for. So one build serves all of them.
//!
//! Lines keep their numbers, so that the compiler's errors name the check that they come from.

use super::find::{Check, Found, Way};
use super::header::Header;
use super::tokens::Code;

/// Begins the name by which a planted violation asks whether it is on; its number follows.
pub(crate) const PLANTED: &str = "PLANTED_";

/// A piece of text for a place; what stood from `start` to `end` goes.
type Edit = (usize, usize, String);

/// The source with switches. `chosen`: numbers of checks in `found` with the number that switches each off. `tag` is a
/// number of the file.
pub(crate) fn switched(text: &str, found: &Found, chosen: &[(usize, usize)], tag: usize) -> String {
    let Ok(code) = Code::read(text) else {
        return text.to_owned();
    };
    let mut edits: Vec<Edit> = Vec::new();
    for (at, number) in chosen {
        if let Some(check) = found.checks.get(*at) {
            let switch = Switch {
                off: format!("__off{tag}({number})"),
                local: Some(*number),
            };
            edits.extend(edit(check, &switch));
        }
    }
    for (at, header) in found.headers.iter().enumerate() {
        let numbers: Vec<(usize, usize)> = chosen
            .iter()
            .filter_map(|(check, number)| match found.checks.get(*check)?.way {
                Way::Modifier { function, position } if function == at => Some((position, *number)),
                _ => None,
            })
            .collect();
        if !numbers.is_empty() {
            edits.push(hand_on(&code, header, &numbers, tag));
        }
    }
    format!("{}\n{}", apply(text, edits).trim_end(), definition(tag))
}

/// The source with a switch for each violation that is planted in it: `PLANTED_7` is true when number 7 is off.
pub(crate) fn switched_planted(text: &str, tag: usize) -> String {
    if !text.contains(PLANTED) {
        return text.to_owned();
    }
    let mut parts = text.split(PLANTED);
    let mut switched = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let digits = part.find(|letter: char| !letter.is_ascii_digit());
        let (number, rest) = part.split_at(digits.unwrap_or(part.len()));
        switched += &format!("__off{tag}({number}){rest}");
    }
    if switched.contains(&format!("function __off{tag}(")) {
        return switched;
    }
    format!("{}\n{}", switched.trim_end(), definition(tag))
}

/// The source without one check.
pub(crate) fn without(text: &str, found: &Found, check: &Check) -> String {
    let Ok(code) = Code::read(text) else {
        return text.to_owned();
    };
    let switch = Switch {
        off: "true".to_owned(),
        local: None,
    };
    let mut edits: Vec<Edit> = edit(check, &switch);
    if let Way::Modifier { function, position } = check.way
        && let Some(modifier) = found
            .headers
            .get(function)
            .and_then(|header| header.modifiers.get(position))
    {
        edits.push((code.start(modifier.0), code.end(modifier.1 - 1), String::new()));
    }
    apply(text, edits)
}

/// The lines in which an error of the compiler may come from the switch of a check.
pub(crate) fn lines(text: &str, found: &Found, check: &Check) -> (usize, usize) {
    let header = match check.way {
        Way::Modifier { function, .. } => found.headers.get(function),
        _ => None,
    };
    match (header, Code::read(text)) {
        (Some(header), Ok(code)) => {
            let body = header.body.unwrap_or(header.at);
            (code.line(code.start(header.at)), code.line(code.start(body)))
        }
        _ => check.lines,
    }
}

/// What a check is replaced by.
struct Switch {
    /// An expression that is true when the check is off.
    off: String,
    /// Its number, if assembly is to see it in a variable.
    local: Option<usize>,
}

fn edit(check: &Check, switch: &Switch) -> Vec<Edit> {
    let off = &switch.off;
    let insert = |place: usize, text: String| (place, place, text);
    let wrap = |start: usize, end: usize, before: &str, after: String| {
        vec![insert(start, before.to_owned()), insert(end, after)]
    };
    let (local, declared) = match switch.local {
        Some(number) => (format!("off{number}"), format!("bool off{number} = {off}; ")),
        None => ("1".to_owned(), String::new()),
    };
    match check.way {
        Way::Require { start, end } => wrap(start, end, "(", format!(") || {off}")),
        Way::Guard { start, end } => wrap(start, end, "(", format!(") && !{off}")),
        Way::Statement { start } => vec![insert(start, format!("if (!{off}) "))],
        Way::YulGuard { block, start, end } => {
            let mut edits = wrap(start, end, "and(iszero(iszero(", format!(")), iszero({local}))"));
            edits.push(insert(block, declared));
            edits
        }
        Way::YulStatement { block, start, end } => {
            let mut edits = wrap(start, end, &format!("if iszero({local}) {{ "), " }".to_owned());
            edits.push(insert(block, declared));
            edits
        }
        Way::Modifier { .. } => Vec::new(),
    }
}

/// A function that hands its work on to a copy with all its modifiers, or to one that lacks the one that is off.
fn hand_on(code: &Code<'_>, header: &Header, numbers: &[(usize, usize)], tag: usize) -> Edit {
    let name = code.word(header.at + 1);
    let id = format!("{tag}_{}", header.at);
    let (parameters, arguments) = parameters(code, header);
    let plain = |part: &(usize, usize)| code.plain(part.0, part.1);
    let attributes: Vec<String> = header.attributes.iter().map(plain).collect();
    let returns = header.returns.as_ref().map(plain).unwrap_or_default();
    let inner: Vec<&String> = attributes
        .iter()
        .filter(|word| matches!(word.as_str(), "view" | "pure"))
        .collect();
    let inner = format!("private {}", inner.first().map_or("", |word| word.as_str()));
    let call = |to: &str| {
        if returns.is_empty() {
            format!("{to}({arguments}); return;")
        } else {
            format!("return {to}({arguments});")
        }
    };
    let modifiers = |left_out: Option<usize>| -> String {
        let kept = header
            .modifiers
            .iter()
            .enumerate()
            .filter(|(at, _)| Some(*at) != left_out);
        kept.map(|(_, part)| plain(part) + " ").collect()
    };

    let mut outer = format!(
        "function {name}({parameters}) {} {returns} {{ ",
        attributes.join(" ")
    );
    let mut copies = String::new();
    for (position, number) in numbers {
        let to = format!("__without{id}_{number}");
        outer += &format!("if (__off{tag}({number})) {{ {} }} ", call(&to));
        let modifiers = modifiers(Some(*position));
        copies += &format!(
            "function {to}({parameters}) {inner} {modifiers}{returns} {{ {} }} ",
            call(&format!("__body{id}"))
        );
    }
    outer += &format!("{} }} ", call(&format!("__with{id}")));
    let modifiers = modifiers(None);
    copies += &format!(
        "function __with{id}({parameters}) {inner} {modifiers}{returns} {{ {} }} ",
        call(&format!("__body{id}"))
    );
    let body = format!("function __body{id}({parameters}) {inner} {returns} ");
    let (start, end) = (
        code.start(header.at),
        code.start(header.body.unwrap_or(header.at)),
    );
    let newlines = "\n".repeat(code.slice(start, end).matches('\n').count());
    (start, end, format!("{outer}{copies}{body}{newlines}"))
}

/// The parameters of a function, each with a name, and the arguments that hand them on.
fn parameters(code: &Code<'_>, header: &Header) -> (String, String) {
    let mut parameters = Vec::new();
    let mut arguments = Vec::new();
    for (at, ((from, to), named)) in header.parameters.iter().enumerate() {
        let declared = code.plain(*from, *to);
        match named {
            Some(named) => {
                arguments.push(code.word(*named).to_owned());
                parameters.push(declared);
            }
            None => {
                arguments.push(format!("unnamed{at}"));
                parameters.push(format!("{declared} unnamed{at}"));
            }
        }
    }
    (parameters.join(", "), arguments.join(", "))
}

/// The switch itself. Asking the environment makes no function `view` that was `pure`: the compiler is not told.
fn definition(tag: usize) -> String {
    format!(
        "function __off{tag}(uint256 number) pure returns (bool off) {{ \
         function(uint256) view returns (bool) asked = __isOff{tag}; function(uint256) pure returns (bool) answered; \
         assembly (\"memory-safe\") {{ answered := asked }} return answered(number); }} \
         function __isOff{tag}(uint256 number) view returns (bool) {{ return uint160(address(block.coinbase)) == number; }}\n"
    )
}

fn apply(text: &str, mut edits: Vec<Edit>) -> String {
    // From the end, so that places stay true; at one place the later edit comes to stand behind.
    edits.sort_by_key(|(start, end, _)| (*start, *end));
    let mut changed = text.to_owned();
    for (start, end, with) in edits.into_iter().rev() {
        changed.replace_range(start..end, &with);
    }
    changed
}

#[cfg(test)]
#[path = "weave_tests.rs"]
mod tests;
