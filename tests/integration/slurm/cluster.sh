#!/usr/bin/env bash
# Runs a command on a Slurm cluster of one node that lives as long as the command: this machine, without systemd.
#   tests/integration/slurm/cluster.sh COMMAND...
# Installs Debian's packages if they are missing. Needs root, as Slurm's daemons do; touches no cluster that is here.
set -euo pipefail

. "$(dirname "$0")/../debian.sh"

command -v slurmctld slurmd sbatch munged >/dev/null || install_packages Slurm slurmctld slurmd slurm-client munge
[ "$(id -u)" = 0 ] || fail "Slurm's daemons start other users' processes and need root"

folder=$(mktemp -d /tmp/slurm.XXXXXX)
chmod 755 "$folder"
stop() { # jobs that a failed command left, then the daemons: those whose command lines name the folder
    if [ -f "$folder/slurmctld.pid" ]; then
        timeout 10 scancel --quiet --user="$(id -un)" || true
        for _ in $(seq 100); do [ -z "$(timeout 10 squeue --noheader)" ] && break; sleep 0.1; done
    fi
    for signal in TERM KILL; do
        pids=$(pgrep -f -- "$folder/" || true)
        [ -z "$pids" ] || kill -s "$signal" $pids 2>/dev/null || true
        for _ in $(seq 50); do pgrep -f -- "$folder/" >/dev/null || break; sleep 0.1; done
    done
    rm -rf "$folder"
}
trap stop EXIT

# munged proves to the daemons who is who; a key and a socket of its own, as the user that Debian made for it.
install -d -o munge -g munge -m 755 "$folder/munge"
dd if=/dev/urandom of="$folder/munge/key" bs=1024 count=1 status=none
chown munge:munge "$folder/munge/key"
chmod 400 "$folder/munge/key"
runuser -u munge -- munged --key-file="$folder/munge/key" --socket="$folder/munge/socket" \
    --pid-file="$folder/munge/pid" --log-file="$folder/munge/log" --seed-file="$folder/munge/seed"

cores=$(nproc --all)
memory=$(awk '/MemTotal/ {print int($2 / 1024 * 0.9)}' /proc/meminfo)
ports=($(python3 - <<'PYTHON'
import socket
sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(2)]
print(*(s.getsockname()[1] for s in sockets))
PYTHON
))
mkdir "$folder/state" "$folder/spool"
cat >"$folder/slurm.conf" <<CONF
ClusterName=crosstask
SlurmctldHost=$(hostname -s)(127.0.0.1)
SlurmctldPort=${ports[0]}
SlurmdPort=${ports[1]}
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket=$folder/munge/socket
CredType=cred/munge
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
MpiDefault=none
ReturnToService=2
SchedulerParameters=sched_interval=1,batch_sched_delay=1
KillWait=5
StateSaveLocation=$folder/state
SlurmdSpoolDir=$folder/spool
SlurmctldPidFile=$folder/slurmctld.pid
SlurmdPidFile=$folder/slurmd.pid
SlurmctldLogFile=$folder/slurmctld.log
SlurmdLogFile=$folder/slurmd.log
NodeName=$(hostname -s) NodeAddr=127.0.0.1 CPUs=$cores RealMemory=$memory State=UNKNOWN
PartitionName=main Nodes=ALL Default=YES MaxTime=INFINITE State=UP
CONF
case "$(slurmd -V)" in
    *" 22."*) ;; # has no such choice, and does without control groups where the system has none
    *) echo "CgroupPlugin=disabled" >"$folder/cgroup.conf" ;;
esac
export SLURM_CONF="$folder/slurm.conf"

slurmctld -f "$SLURM_CONF"
slurmd -f "$SLURM_CONF" || { cat "$folder/slurmd.log" >&2; fail "slurmd did not start"; }
for _ in $(seq 60); do
    [ "$(sinfo --noheader --format=%T 2>/dev/null)" = idle ] && break
    sleep 0.5
done
[ "$(sinfo --noheader --format=%T)" = idle ] || {
    tail -n 20 "$folder"/slurmctld.log "$folder"/slurmd.log >&2
    fail "the cluster did not come up"
}
"$@"
