-- Secrets of projects, sealed under the server's key. Versions run 1, 2, 3… within a name and are drawn from its
-- row, which stays when the secret is deleted, so that no number stands for two values.

create table secret_name (
    project_id text not null references project (id) on delete cascade,
    name text not null,
    next_version integer not null,
    primary key (project_id, name)
) strict;

create table secret (
    id text primary key,
    project_id text not null,
    name text not null,
    version integer not null,
    sealed blob not null,
    key_id text not null,
    created_by text not null,
    created_at_us integer not null,
    foreign key (project_id, name) references secret_name (project_id, name) on delete cascade
) strict;
create unique index secret_project_id_name_version on secret (project_id, name, version);

-- Which version of each secret the deployment's versions read, as JSON.
alter table deployment add column secrets text not null default '{}';
