// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {OnRecvPacketCallback} from "../../../src/interfaces/IApplication.sol";
import {FungibleTokenPacketData} from "../../../src/interfaces/ITransfer.sol";
import {Payload} from "../../../src/interfaces/Messages.sol";
import {IRepeatsLaw, Reading} from "../../harness/IRepeatsLaw.sol";
import {Test} from "../../support/Test.sol";

/// @notice What the transfer application learned of a packet, against what it reads in the next one.
/// @dev What is learned lives as long as a test: each is one transaction.
contract RepeatsTest is Test {
    /// @dev What a packet has of its own.
    struct Own {
        uint64 sequence;
        address relayer;
        address sender;
        address receiver;
        uint256 amount;
    }

    string private constant TOKEN = "0x00000000000000000000000000000000000a71c0";

    IRepeatsLaw private _law;

    function setUp() public {
        _law = IRepeatsLaw(_create("RepeatsLaw.sol:RepeatsLaw", ""));
        _law.createVoucher("client-0", TOKEN);
    }

    function testFuzz_what_was_learned_is_what_is_read(Own calldata first, Own calldata second, bool home) public {
        Reading memory learned = _read(_call(_message(first, home)));
        vm.assertFalse(learned.known);
        Reading memory reading = _read(_call(_message(second, home)));
        vm.assertTrue(reading.known == (learned.valid && reading.valid));
        if (reading.known) vm.assertEq(reading.quick, reading.plain);
    }

    function testFuzz_another_way_is_another_packet(Own calldata first, Own calldata second, bool home) public {
        _read(_call(_message(first, home)));
        vm.assertFalse(_read(_call(_message(second, !home))).known);
    }

    /// @dev Whatever is changed, nobody is paid by what was learned who is not by the plain twin; and only what a
    /// packet has of its own can be changed at all.
    function testFuzz_changed_call_is_never_known_for_another(Own memory own, uint256 at, uint8 mask, bool home)
        public
    {
        (own.amount, own.receiver) = (bound(own.amount, 1, 1 << 200), address(bytes20(keccak256(abi.encode(own)))));
        bytes memory call = _call(_message(own, home));
        vm.assertTrue(_read(call).valid);
        vm.assertTrue(_read(call).known);
        at = bound(at, 4, call.length - 1);
        mask = uint8(bound(mask, 1, 255));
        call[at] = bytes1(uint8(call[at]) ^ mask);
        (bool done, bytes memory output) = address(_law).call(call);
        if (!done) return;
        Reading memory reading = abi.decode(output, (Reading));
        if (!reading.known) return;
        vm.assertTrue(reading.valid);
        vm.assertEq(reading.quick, reading.plain);
        vm.assertTrue(_isOwn(call, at));
    }

    /// @dev A memo that looks like the end of another transfer must not be taken for one.
    function test_memo_is_no_receiver() public {
        Own memory own = Own(1, address(this), account("sender"), account("receiver"), 5);
        OnRecvPacketCallback memory message = _message(own, false);
        string memory thief = hexOf(account("thief"));
        bytes memory tail = bytes.concat(_text(thief), _text(thief), bytes32(0));
        message.payload.value = _value(own, tail, TOKEN);
        _neverKnown(message);
    }

    function test_accounts_of_other_lengths_are_not_learned() public {
        Own memory own = Own(1, address(this), account("sender"), account("receiver"), 5);
        OnRecvPacketCallback memory message = _message(own, false);
        FungibleTokenPacketData memory data =
            FungibleTokenPacketData(TOKEN, "cosmos1q", hexOf(own.receiver), own.amount, "");
        message.payload.value = abi.encode(data);
        _neverKnown(message);
    }

    /// @dev Whoever takes it for known does not create the voucher.
    function test_missing_voucher_is_not_learned() public {
        Own memory own = Own(1, address(this), account("sender"), account("receiver"), 5);
        OnRecvPacketCallback memory message = _message(own, false);
        message.destinationClient = "client-9";
        for (uint256 i = 0; i < 2; ++i) {
            vm.assertFalse(_read(_call(message)).known);
        }
        _law.createVoucher("client-9", TOKEN);
        vm.assertFalse(_read(_call(message)).known);
        vm.assertTrue(_read(_call(message)).known);
    }

    function test_what_no_moment_is_right_for_is_left_to_the_plain_twin() public {
        Own memory own = Own(1, address(this), account("sender"), account("receiver"), 5);
        _read(_call(_message(own, false)));
        Own[2] memory bad = [own, own];
        bad[0] = Own(2, address(this), account("sender"), account("receiver"), 0);
        bad[1] = Own(2, address(this), account("sender"), address(0), 5);
        for (uint256 i = 0; i < bad.length; ++i) {
            Reading memory reading = _read(_call(_message(bad[i], false)));
            vm.assertFalse(reading.known || reading.valid);
        }
        // No hex digit where one is needed, and another padding.
        bytes memory call = _call(_message(own, false));
        uint256[2] memory places = [call.length - 0x5e, call.length - 0x30];
        for (uint256 i = 0; i < places.length; ++i) {
            bytes memory changed = bytes.concat(call);
            changed[places[i]] = "g";
            Reading memory reading = _read(changed);
            vm.assertFalse(reading.known || reading.valid);
        }
    }

    /// @dev Good as it is, not even the second time.
    function _neverKnown(OnRecvPacketCallback memory message) private {
        for (uint256 i = 0; i < 2; ++i) {
            Reading memory reading = _read(_call(message));
            vm.assertTrue(reading.valid);
            vm.assertFalse(reading.known);
        }
    }

    function _read(bytes memory call) private returns (Reading memory) {
        (bool done, bytes memory output) = address(_law).call(call);
        require(done, "the call was refused");
        return abi.decode(output, (Reading));
    }

    function _call(OnRecvPacketCallback memory message) private pure returns (bytes memory) {
        return abi.encodeCall(IRepeatsLaw.read, (message));
    }

    function _message(Own memory own, bool home) private pure returns (OnRecvPacketCallback memory message) {
        message.sourceClient = "client-7";
        message.destinationClient = "client-0";
        message.sequence = own.sequence;
        string memory denom = home ? string.concat("transfer/client-7/", TOKEN) : TOKEN;
        message.payload =
            Payload("transfer", "transfer", "ics20-1", "application/x-solidity-abi", _value(own, "", denom));
        message.relayer = own.relayer;
    }

    function _value(Own memory own, bytes memory memo, string memory denom) private pure returns (bytes memory) {
        return
            abi.encode(FungibleTokenPacketData(denom, hexOf(own.sender), hexOf(own.receiver), own.amount, string(memo)));
    }

    /// @dev A text of 42 bytes as the ABI writes it.
    function _text(string memory text) private pure returns (bytes memory) {
        return bytes.concat(bytes32(uint256(42)), bytes(text), new bytes(22));
    }

    /// @dev Whether a place of a call is one that a packet has for itself.
    function _isOwn(bytes memory call, uint256 at) private pure returns (bool) {
        uint256 end = call.length - at;
        bool text = (end <= 0xc0 && end > 0xc0 - 42) || (end <= 0x60 && end > 0x60 - 42);
        bool head = (at >= 0x64 && at < 0x84) || (at >= 0xa4 && at < 0xc4);
        // Behind it: an offset, three texts of three words each, and the length of the empty memo.
        bool amount = end <= 0x180 && end > 0x160;
        return text || head || amount;
    }
}
