# Every command a person types here. `just` lists them; CI runs `just ci` and nothing else.

export CARGO_TARGET_DIR := env("CARGO_TARGET_DIR", home_directory() / ".cache/hachi/main")

hachi := CARGO_TARGET_DIR / "debug/hachi"

# Where `oracle` and `tables` keep their snapshot of the sample.
sample := CARGO_TARGET_DIR / "sample"

# Where `oracle` keeps a synthetic community and its snapshot.
large := CARGO_TARGET_DIR / "large"

# The moment that both snapshots describe: the first of the day after the last one of their data.
as_of := "2026-04-01"

# List the recipes
default:
    @just --list --unsorted

# All that must hold before a change is merged: cheap first
ci: fmt-check deny test oracle snippets openapi tables-check pages lint

# Build everything from the sample data, show it, and serve it
demo *arguments:
    cargo run -- demo {{ arguments }}

# Unit, SQL, property and end-to-end tests
test *arguments:
    cargo test {{ arguments }}

# Crashes, power loss, full disks, rotten bytes and a store that fails at every place where `test` tries some, with counts; takes long
torture *arguments:
    HACHI_TORTURE=full cargo test {{ arguments }} -- torture:: s3:: reload:: --show-output

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

# Needs the packages of tests/oracle/requirements.txt.
# Do DuckDB and hachi make the same tables of the sample and of a million log rows, and lifelines the same survival?
oracle: sample (agree sample) oracle-large

# The same of a synthetic community of a million log rows alone
oracle-large: large (agree large)

# The engine, the solvers and the sidecar against their peers, all parts
bench rows="1000000" *arguments: (bench-sql rows arguments) bench-solvers bench-serving

# Measured figures are kept beside the community in bench/; tests/bench/sql.py says what is measured, and has more options.
# A full run against DuckDB on the same SQL, and the run that adds a day against a full one, of about so many log rows
bench-sql rows="1000000" *arguments:
    cargo build --release --package hachi
    python3 tests/bench/sql.py --hachi "{{ CARGO_TARGET_DIR }}/release/hachi" --folder "{{ CARGO_TARGET_DIR }}/bench" --rows {{ rows }} {{ arguments }}

# Needs the packages of tests/bench/requirements.txt; tests/bench/solvers.py says what is measured, and has more options.
# The solvers against libraries of the Python package index, on the same matrices with the same threads
bench-solvers *arguments:
    cargo build --release --package hachi-solvers --example bench
    python3 tests/bench/solvers.py --bench "{{ CARGO_TARGET_DIR }}/release/examples/bench" --folder "{{ CARGO_TARGET_DIR }}/bench" {{ arguments }}

# Needs nginx, wrk and h2load; tests/bench/serving.py says what is measured, and has more options.
# The sidecar against nginx with the same bytes, at a fixed rate, with ten million members, under swaps and slow clients
bench-serving *arguments:
    cargo build --profile sidecar --package hachi-serving --bin hachi-serving --example session
    cargo build --profile sidecar --package hachi-snapshot --example lake
    python3 tests/bench/serving.py --sidecar "{{ CARGO_TARGET_DIR }}/sidecar/hachi-serving" \
        --lake "{{ CARGO_TARGET_DIR }}/sidecar/examples/lake" --session "{{ CARGO_TARGET_DIR }}/sidecar/examples/session" \
        --folder "{{ CARGO_TARGET_DIR }}/bench" {{ arguments }}

# Compare a snapshot with what others make of its raw tables
[private]
agree folder:
    python3 tests/oracle/oracle.py --sources "{{ folder }}/raw" --sql sql --params "{{ folder }}/raw/params.json" --lake "{{ folder }}/lake"
    python3 tests/oracle/survival.py --sources "{{ folder }}/raw" --params "{{ folder }}/raw/params.json" --lake "{{ folder }}/lake"

# Write docs/tables.md from a snapshot's manifest
tables: sample
    python3 tests/oracle/tables.py --lake "{{ sample }}/lake" --page docs/tables.md

# Is docs/tables.md what `just tables` writes?
tables-check: sample
    python3 tests/oracle/tables.py --lake "{{ sample }}/lake" --page docs/tables.md --check

# Do the Python examples of the analysts' page print what it shows? Those whose libraries are not installed are skipped.
snippets: sample encrypted
    python3 tests/oracle/snippets.py --page docs/analysts.md --folder "{{ sample }}"

# Publish the sample's ratings encrypted, beside the sample's snapshot, under a fresh key
[private]
encrypted: sample
    python3 -c "import secrets; print(secrets.token_hex())" >"{{ sample }}/2026-11.key"
    HACHI_KEY="$(cat "{{ sample }}/2026-11.key")" XDG_DATA_HOME="{{ sample }}/data" "{{ hachi }}" --config tests/oracle/encrypted.toml \
        run --as-of {{ as_of }} --lake "{{ sample }}/encrypted" --json >/dev/null

# Does a running sidecar answer as serving/openapi.json says? Skipped without the package of tests/openapi/requirements.txt
openapi: sample
    #!/usr/bin/env bash
    set -euo pipefail
    if ! command -v schemathesis >/dev/null; then
        echo "openapi: skipped, because schemathesis is not installed; \`pip install -r tests/openapi/requirements.txt\` does it" >&2
        exit 0
    fi
    coproc sidecar { exec "{{ CARGO_TARGET_DIR }}/debug/hachi-serving" --lake "{{ sample }}/lake" \
        --pseudonym-key "{{ sample }}/data/hachi/pseudonym.key" --feedback "{{ sample }}/feedback" --listen 127.0.0.1:0; }
    trap 'kill "$sidecar_PID"' EXIT
    read -r url <&"${sidecar[0]}"
    curl --silent --fail --retry 50 --retry-all-errors --retry-delay 1 "$url/readyz" >/dev/null
    cd "{{ sample }}" # where it leaves its notes
    schemathesis --config-file "{{ justfile_directory() }}/tests/openapi/schemathesis.toml" run "$url/openapi.json" --checks all --max-examples 50

# The dashboard and the widget in a browser without a screen, on the sample; `--shots FOLDER` keeps pictures
pages *arguments: sample
    #!/usr/bin/env bash
    set -euo pipefail
    if ! command -v chromium chromium-browser google-chrome >/dev/null || ! python3 -c "import axe_playwright_python" 2>/dev/null; then
        echo "pages: skipped, because Chromium or a package of tests/pages/requirements.txt is not installed" >&2
        exit 0
    fi
    python3 tests/pages/run.py --serving "{{ CARGO_TARGET_DIR }}/debug/hachi-serving" --lake "{{ sample }}/lake" --key "{{ sample }}/data/hachi/pseudonym.key" {{ arguments }}

# Publish a fresh snapshot of the sample, and export the raw tables as its models see them
[private]
sample:
    cargo build --workspace
    rm -rf "{{ sample }}"
    XDG_DATA_HOME="{{ sample }}/data" "{{ hachi }}" run --as-of {{ as_of }} --lake "{{ sample }}/lake" --json >/dev/null
    XDG_DATA_HOME="{{ sample }}/data" "{{ hachi }}" sources --export "{{ sample }}/raw" --lake "{{ sample }}/lake"

# Publish a snapshot of a synthetic community of a million log rows, configured as the sample is, and export its raw tables
[private]
large:
    cargo build --workspace
    rm -rf "{{ large }}"
    "{{ hachi }}" synth "{{ large }}/site/data" --members 2800 --days 90
    sed -e 's|"data/sample/|"data/|' -e 's|^path = "sql"|path = "{{ justfile_directory() }}/sql"|' hachi.toml >"{{ large }}/site/hachi.toml"
    XDG_DATA_HOME="{{ large }}/data" "{{ hachi }}" run --config "{{ large }}/site/hachi.toml" --as-of {{ as_of }} --lake "{{ large }}/lake" --json >/dev/null
    XDG_DATA_HOME="{{ large }}/data" "{{ hachi }}" sources --config "{{ large }}/site/hachi.toml" --export "{{ large }}/raw" --lake "{{ large }}/lake"
