// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Log} from "../test/support/Vm.sol";
import {Deployment, Plan, Role, Roles} from "./Plan.sol";
import {IAuthority, Proof} from "./Proof.sol";

/// @notice A port that a router has from the start; see `Ports.InitialPort`.
struct InitialPort {
    string portId;
    address app;
}

/// @title Deploy
/// @notice Deploys governance, the two applications and the router from the checked-in artifacts, and reverts
/// unless nobody ends up with a power that the plan does not name: the deployer has none.
///
///   forge script script/Deploy.s.sol --sig "run(string)" script/plan.json --rpc-url URL --broadcast
///
/// The addresses are printed and written to broadcast/weighbridge-CHAINID.json. Light clients are created afterwards,
/// by anybody: `relayer client create`.
///
/// @dev Contracts name each other in their code, by addresses that follow from the order of creation; proxies are
/// initialized by their own constructors. The only privileged moment is the deployer's at the authority, which ends in
/// the transaction that hands it to the timelock.
contract Deploy is Proof {
    /// @notice The plan has nobody who could govern, or no time to react.
    error UnsafePlan(uint256 proposers, uint256 executors, uint256 minDelaySeconds);
    /// @notice An address in the plan is zero, which a timelock would take for "anybody".
    error ZeroAddress();
    /// @notice The plan gives power to a plain key. Remedy: name a contract of several owners; on a test network, say
    /// `keysAllowed`.
    error KeyInPlan(address account);
    /// @notice A constructor reverted.
    error CreationFailed(string artifact);

    /// @dev How many contracts are created before those that others name.
    uint256 private constant BEFORE_TRANSFER = 8;
    uint256 private constant BEFORE_CALL = 11;
    uint256 private constant BEFORE_ROUTER = 13;

    /// @notice Deploys by the data file at `path`, relative to this project.
    function run(string calldata path) external returns (Deployment memory deployed) {
        Plan memory plan = readPlan(vm.readFile(path));
        vm.recordLogs();
        vm.startBroadcast();
        (, address deployer,) = vm.readCallers();
        deployed = deploy(plan, deployer);
        vm.stopBroadcast();
        prove(plan, deployed, deployer, vm.getRecordedLogs());
        _write(deployed);
    }

    /// @notice Reads and checks a plan.
    function readPlan(string memory json) public view returns (Plan memory plan) {
        plan.minDelaySeconds = vm.parseJsonUint(json, ".minDelaySeconds");
        plan.proposers = vm.parseJsonAddressArray(json, ".proposers");
        plan.executors = vm.parseJsonAddressArray(json, ".executors");
        plan.limitLowerers = vm.parseJsonAddressArray(json, ".limitLowerers");
        plan.keysAllowed = vm.parseJsonBool(json, ".keysAllowed");
        bool safe = plan.proposers.length != 0 && plan.executors.length != 0 && plan.minDelaySeconds != 0;
        require(safe, UnsafePlan(plan.proposers.length, plan.executors.length, plan.minDelaySeconds));
        _checkAccounts(plan.proposers, plan.keysAllowed);
        _checkAccounts(plan.executors, plan.keysAllowed);
        _checkAccounts(plan.limitLowerers, plan.keysAllowed);
        plan.guardians = vm.parseJsonAddressArray(json, ".guardians");
        plan.smallQuorum = vm.parseJsonUint(json, ".smallQuorum");
        plan.largeQuorum = vm.parseJsonUint(json, ".largeQuorum");
    }

    /// @notice Deploys. The creations must be the deployer's next transactions.
    function deploy(Plan memory plan, address deployer) public returns (Deployment memory deployed) {
        uint256 nonce = vm.getNonce(deployer);
        deployed.transfer = vm.computeCreateAddress(deployer, nonce + BEFORE_TRANSFER);
        deployed.call = vm.computeCreateAddress(deployer, nonce + BEFORE_CALL);
        deployed.router = vm.computeCreateAddress(deployer, nonce + BEFORE_ROUTER);
        // The last argument would be an administrator beside the timelock itself: there is none.
        deployed.timelock =
            _create("TimelockController", abi.encode(plan.minDelaySeconds, plan.proposers, plan.executors, address(0)));
        deployed.authority = _create("AccessManager", abi.encode(deployer));
        _createGuardians(plan, deployed);
        _createTransfer(deployed);
        _createCall(deployed);
        _createRouter(deployed);
        _handOver(IAuthority(deployed.authority), Roles.table(plan, deployed), deployer);
    }

    /// @dev A set that is not safe to use is refused by the constructor.
    function _createGuardians(Plan memory plan, Deployment memory deployed) private {
        bytes memory set = abi.encode(
            deployed.authority, deployed.router, deployed.transfer, plan.guardians, plan.smallQuorum, plan.largeQuorum
        );
        deployed.guardians = _create("Guardians", set);
    }

    function _createTransfer(Deployment memory deployed) private {
        deployed.voucher = _create("Voucher", abi.encode(deployed.transfer));
        deployed.escrows = _create("Escrows", abi.encode(deployed.transfer));
        // The parts of `TransferState`.
        bytes memory parts =
            abi.encode(deployed.authority, deployed.router, deployed.voucher, deployed.escrows, deployed.guardians);
        deployed.limitDesk = _create("LimitDesk", parts);
        deployed.transferDesk = _create("TransferDesk", bytes.concat(parts, abi.encode(deployed.limitDesk)));
        deployed.transferCode = _create("Transfer", bytes.concat(parts, abi.encode(deployed.transferDesk)));
        _same(_proxy(deployed.transferCode, abi.encodeWithSignature("initialize()")), deployed.transfer);
    }

    function _createCall(Deployment memory deployed) private {
        deployed.accountCode = _create("Account", abi.encode(deployed.call));
        deployed.callCode =
            _create("Call", abi.encode(deployed.authority, deployed.router, deployed.transfer, deployed.accountCode));
        // What the application does not know by itself to be part of the bridge.
        address[] memory targets = new address[](2);
        (targets[0], targets[1]) = (deployed.timelock, deployed.guardians);
        _same(_proxy(deployed.callCode, abi.encodeWithSignature("initialize(address[])", targets)), deployed.call);
    }

    function _createRouter(Deployment memory deployed) private {
        InitialPort[] memory ports = new InitialPort[](2);
        ports[0] = InitialPort("transfer", deployed.transfer);
        ports[1] = InitialPort("gmpport", deployed.call);
        deployed.routerCode = _create("Router", abi.encode(deployed.authority, deployed.guardians, ports[0]));
        bytes memory start = abi.encodeWithSignature("initialize((string,address)[])", ports);
        _same(_proxy(deployed.routerCode, start), deployed.router);
    }

    /// @dev One transaction: there is no moment in which it is done by half.
    function _handOver(IAuthority authority, Role[] memory roles, address deployer) private {
        uint256 count = 1;
        for (uint256 i = 0; i < roles.length; ++i) {
            count += 2 + roles[i].holders.length;
        }
        bytes[] memory calls = new bytes[](count);
        uint256 next = 0;
        for (uint256 i = 0; i < roles.length; ++i) {
            Role memory role = roles[i];
            // The administrator's role has its name already, and every function that no other role has.
            if (role.id != Roles.ADMIN) {
                calls[next++] = abi.encodeCall(IAuthority.labelRole, (role.id, role.label));
                calls[next++] = abi.encodeCall(IAuthority.setTargetFunctionRole, (role.target, role.functions, role.id));
            }
            for (uint256 k = 0; k < role.holders.length; ++k) {
                calls[next++] = abi.encodeCall(IAuthority.grantRole, (role.id, role.holders[k], 0));
            }
        }
        calls[next++] = abi.encodeCall(IAuthority.renounceRole, (Roles.ADMIN, deployer));
        assembly ("memory-safe") {
            mstore(calls, next)
        }
        authority.multicall(calls);
    }

    function _write(Deployment memory deployed) private {
        vm.serializeAddress("deployment", "timelock", deployed.timelock);
        vm.serializeAddress("deployment", "authority", deployed.authority);
        vm.serializeAddress("deployment", "guardians", deployed.guardians);
        vm.serializeAddress("deployment", "routerCode", deployed.routerCode);
        vm.serializeAddress("deployment", "transferCode", deployed.transferCode);
        vm.serializeAddress("deployment", "transferDesk", deployed.transferDesk);
        vm.serializeAddress("deployment", "limitDesk", deployed.limitDesk);
        vm.serializeAddress("deployment", "call", deployed.call);
        vm.serializeAddress("deployment", "callCode", deployed.callCode);
        vm.serializeAddress("deployment", "accountCode", deployed.accountCode);
        vm.serializeAddress("deployment", "voucher", deployed.voucher);
        vm.serializeAddress("deployment", "escrows", deployed.escrows);
        vm.serializeAddress("deployment", "transfer", deployed.transfer);
        string memory text = vm.serializeAddress("deployment", "router", deployed.router);
        vm.createDir("broadcast", true);
        vm.writeFile(string.concat("broadcast/weighbridge-", vm.toString(block.chainid), ".json"), text);
    }

    function _proxy(address code, bytes memory start) private returns (address) {
        return _create("ERC1967Proxy", abi.encode(code, start));
    }

    function _create(string memory contractName, bytes memory arguments) private returns (address deployed) {
        string memory artifact = string.concat("artifacts/", contractName, ".json");
        bytes memory code = bytes.concat(vm.getCode(artifact), arguments);
        // Solidity can only create contracts that it compiles itself.
        assembly ("memory-safe") {
            deployed := create(0, add(code, 32), mload(code))
        }
        require(deployed != address(0), CreationFailed(artifact));
    }

    function _checkAccounts(address[] memory accounts, bool keysAllowed) private view {
        for (uint256 i = 0; i < accounts.length; ++i) {
            require(accounts[i] != address(0), ZeroAddress());
            require(keysAllowed || accounts[i].code.length != 0, KeyInPlan(accounts[i]));
        }
    }
}
