// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IHaltable, ScopeKind} from "../../../src/interfaces/IHaltable.sol";
import {Hold, HoldState} from "../../../src/interfaces/IHolds.sol";
import {Direction, Lane, Limit, LimitKind, ValueLimit, Verdict} from "../../../src/interfaces/ILimits.sol";
import {IPriceSource} from "../../../src/interfaces/IPriceSource.sol";
import {IRouter} from "../../../src/interfaces/IRouter.sol";
import {FungibleTokenPacketData} from "../../../src/interfaces/ITransfer.sol";
import {Packet} from "../../../src/interfaces/Messages.sol";
import {IToken, World} from "../../support/world/World.sol";
import {Log} from "../../support/Vm.sol";

/// @notice A price that a test chooses.
contract TestPrice is IPriceSource {
    uint256 public price;
    uint256 public updatedAt;

    error Broken();

    function set(uint256 nextPrice, uint256 nextUpdatedAt) external {
        (price, updatedAt) = (nextPrice, nextUpdatedAt);
    }

    function priceOf(address) external view returns (uint256, uint256) {
        require(price != type(uint256).max, Broken());
        return (price, updatedAt);
    }
}

/// @notice Stands in for the guardians contract where a token's hook is to reach it.
contract Forwarder {
    function forward(address target, bytes calldata data) external {
        (bool done,) = target.call(data);
        require(done);
    }
}

/// @title HoldsWorld
/// @notice Chain B receives: an asset of chain A, minted there for packets that its client calls proven, or a token of
/// B that comes home.
abstract contract HoldsWorld is World {
    uint64 private _sequence = 100;
    /// @dev The voucher of `uatom` on B.
    address internal atom;

    function setUp() public virtual override {
        super.setUp();
        atom = b.transfer.ibcERC20Contract(string.concat("transfer/", b.clientId, "/uatom"));
    }

    // Settings.

    function _limit(address what, Direction direction, uint128 capacity, uint128 perDay) internal {
        _set(what, direction, Limit(LimitKind.Limited, capacity, perDay, 0));
    }

    function _set(address what, Direction direction, Limit memory limit) internal {
        vm.prank(GOVERNANCE);
        b.transfer.setLimit(b.clientId, what, direction, limit);
    }

    function _noDefault() internal {
        Limit memory none;
        vm.startPrank(GOVERNANCE);
        b.transfer.setDefaultLimit(b.clientId, Direction.Send, none);
        b.transfer.setDefaultLimit(b.clientId, Direction.Receive, none);
        vm.stopPrank();
    }

    function _policy(address what, uint128 largeSize, uint32 largeDelay) internal {
        vm.prank(GOVERNANCE);
        b.transfer.setHoldPolicy(b.clientId, what, largeSize, largeDelay);
    }

    function _priced(address what, uint128 capacity, uint128 perDay) internal returns (TestPrice price) {
        price = new TestPrice();
        _valued(what, price, capacity, perDay);
    }

    function _valued(address what, TestPrice price, uint128 capacity, uint128 perDay) internal {
        ValueLimit memory limit = ValueLimit(address(price), 1 hours, capacity, perDay);
        vm.prank(GOVERNANCE);
        b.transfer.setPriceSource(b.clientId, what, Direction.Receive, limit);
    }

    function _lane(address what) internal view returns (Lane memory) {
        return b.transfer.getLane(b.clientId, what, Direction.Receive);
    }

    // Packets to B.

    function _atoms(uint256 amount) internal returns (Packet memory) {
        return _proven(FungibleTokenPacketData("uatom", "whoever", _hex(bob), amount, ""));
    }

    /// @dev What comes home to B: it claims to have been sent there once.
    function _home(address what, uint256 amount) internal returns (Packet memory) {
        string memory denom = string.concat("transfer/", a.clientId, "/", _hex(what));
        return _proven(FungibleTokenPacketData(denom, "whoever", _hex(bob), amount, ""));
    }

    function _proven(FungibleTokenPacketData memory data) private returns (Packet memory packet) {
        packet = _forged(a, b, ++_sequence, data);
        packet.timeoutTimestamp = uint64(block.timestamp) + 12 * HOUR;
        b.client.lieStored(_path(a.clientId, 1, _sequence));
    }

    function _paid(Packet memory packet) internal {
        vm.assertEq(_deliver(b, packet), '{"result":"AQ=="}');
    }

    /// @dev Delivers a packet that has to wait.
    function _held(Packet memory packet, Verdict reason) internal {
        vm.assertEq(_deliver(b, packet), "");
        vm.assertTrue(b.router.isPacketReceived(packet));
        vm.assertEq(b.router.getCommitment(keccak256(_path(b.clientId, 3, packet.sequence))), bytes32(0));
        Hold memory hold = _hold(packet);
        vm.assertEq(uint256(hold.state), uint256(HoldState.Waiting));
        vm.assertEq(uint256(hold.reason), uint256(reason));
    }

    /// @dev Delivers a packet that is refused.
    /// @return reason The error of the application.
    function _refused(Packet memory packet) internal returns (bytes memory reason) {
        vm.recordLogs();
        b.router.recvPacket(_recv(packet));
        Log[] memory logs = vm.getRecordedLogs();
        for (uint256 i = 0; i < logs.length; ++i) {
            if (logs[i].topics[0] != IRouter.IBCAppRecvPacketCallbackError.selector) continue;
            return abi.decode(logs[i].data, (bytes));
        }
        revert("not refused");
    }

    function _hold(Packet memory packet) internal view returns (Hold memory) {
        return b.transfer.getHold(b.clientId, packet.sequence);
    }

    function _state(Packet memory packet) internal view returns (HoldState) {
        return _hold(packet).state;
    }

    // Ends.

    /// @dev Releases a hold.
    /// @return acknowledgement The answer that this wrote.
    function _release(Packet memory packet) internal returns (bytes memory acknowledgement) {
        vm.recordLogs();
        vm.prank(relayer);
        b.transfer.releaseHold(packet);
        return _written();
    }

    function _cancel(Packet memory packet) internal returns (bytes memory acknowledgement) {
        vm.recordLogs();
        vm.prank(_guardians());
        b.transfer.cancelHold(packet);
        return _written();
    }

    function _expire(Packet memory packet) internal returns (bytes memory acknowledgement) {
        vm.recordLogs();
        b.transfer.expireHold(packet);
        return _written();
    }

    function _written() private returns (bytes memory) {
        Log[] memory logs = vm.getRecordedLogs();
        for (uint256 i = 0; i < logs.length; ++i) {
            if (logs[i].topics[0] != IRouter.WriteAcknowledgement.selector) continue;
            (, bytes[] memory answers) = abi.decode(logs[i].data, (Packet, bytes[]));
            return answers[0];
        }
        return "";
    }

    // Guardians.

    function _guardians() internal view returns (address) {
        return IHaltable(address(b.transfer)).guardians();
    }

    function _haltThere(ScopeKind kind, bytes32 key, uint64 until) internal {
        vm.prank(_guardians());
        IHaltable(address(b.transfer)).setHalt(kind, key, until);
    }

    function _haltRouter(ScopeKind kind, bytes32 key, uint64 until) internal {
        vm.prank(_guardians());
        IHaltable(address(b.router)).setHalt(kind, key, until);
    }

    function _asset(address what) internal view returns (bytes32) {
        return keccak256(abi.encode(keccak256(bytes(b.clientId)), what));
    }

    function _wait(uint256 time) internal {
        vm.warp(block.timestamp + time);
    }
}
