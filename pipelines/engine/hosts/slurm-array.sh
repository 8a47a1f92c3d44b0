#!/usr/bin/env bash
# A build as a Slurm array: each task does its share of what can be shared, on one folder or bucket.
#
#   sbatch --array=1-40 --cpus-per-task=4 slurm-array.sh RECIPE PLACE [OPTION …]
#
# Each OPTION is one of `proofpile build`. Tasks that died are done by the same command again: what is done stays done. When all have ended, one ordinary
# `proofpile build RECIPE --output PLACE` compares the documents and writes the shards.
set -euo pipefail

if [ $# -lt 2 ]; then
  echo "usage: sbatch --array=1-N slurm-array.sh RECIPE PLACE [OPTION …]" >&2
  exit 2
fi
if [ -z "${SLURM_ARRAY_TASK_ID:-}" ] || [ -z "${SLURM_ARRAY_TASK_MAX:-}" ]; then
  echo "slurm-array.sh: no task of an array; expected sbatch --array=1-N" >&2
  exit 2
fi
# The array may be a part of an earlier one (--array=3,17): SHARES then tells how many shares there are in all.
exec proofpile build "$1" --output "$2" --units "$SLURM_ARRAY_TASK_ID/${SHARES:-$SLURM_ARRAY_TASK_MAX}" \
  --workers "${SLURM_CPUS_PER_TASK:-1}" --quiet "${@:3}"
