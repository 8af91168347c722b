// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {BatchMessage, BatchRead, IBatchLaw} from "../harness/IBatchLaw.sol";
import {PlainBatch} from "../harness/PlainBatch.sol";
import {Test} from "../support/Test.sol";
import {DirEntry} from "../support/Vm.sol";

/// @notice The router's reader of batches against its plain twin: the same packets out of the same bytes, or the same
/// place at which they cannot be read.
contract BatchTwinTest is Test {
    string private constant FOLDER = "../light-clients/vectors/batch/";

    IBatchLaw private _law;
    bytes[] private _batches;

    function setUp() public {
        _law = IBatchLaw(_create("BatchLaw.sol:BatchLaw", ""));
        DirEntry[] memory files = vm.readDir(string.concat(FOLDER, "accept"));
        for (uint256 i = 0; i < files.length; ++i) {
            bytes memory packed = _packed(files[i].path);
            // A long one costs the plain reader much and shows no more.
            if (packed.length <= 3000) _batches.push(packed);
        }
        vm.assertTrue(_batches.length > 5);
    }

    function test_plain_twin_reads_the_vectors_alike() public view {
        DirEntry[] memory files = vm.readDir(string.concat(FOLDER, "accept"));
        for (uint256 i = 0; i < files.length; ++i) {
            vm.assertTrue(_compare(_packed(files[i].path)), files[i].path);
        }
        DirEntry[] memory rules = vm.readDir(string.concat(FOLDER, "reject"));
        vm.assertTrue(rules.length != 0);
        for (uint256 i = 0; i < rules.length; ++i) {
            files = vm.readDir(rules[i].path);
            for (uint256 j = 0; j < files.length; ++j) {
                vm.assertFalse(_compare(_packed(files[j].path)), files[j].path);
            }
        }
    }

    /// @dev Up to three changed bytes, by small steps as often as by large ones: lengths and kinds are near each other.
    function testFuzz_agrees_with_plain_on_changed_batches(
        uint256 file,
        uint256[3] calldata places,
        uint8[3] calldata to
    ) public view {
        bytes memory packed = _batches[file % _batches.length];
        for (uint256 i = 0; i < 3; ++i) {
            if (i != 0 && to[i] % 2 == 0) continue;
            uint256 place = places[i] % packed.length;
            uint8 step = to[i] % 3 == 0 ? to[i] : uint8(1) << (to[i] % 8);
            packed[place] = bytes1(uint8(packed[place]) ^ step);
        }
        _compare(packed);
    }

    /// @dev Any piece of one batch in the place of a piece of another.
    function testFuzz_agrees_with_plain_on_spliced_batches(
        uint256[2] calldata files,
        uint256[2] calldata places,
        uint8 size
    ) public view {
        bytes memory packed = _batches[files[0] % _batches.length];
        bytes memory other = _batches[files[1] % _batches.length];
        for (uint256 i = 0; i < size % 64; ++i) {
            packed[(places[0] % packed.length + i) % packed.length] =
                other[(places[1] % other.length + i) % other.length];
        }
        _compare(packed);
    }

    function testFuzz_agrees_with_plain_on_cut_and_longer_batches(uint256 file, uint256 size, bytes calldata more)
        public
        view
    {
        bytes memory packed = _batches[file % _batches.length];
        vm.assertTrue(_compare(bytes.concat(packed, more)) == (more.length == 0));
        size %= packed.length;
        assembly ("memory-safe") {
            mstore(packed, size)
        }
        vm.assertFalse(_compare(packed));
    }

    function read(bytes memory packed) external pure returns (BatchRead memory) {
        return PlainBatch.read(packed, "client-0");
    }

    /// @return accepted Whether both read the same. Otherwise both refuse for the same reason.
    function _compare(bytes memory packed) private view returns (bool accepted) {
        try this.read(packed) returns (BatchRead memory expected) {
            BatchRead memory seen = _law.read(packed, "client-0");
            vm.assertEq(abi.encode(_comparable(seen)), abi.encode(expected), vm.toString(packed));
            return true;
        } catch (bytes memory expected) {
            (bool read_, bytes memory reason) =
                address(_law).staticcall(abi.encodeCall(IBatchLaw.read, (packed, "client-0")));
            vm.assertFalse(read_, vm.toString(packed));
            vm.assertEq(reason, expected, vm.toString(packed));
        }
    }

    /// @dev Without what the plain reader does not know: it proves and commits to nothing.
    function _comparable(BatchRead memory seen) private pure returns (BatchRead memory) {
        for (uint256 i = 0; i < seen.messages.length; ++i) {
            BatchMessage memory message = seen.messages[i];
            (message.commitment, message.proven, message.provenAt) = (0, 0, 0);
        }
        return seen;
    }

    function _packed(string memory path) private view returns (bytes memory) {
        return vm.parseJsonBytes(vm.readFile(path), ".packed");
    }
}
