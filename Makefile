# What the README promises: `make test` on a fresh clone, and nothing by hand.
.PHONY: test setup check short bench build page chat

GO ?= go
STATICCHECK = honnef.co/go/tools/cmd/staticcheck@v0.8.2
# Packages whose tests run many goroutines against each other.
RACE = ./wire/... ./signal ./client/... ./routing/... ./ledger/... ./messenger/... ./disclosable/... ./desk/casefile/... ./web/kit/...

test: setup check
	$(GO) test -timeout 60m ./...
	$(GO) test -short -race -timeout 60m $(RACE)

# Installs what the tests need where it may, says what it does, and names what
# a machine without root cannot have (those tests then skip by name; with
# CI=true a skip is a failure).
setup:
	@bash .ci/setup

check:
	@test -z "$$(gofmt -l . | grep -v node_modules | tee /dev/stderr)" || (echo "gofmt the files above"; false)
	$(GO) vet ./...
	$(GO) run $(STATICCHECK) ./...
	$(GO) test ./archtest

# The inner loop.
short:
	$(GO) test -short ./...

bench: setup
	$(GO) run ./bench/run -out bench/RESULTS.md

build:
	CGO_ENABLED=0 $(GO) build -trimpath -o bin/ ./cmd/letterlock ./cmd/letter ./cmd/verify

# The browser client: a static folder, the same bytes everywhere.
chat:
	test -x web/chat/face/node_modules/.bin/tsc -a -d web/chat/face/node_modules/@resvg || (cd web/chat/face && npm ci --ignore-scripts --no-audit --no-fund)
	cd web/chat/face && npm run --silent check && node build.mjs --out ../../../bin/chat

# The offline page in which an officer opens a package: one file.
page: build
	GOOS=js GOARCH=wasm CGO_ENABLED=0 $(GO) build -trimpath -ldflags="-s -w" -o bin/verify.wasm ./cmd/verify
	bin/verify page --out bin/verify.html --wasm bin/verify.wasm --exec "$$($(GO) env GOROOT)/lib/wasm/wasm_exec.js"
