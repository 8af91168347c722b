// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {DirEntry} from "../support/Vm.sol";
import {RouterWorld} from "../unit/router/RouterWorld.sol";

/// @notice Foundry's cheat codes for texts, which only this test needs.
interface ITexts {
    function parseJsonKeys(string calldata json, string calldata key) external pure returns (string[] memory);
    function contains(string calldata text, string calldata part) external pure returns (bool);
    function split(string calldata text, string calldata delimiter) external pure returns (string[] memory);
}

/// @notice T-42: every entry point names its caller and refuses every other. The table is entry-points.json: for each
/// function that writes, "anybody", the error with which it refuses, or "elsewhere" and the test that shows it. What
/// the compiler knows and the table does not, fails; so a new function needs a row.
contract EntryPointsTest is RouterWorld {
    ITexts private constant TEXTS = ITexts(address(vm));
    string private constant TABLE = "test/incidents/entry-points.json";
    string private constant ARTIFACTS = "artifacts";

    string private _table;

    function setUp() public override {
        super.setUp();
        _table = vm.readFile(TABLE);
        _carry(a, b, alice, address(token), 1000, bob);
    }

    function test_t42_every_contract_is_in_the_table() public view {
        DirEntry[] memory files = vm.readDir(ARTIFACTS);
        vm.assertTrue(files.length != 0);
        for (uint256 i = 0; i < files.length; ++i) {
            string memory name = _stem(files[i].path);
            bool known = _index(name) != type(uint256).max || _isOther(name);
            vm.assertTrue(known, string.concat(name, " has no rows in ", TABLE));
        }
    }

    function test_t42_every_function_that_writes_has_a_row_and_no_row_is_idle() public view {
        for (uint256 c = 0; _has(_contract(c)); ++c) {
            string memory name = vm.parseJsonString(_table, string.concat(_contract(c), ".contract"));
            string memory json = vm.readFile(string.concat("out/", name, ".sol/", name, ".json"));
            string[] memory signatures = TEXTS.parseJsonKeys(json, ".methodIdentifiers");
            string memory writing = _writing(json);
            uint256 rows = 0;
            for (uint256 i = 0; i < signatures.length; ++i) {
                bool row = _hasRow(c, signatures[i]);
                if (row) ++rows;
                bool needed = _contains(writing, string.concat("|", _nameOf(signatures[i]), "|"));
                // An overloaded view needs no row of its own; it is not told apart by its name.
                bool overloaded = _contains(writing, string.concat("|view ", _nameOf(signatures[i]), "|"));
                vm.assertTrue(row || !needed || overloaded, string.concat(name, ".", signatures[i], " has no row"));
            }
            vm.assertEq(rows, _countRows(c), string.concat(name, " has rows for functions that it has not"));
        }
    }

    function test_t42_guarded_functions_refuse_everybody_else() public {
        address[6] memory callers =
            [alice, relayer, address(this), account("guardians"), address(probeA), address(a.client)];
        uint256 tried = 0;
        for (uint256 c = 0; _has(_contract(c)); ++c) {
            string memory name = vm.parseJsonString(_table, string.concat(_contract(c), ".contract"));
            for (uint256 r = 0; _has(_row(c, r)); ++r) {
                string memory guard = vm.parseJsonString(_table, string.concat(_row(c, r), ".guard"));
                string memory signature = vm.parseJsonString(_table, string.concat(_row(c, r), ".function"));
                if (_same(guard, "anybody")) {
                    _asksNobody(name, signature);
                    continue;
                }
                if (_contains(guard, "elsewhere: ")) {
                    _shownElsewhere(_after(guard, 11), _nameOf(signature));
                    continue;
                }
                address target = _instance(name);
                vm.assertTrue(target != address(0), string.concat("no instance of ", name));
                for (uint256 i = 0; i < callers.length; ++i) {
                    _refuses(target, callers[i], signature, guard);
                    ++tried;
                }
            }
        }
        vm.assertTrue(tried > 100);
    }

    /// @dev What the table says anybody may call refuses nobody for being nobody.
    function _asksNobody(string memory name, string memory signature) private {
        address target = _instance(name);
        if (target == address(0)) return;
        bytes memory call = bytes.concat(bytes4(keccak256(bytes(signature))), new bytes(1024));
        vm.prank(alice);
        (bool done, bytes memory reason) = target.call(call);
        if (done || reason.length < 4) return;
        string[5] memory guards = [
            "NotGovernance(address,address)",
            "NotGuardians(address,address)",
            "NotRouter(address,address)",
            "NotTransfer(address,address)",
            "NotCall(address,address)"
        ];
        for (uint256 i = 0; i < guards.length; ++i) {
            bool guarded = bytes4(reason) == bytes4(keccak256(bytes(guards[i])));
            vm.assertFalse(guarded, string.concat(name, ".", signature, " refuses with ", guards[i]));
        }
    }

    /// @dev Zeros are an empty value of every type, so that nothing but the caller can be the reason.
    function _refuses(address target, address caller, string memory signature, string memory guard) private {
        bytes memory call = bytes.concat(bytes4(keccak256(bytes(signature))), new bytes(1024));
        vm.prank(caller);
        (bool done, bytes memory reason) = target.call(call);
        string memory message = string.concat(signature, ": ", vm.toString(reason));
        vm.assertFalse(done, message);
        vm.assertTrue(reason.length >= 4 && bytes4(reason) == bytes4(keccak256(bytes(guard))), message);
    }

    function _instance(string memory name) private returns (address) {
        if (_same(name, "Router")) return address(a.router);
        if (_same(name, "Transfer")) return address(a.transfer);
        if (_same(name, "TransferDesk") || _same(name, "LimitDesk")) return address(a.transfer);
        if (_same(name, "Escrow")) return _escrow(a);
        if (_same(name, "Escrows")) return made[0].escrows;
        if (_same(name, "Voucher")) return address(_voucher(b, address(token)));
        if (_same(name, "Guardians")) return made[0].guardians;
        if (_same(name, "Call")) return _call(false);
        if (_same(name, "Account")) return _call(true);
        // Light clients have worlds of their own.
        return address(0);
    }

    /// @return The application, or what its accounts are clones of.
    function _call(bool original) private returns (address) {
        address proxy = vm.computeCreateAddress(address(this), vm.getNonce(address(this)) + 2);
        address accounts = _create("Account.sol:Account", abi.encode(proxy));
        address code = _create("Call.sol:Call", abi.encode(authority, a.router, a.transfer, accounts));
        _proxy(code, abi.encodeWithSignature("initialize(address[])", new address[](0)));
        return original ? accounts : proxy;
    }

    function _shownElsewhere(string memory file, string memory name) private view {
        string memory call = string.concat(".", name, "(");
        vm.assertTrue(_contains(vm.readFile(file), call), string.concat(file, " does not call ", name));
    }

    /// @dev The names of all functions of an artifact that may write, between bars; those of views behind "view ".
    function _writing(string memory json) private view returns (string memory names) {
        names = "|";
        for (uint256 i = 0;; ++i) {
            string memory at = string.concat(".abi[", vm.toString(i), "]");
            if (!vm.keyExistsJson(json, at)) return names;
            if (!_same(vm.parseJsonString(json, string.concat(at, ".type")), "function")) continue;
            string memory name = vm.parseJsonString(json, string.concat(at, ".name"));
            string memory kind = vm.parseJsonString(json, string.concat(at, ".stateMutability"));
            bool writes = !_same(kind, "view") && !_same(kind, "pure");
            names = string.concat(names, writes ? "" : "view ", name, "|");
        }
    }

    function _contract(uint256 c) private pure returns (string memory) {
        return string.concat(".contracts[", vm.toString(c), "]");
    }

    function _row(uint256 c, uint256 r) private pure returns (string memory) {
        return string.concat(_contract(c), ".functions[", vm.toString(r), "]");
    }

    function _has(string memory path) private view returns (bool) {
        return vm.keyExistsJson(_table, path);
    }

    function _countRows(uint256 c) private view returns (uint256 count) {
        while (_has(_row(c, count))) ++count;
    }

    function _hasRow(uint256 c, string memory signature) private view returns (bool) {
        for (uint256 r = 0; _has(_row(c, r)); ++r) {
            if (_same(vm.parseJsonString(_table, string.concat(_row(c, r), ".function")), signature)) return true;
        }
        return false;
    }

    function _index(string memory name) private view returns (uint256) {
        for (uint256 c = 0; _has(_contract(c)); ++c) {
            if (_same(vm.parseJsonString(_table, string.concat(_contract(c), ".contract")), name)) return c;
        }
        return type(uint256).max;
    }

    function _isOther(string memory name) private view returns (bool) {
        for (uint256 i = 0;; ++i) {
            string memory at = string.concat(".others[", vm.toString(i), "]");
            if (!_has(at)) return false;
            if (_same(vm.parseJsonString(_table, string.concat(at, ".contract")), name)) return true;
        }
    }

    function _same(string memory left, string memory right) private pure returns (bool) {
        return keccak256(bytes(left)) == keccak256(bytes(right));
    }

    function _contains(string memory text, string memory part) private pure returns (bool) {
        return TEXTS.contains(text, part);
    }

    function _after(string memory text, uint256 start) private pure returns (string memory) {
        bytes memory rest = new bytes(bytes(text).length - start);
        for (uint256 i = 0; i < rest.length; ++i) {
            rest[i] = bytes(text)[start + i];
        }
        return string(rest);
    }

    /// @dev What stands before the bracket.
    function _nameOf(string memory signature) private pure returns (string memory) {
        return TEXTS.split(signature, "(")[0];
    }

    /// @dev A file's name without folder and ending.
    function _stem(string memory path) private pure returns (string memory) {
        string[] memory parts = TEXTS.split(path, "/");
        return TEXTS.split(parts[parts.length - 1], ".json")[0];
    }
}
