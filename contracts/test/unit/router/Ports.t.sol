// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IGoverned} from "../../../src/interfaces/IGoverned.sol";
import {IClients, IRouter} from "../../../src/interfaces/IRouter.sol";
import {InitialPort} from "../../support/world/Founder.sol";
import {Probe} from "../../support/world/Probe.sol";
import {World} from "../../support/world/World.sol";

/// @notice An application behind a proxy, which asks for a little gas until it is initialized.
contract Latecomer {
    uint64 public callbackGas = 1;

    function initialize(uint64 gasAmount) external {
        callbackGas = gasAmount;
    }
}

/// @notice The rules of ports.
contract PortsTest is World {
    function test_anybody_registers_an_application_under_its_address() public {
        Probe probe = new Probe(a.router, 1);
        string memory port = _hex(address(probe));
        vm.expectEmit(address(a.router));
        emit IRouter.IBCAppAdded(port, address(probe));
        vm.prank(alice);
        a.router.addIBCApp(address(probe));
        vm.assertEq(address(a.router.getIBCApp(port)), address(probe));
        vm.assertEq(a.router.getCallbackGas(port), 1);
    }

    function test_transfer_is_there_from_the_start() public view {
        vm.assertEq(address(a.router.getIBCApp("transfer")), address(a.transfer));
        vm.assertEq(a.router.getCallbackGas("transfer"), 1_000_000);
    }

    function test_application_that_asks_for_nothing_gets_the_default() public {
        a.router.addIBCApp(address(token));
        vm.assertEq(a.router.getCallbackGas(_hex(address(token))), 500_000);
    }

    function test_rejects_NotGovernance() public {
        vm.expectRevert(abi.encodeWithSelector(IGoverned.NotGovernance.selector, alice, authority));
        vm.prank(alice);
        a.router.addIBCApp("probe", address(token));
    }

    function test_rejects_PortTaken() public {
        vm.expectRevert(abi.encodeWithSelector(IRouter.PortTaken.selector, "transfer", address(a.transfer)));
        vm.prank(GOVERNANCE);
        a.router.addIBCApp("transfer", address(token));
        a.router.addIBCApp(address(token));
        vm.expectRevert(abi.encodeWithSelector(IRouter.PortTaken.selector, _hex(address(token)), address(token)));
        a.router.addIBCApp(address(token));
    }

    /// @dev Whoever was quicker than an application's initialization has fixed nothing: it has its wishes read again.
    function test_application_has_what_it_declares_read_again() public {
        Latecomer late = new Latecomer();
        string memory port = _hex(address(late));
        vm.prank(bob);
        a.router.addIBCApp(address(late));
        vm.assertEq(a.router.getCallbackGas(port), 1);
        late.initialize(700_000);
        vm.prank(bob);
        vm.expectRevert(abi.encodeWithSelector(IRouter.PortTaken.selector, port, address(late)));
        a.router.addIBCApp(address(late));
        vm.assertEq(a.router.getCallbackGas(port), 1);
        vm.prank(address(late));
        a.router.addIBCApp(address(late));
        vm.assertEq(a.router.getCallbackGas(port), 700_000);
    }

    function test_rejects_ReservedPort() public {
        string[2] memory ports = [_hex(address(token)), "0Xabc"];
        for (uint256 i = 0; i < ports.length; ++i) {
            vm.expectRevert(abi.encodeWithSelector(IRouter.ReservedPort.selector, ports[i]));
            vm.prank(GOVERNANCE);
            a.router.addIBCApp(ports[i], address(token));
        }
    }

    function test_rejects_InvalidIdentifier() public {
        string[3] memory ports = ["p", "a/b", string(new bytes(129))];
        for (uint256 i = 0; i < ports.length; ++i) {
            vm.expectRevert(abi.encodeWithSelector(IClients.InvalidIdentifier.selector, ports[i], 2, 128));
            vm.prank(GOVERNANCE);
            a.router.addIBCApp(ports[i], address(token));
        }
    }

    function test_rejects_InvalidApplication() public {
        address[3] memory bad = [address(0), alice, address(a.router)];
        for (uint256 i = 0; i < bad.length; ++i) {
            vm.expectRevert(abi.encodeWithSelector(IRouter.InvalidApplication.selector, bad[i]));
            a.router.addIBCApp(bad[i]);
        }
    }

    function test_rejects_InvalidCallbackGas() public {
        uint64 most = a.router.CALLBACK_GAS_MAX();
        uint64[2] memory bad = [0, most + 1];
        for (uint256 i = 0; i < bad.length; ++i) {
            address probe = address(new Probe(a.router, bad[i]));
            vm.expectRevert(abi.encodeWithSelector(IRouter.InvalidCallbackGas.selector, bad[i], most));
            a.router.addIBCApp(probe);
        }
        a.router.addIBCApp(address(new Probe(a.router, most)));
    }

    /// @dev Code alone, where nothing is stored, knows the port that it was created for, and none if it was for none.
    function test_code_knows_its_first_port_by_itself() public {
        Probe probe = new Probe(a.router, 7);
        IRouter code = _code(InitialPort("probe", address(probe)));
        vm.assertEq(address(code.getIBCApp("probe")), address(probe));
        vm.assertEq(code.getCallbackGas("probe"), 7);
        code = _code(InitialPort("probe", address(0)));
        vm.expectRevert(abi.encodeWithSelector(IRouter.UnknownPort.selector, "probe"));
        code.getIBCApp("probe");
    }

    function test_rejects_UnknownPort() public {
        vm.expectRevert(abi.encodeWithSelector(IRouter.UnknownPort.selector, "nobody"));
        a.router.getIBCApp("nobody");
        vm.expectRevert(abi.encodeWithSelector(IRouter.UnknownPort.selector, "nobody"));
        a.router.getCallbackGas("nobody");
    }

    function _code(InitialPort memory first) private returns (IRouter) {
        return IRouter(_create("Router.sol:Router", abi.encode(authority, a.router.guardians(), first)));
    }
}
