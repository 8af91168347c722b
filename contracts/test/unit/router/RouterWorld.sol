// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {MsgSendPacket, Packet, Payload} from "../../../src/interfaces/Messages.sol";
import {Probe} from "../../support/world/Probe.sol";
import {Chain, World} from "../../support/world/World.sol";

/// @title RouterWorld
/// @notice The test world with a probe on each chain under the port "probe".
abstract contract RouterWorld is World {
    Probe internal probeA;
    Probe internal probeB;

    function setUp() public virtual override {
        super.setUp();
        probeA = _probe(a, 300_000);
        probeB = _probe(b, 300_000);
    }

    function _probe(Chain memory chain, uint64 callbackGas) internal returns (Probe probe) {
        probe = new Probe(chain.router, callbackGas);
        vm.prank(GOVERNANCE);
        chain.router.addIBCApp("probe", address(probe));
    }

    /// @dev A good request to send from chain A.
    function _letter() internal view returns (MsgSendPacket memory message) {
        message.sourceClient = a.clientId;
        message.timeoutTimestamp = uint64(block.timestamp) + HOUR;
        message.payload = Payload("probe", "probe", "probe-1", "text/plain", "hello");
    }

    /// @dev A packet sent from chain A.
    function _sent() internal returns (Packet memory) {
        vm.recordLogs();
        probeA.send(_letter());
        return _sentPacket();
    }
}
