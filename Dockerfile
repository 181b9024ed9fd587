# The worker and every other command of dripline. The root file system may be read-only.
ARG PYTHON=3.13

FROM python:${PYTHON}-slim AS build
WORKDIR /src
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PIP_ROOT_USER_ACTION=ignore
# Every package is checked against its hash, setuptools too; none is compiled.
COPY requirements.txt requirements-dev.txt ./
RUN sed -n '/^setuptools==/,/[^\\]$/p' requirements-dev.txt > build.txt \
    && pip install --require-hashes --only-binary :all: -r build.txt \
    && pip wheel --require-hashes --only-binary :all: --wheel-dir /wheels -r requirements.txt
COPY pyproject.toml README.md LICENSE dripline.py ./
COPY models models
COPY policy policy
COPY streams streams
RUN pip wheel --no-deps --no-build-isolation --wheel-dir /wheels .

FROM python:${PYTHON}-slim
LABEL org.opencontainers.image.title="Dripline" \
      org.opencontainers.image.description="Screens home infusion claim lines before payment" \
      org.opencontainers.image.licenses="Apache-2.0"
ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
RUN --mount=type=bind,from=build,source=/wheels,target=/wheels \
    pip install --no-cache-dir --disable-pip-version-check --root-user-action=ignore --no-index --no-deps /wheels/*.whl \
    && useradd --uid 10001 --user-group --no-create-home --home-dir /var/lib/dripline --shell /usr/sbin/nologin dripline \
    && install --directory --owner=dripline --group=dripline /var/lib/dripline
# A number, so that an orchestrator can see that it is not root.
USER 10001:10001
# Faust makes an empty folder where it is started.
WORKDIR /tmp
EXPOSE 6066
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request as u; u.urlopen('http://127.0.0.1:' + (os.environ.get('DRIPLINE_HTTP_PORT') or '6066') + '/livez', timeout=4)"]
ENTRYPOINT ["dripline"]
CMD ["worker"]
