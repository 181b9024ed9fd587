# The worker and every other command of dripline but `replay` and `backtest` (and `explain` of their results), which need
# the extra `replay`. The root file system may be read-only.
#
# The same sources give the same files with the same dates (SOURCE_DATE_EPOCH), in one layer on the base image, from
# any checkout. The image's own date, and so its id, is that of its making where the builder cannot set it.
# To hold the base image still as well, give it with its digest, which
# `docker buildx imagetools inspect python:3.13-slim` tells:
#   docker build --build-arg BASE=python:3.13-slim@sha256:... .
ARG BASE=python:3.13-slim

FROM ${BASE} AS build
# The date of every file: 1980-01-01, the first that a wheel can hold.
ARG SOURCE_DATE_EPOCH=315532800
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PIP_NO_COMPILE=1 PIP_ROOT_USER_ACTION=ignore
WORKDIR /src
# Every package is checked against its hash, setuptools too; none is compiled. The packages come first: they
# change less often than the sources.
COPY requirements.txt requirements-dev.txt ./
RUN sed -n '/^setuptools==/,/[^\\]$/p' requirements-dev.txt > build.txt \
    && pip install --no-deps --require-hashes --only-binary :all: -r build.txt \
    && python -m venv --without-pip /opt/dripline \
    && pip --python /opt/dripline/bin/python install --no-deps --require-hashes --only-binary :all: -r requirements.txt
COPY pyproject.toml README.md LICENSE dripline.py ./
COPY models models
COPY policy policy
COPY streams streams
RUN pip wheel --no-deps --no-build-isolation --wheel-dir /wheel . \
    && pip --python /opt/dripline/bin/python install --no-deps --no-index --find-links /wheel dripline
# What the packages bring for their own tests goes. Byte code that is trusted without a look at its source's
# date is the same in every build, and a worker need not compile at each start, which it could not keep.
# The user has a number, so that an orchestrator can see that it is not root, and a home that a volume may take.
RUN find /opt/dripline -type d \( -name tests -o -name test \) -prune -exec rm -r {} + \
    && PYTHONHASHSEED=0 /opt/dripline/bin/python -m compileall -q --invalidation-mode unchecked-hash /opt/dripline/lib \
    && mkdir -p /image/opt /image/etc /image/var/lib/dripline \
    && mv /opt/dripline /image/opt/ \
    && cp /etc/passwd /etc/group /image/etc/ \
    && echo 'dripline:x:10001:10001::/var/lib/dripline:/usr/sbin/nologin' >> /image/etc/passwd \
    && echo 'dripline:x:10001:' >> /image/etc/group \
    && chown 10001:10001 /image/var/lib/dripline \
    && find /image -exec touch --no-dereference --date="@${SOURCE_DATE_EPOCH}" {} +

FROM ${BASE}
LABEL org.opencontainers.image.title="Dripline" \
      org.opencontainers.image.description="Screens home infusion claim lines before payment" \
      org.opencontainers.image.licenses="Apache-2.0"
COPY --from=build /image /
ENV PATH=/opt/dripline/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
USER 10001:10001
WORKDIR /tmp
EXPOSE 6066
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request as u; u.urlopen('http://127.0.0.1:' + (os.environ.get('DRIPLINE_HTTP_PORT') or '6066') + '/livez', timeout=4)"]
ENTRYPOINT ["dripline"]
CMD ["worker"]
