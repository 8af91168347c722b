// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IBeaconClient} from "../../src/interfaces/IBeaconClient.sol";
import {IGoverned} from "../../src/interfaces/IGoverned.sol";
import {ILearnedAt, MsgVerifyMembership, UpdateResult} from "../../src/interfaces/ILightClient.sol";
import {Height} from "../../src/interfaces/Messages.sol";
import {IPolicyClient, PolicyLeaf} from "../../src/interfaces/IPolicyClient.sol";
import {ScriptedLeaf} from "../support/world/ScriptedLeaf.sol";
import {IPolicies, PolicyWorld} from "./PolicyWorld.sol";

/// @notice What the shared vectors do not say about the policy client: who may change it, which leaves it takes, what
/// it passes on, and what happens when gas runs short.
contract PolicyClientTest is PolicyWorld {
    string private _both;
    string private _any;

    function setUp() public override {
        super.setUp();
        _both = vm.readFile(string.concat(FOLDER, "accept/all_of.json"));
        _any = vm.readFile(string.concat(FOLDER, "accept/any_of_all.json"));
    }

    /// @dev [T-42] Nobody but governance changes what has to be proven.
    function test_t42_policy_is_changed_by_governance_only() public {
        IPolicies client = _deploy(_policy(_both));
        bytes memory other = _policy(_any);
        vm.expectRevert(abi.encodeWithSelector(IGoverned.NotGovernance.selector, address(this), address(authority)));
        client.setPolicy(other);
        vm.expectEmit(address(client));
        emit IPolicyClient.PolicyChanged(other);
        vm.prank(GOVERNOR);
        client.setPolicy(other);
        vm.assertEq(client.getPolicy(), other);
        vm.assertEq(client.getClientState(), other);
        vm.assertEq(client.getLeaves().length, 3);
    }

    /// @dev No cycles: no policy stands in a policy, neither itself nor another, neither at the start nor later.
    function test_no_policy_stands_in_a_policy() public {
        IPolicies client = _deploy(_policy(_both));
        bytes memory nested = abi.encodePacked(uint8(1), uint8(4), address(client));
        bytes memory refused = abi.encodeWithSelector(IPolicyClient.BadLeaf.selector, address(client));
        vm.expectRevert(refused);
        this.deploy(nested);
        vm.expectRevert(refused);
        vm.prank(GOVERNOR);
        client.setPolicy(nested);
    }

    function test_refuses_leaves_that_are_no_clients() public {
        address nobody = account("nobody");
        vm.expectRevert(abi.encodeWithSelector(IPolicyClient.BadLeaf.selector, nobody));
        this.deploy(abi.encodePacked(uint8(1), uint8(4), nobody));
        ScriptedLeaf(_leaf(3)).script(0x01, Height(0, 1), 1, 0, 3);
        vm.expectRevert(abi.encodeWithSelector(IPolicyClient.BadLeaf.selector, _leaf(3)));
        this.deploy(abi.encodePacked(uint8(1), uint8(4), _leaf(3)));
        vm.etch(address(halts), "");
        vm.expectRevert(abi.encodeWithSelector(IPolicyClient.BadLeaf.selector, address(halts)));
        this.deploy(_policy(_both));
    }

    /// @dev Updates and evidence go to the leaf that they name.
    function test_passes_messages_on_to_the_leaf() public {
        IPolicies client = _deploy(_policy(_both));
        UpdateResult result = client.updateClient(hex"01c0ffee");
        vm.assertEq(uint256(result), uint256(UpdateResult.NoOp));
        vm.assertEq(ScriptedLeaf(_leaf(1)).told(), hex"c0ffee");
        client.misbehaviour(hex"00bad0");
        vm.assertEq(ScriptedLeaf(_leaf(0)).told(), hex"bad0");
        vm.expectRevert(IPolicyClient.Malformed.selector);
        client.updateClient(hex"02c0ffee");
        vm.expectRevert(IPolicyClient.Malformed.selector);
        client.updateClient("");
        vm.expectRevert(IPolicyClient.Malformed.selector);
        client.misbehaviour(hex"02");
    }

    /// @dev Whatever gas it gets, a proof that holds without gas running short never comes to more: the time is not
    /// later than that of the leaves that are enough, and nothing that is refused is accepted.
    function testFuzz_gas_starvation_only_takes_away(uint256 supplied) public {
        IPolicies client = _deploy(_policy(_both));
        _script(_both);
        ScriptedLeaf(_leaf(1)).burn(200_000);
        MsgVerifyMembership memory message = _membership(_both);
        supplied = bound(supplied, 30_000, 600_000);
        try client.verifyMembership{gas: supplied}(message) returns (uint256 provenAt) {
            vm.assertEq(provenAt, vm.parseJsonUint(_both, ".provenAt"));
        } catch {}
        // One of several, the earliest starved: its height is the one that was given, and no other will do.
        client = _deploy(_policy(_any));
        ScriptedLeaf(_leaf(2)).burn(200_000);
        message = _membership(_any);
        try client.verifyMembership{gas: supplied}(message) returns (uint256 provenAt) {
            vm.assertEq(provenAt, vm.parseJsonUint(_any, ".provenAt"));
        } catch {}
    }

    function test_tells_what_it_is() public {
        IPolicies client = _deploy(_policy(_both));
        vm.assertTrue(client.supportsInterface(type(IPolicyClient).interfaceId));
        vm.assertTrue(client.supportsInterface(0x01ffc9a7));
        vm.assertFalse(client.supportsInterface(0xffffffff));
        PolicyLeaf[] memory leaves = client.getLeaves();
        vm.assertEq(leaves[1].client, _leaf(1));
        vm.assertEq(uint256(leaves[1].delay), 0);
        // Beacon clients tell since when they know a state.
        vm.assertEq(bytes32(ILearnedAt.learnedAt.selector), bytes32(IBeaconClient.learnedAt.selector));
    }

    function deploy(bytes calldata policy) external {
        _deploy(policy);
    }

    function _policy(string memory json) private pure returns (bytes memory) {
        return vm.parseJsonBytes(json, ".policy");
    }
}
