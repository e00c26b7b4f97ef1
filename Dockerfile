# docker build -t hello-websocket .      docker compose up      (docs/install.md)
ARG NODE=node:22-slim

FROM ${NODE} AS build
WORKDIR /build
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts
COPY tsconfig.json tsconfig.client.json vite.config.ts ./
COPY scripts scripts
COPY src src
RUN node scripts/build-package.mjs && npm prune --omit=dev --ignore-scripts

FROM ${NODE}
# v4l2-ctl adjusts cameras; tini ends what ends, whoever started it.
RUN apt-get update \
  && apt-get install -y --no-install-recommends tini v4l-utils \
  && rm -rf /var/lib/apt/lists/*
RUN groupadd --system --gid 900 hello-websocket \
  && useradd --system --uid 900 --gid 900 --groups video --no-create-home --home-dir /var/lib/hello-websocket hello-websocket \
  && install -d -m 0700 -o hello-websocket -g hello-websocket /var/lib/hello-websocket
COPY --from=build /build/package.json /app/package.json
COPY --from=build /build/node_modules /app/node_modules
COPY --from=build /build/dist /app/dist
RUN ln -s /app/dist/cli/main.js /usr/local/bin/hello-websocket && chmod 0755 /app/dist/cli/main.js
USER hello-websocket
ENV NODE_ENV=production \
  HELLO_HOST=0.0.0.0 \
  HELLO_STATE=/var/lib/hello-websocket \
  HELLO_LOG_FORMAT=json
VOLUME /var/lib/hello-websocket
EXPOSE 9000
HEALTHCHECK --interval=30s --timeout=5s --start-period=10s CMD ["hello-websocket", "health"]
ENTRYPOINT ["tini", "--", "hello-websocket"]
CMD ["up"]
