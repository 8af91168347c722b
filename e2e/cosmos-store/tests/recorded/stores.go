// Writes stores.json: app hashes and proofs of the SDK's multistore for a fixed history, which recorded.rs repeats.
//
//	go mod init recorded && go get cosmossdk.io/store@v1.1.2 cosmossdk.io/log@v1.6.1 && go mod tidy
//	go get github.com/bytedance/sonic@v1.15.5 # before Go 1.26 can build it
//	go run stores.go > stores.json
package main

import (
	"encoding/hex"
	"encoding/json"
	"fmt"

	"cosmossdk.io/log"
	"cosmossdk.io/store/metrics"
	"cosmossdk.io/store/rootmulti"
	"cosmossdk.io/store/types"
	dbm "github.com/cosmos/cosmos-db"
)

type query struct {
	Store  string   `json:"store"`
	Key    string   `json:"key"`
	Proofs []string `json:"proofs"`
}

type record struct {
	About     string   `json:"about"`
	AppHashes []string `json:"app_hashes"`
	Queries   []query  `json:"queries"`
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}

var names = []string{"acc", "bank", "empty", "gov", "ibc"}

func main() {
	rms := rootmulti.NewStore(dbm.NewMemDB(), log.NewNopLogger(), metrics.NewNoOpMetrics())
	keys := map[string]*types.KVStoreKey{}
	for _, name := range names {
		keys[name] = types.NewKVStoreKey(name)
		rms.MountStoreWithDB(keys[name], types.StoreTypeIAVL, nil)
	}
	check(rms.LoadLatestVersion())
	rec := record{About: about}
	for version := 0; version < 6; version++ {
		for n, name := range names {
			if name == "empty" {
				continue
			}
			store := rms.GetKVStore(keys[name])
			for i := 0; i < 3+n; i++ {
				store.Set([]byte(fmt.Sprintf("%s/%d", name, (version*5+i*7)%20)), []byte(fmt.Sprintf("value %d %d", version, i)))
			}
			if version > 2 {
				store.Delete([]byte(fmt.Sprintf("%s/%d", name, (version*3)%20)))
			}
		}
		rec.AppHashes = append(rec.AppHashes, hex.EncodeToString(rms.Commit().Hash))
	}
	for _, name := range []string{"acc", "gov", "ibc"} {
		for i := 0; i < 20; i += 3 {
			key := []byte(fmt.Sprintf("%s/%d", name, i))
			res, err := rms.Query(&types.RequestQuery{Path: "/" + name + "/key", Data: key, Height: 6, Prove: true})
			check(err)
			q := query{Store: name, Key: hex.EncodeToString(key)}
			for _, op := range res.ProofOps.Ops {
				q.Proofs = append(q.Proofs, hex.EncodeToString(op.Data))
			}
			rec.Queries = append(rec.Queries, q)
		}
	}
	out, err := json.MarshalIndent(rec, "", "  ")
	check(err)
	fmt.Println(string(out))
}

const about = "App hashes after each version and proofs at the last, by the SDK's multistore (cosmossdk.io/store v1.1.2), for the history that stores.go writes and tests/recorded.rs repeats."
