# Every command a person types here. `just` lists them; CI runs `just ci` and nothing else.

export CARGO_TARGET_DIR := env("CARGO_TARGET_DIR", home_directory() / ".cache/hachi/main")

hachi := CARGO_TARGET_DIR / "debug/hachi"

# Where `oracle` and `tables` keep their snapshot of the sample.
sample := CARGO_TARGET_DIR / "sample"

# The moment that the sample's snapshot describes: the first of the day after its last one.
sample_as_of := "2026-04-01"

# List the recipes
default:
    @just --list --unsorted

# All that must hold before a change is merged: cheap first
ci: fmt-check deny test oracle tables-check lint

# Build everything from the sample data, show it, and serve it
demo *arguments:
    cargo run -- demo {{ arguments }}

# Unit, SQL, property and end-to-end tests
test *arguments:
    cargo test {{ arguments }}

# Format the code
fmt:
    cargo fmt --all

# Is the code formatted?
fmt-check:
    cargo fmt --all -- --check

# Format check and clippy; a warning is an error
lint: fmt-check
    cargo clippy --workspace --all-targets -- -D warnings

# Licences, bans, sources and advisories of what we build on
deny:
    #!/usr/bin/env bash
    set -euo pipefail
    if ! command -v cargo-deny >/dev/null; then
        echo "deny: skipped, because cargo-deny is not installed; \`cargo install --locked cargo-deny\` compiles it" >&2
        exit 0
    fi
    cargo deny check licenses bans sources
    cargo deny check advisories

# Do DuckDB and hachi make the same tables of the sample? Needs the packages of tests/oracle/requirements.txt
oracle: sample
    python3 tests/oracle/oracle.py --sources "{{ sample }}/raw" --sql sql --params "{{ sample }}/raw/params.json" --lake "{{ sample }}/lake"

# Write docs/tables.md from a snapshot's manifest
tables: sample
    python3 tests/oracle/tables.py --lake "{{ sample }}/lake" --page docs/tables.md

# Is docs/tables.md what `just tables` writes?
tables-check: sample
    python3 tests/oracle/tables.py --lake "{{ sample }}/lake" --page docs/tables.md --check

# Publish a fresh snapshot of the sample, and export the raw tables as its models see them
[private]
sample:
    cargo build --workspace
    rm -rf "{{ sample }}"
    XDG_DATA_HOME="{{ sample }}/data" "{{ hachi }}" run --as-of {{ sample_as_of }} --lake "{{ sample }}/lake" --json >/dev/null
    XDG_DATA_HOME="{{ sample }}/data" "{{ hachi }}" sources --export "{{ sample }}/raw" --lake "{{ sample }}/lake"
