-- The schedules of live deployments, and the ledger of their slots. Every slot up to `planned_until_us` has its
-- row, but for those that the ledger would have let go of already. A schedule without `next_at_us` has no next slot,
-- or is paused.

create table schedule (
    function_id text collate "C" not null references function (id) on delete cascade,
    name text collate "C" not null,
    project_id text collate "C" not null references project (id) on delete cascade,
    trigger text collate "C" not null,
    planned_until_us bigint not null,
    next_at_us bigint,
    paused_at_us bigint,
    paused_by text collate "C",
    primary key (function_id, name),
    check ((paused_at_us is null) = (paused_by is null))
);
create index schedule_project_id on schedule (project_id);
create index schedule_next_at_us on schedule (next_at_us) where next_at_us is not null;

-- A slot may be taken from `available_at_us` on: that is its next try, or the end of the lease of whoever runs it.
-- Each taking draws the next fence, and only its holder may say how the run ended.
create table slot (
    id text collate "C" primary key,
    function_id text collate "C" not null references function (id) on delete cascade,
    name text collate "C" not null,
    scheduled_at_us bigint not null,
    kind text collate "C" not null,
    state text collate "C" not null,
    attempt bigint not null default 0,
    fence bigint not null default 0,
    available_at_us bigint,
    version_number bigint,
    invocation_id text collate "C",
    started_at_us bigint,
    finished_at_us bigint,
    error text collate "C",
    requested_by text collate "C"
);
create unique index slot_function_id_name_scheduled_at_us on slot (function_id, name, scheduled_at_us)
    where kind <> 'manual';
create index slot_function_id_name_id on slot (function_id, name, id);
create index slot_available_at_us on slot (available_at_us) where available_at_us is not null;
create index slot_open on slot (function_id, name) where finished_at_us is null;
