#!/usr/bin/env bash
# A build on a Flink cluster of which this machine is the job manager.
#
#   flink-build.sh ADDRESS PORT TASK_MANAGERS RECIPE PLACE [OPTION …]
#
# ADDRESS is this machine's as the others reach it. It waits for as many TASK_MANAGERS, each of which is
# `python -m pipelines.engine.flink worker --job-manager ADDRESS:PORT --host ITS_OWN_ADDRESS` on a machine of its own.
# PLACE is a bucket that all of them reach; each OPTION is one of `proofpile build`. A build that was interrupted goes on
# when it is started again.
set -euo pipefail

if [ $# -lt 5 ]; then
  echo "usage: flink-build.sh ADDRESS PORT TASK_MANAGERS RECIPE PLACE [OPTION …]" >&2
  exit 2
fi
folder=$(mktemp -d "${TMPDIR:-/tmp}/proofpile-XXXXXX")
trap 'python3 -m pipelines.engine.flink stop --folder "$folder"; rm -rf "$folder"' EXIT
told=$(python3 -m pipelines.engine.flink start --host "$1" --port "$2" --task-managers 0 --wait-for "$3" --folder "$folder")
read -r -a options < <(grep -e '^--runner' <<<"$told")
proofpile build "$4" --output "$5" --quiet "${options[@]}" "${@:6}"
