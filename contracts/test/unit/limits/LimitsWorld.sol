// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Limit, LimitKind, Verdict} from "../../../src/interfaces/ILimits.sol";
import {Bucket, Situation, ValueSituation} from "../../../src/libraries/Limits.sol";
import {ILimitsLaw} from "../../harness/ILimitsLaw.sol";
import {Test} from "../../support/Test.sol";

/// @title LimitsWorld
/// @notice Replays what the law crate `limits` wrote down: traces of one bucket, and situations to weigh. The formats
/// are those of light-clients/vectors/README.md.
abstract contract LimitsWorld is Test {
    uint256 private constant STEP_WORDS = 11;
    uint256 private constant SITUATION_WORDS = 13;
    /// @dev The law's number for a refused lowering, which is no verdict.
    uint256 private constant NOT_A_LOWERING = 255;

    /// @dev Judges one file, and says whether what it shows was refused in the end.
    function _judge(string memory path) internal returns (bool refused) {
        string memory json = vm.readFile(path);
        bytes32 kind = keccak256(bytes(vm.parseJsonString(json, ".kind")));
        if (kind == keccak256("trace")) return _replay(json, path) != 0;
        if (kind == keccak256("weigh")) return _weigh(json, path);
        if (kind == keccak256("value")) {
            uint256 worth = _newLaw().valueOf(_word(json, ".amount"), _word(json, ".price"));
            vm.assertEq(worth, _word(json, ".value"), path);
            return false;
        }
        require(kind == keccak256("price"), path);
        uint256 usable = _newLaw()
            .usablePrice(
                _word(json, ".price"), _word(json, ".updatedAt"), _word(json, ".now"), _word(json, ".ageSecondsMax")
            );
        vm.assertEq(usable, _word(json, ".usable"), path);
        return false;
    }

    /// @dev Every step leaves what is written.
    /// @return answer What the last step was answered with.
    function _replay(string memory json, string memory path) private returns (uint256 answer) {
        uint256[] memory words = _words(vm.parseJsonBytes(json, ".steps"));
        require(words.length != 0 && words.length % STEP_WORDS == 0, path);
        ILimitsLaw law = _newLaw();
        for (uint256 at = 0; at < words.length; at += STEP_WORDS) {
            string memory about = string.concat(path, " step ", vm.toString(at / STEP_WORDS));
            answer = _act(law, words, at);
            vm.assertEq(answer, words[at + 6], about);
            vm.assertEq(law.available(words[at + 1]), words[at + 7], about);
            (uint256 level, uint256 debt, uint256 updatedAt) = law.stored();
            vm.assertEq(level, words[at + 8], about);
            vm.assertEq(debt, words[at + 9], about);
            vm.assertEq(updatedAt, words[at + 10], about);
        }
    }

    function _act(ILimitsLaw law, uint256[] memory words, uint256 at) private returns (uint256 answer) {
        uint256 time = words[at + 1];
        if (words[at] == 1) law.set(time, _limit(words, at + 2));
        else if (words[at] == 2) answer = law.lower(time, _limit(words, at + 2)) ? 0 : NOT_A_LOWERING;
        else if (words[at] == 3) answer = uint256(law.take(time, words[at + 3]));
        else if (words[at] == 4) law.credit(time, words[at + 3]);
        else if (words[at] == 6) law.setDefault(_limit(words, at + 2));
        else require(words[at] == 5, "unknown operation");
    }

    function _weigh(string memory json, string memory path) private returns (bool refused) {
        uint256[] memory words = _words(vm.parseJsonBytes(json, ".situation"));
        require(words.length == SITUATION_WORDS, path);
        LimitKind valued = words[6] == 0 ? LimitKind.Absent : LimitKind.Limited;
        Situation memory situation = Situation({
            amount: words[0],
            limit: _limit(words, 1),
            bucket: Bucket(words[5], 0, 1),
            value: ValueSituation(Limit(valued, uint128(words[7]), 0, 0), Bucket(words[8], 0, 1), words[9]),
            largeSize: words[10],
            queued: words[11],
            held: words[12]
        });
        Verdict verdict = _newLaw().weigh(situation);
        vm.assertEq(uint256(verdict), vm.parseJsonUint(json, ".verdict"), path);
        return verdict > Verdict.Pay && verdict <= Verdict.TooManyHeld;
    }

    function _newLaw() private returns (ILimitsLaw) {
        return ILimitsLaw(_create("LimitsLaw.sol:LimitsLaw", ""));
    }

    function _limit(uint256[] memory words, uint256 at) private pure returns (Limit memory) {
        return Limit(LimitKind(words[at]), uint128(words[at + 1]), uint128(words[at + 2]), uint128(words[at + 3]));
    }

    function _word(string memory json, string memory key) private pure returns (uint256) {
        return uint256(vm.parseJsonBytes32(json, key));
    }

    function _words(bytes memory text) private pure returns (uint256[] memory words) {
        words = new uint256[](text.length / 32);
        for (uint256 i = 0; i < words.length; ++i) {
            assembly ("memory-safe") {
                mstore(add(add(words, 0x20), shl(5, i)), mload(add(add(text, 0x20), shl(5, i))))
            }
        }
    }
}
