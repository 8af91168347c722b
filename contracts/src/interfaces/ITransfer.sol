// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IUpgradeable} from "./IGoverned.sol";
import {IHolds} from "./IHolds.sol";
import {ILimits} from "./ILimits.sol";

/// @notice Asks for a transfer.
/// @param denom The token's contract on this chain.
/// @param amount The amount in the token's smallest unit.
/// @param receiver The receiver, in the form of the receiving chain.
/// @param sourceClient The client to send over.
/// @param destPort The port on the receiving chain; only "transfer".
/// @param timeoutTimestamp The timeout in seconds since the Unix epoch, at most 24 hours ahead.
/// @param memo A note for the receiving chain, at most 32,768 bytes.
struct SendTransferMsg {
    address denom;
    uint256 amount;
    string receiver;
    string sourceClient;
    string destPort;
    uint64 timeoutTimestamp;
    string memo;
}

/// @notice The payload of a transfer (ICS-20). Field order is part of the encoding.
/// @param denom The full trace path of the asset; a token of an EVM chain is its address in lower-case hex.
/// @param sender The sender on the sending chain.
/// @param receiver The receiver on the receiving chain.
/// @param amount The amount.
/// @param memo A note.
struct FungibleTokenPacketData {
    string denom;
    string sender;
    string receiver;
    uint256 amount;
    string memo;
}

/// @notice What is known of one home asset over one client. Amounts only grow.
/// @param locked What entered the escrow for packets, as measured by the escrow's balance.
/// @param released What was paid out, refunded, or set aside as a claim: never more than `locked`.
struct HomeBook {
    uint128 locked;
    uint128 released;
}

/// @notice What is known of one voucher.
/// @param minted What received packets created.
/// @param burned What sent packets destroyed, less what was refunded: never more than `minted`. The difference is the
/// supply.
/// @param unsettled The burns of packets that are neither acknowledged nor timed out: the most that refunds may mint.
struct VoucherBook {
    uint128 minted;
    uint128 burned;
    uint128 unsettled;
}

/// @notice A refund that could not be paid.
/// @param counted What the books already count as refunded: payable once the token accepts it.
/// @param uncounted What would have broken conservation: payable only if the books ever allow it.
struct Claim {
    uint128 counted;
    uint128 uncounted;
}

/// @title ITransferMoves
/// @notice What everybody uses of the transfer application; see `ITransfer`.
interface ITransferMoves {
    /// @notice Sends tokens. The caller has approved this contract for the token; only a voucher that goes back over
    /// the client it came by needs no approval, and over any other client it is a token like all.
    /// @param message What to send. The amount that arrives in the escrow is what the packet carries.
    /// @return sequence The packet's sequence.
    function sendTransfer(SendTransferMsg calldata message) external returns (uint64 sequence);
}

/// @title ITransferDesk
/// @notice What of the transfer application is not on the way of a packet: claims, settings and views; see `ITransfer`.
interface ITransferDesk {
    /// @notice The router.
    function ics26() external view returns (address);

    /// @notice Pays a parked refund to its owner. Anybody may ask; it always goes to the owner. Not while the client is
    /// frozen.
    /// @param clientId The client over which the transfer was sent.
    /// @param token The token that was sent.
    /// @param owner Who sent it.
    function claim(string calldata clientId, address token, address owner) external;

    /// @notice Registers the gas that paying a token may use, if the default does not suffice. Governance only.
    function registerTokenGas(address token, uint64 gasAmount) external;

    /// @notice Chooses the decimals of a voucher, once and before the first mint; otherwise they are 18. Governance
    /// only.
    /// @param clientId The client on this chain.
    /// @param denom The denomination as the other chain sends it.
    /// @param decimals The decimals.
    function chooseVoucherDecimals(string calldata clientId, string calldata denom, uint8 decimals) external;

    /// @notice The escrow of a client, created or not.
    function getEscrow(string calldata clientId) external view returns (address);

    /// @notice The voucher of a full trace path, created or not.
    function ibcERC20Contract(string calldata denom) external view returns (address);

    /// @notice The full trace path of a voucher; empty for any other address.
    function ibcERC20Denom(address token) external view returns (string memory);

    /// @notice The books of a home asset over a client.
    function getHomeBook(string calldata clientId, address token) external view returns (HomeBook memory);

    /// @notice The books of a voucher over the client it came by.
    function getVoucherBook(string calldata clientId, address token) external view returns (VoucherBook memory);

    /// @notice What is parked for an owner.
    function getClaim(string calldata clientId, address token, address owner) external view returns (Claim memory);

    /// @notice The gas that paying a token may use.
    function getTokenGas(address token) external view returns (uint64);
}

/// @title ITransfer
/// @notice Moves ERC-20 tokens over IBC v2 (ICS-20, version "ics20-1", ABI encoding). A token of this chain is locked
/// in the escrow of the client it leaves over; a token of another chain is a voucher that is minted and burned.
///
/// Assumptions: the router calls back only for proven packets. Everything is keyed (client, asset): a client that lies
/// can take what was locked over that same client, never more and never anything of another (T-39 to T-41). A token may
/// do anything: what arrived is what counts (T-36), and a token that refuses a refund cannot keep a packet unsettled.
interface ITransfer is IUpgradeable, ITransferMoves, ITransferDesk, ILimits, IHolds {
    // Events.

    /// @notice A voucher contract was created; the name is that of the IBC v2 interface for Solidity.
    event IBCERC20ContractCreated(address indexed contractAddress, string fullDenomPath);
    /// @notice The escrow of a client was created.
    event EscrowCreated(string clientId, address escrow);
    /// @notice A refund could not be paid and waits for `claim`.
    /// @param counted Whether the books already count it; if not, paying it would break conservation today.
    event RefundParked(string clientId, address indexed token, address indexed owner, uint256 amount, bool counted);
    /// @notice A parked refund was paid.
    event ClaimPaid(string clientId, address indexed token, address indexed owner, uint256 amount);
    /// @notice Governance registered the gas that a token's transfers need.
    event TokenGasRegistered(address indexed token, uint64 gasAmount);
    /// @notice Governance chose a voucher's decimals.
    event VoucherDecimalsChosen(address indexed voucher, uint8 decimals);
    /// @notice Another call of this contract is running.
    error ReentrancyGuardReentrantCall();

    // Errors.

    /// @notice Only the router may call back.
    error NotRouter(address caller, address router);
    /// @notice The vouchers or escrows belong to another application. Remedy: deploy them for this one.
    error WrongOwner(address expected, address found);
    /// @notice Nothing is to be transferred.
    error ZeroAmount();
    /// @notice The books hold amounts below 2^128.
    error AmountTooLarge(uint256 amount, uint256 most);
    /// @notice A token must be a contract.
    error NotAToken(address token);
    /// @notice The token moved nothing into the escrow.
    error NothingArrived(address token, uint256 asked);
    /// @notice The receiver is empty, too long, or the zero address.
    error InvalidReceiver(string receiver);
    /// @notice The memo is too long.
    error MemoTooLong(uint256 length, uint256 most);
    /// @notice Transfers go from port "transfer" to port "transfer": any other port may belong to anybody.
    error WrongPort(string actual);
    /// @notice The payload has another version than "ics20-1".
    error WrongVersion(string actual);
    /// @notice The payload has another encoding than "application/x-solidity-abi".
    error WrongEncoding(string actual);
    /// @notice The payload is not the one ABI encoding of a transfer; it stops being it at this byte.
    error MalformedTransfer(uint256 position);
    /// @notice A transfer must say who sent it.
    error EmptySender();
    /// @notice The path of a denomination is too long.
    error DenomTooLong(uint256 length, uint256 most);
    /// @notice The path of a denomination has an empty segment, which ends at this byte.
    error EmptyDenomSegment(uint256 position);
    /// @notice A denomination that claims to come home names no token of this chain.
    error UnknownAsset(string denom);
    /// @notice More would leave than entered.
    error ConservationBreach(bytes32 asset, uint256 available, uint256 asked);
    /// @notice The token refused to pay.
    error PaymentRefused(address token, address to, uint256 amount);
    /// @notice The transaction has too little gas left for the token: send it again with more.
    error NotEnoughGas(uint256 available, uint256 needed);
    /// @notice The gas for a token must be 1 to `most`.
    error InvalidTokenGas(uint256 asked, uint256 most);
    /// @notice Nothing is payable to this owner now.
    error NothingToClaim(uint256 uncounted);
    /// @notice The client is frozen: what it proved counts no longer.
    error ClientFrozen(string clientId);
    /// @notice Decimals can be chosen once, before the first mint.
    error DecimalsFixed(address voucher);
}
