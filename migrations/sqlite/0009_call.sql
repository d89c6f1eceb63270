-- Asynchronous calls of functions. available_at_us is when one may be taken: the end of a wait, or of the lease of
-- who has it. A call belongs to the version that was drawn for it when it was made.

create table call (
    id text primary key,
    function_id text not null references function (id) on delete cascade,
    version_number integer not null,
    state text not null,
    content_type text not null,
    body blob not null,
    attempts integer not null default 0,
    available_at_us integer not null,
    lease_token text,
    expires_at_us integer not null,
    answer_content_type text,
    answer blob,
    error text,
    created_by text not null,
    created_at_us integer not null,
    ended_at_us integer,
    check ((answer is null) = (answer_content_type is null))
) strict;
create index call_function_id_id on call (function_id, id);
create index call_available_at_us on call (available_at_us) where ended_at_us is null;
create index call_ended_at_us on call (ended_at_us) where ended_at_us is not null;
