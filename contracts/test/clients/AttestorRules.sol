// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {AttestedState, AttestorSnapshot, IAttestorClient} from "../../src/interfaces/IAttestorClient.sol";
import {IBeaconClient} from "../../src/interfaces/IBeaconClient.sol";
import {ISignLaw} from "../harness/ISignLaw.sol";
import {AttestorWorld, IAttestors} from "./AttestorWorld.sol";
import {IPoolLaw} from "./harness/IPoolLaw.sol";

/// @title AttestorRules
/// @notice Judges cases as the law crate wrote them: what an accepted one does, and by which rule another is refused.
abstract contract AttestorRules is AttestorWorld {
    /// @dev A case is judged as it says.
    error Agreed();

    /// @dev The law's name of an error.
    mapping(bytes4 selector => string name) private _names;

    function setUp() public virtual override {
        super.setUp();
        _nameUpdateErrors();
        _nameSignatureErrors();
        _nameOtherErrors();
    }

    /// @dev Prepares the client of a case; what comes before the judged step or proof has to be accepted.
    function judgeRefusal(string calldata path) external {
        string memory json = vm.readFile(path);
        _judged(_prepare(json), json);
    }

    /// @dev Everything that an accepted case says about the outcome is so.
    function _agrees(string memory path) internal {
        (, bytes memory reason) = address(this).call(abi.encodeCall(this.judge, (path)));
        string memory what = string.concat(path, ": ", vm.toString(reason));
        vm.assertEq(bytes32(bytes4(reason)), bytes32(Agreed.selector), what);
    }

    /// @dev Judges one file and compares all that it says about the outcome. It takes everything back in the end: all
    /// clients live at one address.
    function judge(string calldata path) external {
        _compare(path);
        revert Agreed();
    }

    function _compare(string calldata path) private {
        string memory json = vm.readFile(path);
        IAttestors client = _prepare(json);
        (string memory result, uint256 provenAt, bytes memory values) = _judged(client, json);
        vm.assertEq(result, vm.parseJsonString(json, ".result"));
        vm.assertEq(provenAt, vm.parseJsonUint(json, ".provenAt"), path);
        vm.assertEq(values, vm.parseJsonBytes(json, ".values"), path);
        AttestorSnapshot memory shot = client.snapshot();
        vm.assertEq(shot.newestHeight, vm.parseJsonUint(json, ".newest"), path);
        vm.assertTrue(shot.frozen == vm.parseJsonBool(json, ".frozen"), path);
        vm.assertEq(shot.setId, vm.parseJsonUint(json, ".setId"), path);
        vm.assertEq(shot.nonce, vm.parseJsonUint(json, ".nonce"), path);
        vm.assertEq(shot.rotationDue, vm.parseJsonUint(json, ".rotationDue"), path);
        vm.assertEq(_words(client.attestorSet()), vm.parseJsonBytes(json, ".setAfter"), path);
        if (shot.newestHeight == 0) return;
        AttestedState memory state = client.stateAt(shot.newestHeight);
        vm.assertEq(state.storageRoot, vm.parseJsonBytes32(json, ".storageRoot"), path);
        vm.assertEq(state.timestamp, vm.parseJsonUint(json, ".timestamp"), path);
        vm.assertEq(state.learnedAt, vm.parseJsonUint(json, ".learnedAt"), path);
        vm.assertEq(client.learnedAt(state.height), state.learnedAt, path);
    }

    /// @dev The name of the rule that refuses a case; reverts if it is accepted.
    function _refusal(string memory path) internal returns (string memory name) {
        (bool accepted, bytes memory reason) = address(this).call(abi.encodeCall(this.judgeRefusal, (path)));
        vm.assertFalse(accepted, path);
        name = _names[bytes4(reason)];
        vm.assertTrue(bytes(name).length != 0, string.concat(path, ": no rule is named ", vm.toString(reason)));
    }

    function _nameUpdateErrors() private {
        _names[IAttestorClient.Malformed.selector] = "Malformed";
        _names[IAttestorClient.BadSet.selector] = "BadSet";
        _names[IAttestorClient.Frozen.selector] = "Frozen";
        _names[IAttestorClient.Expired.selector] = "Expired";
        _names[IAttestorClient.RotationDue.selector] = "RotationDue";
        _names[IAttestorClient.OffInterval.selector] = "OffInterval";
        _names[IAttestorClient.EmptyStorageRoot.selector] = "EmptyStorageRoot";
        _names[IAttestorClient.FromTheFuture.selector] = "FromTheFuture";
        _names[IAttestorClient.StateExpired.selector] = "StateExpired";
        _names[IAttestorClient.RotationPending.selector] = "RotationPending";
        _names[IAttestorClient.WrongNonce.selector] = "WrongNonce";
        _names[IAttestorClient.RotationExpired.selector] = "RotationExpired";
        _names[IAttestorClient.RotationExpiryTooFar.selector] = "RotationExpiryTooFar";
    }

    function _nameSignatureErrors() private {
        _names[IAttestorClient.SignerOrder.selector] = "SignerOrder";
        _names[IAttestorClient.UnknownSigner.selector] = "UnknownSigner";
        _names[ISignLaw.RecoveryByte.selector] = "RecoveryByte";
        _names[ISignLaw.HighS.selector] = "HighS";
        _names[ISignLaw.Unrecoverable.selector] = "Unrecoverable";
        _names[IAttestorClient.WrongSigner.selector] = "WrongSigner";
        _names[IAttestorClient.BelowThreshold.selector] = "BelowThreshold";
        _names[IAttestorClient.OlderThanRing.selector] = "OlderThanRing";
    }

    function _nameOtherErrors() private {
        _names[IAttestorClient.BadConfig.selector] = "BadConfig";
        _names[IAttestorClient.NoRotation.selector] = "NoRotation";
        _names[IAttestorClient.RotationEarly.selector] = "RotationEarly";
        _names[IAttestorClient.UnknownHeight.selector] = "UnknownHeight";
        // Those about proofs are the beacon client's own.
        _names[IBeaconClient.BadValue.selector] = "BadValue";
        _names[IBeaconClient.StorageProof.selector] = "StorageProof";
        _names[IBeaconClient.SlotAbsent.selector] = "SlotAbsent";
        _names[IBeaconClient.SlotPresent.selector] = "SlotPresent";
        _names[IBeaconClient.ValueMismatch.selector] = "ValueMismatch";
        _names[IAttestorClient.NotMisbehaviour.selector] = "NotMisbehaviour";
    }
}
