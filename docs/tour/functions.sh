# What the commands of the tour share.
# A step that fails ends the block: what follows would only speak of what is not there.
set -euo pipefail
PATH="$PWD/.venv/bin:$PATH"

# The sandbox hospital's control port, for trying things: a real hospital has none.
CONTROL=http://127.0.0.1:8201

# The sealed id of a sample patient's card, found by name, document and phone: `card_of bill`.
card_of() {
  local who
  who=$(curl -s "$CONTROL/sample" | python3 docs/tour/patient.py "$1") || return
  dmz-gateway call POST /v1/patient-cards/search --field id -d "$who"
}

# What the sandbox knows of such a sample: `sample report report_no`.
sample() { curl -s "$CONTROL/sample" | pick "$1" | pick "$2"; }

# A doctor orders something for a sample patient, self-paying, publicly funded or insured (1, 2 or 3):
# the newest bill of that kind from then on, so that each run has its own.
order_for() { hospital "/cards/$(sample "$1" card_no)/bills" "{\"category\": \"$2\"}"; }

# A member of an answer, or of the list's first item of which something is so: `pick id state=open`.
pick() { python3 docs/tour/pick.py "$@"; }

# What a platform reports of money that it took, in fen: `taken 6000`.
taken() {
  printf '"channel": "wechat", "transaction": "TOUR%s", "paidAt": "%s", "amount": %s' \
    "$(date +%s%N)" "$(TZ=Asia/Shanghai date +%FT%T+08:00)" "$1"
}

# A date of the hospital's: `day tomorrow`.
day() { TZ=Asia/Shanghai date -d "$1" +%F; }

# What the hospital's own people do, or time does: `hospital /clock '{"now": null}'`.
hospital() { curl -sS -f -o /dev/null -X POST "$CONTROL$1" -d "$2"; }

# So many seconds go by at the hospital, until its clock is set right again: `later 25`.
later() {
  local now
  now=$(curl -s "$CONTROL/healthz" | pick now) || return
  hospital /clock "{\"now\": \"$(TZ=Asia/Shanghai date -d "$now $1 seconds" +%FT%T)\"}"
}
