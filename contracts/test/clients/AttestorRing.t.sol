// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IAttestorClient} from "../../src/interfaces/IAttestorClient.sol";
import {ClientStatus} from "../../src/interfaces/ILightClient.sol";
import {AttestorWorld, IAttestors} from "./AttestorWorld.sol";

/// @notice States that are not of one chain with the newest: whoever makes up a height far ahead keeps the chain's own
/// states out only until one of them is later than what he made up.
contract AttestorRingTest is AttestorWorld {
    uint64 private constant HEIGHT = 320;
    uint64 private constant NEXT = 352;
    uint64 private constant BEHIND = 576;
    uint64 private constant FAR = 1 << 63;

    function test_freezes_by_a_higher_state_that_is_earlier() public {
        _freezes("conflict_higher_and_earlier_frozen", HEIGHT);
    }

    function test_freezes_by_a_lower_state_that_is_later() public {
        _freezes("conflict_lower_and_later_frozen", NEXT);
    }

    function test_freezes_by_a_state_behind_the_ring_that_is_later() public {
        _freezes("conflict_behind_ring_frozen", BEHIND);
    }

    function test_freezes_by_an_honest_state_below_a_height_that_no_chain_reaches() public {
        _freezes("conflict_far_height_frozen", FAR);
    }

    function test_freezes_by_another_state_of_a_height_that_is_still_held() public {
        _freezes("conflict_held_behind_ring_frozen", FAR);
    }

    function test_takes_a_higher_block_of_the_same_second() public {
        _takes("accept/state_next_same_second");
    }

    function test_takes_a_lower_block_of_the_same_second() public {
        _takes("accept/state_gap_same_second");
    }

    function test_refuses_a_state_behind_the_ring_that_is_earlier() public {
        bytes memory rule = abi.encodeWithSelector(IAttestorClient.OlderThanRing.selector, HEIGHT, BEHIND);
        _refuses("reject/OlderThanRing/behind_the_ring", rule);
    }

    function test_refuses_a_state_behind_the_ring_of_the_same_second() public {
        bytes memory rule = abi.encodeWithSelector(IAttestorClient.OlderThanRing.selector, HEIGHT, BEHIND);
        _refuses("reject/OlderThanRing/behind_the_ring_same_second", rule);
    }

    /// @dev What too few signed freezes nothing, wherever it lies.
    function test_refuses_a_state_behind_the_ring_by_its_signatures_first() public {
        bytes memory rule = abi.encodeWithSelector(IAttestorClient.BelowThreshold.selector, 2, 3);
        _refuses("reject/BelowThreshold/behind_the_ring_few", rule);
    }

    /// @dev Evidence of two heights, of which the client does not hold the second.
    function test_freezes_by_evidence_that_time_runs_backwards() public {
        _freezes("evidence_backwards_frozen", HEIGHT, "Frozen");
    }

    /// @dev Attested heights are multiples of an interval; those of evidence need not be.
    function test_freezes_by_evidence_that_time_runs_backwards_from_block_to_block() public {
        _freezes("evidence_backwards_next_frozen", HEIGHT, "Frozen");
    }

    /// @dev The event names the lower height.
    function test_strikes_who_signed_that_time_runs_backwards() public {
        (IAttestors client, string memory json) = _load("accept/evidence_backwards_struck");
        address struck = client.attestorSet().attestors[1].signer;
        vm.expectEmit(address(client));
        emit IAttestorClient.AttestorStruck(struck, 1, HEIGHT);
        _judged(client, json);
        vm.assertEq(uint256(client.attestorSet().attestors[1].weight), 0);
        vm.assertTrue(client.status() == ClientStatus.Active);
    }

    function _freezes(string memory name, uint64 newest) private {
        _freezes(name, newest, "Misbehaviour");
    }

    /// @dev Nothing takes the place of what is held.
    function _freezes(string memory name, uint64 newest, string memory expected) private {
        (IAttestors client, string memory json) = _load(string.concat("accept/", name));
        vm.assertEq(client.snapshot().newestHeight, newest);
        bytes memory held = abi.encode(client.stateAt(newest));
        vm.expectEmit(address(client));
        emit IAttestorClient.ClientFrozen();
        (string memory result,,) = _judged(client, json);
        vm.assertEq(result, expected);
        vm.assertTrue(client.status() == ClientStatus.Frozen);
        vm.assertEq(client.snapshot().newestHeight, newest);
        vm.assertEq(abi.encode(client.stateAt(newest)), held);
    }

    function _takes(string memory name) private {
        (IAttestors client, string memory json) = _load(name);
        (string memory result,,) = _judged(client, json);
        vm.assertEq(result, "Update");
        vm.assertTrue(client.status() == ClientStatus.Active);
        vm.assertEq(client.snapshot().newestHeight, NEXT);
        vm.assertEq(client.stateAt(HEIGHT).timestamp, client.stateAt(NEXT).timestamp);
    }

    function _refuses(string memory name, bytes memory rule) private {
        (IAttestors client, string memory json) = _load(name);
        bytes[] memory steps = lists.parseJsonBytesArray(json, ".steps");
        vm.expectRevert(rule);
        client.updateClient(_tail(steps[steps.length - 1]));
        vm.assertTrue(client.status() == ClientStatus.Active);
    }

    /// @dev The client of a vector before the step that is judged.
    function _load(string memory name) private returns (IAttestors, string memory json) {
        json = vm.readFile(string.concat(FOLDER, name, ".json"));
        return (_prepare(json), json);
    }

    /// @dev A step without the byte that says what it is.
    function _tail(bytes memory step) private pure returns (bytes memory message) {
        message = new bytes(step.length - 1);
        for (uint256 i = 0; i < message.length; ++i) {
            message[i] = step[i + 1];
        }
    }
}
