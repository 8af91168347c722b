// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Strings} from "@openzeppelin/contracts/utils/Strings.sol";
import {ERC165Checker} from "@openzeppelin/contracts/utils/introspection/ERC165Checker.sol";

import {Account} from "./call/Account.sol";
import {Accounts} from "./call/Accounts.sol";
import {CallLimits} from "./call/CallLimits.sol";
import {Targets} from "./call/Targets.sol";
import {Governed} from "./guard/Governed.sol";
import {Upgradeable} from "./guard/Upgradeable.sol";
import {
    IApplication,
    ICallbackGas,
    OnAcknowledgementPacketCallback,
    OnRecvPacketCallback,
    OnTimeoutPacketCallback
} from "./interfaces/IApplication.sol";
import {CallLimit, GMPPacketData, ICall, ICallSender, SendCallMsg} from "./interfaces/ICall.sol";
import {IUpgradeable} from "./interfaces/IGoverned.sol";
import {IRouter} from "./interfaces/IRouter.sol";
import {MsgSendPacket, Payload} from "./interfaces/Messages.sol";
import {Commitments} from "./libraries/Commitments.sol";
import {GasLeft} from "./libraries/GasLeft.sol";
import {Ics20} from "./libraries/Ics20.sol";
import {Ics27} from "./libraries/Ics27.sol";

/// @title Call
/// @notice The ICS-27 application: has contracts of this chain called by accounts of senders on other chains. It must
/// never call anything itself, let an account call a contract of the bridge, or leave a packet unsettled because of
/// what a contract does.
/// @dev Spec: facts "IBC v2 on the wire", section 9. Everything is written before a contract is called, and nothing is
/// read afterwards, so a contract may ask for calls while it is called (T-44): each is a packet of its own. Receives,
/// answers and timeouts do not nest, because the router's do not.
contract Call is IApplication, ICallbackGas, ICall, CallLimits, Targets, Upgradeable {
    /// @inheritdoc ICallbackGas
    /// @dev The bridge's own work, the account's creation included, is below 300,000; the rest is the contract's.
    uint64 public constant callbackGas = 2_000_000;

    /// @inheritdoc ICall
    uint64 public constant SENDER_CALLBACK_GAS = 1_000_000;

    /// @dev Bound: encoding the longest result as an acknowledgement, or the longest reason as an error. What a
    /// contract uses up is thereby never what answers for it.
    uint256 private constant ANSWER_GAS = 150_000;

    /// @dev Bound: three questions of ERC-165.
    uint256 private constant NOTICE_GAS = 150_000;

    modifier onlyRouter() {
        require(msg.sender == address(_router), NotRouter(msg.sender, address(_router)));
        _;
    }

    /// @param authority_ Who decides who may set limits, protect contracts and replace this code.
    /// @param router The router.
    /// @param transfer The transfer application.
    /// @param original What accounts are clones of. It obeys the proxy.
    constructor(address authority_, IRouter router, address transfer, Account original)
        Governed(authority_)
        Accounts(original)
        Targets(router, transfer)
    {}

    /// @notice Called by the constructor of the proxy, once.
    /// @param targets The rest of the bridge: timelock, guardians, and what else no message may reach.
    function initialize(address[] calldata targets) external initializer {
        require(_original.call() == address(this), WrongAccounts(address(this), _original.call()));
        _protect(targets);
    }

    /// @inheritdoc ICall
    function sendCall(SendCallMsg calldata message) external returns (uint64 sequence) {
        GMPPacketData memory data = GMPPacketData({
            sender: Strings.toChecksumHexString(msg.sender),
            receiver: message.receiver,
            salt: message.salt,
            payload: message.payload,
            memo: message.memo
        });
        Ics27.check(data);
        Payload memory payload = Payload({
            sourcePort: Ics27.PORT,
            destPort: Ics27.PORT,
            version: Ics27.VERSION,
            encoding: Ics27.ENCODING,
            value: Ics27.encode(data)
        });
        return _router.sendPacket(MsgSendPacket(message.sourceClient, message.timeoutTimestamp, payload));
    }

    /// @inheritdoc IApplication
    function onRecvPacket(OnRecvPacketCallback calldata message) external onlyRouter returns (bytes memory) {
        Ics27.checkEnvelope(message.payload);
        GMPPacketData memory data = Ics27.decode(message.payload.value);
        Ics27.check(data);
        address target = _target(data.receiver);
        _countCall(message.destinationClient);
        Account account = _account(message.destinationClient, data.sender, data.salt);
        emit CallMade(message.destinationClient, message.sequence, address(account), target);
        return Ics27.encodeAnswer(_execute(account, target, data.payload));
    }

    /// @inheritdoc IApplication
    function onAcknowledgementPacket(OnAcknowledgementPacketCallback calldata message) external onlyRouter {
        bytes calldata answer = message.acknowledgement;
        bool refused = answer.length == 32 && bytes32(answer) == Commitments.UNIVERSAL_ERROR;
        ICallSender sender = _listener(message.payload.value);
        if (address(sender) == address(0)) return;
        bytes memory input = abi.encodeCall(ICallSender.onAckPacket, (!refused, message));
        if (GasLeft.call(address(sender), SENDER_CALLBACK_GAS, input)) return;
        emit SenderCallbackFailed(message.sourceClient, message.sequence, address(sender));
    }

    /// @inheritdoc IApplication
    function onTimeoutPacket(OnTimeoutPacketCallback calldata message) external onlyRouter {
        ICallSender sender = _listener(message.payload.value);
        if (address(sender) == address(0)) return;
        bytes memory input = abi.encodeCall(ICallSender.onTimeoutPacket, (message));
        if (GasLeft.call(address(sender), SENDER_CALLBACK_GAS, input)) return;
        emit SenderCallbackFailed(message.sourceClient, message.sequence, address(sender));
    }

    /// @inheritdoc ICall
    function setCallLimit(string calldata clientId, CallLimit calldata limit) external restricted {
        _setCallLimit(clientId, limit);
    }

    /// @inheritdoc ICall
    function lowerCallLimit(string calldata clientId, CallLimit calldata limit) external restricted {
        _lowerCallLimit(clientId, limit);
    }

    /// @inheritdoc ICall
    function protect(address[] calldata targets) external restricted {
        _protect(targets);
    }

    /// @inheritdoc ICall
    function ics26() external view returns (address) {
        return address(_router);
    }

    /// @inheritdoc IUpgradeable
    function constants() public view override returns (bytes32) {
        return keccak256(abi.encode(authority, _router, _transfer, _original));
    }

    function _authorityOf() internal view override returns (address) {
        return authority;
    }

    /// @dev Has a contract called. Whatever it does, something is left to say how it went.
    function _execute(Account account, address target, bytes memory input) private returns (bytes memory) {
        try account.execute{gas: gasleft() - ANSWER_GAS}(target, input) returns (bytes memory result) {
            return result;
        } catch (bytes memory reason) {
            revert CallFailed(target, reason);
        }
    }

    /// @dev The sender of a packet of ours, if it wants to hear how that ended.
    function _listener(bytes calldata value) private view returns (ICallSender) {
        (, address sender) = Ics20.parseAddress(Ics27.decode(value).sender);
        if (sender.code.length == 0) return ICallSender(address(0));
        // Before the sender is asked: with too little gas it could not answer, and would seem not to listen.
        uint256 available = gasleft() * 63 / 64;
        require(available >= NOTICE_GAS, NotEnoughGas(available, NOTICE_GAS));
        bool listens = ERC165Checker.supportsInterface(sender, type(ICallSender).interfaceId);
        return ICallSender(listens ? sender : address(0));
    }
}
