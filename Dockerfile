FROM node:20.19-bookworm-slim AS build
WORKDIR /app
RUN apt-get update && apt-get install -y --no-install-recommends g++ make python3 && rm -rf /var/lib/apt/lists/*
COPY package.json package-lock.json .npmrc ./
# A server keeps the analytics, so the embedded engine (half a gigabyte) stays out.
RUN npm ci --omit=optional
COPY . .
RUN npm run build && npm prune --omit=dev --omit=optional

FROM node:20.19-bookworm-slim
WORKDIR /app
ENV NODE_ENV=production
COPY --from=build /app /app
RUN ln -s /app/dist/cli/main.js /usr/local/bin/picket && install -d -o node -g node -m 0700 /var/lib/picket
USER node
VOLUME /var/lib/picket
ENTRYPOINT ["picket"]
CMD ["run", "--config", "/etc/picket/picket.yaml"]
