// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {Strings} from "@openzeppelin/contracts/utils/Strings.sol";

import {Governed} from "./guard/Governed.sol";
import {Upgradeable} from "./guard/Upgradeable.sol";
import {
    IApplication,
    ICallbackGas,
    OnAcknowledgementPacketCallback,
    OnRecvPacketCallback,
    OnTimeoutPacketCallback
} from "./interfaces/IApplication.sol";
import {IUpgradeable} from "./interfaces/IGoverned.sol";
import {ClientStatus} from "./interfaces/ILightClient.sol";
import {IRouter} from "./interfaces/IRouter.sol";
import {
    Claim,
    FungibleTokenPacketData,
    HomeBook,
    ITransfer,
    SendTransferMsg,
    VoucherBook
} from "./interfaces/ITransfer.sol";
import {MsgSendPacket, Payload} from "./interfaces/Messages.sol";
import {Commitments} from "./libraries/Commitments.sol";
import {Ics20} from "./libraries/Ics20.sol";
import {Escrows} from "./transfer/Escrows.sol";
import {Books} from "./transfer/Books.sol";
import {Payments} from "./transfer/Payments.sol";
import {Voucher} from "./transfer/Voucher.sol";
import {Vouchers} from "./transfer/Vouchers.sol";

/// @title Transfer
/// @notice The ICS-20 application: decides what a transfer does to the assets of this chain. It must never pay twice
/// for one packet, pay more over a client than entered over it, or leave a packet unsettled because of what a token
/// does.
/// @dev Spec: PROTOCOL section 3. A breach of conservation on a receive is refused (error acknowledgement); on a refund
/// it is parked. The router guarantees that each packet of this application is settled once.
contract Transfer is
    IApplication,
    ICallbackGas,
    ITransfer,
    Books,
    Payments,
    Vouchers,
    Upgradeable,
    ReentrancyGuardTransient
{
    /// @inheritdoc ICallbackGas
    /// @dev Covers the largest token gas, or a voucher with the longest path.
    uint64 public constant callbackGas = 1_000_000;

    IRouter private immutable _router;

    /// @dev Keyed by keccak256(asset key, owner).
    mapping(bytes32 claimKey => Claim parked) private _claims;

    modifier onlyRouter() {
        require(msg.sender == address(_router), NotRouter(msg.sender, address(_router)));
        _;
    }

    modifier onlyOutermost() {
        require(!_reentrancyGuardEntered());
        _;
    }

    /// @param authority_ Who decides who may register gas, choose decimals and replace this code.
    /// @param router The router. It may be deployed afterwards at this address, with the proxy as initial port.
    /// @param original What vouchers are clones of. It belongs to the proxy, as the escrows do.
    /// @param escrows What creates escrows.
    constructor(address authority_, IRouter router, Voucher original, Escrows escrows)
        Governed(authority_)
        Vouchers(original)
        Payments(escrows)
    {
        _router = router;
    }

    /// @notice Called by the constructor of the proxy, once. There is nothing to write: it looks whether the vouchers
    /// and escrows obey the proxy.
    function initialize() external initializer {
        _checkOwner(_original.transfer());
        _checkOwner(_escrows.transfer());
    }

    /// @inheritdoc ITransfer
    function sendTransfer(SendTransferMsg calldata message) external nonReentrant returns (uint64 sequence) {
        _checkRequest(message);
        FungibleTokenPacketData memory data = FungibleTokenPacketData({
            denom: _denomOf(message.denom),
            sender: Strings.toHexString(msg.sender),
            receiver: message.receiver,
            amount: message.amount,
            memo: message.memo
        });
        Ics20.check(data);
        data.amount = _take(message);
        Payload memory payload = Payload({
            sourcePort: Ics20.PORT,
            destPort: Ics20.PORT,
            version: Ics20.VERSION,
            encoding: Ics20.ENCODING,
            value: Ics20.encode(data)
        });
        return _router.sendPacket(MsgSendPacket(message.sourceClient, message.timeoutTimestamp, payload));
    }

    /// @inheritdoc IApplication
    /// @dev Inside another call of this contract it reverts without data: a token whose hook delivers other people's
    /// packets must not be able to have them refused (T-46).
    function onRecvPacket(OnRecvPacketCallback calldata message)
        external
        onlyRouter
        onlyOutermost
        nonReentrant
        returns (bytes memory)
    {
        Ics20.checkEnvelope(message.payload);
        FungibleTokenPacketData memory data = Ics20.decode(message.payload.value);
        Ics20.check(data);
        (bool valid, address receiver) = Ics20.parseAddress(data.receiver);
        require(valid && receiver != address(0), InvalidReceiver(data.receiver));

        bytes32 clientKey = keccak256(bytes(message.destinationClient));
        (bool home, string memory denom) = Ics20.stripHop(message.sourceClient, data.denom);
        if (home) {
            _payOut(clientKey, _tokenOf(denom), receiver, data.amount);
        } else {
            Voucher voucher = _arrivedVoucher(message.destinationClient, denom);
            _bookMint(_assetKey(clientKey, address(voucher)), data.amount);
            voucher.mint(receiver, data.amount);
        }
        return Ics20.SUCCESS;
    }

    /// @inheritdoc IApplication
    /// @dev The universal error is the only answer that proves that nothing was paid; every other settles the packet.
    function onAcknowledgementPacket(OnAcknowledgementPacketCallback calldata message)
        external
        onlyRouter
        nonReentrant
    {
        if (_isRefusal(message.acknowledgement)) {
            return _refund(message.sourceClient, message.payload.value);
        }
        FungibleTokenPacketData memory data = Ics20.decode(message.payload.value);
        bytes32 clientKey = keccak256(bytes(message.sourceClient));
        address token = _tokenOf(data.denom);
        if (_cameBy(token, clientKey)) _bookSettled(_assetKey(clientKey, token), data.amount);
    }

    /// @inheritdoc IApplication
    function onTimeoutPacket(OnTimeoutPacketCallback calldata message) external onlyRouter nonReentrant {
        _refund(message.sourceClient, message.payload.value);
    }

    /// @inheritdoc ITransfer
    function claim(string calldata clientId, address token, address owner) external nonReentrant {
        require(_router.getClientStatus(clientId) != ClientStatus.Frozen, ClientFrozen(clientId));
        bytes32 clientKey = keccak256(bytes(clientId));
        bytes32 asset = _assetKey(clientKey, token);
        Claim storage parked = _claims[_claimKey(asset, owner)];
        bool minted = _cameBy(token, clientKey);
        if (parked.uncounted != 0 && _bookRefund(asset, minted, parked.uncounted)) {
            parked.counted = _plus(parked.counted, parked.uncounted);
            parked.uncounted = 0;
        }
        uint256 amount = parked.counted;
        require(amount != 0, NothingToClaim(parked.uncounted));
        parked.counted = 0;

        emit ClaimPaid(clientId, token, owner, amount);
        if (minted) Voucher(token).mint(owner, amount);
        else _pay(clientKey, token, owner, amount);
    }

    /// @inheritdoc ITransfer
    function registerTokenGas(address token, uint64 gasAmount) external restricted {
        _registerTokenGas(token, gasAmount);
    }

    /// @inheritdoc ITransfer
    function chooseVoucherDecimals(string calldata clientId, string calldata denom, uint8 decimals)
        external
        restricted
    {
        Voucher voucher = _arrivedVoucher(clientId, denom);
        bool minted = _voucherBook(_assetKey(keccak256(bytes(clientId)), address(voucher))).minted != 0;
        require(!minted && !voucher.decimalsChosen(), DecimalsFixed(address(voucher)));
        voucher.chooseDecimals(decimals);
        emit VoucherDecimalsChosen(address(voucher), decimals);
    }

    /// @inheritdoc ITransfer
    function ics26() external view returns (address) {
        return address(_router);
    }

    /// @inheritdoc ITransfer
    function getHomeBook(string calldata clientId, address token) external view returns (HomeBook memory) {
        return _homeBook(_assetKey(keccak256(bytes(clientId)), token));
    }

    /// @inheritdoc ITransfer
    function getVoucherBook(string calldata clientId, address token) external view returns (VoucherBook memory) {
        return _voucherBook(_assetKey(keccak256(bytes(clientId)), token));
    }

    /// @inheritdoc ITransfer
    function getClaim(string calldata clientId, address token, address owner) external view returns (Claim memory) {
        return _claims[_claimKey(_assetKey(keccak256(bytes(clientId)), token), owner)];
    }

    /// @inheritdoc IUpgradeable
    function constants() public view override(IUpgradeable, Upgradeable) returns (bytes32) {
        return keccak256(abi.encode(authority, _router, _original, _escrows));
    }

    /// @dev Burns or locks what is to be sent.
    /// @return amount What the packet carries.
    function _take(SendTransferMsg calldata message) private returns (uint256 amount) {
        address token = message.denom;
        bytes32 clientKey = keccak256(bytes(message.sourceClient));
        bytes32 asset = _assetKey(clientKey, token);
        if (_cameBy(token, clientKey)) {
            _bookBurn(asset, message.amount);
            Voucher(token).burn(msg.sender, message.amount);
            return message.amount;
        }
        amount = _collect(message.sourceClient, token, msg.sender, message.amount);
        _bookLock(asset, amount);
    }

    function _payOut(bytes32 clientKey, address token, address receiver, uint256 amount) private {
        bytes32 asset = _assetKey(clientKey, token);
        uint256 available = _bookRelease(asset, amount);
        require(amount <= available, ConservationBreach(asset, available, amount));
        _pay(clientKey, token, receiver, amount);
    }

    /// @dev Gives back what a packet of this application took. It never reverts because of a token.
    function _refund(string calldata clientId, bytes calldata value) private {
        FungibleTokenPacketData memory data = Ics20.decode(value);
        (, address owner) = Ics20.parseAddress(data.sender);
        address token = _tokenOf(data.denom);
        bytes32 clientKey = keccak256(bytes(clientId));
        bytes32 asset = _assetKey(clientKey, token);
        bool minted = _cameBy(token, clientKey);

        bool counted = _bookRefund(asset, minted, data.amount);
        if (counted && minted) return Voucher(token).mint(owner, data.amount);
        if (counted && _tryPay(clientKey, token, owner, data.amount)) return;

        Claim storage parked = _claims[_claimKey(asset, owner)];
        if (counted) parked.counted = _plus(parked.counted, data.amount);
        else parked.uncounted = _plus(parked.uncounted, data.amount);
        emit RefundParked(clientId, token, owner, data.amount, counted);
    }

    /// @dev Counts a refund, if conservation allows it.
    function _bookRefund(bytes32 asset, bool minted, uint256 amount) private returns (bool counted) {
        uint256 available = minted ? _bookUnburn(asset, amount) : _bookRelease(asset, amount);
        return amount <= available;
    }

    function _checkRequest(SendTransferMsg calldata message) private view {
        require(message.denom.code.length != 0, NotAToken(message.denom));
        require(Strings.equal(message.destPort, Ics20.PORT), WrongPort(message.destPort));
        // On an EVM chain this receiver could only ever refuse.
        (bool parsed, address account) = Ics20.parseAddress(message.receiver);
        require(!parsed || account != address(0), InvalidReceiver(message.receiver));
    }

    function _checkOwner(address found) private view {
        require(found == address(this), WrongOwner(address(this), found));
    }

    function _claimKey(bytes32 asset, address owner) private pure returns (bytes32) {
        return keccak256(abi.encode(asset, owner));
    }

    function _isRefusal(bytes calldata acknowledgement) private pure returns (bool) {
        return acknowledgement.length == 32 && bytes32(acknowledgement) == Commitments.UNIVERSAL_ERROR;
    }
}
