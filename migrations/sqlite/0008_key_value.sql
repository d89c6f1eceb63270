-- What guests keep: values by key in a project's buckets, and what all of a project's take together.
-- A revision is drawn at random when a key comes, so that one which went and came again is told apart.

create table key_value (
    project_id text not null references project (id) on delete cascade,
    bucket text not null,
    key text not null,
    value blob not null,
    revision integer not null,
    primary key (project_id, bucket, key)
) strict, without rowid;

create table key_value_usage (
    project_id text primary key references project (id) on delete cascade,
    bytes integer not null,
    keys integer not null
) strict;
