// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Claim, HomeBook, VoucherBook} from "../../src/interfaces/ITransfer.sol";
import {IToken, World} from "../support/world/World.sol";
import {Sent} from "./BridgeHandler.sol";
import {HoldHandler} from "./HoldHandler.sol";

/// @notice What must hold after any sequence of moves of `HoldHandler`: honest users, an unreliable relayer, and one
/// client (of chain B, on chain A) that lies as it likes.
/// @dev The books are compared with a model that is computed from the routers alone: which packets were received with
/// success, and which were settled. So a packet that executes twice, or is refunded twice, shows as a difference.
contract BridgeInvariants is World {
    /// @dev What the routers say must have happened to one token.
    struct Model {
        uint256 locked;
        uint256 paidOut;
        uint256 refunded;
        uint256 minted;
        uint256 burned;
        uint256 unsettled;
    }

    HoldHandler internal _handler;

    function setUp() public virtual override {
        super.setUp();
        _handler = new HoldHandler(a, b);
    }

    /// @dev Foundry asks for the contracts whose functions it may call.
    function targetContracts() public view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(_handler);
    }

    /// @dev I1 and I3: each packet executes at most once, and ends in exactly one of acknowledgement or timeout; a
    /// failed transfer comes back exactly once. I2: on each chain, no more leaves than entered.
    function invariant_i1_i2_i3() public view {
        vm.assertFalse(_handler.refundedWrongly(), "refunded twice, or although it was delivered");
        for (uint256 i = 0; i < _handler.TOKENS(); ++i) {
            address token = _handler.tokens(i);
            Model memory model = _model(token);
            _checkHome(token, model);
            _checkVoucher(_handler.voucherOf(token), model);
        }
    }

    function _model(address token) private view returns (Model memory model) {
        uint256 count = _handler.sentCount();
        for (uint256 i = 0; i < count; ++i) {
            Sent memory sent = _handler.sentAt(i);
            if (sent.token != token) continue;
            bool success = (sent.fromA ? b : a).router.isPacketReceiveSuccessful(sent.packet);
            if (sent.fromA) {
                model.locked += sent.amount;
                if (success) model.minted += sent.amount;
                if (sent.refunded) model.refunded += sent.amount;
                continue;
            }
            if (success) model.paidOut += sent.amount;
            if (sent.forged) continue;
            if (!sent.refunded) model.burned += sent.amount;
            if (_isOpen(sent)) model.unsettled += sent.amount;
        }
    }

    function _checkHome(address token, Model memory model) private view {
        HomeBook memory book = a.transfer.getHomeBook(a.clientId, token);
        Claim memory parked = a.transfer.getClaim(a.clientId, token, _handler.ALICE());
        vm.assertLe(book.released, book.locked, "I2: released more than was locked");
        vm.assertEq(book.locked, model.locked, "I2: locked");
        vm.assertEq(book.released + parked.uncounted, model.paidOut + model.refunded, "I1, I3: released");
        // The escrow holds what the books owe and what is parked; only a shrinking token takes from it.
        uint256 held = IToken(token).balanceOf(_escrow(a)) + _handler.shrunk(token);
        vm.assertEq(held, book.locked - book.released + parked.counted, "I2: escrow");
    }

    function _checkVoucher(address voucher, Model memory model) private view {
        VoucherBook memory book = b.transfer.getVoucherBook(b.clientId, voucher);
        vm.assertLe(book.burned, book.minted, "I2: burned more than was minted");
        vm.assertEq(book.minted, model.minted, "I1: minted");
        vm.assertEq(book.burned, model.burned, "I3: burned");
        vm.assertEq(book.unsettled, model.unsettled, "I2: unsettled");
        if (voucher.code.length == 0) return;
        vm.assertEq(IToken(voucher).totalSupply(), book.minted - book.burned, "I2: supply");
        vm.assertEq(b.transfer.getClaim(b.clientId, voucher, _handler.BOB()).uncounted, 0, "I3: parked voucher");
    }

    function _isOpen(Sent memory sent) private view returns (bool) {
        bytes memory path = _path(sent.packet.sourceClient, 1, sent.packet.sequence);
        return b.router.getCommitment(keccak256(path)) != 0;
    }
}
