// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IBatchClient, IBatchPrefix} from "../../src/interfaces/IBatchClient.sol";
import {
    IClientStatus,
    ILearnedAt,
    ILightClient,
    MsgVerifyMembership,
    MsgVerifyNonMembership,
    UpdateResult
} from "../../src/interfaces/ILightClient.sol";
import {
    ITendermintClient,
    TendermintConfig,
    TendermintStart,
    TendermintState
} from "../../src/interfaces/ITendermintClient.sol";
import {Height} from "../../src/interfaces/Messages.sol";
import {Test} from "../support/Test.sol";
import {VmLists} from "./VmLists.sol";

/// @notice All that a Tendermint client offers.
interface ITendermint is ITendermintClient, ILightClient, IBatchClient, IBatchPrefix, IClientStatus, ILearnedAt {
    function supportsInterface(bytes4 interfaceId) external pure returns (bool);
}

/// @title TendermintWorld
/// @notice Reads the shared vectors of docs/formats/tendermint.md and puts clients into the state that a vector
/// describes.
abstract contract TendermintWorld is Test {
    string internal constant FOLDER = "../light-clients/vectors/tendermint/";
    VmLists internal constant lists = VmLists(address(vm));

    /// @dev The law's name of an error.
    mapping(bytes4 selector => string name) private _names;

    function setUp() public virtual {
        _nameReading();
        _nameHeaders();
        _nameVotes();
        _nameOthers();
    }

    /// @dev A client as its constructor leaves it. Reverts with what the constructor reverts with.
    function _begin(string memory json) internal returns (ITendermint) {
        vm.warp(vm.parseJsonUint(json, ".startedAt"));
        return _deploy(_config(json), _start(json));
    }

    function _deploy(TendermintConfig memory config, TendermintStart memory start) internal returns (ITendermint) {
        bytes memory code = bytes.concat(vm.getCode("TendermintClient.sol:TendermintClient"), abi.encode(config, start));
        address client;
        assembly ("memory-safe") {
            client := create(0, add(code, 0x20), mload(code))
            if iszero(client) {
                returndatacopy(code, 0, returndatasize())
                revert(code, returndatasize())
            }
        }
        return ITendermint(client);
    }

    /// @dev A client that has gone through all messages that come before what the vector judges.
    function _prepare(string memory json) internal returns (ITendermint client) {
        client = _begin(json);
        bytes[] memory messages = lists.parseJsonBytesArray(json, ".packed");
        uint256[] memory times = lists.parseJsonUintArray(json, ".packedTimes");
        uint256 count = messages.length;
        if (_same(vm.parseJsonString(json, ".kind"), "step")) count -= vm.parseJsonUint(json, ".packedJudged");
        for (uint256 i = 0; i < count; ++i) {
            vm.warp(times[i]);
            _send(client, messages[i]);
        }
    }

    /// @dev What the vector judges: the result of the last message, or the time of a proof.
    function _judged(ITendermint client, string memory json) internal returns (string memory result, uint256 provenAt) {
        string memory kind = vm.parseJsonString(json, ".kind");
        if (_same(kind, "start")) return ("Started", 0);
        if (_same(kind, "step")) {
            bytes[] memory messages = lists.parseJsonBytesArray(json, ".packed");
            uint256[] memory times = lists.parseJsonUintArray(json, ".packedTimes");
            for (uint256 i = messages.length - vm.parseJsonUint(json, ".packedJudged"); i < messages.length; ++i) {
                vm.warp(times[i]);
                result = _send(client, messages[i]);
            }
            return (result, 0);
        }
        vm.warp(vm.parseJsonUint(json, ".now"));
        if (_same(kind, "batch")) return ("Batch", _judgedBatch(client, json));
        MsgVerifyMembership memory message = _membership(json);
        if (_same(kind, "member")) return ("Member", client.verifyMembership(message));
        require(_same(kind, "absent"), string.concat("unknown kind ", kind));
        MsgVerifyNonMembership memory same = MsgVerifyNonMembership(message.proof, message.proofHeight, message.path);
        return ("Absent", client.verifyNonMembership(same));
    }

    function _judgedBatch(ITendermint client, string memory json) private view returns (uint256 provenAt) {
        // A batch of no paths has none.
        bytes[] memory paths;
        if (vm.keyExistsJson(json, ".paths")) paths = lists.parseJsonBytesArray(json, ".paths");
        bytes32[] memory values;
        MsgVerifyMembership memory message = _membership(json);
        (provenAt, values) = client.verifyBatch(message.proofHeight, message.proof, paths);
        vm.assertEq(abi.encodePacked(values), message.value);
    }

    /// @dev One message, by the first byte of it.
    function _send(ITendermint client, bytes memory step) internal returns (string memory) {
        bytes memory message = _part(step, 1, step.length);
        if (uint8(step[0]) == 1) {
            UpdateResult result = client.updateClient(message);
            if (result == UpdateResult.Update) return "Update";
            return result == UpdateResult.NoOp ? "NoOp" : "Misbehaviour";
        }
        client.misbehaviour(message);
        return "Frozen";
    }

    /// @dev Everything that an accepted case says about the outcome is so.
    function _agrees(string memory path) internal {
        string memory json = vm.readFile(path);
        ITendermint client = _prepare(json);
        (string memory result, uint256 provenAt) = _judged(client, json);
        vm.assertEq(string.concat(path, " ", result), string.concat(path, " ", vm.parseJsonString(json, ".result")));
        vm.assertEq(provenAt, vm.parseJsonUint(json, ".provenAt"), path);
        (TendermintState memory newest, bool frozen) = client.snapshot();
        vm.assertTrue(frozen == vm.parseJsonBool(json, ".frozen"), path);
        vm.assertEq(newest.height, vm.parseJsonUint(json, ".newest"), path);
        vm.assertEq(newest.time, vm.parseJsonUint(json, ".seconds"), path);
        vm.assertEq(newest.nanos, vm.parseJsonUint(json, ".nanos"), path);
        vm.assertEq(newest.appHash, vm.parseJsonBytes32(json, ".appHash"), path);
        vm.assertEq(newest.nextValidatorsHash, vm.parseJsonBytes32(json, ".nextValidatorsHash"), path);
        vm.assertEq(newest.learnedAt, vm.parseJsonUint(json, ".learnedAt"), path);
        vm.assertEq(client.learnedAt(newest.height), newest.learnedAt, path);
    }

    /// @dev The name of the rule that refuses a case; reverts if it is accepted.
    function _refusal(string memory path) internal returns (string memory name) {
        (bool accepted, bytes memory reason) = address(this).call(abi.encodeCall(this.judgeRefusal, (path)));
        vm.assertFalse(accepted, path);
        name = _names[bytes4(reason)];
        vm.assertTrue(bytes(name).length != 0, string.concat(path, ": no rule is named ", vm.toString(reason)));
    }

    /// @dev Prepares the client of a case; what comes before the judged step or proof has to be accepted.
    function judgeRefusal(string calldata path) external {
        string memory json = vm.readFile(path);
        _judged(_prepare(json), json);
    }

    function _config(string memory json) internal pure returns (TendermintConfig memory config) {
        config.chainId = vm.parseJsonString(json, ".chainId");
        config.trustNumerator = uint64(vm.parseJsonUint(json, ".trustNumerator"));
        config.trustDenominator = uint64(vm.parseJsonUint(json, ".trustDenominator"));
        config.trustPeriod = uint64(vm.parseJsonUint(json, ".trustPeriod"));
        config.unbondingPeriod = uint64(vm.parseJsonUint(json, ".unbondingPeriod"));
        config.clockDrift = uint64(vm.parseJsonUint(json, ".clockDrift"));
        config.capacity = uint32(vm.parseJsonUint(json, ".capacity"));
        config.store = vm.parseJsonBytes(json, ".store");
    }

    function _start(string memory json) internal pure returns (TendermintStart memory start) {
        start.height.revisionNumber = uint64(vm.parseJsonUint(json, ".revisionNumber"));
        start.height.revisionHeight = uint64(vm.parseJsonUint(json, ".revisionHeight"));
        start.time = uint64(vm.parseJsonUint(json, ".startSeconds"));
        start.nanos = uint32(vm.parseJsonUint(json, ".startNanos"));
        start.appHash = vm.parseJsonBytes32(json, ".startAppHash");
        start.nextValidatorsHash = vm.parseJsonBytes32(json, ".startNextValidatorsHash");
    }

    function _membership(string memory json) internal pure returns (MsgVerifyMembership memory message) {
        message.proof = vm.parseJsonBytes(json, ".proof");
        uint64 revision = uint64(vm.parseJsonUint(json, ".revisionNumber"));
        message.proofHeight = Height(revision, uint64(vm.parseJsonUint(json, ".proofHeight")));
        message.path = new bytes[](2);
        message.path[0] = vm.parseJsonBytes(json, ".store");
        message.path[1] = vm.parseJsonBytes(json, ".path");
        message.value = vm.parseJsonBytes(json, ".value");
    }

    function _part(bytes memory text, uint256 from, uint256 to) internal pure returns (bytes memory part) {
        part = new bytes(to - from);
        assembly ("memory-safe") {
            mcopy(add(part, 0x20), add(add(text, 0x20), from), mload(part))
        }
    }

    /// @dev A set of form 1 in form 2.
    function _widened(bytes memory narrow) internal pure returns (bytes memory wide) {
        wide = bytes.concat(_part(narrow, 0, 4), hex"02");
        uint256 count = uint8(narrow[3]);
        for (uint256 i = 0; i < count; ++i) {
            wide = bytes.concat(wide, hex"02", _part(narrow, 5 + 73 * i, 78 + 73 * i));
        }
        return bytes.concat(wide, _part(narrow, 5 + 73 * count, narrow.length));
    }

    function _with(bytes memory message, uint256 at, uint8 value) internal pure returns (bytes memory changed) {
        changed = bytes.concat(message);
        changed[at] = bytes1(value);
    }

    function _same(string memory left, string memory right) internal pure returns (bool) {
        return keccak256(bytes(left)) == keccak256(bytes(right));
    }

    function _nameReading() private {
        _names[ITendermintClient.Malformed.selector] = "Malformed";
        _names[ITendermintClient.TooManyValidators.selector] = "TooManyValidators";
        _names[ITendermintClient.NoValidators.selector] = "NoValidators";
        _names[ITendermintClient.DuplicateValidator.selector] = "DuplicateValidator";
        _names[ITendermintClient.PowerOverflow.selector] = "PowerOverflow";
        _names[ITendermintClient.Frozen.selector] = "Frozen";
        _names[ITendermintClient.Expired.selector] = "Expired";
    }

    function _nameHeaders() private {
        _names[ITendermintClient.BlockVersion.selector] = "BlockVersion";
        _names[ITendermintClient.BadAppHash.selector] = "BadAppHash";
        _names[ITendermintClient.UnknownHeight.selector] = "UnknownHeight";
        _names[ITendermintClient.OlderThanRing.selector] = "OlderThanRing";
        _names[ITendermintClient.ChainMismatch.selector] = "ChainMismatch";
        _names[ITendermintClient.AnchorExpired.selector] = "AnchorExpired";
        _names[ITendermintClient.HeightOrder.selector] = "HeightOrder";
        _names[ITendermintClient.TimeOrder.selector] = "TimeOrder";
        _names[ITendermintClient.FromTheFuture.selector] = "FromTheFuture";
    }

    function _nameVotes() private {
        _names[ITendermintClient.ValidatorsHash.selector] = "ValidatorsHash";
        _names[ITendermintClient.TrustedValidatorsHash.selector] = "TrustedValidatorsHash";
        _names[ITendermintClient.NextValidators.selector] = "NextValidators";
        _names[ITendermintClient.NotEnoughOverlap.selector] = "NotEnoughOverlap";
        _names[ITendermintClient.NotEnoughSigners.selector] = "NotEnoughSigners";
        _names[ITendermintClient.BadSignature.selector] = "BadSignature";
        // All signatures of ed25519 are judged at once; points and scalars while they are read.
        _names[ITendermintClient.BadSignatures.selector] = "BadSignature";
        _names[bytes4(keccak256("BadPoint(bytes32,uint256)"))] = "BadSignature";
        _names[bytes4(keccak256("BadScalar(bytes32)"))] = "BadSignature";
    }

    function _nameOthers() private {
        _names[ITendermintClient.BadConfig.selector] = "BadConfig";
        _names[ITendermintClient.BootstrapTooOld.selector] = "BootstrapTooOld";
        _names[ITendermintClient.NoNextValidators.selector] = "NoNextValidators";
        _names[ITendermintClient.BadValue.selector] = "BadValue";
        _names[bytes4(keccak256("BadProof()"))] = "StoreProof";
        _names[ITendermintClient.KeyAbsent.selector] = "KeyAbsent";
        _names[ITendermintClient.KeyPresent.selector] = "KeyPresent";
        _names[ITendermintClient.ValueMismatch.selector] = "ValueMismatch";
        _names[ITendermintClient.NotMisbehaviour.selector] = "NotMisbehaviour";
    }
}
