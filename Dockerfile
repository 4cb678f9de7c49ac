FROM python:3.11.14-slim-trixie

RUN useradd --uid 1000 --create-home margin && mkdir -p /app /data /backups && chown margin:margin /app /data /backups
WORKDIR /app
COPY requirements.lock .
# torch first, by its exact version: see pyproject.toml and docs/adr/0004-torch-first.md
RUN pip install --no-cache-dir torch==2.13.0 && pip install --no-cache-dir -r requirements.lock
COPY --chown=margin:margin . .
USER margin
# The static files stay in the image; /data and /backups are volumes, which an image fills only once.
ENV PYTHONUNBUFFERED=1 MARGIN_VAR=/app/var
# The static files need settings, not services: the addresses here are read and never opened, the key is kept nowhere.
RUN DATABASE_URL=postgresql://build/build REDIS_URL=redis://build SECRET_KEY="$(python -c 'import secrets; print(secrets.token_urlsafe(50))')" python manage.py collectstatic --noinput
# What batches and checkpoints say of the code that made them: there is no repository in the image.
ARG CODE_VERSION=unknown
ENV MARGIN_CODE_VERSION=$CODE_VERSION
EXPOSE 8000
CMD ["python", "-m", "gunicorn", "webapp.wsgi", "--preload", "--bind", "0.0.0.0:8000"]
