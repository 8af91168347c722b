// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {OnRecvPacketCallback} from "../interfaces/IApplication.sol";
import {Ics20} from "../libraries/Ics20.sol";
import {Arrival, Arrivals} from "./Arrivals.sol";

/// @title Repeats
/// @notice Knows a received packet again that differs from one before it in the same transaction in nothing but its
/// number, relayer, sender, receiver and amount: what both have in common was judged once. It must never take two
/// packets for alike that lead to another token or come over another client.
/// @dev A batch brings many transfers of few tokens; the first packet of a transaction may be the only one, so that it
/// is read without looking and leaves nothing. The sketch of a packet is the hash of its whole call with zeros in
/// the places of those fields. It is remembered in transient storage only. The places follow from what is hashed, so
/// they are the same for all calls of a sketch. The plain twin is `_arrival`; the tests hold one against the other.
abstract contract Repeats is Arrivals {
    /// @dev Where in a call the packet's tuple stands: behind the selector and one offset.
    uint256 private constant TUPLE = 0x24;
    /// @dev Set beside a token that comes home.
    uint256 private constant HOME = 1 << 160;

    /// @dev Reads the packet of this call, and remembers it if none of its kind was.
    function _recallOrLearn(OnRecvPacketCallback calldata message) internal returns (Arrival memory arrival) {
        bytes32 sketch;
        (arrival, sketch) = _recall();
        if (arrival.amount != 0) return arrival;
        arrival = _arrival(message.sourceClient, message.destinationClient, message.payload);
        _learn(sketch, message, arrival);
    }

    /// @dev Reads the packet of this call if one of its kind was learned.
    /// @return arrival What it pays; without an amount if it is not known.
    /// @return sketch For `_learn`; zero for a call that cannot be a short transfer between addresses.
    function _recall() internal view returns (Arrival memory arrival, bytes32 sketch) {
        uint256 amount;
        (sketch, amount) = _sketch(_valueAt());
        if (sketch == 0) return (arrival, sketch);
        uint256 known;
        uint256 first;
        uint256 second;
        assembly ("memory-safe") {
            known := tload(sketch)
            first := calldataload(sub(calldatasize(), 0x60))
            second := calldataload(sub(calldatasize(), 0x40))
        }
        if (known == 0) return (arrival, sketch);
        (bool valid, address receiver) = Ics20.readAddress(first, second);
        if (!valid || receiver == address(0)) return (arrival, sketch);
        bytes32 clientKey;
        assembly ("memory-safe") {
            clientKey := tload(add(sketch, 1))
        }
        address token = address(uint160(known));
        arrival.clientKey = clientKey;
        arrival.asset = _assetKey(clientKey, token);
        arrival.token = token;
        arrival.receiver = receiver;
        arrival.amount = amount;
        arrival.home = known & HOME != 0;
    }

    /// @dev Remembers a packet that `_arrival` read, if it has the form that `_sketch` takes it to have.
    function _learn(bytes32 sketch, OnRecvPacketCallback calldata message, Arrival memory arrival) internal {
        if (sketch == 0 || bytes(arrival.path).length != 0 || !_isShort(message)) return;
        uint256 known = uint160(arrival.token) | (arrival.home ? HOME : 0);
        bytes32 clientKey = arrival.clientKey;
        assembly ("memory-safe") {
            tstore(sketch, known)
            tstore(add(sketch, 1), clientKey)
        }
    }

    /// @dev Whether the call ends with its value, and the value with two texts as long as addresses and an empty one.
    function _isShort(OnRecvPacketCallback calldata message) private pure returns (bool short) {
        bytes calldata value = message.payload.value;
        uint256 valueAt = _valueAt();
        uint256 length = Ics20.ADDRESS_LENGTH;
        assembly ("memory-safe") {
            let end := calldatasize()
            short := and(eq(message, TUPLE), eq(value.offset, add(valueAt, 0x20)))
            short := and(short, eq(add(value.offset, value.length), end))
            // The offsets of sender, receiver and memo count from the value's tuple, behind its own offset.
            let tuple := add(value.offset, 0x20)
            short := and(short, eq(add(tuple, calldataload(add(tuple, 0x20))), sub(end, 0xe0)))
            short := and(short, eq(add(tuple, calldataload(add(tuple, 0x40))), sub(end, 0x80)))
            short := and(short, eq(add(tuple, calldataload(add(tuple, 0x80))), sub(end, 0x20)))
            short := and(short, eq(calldataload(sub(end, 0xe0)), length))
            short := and(short, eq(calldataload(sub(end, 0x80)), length))
        }
    }

    /// @dev Where the length of the packet's value stands, for a call that the ABI's strict form has.
    function _valueAt() private pure returns (uint256 valueAt) {
        assembly ("memory-safe") {
            let payload := add(TUPLE, calldataload(add(TUPLE, 0x60)))
            valueAt := add(payload, calldataload(add(payload, 0x80)))
        }
    }

    /// @dev The hash, and the word in the place of the amount.
    function _sketch(uint256 valueAt) private pure returns (bytes32 sketch, uint256 amount) {
        assembly ("memory-safe") {
            let end := calldatasize()
            // Behind the value's length: the offset of its tuple, and three offsets.
            let amountAt := add(valueAt, 0xa0)
            // So no field that is left out lies in another, and none outside of the call.
            if and(gt(amountAt, add(TUPLE, 0x80)), and(lt(amountAt, end), gt(sub(end, amountAt), 0x100))) {
                amount := calldataload(amountAt)
                let copy := mload(0x40)
                calldatacopy(copy, 0, end)
                mstore(add(copy, add(TUPLE, 0x40)), 0)
                mstore(add(copy, add(TUPLE, 0x80)), 0)
                mstore(add(copy, amountAt), 0)
                // Texts of 42 bytes; the zeros behind them are hashed.
                let texts := add(copy, end)
                mstore(sub(texts, 0xc0), 0)
                mstore(sub(texts, 0xb6), 0)
                mstore(sub(texts, 0x60), 0)
                mstore(sub(texts, 0x56), 0)
                sketch := keccak256(copy, end)
            }
        }
    }
}
