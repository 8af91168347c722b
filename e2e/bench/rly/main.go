// Command rly is the unmodified Go relayer, of which nothing but the start is ours.
package main

import (
	sdk "github.com/cosmos/cosmos-sdk/types"
	"github.com/cosmos/relayer/v2/cmd"
)

func main() {
	// Accounts of several chains pass through this process: a cache would print some with the first part of another chain's.
	sdk.SetAddrCacheEnabled(false)
	cmd.Execute()
}
