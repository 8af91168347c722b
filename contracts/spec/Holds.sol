// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Hold, HoldState, IHolds} from "../src/interfaces/IHolds.sol";
import {ClientStatus} from "../src/interfaces/ILightClient.sol";
import {Direction, Verdict} from "../src/interfaces/ILimits.sol";
import {IRouter} from "../src/interfaces/IRouter.sol";
import {FungibleTokenPacketData} from "../src/interfaces/ITransfer.sol";
import {Packet, Payload} from "../src/interfaces/Messages.sol";
import {Commitments} from "../src/libraries/Commitments.sol";
import {Ics20} from "../src/libraries/Ics20.sol";
import {Escrows} from "../src/transfer/Escrows.sol";
import {LaneStore} from "../src/transfer/Lanes.sol";
import {Releases} from "../src/transfer/Releases.sol";
import {Parts, TransferState} from "../src/transfer/TransferState.sol";
import {Voucher} from "../src/transfer/Voucher.sol";
import {Prover} from "./Prover.sol";

/// @dev The client over which everything arrives.
string constant CLIENT = "client-3";

/// @title HoldsSpec
/// @notice A transfer that waits is paid or refunded exactly once (I3), of `src/transfer/Holds.sol` and `Releases.sol`:
/// by their entries, with the real books, escrow and vouchers. Any sequence, amount and receiver of 42 characters; a
/// token that comes home or a voucher that does not exist yet, over one client. The router is a witness that would take
/// any number of answers, and the token one that takes or refuses what it likes.
/// @dev Nothing is halted here and the token has no limit: what they refuse ends nothing, and what a limit counts is no
/// part of a hold. That a packet is received once, and answered once, the router sees to as well: Receipts.sol.
contract HoldsSpec is Releases, Prover {
    enum Step {
        Begin,
        SetAside,
        End
    }

    string private constant SOURCE = "client-7";
    bytes32 private constant CLIENT_KEY = keccak256(bytes(CLIENT));
    string private constant DENOM = "uatom";

    Witness private immutable _witness;

    constructor() TransferState(partsOf(address(this))) {
        _witness = Witness(address(_router));
        _escrows.create(CLIENT_KEY);
    }

    /// @notice What does not wait cannot be ended: what was paid or refused is so for ever, and what never waited is
    /// neither.
    function check_a_hold_ends_once(Ending ending, bool home, uint64 sequence, uint256 amount) external inAnyState {
        Packet memory packet = _received(home, sequence, amount, _anyText(42));
        if (_hold(CLIENT_KEY, sequence).state == HoldState.Waiting) return;
        assert(!_witness.end(ending, packet));
    }

    /// @notice What ends is paid, to the receiver in the packet and to the last unit, and answered by success; or it is
    /// answered by the error that refunds it, and nothing was paid. What was kept waiting is neither, and what has
    /// ended does not wait; not even while its token is asked to pay, so that the token can end nothing once more.
    function check_an_end_pays_the_receiver_or_refunds(Ending ending, bool home, uint64 sequence, uint256 amount)
        external
        inAnyState
    {
        string memory receiver = _anyText(42);
        Packet memory packet = _received(home, sequence, amount, receiver);
        uint256 before = _booked(home);
        if (!_witness.end(ending, packet)) return;
        HoldState state = _hold(CLIENT_KEY, sequence).state;
        bool paid = state == HoldState.Paid;
        assert(paid || state == HoldState.Refused || state == HoldState.Waiting);
        assert(state == HoldState.Refused || ending == Ending.Release);
        assert(!_witness.waitedWhilePaid());
        assert(_witness.answers() == (state == HoldState.Waiting ? 0 : 1));
        if (paid) assert(_witness.answer() == keccak256(Ics20.SUCCESS));
        if (state == HoldState.Refused) {
            assert(_witness.answer() == keccak256(abi.encode(Commitments.UNIVERSAL_ERROR)));
        }
        unchecked {
            assert(_booked(home) - before == (paid ? amount : 0));
        }
        (, address account) = Ics20.parseAddress(receiver);
        assert(_paidTo(home, account) == (paid ? amount : 0));
        assert(_paid(home) == (paid ? amount : 0));
    }

    /// @notice Nothing is refunded because it waited too long unless it did, and nothing is cancelled by anybody but
    /// the guardians.
    function check_a_refund_is_due(bool cancels, address caller, uint64 sequence, uint256 amount) external inAnyState {
        Packet memory packet = _received(true, sequence, amount, _anyText(42));
        uint256 heldAt = _hold(CLIENT_KEY, sequence).heldAt;
        _callAs(caller);
        (bool ended,) = address(this).call(callOf(cancels ? Ending.Cancel : Ending.Expire, packet));
        if (!ended) return;
        if (cancels) assert(caller == _guardians);
        else assert(block.timestamp >= heldAt + HOLD_SECONDS_MAX);
    }

    /// @notice A packet ends nothing unless the router says that it was received, this very one.
    function check_only_the_received_packet_ends_it(Ending ending, bool home, uint64 sequence, uint256 amount)
        external
        inAnyState
    {
        _letPass(home);
        assert(!_witness.end(ending, _packet(home, sequence, amount, _anyText(42))));
    }

    /// @notice Whatever happens to one hold leaves where every other is, why and since when; and it is what it was to
    /// be.
    function check_a_step_touches_its_own_hold_only(
        Step step,
        bytes32 asset,
        bytes32 client,
        uint64 sequence,
        bytes32 otherClient,
        uint64 otherSequence
    ) external inAnyState {
        if (client == otherClient && sequence == otherSequence) return;
        LaneStore storage lane = _lane(asset, Direction.Receive);
        bytes32 before = _told(otherClient, otherSequence);
        HoldState own = _hold(client, sequence).state;
        if (step == Step.Begin) _beginHold(lane, client, sequence, Verdict.HeldHeadroom);
        else if (step == Step.SetAside) _setAside(lane, client, sequence);
        else _endHold(lane, client, sequence, HoldState.Refused);
        assert(_told(otherClient, otherSequence) == before);
        if (step == Step.Begin) own = HoldState.Waiting;
        if (step == Step.End) own = HoldState.Refused;
        assert(_hold(client, sequence).state == own);
    }

    /// @dev A packet that the router received, and that nothing stands in the way of.
    function _received(bool home, uint64 sequence, uint256 amount, string memory receiver)
        private
        returns (Packet memory packet)
    {
        _letPass(home);
        packet = _packet(home, sequence, amount, receiver);
        _witness.expect(packet);
    }

    /// @dev Nothing is halted, and the token has no limit.
    function _letPass(bool home) private {
        (_book().latest, _book().endless) = (0, 0);
        _lane(_asset(home), Direction.Receive).hot.flags = LISTED | UNLIMITED;
    }

    function _packet(bool home, uint64 sequence, uint256 amount, string memory receiver)
        private
        view
        returns (Packet memory packet)
    {
        string memory denom =
            home ? string.concat("transfer/", SOURCE, "/", Ics20.nativeDenom(address(_witness))) : DENOM;
        FungibleTokenPacketData memory data = FungibleTokenPacketData(denom, "sender", receiver, amount, "");
        packet = Packet(sequence, SOURCE, CLIENT, 1, new Payload[](1));
        packet.payloads[0] = Payload(Ics20.PORT, Ics20.PORT, Ics20.VERSION, Ics20.ENCODING, Ics20.encode(data));
    }

    /// @dev What tells where a hold is: all but its neighbours.
    function _told(bytes32 client, uint64 sequence) private view returns (bytes32) {
        Hold storage hold = _hold(client, sequence);
        return keccak256(abi.encode(hold.state, hold.reason, hold.heldAt, hold.dueAt));
    }

    function _token(bool home) private view returns (address) {
        return home ? address(_witness) : _voucherAddress(string.concat("transfer/", CLIENT, "/", DENOM));
    }

    function _asset(bool home) private view returns (bytes32) {
        return _assetKey(CLIENT_KEY, _token(home));
    }

    /// @dev What the books say that was paid.
    function _booked(bool home) private view returns (uint256) {
        return home ? _homeBook(_asset(home)).released : _voucherBook(_asset(home)).minted;
    }

    /// @dev What was really paid.
    function _paid(bool home) private view returns (uint256) {
        if (home) return _witness.paid();
        return _token(home).code.length == 0 ? 0 : Voucher(_token(home)).totalSupply();
    }

    function _paidTo(bool home, address account) private view returns (uint256) {
        if (home) return _witness.paidTo() == account ? _witness.paid() : 0;
        return _token(home).code.length == 0 ? 0 : Voucher(_token(home)).balanceOf(account);
    }
}

/// @notice What may end a hold.
enum Ending {
    Release,
    Cancel,
    Expire
}

function callOf(Ending ending, Packet memory packet) pure returns (bytes memory) {
    if (ending == Ending.Release) return abi.encodeCall(IHolds.releaseHold, (packet));
    if (ending == Ending.Cancel) return abi.encodeCall(IHolds.cancelHold, (packet));
    return abi.encodeCall(IHolds.expireHold, (packet));
}

function partsOf(address transfer) returns (Parts memory) {
    Witness witness = new Witness(transfer);
    IRouter router = IRouter(address(witness));
    return Parts(address(witness), router, new Voucher(transfer), new Escrows(transfer), address(witness));
}

/// @notice Everybody around the application: router, guardians, and a token that does what it likes.
contract Witness is Prover {
    address private immutable _transfer;
    bytes32 private _received;
    uint64 private _sequence;

    // What it saw.
    uint256 public answers;
    bytes32 public answer;
    uint256 public paid;
    address public paidTo;
    bool public waitedWhilePaid;

    constructor(address transfer_) {
        _transfer = transfer_;
    }

    /// @notice The one packet that the router received.
    function expect(Packet calldata packet) external {
        (_received, _sequence) = (keccak256(abi.encode(packet)), packet.sequence);
    }

    function end(Ending ending, Packet calldata packet) external returns (bool ended) {
        (ended,) = _transfer.call(callOf(ending, packet));
    }

    // The token.

    function transfer(address to, uint256 amount) external returns (bool) {
        (paid, paidTo) = (paid + amount, to);
        waitedWhilePaid = IHolds(_transfer).getHold(CLIENT, _sequence).state == HoldState.Waiting;
        return _anyBool();
    }

    // The router.

    function isPacketReceived(Packet calldata packet) external view returns (bool) {
        return _received != 0 && keccak256(abi.encode(packet)) == _received;
    }

    function getClientStatus(string calldata) external pure returns (ClientStatus) {
        return ClientStatus.Active;
    }

    function checkRunning(bytes32, bytes32) external pure {}

    function writeAcknowledgement(Packet calldata, bytes calldata acknowledgement) external {
        (answers, answer) = (answers + 1, keccak256(acknowledgement));
    }
}
