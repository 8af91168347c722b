#!/usr/bin/env node
// Writes artifacts/<Name>.json: what Rust needs of a contract, so that a Rust
// build needs no Solidity compiler.
//
//   toolchain/export-artifacts.mjs            write all
//   toolchain/export-artifacts.mjs NAME...    write these
//   toolchain/export-artifacts.mjs --check    write nothing, fail on a difference
//   toolchain/export-artifacts.mjs --layouts FOLDER
//                                             write where the contracts behind proxies keep what, for
//                                             `cargo xtask layout`
//
// Each contract is compiled alone, from the files it imports and no others, so
// that its bytecode changes only when its own sources do. The settings are
// those of foundry.toml.

import { createRequire } from 'node:module';
import { existsSync, readFileSync, writeFileSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const require = createRequire(import.meta.url);

// Name -> file, relative to the project. This list is the interface to Rust.
const CONTRACTS = {
  Router: 'src/Router.sol',
  Transfer: 'src/Transfer.sol',
  TransferDesk: 'src/transfer/TransferDesk.sol',
  LimitDesk: 'src/transfer/LimitDesk.sol',
  Escrows: 'src/transfer/Escrows.sol',
  Escrow: 'src/transfer/Escrow.sol',
  Voucher: 'src/transfer/Voucher.sol',
  Call: 'src/Call.sol',
  Account: 'src/call/Account.sol',
  BeaconClient: 'src/clients/BeaconClient.sol',
  AttestorClient: 'src/clients/AttestorClient.sol',
  PolicyClient: 'src/clients/PolicyClient.sol',
  TendermintClient: 'src/clients/TendermintClient.sol',
  TendermintVerifier: 'src/clients/TendermintVerifier.sol',
  Guardians: 'src/guard/Guardians.sol',
  TimelockController: '@openzeppelin/contracts/governance/TimelockController.sol',
  AccessManager: '@openzeppelin/contracts/access/manager/AccessManager.sol',
  ERC1967Proxy: '@openzeppelin/contracts/proxy/ERC1967/ERC1967Proxy.sol',
  TestToken: 'test/examples/TestToken.sol',
  RefusingToken: 'test/examples/RefusingToken.sol',
  HookedToken: 'test/examples/HookedToken.sol',
  Accomplice: 'test/examples/Accomplice.sol',
  Courier: 'test/examples/Courier.sol',
};

// Contracts behind proxies, and those that run in their place by delegatecall: what they store must stay where it is.
const UPGRADED = {
  Router: CONTRACTS.Router,
  BatchRunner: 'src/router/BatchRunner.sol',
  Transfer: CONTRACTS.Transfer,
  TransferDesk: CONTRACTS.TransferDesk,
  LimitDesk: CONTRACTS.LimitDesk,
  Call: CONTRACTS.Call,
};

// What a contract answers in whose place by delegatecall: callers need one interface.
const ANSWERED_BY = { Transfer: ['TransferDesk', 'LimitDesk'] };

/** One value of foundry.toml; only plain `key = value` lines are needed. */
function setting(toml, key) {
  const line = toml.match(new RegExp(`^${key}\\s*=\\s*(.+)$`, 'm'));
  if (!line) throw new Error(`foundry.toml has no "${key}"`);
  return JSON.parse(line[1].replaceAll('_', line[1].startsWith('"') ? '_' : ''));
}

function compilerSettings() {
  const toml = readFileSync(path.join(root, 'foundry.toml'), 'utf8');
  return {
    evmVersion: setting(toml, 'evm_version'),
    viaIR: setting(toml, 'via_ir'),
    optimizer: { enabled: setting(toml, 'optimizer'), runs: setting(toml, 'optimizer_runs') },
    metadata: { bytecodeHash: setting(toml, 'bytecode_hash'), appendCBOR: setting(toml, 'cbor_metadata') },
    outputSelection: {
      '*': { '*': ['abi', 'evm.bytecode.object', 'evm.deployedBytecode.object', 'evm.deployedBytecode.immutableReferences'] },
    },
  };
}

/** A source unit's name -> where it lies. Unit names never name the machine. */
function locate(unit) {
  return path.join(root, unit.startsWith('@') ? path.join('node_modules', unit) : unit);
}

/** All files that `entry` needs, by unit name, in one fixed order. */
function importClosure(entry) {
  const found = new Map();
  const queue = [entry];
  while (queue.length > 0) {
    const unit = queue.pop();
    if (found.has(unit)) continue;
    const text = readFileSync(locate(unit), 'utf8');
    found.set(unit, text);
    for (const [, target] of text.matchAll(/^\s*(?:import\s|\}\s*from\s)[^;"']*["']([^"']+)["']\s*;/gm)) {
      queue.push(target.startsWith('.') ? path.posix.join(path.posix.dirname(unit), target) : target);
    }
  }
  return Object.fromEntries([...found].sort().map(([unit, content]) => [unit, { content }]));
}

function compile(compiler, name, file, settings) {
  const input = { language: 'Solidity', sources: importClosure(file), settings };
  const output = JSON.parse(compiler.compile(JSON.stringify(input)));
  const errors = (output.errors ?? []).filter((e) => e.severity === 'error');
  if (errors.length > 0) throw new Error(`${name}: ${errors.map((e) => e.formattedMessage).join('\n')}`);
  return output.contracts[file][name];
}

/** A contract's own ABI, and what its fallback leads to. */
function wholeAbi(compiler, name, own, settings) {
  // An error that an interface and a library declare alike is one.
  const known = new Set();
  const abi = own.filter((entry) => known.size < known.add(JSON.stringify(entry)).size);
  for (const other of ANSWERED_BY[name] ?? []) {
    const plain = { ...settings, outputSelection: { '*': { '*': ['abi'] } } };
    for (const entry of compile(compiler, other, CONTRACTS[other], plain).abi) {
      const text = JSON.stringify(entry);
      if (!entry.name || known.has(text)) continue;
      known.add(text);
      abi.push(entry);
    }
  }
  return abi;
}

/** Immutable references by position: the compiler's own keys are numbers of syntax nodes. */
function positions(references) {
  return Object.values(references ?? {}).flat().sort((a, b) => a.start - b.start);
}

function render(contract, abi) {
  const artifact = {
    abi,
    bytecode: { object: `0x${contract.evm.bytecode.object}` },
    deployedBytecode: { object: `0x${contract.evm.deployedBytecode.object}` },
    immutableReferences: positions(contract.evm.deployedBytecode.immutableReferences),
  };
  return `${JSON.stringify(artifact, null, 1)}\n`;
}

/** One entry of a layout, without the compiler's numbers of syntax nodes. */
function entry(types, { label, slot, offset, type }) {
  return { name: label, slot: Number(slot), offset, type: types[type].label };
}

function layout({ storageLayout: { storage, types } }) {
  const structs = Object.values(types ?? {}).filter((type) => type.members);
  const described = structs.map((type) => [
    type.label,
    { bytes: Number(type.numberOfBytes), members: type.members.map((member) => entry(types, member)) },
  ]);
  return { storage: storage.map((one) => entry(types, one)), structs: Object.fromEntries(described.sort()) };
}

function writeLayouts(compiler, folder) {
  const outputSelection = { '*': { '*': ['storageLayout'] } };
  mkdirSync(folder, { recursive: true });
  for (const [name, source] of Object.entries(UPGRADED)) {
    const contract = compile(compiler, name, source, { ...compilerSettings(), outputSelection });
    writeFileSync(path.join(folder, `${name}.json`), `${JSON.stringify(layout(contract), null, 1)}\n`);
    console.log(`${name}: layout written`);
  }
}

function main(args) {
  if (args[0] === '--layouts') {
    if (args.length !== 2) throw new Error('--layouts needs a folder, and nothing else');
    return writeLayouts(require(path.join(root, 'node_modules', 'solc')), args[1]);
  }
  const check = args.includes('--check');
  const chosen = args.filter((a) => a !== '--check');
  const unknown = chosen.filter((name) => !(name in CONTRACTS));
  if (unknown.length > 0) throw new Error(`unknown contracts: ${unknown.join(', ')}; known: ${Object.keys(CONTRACTS).join(', ')}`);

  const compiler = require(path.join(root, 'node_modules', 'solc'));
  const settings = compilerSettings();
  mkdirSync(path.join(root, 'artifacts'), { recursive: true });
  let differing = 0;
  for (const name of chosen.length > 0 ? chosen : Object.keys(CONTRACTS)) {
    const target = path.join(root, 'artifacts', `${name}.json`);
    const contract = compile(compiler, name, CONTRACTS[name], settings);
    const text = render(contract, wholeAbi(compiler, name, contract.abi, settings));
    const same = existsSync(target) && readFileSync(target, 'utf8') === text;
    if (!same && !check) writeFileSync(target, text);
    if (!same) differing += 1;
    console.log(`${name}: ${same ? 'unchanged' : check ? 'DIFFERS from its sources' : 'written'}`);
  }
  if (check && differing > 0) {
    console.error(`${differing} artifact(s) differ: run toolchain/export-artifacts.mjs and commit the result`);
    process.exitCode = 1;
  }
}

main(process.argv.slice(2));
