// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC165} from "@openzeppelin/contracts/utils/introspection/IERC165.sol";

import {Governed} from "../guard/Governed.sol";
import {IClientHalts} from "../interfaces/IHaltable.sol";
import {
    ClientStatus,
    IClientStatus,
    ILearnedAt,
    ILightClient,
    MsgVerifyMembership,
    MsgVerifyNonMembership,
    UpdateResult
} from "../interfaces/ILightClient.sol";
import {Height} from "../interfaces/Messages.sol";
import {IPolicyClient, PolicyLeaf} from "../interfaces/IPolicyClient.sol";
import {Kept} from "../libraries/Kept.sol";
import {Policies} from "../libraries/Policies.sol";

/// @title PolicyClient
/// @notice A light client made of light clients: what it believes, enough of its leaves have proven.
/// @dev It decides whether the leaves that proved something are enough, and which height and time that proves. A leaf
/// that is halted, frozen, expired, silent or not asked is absent, and absence only ever takes away: whoever starves a
/// leaf of gas gains no more than by leaving its proof out, which everybody may. It must never take a leaf for more
/// than it said, and keeps nothing between calls.
///
/// Leaves are asked by static calls: a leaf that writes when it verifies is absent. Assumptions: see `IPolicyClient`.
/// Spec: docs/formats/policy.md. Twin of `policy::decide`.
contract PolicyClient is IPolicyClient, ILightClient, IClientStatus, IERC165, Governed {
    /// What the leaves proved so far.
    struct Count {
        /// Bit n for the n-th leaf.
        uint256 counted;
        /// The earliest time, and the height that has it.
        uint256 timestamp;
        Height height;
    }

    /// The router of this chain, which knows whose halts are on.
    IClientHalts public immutable halts;

    /// Where the policy is kept.
    address private _policy;

    /// @param policy See docs/formats/policy.md.
    /// @param halts_ The router of this chain.
    /// @param authority_ The `AccessManager` of this chain.
    constructor(bytes memory policy, IClientHalts halts_, address authority_) Governed(authority_) {
        require(address(halts_).code.length != 0, BadLeaf(address(halts_)));
        halts = halts_;
        _setPolicy(policy);
    }

    /// @inheritdoc IPolicyClient
    function setPolicy(bytes calldata policy) external restricted {
        _setPolicy(policy);
    }

    /// @inheritdoc ILightClient
    /// @dev Passes the message on to a leaf: u8 place of the leaf ‖ the leaf's own message. Whoever likes updates the
    /// leaf itself; this is for those who know the policy's client id only.
    function updateClient(bytes calldata updateMsg) external returns (UpdateResult) {
        return _leafOf(updateMsg).updateClient(updateMsg[1:]);
    }

    /// @inheritdoc ILightClient
    /// @dev Passes the evidence on to a leaf, as updates are. Nothing freezes the policy itself.
    function misbehaviour(bytes calldata misbehaviourMsg) external {
        _leafOf(misbehaviourMsg).misbehaviour(misbehaviourMsg[1:]);
    }

    /// @inheritdoc ILightClient
    function verifyMembership(MsgVerifyMembership calldata message) external view returns (uint256) {
        bytes memory policy = Kept.load(_policy);
        PolicyLeaf[] memory leaves = Policies.check(policy);
        Count memory count;
        bytes calldata rest = message.proof;
        MsgVerifyMembership memory ask = MsgVerifyMembership("", message.proofHeight, message.path, message.value);
        for (uint256 i = 0; i < leaves.length; ++i) {
            (ask.proofHeight, ask.proof, rest) = _readProof(rest);
            if (ask.proof.length == 0) continue;
            _ask(count, i, leaves[i], ask.proofHeight, abi.encodeCall(ILightClient.verifyMembership, (ask)));
        }
        return _decide(policy, count, rest, message.proofHeight);
    }

    /// @inheritdoc ILightClient
    function verifyNonMembership(MsgVerifyNonMembership calldata message) external view returns (uint256) {
        bytes memory policy = Kept.load(_policy);
        PolicyLeaf[] memory leaves = Policies.check(policy);
        Count memory count;
        bytes calldata rest = message.proof;
        MsgVerifyNonMembership memory ask = MsgVerifyNonMembership("", message.proofHeight, message.path);
        for (uint256 i = 0; i < leaves.length; ++i) {
            (ask.proofHeight, ask.proof, rest) = _readProof(rest);
            if (ask.proof.length == 0) continue;
            _ask(count, i, leaves[i], ask.proofHeight, abi.encodeCall(ILightClient.verifyNonMembership, (ask)));
        }
        return _decide(policy, count, rest, message.proofHeight);
    }

    /// @inheritdoc IClientStatus
    /// @dev Active when the leaves that are active, and not halted, could be enough. Frozen when that fails for frozen
    /// leaves alone: then only governance can help.
    function status() external view returns (ClientStatus) {
        bytes memory policy = Kept.load(_policy);
        PolicyLeaf[] memory leaves = Policies.check(policy);
        uint256 active = 0;
        uint256 notFrozen = 0;
        for (uint256 i = 0; i < leaves.length; ++i) {
            (bool answered, uint256 answer) = _view(leaves[i].client, abi.encodeCall(IClientStatus.status, ()));
            bool frozen = answered && answer == uint256(ClientStatus.Frozen);
            bool halted = halts.isClientContractHalted(leaves[i].client);
            if (answered && answer == uint256(ClientStatus.Active) && !halted) active |= 1 << i;
            if (!frozen || halted) notFrozen |= 1 << i;
        }
        if (Policies.holds(policy, active)) return ClientStatus.Active;
        return Policies.holds(policy, notFrozen) ? ClientStatus.Expired : ClientStatus.Frozen;
    }

    /// @inheritdoc ILightClient
    function getClientState() external view returns (bytes memory) {
        return getPolicy();
    }

    /// @inheritdoc IPolicyClient
    function getPolicy() public view returns (bytes memory) {
        return Kept.load(_policy);
    }

    /// @inheritdoc IPolicyClient
    function getLeaves() external view returns (PolicyLeaf[] memory) {
        return Policies.check(getPolicy());
    }

    /// @inheritdoc IERC165
    function supportsInterface(bytes4 interfaceId) external pure returns (bool) {
        return interfaceId == type(IPolicyClient).interfaceId || interfaceId == type(ILightClient).interfaceId
            || interfaceId == type(IERC165).interfaceId;
    }

    /// Keeps a policy whose leaves are clients that tell their status, and none of them a policy.
    function _setPolicy(bytes memory policy) private {
        PolicyLeaf[] memory leaves = Policies.check(policy);
        for (uint256 i = 0; i < leaves.length; ++i) {
            address client = leaves[i].client;
            // A policy inside a policy could lead back to this one; that it is none, no leaf can change afterwards.
            bytes memory question = abi.encodeCall(IERC165.supportsInterface, (type(IPolicyClient).interfaceId));
            (bool answered, uint256 answer) = _view(client, question);
            bool nested = client == address(this) || (answered && answer != 0);
            (answered, answer) = _view(client, abi.encodeCall(IClientStatus.status, ()));
            bool tells = answered && answer <= uint256(type(ClientStatus).max);
            require(client.code.length != 0 && !nested && tells, BadLeaf(client));
        }
        _policy = Kept.save(policy);
        emit PolicyChanged(policy);
    }

    /// Asks a leaf and counts it if it proves what is asked: halted, refusing, or not ripe, it is absent.
    function _ask(
        Count memory count,
        uint256 place,
        PolicyLeaf memory leaf,
        Height memory height,
        bytes memory question
    ) private view {
        if (halts.isClientContractHalted(leaf.client)) return;
        (bool proven, uint256 timestamp) = _view(leaf.client, question);
        if (!proven || timestamp == 0 || timestamp > type(uint64).max) return;
        if (leaf.delay != 0) {
            // Who tells when a state was learned, tells it for revision 0.
            if (height.revisionNumber != 0) return;
            bytes memory when = abi.encodeCall(ILearnedAt.learnedAt, (height.revisionHeight));
            (bool told, uint256 learnedAt) = _view(leaf.client, when);
            bool ripe =
                told && learnedAt != 0 && learnedAt <= type(uint64).max && block.timestamp >= learnedAt + leaf.delay;
            if (!ripe) return;
        }
        if (count.counted == 0 || timestamp < count.timestamp) {
            count.timestamp = timestamp;
            count.height = Height(height.revisionNumber, height.revisionHeight);
        }
        count.counted |= 1 << place;
    }

    /// The earliest time, if the leaves that count are enough and the whole proof has that height.
    function _decide(bytes memory policy, Count memory count, bytes calldata rest, Height calldata given)
        private
        pure
        returns (uint256)
    {
        require(rest.length == 0, Malformed());
        require(Policies.holds(policy, count.counted), NotSatisfied(count.counted));
        Height memory expected = count.height;
        bool same = expected.revisionNumber == given.revisionNumber && expected.revisionHeight == given.revisionHeight;
        require(
            same,
            WrongHeight(expected.revisionNumber, expected.revisionHeight, given.revisionNumber, given.revisionHeight)
        );
        return count.timestamp;
    }

    /// The leaf that a message is for.
    function _leafOf(bytes calldata message) private view returns (ILightClient) {
        PolicyLeaf[] memory leaves = Policies.check(getPolicy());
        require(message.length != 0 && uint8(message[0]) < leaves.length, Malformed());
        return ILightClient(leaves[uint8(message[0])].client);
    }

    /// What a contract answers to a question in one word; not answered if it reverts or answers less. However much it
    /// answers, nothing else is copied.
    function _view(address target, bytes memory question) private view returns (bool answered, uint256 answer) {
        assembly ("memory-safe") {
            let done := staticcall(gas(), target, add(question, 0x20), mload(question), 0x00, 0x20)
            answered := and(done, gt(returndatasize(), 0x1f))
            if answered { answer := mload(0x00) }
        }
    }

    /// The proof of the next leaf: u64 revision ‖ u64 height ‖ u32 length ‖ proof.
    function _readProof(bytes calldata rest)
        private
        pure
        returns (Height memory height, bytes calldata proof, bytes calldata left)
    {
        require(rest.length >= 20, Malformed());
        height = Height(uint64(bytes8(rest[:8])), uint64(bytes8(rest[8:16])));
        uint256 end = 20 + uint256(uint32(bytes4(rest[16:20])));
        require(rest.length >= end, Malformed());
        return (height, rest[20:end], rest[end:]);
    }
}
