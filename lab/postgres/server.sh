# PostgreSQL for scripts/lab, which sources this: one server of the Debian
# package in a folder of its own, loopback and a Unix socket, passwords.
# shellcheck shell=bash disable=SC2154

pg_bin=
find_postgres() {
  local d
  for d in $(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -rV); do
    if [[ -x $d/postgres && -x $d/initdb ]]; then pg_bin=$d; return; fi
  done
  if command -v postgres >/dev/null && command -v initdb >/dev/null; then
    pg_bin=$(dirname "$(command -v postgres)")
    return
  fi
  die "needs PostgreSQL's server: the package 'postgresql'"
}

# It refuses to run as root, so root lends it somebody else.
pg_as=() pg_owner=
pg_user() {
  pg_as=() pg_owner=
  [[ $(id -u) == 0 ]] || return 0
  local u=postgres
  id "$u" >/dev/null 2>&1 || u=nobody
  pg_owner=$(id -u "$u"):$(id -g "$u")
  pg_as=(setpriv --reuid="${pg_owner%:*}" --regid="${pg_owner#*:}" --clear-groups)
  "${pg_as[@]}" "$pg_bin/initdb" --version >/dev/null 2>&1 ||
    die "$u cannot run $pg_bin/initdb, and PostgreSQL does not run as root: is / closed to others? chmod o+x /"
}

# Where its data is: in the lab, unless whoever it runs as cannot get there.
pg_new_home() {
  if [[ -n $pg_owner ]]; then
    PG_HOME=$(mktemp -d /tmp/terrarium-lab-pg.XXXXXX)
    chown "$pg_owner" "$PG_HOME"
  else
    PG_HOME=$dir/postgres
    mkdir -p "$PG_HOME"
  fi
}

free_port() {
  python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

pg_password() { od -An -N18 -tx1 /dev/urandom | tr -d ' \n'; }

# Once: data, roles, tables. Passwords are in the lab's pgpass, mode 0600.
pg_init() {
  local port owner fracta viewer
  pg_new_home
  port=$(free_port)
  owner=$(pg_password) fracta=$(pg_password) viewer=$(pg_password)
  printf '%s\n' "PG_HOME=$PG_HOME" "PORT_PG=$port" >>"$dir/lab.env"
  PORT_PG=$port
  printf '*:%s:*:%s:%s\n' "$port" lab "$owner" "$port" fracta "$fracta" "$port" viewer "$viewer" >"$dir/pgpass"
  (
    cd "$PG_HOME"
    echo "$owner" >pw
    [[ -z $pg_owner ]] || chown "$pg_owner" pw
    "${pg_as[@]}" "$pg_bin/initdb" -D "$PG_HOME/data" -U lab -E UTF8 --locale=C.UTF-8 --no-sync \
      --auth=scram-sha-256 --pwfile=pw &&
      rm pw
  ) >>"$dir/log/postgres.log" 2>&1 || die "initdb failed; see $dir/log/postgres.log"
  start_server postgres
  pg_wait 30 || { explain postgres; die "no PostgreSQL"; }
  lab_psql -d postgres -q <<SQL || die "PostgreSQL refused the lab's roles"
CREATE ROLE fracta LOGIN PASSWORD '$fracta';
CREATE ROLE viewer LOGIN PASSWORD '$viewer';
CREATE DATABASE fracta OWNER fracta;
SQL
  PGUSER=fracta lab_psql -d fracta -q -c 'SET client_min_messages = warning' -f "$root/lab/postgres/schema.sql" ||
    die "PostgreSQL refused the lab's tables"
}

# psql as its owner, or as PGUSER
lab_psql() {
  PGHOST=127.0.0.1 PGPORT=$PORT_PG PGUSER=${PGUSER:-lab} PGPASSFILE=$dir/pgpass PSQLRC=/dev/null \
    "$pg_bin/psql" -X -v ON_ERROR_STOP=1 "$@" 9>&-
}

pg_wait() { # SECONDS: until it answers
  local i
  for ((i = 0; i < $1 * 20; i++)); do
    if "$pg_bin/pg_isready" -q -h 127.0.0.1 -p "$PORT_PG" -t 1; then return 0; fi
    alive postgres >/dev/null || return 1
    sleep 0.05
  done
  return 1
}

# What was killed leaves children that hold its memory for a moment.
pg_start() {
  local i log=none
  [[ ${audit:-${AUDIT:-0}} == 0 ]] || log=all
  [[ -n ${PG_HOME:-} && -d $PG_HOME/data ]] || die "no PostgreSQL in this lab: up --postgres"
  find_postgres
  pg_user
  for ((i = 0; i < 50; i++)); do
    pushd "$PG_HOME" >/dev/null
    launch_as postgres "${pg_as[@]}" "$pg_bin/postgres" -D "$PG_HOME/data" -p "$PORT_PG" -k "$PG_HOME" \
      -c listen_addresses=127.0.0.1 -c fsync=off -c full_page_writes=off -c max_connections=200 \
      -c log_line_prefix='%m [%p] %u %a: ' -c log_statement="${PG_LOG:-$log}"
    popd >/dev/null
    sleep 0.1
    alive postgres >/dev/null && return 0
  done
  return 1
}

pg_down() { # what up has made, and nothing else
  [[ -n ${PG_HOME:-} ]] || return 0
  case $PG_HOME in
    /tmp/terrarium-lab-pg.*|"$dir/postgres") rm -rf "$PG_HOME" ;;
  esac
  rm -f "$dir/pgpass"
}

pg_env() {
  printf 'export PGHOST=127.0.0.1 PGPORT=%q PGUSER=fracta PGDATABASE=fracta PGPASSFILE=%q\n' "$PORT_PG" "$dir/pgpass"
  printf 'export TERRARIUM_LAB_POSTGRES=%q\n' "postgresql://fracta@127.0.0.1:$PORT_PG/fracta"
}
