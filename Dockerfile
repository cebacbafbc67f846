# Digit Lab as an image: docker build -t digitlab . && docker run --init -p 8501:8501 -v digitlab:/data digitlab
FROM python:3.13-slim

# Not root. /data is for the database.
RUN useradd --create-home --uid 1000 digitlab && install -d -o digitlab /data
WORKDIR /app

# Before the code, so that a change of the code installs nothing anew. What a cluster needs is 20 MB of it.
COPY requirements-cluster.lock .
RUN pip install --no-cache-dir --disable-pip-version-check --require-hashes -r requirements-cluster.lock

COPY .streamlit .streamlit
COPY digitlab digitlab
COPY model model
COPY pages pages
COPY runs runs
COPY static static
COPY storage storage
COPY ui ui
COPY visitors visitors
COPY classroom classroom
COPY app.py LICENSE ./
# As readable as it was for whoever copied it, and compiled, since this user cannot write here.
RUN chmod -R a+rX . && python -m compileall -q .

USER digitlab
VOLUME /data
EXPOSE 8501
HEALTHCHECK --start-period=60s CMD ["python", "-c", "import urllib.request as r; r.urlopen('http://localhost:8501/_stcore/health', timeout=5)"]
# Whoever stops the container interrupts Streamlit as a keyboard would: it saves what is at work, and ends.
STOPSIGNAL SIGINT
CMD ["python", "-m", "digitlab", "--host", "0.0.0.0", "--port", "8501", "--data", "/data", "--no-browser"]
