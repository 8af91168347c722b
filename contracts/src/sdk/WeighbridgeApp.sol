// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Strings} from "@openzeppelin/contracts/utils/Strings.sol";

import {
    IApplication,
    ICallbackGas,
    OnAcknowledgementPacketCallback,
    OnRecvPacketCallback,
    OnTimeoutPacketCallback
} from "../interfaces/IApplication.sol";
import {IRouter} from "../interfaces/IRouter.sol";
import {IWeighbridgeApp} from "../interfaces/IWeighbridgeApp.sol";
import {MsgSendPacket, Payload} from "../interfaces/Messages.sol";
import {Commitments} from "../libraries/Commitments.sol";

/// @title WeighbridgeApp
/// @notice The base of an application: decides who may call back and who may be heard, and leaves to its author what a
/// message means. It must never hand a message to its author that is not the peer's.
/// @dev Inherit, answer `_onReceive`, `_onAcknowledged`, `_onRefused` and `_onTimedOut`, and send by `_send`. After
/// deployment: register the application with the router (anybody may), and `connect` it to its peer.
abstract contract WeighbridgeApp is IWeighbridgeApp {
    /// @dev Both sides refuse more.
    uint64 private constant LIFETIME_SECS_MAX = 24 hours;

    /// @dev What a message gets that says nothing else.
    uint64 private constant LIFETIME_SECS_DEFAULT = 1 hours;

    /// @dev What an author who has nothing to say answers: no acknowledgement may be empty.
    bytes private constant RECEIVED = hex"01";

    /// @inheritdoc IWeighbridgeApp
    IRouter public immutable router;

    /// @notice Who created this application, and alone may connect it.
    address public immutable creator;

    /// @dev Keyed by keccak256 of the client id.
    mapping(bytes32 clientKey => string port) private _peers;

    modifier onlyRouter() {
        require(msg.sender == address(router), NotRouter(msg.sender, address(router)));
        _;
    }

    constructor(IRouter router_) {
        require(address(router_).code.length != 0, InvalidRouter(address(router_)));
        router = router_;
        creator = msg.sender;
    }

    /// @inheritdoc IWeighbridgeApp
    function connect(string calldata clientId, address light, string calldata peerPort) external virtual {
        require(msg.sender == creator, NotCreator(msg.sender, creator));
        _connect(clientId, light, peerPort);
    }

    /// @inheritdoc IApplication
    function onRecvPacket(OnRecvPacketCallback calldata message) external onlyRouter returns (bytes memory answer) {
        Payload calldata payload = message.payload;
        string memory peer = _knownPeer(message.destinationClient);
        bool fromPeer = Strings.equal(peer, payload.sourcePort);
        require(fromPeer, NotPeer(message.destinationClient, peer, payload.sourcePort));
        string memory version = _version();
        require(Strings.equal(version, payload.version), WrongAppVersion(version, payload.version));
        string memory encoding = _encoding();
        require(Strings.equal(encoding, payload.encoding), WrongAppEncoding(encoding, payload.encoding));

        answer = _onReceive(message.destinationClient, message.sequence, payload.value);
        if (answer.length == 0) return RECEIVED;
    }

    /// @inheritdoc IApplication
    function onAcknowledgementPacket(OnAcknowledgementPacketCallback calldata message) external onlyRouter {
        bytes calldata answer = message.acknowledgement;
        bytes calldata sent = message.payload.value;
        bool refused = answer.length == 32 && bytes32(answer) == Commitments.UNIVERSAL_ERROR;
        if (refused) _onRefused(message.sourceClient, message.sequence, sent);
        else _onAcknowledged(message.sourceClient, message.sequence, sent, answer);
    }

    /// @inheritdoc IApplication
    function onTimeoutPacket(OnTimeoutPacketCallback calldata message) external onlyRouter {
        _onTimedOut(message.sourceClient, message.sequence, message.payload.value);
    }

    /// @inheritdoc ICallbackGas
    /// @dev Override it when `_onReceive` needs more: measure its worst case and leave a margin.
    function callbackGas() external view virtual returns (uint64) {
        return 500_000;
    }

    /// @inheritdoc IWeighbridgeApp
    function port() public view virtual returns (string memory) {
        return Strings.toHexString(address(this));
    }

    /// @inheritdoc IWeighbridgeApp
    function peerOf(string memory clientId) public view returns (string memory) {
        return _peers[keccak256(bytes(clientId))];
    }

    // What an author answers.

    /// @dev A message of the peer arrived. Revert with an error to refuse it: everything done here is undone, and the
    /// peer hears `_onRefused`. Reverting without data (running out of gas is one) refuses nothing: the message can be
    /// delivered again until it times out.
    /// @param clientId The client of the peer's chain on this chain.
    /// @param sequence The number that the message has on the peer's chain.
    /// @param message What the peer gave to `_send`.
    /// @return answer What the peer gets in `_onAcknowledged`; empty for nothing to say.
    function _onReceive(string calldata clientId, uint64 sequence, bytes calldata message)
        internal
        virtual
        returns (bytes memory answer);

    /// @dev The peer accepted a message of ours. A revert here leaves the message unsettled, so do not revert because
    /// of what the answer says.
    /// @param sequence What `_send` returned.
    /// @param message What was given to `_send`.
    /// @param answer What the peer's `_onReceive` returned.
    function _onAcknowledged(string calldata clientId, uint64 sequence, bytes calldata message, bytes calldata answer)
        internal
        virtual;

    /// @dev The peer refused a message of ours: undo what was done for it.
    function _onRefused(string calldata clientId, uint64 sequence, bytes calldata message) internal virtual;

    /// @dev A message of ours was not received in time, and never will be: undo what was done for it.
    function _onTimedOut(string calldata clientId, uint64 sequence, bytes calldata message) internal virtual;

    /// @dev The version of this application's protocol: change it together with what messages mean.
    function _version() internal view virtual returns (string memory) {
        return "app-1";
    }

    /// @dev How messages are written.
    function _encoding() internal view virtual returns (string memory) {
        return "application/x-solidity-abi";
    }

    // What an author calls.

    /// @dev Sends a message that lives for an hour.
    function _send(string memory clientId, bytes memory message) internal returns (uint64 sequence) {
        return _send(clientId, message, LIFETIME_SECS_DEFAULT);
    }

    /// @dev Sends a message to the peer over a client.
    /// @param clientId The client of the peer's chain on this chain.
    /// @param message 1 to 262,144 bytes.
    /// @param lifetimeSecs After so many seconds it can no longer be received, at most 24 hours.
    /// @return sequence The number of the message on this client, from 1.
    function _send(string memory clientId, bytes memory message, uint64 lifetimeSecs)
        internal
        returns (uint64 sequence)
    {
        bool valid = lifetimeSecs != 0 && lifetimeSecs <= LIFETIME_SECS_MAX;
        require(valid, InvalidLifetime(lifetimeSecs, LIFETIME_SECS_MAX));
        Payload memory payload = Payload({
            sourcePort: port(),
            destPort: _knownPeer(clientId),
            version: _version(),
            encoding: _encoding(),
            value: message
        });
        return router.sendPacket(MsgSendPacket(clientId, uint64(block.timestamp) + lifetimeSecs, payload));
    }

    /// @dev Names a peer, once. Call it from an own function if somebody else than the creator is to decide.
    function _connect(string calldata clientId, address light, string calldata peerPort) internal {
        address actual = address(router.getClient(clientId));
        require(actual == light && light != address(0), WrongClient(clientId, light, actual));
        string storage peer = _peers[keccak256(bytes(clientId))];
        require(bytes(peer).length == 0, PeerKnown(clientId, peer));
        require(bytes(peerPort).length != 0, EmptyPeer(clientId));
        _peers[keccak256(bytes(clientId))] = peerPort;
        emit PeerConnected(clientId, peerPort);
    }

    function _knownPeer(string memory clientId) private view returns (string memory peer) {
        peer = peerOf(clientId);
        require(bytes(peer).length != 0, PeerMissing(clientId));
    }
}
