#!/usr/bin/env bash
# Starts the playground as its users do, fetches its page, and ends it with Ctrl-C.
set -euo pipefail

output=$(mktemp)
trap 'rm -f "$output"' EXIT
set -m # otherwise a command in the background ignores the signal of Ctrl-C

npm start -- --port 0 >"$output" 2>&1 &
npm=$!
until grep -qE '^  http://127\.0\.0\.1:[0-9]+$' "$output"; do
  kill -0 "$npm" || {
    cat "$output"
    exit 1
  }
  sleep 0.2
done
cat "$output"
address=$(sed -nE 's/^  (http:.*)$/\1/p' "$output")
node -e '
  fetch(process.argv[1]).then(async (response) => {
    const page = await response.text()
    if (!response.ok || !page.includes("bearward")) throw new Error(`the page is not there: ${response.status}`)
    console.log(`The page responds with ${response.status}.`)
  })
' "$address"

# To npm alone, which forwards it. A terminal sends it to the program as well; then npm's copy may arrive while Node exits,
# and the status is that of the signal.
kill -INT "$npm"
wait "$npm" || {
  echo "it ended with status $?, not with 0"
  exit 1
}
echo 'It ended with status 0.'
