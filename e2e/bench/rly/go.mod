// What `cargo xtask install rly` builds: the Go relayer v2.6.0, which the relayer is measured beside, by exact versions.
module weighbridge.invalid/rly

go 1.23.8

require github.com/cosmos/relayer/v2 v2.6.0

// What it asks for does not compile with Go 1.26.
require github.com/bytedance/sonic v1.15.5 // indirect
