#!/bin/sh
# Print the first interpreter that can make a virtual environment: find-python.sh [VERSION...]
#
# Candidates are run, not believed: a python3.13 on the path may be a version manager's shim that
# runs nothing. So the folder beside a shim folder is looked into as well. Ends with status 2 and
# one line that says what to do when there is none.
set -u

versions=${*:-3.13 3.12 3.11}

# Prints "VERSION ready" or "VERSION bare" (no venv or no ensurepip), or nothing.
probe() {
    "$1" -c '
import importlib.util as u, sys
ready = u.find_spec("venv") and u.find_spec("ensurepip")
print("%d.%d" % sys.version_info[:2], "ready" if ready else "bare")
' 2>/dev/null
}

candidates() {
    IFS=' '
    for version in $versions; do
        echo "python$version"
    done
    echo python3
    IFS=:
    for folder in $PATH; do
        case $folder in
            */shims) ls -d "${folder%/shims}"/versions/*/bin/python3 2>/dev/null ;;
        esac
    done
}

bare=
IFS='
'
for candidate in $(candidates); do
    found=$(probe "$candidate")
    case " $versions " in
        *" ${found% *} "*) ;;
        *) continue ;;
    esac
    if [ "${found#* }" = ready ]; then
        command -v "$candidate"
        exit 0
    fi
    bare=${bare:-$found}
done

if [ -n "$bare" ]; then
    echo "dmz-gateway: Python ${bare% *} has no venv: apt-get install python${bare% *}-venv" >&2
else
    echo "dmz-gateway: no Python $(echo "$versions" | sed 's/ / or /g') runs here: install one, its venv package too (apt-get install python3 python3-venv)" >&2
fi
exit 2
