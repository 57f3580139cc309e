#!/usr/bin/env bash
# Prepares a Docker context "windows" for a Windows machine with Docker, reached by SSH: for the builder of kind "docker" with
# `command: [docker, --context, windows]`, as docs/outsystems.md describes. Run it once, as the user the worker runs as.
#
#   windows-docker-host.sh builder@build-host.example.com 123456789012.dkr.ecr.eu-west-1.amazonaws.com
set -euo pipefail
host=${1:?the machine, as ssh takes it} registry=${2:?the registry to push to}

docker context inspect windows > /dev/null 2>&1 || docker context create windows --docker "host=ssh://$host"
kind=$(docker --context windows info --format '{{.OSType}}')
if [ "$kind" != windows ]; then
  echo "Docker on $host makes $kind containers: switch it to Windows containers." >&2
  exit 1
fi
# The push is made with this machine's credentials, whatever machine builds: a helper gets a new token for each.
command -v docker-credential-ecr-login > /dev/null || {
  echo 'Install amazon-ecr-credential-helper here: a token from "docker login" is good for 12 hours only.' >&2
  exit 1
}
config=${DOCKER_CONFIG:-$HOME/.docker}/config.json
grep -q "\"$registry\": *\"ecr-login\"" "$config" 2> /dev/null || {
  echo "Add to $config: {\"credHelpers\": {\"$registry\": \"ecr-login\"}}" >&2
  exit 1
}
echo 'Ready: name "command: [docker, --context, windows]" in the zone'"'"'s builder.'
