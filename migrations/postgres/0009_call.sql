-- Asynchronous calls of functions. available_at_us is when one may be taken: the end of a wait, or of the lease of
-- who has it. A call belongs to the version that was drawn for it when it was made.

create table call (
    id text collate "C" primary key,
    function_id text collate "C" not null references function (id) on delete cascade,
    version_number bigint not null,
    state text collate "C" not null,
    content_type text collate "C" not null,
    body bytea not null,
    attempts bigint not null default 0,
    available_at_us bigint not null,
    lease_token text collate "C",
    expires_at_us bigint not null,
    answer_content_type text collate "C",
    answer bytea,
    error text collate "C",
    created_by text collate "C" not null,
    created_at_us bigint not null,
    ended_at_us bigint,
    check ((answer is null) = (answer_content_type is null))
);
create index call_function_id_id on call (function_id, id);
create index call_available_at_us on call (available_at_us) where ended_at_us is null;
create index call_ended_at_us on call (ended_at_us) where ended_at_us is not null;
