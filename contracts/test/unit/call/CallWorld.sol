// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {
    AccountIdentifier,
    CallLimit,
    GMPAcknowledgement,
    GMPPacketData,
    ICall,
    SendCallMsg
} from "../../../src/interfaces/ICall.sol";
import {LimitKind} from "../../../src/interfaces/ILimits.sol";
import {IRouter} from "../../../src/interfaces/IRouter.sol";
import {Packet, Payload} from "../../../src/interfaces/Messages.sol";
import {Callee} from "../../support/world/Callee.sol";
import {Chain, World} from "../../support/world/World.sol";
import {Log} from "../../support/Vm.sol";

/// @title CallWorld
/// @notice The test world with the call application on each chain. Calls go from chain A, where alice asks for them, to
/// chain B, where the callee is.
abstract contract CallWorld is World {
    address internal immutable TIMELOCK = account("timelock");
    bytes internal constant SALT = hex"07";

    ICall internal callA;
    ICall internal callB;
    Callee internal callee;

    function setUp() public virtual override {
        super.setUp();
        callA = _newCall(a);
        callB = _newCall(b);
        callee = new Callee();
        _setLimit(CallLimit(LimitKind.Limited, 100, 86_400));
    }

    /// @dev The original of accounts comes first: it and the proxy name each other.
    function _newCall(Chain memory chain) internal returns (ICall call) {
        address proxy = vm.computeCreateAddress(address(this), vm.getNonce(address(this)) + 2);
        address original = _create("Account.sol:Account", abi.encode(proxy));
        address[] memory targets = new address[](1);
        targets[0] = TIMELOCK;
        bytes memory start = abi.encodeWithSignature("initialize(address[])", targets);
        call = ICall(_proxy(_code(chain, original), start));
        vm.prank(GOVERNANCE);
        chain.router.addIBCApp("gmpport", address(call));
    }

    function _code(Chain memory chain, address original) internal returns (address) {
        bytes memory arguments = abi.encode(authority, chain.router, chain.transfer, original);
        return _create("Call.sol:Call", arguments);
    }

    function _setLimit(CallLimit memory limit) internal {
        vm.prank(GOVERNANCE);
        callB.setCallLimit(b.clientId, limit);
    }

    // Sending.

    function _ask(address target, bytes memory input) internal view returns (SendCallMsg memory) {
        return SendCallMsg({
            sourceClient: a.clientId,
            receiver: _hex(target),
            salt: SALT,
            payload: input,
            timeoutTimestamp: uint64(block.timestamp) + HOUR,
            memo: ""
        });
    }

    function _sendCall(address target, bytes memory input) internal returns (Packet memory) {
        return _sendCall(alice, _ask(target, input));
    }

    function _sendCall(address sender, SendCallMsg memory message) internal returns (Packet memory) {
        vm.recordLogs();
        vm.prank(sender);
        callA.sendCall(message);
        return _sentPacket();
    }

    /// @dev A packet that the other chain proves, whatever it says.
    function _forgedCall(GMPPacketData memory data) internal returns (Packet memory packet) {
        packet = _sendCall(address(callee), "");
        packet.payloads[0].value = abi.encode(data);
        _forge(packet);
    }

    function _forge(Packet memory packet) internal {
        b.client.lieStored(_path(a.clientId, 1, packet.sequence));
    }

    function _data(address target) internal view returns (GMPPacketData memory) {
        return GMPPacketData("someone", _hex(target), SALT, "", "");
    }

    // Receiving.

    /// @dev What a call returned, once it was delivered.
    function _resultOf(Packet memory packet) internal returns (bytes memory) {
        bytes memory answer = _deliver(b, packet);
        vm.assertTrue(keccak256(answer) != keccak256(_universalError()), "the call was refused");
        return abi.decode(answer, (GMPAcknowledgement)).result;
    }

    /// @dev Why a call was refused, when it was delivered.
    function _refusalOf(Packet memory packet) internal returns (bytes memory reason) {
        vm.recordLogs();
        vm.prank(relayer);
        b.router.recvPacket(_recv(packet));
        Log[] memory logs = vm.getRecordedLogs();
        for (uint256 i = 0; i < logs.length; ++i) {
            if (logs[i].topics[0] != IRouter.IBCAppRecvPacketCallbackError.selector) continue;
            return abi.decode(logs[i].data, (bytes));
        }
        revert("the call was not refused");
    }

    /// @dev The account of a sender of chain A.
    function _accountOf(string memory sender, bytes memory salt) internal view returns (address) {
        return callB.getOrComputeAccountAddress(AccountIdentifier(b.clientId, sender, salt));
    }

    function _senderOf(Packet memory packet) internal pure returns (string memory) {
        return abi.decode(packet.payloads[0].value, (GMPPacketData)).sender;
    }
}
