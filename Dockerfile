# The portal's processes; which one is the argument: web, worker, beat, setup, manage (see bin/serve).
FROM python:3.11-slim-bookworm

# Pango and HarfBuzz draw papers, poppler the previews of uploads; the client of PostgreSQL 15 is for backups
# (its version must not be older than the server's: compose.yaml takes postgres:15).
RUN apt-get update \
    && apt-get install -y --no-install-recommends \
        libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 poppler-utils tzdata postgresql-client-15 \
    && rm -rf /var/lib/apt/lists/*

# nginx reads the files as a member of this group: compose.yaml names the same number.
RUN groupadd --gid 10001 reserve-portal \
    && useradd --uid 10001 --gid 10001 --home-dir /data --shell /usr/sbin/nologin reserve-portal \
    && install -d -o 10001 -g 10001 -m 750 /data

WORKDIR /portal
COPY requirements.txt requirements.lock ./
RUN python -m venv .venv \
    && .venv/bin/python -m pip install --no-cache-dir --disable-pip-version-check -r requirements.txt -c requirements.lock
COPY . .
RUN .venv/bin/python -m compileall -q reserve_portal commissions candidates assessment reservists vacancies

ENV DATA_DIR=/data WEB_BIND=0.0.0.0:8000
USER 10001:10001
VOLUME /data
ENTRYPOINT ["bin/serve"]
CMD ["web"]
