# `make run` serves the platform, `make test` checks everything; both set up what is missing first.
.PHONY: help run test dist bench chaos console guests components fmt lint suites golden

help: ## Lists the targets.
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 18

run: console guests ## Builds what is missing and serves the platform on SQLite under ./data.
	cargo run --locked --release --package dormouse -- serve

test: console guests components lint suites ## Runs all checks and all suites.

dist: console guests components ## Builds the server that the container ships: once to see what it does under load, and once for that.
	server/build.sh

bench: console guests components ## Measures functions beside axum, wasmtime serve and workerd; PARTS="hello --quick" measures less.
	tests/setup.sh wrk node
	tests/bench/peers.sh
	cargo build --locked --release --package tests --bin bench
	binary=$${DORMOUSE_BIN:-$$(server/build.sh)} && DORMOUSE_BIN=$$binary $${CARGO_TARGET_DIR:-target}/release/bench $(PARTS)

chaos: console guests ## Kills the server 200 times under load on SQLite and 50 times on PostgreSQL, and accounts for 100,000 messages and 300 slots.
	tests/setup.sh postgresql
	cargo build --locked --workspace --bins --tests
	CHAOS_KILLS=200 CHAOS_MESSAGES=100000 FULL=1 cargo test --locked --workspace -- chaos:: servers:: --test-threads 1 --nocapture

console: ## Builds the console's bundle.
	console/build.sh

guests: ## Builds the example guests in Rust.
	guests/build.sh

components: ## Builds the example guests in JavaScript and Python, once per machine.
	tests/setup.sh node python
	guests/build-others.sh

fmt: ## Formats all code.
	cargo fmt --all
	cargo fmt --all --manifest-path guests/Cargo.toml

lint: ## Checks formatting and lints.
	cargo fmt --all --check
	cargo fmt --all --manifest-path guests/Cargo.toml --check
	cargo clippy --locked --workspace --all-targets -- -D warnings

suites: ## Runs the tests, against real databases and a real browser.
	tests/setup.sh chromium node postgresql strace
	cargo build --locked --workspace --bins --tests
	cargo test --locked --workspace

golden: ## Writes the golden files anew, for a reviewer to read.
	BLESS=1 cargo test --locked --workspace golden
