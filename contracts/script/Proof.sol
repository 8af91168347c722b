// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ICall} from "../src/interfaces/ICall.sol";
import {IGoverned} from "../src/interfaces/IGoverned.sol";
import {IGuardians} from "../src/interfaces/IGuardians.sol";
import {IHaltable} from "../src/interfaces/IHaltable.sol";
import {IRouter} from "../src/interfaces/IRouter.sol";
import {ITransfer} from "../src/interfaces/ITransfer.sol";
import {Log, Vm} from "../test/support/Vm.sol";
import {Deployment, Plan, Role, Roles} from "./Plan.sol";

/// @notice The part of OpenZeppelin's timelock that a proof looks at.
interface ITimelock {
    event RoleGranted(bytes32 indexed role, address indexed account, address indexed sender);

    function getMinDelay() external view returns (uint256);
    function hasRole(bytes32 role, address account) external view returns (bool);
}

/// @notice The part of OpenZeppelin's access manager that a deployment uses.
interface IAuthority {
    event RoleGranted(uint64 indexed roleId, address indexed account, uint32 delay, uint48 since, bool newMember);
    event TargetFunctionRoleUpdated(address indexed target, bytes4 selector, uint64 indexed roleId);

    function multicall(bytes[] calldata calls) external returns (bytes[] memory);
    function labelRole(uint64 roleId, string calldata label) external;
    function grantRole(uint64 roleId, address account, uint32 executionDelay) external;
    function renounceRole(uint64 roleId, address callerConfirmation) external;
    function setTargetFunctionRole(address target, bytes4[] calldata selectors, uint64 roleId) external;
    function hasRole(uint64 roleId, address account) external view returns (bool isMember, uint32 executionDelay);
    function getRoleAdmin(uint64 roleId) external view returns (uint64);
    function getRoleGuardian(uint64 roleId) external view returns (uint64);
    function getTargetFunctionRole(address target, bytes4 selector) external view returns (uint64);
}

/// @title Proof
/// @notice Decides whether a deployment is what its plan says, and nobody holds more power than it says. It must never
/// take the absence of evidence for that: members of a role cannot be listed on chain, so it reads every grant since
/// the first creation.
abstract contract Proof {
    /// @notice The deployer holds a role of the timelock or of the authority, planned or not.
    error DeployerHasPower(address deployer, bytes32 role);
    /// @notice Somebody was given a role, or a role a function, that is not in the plan.
    error PowerNotPlanned(address contractAddress, bytes32 role, address account);
    /// @notice Somebody lacks a role of the plan.
    error PowerMissing(address contractAddress, bytes32 role, address account);
    /// @notice A deployed contract is not wired as planned.
    error WrongWiring(address expected, address found);
    /// @notice Messages of other chains could call a contract of the bridge.
    error Unprotected(address contractAddress);
    /// @notice A proxy must be initialized once, and an implementation never be.
    error WrongInitialization(address contractAddress, uint256 expected, uint256 found);
    /// @notice The set of guardians is not the planned one.
    error WrongGuardians(bytes32 expected, bytes32 found);
    /// @notice The timelock waits for another time than planned.
    error WrongDelay(uint256 expected, uint256 found);

    Vm internal constant vm = Vm(address(uint160(uint256(keccak256("hevm cheat code")))));

    bytes32 private constant ADMIN = 0x00;
    bytes32 private constant PROPOSER = keccak256("PROPOSER_ROLE");
    bytes32 private constant CANCELLER = keccak256("CANCELLER_ROLE");
    bytes32 private constant EXECUTOR = keccak256("EXECUTOR_ROLE");

    /// @dev ERC-1967: keccak256("eip1967.proxy.implementation") - 1.
    bytes32 private constant IMPLEMENTATION = 0x360894a13ba1a3210667c828492db98dca3e2076cc3735a920a3ca505d382bbc;
    /// @dev ERC-7201: openzeppelin.storage.Initializable.
    bytes32 private constant INITIALIZED = 0xf0c57e16840df040f15088dc2f81fe391c3923bec73e23a9662efc9c229c6a00;

    /// @notice Reverts unless everything is wired as planned and the powers are those of the plan.
    /// @param logs Every event since the first creation.
    function prove(Plan memory plan, Deployment memory deployed, address deployer, Log[] memory logs) public view {
        _proveWiring(deployed);
        _proveGuardians(plan, deployed);
        uint256 delay = ITimelock(deployed.timelock).getMinDelay();
        require(delay == plan.minDelaySeconds, WrongDelay(plan.minDelaySeconds, delay));
        bytes32[4] memory roles = [ADMIN, PROPOSER, CANCELLER, EXECUTOR];
        for (uint256 i = 0; i < roles.length; ++i) {
            bool held = ITimelock(deployed.timelock).hasRole(roles[i], deployer);
            require(!held, DeployerHasPower(deployer, roles[i]));
        }
        Role[] memory table = Roles.table(plan, deployed);
        _proveRoles(table, deployed, deployer);
        for (uint256 i = 0; i < logs.length; ++i) {
            if (logs[i].emitter == deployed.timelock) _proveTimelockGrant(plan, deployed, logs[i]);
            if (logs[i].emitter == deployed.authority) _proveGrant(table, deployed, deployer, logs[i]);
        }
    }

    function _proveWiring(Deployment memory deployed) private view {
        IRouter router = IRouter(deployed.router);
        ITransfer transfer = ITransfer(deployed.transfer);
        _same(transfer.ics26(), deployed.router);
        _same(address(router.getIBCApp("transfer")), deployed.transfer);
        _same(router.authority(), deployed.authority);
        _same(router.governance(), deployed.authority);
        _same(transfer.authority(), deployed.authority);
        _proveCall(deployed, router);
        _proveProxy(deployed.router, deployed.routerCode);
        _proveProxy(deployed.transfer, deployed.transferCode);
    }

    function _proveCall(Deployment memory deployed, IRouter router) private view {
        ICall call = ICall(deployed.call);
        _same(call.ics26(), deployed.router);
        _same(address(router.getIBCApp("gmpport")), deployed.call);
        _same(IGoverned(deployed.call).authority(), deployed.authority);
        address[6] memory bridge = [
            deployed.router,
            deployed.transfer,
            deployed.authority,
            deployed.timelock,
            deployed.guardians,
            deployed.accountCode
        ];
        for (uint256 i = 0; i < bridge.length; ++i) {
            require(call.isProtected(bridge[i]), Unprotected(bridge[i]));
        }
        _proveProxy(deployed.call, deployed.callCode);
    }

    function _proveGuardians(Plan memory plan, Deployment memory deployed) private view {
        IGuardians guardians = IGuardians(deployed.guardians);
        _same(IGoverned(deployed.guardians).authority(), deployed.authority);
        (address router, address transfer) = guardians.targets();
        _same(router, deployed.router);
        _same(transfer, deployed.transfer);
        _same(IRouter(deployed.router).guardians(), deployed.guardians);
        _same(IHaltable(deployed.transfer).guardians(), deployed.guardians);
        (uint64 set, address[] memory list, uint256 small, uint256 large) = guardians.guardianSet();
        bytes32 expected = keccak256(abi.encode(1, plan.guardians, plan.smallQuorum, plan.largeQuorum));
        bytes32 found = keccak256(abi.encode(set, list, small, large));
        require(found == expected, WrongGuardians(expected, found));
    }

    function _proveProxy(address proxy, address code) private view {
        _same(address(uint160(uint256(vm.load(proxy, IMPLEMENTATION)))), code);
        _initialized(proxy, 1);
        _initialized(code, type(uint64).max);
    }

    function _proveRoles(Role[] memory table, Deployment memory deployed, address deployer) private view {
        IAuthority authority = IAuthority(deployed.authority);
        for (uint256 i = 0; i < table.length; ++i) {
            Role memory role = table[i];
            bytes32 name = bytes32(uint256(role.id));
            for (uint256 k = 0; k < role.holders.length; ++k) {
                (bool held, uint32 delay) = authority.hasRole(role.id, role.holders[k]);
                require(held && delay == 0, PowerMissing(deployed.authority, name, role.holders[k]));
            }
            (bool own,) = authority.hasRole(role.id, deployer);
            require(!own, DeployerHasPower(deployer, name));
            bool governed = authority.getRoleAdmin(role.id) == 0 && authority.getRoleGuardian(role.id) == 0;
            require(governed, PowerNotPlanned(deployed.authority, name, address(0)));
            for (uint256 k = 0; k < role.functions.length; ++k) {
                uint64 found = authority.getTargetFunctionRole(role.target, role.functions[k]);
                require(found == role.id, PowerMissing(deployed.authority, name, role.target));
            }
        }
    }

    function _proveTimelockGrant(Plan memory plan, Deployment memory deployed, Log memory log) private pure {
        if (log.topics[0] != ITimelock.RoleGranted.selector) return;
        address account = address(uint160(uint256(log.topics[2])));
        bool planned = _timelockAllows(plan, deployed, log.topics[1], account);
        require(planned, PowerNotPlanned(deployed.timelock, log.topics[1], account));
    }

    function _timelockAllows(Plan memory plan, Deployment memory deployed, bytes32 role, address account)
        private
        pure
        returns (bool)
    {
        if (role == ADMIN) return account == deployed.timelock;
        if (role == EXECUTOR) return _holds(plan.executors, account);
        return _holds(plan.proposers, account);
    }

    /// @dev The deployer administers the authority for as long as it takes to hand it over.
    function _proveGrant(Role[] memory table, Deployment memory deployed, address deployer, Log memory log)
        private
        pure
    {
        bytes32 kind = log.topics[0];
        if (kind == IAuthority.RoleGranted.selector) {
            (bytes32 role, address account) = (log.topics[1], address(uint160(uint256(log.topics[2]))));
            bool planned = role == 0 && account == deployer;
            for (uint256 i = 0; i < table.length && !planned; ++i) {
                planned = uint256(role) == table[i].id && _holds(table[i].holders, account);
            }
            require(planned, PowerNotPlanned(deployed.authority, role, account));
        }
        if (kind == IAuthority.TargetFunctionRoleUpdated.selector) {
            (address target, bytes32 role) = (address(uint160(uint256(log.topics[1]))), log.topics[2]);
            bytes4 function_ = abi.decode(log.data, (bytes4));
            bool planned = false;
            for (uint256 i = 0; i < table.length && !planned; ++i) {
                if (uint256(role) != table[i].id || target != table[i].target) continue;
                for (uint256 k = 0; k < table[i].functions.length; ++k) {
                    planned = planned || table[i].functions[k] == function_;
                }
            }
            require(planned, PowerNotPlanned(deployed.authority, role, target));
        }
    }

    function _initialized(address contractAddress, uint256 expected) private view {
        uint256 found = uint256(vm.load(contractAddress, INITIALIZED));
        require(found == expected, WrongInitialization(contractAddress, expected, found));
    }

    function _same(address found, address expected) internal pure {
        require(found == expected, WrongWiring(expected, found));
    }

    function _holds(address[] memory holders, address account) private pure returns (bool held) {
        for (uint256 i = 0; i < holders.length && !held; ++i) {
            held = holders[i] == account;
        }
    }
}
