// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Deploy, Deployment, ITimelock, Plan} from "../../../script/Deploy.s.sol";
import {IClients, IRouter} from "../../../src/interfaces/IRouter.sol";
import {CounterpartyInfo} from "../../../src/interfaces/Messages.sol";
import {MirrorClient} from "../../../sdk/MirrorClient.sol";
import {Test} from "../../support/Test.sol";

/// @notice What governance may do through the timelock.
interface IQueue {
    function schedule(address, uint256, bytes calldata, bytes32, bytes32, uint256) external;
    function execute(address, uint256, bytes calldata, bytes32, bytes32) external;
}

/// @notice The deployment of the checked-in artifacts, and that nobody but the timelock governs afterwards (T-35).
contract DeployTest is Test {
    Deploy private _script = new Deploy();
    address private _proposer = 0x1111111111111111111111111111111111111111;
    address private _executor = 0x2222222222222222222222222222222222222222;

    function test_deploys_by_the_example_file_and_the_deployer_owns_nothing() public {
        Plan memory plan = _script.readPlan(vm.readFile("script/deploy.example.json"));
        vm.assertEq(plan.minDelaySeconds, 172_800);
        Deployment memory deployed = _script.deploy(plan, address(_script));
        _script.prove(plan, deployed, address(_script));
        vm.assertTrue(ITimelock(deployed.timelock).hasRole(keccak256("PROPOSER_ROLE"), _proposer));

        vm.expectRevert(abi.encodeWithSelector(IClients.NotGovernance.selector, address(_script), deployed.timelock));
        vm.prank(address(_script));
        IRouter(deployed.router).addIBCApp("mine", address(this));
    }

    function test_governance_acts_after_the_delay_only() public {
        vm.warp(1_700_000_000);
        Plan memory plan = _script.readPlan(vm.readFile("script/deploy.example.json"));
        Deployment memory deployed = _script.deploy(plan, address(_script));
        IRouter router = IRouter(deployed.router);
        MirrorClient next = new MirrorClient();
        CounterpartyInfo memory end = CounterpartyInfo("client-0", new bytes[](1));
        string memory id = router.addClient(end, address(new MirrorClient()));
        bytes memory call = abi.encodeCall(IClients.migrateClient, (id, end, address(next)));
        IQueue queue = IQueue(deployed.timelock);
        vm.prank(_proposer);
        queue.schedule(address(router), 0, call, 0, 0, 172_800);
        vm.warp(1_700_000_000 + 172_799);
        vm.expectRevert();
        vm.prank(_executor);
        queue.execute(address(router), 0, call, 0, 0);
        vm.warp(1_700_000_000 + 172_800);
        vm.prank(_executor);
        queue.execute(address(router), 0, call, 0, 0);
        vm.assertEq(address(router.getClient(id)), address(next));
    }

    function test_rejects_DeployerHasPower() public {
        Plan memory plan = _script.readPlan(vm.readFile("script/deploy.example.json"));
        plan.executors[0] = address(_script);
        Deployment memory deployed = _script.deploy(plan, address(_script));
        vm.expectRevert(
            abi.encodeWithSelector(Deploy.DeployerHasPower.selector, address(_script), keccak256("EXECUTOR_ROLE"))
        );
        _script.prove(plan, deployed, address(_script));
    }

    function test_t35_rejects_UnsafePlan() public {
        string[3] memory plans = [
            '{"minDelaySeconds": 0, "proposers": ["0x1111111111111111111111111111111111111111"], "executors": ["0x2222222222222222222222222222222222222222"]}',
            '{"minDelaySeconds": 1, "proposers": [], "executors": ["0x2222222222222222222222222222222222222222"]}',
            '{"minDelaySeconds": 1, "proposers": ["0x1111111111111111111111111111111111111111"], "executors": []}'
        ];
        for (uint256 i = 0; i < plans.length; ++i) {
            vm.expectPartialRevert(Deploy.UnsafePlan.selector);
            _script.readPlan(plans[i]);
        }
    }

    function test_rejects_ZeroAddress() public {
        vm.expectRevert(Deploy.ZeroAddress.selector);
        _script.readPlan(
            '{"minDelaySeconds": 1, "proposers": ["0x1111111111111111111111111111111111111111"], "executors": ["0x0000000000000000000000000000000000000000"]}'
        );
    }

    function test_rejects_WrongWiring() public {
        Plan memory plan = _script.readPlan(vm.readFile("script/deploy.example.json"));
        // Deployed for another deployer: the transfer application expects the router elsewhere.
        Deployment memory deployed = _script.deploy(plan, address(this));
        vm.expectPartialRevert(Deploy.WrongWiring.selector);
        _script.prove(plan, deployed, address(_script));
    }
}
