// Command simd is a chain with IBC v1 and v2, ICS-20 and the 08-wasm light client: the unmodified test application of
// ibc-go, of which nothing but the start is ours.
package main

import (
	"fmt"
	"os"

	server "github.com/cosmos/cosmos-sdk/server/cmd"

	"github.com/cosmos/ibc-go/modules/light-clients/08-wasm/v10/testing/simapp"
	"github.com/cosmos/ibc-go/modules/light-clients/08-wasm/v10/testing/simapp/simd/cmd"
)

func main() {
	err := server.Execute(cmd.NewRootCmd(), "", simapp.DefaultNodeHome)
	if err != nil {
		fmt.Fprintln(os.Stderr, "simd:", err)
		os.Exit(1)
	}
}
