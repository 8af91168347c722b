// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC165} from "@openzeppelin/contracts/utils/introspection/IERC165.sol";

import {IBatchClient, IBatchPrefix} from "../../src/interfaces/IBatchClient.sol";
import {
    ClientStatus,
    ILightClient,
    MsgVerifyMembership,
    MsgVerifyNonMembership,
    UpdateResult
} from "../../src/interfaces/ILightClient.sol";
import {ITendermintClient, TendermintConfig, TendermintStart} from "../../src/interfaces/ITendermintClient.sol";
import {Height} from "../../src/interfaces/Messages.sol";
import {ITendermint, TendermintWorld} from "./TendermintWorld.sol";

/// @notice What the shared vectors do not say about the Tendermint client: the form of packed messages, and what it
/// tells.
contract TendermintClientTest is TendermintWorld {
    /// @dev Where the parts of a packed header with another trusted set begin, behind version and kind.
    struct Places {
        uint256 parts;
        uint256 header;
        uint256 own;
        uint256 flag;
        uint256 trusted;
        uint256 prefix;
        uint256 bits;
        uint256 hints;
        uint256 votes;
    }

    /// @dev An update by another set, of four validators each.
    function _load(string memory name) private returns (ITendermint client, bytes memory message) {
        string memory json = vm.readFile(string.concat(FOLDER, "accept/", name, ".json"));
        client = _begin(json);
        bytes[] memory messages = lists.parseJsonBytesArray(json, ".packed");
        vm.warp(lists.parseJsonUintArray(json, ".packedTimes")[0]);
        for (uint256 i = 0; i + 1 < messages.length; ++i) {
            _send(client, messages[i]);
        }
        message = messages[messages.length - 1];
        message = _part(message, 1, message.length);
    }

    function _placesOf(bytes memory message) private pure returns (Places memory places) {
        places.parts = 2 + 20;
        places.header = places.parts + 1 + uint8(message[places.parts]);
        uint256 at = places.header;
        for (uint256 i = 0; i < 14; ++i) {
            at += 1 + uint8(message[at]);
        }
        places.own = at;
        places.flag = at + _sizeOfSet(message, at);
        places.trusted = places.flag + 1;
        at = places.trusted;
        if (message[places.flag] == 0x01) at += _sizeOfSet(message, at);
        places.prefix = at;
        places.bits = at + 1 + uint8(message[at]);
        uint256 count = uint256(uint8(message[places.own])) << 8 | uint8(message[places.own + 1]);
        places.hints = places.bits + (count + 7) / 8;
        places.votes = places.hints;
        if (message[places.flag] == 0x01) {
            for (uint256 i = 0; i < count; ++i) {
                if (uint8(message[places.bits + i / 8]) >> (7 - i % 8) & 1 == 1) places.votes += 2;
            }
        }
    }

    function _sizeOfSet(bytes memory message, uint256 at) private pure returns (uint256) {
        uint256 count = uint256(uint8(message[at])) << 8 | uint8(message[at + 1]);
        return 11 + count * (message[at + 2] == 0x01 ? 28 : 40);
    }

    /// @dev Nothing in a message but hints may be otherwise, and those only if enough is left. What becomes a part of a
    /// header may be taken, and nothing is believed by it.
    function testFuzz_every_byte_of_an_update_counts(uint256 which, uint256 place, uint8 bits) public {
        string[4] memory names = ["skip_change", "skip_change_secp256k1", "both_kinds", "next_secp256k1"];
        (ITendermint client, bytes memory message) = _load(names[which % 4]);
        Places memory places = _placesOf(message);
        place = place % message.length;
        if (place >= places.hints && place < places.votes) return;
        message[place] ^= bytes1(bits == 0 ? 1 : bits);
        (bool accepted, bytes memory answer) =
            address(client).call(abi.encodeCall(ILightClient.updateClient, (message)));
        bool isPart = accepted && place == 1 && message[1] == 0x03;
        if (isPart) vm.assertTrue(abi.decode(answer, (UpdateResult)) == UpdateResult.NoOp);
        else vm.assertFalse(accepted, vm.toString(place));
        message[place] ^= bytes1(bits == 0 ? 1 : bits);
        vm.assertTrue(client.updateClient(message) == UpdateResult.Update);
    }

    function test_rejects_messages_of_another_length_or_kind() public {
        (ITendermint client, bytes memory message) = _load("skip_change");
        _malformed(client, bytes.concat(message, hex"00"));
        _malformed(client, _part(message, 0, message.length - 1));
        _malformed(client, "");
        _malformed(client, hex"01");
        _malformed(client, _with(message, 0, 2));
        _malformed(client, _with(message, 1, 0));
        _malformed(client, _with(message, 1, 4));
        Places memory places = _placesOf(message);
        _malformed(client, _with(message, places.flag, 4));
        _malformed(client, _with(message, places.prefix, 19));
        // The header, a set, and the last set reach beyond the message.
        _malformed(client, _part(message, 0, places.own - 1));
        _malformed(client, _part(message, 0, places.flag - 1));
        _malformed(client, _part(message, 0, places.prefix - 1));
        vm.assertTrue(client.updateClient(message) == UpdateResult.Update);
    }

    function test_rejects_header_fields_of_another_form() public {
        (ITendermint client, bytes memory message) = _load("skip_change");
        uint256 height = _field(message, 2);
        // Another key, no number, one of zero, an idle byte.
        _malformed(client, _with(message, height + 1, 0x10));
        _malformed(client, _field(message, 2, hex""));
        _malformed(client, _field(message, 2, hex"0800"));
        _malformed(client, _field(message, 2, hex"088000"));
        _malformed(client, _field(message, 2, hex"0880808080808080808001"));
        _malformed(client, _field(message, 2, hex"0881808080808080808001"));
        _malformed(client, _field(message, 2, hex"080101"));
        // Times: a second that is zero, the year 10000, a second of nanoseconds, something behind them.
        _malformed(client, _field(message, 3, hex"08001001"));
        _malformed(client, _field(message, 3, hex"088083d1ffaf07"));
        _malformed(client, _field(message, 3, hex"0801108094ebdc03"));
        _malformed(client, _field(message, 3, hex"0801100118"));
        _malformed(client, _field(message, 3, hex"08ffffffffffffffffff01"));
        // Hashes of sets that are missing, too short or under another key.
        for (uint256 i = 7; i < 9; ++i) {
            _malformed(client, _field(message, i, hex""));
            _malformed(client, _with(message, _field(message, i) + 1, 0x12));
            _malformed(client, _with(message, _field(message, i) + 2, 0x1f));
        }
        vm.assertTrue(client.updateClient(message) == UpdateResult.Update);
    }

    function test_rejects_wrong_hints_and_bits() public {
        (ITendermint client, bytes memory message) = _load("skip_change");
        Places memory places = _placesOf(message);
        // Beyond the set, another one's place.
        _malformed(client, _with(message, places.hints + 1, 5));
        _malformed(client, _with(message, places.hints + 1, 3));
        // Nobody known: no overlap.
        (bool accepted, bytes memory reason) = address(client)
            .call(
                abi.encodeCall(
                    ILightClient.updateClient, (_with(_with(message, places.hints + 1, 0), places.hints + 3, 0))
                )
            );
        vm.assertFalse(accepted);
        vm.assertEq(bytes32(bytes4(reason)), bytes32(ITendermintClient.NotEnoughOverlap.selector));
        // There are four validators.
        _malformed(client, _with(message, places.bits, uint8(message[places.bits]) | 0x08));
        _malformed(client, _with(message, places.bits, uint8(message[places.bits]) | 0x01));
    }

    function test_rejects_sets_that_are_not_installed() public {
        string memory json = vm.readFile(string.concat(FOLDER, "accept/skip_change.json"));
        bytes[] memory messages = lists.parseJsonBytesArray(json, ".packed");
        vm.assertEq(messages.length, 3);
        for (uint256 missing = 0; missing < 2; ++missing) {
            ITendermint client = _begin(json);
            vm.warp(lists.parseJsonUintArray(json, ".packedTimes")[0]);
            _send(client, messages[1 - missing]);
            (bool accepted, bytes memory reason) = address(client)
                .call(abi.encodeCall(ILightClient.updateClient, (_part(messages[2], 1, messages[2].length))));
            vm.assertFalse(accepted);
            bytes4 expected = missing == 0
                ? ITendermintClient.ValidatorsHash.selector
                : ITendermintClient.TrustedValidatorsHash.selector;
            vm.assertEq(bytes32(bytes4(reason)), bytes32(expected));
            _send(client, messages[missing]);
            vm.assertEq(_send(client, messages[2]), "Update");
        }
    }

    function test_rejects_sets_of_another_form() public {
        (ITendermint client,) = _load("skip_change");
        (ITendermint other,) = _load("next_secp256k1");
        bytes memory wide = _set("skip_change");
        bytes memory narrow = _set("next_secp256k1");
        uint256 count = uint8(wide[3]);
        vm.assertEq(count, 4);
        _malformed(client, bytes.concat(wide, hex"00"));
        _malformed(client, _part(wide, 0, wide.length - 1));
        // Forms, and kinds of keys.
        _malformed(client, _with(wide, 4, 0));
        _malformed(client, _with(wide, 4, 3));
        _malformed(client, _with(wide, 5, 0));
        _malformed(client, _with(wide, 5, 3));
        // A place that there is not, the same one twice, two that are not in order.
        _malformed(client, _with(wide, wide.length - 1, 4));
        bytes memory twice = _with(wide, wide.length - 1, uint8(wide[wide.length - 3]));
        _refusedBy(client, twice, ITendermintClient.DuplicateValidator.selector);
        bytes memory turned = _with(twice, wide.length - 3, uint8(wide[wide.length - 1]));
        _malformed(client, turned);
        _refusedBy(client, _with(_with(wide, 2, 4), 3, 1), ITendermintClient.TooManyValidators.selector);
        _refusedBy(client, _with(wide, 3, 0), ITendermintClient.NoValidators.selector);
        // All keys are of secp256k1, so that the form is 1.
        _malformed(other, _widened(narrow));
        vm.assertTrue(client.updateClient(wide) == UpdateResult.NoOp);
        vm.assertTrue(other.updateClient(narrow) == UpdateResult.NoOp);
    }

    /// @dev A key of secp256k1 under another kind would have the set's hash, and another card.
    function test_rejects_kinds_and_places_that_there_are_not() public {
        (ITendermint client,) = _load("both_kinds");
        bytes memory mixed = _set("both_kinds");
        uint256 at = 5;
        while (mixed[at] == 0x01) {
            at += 41;
        }
        _malformed(client, _with(mixed, at, 3));
        vm.assertTrue(client.updateClient(mixed) == UpdateResult.NoOp);
        // One validator at the second place.
        bytes memory one = bytes.concat(hex"0102000102", hex"01", bytes32(uint256(9)), bytes8(uint64(1)));
        _malformed(client, bytes.concat(one, hex"0001"));
        vm.assertTrue(client.updateClient(bytes.concat(one, hex"0000")) == UpdateResult.NoOp);
    }

    function test_rejects_a_header_with_an_empty_set() public {
        (ITendermint client, bytes memory message) = _load("skip_change");
        uint256 own = _placesOf(message).own;
        _refusedBy(client, _with(message, own + 1, 0), ITendermintClient.NoValidators.selector);
    }

    /// @dev The largest set that is looked at can be installed.
    function test_installs_1024_validators() public {
        (ITendermint client,) = _load("next_secp256k1");
        bytes memory entries;
        bytes memory order;
        for (uint256 i = 0; i < 1024; ++i) {
            entries = bytes.concat(entries, hex"01", bytes32(i + 1), bytes8(uint64(1)));
            order = bytes.concat(order, bytes2(uint16(i)));
        }
        client.updateClient(bytes.concat(hex"0102040002", entries, order));
    }

    function test_rejects_evidence_of_another_form() public {
        string memory json = vm.readFile(string.concat(FOLDER, "accept/fork.json"));
        ITendermint client = _begin(json);
        bytes[] memory messages = lists.parseJsonBytesArray(json, ".packed");
        vm.warp(lists.parseJsonUintArray(json, ".packedTimes")[0]);
        for (uint256 i = 0; i + 1 < messages.length; ++i) {
            _send(client, messages[i]);
        }
        bytes memory evidence = messages[messages.length - 1];
        evidence = _part(evidence, 1, evidence.length);
        bytes[3] memory wrong = [bytes(hex"000000"), hex"00000001", bytes.concat(evidence, hex"00")];
        for (uint256 i = 0; i < wrong.length; ++i) {
            vm.expectRevert(ITendermintClient.Malformed.selector);
            client.misbehaviour(wrong[i]);
        }
        vm.expectEmit(address(client));
        emit ITendermintClient.ClientFrozen();
        client.misbehaviour(evidence);
        vm.assertTrue(client.status() == ClientStatus.Frozen);
    }

    function test_tells_what_it_knows() public {
        string memory json = vm.readFile(string.concat(FOLDER, "accept/skip_change.json"));
        ITendermint client = _begin(json);
        TendermintConfig memory config = _config(json);
        TendermintStart memory start = _start(json);
        vm.assertEq(abi.encode(client.config()), abi.encode(config));
        vm.assertEq(client.getClientState(), abi.encode(config));
        vm.assertEq(abi.encode(client.bootstrap()), abi.encode(start));
        vm.assertEq(client.stateAt(100).appHash, start.appHash);
        vm.assertEq(client.learnedAt(100), block.timestamp);
        vm.expectRevert(abi.encodeWithSelector(ITendermintClient.UnknownHeight.selector, 3, 99));
        client.stateAt(99);
        vm.expectRevert(abi.encodeWithSelector(ITendermintClient.UnknownHeight.selector, 3, 0));
        client.learnedAt(0);
        vm.assertTrue(client.supportsInterface(type(ILightClient).interfaceId));
        vm.assertTrue(client.supportsInterface(type(IERC165).interfaceId));
        vm.assertTrue(client.supportsInterface(type(IBatchClient).interfaceId));
        vm.assertTrue(client.supportsInterface(type(IBatchPrefix).interfaceId));
        vm.assertFalse(client.supportsInterface(0xffffffff));
        bytes[] memory prefix = client.batchPrefix();
        vm.assertEq(prefix.length, 2);
        vm.assertEq(prefix[0], config.store);
        vm.assertEq(prefix[1].length, 0);
        vm.assertTrue(client.status() == ClientStatus.Active);
        vm.warp(start.time + config.trustPeriod - 1);
        vm.assertTrue(client.status() == ClientStatus.Active);
        vm.warp(start.time + config.trustPeriod);
        vm.assertTrue(client.status() == ClientStatus.Expired);
    }

    function test_tells_which_sets_are_installed() public {
        (ITendermint client, bytes memory message) = _load("skip_change");
        uint256 own = _placesOf(message).own;
        bytes32 hash = bytes32(_part(message, _field(message, 7) + 3, _field(message, 7) + 35));
        bytes memory packed = _part(message, own + 2, own + _sizeOfSet(message, own));
        vm.assertEq(client.cardOf(hash), keccak256(packed));
        vm.assertEq(client.cardOf(bytes32(uint256(1))), bytes32(0));
    }

    function test_rejects_paths_that_do_not_lead_into_the_store() public {
        string memory json = vm.readFile(string.concat(FOLDER, "accept/member_2.json"));
        ITendermint client = _prepare(json);
        vm.warp(vm.parseJsonUint(json, ".now"));
        MsgVerifyMembership memory message = _membership(json);
        vm.assertTrue(client.verifyMembership(message) != 0);
        bytes memory key = message.path[1];
        message.path[0] = "bank";
        _badPath(client, message, 2);
        message.path = new bytes[](1);
        message.path[0] = key;
        _badPath(client, message, 1);
        message.path = new bytes[](3);
        (message.path[0], message.path[1]) = ("ibc", key);
        _badPath(client, message, 3);
        // Another revision of the chain has no such height.
        message.path = _membership(json).path;
        message.proofHeight.revisionNumber += 1;
        Height memory height = message.proofHeight;
        vm.expectRevert(
            abi.encodeWithSelector(
                ITendermintClient.UnknownHeight.selector, height.revisionNumber, height.revisionHeight
            )
        );
        client.verifyMembership(message);
    }

    function _badPath(ITendermint client, MsgVerifyMembership memory message, uint256 elements) private {
        vm.expectRevert(abi.encodeWithSelector(ITendermintClient.BadPath.selector, elements));
        client.verifyMembership(message);
        vm.expectRevert(abi.encodeWithSelector(ITendermintClient.BadPath.selector, elements));
        client.verifyNonMembership(MsgVerifyNonMembership(message.proof, message.proofHeight, message.path));
    }

    function _malformed(ITendermint client, bytes memory message) private {
        _refusedBy(client, message, ITendermintClient.Malformed.selector);
    }

    function _refusedBy(ITendermint client, bytes memory message, bytes4 rule) private {
        (bool accepted, bytes memory reason) =
            address(client).call(abi.encodeCall(ILightClient.updateClient, (message)));
        vm.assertFalse(accepted, vm.toString(message));
        vm.assertEq(bytes32(bytes4(reason)), bytes32(rule), vm.toString(message));
    }

    /// @dev The first set that a vector installs.
    function _set(string memory name) private view returns (bytes memory message) {
        string memory json = vm.readFile(string.concat(FOLDER, "accept/", name, ".json"));
        message = lists.parseJsonBytesArray(json, ".packed")[0];
        return _part(message, 1, message.length);
    }

    /// @dev Where a field of the header stands, its length first.
    function _field(bytes memory message, uint256 index) private pure returns (uint256 at) {
        at = _placesOf(message).header;
        for (uint256 i = 0; i < index; ++i) {
            at += 1 + uint8(message[at]);
        }
    }

    /// @dev The same message with another field in the header.
    function _field(bytes memory message, uint256 index, bytes memory field) private pure returns (bytes memory) {
        uint256 at = _field(message, index);
        uint256 end = at + 1 + uint8(message[at]);
        bytes memory head = bytes.concat(_part(message, 0, at), bytes1(uint8(field.length)), field);
        return bytes.concat(head, _part(message, end, message.length));
    }
}
