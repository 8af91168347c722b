// What `cargo xtask install simd` builds: the chain of ibc-go v10.7 with 08-wasm, by exact versions.
module weighbridge.invalid/simd

go 1.23.8

// Only the main module's own lines of this kind count.
replace github.com/syndtr/goleveldb => github.com/syndtr/goleveldb v1.0.1-0.20210819022825-2ae1ddf74ef7

require (
	github.com/cosmos/cosmos-sdk v0.53.4
	// It carries the command. Later ones are refused.
	github.com/cosmos/ibc-go/modules/light-clients/08-wasm/v10 v10.3.0
)

require (
	// What the modules above ask for does not compile with Go 1.26.
	github.com/bytedance/sonic v1.15.5 // indirect
	// They ask for v10.3.0.
	github.com/cosmos/ibc-go/v10 v10.7.0 // indirect
)
