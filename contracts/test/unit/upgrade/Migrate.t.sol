// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IAuthority} from "../../../script/Proof.sol";
import {MirrorClient} from "../../../sdk/MirrorClient.sol";
import {ClientStatus} from "../../../src/interfaces/ILightClient.sol";
import {IClients} from "../../../src/interfaces/IRouter.sol";
import {Packet} from "../../../src/interfaces/Messages.sol";
import {IToken, World} from "../../support/world/World.sol";

/// @notice The part of OpenZeppelin's timelock that a migration uses.
interface IQueue {
    function schedule(address, uint256, bytes calldata, bytes32, bytes32, uint256) external;
    function execute(address, uint256, bytes calldata, bytes32, bytes32) external;
}

/// @notice A client that has stopped counting is replaced through the timelock; what was on its way is settled then.
contract MigrateTest is World {
    uint256 private constant DELAY = 2 days;

    IQueue private _timelock;

    function setUp() public override {
        super.setUp();
        address[] memory one = new address[](1);
        one[0] = alice;
        bytes memory arguments = abi.encode(DELAY, one, one, address(0));
        _timelock = IQueue(_create("artifacts/TimelockController.json", arguments));
        vm.startPrank(GOVERNANCE);
        IAuthority(authority).grantRole(0, address(_timelock), 0);
        IAuthority(authority).renounceRole(0, GOVERNANCE);
        vm.stopPrank();
    }

    function test_frozen_client_is_replaced_and_packets_settle() public {
        _replaced(ClientStatus.Frozen);
    }

    function test_expired_client_is_replaced_and_packets_settle() public {
        _replaced(ClientStatus.Expired);
    }

    function _replaced(ClientStatus status) private {
        Packet memory delivered = _send(a, alice, address(token), 100, bob);
        bytes memory answer = _deliver(b, delivered);
        Packet memory late = _send(a, alice, address(token), 50, bob);
        _carry(a, b, alice, address(token), 30, bob);
        Packet memory homeward = _send(b, bob, address(_voucher(b, address(token))), 20, alice);
        uint256 left = token.balanceOf(alice);
        a.client.setStatus(status);
        _nothingPasses(delivered, answer, homeward);

        MirrorClient next = new MirrorClient();
        next.mirror(b.router);
        bytes memory call = abi.encodeCall(IClients.migrateClient, (a.clientId, _end(b.clientId), address(next)));
        vm.startPrank(alice);
        _timelock.schedule(address(a.router), 0, call, 0, 0, DELAY);
        vm.expectRevert();
        _timelock.execute(address(a.router), 0, call, 0, 0);
        vm.stopPrank();
        _nothingPasses(delivered, answer, homeward);

        vm.warp(NOW + DELAY);
        vm.prank(alice);
        _timelock.execute(address(a.router), 0, call, 0, 0);
        a.client = next;
        // The answer that waited, the refund of what nobody delivered, and what comes now.
        _acknowledge(a, delivered, answer);
        _timeOut(a, late);
        vm.assertEq(token.balanceOf(alice), left + 50);
        _timeOut(b, homeward);
        vm.assertEq(_voucher(b, address(token)).balanceOf(bob), 130);
        _carry(b, a, bob, address(_voucher(b, address(token))), 130, alice);
        vm.assertEq(token.balanceOf(alice), left + 180);
    }

    function _nothingPasses(Packet memory delivered, bytes memory answer, Packet memory homeward) private {
        vm.expectPartialRevert(MirrorClient.NotActive.selector);
        a.router.ackPacket(_ack(delivered, answer));
        vm.expectPartialRevert(MirrorClient.NotActive.selector);
        a.router.recvPacket(_recv(homeward));
        IToken(address(token)).mint(relayer, 1);
        vm.startPrank(relayer);
        token.approve(address(a.transfer), 1);
        vm.expectRevert();
        a.transfer.sendTransfer(_request(a, address(token), 1));
        vm.stopPrank();
    }
}
