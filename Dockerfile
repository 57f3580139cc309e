# cutover's worker and its hook listener: one image, the command says which. The workflow bundle is built ahead, development
# dependencies are left behind, and it runs as a user without rights. Temporal's core needs glibc: no Alpine.
ARG NODE_IMAGE=node:24.21.0-trixie-slim@sha256:8ec5d7557396cfe32d21c3f9c13072355ceab22b584578ca4bb28af31120cffe

FROM ${NODE_IMAGE} AS build
WORKDIR /cutover
COPY package.json package-lock.json ./
COPY packages/local-aws/package.json ./packages/local-aws/
# Scripts of packages aren't run: what is native comes as a package of its own.
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY . .
# The bundle is built ahead, so webpack and what else makes one is left behind too. What is left is what lib/sbom.cdx.json names.
RUN node scripts/build.js \
    && rm -rf lib/test lib/bench \
    && npm prune --omit=dev --ignore-scripts --no-audit --no-fund \
    && node scripts/runtime-packages.js \
    && node scripts/supply-chain.js
# Temporal's core comes compiled for six platforms, and with its sources: one of them can be loaded here. Nothing that runs reads
# source maps and declarations of packages, which are a fifth of them.
RUN rm -rf node_modules/@temporalio/core-bridge/sdk-core \
    && find node_modules/@temporalio/core-bridge/releases -mindepth 1 -maxdepth 1 \
    ! -name "$(uname -m)-unknown-linux-gnu" -exec rm -rf {} + \
    && find node_modules -type f \( -name '*.map' -o -name '*.d.ts' -o -name '*.d.mts' -o -name '*.d.cts' \) -delete \
    && find node_modules -mindepth 1 -maxdepth 1 -type d -empty -delete

FROM ${NODE_IMAGE}
# Temporal's core reads the system's certificates, which slim images lack.
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install -y --no-install-recommends ca-certificates \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /cutover
COPY --from=build /cutover/package.json /cutover/LICENSE /cutover/NOTICE ./
COPY --from=build /cutover/node_modules ./node_modules
COPY --from=build /cutover/bin ./bin
COPY --from=build /cutover/lib ./lib
# Builds unpack bundles, which memory would not hold: a volume is to be mounted here, on disk.
RUN ln -s /cutover/bin/cutover.js /usr/local/bin/cutover \
    && install -d -o 1000 -g 1000 /var/lib/cutover
# An empty volume of ECS belongs to root, unless the image says that there is one: it gets this folder's owner then.
VOLUME /var/lib/cutover
ENV NODE_ENV=production \
    CUTOVER_SETTINGS=/etc/cutover/cutover.yaml \
    CUTOVER_HEALTH=0.0.0.0:9465 \
    CUTOVER_METRICS=0.0.0.0:9464 \
    TMPDIR=/var/lib/cutover \
    AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED=true
# The user `node` of the base image.
USER 1000:1000
EXPOSE 8083 9464 9465
# The hook listener answers /readyz on its own port: docker-compose.yml says where.
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s --retries=3 \
    CMD ["node", "-e", "fetch('http://127.0.0.1:'+process.env.CUTOVER_HEALTH.split(':').pop()+'/readyz').then(r=>process.exit(+!r.ok),()=>process.exit(1))"]
ENTRYPOINT ["node", "bin/cutover.js"]
CMD ["worker"]
