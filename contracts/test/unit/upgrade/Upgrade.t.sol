// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IGoverned, IUpgradeable} from "../../../src/interfaces/IGoverned.sol";
import {IRouter} from "../../../src/interfaces/IRouter.sol";
import {ITransfer} from "../../../src/interfaces/ITransfer.sol";
import {Packet} from "../../../src/interfaces/Messages.sol";
import {Contracts, InitialPort} from "../../support/world/Founder.sol";
import {Chain} from "../../support/world/World.sol";
import {INext, UpgradeWorld} from "./UpgradeWorld.sol";

/// @notice T-34: an upgrade of a bridge in full use changes nothing that can be seen, and what was on its way arrives.
/// T-33: nothing can be initialized twice, or by somebody else, or wrongly.
contract UpgradeTest is UpgradeWorld {
    Contracts private _made;
    INext private _router;
    INext private _transfer;

    function setUp() public override {
        super.setUp();
        _made = made[0];
        (_router, _transfer) = (INext(address(a.router)), INext(address(a.transfer)));
    }

    function test_t34_upgrade_changes_nothing_that_can_be_seen() public {
        _live();
        bytes32[] memory before = _observe();
        (address routerCode, address transferCode) = _next(_made);
        vm.startPrank(GOVERNANCE);
        _router.upgradeToAndCall(routerCode, abi.encodeCall(INext.initializeNext, (7)));
        _transfer.upgradeToAndCall(transferCode, abi.encodeCall(INext.initializeNext, (8)));
        vm.stopPrank();
        vm.assertEq(_router.added(), 7);
        vm.assertEq(_transfer.added(), 8);
        bytes32[] memory afterwards = _observe();
        vm.assertEq(before.length, afterwards.length);
        for (uint256 i = 0; i < before.length; ++i) {
            vm.assertEq(before[i], afterwards[i], vm.toString(i));
        }
    }

    function test_t34_what_was_on_its_way_arrives_after_an_upgrade() public {
        _live();
        (address routerCode, address transferCode) = _next(_made);
        vm.startPrank(GOVERNANCE);
        _router.upgradeToAndCall(routerCode, "");
        _transfer.upgradeToAndCall(transferCode, "");
        vm.stopPrank();

        uint256 bobs = _voucher(b, address(token)).balanceOf(bob);
        _acknowledge(a, _sent(0), _deliver(b, _sent(0)));
        vm.assertEq(_voucher(b, address(token)).balanceOf(bob), bobs + 77);
        uint256 alices = _voucher(a, address(second)).balanceOf(alice);
        _acknowledge(b, _sent(1), _deliver(a, _sent(1)));
        vm.assertEq(_voucher(a, address(second)).balanceOf(alice), alices + 55);
        vm.warp(_sent(2).timeoutTimestamp);
        _timeOut(a, _sent(2));
        vm.assertEq(probeA.timedOut(), 1);
        // What was locked before comes home out of the same escrow.
        Packet memory home = _send(b, bob, address(_voucher(b, address(token))), 700, alice);
        uint256 own = token.balanceOf(alice);
        _acknowledge(b, home, _deliver(a, home));
        vm.assertEq(token.balanceOf(alice), own + 700);
        // And nothing of before can be done again.
        vm.expectEmit(address(a.router));
        emit IRouter.Noop();
        vm.prank(relayer);
        a.router.timeoutPacket(_timeout(_sent(2)));
    }

    function test_t33_nothing_is_initialized_twice() public {
        InitialPort[] memory ports = new InitialPort[](1);
        ports[0] = InitialPort("transfer", address(this));
        address[2] memory routers = [address(_router), _made.routerCode];
        address[2] memory transfers = [address(_transfer), _made.transferCode];
        for (uint256 i = 0; i < 2; ++i) {
            vm.expectRevert(INext.InvalidInitialization.selector);
            INext(routers[i]).initialize(ports);
            vm.expectRevert(INext.InvalidInitialization.selector);
            INext(transfers[i]).initialize();
        }
        (address routerCode,) = _next(_made);
        vm.expectRevert(INext.InvalidInitialization.selector);
        INext(routerCode).initializeNext(1);
        vm.startPrank(GOVERNANCE);
        _router.upgradeToAndCall(routerCode, abi.encodeCall(INext.initializeNext, (7)));
        vm.expectRevert(INext.InvalidInitialization.selector);
        _router.upgradeToAndCall(routerCode, abi.encodeCall(INext.initializeNext, (9)));
        vm.stopPrank();
        vm.expectRevert(INext.InvalidInitialization.selector);
        _router.initializeNext(9);
        vm.assertEq(_router.added(), 7);
    }

    /// @dev A start that fails takes the upgrade with it.
    function test_t33_wrong_initializer_undoes_the_upgrade() public {
        (address routerCode,) = _next(_made);
        vm.startPrank(GOVERNANCE);
        vm.expectRevert();
        _router.upgradeToAndCall(routerCode, "no such function");
        InitialPort[] memory ports = new InitialPort[](0);
        vm.expectRevert(INext.InvalidInitialization.selector);
        _router.upgradeToAndCall(routerCode, abi.encodeWithSignature("initialize((string,address)[])", ports));
        vm.stopPrank();
        vm.expectRevert();
        _router.added();
    }

    function test_t33_rejects_WrongFirstPort() public {
        bytes memory start = abi.encodeWithSignature("initialize((string,address)[])", new InitialPort[](0));
        bytes memory reason = abi.encodeWithSelector(IRouter.WrongFirstPort.selector, address(_transfer), address(0));
        vm.expectRevert(reason);
        this.proxy(_made.routerCode, start);
        InitialPort[] memory ports = new InitialPort[](1);
        ports[0] = InitialPort("transfer", address(token));
        start = abi.encodeWithSignature("initialize((string,address)[])", ports);
        vm.expectRevert(abi.encodeWithSelector(IRouter.WrongFirstPort.selector, address(_transfer), address(token)));
        this.proxy(_made.routerCode, start);
    }

    /// @dev Vouchers and escrows obey the proxy they were made for.
    function test_t33_rejects_WrongOwner() public {
        vm.expectPartialRevert(ITransfer.WrongOwner.selector);
        this.proxy(_made.transferCode, abi.encodeWithSignature("initialize()"));
    }

    function test_rejects_upgrade_by_anyone_but_governance() public {
        (address routerCode, address transferCode) = _next(_made);
        address[5] memory others = [alice, relayer, address(this), address(a.transfer), address(probeA)];
        for (uint256 i = 0; i < others.length; ++i) {
            bytes memory reason = abi.encodeWithSelector(IGoverned.NotGovernance.selector, others[i], authority);
            vm.startPrank(others[i]);
            vm.expectRevert(reason);
            _router.upgradeToAndCall(routerCode, "");
            vm.expectRevert(reason);
            _transfer.upgradeToAndCall(transferCode, "");
            vm.stopPrank();
        }
        // Nor through several calls in one, nor at the code itself.
        bytes[] memory calls = new bytes[](1);
        calls[0] = abi.encodeCall(INext.upgradeToAndCall, (routerCode, ""));
        vm.expectRevert(abi.encodeWithSelector(IGoverned.NotGovernance.selector, address(this), authority));
        a.router.multicall(calls);
        vm.expectRevert(INext.UUPSUnauthorizedCallContext.selector);
        vm.prank(GOVERNANCE);
        INext(_made.routerCode).upgradeToAndCall(routerCode, "");
    }

    /// @dev An upgrade that would lose the authority, the escrows, the vouchers or the first port.
    function test_rejects_WrongConstants() public {
        Contracts memory other = made[1];
        address foreign = _authority(alice);
        bytes[4] memory wrong = [
            abi.encode(foreign, _made.router, _made.voucher, _made.escrows, _made.guardians),
            abi.encode(authority, _made.router, other.voucher, _made.escrows, _made.guardians),
            abi.encode(authority, _made.router, _made.voucher, other.escrows, _made.guardians),
            abi.encode(authority, _made.router, _made.voucher, _made.escrows, other.guardians)
        ];
        vm.startPrank(GOVERNANCE);
        for (uint256 i = 0; i < wrong.length; ++i) {
            address code = _transferCode("Transfer.sol:Transfer", wrong[i]);
            vm.expectPartialRevert(IUpgradeable.WrongConstants.selector);
            _transfer.upgradeToAndCall(code, "");
        }
        address wrongRouter = _routerCode(foreign, _made.transfer);
        vm.expectPartialRevert(IUpgradeable.WrongConstants.selector);
        _router.upgradeToAndCall(wrongRouter, "");
        wrongRouter = _routerCode(authority, other.transfer);
        vm.expectPartialRevert(IUpgradeable.WrongConstants.selector);
        _router.upgradeToAndCall(wrongRouter, "");
        // A contract that is no implementation at all.
        vm.expectRevert();
        _router.upgradeToAndCall(address(token), "");
        vm.stopPrank();
    }

    function _routerCode(address authority_, address first) private returns (address) {
        bytes memory arguments = abi.encode(authority_, _made.guardians, InitialPort("transfer", first));
        return _create("Router.sol:Router", arguments);
    }

    /// @dev Reverts with the constructor's own reason.
    function proxy(address code, bytes calldata start) external {
        bytes memory creation = bytes.concat(vm.getCode("artifacts/ERC1967Proxy.json"), abi.encode(code, start));
        assembly ("memory-safe") {
            if iszero(create(0, add(creation, 32), mload(creation))) {
                returndatacopy(0, 0, returndatasize())
                revert(0, returndatasize())
            }
        }
    }
}
