// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IAuthority} from "@openzeppelin/contracts/access/manager/IAuthority.sol";

import {IGoverned} from "../interfaces/IGoverned.sol";

/// @title Governed
/// @notice Asks the authority whether a caller may do what only governance does. It must never let anybody through whom
/// the authority does not name, nor anybody whose delay is not over.
/// @dev The authority is part of the code: a storage slot could be overwritten, and costs a read. A call that waited at
/// the authority comes from the authority itself (`AccessManager.execute`).
abstract contract Governed is IGoverned {
    /// @inheritdoc IGoverned
    address public immutable authority;

    modifier restricted() {
        _checkAllowed();
        _;
    }

    constructor(address authority_) {
        require(authority_.code.length != 0, InvalidGovernance(authority_));
        authority = authority_;
    }

    function _checkAllowed() private view {
        // Of the manager's two answers this is the first: allowed now. Its second is a delay that is not over.
        bool allowed = IAuthority(authority).canCall(msg.sender, address(this), msg.sig);
        require(allowed, NotGovernance(msg.sender, authority));
    }
}
