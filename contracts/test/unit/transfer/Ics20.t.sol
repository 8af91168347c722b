// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {FungibleTokenPacketData, ITransfer} from "../../../src/interfaces/ITransfer.sol";
import {ILaw} from "../../support/world/ILaw.sol";
import {Test} from "../../support/Test.sol";

/// @notice The codec and the names of ICS-20 against the compiler's own codec and against themselves.
contract Ics20Test is Test {
    ILaw private _law;

    function setUp() public {
        _law = ILaw(_create("Law.sol:Law", ""));
    }

    /// @dev The strict reader and the compiler's reader agree on everything the compiler writes.
    function testFuzz_reads_what_the_compiler_writes(FungibleTokenPacketData calldata data) public view {
        bytes memory encoded = abi.encode(data);
        vm.assertEq(_law.encode(data), encoded);
        vm.assertEq(abi.encode(_law.decodeOnly(encoded)), encoded);
    }

    /// @dev Whatever the strict reader takes has exactly the bytes that encoding it again gives (T-45).
    function testFuzz_t45_no_byte_can_be_changed_unseen(
        FungibleTokenPacketData calldata data,
        uint256 position,
        uint8 flip
    ) public view {
        bytes memory encoded = abi.encode(data);
        position = bound(position, 0, encoded.length - 1);
        encoded[position] ^= bytes1(uint8(bound(flip, 1, 255)));
        try _law.decodeOnly(encoded) returns (FungibleTokenPacketData memory read) {
            vm.assertEq(abi.encode(read), encoded);
            vm.assertTrue(keccak256(encoded) != keccak256(abi.encode(data)));
        } catch (bytes memory reason) {
            vm.assertEq(bytes32(bytes4(reason)), bytes32(ITransfer.MalformedTransfer.selector));
        }
    }

    /// @dev Never a revert without data, which the router could not tell from running out of gas (T-23).
    function testFuzz_t23_refuses_noise_by_name(bytes calldata noise) public view {
        try _law.decodeOnly(noise) returns (FungibleTokenPacketData memory read) {
            vm.assertEq(abi.encode(read), noise);
        } catch (bytes memory reason) {
            vm.assertEq(bytes32(bytes4(reason)), bytes32(ITransfer.MalformedTransfer.selector));
        }
    }

    /// @dev Lengths and offsets near 2^256 do not wrap around.
    function test_refuses_huge_offsets_and_lengths() public {
        FungibleTokenPacketData memory data = FungibleTokenPacketData("d", "s", "r", 1, "m");
        for (uint256 word = 0; word < 14; ++word) {
            // The amount, and the contents of the four strings, may be anything but wrongly padded.
            if (word == 4) continue;
            bytes memory encoded = abi.encode(data);
            for (uint256 i = 0; i < 32; ++i) {
                encoded[32 * word + i] = 0xff;
            }
            vm.expectPartialRevert(ITransfer.MalformedTransfer.selector);
            _law.decodeOnly(encoded);
        }
    }

    function testFuzz_hop_is_taken_off_as_it_was_put_on(string calldata denom, uint8 number) public view {
        string memory client = string.concat("client-", vm.toString(uint256(number)));
        (bool had, string memory rest) = _law.stripHop(client, _law.arrivedPath(client, denom));
        // A hop in front of nothing is no hop but a name.
        vm.assertTrue(had == (bytes(denom).length != 0));
        if (had) vm.assertEq(rest, denom);
        (had,) = _law.stripHop("client-256", _law.arrivedPath(client, denom));
        vm.assertFalse(had);
    }

    function testFuzz_native_denom_reads_back(address token) public view {
        (bool valid, address read) = _law.parseNative(_law.nativeDenom(token));
        vm.assertTrue(valid);
        vm.assertEq(read, token);
    }

    /// @dev The reader and OpenZeppelin's agree on every change of one character, and on capitals.
    function testFuzz_address_reader_equals_its_twin(address token, uint256 position, bytes1 character) public view {
        bytes memory text = bytes(_law.nativeDenom(token));
        text[bound(position, 2, 41)] = character;
        (bool valid, address read) = _law.parseAddress(string(text));
        (bool twinValid, address twinRead) = _law.parseAddressTwin(string(text));
        vm.assertTrue(valid == twinValid);
        if (valid) vm.assertEq(read, twinRead);
        (bool native,) = _law.parseNative(string(text));
        vm.assertTrue(native == (valid && !(character >= "A" && character <= "F")));
    }

    function test_address_reader_equals_its_twin_for_every_character() public view {
        for (uint256 character = 0; character < 256; ++character) {
            bytes memory text = "0x5fbdb2315678afecb367f032d93f642f64180aa3";
            text[7] = bytes1(uint8(character));
            (bool valid, address read) = _law.parseAddress(string(text));
            (bool twinValid, address twinRead) = _law.parseAddressTwin(string(text));
            vm.assertTrue(valid == twinValid);
            if (valid) vm.assertEq(read, twinRead);
        }
    }

    function test_parse_address_wants_0x_and_40_digits() public view {
        string[5] memory bad = [
            "5fbdb2315678afecb367f032d93f642f64180aa3",
            "0x5fbdb2315678afecb367f032d93f642f64180aa",
            "0x5fbdb2315678afecb367f032d93f642f64180aa33",
            "0x5fbdb2315678afecb367f032d93f642f64180ag3",
            "1x5fbdb2315678afecb367f032d93f642f64180aa3"
        ];
        for (uint256 i = 0; i < bad.length; ++i) {
            (bool valid,) = _law.parseAddress(bad[i]);
            vm.assertFalse(valid, bad[i]);
        }
        (bool mixed, address account) = _law.parseAddress("0x5FbDB2315678afecb367f032d93F642f64180aa3");
        vm.assertTrue(mixed);
        vm.assertEq(account, 0x5FbDB2315678afecb367f032d93F642f64180aa3);
    }
}
