// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Deploy} from "../../../script/Deploy.s.sol";
import {Deployment, Plan} from "../../../script/Plan.sol";
import {IAuthority, ITimelock, Proof} from "../../../script/Proof.sol";
import {ICall} from "../../../src/interfaces/ICall.sol";
import {IGoverned} from "../../../src/interfaces/IGoverned.sol";
import {IClients, IRouter} from "../../../src/interfaces/IRouter.sol";
import {CounterpartyInfo} from "../../../src/interfaces/Messages.sol";
import {MirrorClient} from "../../../sdk/MirrorClient.sol";
import {Test} from "../../support/Test.sol";
import {Log} from "../../support/Vm.sol";

/// @notice What governance may do through the timelock.
interface IQueue {
    function schedule(address, uint256, bytes calldata, bytes32, bytes32, uint256) external;
    function execute(address, uint256, bytes calldata, bytes32, bytes32) external;
    function cancel(bytes32) external;
    function hashOperation(address, uint256, bytes calldata, bytes32, bytes32) external pure returns (bytes32);
    function grantRole(bytes32, address) external;
    function updateDelay(uint256) external;
}

/// @notice The deployment of the checked-in artifacts, and that nobody but the timelock governs afterwards (T-35).
contract DeployTest is Test {
    uint256 private constant NOW = 1_700_000_000;
    uint256 private constant DELAY = 172_800;
    bytes32 private constant INITIALIZED = 0xf0c57e16840df040f15088dc2f81fe391c3923bec73e23a9662efc9c229c6a00;

    Deploy private _script = new Deploy();
    address private _proposer = 0x1111111111111111111111111111111111111111;
    address private _executor = 0x2222222222222222222222222222222222222222;
    address private _lowerer = 0x3333333333333333333333333333333333333333;
    address private _stranger = account("stranger");

    Plan private _plan;
    Deployment private _made;
    Log[] private _logs;

    function setUp() public {
        vm.warp(NOW);
        vm.etch(_proposer, hex"00");
        vm.etch(_executor, hex"00");
        vm.etch(_lowerer, hex"00");
        _plan = _script.readPlan(vm.readFile("script/deploy.example.json"));
    }

    function test_deploys_by_the_example_file_and_the_deployer_owns_nothing() public {
        vm.assertEq(_plan.minDelaySeconds, DELAY);
        _deployAndProve();
        vm.assertTrue(ITimelock(_made.timelock).hasRole(keccak256("PROPOSER_ROLE"), _proposer));
        (bool lowers,) = IAuthority(_made.authority).hasRole(1, _lowerer);
        vm.assertTrue(lowers);
        vm.assertEq(IAuthority(_made.authority).getTargetFunctionRole(_made.call, ICall.lowerCallLimit.selector), 1);

        vm.expectRevert(abi.encodeWithSelector(IGoverned.NotGovernance.selector, address(_script), _made.authority));
        vm.prank(address(_script));
        IRouter(_made.router).addIBCApp("mine", address(this));
        vm.expectRevert();
        vm.prank(address(_script));
        IAuthority(_made.authority).grantRole(0, address(_script), 0);
        vm.expectRevert();
        vm.prank(address(_script));
        IQueue(_made.timelock).grantRole(keccak256("PROPOSER_ROLE"), address(_script));
    }

    function test_governance_acts_after_the_delay_only() public {
        _deployAndProve();
        (string memory id, MirrorClient next, bytes memory call) = _migration();
        IQueue queue = IQueue(_made.timelock);
        vm.prank(_proposer);
        queue.schedule(_made.router, 0, call, 0, 0, DELAY);
        vm.warp(NOW + DELAY - 1);
        vm.expectRevert();
        vm.prank(_executor);
        queue.execute(_made.router, 0, call, 0, 0);
        vm.warp(NOW + DELAY);
        vm.expectRevert();
        vm.prank(_stranger);
        queue.execute(_made.router, 0, call, 0, 0);
        vm.prank(_executor);
        queue.execute(_made.router, 0, call, 0, 0);
        vm.assertEq(address(IRouter(_made.router).getClient(id)), address(next));
    }

    function test_shorter_delay_and_foreign_proposals_are_refused() public {
        _deployAndProve();
        (,, bytes memory call) = _migration();
        IQueue queue = IQueue(_made.timelock);
        vm.expectRevert();
        vm.prank(_proposer);
        queue.schedule(_made.router, 0, call, 0, 0, DELAY - 1);
        vm.expectRevert();
        vm.prank(_executor);
        queue.schedule(_made.router, 0, call, 0, 0, DELAY);
        vm.expectRevert();
        vm.prank(_proposer);
        queue.updateDelay(0);
    }

    function test_cancelled_proposal_never_executes() public {
        _deployAndProve();
        (string memory id, MirrorClient next, bytes memory call) = _migration();
        IQueue queue = IQueue(_made.timelock);
        bytes32 operation = queue.hashOperation(_made.router, 0, call, 0, 0);
        vm.prank(_proposer);
        queue.schedule(_made.router, 0, call, 0, 0, DELAY);
        vm.expectRevert();
        vm.prank(_executor);
        queue.cancel(operation);
        vm.prank(_proposer);
        queue.cancel(operation);
        uint256[3] memory moments = [NOW + DELAY, NOW + 2 * DELAY, NOW + 3650 days];
        for (uint256 i = 0; i < moments.length; ++i) {
            vm.warp(moments[i]);
            vm.expectRevert();
            vm.prank(_executor);
            queue.execute(_made.router, 0, call, 0, 0);
        }
        vm.assertTrue(address(IRouter(_made.router).getClient(id)) != address(next));
    }

    function test_t35_rejects_UnsafePlan() public {
        string[3] memory plans = [
            _json("0", '"0x1111111111111111111111111111111111111111"', '"0x2222222222222222222222222222222222222222"'),
            _json("1", "", '"0x2222222222222222222222222222222222222222"'),
            _json("1", '"0x1111111111111111111111111111111111111111"', "")
        ];
        for (uint256 i = 0; i < plans.length; ++i) {
            vm.expectPartialRevert(Deploy.UnsafePlan.selector);
            _script.readPlan(plans[i]);
        }
    }

    function test_rejects_ZeroAddress() public {
        string memory zero = '"0x0000000000000000000000000000000000000000"';
        vm.expectRevert(Deploy.ZeroAddress.selector);
        _script.readPlan(_json("1", '"0x1111111111111111111111111111111111111111"', zero));
    }

    function test_rejects_KeyInPlan() public {
        vm.etch(_lowerer, "");
        string memory text = vm.readFile("script/deploy.example.json");
        vm.expectRevert(abi.encodeWithSelector(Deploy.KeyInPlan.selector, _lowerer));
        _script.readPlan(text);
    }

    function test_rejects_DeployerHasPower() public {
        _plan.executors[0] = address(_script);
        _deploy(address(_script));
        _refused(abi.encodeWithSelector(Proof.DeployerHasPower.selector, address(_script), keccak256("EXECUTOR_ROLE")));

        setUp();
        _plan.limitLowerers[0] = address(_script);
        _deploy(address(_script));
        _refused(abi.encodeWithSelector(Proof.DeployerHasPower.selector, address(_script), bytes32(uint256(1))));
    }

    /// @dev What cannot be listed on chain is found in the events.
    function test_rejects_PowerNotPlanned() public {
        _deployAndProve();
        bytes32 proposer = keccak256("PROPOSER_ROLE");
        vm.recordLogs();
        vm.prank(_made.timelock);
        IQueue(_made.timelock).grantRole(proposer, _stranger);
        _append();
        _refused(abi.encodeWithSelector(Proof.PowerNotPlanned.selector, _made.timelock, proposer, _stranger));

        setUp();
        _deploy(address(_script));
        vm.recordLogs();
        vm.prank(_made.timelock);
        IAuthority(_made.authority).grantRole(7, _stranger, 0);
        _append();
        _refused(
            abi.encodeWithSelector(Proof.PowerNotPlanned.selector, _made.authority, bytes32(uint256(7)), _stranger)
        );
    }

    function test_rejects_PowerNotPlanned_of_a_function() public {
        _deploy(address(_script));
        bytes4[] memory functions = new bytes4[](1);
        functions[0] = IClients.migrateClient.selector;
        vm.recordLogs();
        vm.prank(_made.timelock);
        IAuthority(_made.authority).setTargetFunctionRole(_made.router, functions, 1);
        _append();
        _refused(
            abi.encodeWithSelector(Proof.PowerNotPlanned.selector, _made.authority, bytes32(uint256(1)), _made.router)
        );
    }

    function test_rejects_PowerMissing() public {
        _deploy(address(_script));
        _plan.limitLowerers[0] = _stranger;
        _refused(abi.encodeWithSelector(Proof.PowerMissing.selector, _made.authority, bytes32(uint256(1)), _stranger));
    }

    function test_rejects_WrongDelay() public {
        _deploy(address(_script));
        _plan.minDelaySeconds = 1;
        _refused(abi.encodeWithSelector(Proof.WrongDelay.selector, 1, DELAY));
    }

    function test_rejects_WrongInitialization() public {
        _deploy(address(_script));
        vm.store(_made.transferCode, INITIALIZED, 0);
        _refused(
            abi.encodeWithSelector(Proof.WrongInitialization.selector, _made.transferCode, uint256(type(uint64).max), 0)
        );
    }

    function test_rejects_WrongWiring() public {
        _deploy(address(_script));
        _made.routerCode = _made.transferCode;
        vm.expectPartialRevert(Proof.WrongWiring.selector);
        _script.prove(_plan, _made, address(_script), _logs);
    }

    function test_rejects_Unprotected() public {
        _deploy(address(_script));
        _made.timelock = _stranger;
        address call = _made.call;
        vm.assertFalse(ICall(call).isProtected(_stranger));
        _refused(abi.encodeWithSelector(Proof.Unprotected.selector, _stranger));
    }

    /// @dev Contracts that name each other refuse to be put together wrongly.
    function test_rejects_a_deployment_from_another_address() public {
        vm.expectRevert();
        _script.deploy(_plan, address(this));
    }

    function _deploy(address deployer) private {
        vm.recordLogs();
        _made = _script.deploy(_plan, deployer);
        delete _logs;
        _append();
    }

    function _append() private {
        Log[] memory logs = vm.getRecordedLogs();
        for (uint256 i = 0; i < logs.length; ++i) {
            _logs.push(logs[i]);
        }
    }

    function _deployAndProve() private {
        _deploy(address(_script));
        _script.prove(_plan, _made, address(_script), _logs);
    }

    function _refused(bytes memory reason) private {
        vm.expectRevert(reason);
        _script.prove(_plan, _made, address(_script), _logs);
    }

    function _migration() private returns (string memory id, MirrorClient next, bytes memory call) {
        next = new MirrorClient();
        CounterpartyInfo memory end = CounterpartyInfo("client-0", new bytes[](1));
        id = IRouter(_made.router).addClient(end, address(new MirrorClient()));
        call = abi.encodeCall(IClients.migrateClient, (id, end, address(next)));
    }

    function _json(string memory delay, string memory proposer, string memory executor)
        private
        pure
        returns (string memory)
    {
        return string.concat(
            '{"minDelaySeconds": ',
            delay,
            ', "proposers": [',
            proposer,
            '], "executors": [',
            executor,
            '], "limitLowerers": [], "keysAllowed": true}'
        );
    }
}
