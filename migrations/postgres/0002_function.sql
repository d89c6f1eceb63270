-- Functions with their versions and deployments. Numbers run 1, 2, 3… within a function and are
-- drawn from the function's row: versions from a counter, deployments from the live one. A function's
-- revision grows with each change to what people see of it.

create table function (
    id text collate "C" primary key,
    project_id text collate "C" not null references project (id) on delete cascade,
    name text collate "C" not null,
    description text collate "C" not null,
    created_at_us bigint not null,
    revision bigint not null default 1,
    next_version_number bigint not null default 1,
    live_deployment_number bigint not null default 0
);
create unique index function_project_id_name on function (project_id, name);
create index function_project_id_id on function (project_id, id);

create table component (
    sha256 text collate "C" primary key,
    bytes bigint not null,
    created_at_us bigint not null
);

create table version (
    id text collate "C" primary key,
    function_id text collate "C" not null references function (id) on delete cascade,
    number bigint not null,
    component_sha256 text collate "C" not null references component (sha256),
    configuration text collate "C" not null,
    state text collate "C" not null,
    verdict text collate "C",
    failure text collate "C",
    message text collate "C" not null,
    source text collate "C" not null,
    created_by text collate "C" not null,
    created_at_us bigint not null,
    check ((state = 'ready') = (verdict is not null)),
    check ((state = 'failed') = (failure is not null))
);
create unique index version_function_id_number on version (function_id, number);
create index version_component_sha256 on version (component_sha256);
create index version_preparing on version (id) where state = 'preparing';

-- Append-only: the newest deployment of a function is live. A split has one or two versions.
create table deployment (
    id text collate "C" primary key,
    function_id text collate "C" not null references function (id) on delete cascade,
    number bigint not null,
    first_version_number bigint not null,
    first_weight bigint not null,
    second_version_number bigint,
    second_weight bigint,
    split_key text collate "C",
    triggers text collate "C" not null,
    message text collate "C" not null,
    created_by text collate "C" not null,
    created_at_us bigint not null,
    rolled_back_to bigint,
    foreign key (function_id, first_version_number) references version (function_id, number),
    foreign key (function_id, second_version_number) references version (function_id, number),
    check (first_weight + coalesce(second_weight, 0) = 100),
    check ((second_version_number is null) = (second_weight is null))
);
create unique index deployment_function_id_number on deployment (function_id, number);
create index deployment_function_id_first_version_number on deployment (function_id, first_version_number);
create index deployment_function_id_second_version_number on deployment (function_id, second_version_number);
