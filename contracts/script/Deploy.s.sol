// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IRouter} from "../src/interfaces/IRouter.sol";
import {ITransfer} from "../src/interfaces/ITransfer.sol";
import {Vm} from "../test/support/Vm.sol";

/// @notice The part of OpenZeppelin's timelock that a deployment looks at.
interface ITimelock {
    function getMinDelay() external view returns (uint256);
    function hasRole(bytes32 role, address account) external view returns (bool);
}

/// @notice A port that a router has from the start; see `Ports.InitialPort`.
struct InitialPort {
    string portId;
    address app;
}

/// @notice Who will govern.
/// @param minDelaySeconds What every decision waits at least, in seconds.
/// @param proposers Who may propose and cancel.
/// @param executors Who may execute what has waited.
struct Plan {
    uint256 minDelaySeconds;
    address[] proposers;
    address[] executors;
}

/// @notice What was deployed.
struct Deployment {
    address timelock;
    address router;
    address transfer;
}

/// @title Deploy
/// @notice Deploys timelock, transfer application and router from the checked-in artifacts, and reverts unless the
/// deployer ends up with no power over any of them.
///
///   forge script script/Deploy.s.sol --sig "run(string)" script/plan.json --rpc-url URL --broadcast
///
/// The addresses are printed and written to broadcast/weighbridge-CHAINID.json. Light clients are created afterwards,
/// by anybody: `relayer client create`.
///
/// @dev No step needs a privileged moment: the transfer application is deployed first, for the address that the router
/// will have, and the router knows it from its constructor on.
contract Deploy {
    /// @notice The plan has nobody who could govern, or no time to react.
    error UnsafePlan(uint256 proposers, uint256 executors, uint256 minDelaySeconds);
    /// @notice An address in the plan is zero, which a timelock would take for "anybody".
    error ZeroAddress();
    /// @notice The deployer holds a role of the timelock.
    error DeployerHasPower(address deployer, bytes32 role);
    /// @notice A constructor reverted.
    error CreationFailed(string artifact);
    /// @notice A deployed contract is not wired as planned.
    error WrongWiring(address expected, address found);

    Vm private constant vm = Vm(address(uint160(uint256(keccak256("hevm cheat code")))));

    bytes32 private constant ADMIN = 0x00;
    bytes32 private constant PROPOSER = keccak256("PROPOSER_ROLE");
    bytes32 private constant CANCELLER = keccak256("CANCELLER_ROLE");
    bytes32 private constant EXECUTOR = keccak256("EXECUTOR_ROLE");

    /// @notice Deploys by the data file at `path`, relative to this project.
    function run(string calldata path) external returns (Deployment memory deployed) {
        Plan memory plan = readPlan(vm.readFile(path));
        vm.startBroadcast();
        (, address deployer,) = vm.readCallers();
        deployed = deploy(plan, deployer);
        vm.stopBroadcast();
        prove(plan, deployed, deployer);
        _write(deployed);
    }

    /// @notice Reads and checks a plan.
    function readPlan(string memory json) public pure returns (Plan memory plan) {
        plan.minDelaySeconds = vm.parseJsonUint(json, ".minDelaySeconds");
        plan.proposers = vm.parseJsonAddressArray(json, ".proposers");
        plan.executors = vm.parseJsonAddressArray(json, ".executors");
        bool safe = plan.proposers.length != 0 && plan.executors.length != 0 && plan.minDelaySeconds != 0;
        require(safe, UnsafePlan(plan.proposers.length, plan.executors.length, plan.minDelaySeconds));
        _checkNoZero(plan.proposers);
        _checkNoZero(plan.executors);
    }

    /// @notice Deploys. The three creations must be the deployer's next three transactions.
    function deploy(Plan memory plan, address deployer) public returns (Deployment memory deployed) {
        address router = vm.computeCreateAddress(deployer, vm.getNonce(deployer) + 2);
        // The last argument would be an administrator beside the timelock itself: there is none.
        deployed.timelock = _create(
            "artifacts/TimelockController.json",
            abi.encode(plan.minDelaySeconds, plan.proposers, plan.executors, address(0))
        );
        deployed.transfer = _create("artifacts/Transfer.json", abi.encode(router));
        InitialPort[] memory ports = new InitialPort[](1);
        ports[0] = InitialPort("transfer", deployed.transfer);
        deployed.router = _create("artifacts/Router.json", abi.encode(deployed.timelock, ports));
    }

    /// @notice Reverts unless everything is wired as planned and the deployer owns nothing.
    function prove(Plan memory plan, Deployment memory deployed, address deployer) public view {
        _same(ITransfer(deployed.transfer).ics26(), deployed.router);
        _same(IRouter(deployed.router).governance(), deployed.timelock);
        _same(address(IRouter(deployed.router).getIBCApp("transfer")), deployed.transfer);

        ITimelock timelock = ITimelock(deployed.timelock);
        uint256 delay = timelock.getMinDelay();
        require(delay == plan.minDelaySeconds, UnsafePlan(plan.proposers.length, plan.executors.length, delay));
        bytes32[4] memory roles = [ADMIN, PROPOSER, CANCELLER, EXECUTOR];
        for (uint256 i = 0; i < roles.length; ++i) {
            require(!timelock.hasRole(roles[i], deployer), DeployerHasPower(deployer, roles[i]));
        }
    }

    function _write(Deployment memory deployed) private {
        vm.serializeAddress("deployment", "timelock", deployed.timelock);
        vm.serializeAddress("deployment", "transfer", deployed.transfer);
        string memory text = vm.serializeAddress("deployment", "router", deployed.router);
        vm.createDir("broadcast", true);
        vm.writeFile(string.concat("broadcast/weighbridge-", vm.toString(block.chainid), ".json"), text);
    }

    function _create(string memory artifact, bytes memory arguments) private returns (address deployed) {
        bytes memory code = bytes.concat(vm.getCode(artifact), arguments);
        // Solidity can only create contracts that it compiles itself.
        assembly ("memory-safe") {
            deployed := create(0, add(code, 32), mload(code))
        }
        require(deployed != address(0), CreationFailed(artifact));
    }

    function _same(address found, address expected) private pure {
        require(found == expected, WrongWiring(expected, found));
    }

    function _checkNoZero(address[] memory accounts) private pure {
        for (uint256 i = 0; i < accounts.length; ++i) {
            require(accounts[i] != address(0), ZeroAddress());
        }
    }
}
