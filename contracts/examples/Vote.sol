// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IRouter} from "../src/interfaces/IRouter.sol";
import {WeighbridgeApp} from "../src/sdk/WeighbridgeApp.sol";

/// @title Ballot
/// @notice Counts the votes of every chain it is connected to. It must never count an account of a chain twice.
contract Ballot is WeighbridgeApp {
    error TooLate(uint256 endsAt, uint256 blockTimestamp);
    error NoSuchChoice(uint256 choice, uint256 choices);
    error VotedAlready(string clientId, address voter);
    error BallotOnly();

    /// @notice A vote was counted.
    event Counted(string clientId, address indexed voter, uint256 choice);

    uint256 public immutable choices;
    uint256 public immutable endsAt;

    mapping(uint256 choice => uint256 votes) public votesFor;
    mapping(bytes32 clientKey => mapping(address voter => bool counted)) private _counted;

    constructor(IRouter router_, uint256 choices_, uint256 endsAt_) WeighbridgeApp(router_) {
        choices = choices_;
        endsAt = endsAt_;
    }

    function _onReceive(string calldata clientId, uint64, bytes calldata message)
        internal
        override
        returns (bytes memory)
    {
        (address voter, uint256 choice) = abi.decode(message, (address, uint256));
        require(block.timestamp < endsAt, TooLate(endsAt, block.timestamp));
        require(choice < choices, NoSuchChoice(choice, choices));
        mapping(address voter => bool counted) storage counted = _counted[keccak256(bytes(clientId))];
        require(!counted[voter], VotedAlready(clientId, voter));
        counted[voter] = true;
        votesFor[choice] += 1;
        emit Counted(clientId, voter, choice);
        return abi.encode(votesFor[choice]);
    }

    // A ballot sends nothing, so nothing of it can end.

    function _onAcknowledged(string calldata, uint64, bytes calldata, bytes calldata) internal pure override {
        revert BallotOnly();
    }

    function _onRefused(string calldata, uint64, bytes calldata) internal pure override {
        revert BallotOnly();
    }

    function _onTimedOut(string calldata, uint64, bytes calldata) internal pure override {
        revert BallotOnly();
    }
}

/// @title Booth
/// @notice Where accounts of one chain vote in a ballot on another. A vote that was refused or got lost may be cast
/// again; one that was counted may not.
contract Booth is WeighbridgeApp {
    enum Vote {
        None,
        Underway,
        Counted
    }

    error VotedAlready(address voter, Vote vote);
    error BoothOnly(string clientId);

    /// @notice The client of the ballot's chain.
    string public ballotClient;

    mapping(address voter => Vote vote) public voteOf;

    constructor(IRouter router_, string memory ballotClient_) WeighbridgeApp(router_) {
        ballotClient = ballotClient_;
    }

    /// @notice Casts the caller's vote.
    function vote(uint256 choice) external returns (uint64 sequence) {
        require(voteOf[msg.sender] == Vote.None, VotedAlready(msg.sender, voteOf[msg.sender]));
        voteOf[msg.sender] = Vote.Underway;
        return _send(ballotClient, abi.encode(msg.sender, choice));
    }

    function _onReceive(string calldata clientId, uint64, bytes calldata) internal pure override returns (bytes memory) {
        revert BoothOnly(clientId);
    }

    function _onAcknowledged(string calldata, uint64, bytes calldata message, bytes calldata) internal override {
        voteOf[_voterOf(message)] = Vote.Counted;
    }

    function _onRefused(string calldata, uint64, bytes calldata message) internal override {
        voteOf[_voterOf(message)] = Vote.None;
    }

    function _onTimedOut(string calldata, uint64, bytes calldata message) internal override {
        voteOf[_voterOf(message)] = Vote.None;
    }

    function _voterOf(bytes calldata message) private pure returns (address voter) {
        (voter,) = abi.decode(message, (address, uint256));
    }
}
