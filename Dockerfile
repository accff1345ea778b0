# Build with the same Go that go.mod names; the result is one static binary.
FROM golang:1.26 AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
ARG VERSION=dev
# The commit is the checkout's own unless it is given.
ARG COMMIT
RUN CGO_ENABLED=0 go build -trimpath -buildvcs=false \
      -ldflags "-s -w -X main.version=${VERSION} -X main.commit=${COMMIT:-$(git rev-parse --short HEAD 2>/dev/null || echo unknown)}" \
      -o /out/progressbot ./cmd/progressbot && mkdir -p /out/data

FROM gcr.io/distroless/static-debian12:nonroot
COPY --from=build /out/progressbot /progressbot
# The embedded store needs a folder that the nonroot user may write.
COPY --from=build --chown=65532:65532 /out/data /data
ENV DATA_DIR=/data
VOLUME /data
USER 65532:65532
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s CMD ["/progressbot", "-healthcheck"]
ENTRYPOINT ["/progressbot"]
