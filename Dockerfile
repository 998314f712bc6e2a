# Waxwing's server: docker build -t waxwing .
#
# What it needs to run and nothing else: the sources, which Node runs as they are, the console as built, the packages of the
# lock that `waxwing` depends on. Settings are WAXWING_… variables (and PORT); secrets are files that …_FILE variables name.
# The embedded store is /data/waxwing-data, on a volume; with WAXWING_DATABASE_URL nothing is kept here.

FROM node:26-slim AS build
WORKDIR /app
COPY . .
RUN npm ci --workspace=@waxwing/console --workspace=waxwing --no-audit --no-fund
RUN node scripts/build-console.ts
RUN npm ci --omit=dev --workspace=waxwing --no-audit --no-fund
RUN rm -rf packages/console packages/agents

FROM node:26-slim
ENV NODE_ENV=production WAXWING_HOST=0.0.0.0
WORKDIR /app
COPY --from=build /app/package.json ./
COPY --from=build /app/node_modules ./node_modules
COPY --from=build /app/packages ./packages
RUN mkdir -p /data && chown node:node /data
WORKDIR /data
USER node
VOLUME /data
EXPOSE 8400
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s --start-interval=2s CMD ["node", "-e", "fetch('http://127.0.0.1:' + (process.env.WAXWING_PORT ?? process.env.PORT ?? 8400) + '/healthz').then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "/app/packages/cli/bin/waxwing.js"]
CMD ["serve"]
