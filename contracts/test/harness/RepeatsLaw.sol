// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {OnRecvPacketCallback} from "../../src/interfaces/IApplication.sol";
import {Arrival} from "../../src/transfer/Arrivals.sol";
import {Escrows} from "../../src/transfer/Escrows.sol";
import {Payments} from "../../src/transfer/Payments.sol";
import {Repeats} from "../../src/transfer/Repeats.sol";
import {Voucher} from "../../src/transfer/Voucher.sol";
import {Vouchers} from "../../src/transfer/Vouchers.sol";
import {Reading} from "./IRepeatsLaw.sol";

/// @title RepeatsLaw
/// @notice Reads packets as the transfer application does, by what it learned and by the plain twin.
contract RepeatsLaw is Repeats {
    constructor() Vouchers(new Voucher(address(this))) Payments(new Escrows(address(this))) {}

    function read(OnRecvPacketCallback calldata message) external returns (Reading memory reading) {
        (Arrival memory quick, bytes32 sketch) = _recall();
        reading.known = quick.amount != 0;
        reading.quick = abi.encode(quick);
        try this.plain(message) returns (Arrival memory arrival) {
            reading.valid = true;
            reading.plain = abi.encode(arrival);
            _learn(sketch, message, arrival);
        } catch {}
    }

    function plain(OnRecvPacketCallback calldata message) external view returns (Arrival memory) {
        return _arrival(message.sourceClient, message.destinationClient, message.payload);
    }

    function createVoucher(string calldata clientId, string calldata denom) external {
        (address voucher, string memory path) = _arrivedVoucher(clientId, denom);
        _createVoucher(keccak256(bytes(clientId)), voucher, path);
    }
}
