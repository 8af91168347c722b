// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IBatchClient} from "../../src/interfaces/IBatchClient.sol";
import {BeaconConfig, Fork, ForkLayout, IBeaconClient} from "../../src/interfaces/IBeaconClient.sol";
import {
    IClientStatus,
    ILightClient,
    MsgVerifyMembership,
    MsgVerifyNonMembership,
    UpdateResult
} from "../../src/interfaces/ILightClient.sol";
import {Height} from "../../src/interfaces/Messages.sol";
import {Test} from "../support/Test.sol";
import {VmLists} from "./VmLists.sol";

/// @notice All that a beacon client offers.
interface IBeacon is IBeaconClient, ILightClient, IBatchClient, IClientStatus {}

/// @title BeaconWorld
/// @notice Reads the shared vectors of docs/formats/beacon.md and puts clients into the state that a vector describes.
abstract contract BeaconWorld is Test {
    string internal constant FOLDER = "../light-clients/vectors/beacon/";
    address internal constant GOVERNANCE = address(0x60);

    VmLists internal constant lists = VmLists(address(vm));

    function _accepted(string memory name) internal view returns (string memory json) {
        return vm.readFile(string.concat(FOLDER, "accept/", name, ".json"));
    }

    /// @dev A client as its constructor leaves it. Reverts with what the constructor reverts with.
    function _begin(string memory json) internal returns (IBeacon) {
        vm.warp(vm.parseJsonUint(json, ".startedAt"));
        return _deploy(_config(json), vm.parseJsonBytes(json, ".bootstrap"));
    }

    /// @dev A client that has seen all updates that come before what the vector judges.
    function _prepare(string memory json) internal returns (IBeacon client) {
        client = _begin(json);
        bytes[] memory updates = lists.parseJsonBytesArray(json, ".updates");
        uint256[] memory times = lists.parseJsonUintArray(json, ".times");
        uint256 count = updates.length;
        if (_same(vm.parseJsonString(json, ".kind"), "update")) count -= 1;
        for (uint256 i = 0; i < count; ++i) {
            vm.warp(times[i]);
            client.updateClient(updates[i]);
        }
        vm.warp(vm.parseJsonUint(json, ".now"));
    }

    /// @dev The last update of a vector: the one that a vector of kind "update" judges.
    function _lastUpdate(string memory json) internal pure returns (bytes memory) {
        bytes[] memory updates = lists.parseJsonBytesArray(json, ".updates");
        return updates[updates.length - 1];
    }

    /// @dev What the vector judges: returns the result of an update, or the timestamp of a proof.
    function _judged(IBeacon client, string memory json) internal returns (uint256) {
        string memory kind = vm.parseJsonString(json, ".kind");
        if (_same(kind, "start")) return 0;
        if (_same(kind, "update")) return uint256(client.updateClient(_lastUpdate(json)));
        if (_same(kind, "misbehaviour")) {
            client.misbehaviour(vm.parseJsonBytes(json, ".evidence"));
            return uint256(UpdateResult.Misbehaviour);
        }
        if (_same(kind, "member")) return client.verifyMembership(_membership(json));
        if (_same(kind, "batch")) return _judgedBatch(client, json);
        require(_same(kind, "absent"), string.concat("unknown kind ", kind));
        return client.verifyNonMembership(_nonMembership(json));
    }

    /// @dev The words that come back are part of the verdict.
    function _judgedBatch(IBeacon client, string memory json) private view returns (uint256 timestamp) {
        bytes32[] memory values;
        (timestamp, values) = client.verifyBatch(
            Height(0, uint64(vm.parseJsonUint(json, ".height"))), vm.parseJsonBytes(json, ".proof"), _paths(json)
        );
        vm.assertEq(abi.encodePacked(values), vm.parseJsonBytes(json, ".value"));
    }

    /// @dev A batch of no paths has none.
    function _paths(string memory json) internal view returns (bytes[] memory paths) {
        if (vm.keyExistsJson(json, ".paths")) paths = lists.parseJsonBytesArray(json, ".paths");
    }

    function _membership(string memory json) internal pure returns (MsgVerifyMembership memory message) {
        message.proof = vm.parseJsonBytes(json, ".proof");
        message.proofHeight = Height(0, uint64(vm.parseJsonUint(json, ".height")));
        message.path = new bytes[](1);
        message.path[0] = vm.parseJsonBytes(json, ".path");
        message.value = vm.parseJsonBytes(json, ".value");
    }

    function _nonMembership(string memory json) internal pure returns (MsgVerifyNonMembership memory message) {
        MsgVerifyMembership memory same = _membership(json);
        return MsgVerifyNonMembership(same.proof, same.proofHeight, same.path);
    }

    function _config(string memory json) internal pure returns (BeaconConfig memory config) {
        config.genesisTime = uint64(vm.parseJsonUint(json, ".genesisTime"));
        config.genesisValidatorsRoot = vm.parseJsonBytes32(json, ".genesisValidatorsRoot");
        config.secondsPerSlot = uint64(vm.parseJsonUint(json, ".secondsPerSlot"));
        config.slotsPerEpoch = uint64(vm.parseJsonUint(json, ".slotsPerEpoch"));
        config.epochsPerPeriod = uint64(vm.parseJsonUint(json, ".epochsPerPeriod"));
        config.router = vm.parseJsonAddress(json, ".router");
        config.commitmentsSlot = vm.parseJsonBytes32(json, ".commitmentsSlot");
        config.trustPeriod = uint64(vm.parseJsonUint(json, ".trustPeriod"));
        config.weakSubjectivity = uint64(vm.parseJsonUint(json, ".weakSubjectivityPeriod"));
        config.capacity = uint32(vm.parseJsonUint(json, ".capacity"));
        config.governance = GOVERNANCE;
        config.forks = _forks(json);
    }

    function _deploy(BeaconConfig memory config, bytes memory bootstrap) internal returns (IBeacon deployed) {
        return _deployCode(vm.getCode("BeaconClient.sol:BeaconClient"), config, bootstrap);
    }

    function _deployCode(bytes memory code, BeaconConfig memory config, bytes memory bootstrap)
        internal
        returns (IBeacon deployed)
    {
        code = bytes.concat(code, abi.encode(config, bootstrap));
        assembly ("memory-safe") {
            deployed := create(0, add(code, 0x20), mload(code))
            if iszero(deployed) {
                let reason := mload(0x40)
                returndatacopy(reason, 0, returndatasize())
                revert(reason, returndatasize())
            }
        }
    }

    /// @dev The slot of the finalized header in an update.
    function _finalizedSlot(bytes memory update) internal pure returns (uint64 slot) {
        for (uint256 i = 0; i < 8; ++i) {
            slot |= uint64(uint8(update[122 + i])) << uint64(8 * i);
        }
    }

    function _same(string memory left, string memory right) internal pure returns (bool) {
        return keccak256(bytes(left)) == keccak256(bytes(right));
    }

    function _forks(string memory json) private pure returns (Fork[] memory forks) {
        uint256[] memory epochs = lists.parseJsonUintArray(json, ".forkEpochs");
        bytes[] memory versions = lists.parseJsonBytesArray(json, ".forkVersions");
        uint256[] memory layouts = lists.parseJsonUintArray(json, ".forkLayouts");
        forks = new Fork[](epochs.length);
        for (uint256 i = 0; i < epochs.length; ++i) {
            // Every other number means a layout that is not known.
            uint256 known = layouts[i] == 1 || layouts[i] == 2 ? layouts[i] : 0;
            forks[i] = Fork(uint64(epochs[i]), bytes4(versions[i]), ForkLayout(known));
        }
    }
}
