// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {FungibleTokenPacketData, ITransfer} from "../interfaces/ITransfer.sol";
import {Payload} from "../interfaces/Messages.sol";
import {Ics20} from "../libraries/Ics20.sol";
import {Books} from "./Books.sol";
import {Payments} from "./Payments.sol";
import {Voucher} from "./Voucher.sol";
import {Vouchers} from "./Vouchers.sol";

/// @notice What a received packet is to pay.
/// @param clientKey keccak256 of the client id on this chain.
/// @param asset The key of its books and limits.
/// @param token What is paid: a token that comes home, or a voucher.
/// @param receiver To whom.
/// @param amount How much.
/// @param home Whether it comes home.
/// @param path The full trace path of a voucher that does not exist yet; else empty.
struct Arrival {
    bytes32 clientKey;
    bytes32 asset;
    address token;
    address receiver;
    uint256 amount;
    bool home;
    string path;
}

/// @title Arrivals
/// @notice Reads what a received packet is to pay, counts it and pays it. Whether and when is not for it to decide.
abstract contract Arrivals is Books, Payments, Vouchers {
    /// @dev Reads a packet. Reverts if no moment would be right for it.
    function _arrival(string calldata sourceClient, string calldata destinationClient, Payload calldata payload)
        internal
        view
        returns (Arrival memory arrival)
    {
        Ics20.checkEnvelope(payload);
        FungibleTokenPacketData memory data = Ics20.decode(payload.value);
        Ics20.check(data);
        (bool valid, address receiver) = Ics20.parseAddress(data.receiver);
        require(valid && receiver != address(0), ITransfer.InvalidReceiver(data.receiver));
        (arrival.receiver, arrival.amount) = (receiver, data.amount);

        arrival.clientKey = keccak256(bytes(destinationClient));
        (bool home, string memory denom) = Ics20.stripHop(sourceClient, data.denom);
        arrival.home = home;
        if (home) arrival.token = _tokenOf(denom);
        else (arrival.token, arrival.path) = _arrivedVoucher(destinationClient, denom);
        arrival.asset = _assetKey(arrival.clientKey, arrival.token);
    }

    /// @dev Counts a payment, if conservation allows it.
    /// @return available What may leave; the payment was counted if it is not more.
    function _bookArrival(Arrival memory arrival) internal returns (uint256 available) {
        if (arrival.home) return _bookRelease(arrival.asset, arrival.amount);
        _bookMint(arrival.asset, arrival.amount);
        return type(uint256).max;
    }

    /// @dev Pays what was counted.
    /// @return paid False when the token refused; then nothing moved.
    function _tryPayArrival(Arrival memory arrival) internal returns (bool paid) {
        if (arrival.home) return _tryPay(arrival.clientKey, arrival.token, arrival.receiver, arrival.amount);
        if (bytes(arrival.path).length != 0) _createVoucher(arrival.clientKey, arrival.token, arrival.path);
        Voucher(arrival.token).mint(arrival.receiver, arrival.amount);
        return true;
    }
}
