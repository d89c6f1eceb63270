# Builds console, guests and server; ships one binary, as a user without rights.
FROM rust:1.95-bookworm AS build
RUN rustup target add wasm32-unknown-unknown wasm32-wasip2 && rustup component add llvm-tools
# Node.js runs what shrinks the console; wrk keeps the server busy that counts what it does.
RUN apt-get update -q && apt-get install -qy --no-install-recommends nodejs npm wrk && rm -rf /var/lib/apt/lists/*
WORKDIR /src
COPY . .
RUN make console guests && install -D "$(server/build.sh)" /out/dormouse

FROM debian:bookworm-slim
RUN useradd --system --uid 10001 --home-dir /var/lib/dormouse --create-home dormouse
COPY --from=build /out/dormouse /usr/local/bin/dormouse
USER dormouse
ENV DORMOUSE_DATA_DIR=/var/lib/dormouse/data \
    DORMOUSE_CONTROL_LISTEN=0.0.0.0:7070 \
    DORMOUSE_DATA_LISTEN=0.0.0.0:8080
VOLUME /var/lib/dormouse
EXPOSE 7070 8080
ENTRYPOINT ["dormouse"]
CMD ["serve"]
