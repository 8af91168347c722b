// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {MsgVerifyMembership, MsgVerifyNonMembership, UpdateResult} from "../../../src/interfaces/ILightClient.sol";
import {Height} from "../../../src/interfaces/Messages.sol";

/// @title ScriptedLeaf
/// @notice A light client that says what it was told: it proves everything by one byte, at one height.
contract ScriptedLeaf {
    bytes1 private _proof;
    Height private _height;
    uint256 private _timestamp;
    uint256 private _learnedAt;
    uint256 private _status;
    /// @notice The last message that was passed on to it.
    bytes public told;
    /// @notice Gas that an answer takes.
    uint256 private _burnt;

    function script(bytes1 proof, Height calldata height, uint256 timestamp, uint256 learnedAt_, uint256 status_)
        external
    {
        _proof = proof;
        _height = height;
        _timestamp = timestamp;
        _learnedAt = learnedAt_;
        _status = status_;
    }

    function burn(uint256 amount) external {
        _burnt = amount;
    }

    function updateClient(bytes calldata updateMsg) external returns (UpdateResult) {
        told = updateMsg;
        return UpdateResult.NoOp;
    }

    function misbehaviour(bytes calldata misbehaviourMsg) external {
        told = misbehaviourMsg;
    }

    function verifyMembership(MsgVerifyMembership calldata message) external view returns (uint256) {
        require(message.path.length == 1 && message.value.length == 32, "another question");
        return _answer(message.proof, message.proofHeight);
    }

    function verifyNonMembership(MsgVerifyNonMembership calldata message) external view returns (uint256) {
        require(message.path.length == 1, "another question");
        return _answer(message.proof, message.proofHeight);
    }

    function learnedAt(uint64 height) external view returns (uint256) {
        require(_learnedAt != 0 && height == _height.revisionHeight, "not known");
        return _learnedAt;
    }

    function status() external view returns (uint256) {
        require(_status != 3, "no answer");
        return _status;
    }

    function _answer(bytes calldata proof, Height calldata height) private view returns (uint256) {
        uint256 until = gasleft() - _burnt;
        while (gasleft() > until) continue;
        require(_timestamp != 0 && proof.length == 1 && proof[0] == _proof, "not proven");
        bool same = height.revisionNumber == _height.revisionNumber && height.revisionHeight == _height.revisionHeight;
        require(same, "another height");
        return _timestamp;
    }
}

/// @title HaltList
/// @notice What a router says about halts: the contracts that were named are halted.
contract HaltList {
    mapping(address client => bool) private _halted;

    function setHalted(address client, bool halted) external {
        _halted[client] = halted;
    }

    function isClientContractHalted(address client) external view returns (bool) {
        return _halted[client];
    }
}
