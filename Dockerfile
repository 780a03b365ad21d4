# Everything that Slipway needs to run, and nothing that it is tested with.
FROM node:24-slim AS dependencies
WORKDIR /slipway
COPY package.json package-lock.json ./
# No dependency needs a script of its own to be installed.
RUN npm ci --omit=dev --ignore-scripts --no-audit --no-fund

FROM node:24-slim
WORKDIR /slipway
COPY --from=dependencies /slipway/node_modules ./node_modules
COPY package.json ./
COPY bin ./bin
COPY src ./src
RUN install -d -o node -g node -m 700 /data
# All that is written is below /data, and a cache below /tmp that may be missing: the root can be read-only.
USER node
ENV NODE_ENV=production SLIPWAY_HOST=0.0.0.0 SLIPWAY_DATA=/data
VOLUME /data
EXPOSE 7070
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 \
  CMD ["node", "-e", "fetch('http://127.0.0.1:' + (process.env.SLIPWAY_PORT || 7070) + '/healthz').then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
# SIGTERM drains; give it longer than SLIPWAY_DRAIN_MS before it is killed (docker stop --time 40).
ENTRYPOINT ["node", "bin/slipway.js"]
CMD ["serve"]
