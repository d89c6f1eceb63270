-- The schedules of live deployments, and the ledger of their slots. Every slot up to `planned_until_us` has its
-- row, but for those that the ledger would have let go of already. A schedule without `next_at_us` has no next slot,
-- or is paused.

create table schedule (
    function_id text not null references function (id) on delete cascade,
    name text not null,
    project_id text not null references project (id) on delete cascade,
    trigger text not null,
    planned_until_us integer not null,
    next_at_us integer,
    paused_at_us integer,
    paused_by text,
    primary key (function_id, name),
    check ((paused_at_us is null) = (paused_by is null))
) strict;
create index schedule_project_id on schedule (project_id);
create index schedule_next_at_us on schedule (next_at_us) where next_at_us is not null;

-- A slot may be taken from `available_at_us` on: that is its next try, or the end of the lease of whoever runs it.
-- Each taking draws the next fence, and only its holder may say how the run ended.
create table slot (
    id text primary key,
    function_id text not null references function (id) on delete cascade,
    name text not null,
    scheduled_at_us integer not null,
    kind text not null,
    state text not null,
    attempt integer not null default 0,
    fence integer not null default 0,
    available_at_us integer,
    version_number integer,
    invocation_id text,
    started_at_us integer,
    finished_at_us integer,
    error text,
    requested_by text
) strict;
create unique index slot_function_id_name_scheduled_at_us on slot (function_id, name, scheduled_at_us)
    where kind <> 'manual';
create index slot_function_id_name_id on slot (function_id, name, id);
create index slot_available_at_us on slot (available_at_us) where available_at_us is not null;
create index slot_open on slot (function_id, name) where finished_at_us is null;
