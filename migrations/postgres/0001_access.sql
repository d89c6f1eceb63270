-- People, what they may enter, and how they and their machines prove who they are.
-- Ids are prefixed text, times are integer microseconds UTC, secrets are stored as SHA-256 only.
-- Text compares byte by byte (collate "C"), so that lists have one order on every database.

create table person (
    id text collate "C" primary key,
    email text collate "C" not null,
    name text collate "C" not null,
    password_hash text collate "C" not null,
    created_at_us bigint not null
);
create unique index person_email on person (email);

create table session (
    id text collate "C" primary key,
    person_id text collate "C" not null references person (id) on delete cascade,
    secret_hash text collate "C" not null,
    csrf_token text collate "C" not null,
    created_at_us bigint not null,
    expires_at_us bigint not null
);
create unique index session_secret_hash on session (secret_hash);
create index session_person_id on session (person_id);
create index session_expires_at_us on session (expires_at_us);

create table project (
    id text collate "C" primary key,
    name text collate "C" not null,
    created_at_us bigint not null
);
create unique index project_name on project (name);

-- An invitation without a project is the set-up link, which makes the first owner.
create table invitation (
    id text collate "C" primary key,
    secret_hash text collate "C" not null,
    project_id text collate "C" references project (id) on delete cascade,
    email text collate "C",
    role text collate "C" not null,
    created_at_us bigint not null,
    expires_at_us bigint not null,
    consumed_at_us bigint,
    check ((project_id is null) = (email is null))
);
create unique index invitation_secret_hash on invitation (secret_hash);
create index invitation_project_id on invitation (project_id);

create table member (
    project_id text collate "C" not null references project (id) on delete cascade,
    person_id text collate "C" not null references person (id) on delete cascade,
    role text collate "C" not null,
    created_at_us bigint not null,
    primary key (project_id, person_id)
);
create index member_person_id on member (person_id);

create table token (
    id text collate "C" primary key,
    project_id text collate "C" not null references project (id) on delete cascade,
    name text collate "C" not null,
    secret_hash text collate "C" not null,
    actions text collate "C" not null,
    created_by text collate "C" not null,
    created_at_us bigint not null,
    expires_at_us bigint not null,
    last_used_at_us bigint
);
create unique index token_secret_hash on token (secret_hash);
create index token_project_id on token (project_id, id);
