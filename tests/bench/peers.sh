#!/usr/bin/env bash
# Times attnlab and ONNX Runtime in turn, on the same cores in one run, and prints the ratios of their medians
# as a Markdown table. Above 1: attnlab is faster.
#
# usage: peers.sh MODELS ORT_BENCH_JS [--attnlab build/release/attnlab] [--threads 2] [--rounds 5]
#                 [--tokens "16 64 128 512"] [--names "bert-base-shape gpt2-shape"]
#   MODELS        holds NAME/config.json, NAME/model.safetensors and NAME/model.onnx with the same parameters
#   ORT_BENCH_JS  node ORT_BENCH_JS MODEL.onnx TOKENS RUNS THREADS prints {"ms": [...]}; onnxruntime-node must be
#                 found from there (npm install onnxruntime-node --ignore-scripts)
# Every round runs both once, each with its own warm-up; a busy machine shows as spread (the smallest and the
# largest median of the rounds).
set -euo pipefail

usage() { sed -n '2,13s/^# \{0,1\}//p' "$0" >&2; exit 2; }
[ $# -ge 2 ] || usage
models=$1 ort_bench=$2; shift 2
attnlab=build/release/attnlab threads=2 rounds=5 tokens="16 64 128 512" names="bert-base-shape gpt2-shape" runs=20
while [ $# -gt 0 ]; do
  [ $# -ge 2 ] || usage
  case $1 in
    --attnlab) attnlab=$2 ;;
    --threads) threads=$2 ;;
    --rounds) rounds=$2 ;;
    --tokens) tokens=$2 ;;
    --names) names=$2 ;;
    *) usage ;;
  esac
  shift 2
done
for tool in node "$attnlab"; do
  command -v "$tool" > /dev/null || { echo "peers.sh: '$tool' is not there" >&2; exit 1; }
done

# The number that the JavaScript expression in $1 makes of the JSON on standard input, bound to j.
from_json() {
  node -e "const j = JSON.parse(require('fs').readFileSync(0, 'utf8'));
           const median = v => { v = [...v].sort((a, b) => a - b); return v[v.length >> 1]; };
           console.log($1)"
}
# "median smallest largest" of the numbers given.
summary() { printf '%s\n' "$@" | sort -g | awk '{v[NR] = $1} END {print v[int((NR + 1) / 2)], v[1], v[NR]}'; }

echo "| model | tokens | attnlab, ms | ONNX Runtime, ms | ratio |"
echo "|---|---|---|---|---|"
for name in $names; do
  for n in $tokens; do
    ours=() theirs=()
    for ((round = 0; round < rounds; ++round)); do
      ours+=("$("$attnlab" bench --model "$models/$name" --tokens "$n" --threads "$threads" --json |
                from_json j.median_ms)")
      theirs+=("$(node "$ort_bench" "$models/$name/model.onnx" "$n" "$runs" "$threads" |
                  from_json 'median(j.ms)')")
    done
    read -r a a_min a_max <<< "$(summary "${ours[@]}")"
    read -r b b_min b_max <<< "$(summary "${theirs[@]}")"
    awk -v name="$name" -v n="$n" -v a="$a" -v a0="$a_min" -v a1="$a_max" -v b="$b" -v b0="$b_min" -v b1="$b_max" \
      'BEGIN {printf "| %s | %d | %.1f (%.1f–%.1f) | %.1f (%.1f–%.1f) | %.2f |\n", name, n, a, a0, a1, b, b0, b1, b / a}'
  done
done
