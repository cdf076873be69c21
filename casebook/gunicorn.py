"""gunicorn's settings: few synchronous workers, nothing spooled to disk, no request logged."""

import multiprocessing
import os

bind = os.environ.get("CASEBOOK_BIND", "127.0.0.1:8000")
workers = int(os.environ.get("CASEBOOK_WORKERS", str(min(4, multiprocessing.cpu_count()))))
worker_class = "sync"
worker_tmp_dir = "/dev/shm" if os.path.isdir("/dev/shm") else None  # noqa: S108 (heartbeat files only)
timeout = 120
max_requests = 1000
max_requests_jitter = 100
accesslog = None
errorlog = "-"
loglevel = "warning"
raw_env = ["DJANGO_SETTINGS_MODULE=casebook.settings", "MALLOC_PERTURB_=165"]
