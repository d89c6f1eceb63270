-- What the platform remembers for itself.

-- The answer to a request that may be sent twice. Without a status the first one is still running.
create table idempotency (
    scope text not null,
    key text not null,
    request_sha256 text not null,
    status integer,
    location text,
    body text,
    expires_at_us integer not null,
    primary key (scope, key)
) strict;
create index idempotency_expires_at_us on idempotency (expires_at_us);

create table setting (
    key text primary key,
    value text not null
) strict;
