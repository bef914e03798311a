# The command, the desk and the flows, for a Docker or Kubernetes work pool: docs/operate.md, "Elsewhere".
#     docker build -t partner-certs .
#     docker run --rm --user "$(id -u)" -v /var/lib/partner-certs/home:/home-folder partner-certs doctor
FROM python:3.11-slim

# Packages first: they change less often than the code. Each must have the hash that the lock names.
WORKDIR /opt/partner-certs
COPY requirements.lock ./
RUN pip install --no-cache-dir --no-deps --require-hashes -r requirements.lock

COPY pyproject.toml prefect.yaml ./
COPY cli ./cli
COPY desk ./desk
COPY flows ./flows
COPY sources ./sources
COPY schemas ./schemas
COPY transforms ./transforms
COPY exports ./exports
COPY deploy ./deploy
RUN pip install --no-cache-dir --no-deps --no-build-isolation -e . && python -m compileall -q .

# Not root; the home folder is a volume that belongs to this user
RUN useradd --uid 10001 --create-home partner-certs && install -d -m 0700 -o partner-certs /home-folder
USER 10001
ENV PARTNER_CERTS_HOME=/home-folder
VOLUME ["/home-folder"]
ENTRYPOINT ["partner-certs"]
CMD ["--help"]
