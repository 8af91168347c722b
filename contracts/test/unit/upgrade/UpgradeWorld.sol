// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Contracts, InitialPort} from "../../support/world/Founder.sol";
import {StrangeToken} from "../../support/world/StrangeToken.sol";
import {IHaltable, ScopeKind} from "../../../src/interfaces/IHaltable.sol";
import {IHolds} from "../../../src/interfaces/IHolds.sol";
import {Direction, ILimits} from "../../../src/interfaces/ILimits.sol";
import {IClients, IRouter} from "../../../src/interfaces/IRouter.sol";
import {ITransferDesk, ITransferMoves} from "../../../src/interfaces/ITransfer.sol";
import {Packet} from "../../../src/interfaces/Messages.sol";
import {Chain, IToken} from "../../support/world/World.sol";
import {RouterWorld} from "../router/RouterWorld.sol";

/// @notice What a proxy offers beside its contract.
interface INext {
    error InvalidInitialization();
    error NotInitializing();
    error UUPSUnauthorizedCallContext();
    error ERC1967InvalidImplementation(address implementation);

    function upgradeToAndCall(address code, bytes calldata start) external payable;
    function initializeNext(uint256 value) external;
    function initialize() external;
    function initialize(InitialPort[] calldata ports) external;
    function proxiableUUID() external view returns (bytes32);
    function added() external view returns (uint256);
}

/// @title UpgradeWorld
/// @notice A bridge in full use, and everything that can be seen of one of its chains.
abstract contract UpgradeWorld is RouterWorld {
    /// @dev More than any packet here has.
    uint64 private constant SEQUENCES = 12;

    /// Encoded: the compiler without its intermediate form cannot copy a packet to storage.
    bytes[] private _onTheWay;
    IToken internal second;
    uint64 internal held;
    bytes32[] private _seen;

    /// @dev Chain A gets: packets that were settled, refused, refunded and are on their way, in both directions; locked
    /// tokens and vouchers; a parked refund; chosen decimals and gas; ports; clients with and without another end.
    function _live() internal {
        _carry(a, b, alice, address(token), 1000, bob);
        IToken voucher = _voucher(b, address(token));
        _carry(b, a, bob, address(voucher), 300, alice);
        second = IToken(_create("TestToken.sol:TestToken", abi.encode("Second", "SEC")));
        second.mint(bob, 5000);
        _carry(b, a, bob, address(second), 4000, alice);

        _hold(voucherOfSecond());
        _onTheWay.push(abi.encode(_send(a, alice, address(token), 77, bob)));
        _onTheWay.push(abi.encode(_send(b, bob, address(second), 55, alice)));
        _onTheWay.push(abi.encode(_sent()));
        _send(a, alice, address(_voucher(a, address(second))), 9, bob);
        _parkRefund();
        vm.startPrank(GOVERNANCE);
        a.transfer.registerTokenGas(address(token), 123_456);
        a.transfer.chooseVoucherDecimals(a.clientId, "uatom", 6);
        a.router.addIBCApp("second", address(token));
        a.router.addClient("08-wasm-0", _end("client-9"), address(a.client));
        vm.stopPrank();
        a.router.addIBCApp(address(second));
        vm.startPrank(made[0].guardians);
        IHaltable(address(a.router)).setHalt(ScopeKind.Application, keccak256("second"), uint64(NOW) + 1 days);
        bytes32 strange = bytes32(uint256(uint160(_strange)));
        IHaltable(address(a.transfer)).setHalt(ScopeKind.Token, strange, type(uint64).max);
        vm.stopPrank();
        vm.prank(relayer);
        a.router.addClient(_noEnd(), address(b.client));
    }

    function voucherOfSecond() internal view returns (address) {
        return address(_voucher(a, address(second)));
    }

    /// @dev A transfer so large that it waits.
    function _hold(address voucher) private {
        vm.prank(GOVERNANCE);
        a.transfer.setHoldPolicy(a.clientId, voucher, 500, 1 hours);
        Packet memory packet = _send(b, bob, address(second), 600, alice);
        vm.assertEq(_deliver(a, packet).length, 0);
        held = packet.sequence;
    }

    /// @dev A token that refuses its refund leaves a claim.
    function _parkRefund() private {
        StrangeToken strange = new StrangeToken();
        strange.mint(alice, 40);
        Packet memory packet = _send(a, alice, address(strange), 40, bob);
        strange.adopt(StrangeToken.Habit.RefusesVictim, alice);
        uint256 now_ = block.timestamp;
        vm.warp(packet.timeoutTimestamp);
        _timeOut(a, packet);
        vm.warp(now_);
        _strange = address(strange);
    }

    address internal _strange;

    /// @dev Every answer of chain A's views that has to outlive an upgrade.
    function _observe() internal returns (bytes32[] memory) {
        delete _seen;
        string[3] memory clients = [a.clientId, "08-wasm-0", "client-1"];
        for (uint256 i = 0; i < clients.length; ++i) {
            _see(address(a.router), abi.encodeCall(IClients.getClient, (clients[i])));
            _see(address(a.router), abi.encodeCall(IClients.getCounterparty, (clients[i])));
            _see(address(a.router), abi.encodeCall(IClients.getClientCreator, (clients[i])));
            _see(address(a.router), abi.encodeCall(IClients.getClientStatus, (clients[i])));
            _see(address(a.router), abi.encodeCall(IRouter.getNextSequenceSend, (clients[i])));
        }
        string[4] memory ports = ["transfer", "probe", "second", _hex(address(second))];
        for (uint256 i = 0; i < ports.length; ++i) {
            _see(address(a.router), abi.encodeCall(IRouter.getIBCApp, (ports[i])));
            _see(address(a.router), abi.encodeCall(IRouter.getCallbackGas, (ports[i])));
        }
        _see(address(a.router), abi.encodeCall(IClients.getNextClientSeq, ()));
        _see(address(a.router), abi.encodeCall(IClients.governance, ()));
        _see(address(a.router), abi.encodeCall(IHaltable.guardians, ()));
        _seeHalt(address(a.router), ScopeKind.Application, keccak256("second"));
        _seeHalt(address(a.transfer), ScopeKind.Token, bytes32(uint256(uint160(_strange))));
        for (uint64 sequence = 0; sequence < SEQUENCES; ++sequence) {
            for (uint8 kind = 1; kind <= 3; ++kind) {
                bytes32 path = keccak256(_path(a.clientId, kind, sequence));
                _see(address(a.router), abi.encodeCall(IRouter.getCommitment, (path)));
            }
        }
        for (uint256 i = 0; i < _onTheWay.length; ++i) {
            _see(address(a.router), abi.encodeCall(IRouter.isPacketReceived, (_sent(i))));
            _see(address(a.router), abi.encodeCall(IRouter.isPacketReceiveSuccessful, (_sent(i))));
        }
        _observeTransfer();
        return _seen;
    }

    function _observeTransfer() private {
        address transfer = address(a.transfer);
        _see(transfer, abi.encodeCall(ITransferDesk.ics26, ()));
        _see(transfer, abi.encodeCall(ITransferDesk.getEscrow, (a.clientId)));
        address voucher = address(_voucher(a, address(second)));
        string memory atoms = string.concat("transfer/", a.clientId, "/uatom");
        _see(transfer, abi.encodeCall(ITransferDesk.ibcERC20Contract, (atoms)));
        _see(transfer, abi.encodeCall(IHolds.getHold, (a.clientId, held)));
        _see(a.transfer.ibcERC20Contract(atoms), abi.encodeCall(IToken.decimals, ()));
        address[4] memory tokens = [address(token), voucher, _strange, address(second)];
        for (uint256 i = 0; i < tokens.length; ++i) {
            _see(transfer, abi.encodeCall(ITransferDesk.ibcERC20Denom, (tokens[i])));
            _see(transfer, abi.encodeCall(ITransferDesk.getHomeBook, (a.clientId, tokens[i])));
            _see(transfer, abi.encodeCall(ITransferDesk.getVoucherBook, (a.clientId, tokens[i])));
            _see(transfer, abi.encodeCall(ITransferDesk.getClaim, (a.clientId, tokens[i], alice)));
            _see(transfer, abi.encodeCall(ITransferDesk.getTokenGas, (tokens[i])));
            _see(transfer, abi.encodeCall(ILimits.getLane, (a.clientId, tokens[i], Direction.Send)));
            _see(transfer, abi.encodeCall(ILimits.getLane, (a.clientId, tokens[i], Direction.Receive)));
            _see(tokens[i], abi.encodeCall(IToken.totalSupply, ()));
            _see(tokens[i], abi.encodeCall(IToken.balanceOf, (_escrow(a))));
        }
    }

    function _seeHalt(address target, ScopeKind kind, bytes32 key) private {
        _see(target, abi.encodeCall(IHaltable.haltedUntil, (kind, key)));
        _see(target, abi.encodeCall(IHaltable.haltSerial, (kind, key)));
    }

    function _see(address target, bytes memory call) private {
        (bool answered, bytes memory answer) = target.staticcall(call);
        vm.assertTrue(answered, vm.toString(call));
        _seen.push(keccak256(answer));
    }

    /// @dev The next versions of both, built with the constants of a deployment.
    function _next(Contracts memory of_) internal returns (address routerCode, address transferCode) {
        InitialPort memory first = InitialPort("transfer", of_.transfer);
        routerCode = _create("Next.sol:NextRouter", abi.encode(authority, of_.guardians, first));
        transferCode = _transferCode("Next.sol:NextTransfer", _parts(authority, of_));
    }

    /// @dev The `Parts` of a transfer application.
    function _parts(address authority_, Contracts memory of_) internal pure returns (bytes memory) {
        return abi.encode(authority_, of_.router, of_.voucher, of_.escrows, of_.guardians);
    }

    /// @dev The three contracts that an upgrade of the transfer application replaces.
    function _transferCode(string memory artifact, bytes memory parts) internal returns (address) {
        address limitDesk = _create("LimitDesk.sol:LimitDesk", parts);
        address desk = _create("TransferDesk.sol:TransferDesk", bytes.concat(parts, abi.encode(limitDesk)));
        return _create(artifact, bytes.concat(parts, abi.encode(desk)));
    }

    /// @dev A packet that is on its way.
    function _sent(uint256 at) internal view returns (Packet memory) {
        return abi.decode(_onTheWay[at], (Packet));
    }
}
