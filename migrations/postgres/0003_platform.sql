-- What the platform remembers for itself.

-- The answer to a request that may be sent twice. Without a status the first one is still running.
create table idempotency (
    scope text collate "C" not null,
    key text collate "C" not null,
    request_sha256 text collate "C" not null,
    status bigint,
    location text collate "C",
    body text collate "C",
    expires_at_us bigint not null,
    primary key (scope, key)
);
create index idempotency_expires_at_us on idempotency (expires_at_us);

create table setting (
    key text collate "C" primary key,
    value text collate "C" not null
);
