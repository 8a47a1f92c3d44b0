#!/usr/bin/env bash
# A build on a Flink cluster within a Slurm allocation: a task manager on each node, the job manager on the first.
#
#   sbatch --nodes=4 --ntasks-per-node=1 --cpus-per-task=8 slurm-flink.sh RECIPE PLACE [OPTION …]
#
# PLACE is a bucket that all nodes reach; each OPTION is one of `proofpile build`. PORT (6123) is where the job manager is joined. Two
# builds that may share a node differ in it, and in PROOFPILE_WORKER_PORT (26124), where the Python workers listen.
set -euo pipefail

if [ $# -lt 2 ]; then
  echo "usage: sbatch --nodes=N slurm-flink.sh RECIPE PLACE [OPTION …]" >&2
  exit 2
fi
if [ -z "${SLURM_JOB_NUM_NODES:-}" ]; then
  echo "slurm-flink.sh: no allocation; expected sbatch --nodes=N" >&2
  exit 2
fi
# Slurm runs a copy of this script from its own folder, so that what lies beside it is asked of the package.
beside=$(python3 -c 'import pathlib, pipelines.engine as engine; print(pathlib.Path(engine.__file__).parent / "hosts")')
manager=${SLURMD_NODENAME:-$(hostname)}
port=${PORT:-6123}
# shellcheck disable=SC2016 # each node answers for itself
work='host=${SLURMD_NODENAME:-$(hostname)}; folder=$(mktemp -d "${TMPDIR:-/tmp}/worker-XXXXXX"); '
# shellcheck disable=SC2016
work+='exec python3 -m pipelines.engine.flink worker --job-manager "$1" --slots "$2" --host "$host" --folder "$folder"'
srun --overlap --no-kill --kill-on-bad-exit=0 bash -c "$work" worker "$manager:$port" "${SLURM_CPUS_PER_TASK:-1}" &
workers=$!
trap 'kill "$workers" 2>/dev/null || true' EXIT
bash "$beside/flink-build.sh" "$manager" "$port" "$SLURM_JOB_NUM_NODES" "$@"
