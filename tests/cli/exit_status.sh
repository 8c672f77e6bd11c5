#!/bin/bash
# exit_status.sh ATTNLAB: wrong arguments end with 2 and one sentence that says what to do, and touch nothing.
set -u
attnlab=$1
failed=0
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
unset DISPLAY WAYLAND_DISPLAY

# refused SENTENCE ARGUMENTS…: exit 2, nothing on standard output, and the sentence on standard error.
refused() {
  local sentence=$1 status
  shift
  "$attnlab" "$@" >out 2>err
  status=$?
  if [ $status -ne 2 ] || [ -s out ] || ! grep -qF -- "$sentence" err; then
    echo "FAILED: attnlab $*: exit $status, expected 2 and '$sentence'; it said: $(cat err)"
    failed=1
  fi
}

text=(--model pronouns-en --text "The animal was tired because it ran.")
refused "there is no command and no file or folder called 'bogus'" bogus
refused "there is no script nowhere.drive" --drive nowhere.drive
refused "--size takes width x height" --size 12 .
refused "There is no model 'nobody'" attend --model nobody --text Hello
refused "There is no model 'nobody'" tokenize --model nobody --text Hello
refused "there is no text, or it is empty" attend --model pronouns-en --text ""
refused "there is no file nowhere.txt" attend --model pronouns-en --text-file nowhere.txt
refused "is no token number of this model" attend --model pronouns-en --ids 5,99999
refused "takes numbers with commas" attend --model pronouns-en --ids 5,x
refused "There is no head 9" attend "${text[@]}" --do "head 0.9=zero"
refused "There is no layer 9" attend "${text[@]}" --do "head 9.0=zero"
refused "give one of .safetensors, .npz" attend "${text[@]}" --out weights.bin
refused "give one of .png, .svg, .pdf" figure "${text[@]}" --out head.gif
refused "there is no head L0" figure "${text[@]}" --head 9 --out head.png
refused "is not a word of the text" figure "${text[@]}" --query mouse --out head.png
refused "--model is missing; attnlab attend --help" attend
refused "--out is missing; attnlab figure --help" figure "${text[@]}"
refused "attnlab attend has no option --no-such-option" attend "${text[@]}" --no-such-option
refused "attnlab attend has no option --no-such-option" attend --no-such-option
refused "--model needs a value" attend --model
refused "--layer: 'x' is no whole number" figure "${text[@]}" --layer x --out head.png
refused "--threads: 5000 is not a number from 0 to 1024" attend "${text[@]}" --threads 5000
refused "--view: cube is none of grid, heatmap, links, steps" figure "${text[@]}" --view cube --out head.png
refused "--tolerance: 0 is not above 0" verify --model pronouns-en --against F.safetensors --tolerance 0
refused "--against: there is no file F.safetensors" verify --model pronouns-en --against F.safetensors
refused "a number is missing beside a comma" attend --model pronouns-en --ids 5,,9
refused "takes at most" bench --model pronouns-en --tokens 100000
refused "give the first with --text" tokenize --model pronouns-en --text-pair b
refused "there is no recipe 'nosuch'; there are" train nosuch --evaluate
refused "is a file; expected a model's folder" attend --model /etc/hostname --text Hello

if [ -n "$(ls -A | grep -vxE 'out|err')" ]; then
  echo "FAILED: files were left behind: $(ls -A)"
  failed=1
fi
exit $failed
