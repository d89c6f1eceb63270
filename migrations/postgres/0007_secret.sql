-- Secrets of projects, sealed under the server's key. Versions run 1, 2, 3… within a name and are drawn from its
-- row, which stays when the secret is deleted, so that no number stands for two values.

create table secret_name (
    project_id text collate "C" not null references project (id) on delete cascade,
    name text collate "C" not null,
    next_version bigint not null,
    primary key (project_id, name)
);

create table secret (
    id text collate "C" primary key,
    project_id text collate "C" not null,
    name text collate "C" not null,
    version bigint not null,
    sealed bytea not null,
    key_id text collate "C" not null,
    created_by text collate "C" not null,
    created_at_us bigint not null,
    foreign key (project_id, name) references secret_name (project_id, name) on delete cascade
);
create unique index secret_project_id_name_version on secret (project_id, name, version);

-- Which version of each secret the deployment's versions read, as JSON.
alter table deployment add column secrets text collate "C" not null default '{}';
