// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Domain} from "../../src/libraries/Domain.sol";
import {Signatures} from "../../src/libraries/Signatures.sol";

/// @title SignLaw
/// @notice Opens what attestors and guardians sign to tests.
contract SignLaw {
    function digest(uint8 kind, uint64 set, bytes32 statement) external view returns (bytes32) {
        return Domain.digest(Domain.Kind(kind), set, statement);
    }

    function digestAt(uint8 kind, bytes32 chain, bytes32 verifier, uint64 set, bytes32 statement)
        external
        pure
        returns (bytes32)
    {
        return Domain.digestAt(Domain.Kind(kind), chain, verifier, set, statement);
    }

    function recover(bytes32 digest_, bytes calldata signature) external pure returns (address) {
        return Signatures.recover(digest_, signature);
    }
}
