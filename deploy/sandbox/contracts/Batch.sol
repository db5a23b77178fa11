// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

interface Payer {
    function transfer(address to, uint256 value) external;
}

/// Pays many in one transaction, as exchanges do: tokens that it holds, or coins sent along.
contract Batch {
    receive() external payable {}

    function tokens(Payer token, address[] calldata to, uint256[] calldata value) external {
        for (uint256 i = 0; i < to.length; i++) token.transfer(to[i], value[i]);
    }

    function coins(address payable[] calldata to, uint256[] calldata value) external payable {
        for (uint256 i = 0; i < to.length; i++) {
            (bool sent, ) = to[i].call{value: value[i]}("");
            require(sent, "refused");
        }
    }
}
