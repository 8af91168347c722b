// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC165} from "@openzeppelin/contracts/utils/introspection/IERC165.sol";

import {IBatchClient, IBatchPrefix} from "../interfaces/IBatchClient.sol";
import {ILightClient, MsgVerifyMembership, MsgVerifyNonMembership, UpdateResult} from "../interfaces/ILightClient.sol";
import {ITendermintClient, TendermintConfig, TendermintStart} from "../interfaces/ITendermintClient.sol";
import {ITendermintVerifier, SignedHeader} from "../interfaces/ITendermintVerifier.sol";
import {Height} from "../interfaces/Messages.sol";
import {Ics23} from "../libraries/Ics23.sol";
import {StorePool} from "../libraries/StorePool.sol";
import {TendermintHeader} from "../libraries/TendermintHeader.sol";
import {TendermintUpdate} from "../libraries/TendermintUpdate.sol";
import {TendermintStore} from "./TendermintStore.sol";
import {TendermintVerifier} from "./TendermintVerifier.sol";

/// @title TendermintClient
/// @notice A light client of a CometBFT chain that believes headers which its validators signed, and proves from them
/// what the chain stored about packets.
/// @dev It decides whether a header, a proof or evidence of misbehaviour holds, in the order of the law crate's
/// `Reject`. It must never believe a header that two thirds of its validators did not sign, nor one that the trusted
/// state gives no reason to believe, and never read a missing root as "everything is absent". Nobody is privileged
/// here.
/// Heights: the revision of the chain, height of the block. Assumptions: see `ITendermintClient`. Spec:
/// docs/formats/tendermint.md and docs/formats/tendermint-evm.md. Twin of `tendermint::verify`, `tendermint::member`
/// and `tendermint::misbehaviour`.
contract TendermintClient is TendermintStore, ILightClient, IBatchClient, IBatchPrefix, IERC165 {
    /// Version of the messages, and the kinds of updates.
    uint256 private constant VERSION = 1;
    uint256 private constant HEADER = 1;
    uint256 private constant SET = 2;
    uint256 private constant PART = 3;

    /// What a header is judged for: only one that moves the client forward has to fit the clock.
    uint256 private constant ADVANCE = 1;
    uint256 private constant EVIDENCE = 2;

    ITendermintVerifier private immutable VERIFIER;

    /// @param config_ The chain, and how far it is trusted.
    /// @param start The first state. Nothing is believed that does not follow from it.
    constructor(TendermintConfig memory config_, TendermintStart memory start) TendermintStore(config_, start) {
        VERIFIER = new TendermintVerifier();
    }

    /// @inheritdoc ILightClient
    function updateClient(bytes calldata updateMsg) external returns (UpdateResult) {
        require(updateMsg.length >= 2 && uint8(updateMsg[0]) == VERSION, Malformed());
        uint256 kind = uint8(updateMsg[1]);
        if (kind == SET) return _install(updateMsg[2:]);
        if (kind == PART) return _verifyPart(updateMsg[2:]);
        require(kind == HEADER, Malformed());
        Head memory head = _loadHead();
        TendermintHeader.Header memory header = _checkSigned(head, updateMsg[2:], ADVANCE);
        return _learn(head, header.height, header.moment, header.appHash, header.nextValidatorsHash);
    }

    /// @inheritdoc ILightClient
    function verifyMembership(MsgVerifyMembership calldata message) external view returns (uint256) {
        (bytes32 appHash, uint256 timestamp) = _trustedAt(message.proofHeight);
        bytes32 expected = bytes32(message.value);
        require(message.value.length == 32 && expected != 0, BadValue(message.value.length));
        bytes calldata key = _keyOf(message.path);
        bytes calldata proven = Ics23.prove(appHash, STORE, key, message.proof);
        require(proven.length != 0, KeyAbsent(key));
        require(proven.length == 32 && bytes32(proven) == expected, ValueMismatch(expected, proven));
        return timestamp;
    }

    /// @inheritdoc ILightClient
    function verifyNonMembership(MsgVerifyNonMembership calldata message) external view returns (uint256) {
        (bytes32 appHash, uint256 timestamp) = _trustedAt(message.proofHeight);
        bytes calldata key = _keyOf(message.path);
        bytes calldata proven = Ics23.prove(appHash, STORE, key, message.proof);
        require(proven.length == 0, KeyPresent(key, proven));
        return timestamp;
    }

    /// @inheritdoc IBatchClient
    /// @dev The pool: docs/formats/store-pool.md. Paths stand in ascending order. A value that is no commitment is the
    /// word of ones.
    function verifyBatch(Height calldata height, bytes calldata pool, bytes[] calldata paths)
        external
        view
        returns (uint256 timestamp, bytes32[] memory values)
    {
        bytes32 appHash;
        (appHash, timestamp) = _trustedAt(height);
        values = StorePool.prove(appHash, _store, paths, pool);
    }

    /// @inheritdoc IBatchPrefix
    function batchPrefix() external view returns (bytes[] memory prefix) {
        prefix = new bytes[](2);
        prefix[0] = _store;
    }

    /// @inheritdoc ILightClient
    /// @dev u32 length of the first header ‖ first ‖ second.
    function misbehaviour(bytes calldata evidence) external {
        require(evidence.length >= 4, Malformed());
        uint256 cut = 4 + uint256(uint32(bytes4(evidence)));
        require(cut <= evidence.length, Malformed());
        Head memory head = _loadHead();
        TendermintHeader.Header memory first = _checkSigned(head, evidence[4:cut], EVIDENCE);
        TendermintHeader.Header memory second = _checkSigned(head, evidence[cut:], EVIDENCE);
        require(_contradict(first, second), NotMisbehaviour());
        _freeze();
    }

    /// @inheritdoc ITendermintClient
    function verifier() external view returns (address) {
        return address(VERIFIER);
    }

    /// @inheritdoc ILightClient
    function getClientState() external view returns (bytes memory) {
        return abi.encode(config());
    }

    /// @inheritdoc IERC165
    function supportsInterface(bytes4 interfaceId) external pure returns (bool) {
        return interfaceId == type(ILightClient).interfaceId || interfaceId == type(IBatchClient).interfaceId
            || interfaceId == type(IBatchPrefix).interfaceId || interfaceId == type(IERC165).interfaceId;
    }

    /// Anybody may install a set: its card follows from it. Nothing is believed by that.
    function _install(bytes calldata message) private returns (UpdateResult) {
        (bytes32 root, bytes32 card) = VERIFIER.install(message);
        _cards[root] = card;
        return UpdateResult.NoOp;
    }

    /// Some of the votes for a header, which another message names. Nothing is believed by that.
    function _verifyPart(bytes calldata message) private returns (UpdateResult) {
        (, SignedHeader memory signed) = _checkHeader(_loadHead(), message, EVIDENCE);
        VERIFIER.verifyPart(signed, message);
        return UpdateResult.NoOp;
    }

    /// Everything up to and including the signatures.
    function _checkSigned(Head memory head, bytes calldata message, uint256 purpose)
        private
        view
        returns (TendermintHeader.Header memory header)
    {
        SignedHeader memory signed;
        (header, signed) = _checkHeader(head, message, purpose);
        VERIFIER.verify(signed, message);
    }

    /// Everything but the sets and signatures; and what has to be known of those.
    function _checkHeader(Head memory head, bytes calldata message, uint256 purpose)
        private
        view
        returns (TendermintHeader.Header memory header, SignedHeader memory signed)
    {
        TendermintUpdate.Update memory update = TendermintUpdate.read(message);
        header = update.header;
        _checkUsable(head);
        TendermintHeader.checkVersion(header);
        TendermintHeader.checkAppHash(header);
        StoredState storage anchor = _stateAt(update.revisionNumber, update.trustedHeight);
        require(header.chain == CHAIN, ChainMismatch(CHAIN, header.chain));
        _checkTime(update, anchor.meta, purpose);
        signed = _asSigned(update, anchor.nextValidatorsHash);
    }

    /// What decides which sets are the right ones, and whether enough of them signed.
    function _asSigned(TendermintUpdate.Update memory update, bytes32 next) private view returns (SignedHeader memory) {
        bytes32 own = update.header.validatorsHash;
        bytes32 card = _cards[own];
        return SignedHeader({
            hash: update.header.hash,
            height: update.header.height,
            chainFrom: update.chainFrom,
            setsFrom: update.setsFrom,
            stated: own,
            ownCard: card,
            trusted: next,
            trustedCard: next == own ? card : _cards[next],
            isNext: update.header.height == update.trustedHeight + 1,
            trustNumerator: TRUST_NUMERATOR,
            trustDenominator: TRUST_DENOMINATOR
        });
    }

    /// The trusted state counts, and the header is above and later than it, and not ahead of the clock.
    function _checkTime(TendermintUpdate.Update memory update, uint256 meta, uint256 purpose) private view {
        (uint64 trusted, uint64 height) = (update.trustedHeight, update.header.height);
        uint256 moment = _momentOf(meta);
        uint256 until = _expiryOf(moment);
        require(block.timestamp < until, AnchorExpired(trusted, until, block.timestamp));
        require(height > trusted, HeightOrder(trusted, height));
        uint256 offered = update.header.moment;
        require(offered > moment, TimeOrder(moment, offered));
        if (purpose == EVIDENCE) return;
        uint256 time = offered >> 32;
        bool past = time < block.timestamp + CLOCK_DRIFT;
        require(past, FromTheFuture(time, block.timestamp, CLOCK_DRIFT));
    }

    /// One height and two blocks, or the higher one is not later.
    function _contradict(TendermintHeader.Header memory first, TendermintHeader.Header memory second)
        private
        pure
        returns (bool)
    {
        if (first.height == second.height) return first.hash != second.hash;
        return first.height > second.height ? first.moment <= second.moment : second.moment <= first.moment;
    }

    /// The app hash at a height, and that height's time in seconds since the Unix epoch.
    function _trustedAt(Height calldata height) private view returns (bytes32 appHash, uint256 timestamp) {
        _checkUsable(_loadHead());
        StoredState storage state = _stateAt(height.revisionNumber, height.revisionHeight);
        return (state.appHash, _momentOf(state.meta) >> 32);
    }

    /// The key in a path: the store comes before it.
    function _keyOf(bytes[] calldata path) private view returns (bytes calldata) {
        require(path.length == 2 && keccak256(path[0]) == STORE, BadPath(path.length));
        return path[1];
    }
}
