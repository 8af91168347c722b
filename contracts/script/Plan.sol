// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ICall} from "../src/interfaces/ICall.sol";
import {ILimits} from "../src/interfaces/ILimits.sol";

/// @notice Who will govern.
/// @param minDelaySeconds What every decision waits at least, in seconds.
/// @param proposers Who may propose and cancel.
/// @param executors Who may execute what has waited.
/// @param limitLowerers Who may lower a limit at once.
/// @param keysAllowed Whether plain keys may be among those before: on a test network only.
/// @param guardians Who may halt, in ascending order: keys, each of somebody else.
/// @param smallQuorum How many of them halt what is narrow, for a day.
/// @param largeQuorum How many of them halt what is wide, and resume.
struct Plan {
    uint256 minDelaySeconds;
    address[] proposers;
    address[] executors;
    address[] limitLowerers;
    bool keysAllowed;
    address[] guardians;
    uint256 smallQuorum;
    uint256 largeQuorum;
}

/// @notice What was deployed.
/// @param timelock Waits, then acts. It alone administers the authority.
/// @param authority Says who may call what; see `IGoverned`.
/// @param guardians Counts the guardians' signatures.
/// @param router The proxy.
/// @param transfer The proxy.
/// @param routerCode What is behind the router's proxy.
/// @param transferCode What is behind the application's proxy.
/// @param transferDesk The part of that code which is not on the way of a packet.
/// @param limitDesk The part of that which knows the limits.
/// @param call The proxy.
/// @param callCode What is behind the proxy of the call application.
/// @param accountCode What accounts are clones of.
/// @param voucher What vouchers are clones of.
/// @param escrows What creates escrows.
struct Deployment {
    address timelock;
    address authority;
    address guardians;
    address router;
    address transfer;
    address routerCode;
    address transferCode;
    address transferDesk;
    address limitDesk;
    address call;
    address callCode;
    address accountCode;
    address voucher;
    address escrows;
}

/// @notice A row of the table of roles at the authority. What no row names belongs to the administrator.
/// @param id The role; 0 is the administrator's.
/// @param label Its name.
/// @param holders Who has it, without a delay.
/// @param target The contract with the functions.
/// @param functions What only this role may call there.
struct Role {
    uint64 id;
    string label;
    address[] holders;
    address target;
    bytes4[] functions;
}

/// @title Roles
/// @notice The table of roles (docs/governance.md), as data.
library Roles {
    uint64 internal constant ADMIN = 0;
    uint64 internal constant LIMIT_LOWERER = 1;

    function table(Plan memory plan, Deployment memory deployed) internal pure returns (Role[] memory roles) {
        roles = new Role[](3);
        address[] memory timelock = new address[](1);
        timelock[0] = deployed.timelock;
        roles[0] = Role(ADMIN, "ADMIN", timelock, address(0), new bytes4[](0));
        roles[1] = Role(LIMIT_LOWERER, "LIMIT_LOWERER", plan.limitLowerers, deployed.transfer, _lowering());
        // The same role at another contract: the row before names who has it.
        bytes4[] memory calls = new bytes4[](1);
        calls[0] = ICall.lowerCallLimit.selector;
        roles[2] = Role(LIMIT_LOWERER, "LIMIT_LOWERER", new address[](0), deployed.call, calls);
    }

    /// @dev What makes a limit smaller and nothing else.
    function _lowering() private pure returns (bytes4[] memory functions) {
        functions = new bytes4[](4);
        functions[0] = ILimits.lowerLimit.selector;
        functions[1] = ILimits.lowerDefaultLimit.selector;
        functions[2] = ILimits.lowerValueLimit.selector;
        functions[3] = ILimits.lowerLargeSize.selector;
    }
}
