// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {OnAcknowledgementPacketCallback, OnTimeoutPacketCallback} from "./IApplication.sol";
import {LimitKind} from "./ILimits.sol";

/// @notice Asks for a call on another chain.
/// @param sourceClient The client to send over.
/// @param receiver What is to be called, in the other chain's form: an address on an EVM chain, nothing on a Cosmos
/// chain.
/// @param salt Which of the caller's accounts there makes the call, at most 32 bytes.
/// @param payload What the call says, at most 32,768 bytes: call data on an EVM chain.
/// @param timeoutTimestamp The timeout in seconds since the Unix epoch, at most 24 hours ahead.
/// @param memo A note for the receiving chain, at most 32,768 bytes.
struct SendCallMsg {
    string sourceClient;
    string receiver;
    bytes salt;
    bytes payload;
    uint64 timeoutTimestamp;
    string memo;
}

/// @notice The payload of a call (ICS-27 GMP). Field order is part of the encoding.
/// @param sender Who asks, in the sending chain's form; an EVM chain writes an address with its checksum.
/// @param receiver What is to be called.
/// @param salt Which of the sender's accounts makes the call.
/// @param payload What the call says.
/// @param memo A note.
struct GMPPacketData {
    string sender;
    string receiver;
    bytes salt;
    bytes payload;
    string memo;
}

/// @notice The answer to a call that succeeded.
/// @param result What the call returned.
struct GMPAcknowledgement {
    bytes result;
}

/// @notice Names an account.
/// @param clientId The client on this chain.
/// @param sender The sender on the other chain.
/// @param salt Which of the sender's accounts.
struct AccountIdentifier {
    string clientId;
    string sender;
    bytes salt;
}

/// @notice How many calls a client may make here.
/// @param kind Whether there is a limit. Absent = every call is refused.
/// @param capacity The most calls at once.
/// @param perDay How many calls come back in 86,400 seconds.
struct CallLimit {
    LimitKind kind;
    uint32 capacity;
    uint32 perDay;
}

/// @title ICallSender
/// @notice What a contract offers, and declares by ERC-165, to hear how the calls that it asked for ended. Each gets
/// exactly `ICall.SENDER_CALLBACK_GAS()`; one that fails is noted by an event, and the packet is settled all the same.
interface ICallSender {
    /// @notice A call was answered.
    /// @param success Whether it succeeded; then `message.acknowledgement` is the encoding of a `GMPAcknowledgement`.
    function onAckPacket(bool success, OnAcknowledgementPacketCallback calldata message) external;

    /// @notice A call was not received in time.
    function onTimeoutPacket(OnTimeoutPacketCallback calldata message) external;
}

/// @title ICall
/// @notice Calls contracts of other chains over IBC v2 (ICS-27 GMP, version "ics27-2", ABI encoding). Every sender of
/// another chain has accounts here, one for each (client, sender, salt), and nothing but an account ever makes a call.
///
/// Assumptions: the router calls back only for proven packets. An account belongs to whoever the client says is the
/// sender: a client that lies has its own accounts, and those of no other client. A call that fails changes nothing and
/// is answered by the universal error.
interface ICall {
    // Events.

    /// @notice An account made its first call.
    event AccountCreated(string clientId, string sender, bytes salt, address indexed account);
    /// @notice An account made a call.
    event CallMade(string clientId, uint64 sequence, address indexed account, address indexed target);
    /// @notice A sender could not be told how its call ended.
    event SenderCallbackFailed(string clientId, uint64 sequence, address indexed sender);
    /// @notice A client may make so many calls from now on.
    event CallLimitSet(string clientId, CallLimit limit);
    /// @notice Nobody's account may call this contract from now on.
    event TargetProtected(address indexed target);

    // Errors.

    /// @notice Only the router may call back.
    error NotRouter(address caller, address router);
    /// @notice Calls go from port "gmpport" to port "gmpport": any other port may belong to anybody.
    error WrongPort(string actual);
    /// @notice The payload has another version than "ics27-2".
    error WrongVersion(string actual);
    /// @notice The payload has another encoding than "application/x-solidity-abi".
    error WrongEncoding(string actual);
    /// @notice The payload is not the one ABI encoding of a call; it stops being it at this byte.
    error MalformedCall(uint256 position);
    /// @notice A call must say who asks for it.
    error EmptySender();
    /// @notice A field is too long: 0 sender, 1 receiver, 2 salt, 3 payload, 4 memo.
    error FieldTooLong(uint256 field, uint256 length, uint256 most);
    /// @notice The receiver is not the address of a contract: "0x" and 40 hex digits.
    error InvalidReceiver(string receiver);
    /// @notice There is no contract at this address, or one of the chain's own.
    error NotAContract(address target);
    /// @notice The contract belongs to the bridge, which no message may reach.
    error ProtectedTarget(address target);
    /// @notice The client may not make calls: governance has set no limit.
    error CallLimitAbsent(string clientId);
    /// @notice The client has made its calls: deliver later.
    error CallLimitReached(string clientId, uint256 capacity, uint256 perDay);
    /// @notice A limit needs a capacity and a rate; without a limit both are 0.
    error InvalidCallLimit(CallLimit limit);
    /// @notice This limit allows more than the present one in some respect: it needs `setCallLimit`.
    error NotALowering(CallLimit present, CallLimit next);
    /// @notice The call failed.
    /// @param reason What the contract reverted with; empty if that is longer than 1,024 bytes, or if gas ran out.
    error CallFailed(address target, bytes reason);
    /// @notice The transaction has too little gas left for the sender's callback: send it again with more.
    error NotEnoughGas(uint256 available, uint256 needed);
    /// @notice Accounts obey another contract than this one.
    error WrongAccounts(address expected, address found);

    // Functions.

    /// @notice Asks for a call. The caller's account on the other chain makes it.
    /// @return sequence The packet's sequence.
    function sendCall(SendCallMsg calldata message) external returns (uint64 sequence);

    /// @notice Sets how many calls a client may make. What it has made already counts on. Governance only.
    function setCallLimit(string calldata clientId, CallLimit calldata limit) external;

    /// @notice The same, for a limit that allows no more than the present one: at once, by the role that may lower.
    function lowerCallLimit(string calldata clientId, CallLimit calldata limit) external;

    /// @notice Protects contracts that came to the bridge later. For good; governance only.
    function protect(address[] calldata targets) external;

    /// @notice The account of a sender, created or not.
    function getOrComputeAccountAddress(AccountIdentifier calldata identifier) external view returns (address);

    /// @notice The limit of a client.
    function getCallLimit(string calldata clientId) external view returns (CallLimit memory);

    /// @notice How many calls a client may make now; the largest number if there is explicitly no limit.
    function availableCalls(string calldata clientId) external view returns (uint256);

    /// @notice Whether no account may call this address.
    function isProtected(address target) external view returns (bool);

    /// @notice The router.
    function ics26() external view returns (address);

    /// @notice The gas that a sender's callback gets.
    function SENDER_CALLBACK_GAS() external view returns (uint64);
}
