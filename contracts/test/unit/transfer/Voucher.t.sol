// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IGoverned} from "../../../src/interfaces/IGoverned.sol";
import {ITransfer} from "../../../src/interfaces/ITransfer.sol";
import {IToken, World} from "../../support/world/World.sol";

/// @notice What a voucher offers beyond a token of its chain.
interface IVoucher {
    error NotTransfer(address caller, address transfer);
    error ERC2612ExpiredSignature(uint256 deadline);

    function mint(address account, uint256 amount) external;
    function burn(address account, uint256 amount) external;
    function chooseDecimals(uint8 chosen) external;
    function transfer() external view returns (address);
    function pay(address token, address to, uint256 amount) external;
    function nonces(address owner) external view returns (uint256);
    function allowance(address owner, address spender) external view returns (uint256);
    function DOMAIN_SEPARATOR() external view returns (bytes32);
    function permit(address owner, address spender, uint256 value, uint256 deadline, uint8 v, bytes32 r, bytes32 s)
        external;
    function eip712Domain()
        external
        view
        returns (bytes1, string memory, string memory, uint256, address, bytes32, uint256[] memory);
}

/// @notice Vouchers and escrows by themselves.
contract VoucherTest is World {
    bytes32 private constant PERMIT =
        keccak256("Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)");
    uint256 private constant KEY = 0xA11CE;

    IToken private _bobs;

    function setUp() public override {
        super.setUp();
        _carry(a, b, alice, address(token), 1000, bob);
        _bobs = _voucher(b, address(token));
    }

    function test_name_and_symbol_show_the_path() public view {
        string memory path = string.concat("transfer/client-0/", _hex(address(token)));
        vm.assertEq(_bobs.name(), path);
        vm.assertEq(_bobs.symbol(), path);
        vm.assertEq(b.transfer.ibcERC20Denom(address(_bobs)), path);
        vm.assertEq(b.transfer.ibcERC20Contract(path), address(_bobs));
        vm.assertEq(b.transfer.ibcERC20Denom(address(token)), "");
    }

    function test_rejects_NotTransfer() public {
        IVoucher voucher = IVoucher(address(_bobs));
        bytes memory refusal = abi.encodeWithSelector(IVoucher.NotTransfer.selector, bob, address(b.transfer));
        vm.startPrank(bob);
        vm.expectRevert(refusal);
        voucher.mint(bob, 1);
        vm.expectRevert(refusal);
        voucher.burn(bob, 1);
        vm.expectRevert(refusal);
        voucher.chooseDecimals(6);
        vm.stopPrank();
    }

    function test_escrow_rejects_NotTransfer() public {
        IVoucher escrow = IVoucher(_escrow(a));
        vm.assertEq(escrow.transfer(), address(a.transfer));
        vm.expectRevert(abi.encodeWithSelector(IVoucher.NotTransfer.selector, bob, address(a.transfer)));
        vm.prank(bob);
        escrow.pay(address(token), bob, 1);
    }

    function test_permit_is_bound_to_one_voucher() public {
        address owner = vm.addr(KEY);
        IVoucher voucher = IVoucher(address(_bobs));
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(KEY, _digest(voucher, owner, 77, NOW));
        voucher.permit(owner, alice, 77, NOW, v, r, s);
        vm.assertEq(voucher.allowance(owner, alice), 77);
        vm.assertEq(voucher.nonces(owner), 1);
        vm.expectRevert();
        voucher.permit(owner, alice, 77, NOW, v, r, s);

        (,,, uint256 chainId, address contractAddress,,) = voucher.eip712Domain();
        vm.assertEq(chainId, block.chainid);
        vm.assertEq(contractAddress, address(voucher));
        IVoucher other = _second();
        vm.assertTrue(other.DOMAIN_SEPARATOR() != voucher.DOMAIN_SEPARATOR());
        vm.expectRevert();
        other.permit(owner, alice, 77, NOW, v, r, s);
    }

    function test_permit_expires() public {
        address owner = vm.addr(KEY);
        IVoucher voucher = IVoucher(address(_bobs));
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(KEY, _digest(voucher, owner, 77, NOW - 1));
        vm.expectRevert(abi.encodeWithSelector(IVoucher.ERC2612ExpiredSignature.selector, NOW - 1));
        voucher.permit(owner, alice, 77, NOW - 1, v, r, s);
    }

    function test_governance_chooses_decimals_once_before_the_first_mint() public {
        string memory path = string.concat("transfer/", b.clientId, "/uatom");
        address voucher = b.transfer.ibcERC20Contract(path);
        vm.expectRevert(abi.encodeWithSelector(IGoverned.NotGovernance.selector, alice, authority));
        vm.prank(alice);
        b.transfer.chooseVoucherDecimals(b.clientId, "uatom", 6);

        vm.expectEmit(address(b.transfer));
        emit ITransfer.VoucherDecimalsChosen(voucher, 6);
        vm.prank(GOVERNANCE);
        b.transfer.chooseVoucherDecimals(b.clientId, "uatom", 6);
        vm.assertEq(IToken(voucher).decimals(), 6);
        vm.expectRevert(abi.encodeWithSelector(ITransfer.DecimalsFixed.selector, voucher));
        vm.prank(GOVERNANCE);
        b.transfer.chooseVoucherDecimals(b.clientId, "uatom", 8);
    }

    function test_rejects_DecimalsFixed_after_the_first_mint() public {
        vm.expectRevert(abi.encodeWithSelector(ITransfer.DecimalsFixed.selector, address(_bobs)));
        vm.prank(GOVERNANCE);
        b.transfer.chooseVoucherDecimals(b.clientId, _hex(address(token)), 6);
    }

    function _second() private returns (IVoucher) {
        IToken another = IToken(_create("TestToken.sol:TestToken", abi.encode("Other", "OTH")));
        another.mint(alice, 1);
        _carry(a, b, alice, address(another), 1, bob);
        return IVoucher(address(_voucher(b, address(another))));
    }

    function _digest(IVoucher voucher, address owner, uint256 value, uint256 deadline) private view returns (bytes32) {
        bytes32 content = keccak256(abi.encode(PERMIT, owner, alice, value, voucher.nonces(owner), deadline));
        return keccak256(abi.encodePacked(hex"1901", voucher.DOMAIN_SEPARATOR(), content));
    }
}
