# leadmeter: `make demo` and `make test` are all that a newcomer needs.

VERSION := $(shell git describe --tags --always 2>/dev/null || echo dev)
LDFLAGS := -X github.com/leadmeter/leadmeter/internal/command.Version=$(VERSION)
LISTEN  ?= 127.0.0.1:8080

.PHONY: help demo test test-citus ci quick lint check build setup race mutants generate screenshots extension release bench

help: ## what there is to make
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /	/' | expand -t 14

demo: build ## build and start the product with people to capture and a signed-in page
	bin/leadmeter demo --listen $(LISTEN)

build: ## bin/leadmeter
	go build -ldflags "$(LDFLAGS)" -o bin/leadmeter ./cmd/leadmeter

test: setup lint ## install what the tests need, then run everything: both databases, browser
	go test -timeout 40m ./internal/browser ./internal/server ./... # the longest first, side by side

ci: test ## what CI runs: test, the ledger and the runner under the race detector, a minute of fuzzing
	go test -race -short -timeout 20m ./credits/... ./internal/job ./internal/edge
	scripts/fuzz 6s

test-citus: lint ## the tests of Postgres on the Citus cluster that LEADMETER_TEST_CITUS has the address of
	@test -n "$$LEADMETER_TEST_CITUS" || { echo 'LEADMETER_TEST_CITUS is the address of a database on the coordinator that knows its workers'; exit 1; }
	LEADMETER_TEST_ENGINES=postgres go test -timeout 90m -p 1 ./credits/... ./internal/...

quick: ## the tests that take seconds: SQLite alone, no browser, no crashes, nothing slow
	LEADMETER_TEST_ENGINES=sqlite go test -short ./...

lint: ## formatting and vet
	@test -z "$$(gofmt -l $$(git ls-files '*.go' | grep -v _templ.go))" || { gofmt -l $$(git ls-files '*.go' | grep -v _templ.go); echo 'run gofmt -w on these'; exit 1; }
	go vet ./...

check: lint ## what lint does, and staticcheck
	go tool staticcheck ./...

race: setup ## the ledger and the server under the race detector
	go test -race -timeout 30m ./credits/... ./internal/server/... ./internal/capture/...

mutants: setup ## plant mistakes in the ledger, one after the other: the tests must catch each
	LEADMETER_TEST_MUTANTS=1 go test -count=1 -v -timeout 60m ./internal/mutants

generate: ## pages from their templates, the API document and the schema
	go run github.com/a-h/templ/cmd/templ@v0.3.977 generate -path internal/web
	LEADMETER_WRITE_OPENAPI=1 go test -count=1 -run TestOpenAPIIsCommitted ./internal/server
	LEADMETER_WRITE_SCHEMA=1 go test -count=1 -run TestSchemaIsWritten ./internal/store

screenshots: setup ## docs/screenshots, from the demo's data
	go run ./internal/browser/screenshots

extension: ## dist/: the browser extension, packed for Chrome and for Firefox
	go run ./internal/extensionzip

release: ## dist/release: binaries for every system, checksums, bill of materials
	scripts/release

bench: build ## the ledger beside a transaction written by hand
	bin/leadmeter bench --against handwritten

setup: ## install PostgreSQL, pgbouncer, Chromium, Firefox, strace and axe-core for the tests, where they are missing
	@scripts/setup
