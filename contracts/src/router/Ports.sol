// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Bytes} from "@openzeppelin/contracts/utils/Bytes.sol";
import {Strings} from "@openzeppelin/contracts/utils/Strings.sol";

import {IApplication, ICallbackGas} from "../interfaces/IApplication.sol";
import {IRouter} from "../interfaces/IRouter.sol";
import {Commitments} from "../libraries/Commitments.sol";
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
/// @dev Spec: PROTOCOL section 2 "Callback gas".
abstract contract Ports is IRouter {
    using Bytes for bytes;

    /// @dev One application under one port; both fields share a slot.
    struct Application {
        address app;
        uint64 callbackGas;
    }

    /// @inheritdoc IRouter
    uint64 public constant CALLBACK_GAS_MAX = 8_000_000;

    /// @dev What an application gets that does not say what it needs.
    uint64 private constant CALLBACK_GAS_DEFAULT = 500_000;

    /// @dev Bound: a cold call, its memory and the checks after the last look at `gasleft()`.
    uint256 private constant CALL_OVERHEAD_GAS = 5000;

    /// @dev Bound: an answer is hashed and logged by whoever delivers the packet.
    uint256 private constant ACKNOWLEDGEMENT_LENGTH_MAX = 32_768;

    /// @dev Bound: a reason is logged by whoever delivers the packet.
    uint256 private constant REASON_LENGTH_MAX = 1024;

    /// @dev Keyed by keccak256 of the port.
    mapping(bytes32 portKey => Application application) private _applications;

    /// @dev The first of the ports that exist from the start, and its application: a port never changes hands, so that
    /// those who use this one most need not look it up.
    bytes32 private immutable _firstPortKey;
    address private immutable _firstApp;
    uint64 private immutable _firstCallbackGas;

    /// @param first The port that is used most; without an application there is none.
    constructor(InitialPort memory first) {
        if (first.app == address(0)) return;
        _firstPortKey = keccak256(bytes(first.portId));
        _firstApp = first.app;
        _firstCallbackGas = _callbackGasOf(first.app);
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
        if (portKey == _firstPortKey) return Application(_firstApp, _firstCallbackGas);
        application = _applications[portKey];
        require(application.app != address(0), UnknownPort(portId));
    }

    /// @dev Hands a packet to the application of a port.
    /// @param input The call of `onRecvPacket`.
    /// @return answer The application's acknowledgement, or the universal error.
    function _deliver(string memory portId, bytes memory input) internal returns (bytes memory answer) {
        Application memory application = _application(portId);
        _checkGas(application.callbackGas);
        // Exactly the registered gas: what the application does is then a function of the packet and the state alone.
        (bool accepted, bytes memory output) = application.app.call{gas: application.callbackGas}(input);
        if (accepted) return _checkedAnswer(application.app, abi.decode(output, (bytes)));

        // Running out of gas leaves no data, and must never become an answer.
        require(output.length != 0, CallbackFailed(application.app));
        emit IBCAppRecvPacketCallbackError(output.slice(0, REASON_LENGTH_MAX));
        return abi.encodePacked(Commitments.UNIVERSAL_ERROR);
    }

    function _addPort(string memory portId, address app) private {
        require(app.code.length != 0 && app != address(this), InvalidApplication(app));
        Application storage application = _applications[keccak256(bytes(portId))];
        require(application.app == address(0), PortTaken(portId, application.app));
        application.app = app;
        application.callbackGas = _callbackGasOf(app);
        emit IBCAppAdded(portId, app);
    }

    function _callbackGasOf(address app) private view returns (uint64) {
        (bool answered, bytes memory answer) = app.staticcall(abi.encodeCall(ICallbackGas.callbackGas, ()));
        if (!answered || answer.length != 32) return CALLBACK_GAS_DEFAULT;
        uint256 asked = uint256(bytes32(answer));
        require(asked != 0 && asked <= CALLBACK_GAS_MAX, InvalidCallbackGas(asked, CALLBACK_GAS_MAX));
        return uint64(asked);
    }

    /// @dev Of the gas left, a call can forward 63 of 64 parts.
    function _checkGas(uint256 needed) private view {
        uint256 left = gasleft();
        uint256 available = left > CALL_OVERHEAD_GAS ? (left - CALL_OVERHEAD_GAS) * 63 / 64 : 0;
        require(available >= needed, NotEnoughGas(available, needed));
    }

    function _checkedAnswer(address app, bytes memory answer) private pure returns (bytes memory) {
        bool refusal = answer.length == 32 && bytes32(answer) == Commitments.UNIVERSAL_ERROR;
        bool fits = answer.length != 0 && answer.length <= ACKNOWLEDGEMENT_LENGTH_MAX;
        require(fits && !refusal, InvalidAcknowledgement(app, answer.length));
        return answer;
    }
}
