/**
 * The schema of a ledger, step by step; `user_version` counts the steps that a file has taken. Append only: a released step never changes.
 *
 * `job` is the row that is rewritten with every change of state, so it is narrow, and what is long lies beside it; a short result comes with the
 * last change and needs no row of its own. Each index holds only the
 * rows of one state: a job that is run at once is in one index alone, when it is done. Running jobs have none, because the ledger knows them
 * by heart and reads the table once, when it opens.
 */
export const LEDGER_STEPS: readonly string[] = [
  `
  create table job (
    id integer primary key,
    state integer not null,
    level integer not null,
    priority integer not null,
    attempt integer not null,
    max_attempts integer not null,
    tries integer,
    cancel_requested integer not null default 0,
    created_at integer not null,
    run_at integer not null,
    token text not null,
    timeout_ms integer,
    started_at integer,
    ended_at integer,
    lease_until integer,
    worker text,
    key text,
    reason text,
    short_result text
  ) strict;
  create unique index job_key on job (key) where key is not null;
  create index job_scheduled on job (run_at, token, level) where state = 0;
  create index job_ready on job (id, run_at) where state = 1;
  create index job_done on job (ended_at) where state = 3;
  create index job_cancelled on job (ended_at) where state = 4;
  create index job_dead on job (ended_at) where state = 5;

  create table payload (id integer primary key, body text not null) strict;
  create table result (id integer primary key, body text not null) strict;
  create table attempt (
    number integer primary key,
    job_id integer not null,
    attempt integer not null,
    started_at integer not null,
    ended_at integer not null,
    worker text,
    verdict text not null,
    reason text
  ) strict;
  create index attempt_job on attempt (job_id);

  create table ending (number integer primary key, ids text not null) strict;
  create table token_limit (token text primary key, running integer, waiting integer) strict, without rowid;
  create table setting (name text primary key, value integer not null) strict, without rowid;
  `,
]
