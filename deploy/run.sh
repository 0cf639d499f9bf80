#!/usr/bin/env bash
# From a fresh machine to a node that answers: installs what is missing, builds `release`, makes a
# sample registry, starts the node on loopback and shows a lookup. A second run reuses all of it.
set -euo pipefail

usage() {
    cat <<'TXT'
usage: deploy/run.sh [--port PORT] [--state DIR]    start the node, or show the one that runs
       deploy/run.sh --stop [--state DIR]           stop it
       deploy/run.sh --build                        only install what is missing and build

The state (registry, configuration, log) lies in DIR, else in $IDNODE_STATE, else in
${XDG_STATE_HOME:-~/.local/state}/idnode. The node listens on loopback, UDP and TCP, on PORT
(default 2641, or that of the last start).
TXT
}

say() { printf '%s\n' "$@"; }
fail() {
    printf '%s\n' "deploy: $*" >&2
    exit 1
}

root=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd)
state=${IDNODE_STATE:-}
port=
config_is_new=
action=start
while [ $# -gt 0 ]; do
    case $1 in
        --port | --state)
            [ $# -ge 2 ] || fail "$1 needs a value"
            if [ "$1" = --port ]; then port=$2; else state=$2; fi
            shift 2
            ;;
        --stop) action=stop && shift ;;
        --build) action=build && shift ;;
        --help) usage && exit 0 ;;
        *) usage >&2 && fail "unknown option '$1'" ;;
    esac
done
case $port in
    *[!0-9]* | 0* | ??????*) fail "--port takes a number from 1 to 65535, not '$port'" ;;
esac
[ "${port:-1}" -le 65535 ] || fail "--port takes a number from 1 to 65535, not '$port'"

bin=$root/build/release
idnode=$bin/admin-cli/idnode
idnoded=$bin/resolver/idnoded
idgen=$bin/bench/idgen

# Sets where everything of the node lies, and keeps other runs of this script away from it.
open_state() {
    if [ -z "$state" ]; then
        [ -n "${HOME:-}" ] || fail "HOME is not set; name the state with --state DIR"
        state=${XDG_STATE_HOME:-$HOME/.local/state}/idnode
    fi
    mkdir -p -- "$state" || fail "cannot make $state; name another place with --state DIR"
    state=$(cd -- "$state" && pwd)
    config=$state/idnoded.toml
    log=$state/idnoded.log
    pid_file=$state/idnoded.pid
    exec 9>"$state/lock"
    flock -w 600 9 || fail "another deploy/run.sh works on $state"
}

# The process of the pid file, if it is still our node: pids are used again.
running_pid() {
    local pid
    pid=$(cat "$pid_file" 2>/dev/null) || return 1
    tr '\0' '\n' <"/proc/$pid/cmdline" 2>/dev/null | grep -Fxq -- "$config" && printf '%s' "$pid"
}

stop_node() {
    local pid tries=0
    pid=$(running_pid) || {
        rm -f -- "$pid_file"
        say "no node runs from $state"
        return
    }
    kill -TERM "$pid"
    while [ -d "/proc/$pid" ] && running_pid >/dev/null; do
        [ $((tries += 1)) -le 200 ] || fail "process $pid does not end; its log: $(node_log)"
        sleep 0.1
    done
    rm -f -- "$pid_file"
    say "stopped the node of $state; its registry stays"
}

build() {
    local build_log=$root/build/release.log
    "$root/deploy/packages.sh" run build
    say "building; the first time takes some minutes"
    mkdir -p -- "$root/build"
    (
        cd -- "$root"
        cmake --preset release &&
            cmake --build --preset release --target idnode idnoded idgen
    ) >"$build_log" 2>&1 || {
        tail -n 20 -- "$build_log" >&2
        fail "the build failed; all of it: $build_log"
    }
}

# A registry is made beside its place and moved there when it is whole.
make_registry() {
    [ ! -d "$state/registry" ] || return 0
    say "making the sample registry: 1,000,000 identifiers"
    rm -rf -- "$state/registry.new"
    "$root/deploy/sample/make_sample.sh" "$bin" "$state/registry.new" >"$state/sample.log" 2>&1 || {
        tail -n 5 -- "$state/sample.log" >&2
        fail "the sample registry could not be made; all of it: $state/sample.log"
    }
    mv -- "$state/registry.new" "$state/registry"
}

write_config() {
    local path=${state//\\/\\\\}
    path=${path//\"/\\\"}
    cat >"$config" <<TXT
[registry]
path = "$path/registry"

[listen]
udp = ["127.0.0.1:$port", "[::1]:$port"]
tcp = ["127.0.0.1:$port", "[::1]:$port"]
TXT
}

configured_port() {
    if [ -r "$config" ]; then
        sed -n 's/^udp = \["127\.0\.0\.1:\([0-9]*\)".*/\1/p' "$config"
    fi
}

# Where the node writes its log: the file that the configuration names, else standard error's.
node_log() {
    local named
    named=$(awk '/^[ \t]*\[/ { in_log = $0 ~ /^[ \t]*\[[ \t]*log[ \t]*\]/ }
        in_log && match($0, /^[ \t]*file[ \t]*=[ \t]*("[^"]+"|\047[^\047]+\047)/) {
            value = substr($0, RSTART, RLENGTH)
            sub(/^[^"\047]*["\047]/, "", value)
            print substr(value, 1, length(value) - 1)
        }' "$config")
    printf '%s' "${named:-$log}"
}

# Makes the configuration, or sets another port in the one that is there: what was edited stays.
prepare_config() {
    local configured
    configured=$(configured_port)
    rm -f -- "$config.before"
    if [ ! -e "$config" ]; then
        port=${port:-2641}
        write_config
        config_is_new=yes
        return
    fi
    [ -n "$configured" ] ||
        fail "$config has no line udp = [\"127.0.0.1:PORT\", …]; mend it, or remove the file"
    port=${port:-$configured}
    [ "$port" != "$configured" ] || return 0
    cp -p -- "$config" "$config.before"
    sed -i "/^\(udp\|tcp\) = /s/:$configured\"/:$port\"/g" -- "$config"
}

# After a start that failed: the configuration as it was before.
undo_config() {
    if [ -e "$config.before" ]; then
        mv -- "$config.before" "$config"
    elif [ -n "$config_is_new" ]; then
        rm -f -- "$config"
    fi
}

# After a start that failed: no process, no pid file, the configuration as it was, and one line.
give_up() {
    local tries=0
    if [ -n "${node_pid:-}" ]; then
        kill -TERM "$node_pid" 2>/dev/null || true
        while kill -0 "$node_pid" 2>/dev/null && [ $((tries += 1)) -le 50 ]; do sleep 0.1; done
        kill -KILL "$node_pid" 2>/dev/null || true
    fi
    rm -f -- "$pid_file"
    undo_config
    fail "$1"
}

# Whether process $1 has the port. Asked of the system: what the log says, and where, is a matter of
# the configuration.
listens() {
    local sockets
    sockets=$(awk -v port="$(printf '%04X' "$port")" \
        'substr($2, 10) == port { print "socket:[" $10 "]" }' /proc/net/udp)
    [ -n "$sockets" ] &&
        find "/proc/$1/fd" -lname 'socket:*' -printf '%l\n' 2>/dev/null | grep -Fxq -- "$sockets"
}

# The node's last word: to standard error before it had a log of its own.
last_word() { tail -q -n 1 -- "$(node_log)" "$log" 2>/dev/null | tail -n 1; }

# Ends with the node listening, or gives up.
start_node() {
    local tries=0
    node_pid=
    { : >"$log"; } 2>/dev/null || give_up "cannot write $log; name another place with --state DIR"
    setsid "$idnoded" --config "$config" </dev/null >>"$log" 2>&1 9>&- &
    node_pid=$!
    { printf '%s\n' "$node_pid" >"$pid_file"; } 2>/dev/null || give_up "cannot write $pid_file"
    until listens "$node_pid"; do
        kill -0 "$node_pid" 2>/dev/null || give_up "the node did not start: $(last_word)"
        [ $((tries += 1)) -le 300 ] ||
            give_up "the node was not ready within 30 s; its log: $(node_log)"
        sleep 0.1
    done
}

show() {
    local shown
    shown=$("$idgen" --preset sample --key 123456)
    say "" "\$ idnode resolve $shown --server 127.0.0.1:$port"
    "$idnode" resolve "$shown" --server "127.0.0.1:$port" ||
        fail "the node gave no answer on port $port; its log: $(node_log)"
    cat <<TXT

The node runs as process $(cat "$pid_file") on 127.0.0.1:$port, UDP and TCP.
  state:      $state
  log:        $(node_log)
  ask again:  '$idnode' resolve $shown --server 127.0.0.1:$port
  look in:    '$idnode' info --registry '$state/registry'
  stop:       '$root/deploy/run.sh' --stop --state '$state'
TXT
}

start() {
    make_registry
    if running_pid >/dev/null; then
        if [ -n "$port" ] && [ "$port" != "$(configured_port)" ]; then
            fail "the node already runs on port $(configured_port); stop it first"
        fi
        port=$(configured_port)
        say "the node already runs"
    else
        prepare_config
        start_node
        rm -f -- "$config.before"
    fi
    show
}

[ "$action" = build ] || open_state
case $action in
    build) build ;;
    stop) stop_node ;;
    start)
        build
        start
        ;;
esac
