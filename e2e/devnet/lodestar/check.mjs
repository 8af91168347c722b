// The light client of Lodestar follows a simulated beacon chain over its REST interface.
//
//   BEACON_URL=http://127.0.0.1:PORT node check.mjs [periods]
//
// It starts at the first finalized block that the chain still has a bootstrap for, applies the best
// update of every period and then the newest finality and optimistic updates. Lodestar's SSZ types
// also compute the roots of whole blocks again. Each kind of object is edited once, and the check
// fails unless Lodestar refuses it: a judge that accepts everything would prove nothing.
// Exit code 0 only when all of that went as it should over at least `periods` rotations (default 3).

import assert from "node:assert/strict";
import {PresetName, setActivePreset} from "@lodestar/params/setPreset";

const url = process.env.BEACON_URL;
assert(url, "set BEACON_URL to the REST interface of a running chain");
const periodsMin = Number(process.argv[2] ?? 3);

async function get(path) {
  const answer = await fetch(url + path);
  assert(answer.ok, `${path}: ${answer.status}`);
  return answer.json();
}

const spec = (await get("/eth/v1/config/spec")).data;
const genesis = (await get("/eth/v1/beacon/genesis")).data;

// Lodestar fixes its preset when it is first loaded.
setActivePreset(PresetName.mainnet, {
  SLOTS_PER_EPOCH: Number(spec.SLOTS_PER_EPOCH),
  EPOCHS_PER_SYNC_COMMITTEE_PERIOD: Number(spec.EPOCHS_PER_SYNC_COMMITTEE_PERIOD),
});
const {chainConfigFromJson, createBeaconConfig, defaultChainConfig} = await import("@lodestar/config");
const {LightclientSpec} = await import("@lodestar/light-client/spec");
// Not among the package's exports.
const {validateLightClientBootstrap} = await import(
  new URL("node_modules/@lodestar/light-client/lib/spec/validateLightClientBootstrap.js", import.meta.url)
);
const {ssz} = await import("@lodestar/types");

const bytes = (hex) => Uint8Array.from(Buffer.from(hex.slice(2), "hex"));
const hex = (data) => "0x" + Buffer.from(data).toString("hex");
const config = createBeaconConfig(
  {...defaultChainConfig, ...chainConfigFromJson(spec)},
  bytes(genesis.genesis_validators_root),
);
const slotsPerPeriod = Number(spec.SLOTS_PER_EPOCH) * Number(spec.EPOCHS_PER_SYNC_COMMITTEE_PERIOD);
const typed = (kind, {version, data}) => ssz[version][kind].fromJson(data);

function refuses(what, why, action) {
  assert.throws(action, why, `Lodestar on an edited ${what}`);
  console.log(`an edited ${what} is refused: ${why.source}`);
}

function edited(bytesLike) {
  const copy = Uint8Array.from(bytesLike);
  copy[0] ^= 1;
  return copy;
}

// Everything is fetched before the head, because the chain goes on meanwhile. The bootstrap is a
// block of the first period, so that everything after it has to be learned from updates.
const first = (await get(`/eth/v1/beacon/headers/${slotsPerPeriod / 2}`)).data.root;
const bootstrapJson = await get(`/eth/v1/beacon/light_client/bootstrap/${first}`);
const updates = await get("/eth/v1/beacon/light_client/updates?start_period=0&count=128");
const finality = typed("LightClientFinalityUpdate", await get("/eth/v1/beacon/light_client/finality_update"));
const optimistic = typed("LightClientOptimisticUpdate", await get("/eth/v1/beacon/light_client/optimistic_update"));
const head = Number((await get("/eth/v1/node/syncing")).data.head_slot);

const bootstrap = typed("LightClientBootstrap", bootstrapJson);
validateLightClientBootstrap(config, bytes(first), bootstrap);
refuses("bootstrap", /Invalid currentSyncCommittee merkle branch/, () => {
  const branch = bootstrap.currentSyncCommitteeBranch.map((node, n) => (n === 0 ? edited(node) : node));
  validateLightClientBootstrap(config, bytes(first), {...bootstrap, currentSyncCommitteeBranch: branch});
});

const client = new LightclientSpec(config, {allowForcedUpdates: false, updateHeadersOnForcedUpdate: false}, bootstrap);
const versions = new Set();
for (const json of updates) {
  versions.add(json.version);
  const update = typed("LightClientUpdate", json);
  refuses(`update of slot ${update.attestedHeader.beacon.slot}`, /Invalid finality header merkle branch/, () => {
    const branch = update.finalityBranch.map((node, n) => (n === 1 ? edited(node) : node));
    client.onUpdate(head, {...update, finalityBranch: branch});
  });
  client.onUpdate(head, update);
}
refuses("finality update", /Invalid aggregate signature/, () => {
  const attestedHeader = structuredClone(finality.attestedHeader);
  attestedHeader.beacon.proposerIndex += 1;
  client.onFinalityUpdate(head, {...finality, attestedHeader});
});
client.onFinalityUpdate(head, finality);
client.onOptimisticUpdate(head, optimistic);

const finalized = client.store.finalizedHeader.beacon.slot;
assert.equal(finalized, finality.finalizedHeader.beacon.slot, "the newest finalized header is believed");
assert.equal(client.store.optimisticHeader.beacon.slot, optimistic.attestedHeader.beacon.slot);
const rotations = Math.floor(finalized / slotsPerPeriod);
assert(rotations >= periodsMin, `only ${rotations} rotations, wanted ${periodsMin}: let the chain run longer`);

let [blocks, transactions] = [0, 0];
for (let slot = 1; slot <= head; slot += 1) {
  const answer = await fetch(`${url}/eth/v2/beacon/blocks/${slot}`);
  if (answer.status === 404) continue;
  const {version, data} = await answer.json();
  const {root} = (await get(`/eth/v1/beacon/headers/${slot}`)).data;
  const {message} = ssz[version].SignedBeaconBlock.fromJson(data);
  assert.equal(hex(ssz[version].BeaconBlock.hashTreeRoot(message)), root, `root of the block at slot ${slot}`);
  blocks += 1;
  transactions += message.body.executionPayload.transactions.length;
}
assert(blocks > 0);

console.log(
  `Lodestar accepted ${updates.length} updates (${[...versions].join(", ")}) over ${rotations} rotations up to ` +
    `finalized slot ${finalized}, and the roots of ${blocks} blocks with ${transactions} transactions`,
);
