// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ERC165Checker} from "@openzeppelin/contracts/utils/introspection/ERC165Checker.sol";
import {Strings} from "@openzeppelin/contracts/utils/Strings.sol";

import {IApplication, IAsyncApplication, ICallbackGas} from "../interfaces/IApplication.sol";
import {IRouter} from "../interfaces/IRouter.sol";
import {Commitments} from "../libraries/Commitments.sol";
import {GasLeft} from "../libraries/GasLeft.sol";
import {Identifiers} from "../libraries/Identifiers.sol";

/// @notice A port that exists from the start.
/// @param portId The port.
/// @param app Its application.
struct InitialPort {
    string portId;
    address app;
}

/// @title Ports
/// @notice Decides which contract answers for a port, and turns whatever that contract does with a packet into an
/// answer or into a revert. It must never let the deliverer of a packet choose between the two.
/// @dev Spec: PROTOCOL section 2 "Callback gas" and "Asynchronous acks".
abstract contract Ports is IRouter {
    /// @dev One application under one port; all fields share a slot.
    struct Application {
        address app;
        uint64 callbackGas;
        /// Whether it declares `IAsyncApplication`.
        bool answersLater;
    }

    /// @inheritdoc IRouter
    uint64 public constant CALLBACK_GAS_MAX = 8_000_000;

    /// @dev What an application gets that does not say what it needs.
    uint64 private constant CALLBACK_GAS_DEFAULT = 500_000;

    /// @dev Bound: an answer is hashed and logged by whoever delivers the packet.
    uint256 internal constant ACKNOWLEDGEMENT_LENGTH_MAX = 32_768;

    /// @dev The same as an application returns it: offset, length, whole words.
    uint256 private constant ANSWER_LENGTH_MAX = ACKNOWLEDGEMENT_LENGTH_MAX + 0x40;

    /// @dev Bound: a reason is logged by whoever delivers the packet.
    uint256 private constant REASON_LENGTH_MAX = 1024;

    /// @dev Keyed by keccak256 of the port.
    mapping(bytes32 portKey => Application application) private _applications;

    /// @dev The first of the ports that exist from the start, and its application: a port never changes hands, so that
    /// those who use this one most need not look it up.
    bytes32 private immutable _firstPortKey;
    address private immutable _firstApp;
    uint64 private immutable _firstCallbackGas;
    bool private immutable _firstAnswersLater;

    /// @param first The port that is used most; without an application there is none.
    constructor(InitialPort memory first) {
        if (first.app == address(0)) return;
        _firstPortKey = keccak256(bytes(first.portId));
        _firstApp = first.app;
        _firstCallbackGas = _callbackGasOf(first.app);
        _firstAnswersLater = _declaresAsync(first.app);
    }

    /// @inheritdoc IRouter
    function addIBCApp(address app) external {
        _addPort(Strings.toHexString(app), app);
    }

    /// @inheritdoc IRouter
    function getIBCApp(string calldata portId) external view returns (IApplication) {
        return IApplication(_application(portId).app);
    }

    /// @inheritdoc IRouter
    function getCallbackGas(string calldata portId) external view returns (uint64) {
        return _application(portId).callbackGas;
    }

    function _addChosenPort(string memory portId, address app) internal {
        Identifiers.checkPort(portId);
        require(!Identifiers.looksLikeAddress(portId), ReservedPort(portId));
        _addPort(portId, app);
    }

    /// @dev Opens the ports that exist from the start; the first must be the one in the code.
    function _openPorts(InitialPort[] calldata ports) internal {
        for (uint256 i = 0; i < ports.length; ++i) {
            _addChosenPort(ports[i].portId, ports[i].app);
        }
        address found = _applications[_firstPortKey].app;
        require(found == _firstApp, WrongFirstPort(_firstApp, found));
    }

    /// @dev What the code knows of the first port.
    function _firstPort() internal view returns (bytes32 portKey, address app) {
        return (_firstPortKey, _firstApp);
    }

    function _application(string memory portId) internal view returns (Application memory application) {
        bytes32 portKey = keccak256(bytes(portId));
        if (portKey == _firstPortKey) {
            // Field by field: another struct would be made beside the one that is returned.
            application.app = _firstApp;
            application.callbackGas = _firstCallbackGas;
            application.answersLater = _firstAnswersLater;
            return application;
        }
        application = _applications[portKey];
        require(application.app != address(0), UnknownPort(portId));
    }

    /// @dev Hands a packet to the application of a port.
    /// @param input The call of `onRecvPacket`.
    /// @return answer The application's acknowledgement, or the universal error; empty if it will answer later.
    function _deliver(string memory portId, bytes memory input) internal returns (bytes memory answer) {
        Application memory application = _application(portId);
        (bool accepted, uint256 size, bytes memory output) = _callExactly(application, input, ANSWER_LENGTH_MAX);
        if (accepted) return _checkedAnswer(application, size, output);

        // Running out of gas leaves no data, and must never become an answer.
        require(size != 0, CallbackFailed(application.app));
        if (bytes4(output) == IApplication.DeliverLater.selector) _revertWith(output);
        _shorten(output, REASON_LENGTH_MAX);
        emit IBCAppRecvPacketCallbackError(output);
        return abi.encodePacked(Commitments.UNIVERSAL_ERROR);
    }

    /// @dev Tells the application of a port how its packet ended, with all the gas there is.
    function _settle(string memory portId, bytes memory input) internal {
        address app = _application(portId).app;
        (bool accepted, bytes memory output) = app.call(input);
        if (!accepted) _revertWith(output);
        _checkCode(app);
    }

    /// @dev The same among other messages: with exactly the registered gas, so that what fails for lack of gas is never
    /// the application's doing, nor the other way round.
    function _settleExactly(string memory portId, bytes memory input) internal {
        Application memory application = _application(portId);
        (bool accepted, uint256 size, bytes memory output) = _callExactly(application, input, REASON_LENGTH_MAX);
        if (accepted) return _checkCode(application.app);
        require(size != 0, CallbackFailed(application.app));
        revert CallbackRefused(application.app, output);
    }

    function _addPort(string memory portId, address app) private {
        require(app.code.length != 0 && app != address(this), InvalidApplication(app));
        Application storage application = _applications[keccak256(bytes(portId))];
        // An application itself may have what it declares read again.
        bool again = application.app == app && msg.sender == app;
        require(again || application.app == address(0), PortTaken(portId, application.app));
        application.app = app;
        application.callbackGas = _callbackGasOf(app);
        application.answersLater = _declaresAsync(app);
        emit IBCAppAdded(portId, app);
    }

    function _declaresAsync(address app) private view returns (bool) {
        return ERC165Checker.supportsInterface(app, type(IAsyncApplication).interfaceId);
    }

    /// @dev A call of nothing succeeds, and an account can lose its code.
    function _checkCode(address app) private view {
        require(app.code.length != 0, CallbackFailed(app));
    }

    function _callbackGasOf(address app) private view returns (uint64) {
        (bool answered, bytes memory answer) = app.staticcall(abi.encodeCall(ICallbackGas.callbackGas, ()));
        if (!answered || answer.length != 32) return CALLBACK_GAS_DEFAULT;
        uint256 asked = uint256(bytes32(answer));
        require(asked != 0 && asked <= CALLBACK_GAS_MAX, InvalidCallbackGas(asked, CALLBACK_GAS_MAX));
        return uint64(asked);
    }

    /// @dev Calls with exactly the registered gas: what the application does is then a function of the packet and the
    /// state alone.
    /// @return success Whether it returned.
    /// @return size How many bytes came back.
    /// @return output The first `most` of them: a copy must not cost what nobody set aside.
    function _callExactly(Application memory application, bytes memory input, uint256 most)
        private
        returns (bool success, uint256 size, bytes memory output)
    {
        GasLeft.check(application.callbackGas);
        address app = application.app;
        uint256 gasAmount = application.callbackGas;
        assembly ("memory-safe") {
            success := call(gasAmount, app, 0, add(input, 0x20), mload(input), 0x00, 0x00)
            size := returndatasize()
            if gt(most, size) { most := size }
            output := mload(0x40)
            mstore(output, most)
            returndatacopy(add(output, 0x20), 0, most)
            mstore(0x40, and(add(add(output, most), 0x3f), not(0x1f)))
        }
    }

    /// @dev `abi.decode(output, (bytes))` in place. What is no such output must not revert without data, which would
    /// look like a lack of gas.
    function _checkedAnswer(Application memory application, uint256 size, bytes memory output)
        private
        pure
        returns (bytes memory answer)
    {
        require(size >= 0x40, InvalidAcknowledgement(application.app, 0));
        uint256 offset;
        assembly ("memory-safe") {
            offset := mload(add(output, 0x20))
            answer := add(output, 0x40)
        }
        uint256 length = answer.length;
        bool refusal = length == 32 && size >= 0x60 && bytes32(answer) == Commitments.UNIVERSAL_ERROR;
        bool fits = (length != 0 || application.answersLater) && length <= ACKNOWLEDGEMENT_LENGTH_MAX;
        bool whole = offset == 0x20 && length <= size - 0x40;
        require(whole && fits && !refusal, InvalidAcknowledgement(application.app, length));
    }

    function _shorten(bytes memory text, uint256 most) private pure {
        if (text.length <= most) return;
        assembly ("memory-safe") {
            mstore(text, most)
        }
    }

    function _revertWith(bytes memory reason) internal pure {
        assembly ("memory-safe") {
            revert(add(reason, 0x20), mload(reason))
        }
    }
}
