// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ILightClient, MsgVerifyMembership, MsgVerifyNonMembership} from "../../src/interfaces/ILightClient.sol";
import {BeaconWorld, IBeacon} from "./BeaconWorld.sol";

/// @notice Good messages with something changed, appended, cut off or put elsewhere: each is refused, and leaves the
/// client as it was. Numbers are those of the list of past incidents.
contract BeaconMutantsTest is BeaconWorld {
    /// @dev Gas of one judgement: enough for every good message, and an end to what a refusing precompile burns.
    uint256 private constant GAS = 30_000_000;

    IBeacon private _client;
    bytes private _finality;
    bytes private _absent;
    IBeacon private _rotating;
    bytes private _rotation;
    string private _member;
    IBeacon private _memberClient;
    string private _absence;
    IBeacon private _absenceClient;

    function setUp() public {
        string memory json = _accepted("finality_absent_5");
        _client = _prepare(json);
        _absent = _lastUpdate(json);
        _finality = _lastUpdate(_accepted("finality_absent_0"));
        json = _accepted("rotation_absent_20");
        _rotating = _prepare(json);
        _rotation = _lastUpdate(json);
        _absence = _accepted("absent");
        _absenceClient = _prepare(_absence);
        _member = _accepted("member_value_with_leading_zero");
        _memberClient = _prepare(_member);
        // A moment at which all of them are judged by something else than the clock.
        vm.warp(vm.parseJsonUint(json, ".now"));
    }

    function test_the_originals_are_good() public {
        _client.updateClient(_absent);
        _rotating.updateClient(_rotation);
        _memberClient.verifyMembership(_membership(_member));
        _absenceClient.verifyNonMembership(_nonMembership(_absence));
    }

    /// forge-config: default.fuzz.runs = 64
    function testFuzz_t45_changed_update_is_refused(uint256 place, uint8 change) public {
        if (_isSlot(place % _absent.length, 0)) return;
        _refused(_client, abi.encodeCall(ILightClient.updateClient, (_changed(_absent, place, change))));
    }

    /// forge-config: default.fuzz.runs = 64
    function testFuzz_t45_changed_rotation_is_refused(uint256 place, uint8 change) public {
        if (_isSlot(place % _rotation.length, 0)) return;
        _refused(_rotating, abi.encodeCall(ILightClient.updateClient, (_changed(_rotation, place, change))));
    }

    /// forge-config: default.fuzz.runs = 64
    function testFuzz_t45_changed_bootstrap_starts_no_other_client(uint256 place, uint8 change) public {
        string memory json = _accepted("start_electra");
        bytes memory bootstrap = _changed(vm.parseJsonBytes(json, ".bootstrap"), place, change);
        vm.warp(vm.parseJsonUint(json, ".startedAt"));
        (bool started,) = address(this).call{gas: GAS}(abi.encodeCall(this.deploy, (json, bootstrap)));
        // Only the header is free: a creator may start wherever he likes, so those who rely on him compare its root.
        if (!started) return;
        (, bytes32 original,) = _begin(json).bootstrap();
        (, bytes32 other,) = _deploy(_config(json), bootstrap).bootstrap();
        vm.assertTrue(original != other);
    }

    /// forge-config: default.fuzz.runs = 64
    function testFuzz_t02_appended_bytes_are_refused(bytes calldata more, uint8 which) public {
        bytes memory longer = bytes.concat(which % 2 == 0 ? _absent : _finality, more, bytes1(which));
        _refused(_client, abi.encodeCall(ILightClient.updateClient, (longer)));
    }

    /// forge-config: default.fuzz.runs = 64
    function testFuzz_cut_update_is_refused(uint256 size) public {
        bytes memory cut = new bytes(size % _absent.length);
        for (uint256 i = 0; i < cut.length; ++i) {
            cut[i] = _absent[i];
        }
        _refused(_client, abi.encodeCall(ILightClient.updateClient, (cut)));
    }

    /// @dev [T-08] The account proof once more behind itself.
    function test_t08_nodes_left_over_are_refused() public {
        bytes memory proof = new bytes(200);
        for (uint256 i = 0; i < proof.length; ++i) {
            proof[i] = _absent[_absent.length - 200 + i];
        }
        bytes memory longer = bytes.concat(_absent, proof);
        _refused(_client, abi.encodeCall(ILightClient.updateClient, (longer)));
    }

    /// @dev [T-21] A committee has 512 seats: there is no other number of sync bits in a message. One byte more or less
    /// moves everything behind it.
    function test_t21_another_number_of_sync_bits_is_refused() public {
        bytes memory fewer = _without(_absent, 617);
        _refused(_client, abi.encodeCall(ILightClient.updateClient, (fewer)));
        bytes memory more = bytes.concat(_absent, bytes1(_absent[_absent.length - 1]));
        for (uint256 i = more.length - 1; i > 618; --i) {
            more[i] = more[i - 1];
        }
        more[618] = 0xff;
        _refused(_client, abi.encodeCall(ILightClient.updateClient, (more)));
    }

    /// @dev [T-33] Zeros where something was signed: all of the message, or any aligned word of it.
    /// forge-config: default.fuzz.runs = 64
    function testFuzz_t33_zeroed_words_are_refused(uint256 place) public {
        bytes memory zeroed = _absent;
        uint256 first = 10 + place % (zeroed.length - 42);
        bool any = false;
        for (uint256 i = first; i < first + 32; ++i) {
            any = any || zeroed[i] != 0;
            zeroed[i] = 0;
        }
        if (any) _refused(_client, abi.encodeCall(ILightClient.updateClient, (zeroed)));
        _refused(_client, abi.encodeCall(ILightClient.updateClient, (new bytes(_absent.length))));
    }

    /// forge-config: default.fuzz.runs = 64
    function testFuzz_t45_changed_storage_proof_is_refused(uint256 place, uint8 change) public {
        MsgVerifyMembership memory message = _membership(_member);
        message.proof = _changed(message.proof, place, change);
        _refused(_memberClient, abi.encodeCall(ILightClient.verifyMembership, (message)));
        MsgVerifyNonMembership memory absence = _nonMembership(_absence);
        absence.proof = _changed(absence.proof, place, change);
        _refused(_absenceClient, abi.encodeCall(ILightClient.verifyNonMembership, (absence)));
    }

    /// forge-config: default.fuzz.runs = 64
    function testFuzz_t02_longer_storage_proof_is_refused(bytes calldata more) public {
        MsgVerifyMembership memory message = _membership(_member);
        message.proof = bytes.concat(message.proof, more, hex"00");
        _refused(_memberClient, abi.encodeCall(ILightClient.verifyMembership, (message)));
        MsgVerifyNonMembership memory absence = _nonMembership(_absence);
        absence.proof = bytes.concat(absence.proof, more, hex"00");
        _refused(_absenceClient, abi.encodeCall(ILightClient.verifyNonMembership, (absence)));
    }

    /// @dev [T-09] A good proof with another value, or of another path, or at another height.
    /// forge-config: default.fuzz.runs = 64
    function testFuzz_t09_proof_of_something_else_is_refused(bytes32 noise) public {
        MsgVerifyMembership memory message = _membership(_member);
        message.value = bytes.concat(noise);
        vm.assume(noise != bytes32(_membership(_member).value));
        _refused(_memberClient, abi.encodeCall(ILightClient.verifyMembership, (message)));
        message = _membership(_member);
        message.path[0] = bytes.concat(message.path[0], noise);
        _refused(_memberClient, abi.encodeCall(ILightClient.verifyMembership, (message)));
        message = _membership(_member);
        message.proofHeight.revisionHeight ^= uint64(uint256(noise) | 1);
        _refused(_memberClient, abi.encodeCall(ILightClient.verifyMembership, (message)));
    }

    /// @dev A proof of presence shows no absence, and the other way round.
    function test_presence_and_absence_are_not_exchanged() public {
        _refused(_memberClient, abi.encodeCall(ILightClient.verifyNonMembership, (_nonMembership(_member))));
        MsgVerifyMembership memory message = _membership(_absence);
        message.value = bytes.concat(bytes32(uint256(1)));
        _refused(_absenceClient, abi.encodeCall(ILightClient.verifyMembership, (message)));
    }

    /// @dev Evidence is refused whatever byte of it is changed: no honest committee can be accused by a mutant. Left
    /// alone are the signature slots, which nobody signed.
    /// forge-config: default.fuzz.runs = 64
    function testFuzz_t45_changed_evidence_freezes_nothing(uint256 place, uint8 change) public {
        string memory json = _accepted("evidence_two_next_committees");
        IBeacon client = _prepare(json);
        bytes memory evidence = vm.parseJsonBytes(json, ".evidence");
        uint256 second = 4 + uint256(uint32(bytes4(evidence)));
        uint256 at = place % evidence.length;
        if (_isSlot(at, 4) || _isSlot(at, second)) return;
        evidence = _changed(evidence, place, change);
        _refused(client, abi.encodeCall(ILightClient.misbehaviour, (evidence)));
        vm.assertFalse(client.snapshot().frozen);
    }

    function deploy(string calldata json, bytes calldata bootstrap) external returns (IBeacon) {
        return _deploy(_config(json), bootstrap);
    }

    /// @dev The call fails, and the client believes what it believed before.
    function _refused(IBeacon client, bytes memory call) private {
        bytes memory before = client.getClientState();
        (bool accepted, bytes memory reason) = address(client).call{gas: GAS}(call);
        vm.assertFalse(accepted, vm.toString(call));
        // A refusal names its rule: it is neither empty nor a panic.
        vm.assertTrue(reason.length >= 4 && bytes4(reason) != 0x4e487b71, vm.toString(reason));
        vm.assertEq(client.getClientState(), before);
    }

    /// @dev The signature slot of the update that begins at `from` is not signed: another one of the same period and
    /// fork says the same, and is taken.
    function _isSlot(uint256 at, uint256 from) private pure returns (bool) {
        return at >= from + 2 && at < from + 10;
    }

    function _changed(bytes memory text, uint256 place, uint8 change) private pure returns (bytes memory) {
        text[place % text.length] ^= bytes1(change == 0 ? 1 : change);
        return text;
    }

    function _without(bytes memory text, uint256 place) private pure returns (bytes memory shorter) {
        shorter = new bytes(text.length - 1);
        for (uint256 i = 0; i < shorter.length; ++i) {
            shorter[i] = text[i < place ? i : i + 1];
        }
    }
}
