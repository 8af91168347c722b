// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title StrangeToken
/// @notice An ERC-20 that does what real tokens have done to bridges, one habit at a time.
contract StrangeToken {
    enum Habit {
        None,
        /// Keeps a tenth of every transfer.
        TakesFee,
        /// Says yes and moves nothing.
        MovesNothing,
        /// Says no instead of reverting.
        AnswersFalse,
        /// Reverts when it is to pay `victim`.
        RefusesVictim,
        /// Reverts without data when it is to pay `victim`.
        RefusesVictimSilently,
        /// Uses up all gas when it is to pay `victim`.
        BurnsGasForVictim,
        /// Reverts with very long data when it is to pay `victim`.
        ShoutsAtVictim,
        /// Calls `hookTarget` with `hookCall` on every transfer.
        CallsHook
    }

    error Refused(address account);

    Habit public habit;
    address public victim;
    /// How many bytes it shouts.
    uint256 public loudness = 100_000;
    address public hookTarget;
    bytes public hookCall;
    bool public hookSucceeded;
    bytes public hookOutput;
    uint256 public totalSupply;
    mapping(address account => uint256 amount) public balanceOf;
    mapping(address owner => mapping(address spender => uint256 amount)) public allowance;

    function shoutBytes(uint256 size) external {
        loudness = size;
    }

    function adopt(Habit next, address nextVictim) external {
        habit = next;
        victim = nextVictim;
    }

    function setHook(address target, bytes calldata call) external {
        habit = Habit.CallsHook;
        hookTarget = target;
        hookCall = call;
    }

    function mint(address account, uint256 amount) external {
        balanceOf[account] += amount;
        totalSupply += amount;
    }

    /// @notice A negative rebase: the account loses `amount`.
    function shrink(address account, uint256 amount) external {
        balanceOf[account] -= amount;
        totalSupply -= amount;
    }

    function approve(address spender, uint256 amount) external returns (bool) {
        allowance[msg.sender][spender] = amount;
        return true;
    }

    function transfer(address to, uint256 amount) external returns (bool) {
        return _move(msg.sender, to, amount);
    }

    function transferFrom(address from, address to, uint256 amount) external returns (bool) {
        allowance[from][msg.sender] -= amount;
        return _move(from, to, amount);
    }

    function _move(address from, address to, uint256 amount) private returns (bool) {
        if (habit == Habit.MovesNothing) return true;
        if (habit == Habit.AnswersFalse) return false;
        if (to == victim) _meetVictim(to);
        if (habit == Habit.CallsHook) (hookSucceeded, hookOutput) = hookTarget.call(hookCall);
        balanceOf[from] -= amount;
        balanceOf[to] += habit == Habit.TakesFee ? amount - amount / 10 : amount;
        return true;
    }

    function _meetVictim(address to) private view {
        if (habit == Habit.RefusesVictim) revert Refused(to);
        require(habit != Habit.RefusesVictimSilently);
        while (habit == Habit.BurnsGasForVictim) {}
        if (habit == Habit.ShoutsAtVictim) {
            uint256 size = loudness;
            assembly {
                revert(0, size)
            }
        }
    }
}

/// @title SilentToken
/// @notice An ERC-20 whose transfers answer nothing, as some of the oldest and largest tokens do.
contract SilentToken {
    mapping(address account => uint256 amount) public balanceOf;

    constructor(address owner, uint256 amount) {
        balanceOf[owner] = amount;
    }

    /// @dev Everybody approves everybody: the bridge's own checks are what is tested.
    function approve(address, uint256) external pure returns (bool) {
        return true;
    }

    function transfer(address to, uint256 amount) external {
        _move(msg.sender, to, amount);
    }

    function transferFrom(address from, address to, uint256 amount) external {
        _move(from, to, amount);
    }

    function _move(address from, address to, uint256 amount) private {
        balanceOf[from] -= amount;
        balanceOf[to] += amount;
    }
}
