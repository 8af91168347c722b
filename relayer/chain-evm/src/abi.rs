//! The contracts' interfaces as far as the relayer calls them, and the two conversions between their types and ours.
//!
//! The declarations repeat contracts/src/interfaces; tests compare every selector with the checked-in artifacts.

use alloy_primitives::Bytes;
use alloy_sol_types::SolValue;
use wire::{Height, Packet};

/// Generated code, so that its lints stay in here.
#[allow(missing_docs, clippy::too_many_arguments)]
mod generated {
    alloy_sol_types::sol! {
        #[derive(Debug, PartialEq, Eq)]
        struct SolHeight { uint64 revisionNumber; uint64 revisionHeight; }
        struct SolPayload { string sourcePort; string destPort; string version; string encoding; bytes value; }
        struct SolPacket {
            uint64 sequence;
            string sourceClient;
            string destClient;
            uint64 timeoutTimestamp;
            SolPayload[] payloads;
        }
        #[derive(Debug, PartialEq, Eq)]
        struct CounterpartyInfo { string clientId; bytes[] merklePrefix; }
        struct MsgRecvPacket { SolPacket packet; bytes proofCommitment; SolHeight proofHeight; }
        struct MsgAckPacket { SolPacket packet; bytes acknowledgement; bytes proofAcked; SolHeight proofHeight; }
        struct MsgTimeoutPacket { SolPacket packet; bytes proofTimeout; SolHeight proofHeight; }

        interface Router {
            event SendPacket(string indexed clientId, uint256 indexed sequence, SolPacket packet);
            event WriteAcknowledgement(
                string indexed clientId, uint256 indexed sequence, SolPacket packet, bytes[] acknowledgements
            );
            event AckPacket(string indexed clientId, uint256 indexed sequence, SolPacket packet, bytes acknowledgement);
            event TimeoutPacket(string indexed clientId, uint256 indexed sequence, SolPacket packet);
            event MessageSkipped(uint256 indexed position, uint8 kind, uint64 sequence, bytes reason);
            error MessageStarved(uint256 position, uint256 gasAmount);
            error BatchUnsupported(string clientId, address client);
            #[derive(Debug)]
            event ICS02ClientAdded(string clientId, CounterpartyInfo counterpartyInfo, address client);
            #[derive(Debug)]
            event ICS02ClientMigrated(string clientId, CounterpartyInfo counterpartyInfo, address client);

            #[derive(Debug)]
            event ICS02ClientUpdated(string clientId, uint8 result);

            function addClient(CounterpartyInfo counterpartyInfo, address client) returns (string clientId);
            function registerCounterparty(string clientId, CounterpartyInfo counterpartyInfo);
            function submitMisbehaviour(string clientId, bytes misbehaviourMsg);
            function updateClient(string clientId, bytes updateMsg) returns (uint8 result);
            function recvPacket(MsgRecvPacket message);
            function ackPacket(MsgAckPacket message);
            function timeoutPacket(MsgTimeoutPacket message);
            function multicall(bytes[] calls) returns (bytes[] results);
            function batch(bytes packed);
            function getCallbackGas(string portId) view returns (uint64);
            function getCommitment(bytes32 hashedPath) view returns (bytes32);
            function getClient(string clientId) view returns (address);
            function getCounterparty(string clientId) view returns (CounterpartyInfo);
            function getClientCreator(string clientId) view returns (address);
            function addIBCApp(string portId, address app);
            function migrateClient(string clientId, CounterpartyInfo counterpartyInfo, address client);
            function authority() view returns (address);
            function guardians() view returns (address);
            function governance() view returns (address);
            function isClientContractHalted(address light) view returns (bool);
        }

        #[derive(Debug, PartialEq, Eq)]
        struct Fork { uint64 epoch; bytes4 version; uint8 treeLayout; }
        #[derive(Debug, PartialEq, Eq)]
        struct BeaconConfig {
            uint64 genesisTime;
            bytes32 genesisValidatorsRoot;
            uint64 secondsPerSlot;
            uint64 slotsPerEpoch;
            uint64 epochsPerPeriod;
            address router;
            bytes32 commitmentsSlot;
            uint64 trustPeriod;
            uint64 weakSubjectivity;
            uint32 capacity;
            address governance;
            Fork[] forks;
        }
        #[derive(Debug, PartialEq, Eq)]
        struct TrustedState { bytes32 storageRoot; uint64 slot; uint64 learnedAt; }
        #[derive(Debug, PartialEq, Eq)]
        struct KnownCommittee { uint64 period; bytes32 commitment; }
        #[derive(Debug, PartialEq, Eq)]
        struct Snapshot { uint64 newestSlot; bool frozen; uint8 forkCount; KnownCommittee[4] committees; }

        #[derive(Debug, PartialEq, Eq)]
        struct Attestor { address signer; uint96 weight; }
        #[derive(Debug, PartialEq, Eq)]
        struct AttestorSet { uint256 threshold; Attestor[] attestors; }
        #[derive(Debug, PartialEq, Eq)]
        struct AttestorConfig {
            uint64 chainId;
            address router;
            bytes32 commitmentsSlot;
            uint64 trustPeriod;
            uint64 interval;
            uint32 capacity;
            uint64 rotationDelay;
        }
        #[derive(Debug, PartialEq, Eq)]
        struct AttestedState { bytes32 storageRoot; uint64 height; uint64 timestamp; uint64 learnedAt; }
        #[derive(Debug, PartialEq, Eq)]
        struct AttestorSnapshot { uint64 newestHeight; bool frozen; uint64 setId; uint64 nonce; uint64 rotationDue; }

        interface AttestorClient {
            function snapshot() view returns (AttestorSnapshot);
            function attestorSet() view returns (AttestorSet);
            function pendingSet() view returns (AttestorSet);
            function completeRotation();
            error NoRotation();
            function stateAt(uint64 height) view returns (AttestedState);
            function config() view returns (AttestorConfig);
            function authority() view returns (address);
        }

        /// Its interface id of ERC-165 is that of its functions together, `authority` and `halts` left out.
        interface PolicyClient {
            function setPolicy(bytes policy);
            function getPolicy() view returns (bytes);
            function getLeaves() view returns (PolicyLeaf[]);
            function halts() view returns (address);
            function authority() view returns (address);
        }
        #[derive(Debug, PartialEq, Eq)]
        struct PolicyLeaf { address client; uint32 delay; }

        /// Its interface id of ERC-165 is the selector of its one function.
        interface BatchClient {
            function verifyBatch(SolHeight height, bytes pool, bytes[] paths)
                view returns (uint256 timestamp, bytes32[] values);
        }

        interface Introspection {
            function supportsInterface(bytes4 interfaceId) view returns (bool);
        }

        struct InitialPort { string portId; address app; }

        // What the proxies are told at their creation.
        interface Initial {
            function initialize(InitialPort[] ports);
            function initialize();
            function initialize(address[] targets);
        }

        // Of OpenZeppelin's timelock.
        interface Timelock {
            event RoleGranted(bytes32 indexed role, address indexed account, address indexed sender);

            function getMinDelay() view returns (uint256);
            function hasRole(bytes32 role, address account) view returns (bool);
            function schedule(
                address target, uint256 value, bytes data, bytes32 predecessor, bytes32 salt, uint256 delay
            );
            function execute(address target, uint256 value, bytes payload, bytes32 predecessor, bytes32 salt);
            function cancel(bytes32 id);
            function hashOperation(
                address target, uint256 value, bytes data, bytes32 predecessor, bytes32 salt
            ) view returns (bytes32);
        }

        // Of OpenZeppelin's access manager.
        interface Authority {
            event RoleGranted(
                uint64 indexed roleId, address indexed account, uint32 delay, uint48 since, bool newMember
            );
            event TargetFunctionRoleUpdated(address indexed target, bytes4 selector, uint64 indexed roleId);

            function multicall(bytes[] calls) returns (bytes[] results);
            function labelRole(uint64 roleId, string label);
            function grantRole(uint64 roleId, address account, uint32 executionDelay);
            function renounceRole(uint64 roleId, address callerConfirmation);
            function setTargetFunctionRole(address target, bytes4[] selectors, uint64 roleId);
            function hasRole(uint64 roleId, address account) view returns (bool isMember, uint32 executionDelay);
            function getRoleAdmin(uint64 roleId) view returns (uint64);
            function getRoleGuardian(uint64 roleId) view returns (uint64);
            function execute(address target, bytes data) returns (uint32);
        }

        interface Guardians {
            function authority() view returns (address);
            function targets() view returns (address router, address transfer);
            function guardianSet()
                view returns (uint64 set, address[] guardians, uint256 small, uint256 large);
        }

        interface BeaconClient {
            function snapshot() view returns (Snapshot);
            function stateAt(uint64 slot) view returns (TrustedState);
            function forks() view returns (Fork[]);
            function config() view returns (BeaconConfig);
            function bootstrap() view returns (uint64 slot, bytes32 headerRoot, bytes32 committee);
            error UnknownHeight(uint64 revisionNumber, uint64 revisionHeight);
        }

        #[derive(Debug, PartialEq, Eq)]
        struct TendermintConfig {
            string chainId;
            uint64 trustNumerator;
            uint64 trustDenominator;
            uint64 trustPeriod;
            uint64 unbondingPeriod;
            uint64 clockDrift;
            uint32 capacity;
            bytes store;
        }
        #[derive(Debug, PartialEq, Eq)]
        struct TendermintStart {
            SolHeight height;
            uint64 time;
            uint32 nanos;
            bytes32 appHash;
            bytes32 nextValidatorsHash;
        }
        #[derive(Debug, PartialEq, Eq)]
        struct TendermintState {
            uint64 height;
            uint64 time;
            uint32 nanos;
            bytes32 appHash;
            bytes32 nextValidatorsHash;
            uint64 learnedAt;
        }

        interface TendermintClient {
            event StateLearned(uint64 height);

            function config() view returns (TendermintConfig);
            function bootstrap() view returns (TendermintStart);
            function snapshot() view returns (TendermintState newest, bool frozen);
            function stateAt(uint64 height) view returns (TendermintState);
            function milestones() view returns (TendermintState[]);
            function verifier() view returns (address);
            function cardOf(bytes32 validatorsHash) view returns (bytes32);
        }

        interface Transfer {
            function authority() view returns (address);
            function ics26() view returns (address);
        }

        // `kind`: 0 absent, 1 limited, 2 unlimited.
        #[derive(Debug, PartialEq, Eq)]
        struct Limit { uint8 kind; uint128 capacity; uint128 perDay; uint128 creditCap; }

        #[derive(Debug, PartialEq, Eq)]
        struct ValueLimit { address source; uint32 priceSecondsMax; uint128 capacity; uint128 perDay; }

        // The part of the transfer application that knows the limits. `direction`: 0 send, 1 receive.
        interface LimitDesk {
            function setLimit(string clientId, address token, uint8 direction, Limit limit);
            function setDefaultLimit(string clientId, uint8 direction, Limit limit);
            function lowerLimit(string clientId, address token, uint8 direction, Limit limit);
            function lowerDefaultLimit(string clientId, uint8 direction, Limit limit);
            function lowerValueLimit(string clientId, address token, uint8 direction, ValueLimit limit);
            function lowerLargeSize(string clientId, address token, uint128 largeSize, uint32 largeDelay);
        }

        #[derive(Debug, PartialEq, Eq)]
        struct CallLimit { uint8 kind; uint32 capacity; uint32 perDay; }

        interface Call {
            function authority() view returns (address);
            function ics26() view returns (address);
            function isProtected(address target) view returns (bool);
            function lowerCallLimit(string clientId, CallLimit limit);
        }
    }
}

pub use generated::*;

/// The ABI struct of a packet.
pub fn to_sol(packet: &Packet) -> SolPacket {
    let payload = &packet.payload;
    SolPacket {
        sequence: packet.sequence.get(),
        sourceClient: packet.source_client.to_string(),
        destClient: packet.destination_client.to_string(),
        timeoutTimestamp: packet.timeout.0,
        payloads: vec![SolPayload {
            sourcePort: payload.source_port.to_string(),
            destPort: payload.destination_port.to_string(),
            version: payload.version.to_string(),
            encoding: payload.encoding.to_string(),
            value: Bytes::copy_from_slice(payload.value.as_bytes()),
        }],
    }
}

/// The packet of an ABI struct, under the rules of `wire`.
///
/// Errors: those of [`wire::abi::decode_packet`].
pub fn from_sol(packet: &SolPacket) -> Result<Packet, wire::Reject> {
    wire::abi::decode_packet(&packet.abi_encode())
}

/// The ABI struct of a height.
pub fn height_to_sol(height: Height) -> SolHeight {
    SolHeight {
        revisionNumber: height.revision_number,
        revisionHeight: height.revision_height,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloy_primitives::{b256, hex};
    use alloy_sol_types::{SolCall, SolEvent};

    // Spec: facts "IBC v2 on the wire", section 6.
    #[test]
    fn selectors_and_topics_are_those_of_ibc_v2() {
        assert_eq!(Router::recvPacketCall::SELECTOR, hex!("5ebd10ca"));
        assert_eq!(Router::ackPacketCall::SELECTOR, hex!("1bca011a"));
        assert_eq!(Router::timeoutPacketCall::SELECTOR, hex!("b98c330a"));
        assert_eq!(Router::updateClientCall::SELECTOR, hex!("6fbf8079"));
        assert_eq!(Router::getCommitmentCall::SELECTOR, hex!("7795820c"));
        let topics = [
            (
                Router::SendPacket::SIGNATURE_HASH,
                b256!("ab3a4458a269be61dfa43faa33aa7b1f5d570716f83ad078bc2ba5dab039abae"),
            ),
            (
                Router::WriteAcknowledgement::SIGNATURE_HASH,
                b256!("76765590e2b799b0506100f8a6610cfecab2c71e8e1f8aa981b099aff0dfdb74"),
            ),
            (
                Router::AckPacket::SIGNATURE_HASH,
                b256!("f9bab74bcdb634f4d3dd064cc42a13df056598e1c0336905d2f5750fbfb08b7b"),
            ),
            (
                Router::TimeoutPacket::SIGNATURE_HASH,
                b256!("01e5ed58494819ef3f6480dd08e433b7c08ed75c7abdf2c22c6f04b71340a168"),
            ),
        ];
        for (ours, published) in topics {
            assert_eq!(ours, published);
        }
    }
}
