// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IGoverned} from "../../src/interfaces/IGoverned.sol";
import {
    IClientStatus,
    ILightClient,
    MsgVerifyMembership,
    MsgVerifyNonMembership
} from "../../src/interfaces/ILightClient.sol";
import {Height} from "../../src/interfaces/Messages.sol";
import {IPolicyClient} from "../../src/interfaces/IPolicyClient.sol";
import {Test} from "../support/Test.sol";
import {Authority} from "../support/world/Authority.sol";
import {HaltList, ScriptedLeaf} from "../support/world/ScriptedLeaf.sol";
import {VmLists} from "./VmLists.sol";

/// @notice All that a policy client offers.
interface IPolicies is IPolicyClient, ILightClient, IClientStatus, IGoverned {
    function supportsInterface(bytes4 interfaceId) external pure returns (bool);
}

/// @title PolicyWorld
/// @notice Reads the shared vectors of docs/formats/policy.md and judges them.
abstract contract PolicyWorld is Test {
    /// @dev A case is judged as it says.
    error Agreed();

    string internal constant FOLDER = "../light-clients/vectors/policy/";
    address internal constant GOVERNOR = address(0x60);
    uint256 internal constant LEAVES = 10;

    VmLists internal constant lists = VmLists(address(vm));

    Authority internal authority;
    HaltList internal halts;
    /// @dev The law's name of an error.
    mapping(bytes4 selector => string name) private _names;

    function setUp() public virtual {
        authority = new Authority(GOVERNOR);
        halts = new HaltList();
        bytes memory code = address(new ScriptedLeaf()).code;
        for (uint256 n = 0; n < LEAVES; ++n) {
            vm.etch(_leaf(n), code);
        }
        _names[IPolicyClient.Malformed.selector] = "Malformed";
        _names[IPolicyClient.BadPolicy.selector] = "BadPolicy";
        _names[IPolicyClient.NotSatisfied.selector] = "NotSatisfied";
        _names[IPolicyClient.WrongHeight.selector] = "WrongHeight";
    }

    /// @dev Judges one file. It takes everything back in the end: all leaves live at fixed addresses.
    function judge(string calldata path) external {
        string memory json = vm.readFile(path);
        // At the start every leaf tells its status: later it may stop to.
        IPolicies client = _deploy(vm.parseJsonBytes(json, ".policy"));
        _script(json);
        string memory kind = vm.parseJsonString(json, ".kind");
        if (_same(kind, "proof")) {
            uint256 provenAt = client.verifyMembership(_membership(json));
            vm.assertEq(client.verifyNonMembership(_nonMembership(json)), provenAt, path);
            vm.assertEq(provenAt, vm.parseJsonUint(json, ".provenAt"), path);
        } else if (_same(kind, "status")) {
            vm.assertEq(uint256(client.status()), vm.parseJsonUint(json, ".status"), path);
        } else {
            require(_same(kind, "start"), path);
            vm.assertEq(client.getPolicy(), vm.parseJsonBytes(json, ".policy"), path);
        }
        revert Agreed();
    }

    /// @dev The contract says of a file what the law says.
    function _agrees(string memory path) internal {
        string memory rule = vm.parseJsonString(vm.readFile(path), ".error");
        (, bytes memory reason) = address(this).call(abi.encodeCall(this.judge, (path)));
        string memory what = string.concat(path, ": ", vm.toString(reason));
        if (bytes(rule).length == 0) vm.assertEq(bytes32(bytes4(reason)), bytes32(Agreed.selector), what);
        else vm.assertEq(string.concat(path, " ", _names[bytes4(reason)]), string.concat(path, " ", rule));
    }

    function _deploy(bytes memory policy) internal returns (IPolicies) {
        bytes memory arguments = abi.encode(policy, address(halts), address(authority));
        bytes memory code = bytes.concat(vm.getCode("PolicyClient.sol:PolicyClient"), arguments);
        address deployed;
        assembly ("memory-safe") {
            deployed := create(0, add(code, 0x20), mload(code))
            if iszero(deployed) {
                let reason := mload(0x40)
                returndatacopy(reason, 0, returndatasize())
                revert(reason, returndatasize())
            }
        }
        return IPolicies(deployed);
    }

    function _leaf(uint256 n) internal pure returns (address) {
        return address(uint160(0xa0 + n));
    }

    /// @dev Every leaf says from now on what the vector says.
    function _script(string memory json) internal {
        vm.warp(vm.parseJsonUint(json, ".now"));
        uint256[] memory revisions = lists.parseJsonUintArray(json, ".revisions");
        uint256[] memory heights = lists.parseJsonUintArray(json, ".heights");
        uint256[] memory timestamps = lists.parseJsonUintArray(json, ".timestamps");
        uint256[] memory learned = lists.parseJsonUintArray(json, ".learned");
        uint256[] memory halted = lists.parseJsonUintArray(json, ".halted");
        uint256[] memory statuses = lists.parseJsonUintArray(json, ".statuses");
        for (uint256 n = 0; n < LEAVES; ++n) {
            Height memory height = Height(uint64(revisions[n]), uint64(heights[n]));
            ScriptedLeaf(_leaf(n)).script(bytes1(uint8(n + 1)), height, timestamps[n], learned[n], statuses[n]);
            halts.setHalted(_leaf(n), halted[n] == 1);
        }
    }

    function _membership(string memory json) internal pure returns (MsgVerifyMembership memory message) {
        message.proof = vm.parseJsonBytes(json, ".proof");
        uint64 revision = uint64(vm.parseJsonUint(json, ".revision"));
        message.proofHeight = Height(revision, uint64(vm.parseJsonUint(json, ".height")));
        message.path = new bytes[](1);
        message.path[0] = "path";
        message.value = abi.encode(1);
    }

    function _nonMembership(string memory json) internal pure returns (MsgVerifyNonMembership memory) {
        MsgVerifyMembership memory same = _membership(json);
        return MsgVerifyNonMembership(same.proof, same.proofHeight, same.path);
    }

    function _same(string memory left, string memory right) internal pure returns (bool) {
        return keccak256(bytes(left)) == keccak256(bytes(right));
    }
}
