// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ICall} from "../../../src/interfaces/ICall.sol";
import {IGoverned, IUpgradeable} from "../../../src/interfaces/IGoverned.sol";
import {Callee} from "../../support/world/Callee.sol";
import {CallWorld} from "./CallWorld.sol";

/// @notice The part of a proxy that governance uses.
interface IUpgrades {
    function upgradeToAndCall(address next, bytes calldata data) external;
    function initialize(address[] calldata targets) external;
}

/// @notice The code of the call application is replaced; its accounts, limits and protected contracts stay.
contract CallUpgradeTest is CallWorld {
    address private _original;

    /// @dev The account of alice, which chain B's application made a clone of its original.
    function setUp() public override {
        super.setUp();
        _deliver(b, _sendCall(address(callee), abi.encodeCall(Callee.add, (1))));
        // The address that a clone's code names.
        bytes memory code = callee.caller().code;
        address original;
        assembly ("memory-safe") {
            original := shr(96, mload(add(code, 42)))
        }
        _original = original;
    }

    function test_accounts_limits_and_protection_survive_an_upgrade() public {
        address account = callee.caller();
        uint256 available = callB.availableCalls(b.clientId);
        address next = _code(b, _original);
        vm.prank(GOVERNANCE);
        IUpgrades(address(callB)).upgradeToAndCall(next, "");

        vm.assertEq(callB.availableCalls(b.clientId), available);
        vm.assertTrue(callB.isProtected(TIMELOCK));
        vm.assertTrue(callB.isProtected(_original));
        _deliver(b, _sendCall(address(callee), abi.encodeCall(Callee.add, (1))));
        vm.assertEq(callee.caller(), account);
        vm.assertEq(callee.calls(), 2);
    }

    function test_rejects_WrongConstants() public {
        address next = _code(b, address(callee));
        bytes32 expected = IUpgradeable(address(callB)).constants();
        bytes32 found = IUpgradeable(next).constants();
        vm.expectRevert(abi.encodeWithSelector(IUpgradeable.WrongConstants.selector, expected, found));
        vm.prank(GOVERNANCE);
        IUpgrades(address(callB)).upgradeToAndCall(next, "");
    }

    function test_t42_rejects_NotGovernance() public {
        address next = _code(b, _original);
        vm.expectRevert(abi.encodeWithSelector(IGoverned.NotGovernance.selector, alice, authority));
        vm.prank(alice);
        IUpgrades(address(callB)).upgradeToAndCall(next, "");
    }

    function test_nobody_initializes_again_or_the_code_itself() public {
        bytes memory initialized = abi.encodeWithSignature("InvalidInitialization()");
        vm.expectRevert(initialized);
        IUpgrades(address(callB)).initialize(new address[](0));
        address code = _code(b, _original);
        vm.expectRevert(initialized);
        IUpgrades(code).initialize(new address[](0));
    }

    /// @dev Accounts that obey somebody else would be nobody's.
    function test_rejects_WrongAccounts() public {
        address code = _code(b, _original);
        bytes memory start = abi.encodeCall(IUpgrades.initialize, (new address[](0)));
        address proxy = vm.computeCreateAddress(address(this), vm.getNonce(address(this)));
        bytes memory expected = abi.encodeWithSelector(ICall.WrongAccounts.selector, proxy, callB);
        bytes memory creation = bytes.concat(vm.getCode("artifacts/ERC1967Proxy.json"), abi.encode(code, start));
        address made;
        bytes memory reason;
        assembly ("memory-safe") {
            made := create(0, add(creation, 32), mload(creation))
            reason := mload(0x40)
            mstore(reason, returndatasize())
            returndatacopy(add(reason, 32), 0, returndatasize())
            mstore(0x40, add(add(reason, 64), returndatasize()))
        }
        vm.assertEq(made, address(0));
        vm.assertEq(reason, expected);
    }

    function test_constants_tell_deployments_apart() public {
        address other = _code(a, _original);
        bytes32 found = IUpgradeable(other).constants();
        vm.assertTrue(found != IUpgradeable(address(callB)).constants());
        vm.assertEq(callB.ics26(), address(b.router));
    }

    /// @dev Senders keep what they have in accounts: tokens of every kind.
    function test_accounts_hold_tokens() public {
        address account = callee.caller();
        (bool accepted, bytes memory answer) = account.call(
            abi.encodeWithSignature("onERC721Received(address,address,uint256,bytes)", alice, alice, 1, bytes(""))
        );
        vm.assertTrue(accepted && bytes4(answer) == bytes4(0x150b7a02));
        token.mint(account, 5);
        bytes memory move = abi.encodeWithSignature("transfer(address,uint256)", bob, 5);
        _deliver(b, _sendCall(address(token), move));
        vm.assertEq(token.balanceOf(bob), 5);
        // Ether would be stuck there.
        (accepted,) = account.call{value: 1}("");
        vm.assertFalse(accepted);
    }
}
