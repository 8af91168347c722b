// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Strings} from "@openzeppelin/contracts/utils/Strings.sol";

import {IClients} from "../interfaces/IRouter.sol";

/// @title Identifiers
/// @notice Decides which strings may name a client or a port. It never decides who may use a name.
/// @dev Spec: facts "IBC v2 on the wire", section 2.
library Identifiers {
    /// @dev A client id must also pass as a channel id in the packets of other implementations, hence 8 and not 4.
    uint256 internal constant CLIENT_LENGTH_MIN = 8;
    uint256 internal constant CLIENT_LENGTH_MAX = 64;
    uint256 internal constant PORT_LENGTH_MIN = 2;
    uint256 internal constant PORT_LENGTH_MAX = 128;

    /// @dev Bit c is set when the ASCII character c is a letter, a digit or one of . _ + - # [ ] < >
    uint256 private constant ALLOWED = 0x07fffffeaffffffe53ff680800000000;

    /// @notice Reverts unless `id` may name a client in a packet.
    function checkClientId(string memory id) internal pure {
        _check(id, CLIENT_LENGTH_MIN, CLIENT_LENGTH_MAX);
    }

    /// @notice Reverts unless `id` is a client id that governance may choose: the chain's own forms are left to it.
    function checkChosenClientId(string memory id) internal pure {
        checkClientId(id);
        bool reserved = _startsWith(id, "client-") || _startsWith(id, "channel-");
        require(!reserved, IClients.ReservedIdentifier(id));
    }

    /// @notice Reverts unless `id` may name a port.
    function checkPort(string memory id) internal pure {
        _check(id, PORT_LENGTH_MIN, PORT_LENGTH_MAX);
    }

    /// @notice Whether a port could be mistaken for the port of the contract at some address.
    function looksLikeAddress(string memory id) internal pure returns (bool) {
        return _startsWith(id, "0x") || _startsWith(id, "0X");
    }

    /// @notice The n-th client id that the chain gives out.
    function numbered(uint256 n) internal pure returns (string memory) {
        return string.concat("client-", Strings.toString(n));
    }

    function _check(string memory id, uint256 lengthMin, uint256 lengthMax) private pure {
        bytes memory characters = bytes(id);
        uint256 length = characters.length;
        bool valid = length >= lengthMin && length <= lengthMax;
        for (uint256 i = 0; valid && i < length; ++i) {
            valid = (ALLOWED >> uint8(characters[i])) & 1 == 1;
        }
        require(valid, IClients.InvalidIdentifier(id, lengthMin, lengthMax));
    }

    function _startsWith(string memory id, bytes memory prefix) private pure returns (bool) {
        bytes memory characters = bytes(id);
        if (characters.length < prefix.length) return false;
        for (uint256 i = 0; i < prefix.length; ++i) {
            if (characters[i] != prefix[i]) return false;
        }
        return true;
    }
}
