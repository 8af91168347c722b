// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";

import {IRouter} from "../src/interfaces/IRouter.sol";
import {WeighbridgeApp} from "../src/sdk/WeighbridgeApp.sol";

/// @notice A contract that wants to hear of tokens that arrive with a message.
interface ITokenReceiver {
    /// @notice Tokens arrived: they are in the receiver's balance already. A revert sends them back.
    /// @param sender Who sent them, on the other chain.
    function onTokensArrived(string calldata clientId, address sender, uint256 amount, bytes calldata note) external;
}

/// @title MovingToken
/// @notice An ERC-20 that lives on several chains and carries a note when it moves: burned here, minted there. Its supply
/// over all chains and all messages on their way stays what it was at the start.
/// @dev What is burned is minted back when the message is refused or times out, so a receiver that does not want the note
/// costs the sender nothing.
contract MovingToken is ERC20, WeighbridgeApp {
    error NothingToMove();
    error InvalidReceiver(address to);

    event Moved(string clientId, address indexed from, address indexed to, uint256 amount);
    event Arrived(string clientId, address indexed from, address indexed to, uint256 amount);
    event CameBack(string clientId, address indexed from, uint256 amount);

    constructor(IRouter router_, uint256 supply) ERC20("Moving Token", "MOVE") WeighbridgeApp(router_) {
        _mint(msg.sender, supply);
    }

    /// @notice Moves tokens of the caller to the other chain.
    /// @param note What a receiver that is a contract gets to hear; it is called only if there is something to say.
    function move(string calldata clientId, address to, uint256 amount, bytes calldata note)
        external
        returns (uint64 sequence)
    {
        require(amount != 0, NothingToMove());
        require(to != address(0), InvalidReceiver(to));
        _burn(msg.sender, amount);
        emit Moved(clientId, msg.sender, to, amount);
        return _send(clientId, abi.encode(msg.sender, to, amount, note));
    }

    function _onReceive(string calldata clientId, uint64, bytes calldata message)
        internal
        override
        returns (bytes memory)
    {
        (address from, address to, uint256 amount, bytes memory note) =
            abi.decode(message, (address, address, uint256, bytes));
        _mint(to, amount);
        emit Arrived(clientId, from, to, amount);
        if (note.length != 0 && to.code.length != 0) ITokenReceiver(to).onTokensArrived(clientId, from, amount, note);
        return "";
    }

    function _onAcknowledged(string calldata, uint64, bytes calldata, bytes calldata) internal override {}

    function _onRefused(string calldata clientId, uint64, bytes calldata message) internal override {
        _giveBack(clientId, message);
    }

    function _onTimedOut(string calldata clientId, uint64, bytes calldata message) internal override {
        _giveBack(clientId, message);
    }

    function _giveBack(string calldata clientId, bytes calldata message) private {
        (address from,, uint256 amount,) = abi.decode(message, (address, address, uint256, bytes));
        _mint(from, amount);
        emit CameBack(clientId, from, amount);
    }
}
