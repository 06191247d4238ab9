#!/bin/sh
# Uploads the packages of `make build` and creates the stack, or updates it, with the vendor's command line.
# Usage: deploy.sh BUCKET PREFIX STACK [Key=Value ...]
#   BUCKET  an OSS bucket in the region that `aliyun configure` names
#   PREFIX  new for each release, such as evermirror/2026-11-25/
#   STACK   the stack's name; Key=Value are parameters of template.yml, such as Mode=observe
# A new stack gets a StackKey unless one is given; an update leaves every parameter that is not named as it is.
set -eu

stop() { printf 'deploy: %s\n' "$1" >&2; exit 1; }

[ $# -ge 3 ] || stop "usage: deploy.sh BUCKET PREFIX STACK [Key=Value ...]"
bucket=$1 prefix=${2%/}/ stack=$3
shift 3
root=$(cd "$(dirname "$0")/../.." && pwd)
aliyun=${ALIYUN:-aliyun}
command -v "$aliyun" >/dev/null 2>&1 || stop "the command line of the vendor, aliyun, is not installed"
[ -f "$root/.build/SHA256SUMS" ] || stop "there are no packages yet: run make build"

for zip in "$root"/.build/*.zip; do
    "$aliyun" oss cp "$zip" "oss://$bucket/$prefix$(basename "$zip")" --force
done

found=$("$aliyun" ros ListStacks --StackName.1 "$stack" | sed -n 's/.*"StackId": *"\([^"]*\)".*/\1/p' | head -n 1)
case "$found $*" in
    ' '*StackKey=*) ;;
    ' '*) set -- "$@" "StackKey=$(head -c 48 /dev/urandom | base64 | tr -d '\n')" ;;
esac

number=0
parameters=
for pair in "CodeBucket=$bucket" "CodePrefix=$prefix" "$@"; do
    case $pair in *=*) ;; *) stop "'$pair' is not Key=Value" ;; esac
    number=$((number + 1))
    key=$(printf '%s' "${pair%%=*}" | sed "s/'/'\\\\''/g")
    value=$(printf '%s' "${pair#*=}" | sed "s/'/'\\\\''/g")
    parameters="$parameters --Parameters.$number.ParameterKey '$key' --Parameters.$number.ParameterValue '$value'"
done
eval "set -- $parameters"

if [ -n "$found" ]; then
    "$aliyun" ros UpdateStack --StackId "$found" --UsePreviousParameters true --TemplateBody "$(cat "$root/template.yml")" "$@"
else
    "$aliyun" ros CreateStack --StackName "$stack" --TimeoutInMinutes 30 \
        --TemplateBody "$(cat "$root/template.yml")" "$@"
fi
