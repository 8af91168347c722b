// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Clones} from "@openzeppelin/contracts/proxy/Clones.sol";
import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {ERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Permit.sol";

/// @title Voucher
/// @notice An ERC-20 for an asset of another chain, one for each client it came by. The transfer application mints what
/// a proven packet brings and burns what a holder sends back; nobody else can do either, and nobody can change the
/// code.
/// @dev This contract is deployed once for an application, which clones it (ERC-1167) with the path as immutable
/// argument, by CREATE2 with the keccak256 of the path as salt: the address is a function of this contract, application
/// and path, and an upgrade of the application changes none of them. The EIP-712 domain of `permit` is the same name
/// for all vouchers and differs by contract; `eip712Domain()` tells it.
contract Voucher is ERC20, ERC20Permit {
    /// @notice Only the transfer application may do this.
    error NotTransfer(address caller, address transfer);

    /// @dev What most tokens of EVM chains have; the other chain does not say what its own have.
    uint8 private constant DECIMALS_DEFAULT = 18;

    /// @notice The transfer application.
    address public immutable transfer;

    /// @notice Whether governance chose the decimals.
    bool public decimalsChosen;
    uint8 private _decimals;

    modifier onlyTransfer() {
        require(msg.sender == transfer, NotTransfer(msg.sender, transfer));
        _;
    }

    constructor(address transfer_) ERC20("", "") ERC20Permit("Weighbridge Voucher") {
        transfer = transfer_;
    }

    /// @notice Creates `amount` for `account`.
    function mint(address account, uint256 amount) external onlyTransfer {
        _mint(account, amount);
    }

    /// @notice Destroys `amount` of `account`, who asked the application for it.
    function burn(address account, uint256 amount) external onlyTransfer {
        _burn(account, amount);
    }

    /// @notice Sets the decimals. That it happens once, before the first mint, is for the application to see to.
    function chooseDecimals(uint8 chosen) external onlyTransfer {
        decimalsChosen = true;
        _decimals = chosen;
    }

    /// @notice The full trace path, such as `transfer/client-0/0xab…`.
    function denom() public view returns (string memory) {
        return string(Clones.fetchCloneArgs(address(this)));
    }

    /// @notice The path: whoever holds a voucher must see which client it depends on.
    function name() public view override returns (string memory) {
        return denom();
    }

    /// @notice The path, as `name`.
    function symbol() public view override returns (string memory) {
        return denom();
    }

    /// @inheritdoc ERC20
    function decimals() public view override returns (uint8) {
        return decimalsChosen ? _decimals : DECIMALS_DEFAULT;
    }
}
