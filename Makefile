# The same commands that CI runs. `make` alone lists them.
GOLANGCI_VERSION := v2.15.0
VERSION ?= dev
COMMIT  ?= $(shell git rev-parse --short HEAD 2>/dev/null || echo unknown)
FUZZTIME ?= 20s
SOAK ?= 60s

.DEFAULT_GOAL := help
.PHONY: help build run play tour test race lint fuzz soak bench pictures image tidy

help: ## list the targets
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/' | column -t -s '	'

build: ## build bin/progressbot
	CGO_ENABLED=0 go build -trimpath -ldflags "-s -w -X main.version=$(VERSION) -X main.commit=$(COMMIT)" -o bin/progressbot ./cmd/progressbot

run: ## run the bot with .env
	go run ./cmd/progressbot

play: ## try the bot without Discord
	go run ./cmd/playground

tour: ## show every kind of reply, unattended
	go run ./cmd/playground -tour

test: ## all tests
	go test ./...

race: ## all tests with the race detector, in random order
	go test -race -shuffle=on ./...

lint: bin/golangci-lint ## formatting, vet, linters, tidy
	test -z "$$(gofmt -l .)"
	go vet ./...
	bin/golangci-lint run
	go mod tidy -diff

bin/golangci-lint:
	GOBIN=$(CURDIR)/bin go install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$(GOLANGCI_VERSION)

fuzz: ## every fuzz target for FUZZTIME
	.ci/fuzz $(FUZZTIME)

soak: ## the bot under load with faults for SOAK
	go test ./bot/faulttest -count=1 -v -run '^TestSoak$$' -soak $(SOAK)

bench: ## benchmarks
	go test -run '^$$' -bench . -benchmem ./...

pictures: ## take the README's pictures with chromium
	dir=$$(mktemp -d) && PROGRESSBOT_PICTURES=$$dir go test ./cmd/playground -run '^TestPageLook$$' -count=1 && \
		cp $$dir/page-dark-1440.png $$dir/page-light-1440.png docs/ && rm -r $$dir

image: ## build the container image
	docker build --build-arg VERSION=$(VERSION) --build-arg COMMIT=$(COMMIT) -t progressbot .

tidy: ## tidy go.mod
	go mod tidy
