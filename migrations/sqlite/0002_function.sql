-- Functions with their versions and deployments. Numbers run 1, 2, 3… within a function and are
-- drawn from the function's row: versions from a counter, deployments from the live one. A function's
-- revision grows with each change to what people see of it.

create table function (
    id text primary key,
    project_id text not null references project (id) on delete cascade,
    name text not null,
    description text not null,
    created_at_us integer not null,
    revision integer not null default 1,
    next_version_number integer not null default 1,
    live_deployment_number integer not null default 0
) strict;
create unique index function_project_id_name on function (project_id, name);
create index function_project_id_id on function (project_id, id);

create table component (
    sha256 text primary key,
    bytes integer not null,
    created_at_us integer not null
) strict;

create table version (
    id text primary key,
    function_id text not null references function (id) on delete cascade,
    number integer not null,
    component_sha256 text not null references component (sha256),
    configuration text not null,
    state text not null,
    verdict text,
    failure text,
    message text not null,
    source text not null,
    created_by text not null,
    created_at_us integer not null,
    check ((state = 'ready') = (verdict is not null)),
    check ((state = 'failed') = (failure is not null))
) strict;
create unique index version_function_id_number on version (function_id, number);
create index version_component_sha256 on version (component_sha256);
create index version_preparing on version (id) where state = 'preparing';

-- Append-only: the newest deployment of a function is live. A split has one or two versions.
create table deployment (
    id text primary key,
    function_id text not null references function (id) on delete cascade,
    number integer not null,
    first_version_number integer not null,
    first_weight integer not null,
    second_version_number integer,
    second_weight integer,
    split_key text,
    triggers text not null,
    message text not null,
    created_by text not null,
    created_at_us integer not null,
    rolled_back_to integer,
    foreign key (function_id, first_version_number) references version (function_id, number),
    foreign key (function_id, second_version_number) references version (function_id, number),
    check (first_weight + coalesce(second_weight, 0) = 100),
    check ((second_version_number is null) = (second_weight is null))
) strict;
create unique index deployment_function_id_number on deployment (function_id, number);
create index deployment_function_id_first_version_number on deployment (function_id, first_version_number);
create index deployment_function_id_second_version_number on deployment (function_id, second_version_number);
