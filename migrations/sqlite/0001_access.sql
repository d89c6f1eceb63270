-- People, what they may enter, and how they and their machines prove who they are.
-- Ids are prefixed text, times are integer microseconds UTC, secrets are stored as SHA-256 only.

create table person (
    id text primary key,
    email text not null,
    name text not null,
    password_hash text not null,
    created_at_us integer not null
) strict;
create unique index person_email on person (email);

create table session (
    id text primary key,
    person_id text not null references person (id) on delete cascade,
    secret_hash text not null,
    csrf_token text not null,
    created_at_us integer not null,
    expires_at_us integer not null
) strict;
create unique index session_secret_hash on session (secret_hash);
create index session_person_id on session (person_id);
create index session_expires_at_us on session (expires_at_us);

create table project (
    id text primary key,
    name text not null,
    created_at_us integer not null
) strict;
create unique index project_name on project (name);

-- An invitation without a project is the set-up link, which makes the first owner.
create table invitation (
    id text primary key,
    secret_hash text not null,
    project_id text references project (id) on delete cascade,
    email text,
    role text not null,
    created_at_us integer not null,
    expires_at_us integer not null,
    consumed_at_us integer,
    check ((project_id is null) = (email is null))
) strict;
create unique index invitation_secret_hash on invitation (secret_hash);
create index invitation_project_id on invitation (project_id);

create table member (
    project_id text not null references project (id) on delete cascade,
    person_id text not null references person (id) on delete cascade,
    role text not null,
    created_at_us integer not null,
    primary key (project_id, person_id)
) strict;
create index member_person_id on member (person_id);

create table token (
    id text primary key,
    project_id text not null references project (id) on delete cascade,
    name text not null,
    secret_hash text not null,
    actions text not null,
    created_by text not null,
    created_at_us integer not null,
    expires_at_us integer not null,
    last_used_at_us integer
) strict;
create unique index token_secret_hash on token (secret_hash);
create index token_project_id on token (project_id, id);
