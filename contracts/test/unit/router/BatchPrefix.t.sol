// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IBatchPrefix} from "../../../src/interfaces/IBatchClient.sol";
import {IBatches} from "../../../src/interfaces/IBatches.sol";
import {CounterpartyInfo, Packet} from "../../../src/interfaces/Messages.sol";
import {MirrorClient} from "../../../sdk/MirrorClient.sol";
import {BatchWorld} from "./BatchWorld.sol";

/// @notice Over which clients batches may pass: those that look under the very prefix of the other end.
contract BatchPrefixTest is BatchWorld {
    bytes[] private _store;

    function setUp() public override {
        super.setUp();
        _store.push("ibc");
        _store.push("");
    }

    function test_batches_pass_under_the_prefix_that_the_client_names() public {
        Packet memory packet = _sent();
        address light = address(_prefixed(abi.encode(_store)));
        _migrate(light, _store);
        _run(b, _packed(b, _of(RECEIVE, packet)));
        vm.assertTrue(b.router.isPacketReceived(packet));
    }

    function test_batches_pass_when_the_other_end_is_named_later() public {
        Prefixed light = _prefixed(abi.encode(_store));
        vm.prank(address(this));
        b.clientId = b.router.addClient(CounterpartyInfo("", new bytes[](0)), address(light));
        b.router.registerCounterparty(b.clientId, CounterpartyInfo(a.clientId, _store));
        // The packet is nobody's, so it is skipped: but for that it was judged.
        Packet memory packet = _sent();
        packet.destClient = b.clientId;
        vm.assertTrue(_skipped(b, _of(RECEIVE, packet)).length != 0);
    }

    function test_rejects_BatchUnsupported_under_another_prefix() public {
        Packet memory packet = _sent();
        address light = address(_prefixed(abi.encode(_store)));
        bytes[] memory other = new bytes[](1);
        _refuses(packet, light, other);
        other[0] = "ibc";
        _refuses(packet, light, other);
        other = new bytes[](2);
        (other[0], other[1]) = ("ibc", "x");
        _refuses(packet, light, other);
        (other[0], other[1]) = ("bank", "");
        _refuses(packet, light, other);
        // And one that names none looks where no prefix is.
        other = new bytes[](2);
        other[0] = "ibc";
        _refuses(packet, address(b.client), other);
    }

    function test_rejects_BatchUnsupported_of_clients_that_name_no_prefix_although_they_say_so() public {
        Packet memory packet = _sent();
        _refuses(packet, address(_prefixed("")), _store);
        _refuses(packet, address(_prefixed(hex"20")), _store);
        _refuses(packet, address(_prefixed(abi.encode(uint256(0x20), type(uint256).max))), _store);
        bytes[] memory none = new bytes[](1);
        _refuses(packet, address(_prefixed("")), none);
        // A right answer and a failure.
        Prefixed failing = _prefixed(abi.encode(_store));
        failing.fail();
        _refuses(packet, address(failing), _store);
    }

    /// @dev The first client that looked under a prefix leaves nothing to the next one.
    function test_prefix_is_looked_at_again_when_the_client_is_replaced() public {
        Packet memory packet = _sent();
        _migrate(address(_prefixed(abi.encode(_store))), _store);
        _refuses(packet, address(b.client), _store);
        bytes[] memory none = new bytes[](1);
        _migrate(address(b.client), none);
        _run(b, _packed(b, _of(RECEIVE, packet)));
        vm.assertTrue(b.router.isPacketReceived(packet));
    }

    function _refuses(Packet memory packet, address light, bytes[] memory prefix) private {
        _migrate(light, prefix);
        bytes memory packed = _packed(b, _of(RECEIVE, packet));
        vm.expectRevert(abi.encodeWithSelector(IBatches.BatchUnsupported.selector, b.clientId, light));
        b.router.batch(packed);
    }

    function _migrate(address light, bytes[] memory prefix) private {
        vm.prank(GOVERNANCE);
        b.router.migrateClient(b.clientId, CounterpartyInfo(a.clientId, prefix), light);
    }

    function _prefixed(bytes memory answer) private returns (Prefixed light) {
        light = new Prefixed(answer);
        light.mirror(a.router);
    }
}

/// @notice A mirror that says under which prefix it looks.
contract Prefixed is MirrorClient {
    bytes private _answer;
    bool private _fails;

    constructor(bytes memory answer) {
        _answer = answer;
    }

    function fail() external {
        _fails = true;
    }

    function batchPrefix() external view {
        bytes memory answer = _answer;
        if (_fails) {
            assembly ("memory-safe") {
                revert(add(answer, 0x20), mload(answer))
            }
        }
        assembly ("memory-safe") {
            return(add(answer, 0x20), mload(answer))
        }
    }

    function supportsInterface(bytes4 interfaceId) public pure override returns (bool) {
        return interfaceId == type(IBatchPrefix).interfaceId || super.supportsInterface(interfaceId);
    }
}
