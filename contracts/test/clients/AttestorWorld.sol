// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {
    AttestedState,
    Attestor,
    AttestorConfig,
    AttestorSet,
    AttestorSnapshot,
    IAttestorClient
} from "../../src/interfaces/IAttestorClient.sol";
import {IBatchClient} from "../../src/interfaces/IBatchClient.sol";
import {IGoverned} from "../../src/interfaces/IGoverned.sol";
import {
    IClientStatus,
    ILearnedAt,
    ILightClient,
    MsgVerifyMembership,
    MsgVerifyNonMembership,
    UpdateResult
} from "../../src/interfaces/ILightClient.sol";
import {Height} from "../../src/interfaces/Messages.sol";
import {Test} from "../support/Test.sol";
import {Authority} from "../support/world/Authority.sol";
import {VmLists} from "./VmLists.sol";

/// @notice All that an attestor client offers.
interface IAttestors is IAttestorClient, ILightClient, IClientStatus, ILearnedAt, IBatchClient, IGoverned {
    function supportsInterface(bytes4 interfaceId) external pure returns (bool);
}

/// @title AttestorWorld
/// @notice Reads the shared vectors of docs/formats/attestor.md and puts clients into the state that a vector
/// describes.
abstract contract AttestorWorld is Test {
    string internal constant FOLDER = "../light-clients/vectors/attestor/";
    address internal constant GOVERNOR = address(0x60);

    VmLists internal constant lists = VmLists(address(vm));

    Authority internal authority;

    function setUp() public virtual {
        authority = new Authority(GOVERNOR);
    }

    /// @dev A client at the address and on the chain that the vector names, as its constructor leaves it. Reverts with
    /// what the constructor reverts with.
    function _begin(string memory json) internal returns (IAttestors) {
        vm.chainId(vm.parseJsonUint(json, ".host"));
        address place = vm.parseJsonAddress(json, ".contract");
        return _deploy(place, _config(json), _set(vm.parseJsonBytes(json, ".set")));
    }

    /// @dev A client that has gone through all steps that come before what the vector judges.
    function _prepare(string memory json) internal returns (IAttestors client) {
        client = _begin(json);
        bytes[] memory steps = lists.parseJsonBytesArray(json, ".steps");
        uint256[] memory times = lists.parseJsonUintArray(json, ".times");
        uint256 count = steps.length;
        if (_same(vm.parseJsonString(json, ".kind"), "step")) count -= 1;
        for (uint256 i = 0; i < count; ++i) {
            vm.warp(times[i]);
            _step(client, steps[i]);
        }
        vm.warp(vm.parseJsonUint(json, ".now"));
    }

    /// @dev What the vector judges: the result of a step, or the time and the words of a proof.
    function _judged(IAttestors client, string memory json)
        internal
        returns (string memory result, uint256 provenAt, bytes memory values)
    {
        string memory kind = vm.parseJsonString(json, ".kind");
        if (_same(kind, "start")) return ("", 0, "");
        if (_same(kind, "step")) {
            bytes[] memory steps = lists.parseJsonBytesArray(json, ".steps");
            return (_step(client, steps[steps.length - 1]), 0, "");
        }
        MsgVerifyMembership memory message = _membership(json);
        if (_same(kind, "member")) return ("", client.verifyMembership(message), "");
        if (_same(kind, "absent")) {
            MsgVerifyNonMembership memory same =
                MsgVerifyNonMembership(message.proof, message.proofHeight, message.path);
            return ("", client.verifyNonMembership(same), "");
        }
        require(_same(kind, "batch"), string.concat("unknown kind ", kind));
        bytes32[] memory words;
        (provenAt, words) = client.verifyBatch(message.proofHeight, message.proof, message.path);
        return ("", provenAt, abi.encodePacked(words));
    }

    /// @dev One step, by the first byte of it.
    function _step(IAttestors client, bytes memory step) internal returns (string memory) {
        uint8 kind = uint8(step[0]);
        bytes memory message = new bytes(step.length - 1);
        for (uint256 i = 0; i < message.length; ++i) {
            message[i] = step[i + 1];
        }
        if (kind == 1) {
            UpdateResult result = client.updateClient(message);
            if (result == UpdateResult.Update) return "Update";
            return result == UpdateResult.NoOp ? "NoOp" : "Misbehaviour";
        }
        if (kind == 2) {
            client.misbehaviour(message);
            return client.snapshot().frozen ? "Frozen" : "Struck";
        }
        if (kind == 3) {
            client.completeRotation();
            return "Completed";
        }
        require(kind == 4, "unknown step");
        vm.prank(GOVERNOR);
        client.vetoRotation();
        return "Vetoed";
    }

    function _membership(string memory json) internal pure returns (MsgVerifyMembership memory message) {
        message.proof = vm.parseJsonBytes(json, ".proof");
        message.proofHeight = Height(0, uint64(vm.parseJsonUint(json, ".height")));
        message.path = lists.parseJsonBytesArray(json, ".paths");
        message.value = vm.parseJsonBytes(json, ".value");
    }

    function _config(string memory json) internal pure returns (AttestorConfig memory config) {
        config.chainId = 1;
        config.router = address(0x99);
        config.commitmentsSlot = vm.parseJsonBytes32(json, ".commitmentsSlot");
        config.trustPeriod = uint64(vm.parseJsonUint(json, ".trustPeriod"));
        config.interval = uint64(vm.parseJsonUint(json, ".interval"));
        config.capacity = uint32(vm.parseJsonUint(json, ".capacity"));
        config.rotationDelay = uint64(vm.parseJsonUint(json, ".rotationDelay"));
    }

    /// @dev The set of these words.
    function _set(bytes memory words) internal pure returns (AttestorSet memory set) {
        set.threshold = _word(words, 0);
        set.attestors = new Attestor[](words.length / 32 - 1);
        for (uint256 i = 0; i < set.attestors.length; ++i) {
            uint256 word = _word(words, i + 1);
            set.attestors[i] = Attestor(address(uint160(word)), uint96(word >> 160));
        }
    }

    /// @dev The words of this set.
    function _words(AttestorSet memory set) internal pure returns (bytes memory words) {
        words = abi.encode(set.threshold);
        for (uint256 i = 0; i < set.attestors.length; ++i) {
            Attestor memory attestor = set.attestors[i];
            words = bytes.concat(words, abi.encodePacked(attestor.weight, attestor.signer));
        }
    }

    /// @dev Runs the constructor at `place`, so that signatures which were made for that address count.
    function _deploy(address place, AttestorConfig memory config, AttestorSet memory set)
        internal
        returns (IAttestors)
    {
        bytes memory arguments = abi.encode(config, set, address(authority));
        vm.etch(place, bytes.concat(vm.getCode("AttestorClient.sol:AttestorClient"), arguments));
        (bool created, bytes memory code) = place.call("");
        if (!created) {
            assembly ("memory-safe") {
                revert(add(code, 0x20), mload(code))
            }
        }
        vm.etch(place, code);
        return IAttestors(place);
    }

    function _same(string memory left, string memory right) internal pure returns (bool) {
        return keccak256(bytes(left)) == keccak256(bytes(right));
    }

    function _word(bytes memory text, uint256 index) private pure returns (uint256 word) {
        assembly ("memory-safe") {
            word := mload(add(add(text, 0x20), mul(index, 0x20)))
        }
    }
}
