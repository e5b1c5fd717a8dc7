# The stack of `make up` in one container, for those who expect an image: docker compose up --build
FROM node:22.21-bookworm-slim AS engine
WORKDIR /engine
COPY package.json package-lock.json ./
RUN npm ci --omit=dev --no-audit --no-fund

FROM python:3.11-slim-bookworm
# The release of Debian is named above, and it keeps one version of a package.
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install --yes --no-install-recommends make \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --uid 10001 --create-home voltbook \
    && install --directory --owner=10001 --group=10001 /voltbook /data
USER 10001:10001
WORKDIR /voltbook
COPY --chown=10001:10001 Makefile ./
COPY --chown=10001:10001 requirements/ministack.in requirements/ministack.lock requirements/
RUN make ministack
COPY --chown=10001:10001 requirements/build.lock requirements/local.lock requirements/
COPY --chown=10001:10001 LICENSE app.py pyproject.toml requirements.txt ./
COPY --chown=10001:10001 chalicelib chalicelib/
COPY --chown=10001:10001 cli cli/
COPY --chown=10001:10001 functions functions/
COPY --chown=10001:10001 infra infra/
COPY --chown=10001:10001 samples samples/
RUN make .venv/.local
COPY --from=engine /engine/node_modules node_modules/

# Within the container only: compose.yaml publishes the port on the host's loopback.
ENV LISTEN=0.0.0.0 PORT=8000 DATA_DIR=/data
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s \
    CMD [".venv/bin/python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/v1/health')"]
CMD [".venv/bin/python", "-m", "infra.local"]
