// Writes iavl.json: roots and proofs of cosmos/iavl for a fixed history, which recorded.rs repeats.
//
//	go mod init recorded && go get github.com/cosmos/iavl@v1.2.2 cosmossdk.io/log@v1.6.1 && go mod tidy
//	go get github.com/bytedance/sonic@v1.15.5 # before Go 1.26 can build it
//	go run iavl.go > iavl.json
package main

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"

	"cosmossdk.io/log"
	"github.com/cosmos/iavl"
	dbm "github.com/cosmos/iavl/db"
)

const about = "Roots after each version and proofs, by cosmos/iavl v1.2.2, for the history that iavl.go writes and tests/recorded.rs repeats."

type query struct {
	Version int64  `json:"version"`
	Key     string `json:"key"`
	Proof   string `json:"proof"`
}

type record struct {
	About   string   `json:"about"`
	Roots   []string `json:"roots"`
	Queries []query  `json:"queries"`
}

func word(seed string, n uint64) uint64 {
	h := sha256.Sum256(binary.BigEndian.AppendUint64([]byte(seed), n))
	return binary.BigEndian.Uint64(h[:8])
}

// Keys are few and of different lengths, so that updates and removals hit.
func key(n uint64) []byte {
	h := sha256.Sum256(binary.BigEndian.AppendUint64([]byte("key"), n))
	return h[:1+int(h[31])%7]
}

func main() {
	tree := iavl.NewMutableTree(dbm.NewMemDB(), 100, false, log.NewNopLogger())
	rec := record{About: about}
	var n uint64
	for version := int64(1); version <= 40; version++ {
		count := word("count", uint64(version)) % 30
		for i := uint64(0); i < count; i++ {
			n++
			k := key(word("which", n) % 150)
			if word("what", n)%3 == 0 && version > 3 {
				if _, _, err := tree.Remove(k); err != nil {
					panic(err)
				}
			} else {
				v := binary.BigEndian.AppendUint64([]byte("value"), n)
				if _, err := tree.Set(k, v); err != nil {
					panic(err)
				}
			}
		}
		root, _, err := tree.SaveVersion()
		if err != nil {
			panic(err)
		}
		rec.Roots = append(rec.Roots, hex.EncodeToString(root))
		if version%5 == 0 {
			for q := uint64(0); q < 4; q++ {
				k := key(word("query", uint64(version)*10+q) % 200)
				im, err := tree.GetImmutable(version)
				if err != nil {
					panic(err)
				}
				proof, err := im.GetProof(k)
				if err != nil {
					panic(err)
				}
				bz, err := proof.Marshal()
				if err != nil {
					panic(err)
				}
				rec.Queries = append(rec.Queries, query{version, hex.EncodeToString(k), hex.EncodeToString(bz)})
			}
		}
	}
	out, _ := json.MarshalIndent(rec, "", "  ")
	fmt.Println(string(out))
}
