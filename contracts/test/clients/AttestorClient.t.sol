// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {
    Attestor,
    AttestorConfig,
    AttestorSet,
    AttestorSnapshot,
    IAttestorClient
} from "../../src/interfaces/IAttestorClient.sol";
import {IBatchClient} from "../../src/interfaces/IBatchClient.sol";
import {IGoverned} from "../../src/interfaces/IGoverned.sol";
import {
    ClientStatus,
    ILightClient,
    MsgVerifyMembership,
    MsgVerifyNonMembership
} from "../../src/interfaces/ILightClient.sol";
import {Height} from "../../src/interfaces/Messages.sol";
import {Log} from "../support/Vm.sol";
import {AttestorWorld, IAttestors} from "./AttestorWorld.sol";
import {PlainSsz} from "./plain/PlainSsz.sol";

/// @notice What the shared vectors do not say about the attestor client: who may veto, what the constructor knows
/// beside the law, what it tells.
contract AttestorClientTest is AttestorWorld {
    string private _waiting;

    function setUp() public override {
        super.setUp();
        _waiting = vm.readFile(string.concat(FOLDER, "accept/rotation_vetoed.json"));
    }

    /// @dev [T-42] Nobody but governance drops a set that the attestors signed, not even one of them.
    function test_t42_veto_is_for_governance_only() public {
        IAttestors client = _prepare(_waiting);
        address attestor = client.attestorSet().attestors[0].signer;
        vm.prank(attestor);
        vm.expectRevert(abi.encodeWithSelector(IGoverned.NotGovernance.selector, attestor, address(authority)));
        client.vetoRotation();
        bytes32 next = keccak256(_words(client.pendingSet()));
        vm.expectEmit(address(client));
        emit IAttestorClient.RotationVetoed(next);
        vm.prank(GOVERNOR);
        client.vetoRotation();
        vm.expectRevert(IAttestorClient.NoRotation.selector);
        client.pendingSet();
    }

    /// @dev Anybody completes a rotation, and it is told which set signs now.
    function test_anybody_completes_a_rotation() public {
        IAttestors client = _prepare(_waiting);
        AttestorSet memory next = client.pendingSet();
        vm.warp(client.snapshot().rotationDue);
        vm.expectEmit(address(client));
        emit IAttestorClient.RotationCompleted(keccak256(_words(next)), 2);
        vm.prank(account("anybody"));
        client.completeRotation();
        vm.assertEq(_words(client.attestorSet()), _words(next));
    }

    /// @dev A struck attestor is named.
    function test_struck_attestor_is_named() public {
        string memory json = vm.readFile(string.concat(FOLDER, "accept/evidence_one_struck.json"));
        IAttestors client = _prepare(json);
        address struck = client.attestorSet().attestors[1].signer;
        vm.expectEmit(true, true, false, false, address(client));
        emit IAttestorClient.AttestorStruck(struck, 1, 0);
        _judged(client, json);
        vm.assertEq(uint256(client.attestorSet().attestors[1].weight), 0);
    }

    /// @dev What attestors sign, as the contract itself says.
    function testFuzz_digests_are_those_of_the_page(uint64 height, uint64 timestamp, bytes32 root, bytes calldata set)
        public
    {
        IAttestors client = _prepare(_waiting);
        bytes32 statement = keccak256(abi.encode(height, timestamp, root));
        vm.assertEq(client.stateDigest(height, timestamp, root), _digest(client, 1, statement));
        statement = keccak256(abi.encode(keccak256(set), height, timestamp));
        vm.assertEq(client.rotationDigest(set, height, timestamp), _digest(client, 2, statement));
    }

    function test_refuses_to_attest_no_chain_and_no_router() public {
        AttestorConfig memory config = _config(_waiting);
        config.chainId = 0;
        vm.expectRevert(abi.encodeWithSelector(IAttestorClient.BadConfig.selector, 6));
        this.deploy(config);
        config.chainId = 1;
        config.router = address(0);
        vm.expectRevert(abi.encodeWithSelector(IAttestorClient.BadConfig.selector, 7));
        this.deploy(config);
    }

    function test_refuses_governance_without_code() public {
        AttestorConfig memory config = _config(_waiting);
        vm.etch(address(authority), "");
        vm.expectRevert(abi.encodeWithSelector(IGoverned.InvalidGovernance.selector, address(authority)));
        this.deploy(config);
    }

    function test_tells_what_it_is() public {
        IAttestors client = _prepare(_waiting);
        AttestorConfig memory config = _config(_waiting);
        vm.assertEq(abi.encode(client.config()), abi.encode(config));
        AttestorSnapshot memory shot = client.snapshot();
        vm.assertEq(client.getClientState(), abi.encode(config, shot));
        vm.assertTrue(client.supportsInterface(type(IBatchClient).interfaceId));
        vm.assertTrue(client.supportsInterface(0x01ffc9a7));
        vm.assertFalse(client.supportsInterface(0xffffffff));
    }

    /// @dev The first event of a client stands in the transaction that made it.
    function test_tells_which_set_it_begins_with() public {
        vm.recordLogs();
        IAttestors client = _begin(_waiting);
        Log[] memory logs = vm.getRecordedLogs();
        vm.assertEq(logs.length, 1);
        vm.assertEq(logs[0].emitter, address(client));
        vm.assertEq(logs[0].topics[0], IAttestorClient.RotationCompleted.selector);
        vm.assertEq(logs[0].topics[1], keccak256(_words(client.attestorSet())));
        vm.assertEq(logs[0].data, abi.encode(uint64(1)));
    }

    /// @dev The largest set is kept and read back.
    function test_keeps_a_set_of_64() public {
        bytes memory words = abi.encode(uint256(33));
        for (uint256 i = 1; i <= 64; ++i) {
            words = bytes.concat(words, abi.encode((uint256(1) << 160) | i));
        }
        IAttestors client = _deploy(account("large"), _config(_waiting), _set(words));
        vm.assertEq(_words(client.attestorSet()), words);
    }

    /// @dev [T-35] A set that is none is told apart from the others: the number says what is wrong with it.
    function test_t35_each_fault_of_a_set_has_its_number() public {
        AttestorSet memory good = _set(vm.parseJsonBytes(_waiting, ".set"));
        for (uint256 fault = 1; fault <= 8; ++fault) {
            AttestorSet memory set = abi.decode(abi.encode(good), (AttestorSet));
            if (fault == 1) set.attestors = new Attestor[](0);
            if (fault == 2) set.threshold = 0;
            if (fault == 3) set.attestors[0].signer = address(0);
            if (fault == 4) set.attestors[1].signer = set.attestors[0].signer;
            if (fault == 5) set.attestors[1].weight = 0;
            if (fault == 6) set.attestors[1].weight = uint96(set.threshold);
            if (fault == 7) set.threshold = type(uint64).max;
            if (fault == 8) set.threshold = uint256(type(uint64).max) + 1;
            vm.expectRevert(abi.encodeWithSelector(IAttestorClient.BadSet.selector, fault == 8 ? 2 : fault));
            this.deploySet(set);
        }
        this.deploySet(good);
    }

    function deploySet(AttestorSet calldata set) external {
        _deploy(account("place"), _config(_waiting), set);
    }

    function test_status_says_frozen_before_expired() public {
        string memory json = vm.readFile(string.concat(FOLDER, "accept/conflict_frozen.json"));
        IAttestors client = _prepare(json);
        vm.assertTrue(client.status() == ClientStatus.Active);
        _judged(client, json);
        vm.assertTrue(client.status() == ClientStatus.Frozen);
        vm.warp(block.timestamp + 365 days);
        vm.assertTrue(client.status() == ClientStatus.Frozen);
    }

    function test_status_says_expired() public {
        IAttestors client = _prepare(vm.readFile(string.concat(FOLDER, "accept/member.json")));
        vm.assertTrue(client.status() == ClientStatus.Active);
        vm.warp(block.timestamp + 365 days);
        vm.assertTrue(client.status() == ClientStatus.Expired);
    }

    /// @dev A message that ends anywhere before its end is none, whatever part is cut.
    function test_every_cut_message_is_malformed() public {
        string[4] memory names = ["state", "rotation", "evidence_one_struck", "evidence_backwards_struck"];
        for (uint256 i = 0; i < 4; ++i) {
            string memory json = vm.readFile(string.concat(FOLDER, "accept/", names[i], ".json"));
            IAttestors client = _prepare(json);
            bytes memory message = _message(json);
            for (uint256 size = 0; size < message.length; ++size) {
                bytes memory cut = PlainSsz.cut(message, 0, size);
                bytes memory call = i >= 2
                    ? abi.encodeCall(ILightClient.misbehaviour, (cut))
                    : abi.encodeCall(ILightClient.updateClient, (cut));
                _malformed(client, call);
            }
        }
    }

    /// @dev A rotation that says it is something else is none.
    function test_a_rotation_of_another_kind_is_malformed() public {
        string memory json = vm.readFile(string.concat(FOLDER, "accept/rotation.json"));
        IAttestors client = _prepare(json);
        bytes memory message = _message(json);
        vm.assertEq(uint256(uint8(message[1])), 2);
        message[1] = 0x03;
        _malformed(client, abi.encodeCall(ILightClient.updateClient, (message)));
        message[1] = 0x02;
        client.updateClient(message);
    }

    /// @dev Signatures have 64 bytes or 65, and none that are as long as they say have another length.
    function test_signatures_of_another_form_are_malformed() public {
        string memory json = vm.readFile(string.concat(FOLDER, "accept/state.json"));
        IAttestors client = _prepare(json);
        bytes memory head = PlainSsz.cut(_message(json), 0, 50);
        for (uint256 form = 0; form < 70; ++form) {
            if (form == 64 || form == 65) continue;
            bytes memory signed = bytes.concat(head, bytes1(uint8(form)), hex"0100", new bytes(form));
            _malformed(client, abi.encodeCall(ILightClient.updateClient, (signed)));
        }
    }

    function test_no_state_has_another_revision() public {
        string[3] memory names = ["member", "absent", "batch"];
        for (uint256 i = 0; i < 3; ++i) {
            string memory json = vm.readFile(string.concat(FOLDER, "accept/", names[i], ".json"));
            IAttestors client = _prepare(json);
            MsgVerifyMembership memory message = _membership(json);
            Height memory height = Height(1, message.proofHeight.revisionHeight);
            vm.expectRevert(abi.encodeWithSelector(IAttestorClient.UnknownHeight.selector, 1, height.revisionHeight));
            if (i == 0) {
                message.proofHeight = height;
                client.verifyMembership(message);
            }
            if (i == 1) client.verifyNonMembership(MsgVerifyNonMembership(message.proof, height, message.path));
            if (i == 2) client.verifyBatch(height, message.proof, message.path);
        }
    }

    function _malformed(IAttestors client, bytes memory call) private {
        (bool taken, bytes memory reason) = address(client).call(call);
        vm.assertFalse(taken, vm.toString(call));
        vm.assertEq(reason, abi.encodeWithSelector(IAttestorClient.Malformed.selector), vm.toString(call));
    }

    /// @dev What the last step of a vector says, without the byte that says what it is.
    function _message(string memory json) private pure returns (bytes memory) {
        bytes[] memory steps = lists.parseJsonBytesArray(json, ".steps");
        bytes memory step = steps[steps.length - 1];
        return PlainSsz.cut(step, 1, step.length - 1);
    }

    function deploy(AttestorConfig calldata config) external {
        _deploy(account("place"), config, _set(vm.parseJsonBytes(_waiting, ".set")));
    }

    function _digest(IAttestors client, uint256 kind, bytes32 statement) private view returns (bytes32) {
        bytes32 tag = "\x19Weighbridge statement";
        return keccak256(abi.encode(tag, 1, kind, block.chainid, address(client), client.snapshot().setId, statement));
    }
}
