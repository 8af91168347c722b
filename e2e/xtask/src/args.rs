//! The command line.

use std::ffi::OsString;

use anyhow::{Result, bail};
use lexopt::prelude::{Long, Short, Value, ValueExt};

use crate::layout::Intent;
use crate::mutants::checks::Options;
use crate::test::Scope;
use crate::wasm;

/// What `cargo xtask help` prints.
pub(crate) const HELP: &str = "\
cargo xtask COMMAND

  test [--quick] [--budget-minutes N]   everything that must hold; --quick leaves the real chains out,
       [--only STAGE]..                 a budget leaves out what no longer fits, real chains first, --only all but STAGE and its needs
  tidy                                  the rules of the house that no compiler checks
  vectors consensus|devnet|ics23|tendermint DIR
                                        replay a folder of light-client vectors, of proofs of Cosmos stores, or of traces
  attacks [--only NAME]                 try every attack of docs/attacks.md with the rule that refuses it and without
  mutants contracts [--recent N]        take each check out of contracts/src, one at a time, and expect a test to fail; break each
       [--file PART] [--list]           invariant. Only those that changed last, only files with PART in their path, only print
       [--invariants]                   them, only the invariants
  formal [PART]                         prove the properties of contracts/spec, and find each planted violation
  artifacts [--check]                   rebuild contracts/artifacts, or compare with what is there
  layout [--check] [--rewrite]          record what upgraded contracts append to their storage; refuse what moves (or rewrite)
  gas [--seed N] [--check]              rebuild contracts/snapshots/gas.json; with a seed check the limits only
  guide                                 follow docs/howto/{first-dapp,guardian}.md word for word, each in an empty folder
  wasm [--check] [--rebuild]            build the contract for 08-wasm if its inputs changed, or compare with what is there
  bench [GROUP]                         print figures and their units; `bench cosmos` wants simd, hermes and rly
  install [TOOL..]                      cargo-deny, foundry, geth, halmos, prysm, simd, wasm-tools: into the cache, all by default;
                                        hermes, rly, which only benchmarks want: by name
  help                                  this text

Tools are kept in WEIGHBRIDGE_CACHE (by default .cache/weighbridge in your home folder).
WEIGHBRIDGE_VECTORS names a folder of vectors that are not part of the repository.
";

/// A command with its arguments.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Command {
    Test(Scope),
    Tidy,
    Vectors(Vec<OsString>),
    Attacks(Vec<OsString>),
    Mutants(Options),
    Formal(Option<String>),
    Artifacts { check: bool },
    Layout(Intent),
    Gas(Vec<OsString>),
    Guide,
    Wasm(wasm::Intent),
    Bench(Vec<OsString>),
    Install(Vec<String>),
    Help,
}

/// Reads the arguments behind the program's name.
///
/// # Errors
/// If a command or an option is not known, or a number is none.
pub(crate) fn parse(args: impl IntoIterator<Item = OsString>) -> Result<Command> {
    let mut parser = lexopt::Parser::from_args(args);
    let Some(first) = parser.next()? else {
        return Ok(Command::Help);
    };
    let name = match first {
        Value(name) => name.string()?,
        Short('h') | Long("help") => return Ok(Command::Help),
        other => return Err(other.unexpected().into()),
    };
    match name.as_str() {
        "test" => scope(&mut parser).map(Command::Test),
        "tidy" => end(&mut parser, Command::Tidy),
        "vectors" => rest(&mut parser).map(Command::Vectors),
        "attacks" => rest(&mut parser).map(Command::Attacks),
        "mutants" => mutants(&mut parser).map(Command::Mutants),
        "formal" => formal(&mut parser).map(Command::Formal),
        "artifacts" => Ok(Command::Artifacts {
            check: is_check(&mut parser)?,
        }),
        "layout" => intent(&mut parser).map(Command::Layout),
        "gas" => rest(&mut parser).map(Command::Gas),
        "guide" => end(&mut parser, Command::Guide),
        "wasm" => wasm_intent(&mut parser).map(Command::Wasm),
        "bench" => rest(&mut parser).map(Command::Bench),
        "install" => {
            let names: Result<_, lexopt::Error> =
                rest(&mut parser)?.into_iter().map(|name| name.string()).collect();
            Ok(Command::Install(names?))
        }
        "help" => end(&mut parser, Command::Help),
        unknown => bail!("no command `{unknown}`\n\n{HELP}"),
    }
}

fn scope(parser: &mut lexopt::Parser) -> Result<Scope> {
    let mut scope = Scope::default();
    while let Some(arg) = parser.next()? {
        match arg {
            Long("quick") => scope.quick = true,
            Long("budget-minutes") => scope.budget_minutes = Some(parser.value()?.parse()?),
            Long("only") => scope.only.push(parser.value()?.string()?),
            other => return Err(other.unexpected().into()),
        }
    }
    Ok(scope)
}

fn mutants(parser: &mut lexopt::Parser) -> Result<Options> {
    match parser.next()? {
        Some(Value(of)) if of == "contracts" => Options::parse(&rest(parser)?),
        _ => bail!("write `cargo xtask mutants contracts`: other code has no mutants yet\n\n{HELP}"),
    }
}

fn formal(parser: &mut lexopt::Parser) -> Result<Option<String>> {
    match parser.next()? {
        None => Ok(None),
        Some(Value(part)) => end(parser, Some(part.string()?)),
        Some(other) => Err(other.unexpected().into()),
    }
}

/// The one attack that `attacks` is asked for, if it is.
pub(crate) fn only(args: &[OsString]) -> Option<&str> {
    let at = args.iter().position(|arg| arg == "--only")?;
    args.get(at.saturating_add(1))?.to_str()
}

fn is_check(parser: &mut lexopt::Parser) -> Result<bool> {
    let mut check = false;
    while let Some(arg) = parser.next()? {
        match arg {
            Long("check") => check = true,
            other => return Err(other.unexpected().into()),
        }
    }
    Ok(check)
}

fn intent(parser: &mut lexopt::Parser) -> Result<Intent> {
    let mut intent = Intent::Append;
    while let Some(arg) = parser.next()? {
        match arg {
            Long("check") => intent = Intent::Check,
            Long("rewrite") => intent = Intent::Rewrite,
            other => return Err(other.unexpected().into()),
        }
    }
    Ok(intent)
}

fn wasm_intent(parser: &mut lexopt::Parser) -> Result<wasm::Intent> {
    let mut intent = wasm::Intent::Record;
    while let Some(arg) = parser.next()? {
        match arg {
            Long("check") => intent = wasm::Intent::Check,
            Long("rebuild") => intent = wasm::Intent::Rebuild,
            other => return Err(other.unexpected().into()),
        }
    }
    Ok(intent)
}

fn end<T>(parser: &mut lexopt::Parser, read: T) -> Result<T> {
    match parser.next()? {
        None => Ok(read),
        Some(other) => Err(other.unexpected().into()),
    }
}

fn rest(parser: &mut lexopt::Parser) -> Result<Vec<OsString>> {
    Ok(parser.raw_args()?.collect())
}

#[cfg(test)]
mod tests {
    use super::{Command, Intent, only, parse};
    use crate::test::Scope;
    use crate::wasm::Intent::{Check, Rebuild, Record};

    fn read(line: &str) -> anyhow::Result<Command> {
        parse(line.split_whitespace().map(Into::into))
    }

    #[test]
    fn reads_every_command() {
        let quick = Scope {
            quick: true,
            budget_minutes: Some(80),
            only: vec!["demo".into()],
        };
        assert_eq!(
            read("test --quick --budget-minutes 80 --only demo").unwrap(),
            Command::Test(quick)
        );
        assert_eq!(read("test").unwrap(), Command::Test(Scope::default()));
        assert_eq!(read("tidy").unwrap(), Command::Tidy);
        assert_eq!(read("guide").unwrap(), Command::Guide);
        let args = vec!["consensus".into(), "a".into()];
        assert_eq!(read("vectors consensus a").unwrap(), Command::Vectors(args));
        let args = vec!["--only".into(), "a".into()];
        assert_eq!(only(&args), Some("a"));
        assert_eq!(only(&[]), None);
        assert_eq!(read("attacks --only a").unwrap(), Command::Attacks(args));
        assert_eq!(
            read("artifacts --check").unwrap(),
            Command::Artifacts { check: true }
        );
        assert_eq!(read("layout --check").unwrap(), Command::Layout(Intent::Check));
        assert_eq!(read("layout").unwrap(), Command::Layout(Intent::Append));
        assert_eq!(read("wasm").unwrap(), Command::Wasm(Record));
        assert_eq!(read("wasm --check").unwrap(), Command::Wasm(Check));
        assert_eq!(read("wasm --rebuild").unwrap(), Command::Wasm(Rebuild));
        assert_eq!(
            read("gas --seed 7").unwrap(),
            Command::Gas(vec!["--seed".into(), "7".into()])
        );
        assert!(
            matches!(read("mutants contracts --list").unwrap(), Command::Mutants(options) if options.list)
        );
        assert_eq!(read("bench").unwrap(), Command::Bench(Vec::new()));
        assert_eq!(
            read("install geth").unwrap(),
            Command::Install(vec!["geth".into()])
        );
        assert_eq!(read("").unwrap(), Command::Help);
        assert_eq!(read("--help").unwrap(), Command::Help);
    }

    #[test]
    fn refuses_what_it_does_not_know() {
        for line in [
            "tset",
            "tidy --hard",
            "test --budget-minutes soon",
            "artifacts now",
            "mutants",
            "formal a b",
            "mutants relayer",
            "--quick",
        ] {
            assert!(read(line).is_err(), "{line}");
        }
    }
}
