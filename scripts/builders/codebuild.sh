#!/usr/bin/env bash
# Builds an image with AWS CodeBuild, for zones whose bundles need Windows: the builder of kind "command" that
# docs/outsystems.md describes. The project's buildspec is codebuild-windows.yml, beside this file.
#
# Needs the AWS CLI and zip, and in its environment CODEBUILD_PROJECT and CODEBUILD_BUCKET (a bucket that the project may
# read); the CUTOVER_ variables come from cutover. CodeBuild pushes to the zone's registry, where cutover then finds the digest.
set -euo pipefail
: "${CODEBUILD_PROJECT:?names the CodeBuild project}" "${CODEBUILD_BUCKET:?names the bucket for build contexts}"
: "${CUTOVER_CONTEXT:?}" "${CUTOVER_IMAGE:?}" "${CUTOVER_MODULES:?}" "${CUTOVER_OPERATION_ID:?}"

workplace=$(mktemp -d)
build=''
finish() {
  status=$?
  # A builder that is stopped must not leave a build behind that pushes later.
  if [ -n "$build" ]; then aws codebuild stop-build --id "$build" > /dev/null || true; fi
  rm -rf "$workplace"
  exit "$status"
}
trap finish EXIT
trap 'exit 143' TERM INT

key="cutover/$CUTOVER_OPERATION_ID.zip"
(cd "$CUTOVER_CONTEXT" && zip -qr "$workplace/context.zip" .)
aws s3 cp --only-show-errors "$workplace/context.zip" "s3://$CODEBUILD_BUCKET/$key"

build=$(aws codebuild start-build \
  --project-name "$CODEBUILD_PROJECT" \
  --idempotency-token "$CUTOVER_OPERATION_ID" \
  --source-type-override S3 \
  --source-location-override "$CODEBUILD_BUCKET/$key" \
  --environment-variables-override \
  "name=IMAGE,value=$CUTOVER_IMAGE" \
  "name=MODULES_BASE64,value=$(printf %s "$CUTOVER_MODULES" | base64 | tr -d '\n')" \
  --query build.id --output text)
echo "CodeBuild $build"

while :; do
  state=$(aws codebuild batch-get-builds --ids "$build" --query 'builds[0].buildStatus' --output text)
  [ "$state" = IN_PROGRESS ] || break
  sleep 5
done
logs=$(aws codebuild batch-get-builds --ids "$build" --query 'builds[0].logs.deepLink' --output text)
aws s3 rm --only-show-errors "s3://$CODEBUILD_BUCKET/$key" || true
build=''
if [ "$state" != SUCCEEDED ]; then
  echo "CodeBuild ended with $state; its log: $logs" >&2
  exit 1
fi
