// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IKeptLaw} from "../harness/IKeptLaw.sol";
import {Test} from "../support/Test.sol";

/// @notice Bytes that are kept as code: they are read as they were given, or were never kept.
contract KeptTest is Test {
    IKeptLaw private _law;

    function setUp() public {
        _law = IKeptLaw(_create("KeptLaw.sol:KeptLaw", ""));
    }

    function testFuzz_what_is_kept_is_read(bytes calldata data) public {
        address place = _law.save(data);
        vm.assertEq(_law.load(place), data);
        // A call of it does nothing: the first byte stops.
        (bool accepted, bytes memory output) = place.call("");
        vm.assertTrue(accepted);
        vm.assertEq(output, "");
    }

    /// @dev Gas for half of the bytes. No place must be given out at which nothing is.
    function test_what_could_not_be_kept_has_no_place() public {
        bytes memory data = new bytes(20_000);
        (bool accepted, bytes memory reason) = address(_law).call{gas: 2_000_000}(abi.encodeCall(IKeptLaw.save, (data)));
        vm.assertFalse(accepted);
        vm.assertEq(reason, abi.encodeWithSignature("Panic(uint256)", 1));
    }
}
