// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {GMPPacketData} from "../../src/interfaces/ICall.sol";
import {Ics27} from "../../src/libraries/Ics27.sol";

/// @title GmpLaw
/// @notice Opens the library of calls to tests, compiled as it is shipped.
contract GmpLaw {
    /// @notice Reads a call and checks all that does not depend on this chain, as receiving does.
    function decode(bytes calldata value) external pure returns (GMPPacketData memory data) {
        data = Ics27.decode(value);
        Ics27.check(data);
    }

    function encode(GMPPacketData calldata data) external pure returns (bytes memory) {
        return Ics27.encode(data);
    }

    function decodeAnswer(bytes calldata acknowledgement) external pure returns (bytes memory) {
        return Ics27.decodeAnswer(acknowledgement);
    }

    function encodeAnswer(bytes calldata result) external pure returns (bytes memory) {
        return Ics27.encodeAnswer(result);
    }
}
