-- Queues and the messages in them. A message is in flight while it has a lease token and its lease lasts;
-- available_at_us is when it may be claimed: the end of a delay, of a back-off or of a lease.

create table queue (
    id text primary key,
    project_id text not null references project (id) on delete cascade,
    name text not null,
    retention_s integer not null,
    dead_letter_queue text,
    paused integer not null default 0,
    created_at_us integer not null,
    revision integer not null default 1
) strict;
create unique index queue_project_id_name on queue (project_id, name);

-- How many messages a queue holds and what became of the others: the sum over its shards, of which a
-- transaction changes one, so that those who write at once seldom wait for each other.
create table queue_count (
    queue_id text not null references queue (id) on delete cascade,
    shard integer not null,
    messages integer not null,
    sent integer not null,
    acknowledged integer not null,
    dead integer not null,
    expired integer not null,
    primary key (queue_id, shard)
) strict;

-- Within a queue, sequence is the order of arrival: a message that moves goes to the end.
-- receives counts the claims in this queue, attempts those of the message's whole life.
create table message (
    sequence integer primary key,
    id text not null,
    queue_id text not null references queue (id) on delete cascade,
    group_key text,
    grouped integer not null,
    available_at_us integer not null,
    lease_token text,
    receives integer not null default 0,
    attempts integer not null default 0,
    enqueued_at_us integer not null,
    first_enqueued_at_us integer not null,
    source_queue_id text,
    content_type text not null,
    attributes text not null,
    body blob not null,
    check ((group_key is not null) = (grouped = 1))
) strict;
create unique index message_id on message (id);
create index message_queue_id_grouped_available_at_us_sequence on message (queue_id, grouped, available_at_us, sequence);
create index message_queue_id_sequence on message (queue_id, sequence);
create index message_queue_id_group_key_sequence on message (queue_id, group_key, sequence) where grouped = 1;
create index message_leased on message (queue_id, group_key, available_at_us) where lease_token is not null;

create table message_error (
    message_id text not null references message (id) on delete cascade,
    attempt integer not null,
    at_us integer not null,
    error text not null,
    primary key (message_id, attempt)
) strict;

-- Of a group, one batch is in flight: available_at_us is when the next may be claimed. There is a row for
-- every group that has messages.
create table message_group (
    queue_id text not null references queue (id) on delete cascade,
    group_key text not null,
    available_at_us integer not null,
    primary key (queue_id, group_key)
) strict;
create index message_group_queue_id_available_at_us on message_group (queue_id, available_at_us);

create table deduplication (
    queue_id text not null references queue (id) on delete cascade,
    deduplication_key text not null,
    message_id text not null,
    expires_at_us integer not null,
    primary key (queue_id, deduplication_key)
) strict;
create index deduplication_expires_at_us on deduplication (expires_at_us);

-- The move of a queue's messages to their sources, or to one target. It has done those up to reached_sequence and
-- ends at until_sequence, so that messages that come back are not moved again.
create table redrive (
    id text primary key,
    queue_id text not null references queue (id) on delete cascade,
    target_queue_id text,
    rate_per_s integer not null,
    state text not null,
    total integer not null,
    moved integer not null,
    skipped integer not null,
    reached_sequence integer not null,
    until_sequence integer not null,
    next_at_us integer not null,
    created_by text not null,
    created_at_us integer not null,
    ended_at_us integer,
    check ((state = 'running') = (ended_at_us is null))
) strict;
create index redrive_queue_id_id on redrive (queue_id, id);
create unique index redrive_running on redrive (queue_id) where state = 'running';
