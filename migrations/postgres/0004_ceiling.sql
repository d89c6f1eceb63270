-- The most that a project's owner lets its versions' limits be, as JSON: what is left out stands at the
-- platform's bound. A project's revision grows with each change to what people see of it.

alter table project add column ceiling text collate "C" not null default '{}';
alter table project add column revision bigint not null default 1;
