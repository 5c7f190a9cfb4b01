# Two images: `app` (webhook, worker and sender, officers' pages; one command each, see compose.yaml)
# and `nlu` (Rasa, Python 3.10). They share no package and talk over HTTP.
ARG APP_BASE=docker.io/library/python:3.11-slim-bookworm
ARG NLU_BASE=docker.io/library/python:3.10-slim-bookworm

FROM ${APP_BASE} AS app
ENV PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1
WORKDIR /srv/bot
COPY requirements/app.txt requirements/
RUN pip install --no-cache-dir --disable-pip-version-check --require-hashes -r requirements/app.txt
COPY bot bot
COPY webhook webhook
COPY content content
# The id is fixed so that volumes belong to the same user in both images.
RUN useradd --uid 10001 --no-create-home --shell /usr/sbin/nologin bot \
    && mkdir var && chown bot var
USER 10001
VOLUME ["/srv/bot/var"]
ENV HOST=0.0.0.0 VAR_DIR=/srv/bot/var CONTENT_DIR=/srv/bot/content
EXPOSE 8400 8401
CMD ["python", "-m", "webhook"]

FROM ${NLU_BASE} AS nlu
ENV PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1
WORKDIR /srv/bot
COPY requirements/nlu.txt requirements/
RUN pip install --no-cache-dir --disable-pip-version-check --require-hashes -r requirements/nlu.txt
COPY nlu nlu
COPY content content
RUN useradd --uid 10001 --no-create-home --shell /usr/sbin/nologin bot \
    && mkdir var && chown bot var
USER 10001
VOLUME ["/srv/bot/var"]
# Rasa and its libraries look for a home to keep settings in.
ENV HOME=/tmp MPLCONFIGDIR=/tmp
EXPOSE 8405
# Training takes some minutes and is skipped while content and NLU files are unchanged.
CMD ["sh", "-c", "python -m nlu.train && exec python -m nlu.serve --interface 0.0.0.0 --port 8405"]
