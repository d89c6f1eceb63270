-- What guests keep: values by key in a project's buckets, and what all of a project's take together.
-- A revision is drawn at random when a key comes, so that one which went and came again is told apart.

create table key_value (
    project_id text collate "C" not null references project (id) on delete cascade,
    bucket text collate "C" not null,
    key text collate "C" not null,
    value bytea not null,
    revision bigint not null,
    primary key (project_id, bucket, key)
);

create table key_value_usage (
    project_id text collate "C" primary key references project (id) on delete cascade,
    bytes bigint not null,
    keys bigint not null
);
