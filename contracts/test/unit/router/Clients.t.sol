// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IGoverned} from "../../../src/interfaces/IGoverned.sol";
import {ClientStatus, UpdateResult} from "../../../src/interfaces/ILightClient.sol";
import {IClients} from "../../../src/interfaces/IRouter.sol";
import {CounterpartyInfo} from "../../../src/interfaces/Messages.sol";
import {MirrorClient} from "../../../sdk/MirrorClient.sol";
import {InitialPort} from "../../support/world/Founder.sol";
import {World} from "../../support/world/World.sol";

/// @notice The rules of clients and of pair registration.
contract ClientsTest is World {
    function test_ids_are_given_out_in_order() public {
        vm.assertEq(a.clientId, "client-0");
        (MirrorClient client, string memory id) = _newClient(a.router, b.router);
        vm.assertEq(id, "client-1");
        vm.assertEq(a.router.getNextClientSeq(), 2);
        vm.assertEq(address(a.router.getClient(id)), address(client));
        vm.assertEq(a.router.getClientCreator(id), address(this));
        vm.assertEq(a.router.getCounterparty(id).clientId, "");
        vm.assertEq(a.router.getNextSequenceSend(id), 1);
    }

    function test_one_call_form_names_the_other_end_at_once() public {
        vm.expectEmit(address(a.router));
        emit IClients.ICS02ClientAdded("client-1", _end("client-5"), address(a.client));
        string memory id = a.router.addClient(_end("client-5"), address(a.client));
        vm.assertEq(a.router.getCounterparty(id).clientId, "client-5");
        vm.expectRevert(abi.encodeWithSelector(IClients.CounterpartyKnown.selector, id, "client-5"));
        a.router.registerCounterparty(id, _end("client-6"));
    }

    function test_rejects_CounterpartyKnown() public {
        vm.expectRevert(abi.encodeWithSelector(IClients.CounterpartyKnown.selector, a.clientId, b.clientId));
        a.router.registerCounterparty(a.clientId, _end("client-6"));
    }

    function test_rejects_NotClientCreator() public {
        (, string memory id) = _newClient(a.router, b.router);
        vm.expectRevert(abi.encodeWithSelector(IClients.NotClientCreator.selector, alice, address(this)));
        vm.prank(alice);
        a.router.registerCounterparty(id, _end("client-1"));
    }

    function test_rejects_UnknownClient() public {
        bytes memory refusal = abi.encodeWithSelector(IClients.UnknownClient.selector, "client-9");
        vm.expectRevert(refusal);
        a.router.registerCounterparty("client-9", _end("client-1"));
        vm.expectRevert(refusal);
        a.router.updateClient("client-9", "");
        vm.expectRevert(refusal);
        a.router.submitMisbehaviour("client-9", "");
        vm.expectRevert(refusal);
        a.router.getClient("client-9");
        vm.expectRevert(refusal);
        a.router.getCounterparty("client-9");
        vm.expectRevert(refusal);
        a.router.getClientCreator("client-9");
        vm.expectRevert(refusal);
        a.router.getClientStatus("client-9");
        vm.expectRevert(refusal);
        a.router.getNextSequenceSend("client-9");
        vm.expectRevert(refusal);
        vm.prank(GOVERNANCE);
        a.router.migrateClient("client-9", _end("client-1"), address(a.client));
    }

    function test_rejects_InvalidCounterparty() public {
        (, string memory id) = _newClient(a.router, b.router);
        CounterpartyInfo memory info = _end("client-1");
        info.merklePrefix = new bytes[](33);
        vm.expectRevert(abi.encodeWithSelector(IClients.InvalidCounterparty.selector, 33));
        a.router.registerCounterparty(id, info);
        info.merklePrefix = new bytes[](0);
        vm.expectRevert(abi.encodeWithSelector(IClients.InvalidCounterparty.selector, 0));
        a.router.registerCounterparty(id, info);
        info.merklePrefix = new bytes[](32);
        a.router.registerCounterparty(id, info);
    }

    function test_rejects_InvalidIdentifier_of_the_other_end() public {
        (, string memory id) = _newClient(a.router, b.router);
        string[4] memory bad = ["", "client0", "client/0", unicode"client-é"];
        for (uint256 i = 0; i < bad.length; ++i) {
            vm.expectRevert(abi.encodeWithSelector(IClients.InvalidIdentifier.selector, bad[i], 8, 64));
            a.router.registerCounterparty(id, _end(bad[i]));
        }
        // An empty id with a prefix is half an other end, not none.
        vm.expectPartialRevert(IClients.InvalidIdentifier.selector);
        a.router.addClient(_end(""), address(a.client));
    }

    function test_rejects_InvalidClient() public {
        address[3] memory bad = [address(0), alice, address(a.router)];
        for (uint256 i = 0; i < bad.length; ++i) {
            vm.expectRevert(abi.encodeWithSelector(IClients.InvalidClient.selector, bad[i]));
            a.router.addClient(_noEnd(), bad[i]);
        }
    }

    function test_governance_chooses_ids() public {
        vm.prank(GOVERNANCE);
        a.router.addClient("08-wasm-0", _end("client-1"), address(a.client));
        vm.assertEq(address(a.router.getClient("08-wasm-0")), address(a.client));
        vm.expectRevert(abi.encodeWithSelector(IClients.ClientExists.selector, "08-wasm-0"));
        vm.prank(GOVERNANCE);
        a.router.addClient("08-wasm-0", _end("client-1"), address(a.client));
    }

    function test_rejects_ReservedIdentifier() public {
        string[2] memory reserved = ["client-12", "channel-0"];
        for (uint256 i = 0; i < reserved.length; ++i) {
            vm.expectRevert(abi.encodeWithSelector(IClients.ReservedIdentifier.selector, reserved[i]));
            vm.prank(GOVERNANCE);
            a.router.addClient(reserved[i], _end("client-1"), address(a.client));
        }
    }

    function test_rejects_NotGovernance() public {
        bytes memory refusal = abi.encodeWithSelector(IGoverned.NotGovernance.selector, alice, authority);
        vm.startPrank(alice);
        vm.expectRevert(refusal);
        a.router.addClient("08-wasm-0", _end("client-1"), address(a.client));
        vm.expectRevert(refusal);
        a.router.migrateClient(a.clientId, _end("client-1"), address(a.client));
        vm.stopPrank();
    }

    function test_migration_replaces_contract_and_other_end() public {
        MirrorClient next = new MirrorClient();
        next.setStatus(ClientStatus.Expired);
        vm.expectEmit(address(a.router));
        emit IClients.ICS02ClientMigrated(a.clientId, _end("client-3"), address(next));
        vm.prank(GOVERNANCE);
        a.router.migrateClient(a.clientId, _end("client-3"), address(next));
        vm.assertEq(address(a.router.getClient(a.clientId)), address(next));
        vm.assertEq(a.router.getCounterparty(a.clientId).clientId, "client-3");
        vm.assertTrue(a.router.getClientStatus(a.clientId) == ClientStatus.Expired);
    }

    function test_update_and_evidence_reach_the_client() public {
        a.client.setNextResult(UpdateResult.NoOp);
        vm.expectEmit(address(a.router));
        emit IClients.ICS02ClientUpdated(a.clientId, UpdateResult.NoOp);
        vm.prank(relayer);
        vm.assertTrue(a.router.updateClient(a.clientId, "update") == UpdateResult.NoOp);
        vm.assertEq(a.client.lastUpdate(), "update");
        vm.expectEmit(address(a.router));
        emit IClients.ICS02MisbehaviourSubmitted(a.clientId);
        vm.prank(relayer);
        a.router.submitMisbehaviour(a.clientId, "evidence");
        vm.assertTrue(a.router.getClientStatus(a.clientId) == ClientStatus.Frozen);
    }

    function test_client_that_does_not_tell_its_status_counts_as_active() public {
        string memory id = a.router.addClient(_noEnd(), address(token));
        vm.assertTrue(a.router.getClientStatus(id) == ClientStatus.Active);
    }

    function test_rejects_InvalidGovernance() public {
        address[2] memory bad = [address(0), alice];
        for (uint256 i = 0; i < bad.length; ++i) {
            bytes memory arguments = abi.encode(bad[i], alice, InitialPort("transfer", alice));
            bytes memory code = bytes.concat(vm.getCode("Router.sol:Router"), arguments);
            vm.expectRevert(abi.encodeWithSelector(IGoverned.InvalidGovernance.selector, bad[i]));
            new Creator(code);
        }
    }
}

/// @notice Passes on what a constructor reverts with.
contract Creator {
    constructor(bytes memory code) {
        assembly {
            if iszero(create(0, add(code, 32), mload(code))) {
                returndatacopy(0, 0, returndatasize())
                revert(0, returndatasize())
            }
        }
    }
}
