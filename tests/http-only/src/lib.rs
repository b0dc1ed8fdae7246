//! Tests of the client without `crypto`: see the targets in Cargo.toml, and `make test-http-only`.
