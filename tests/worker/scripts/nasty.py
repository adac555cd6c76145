"""Changes everything that a process can change about itself."""

import builtins
import decimal
import gc
import locale
import logging
import os
import random
import signal
import socket
import sys
import tempfile
import threading
import time
import warnings


def main(input_paths, output_paths, environ_vars, job_args):
    os.environ["NASTY"] = "1"
    os.environ.pop("HOME", None)
    os.chdir("/")
    os.umask(0)
    sys.path.insert(0, "/nasty")
    sys.argv[:] = ["nasty"]
    sys.setrecursionlimit(12345)
    sys.excepthook = sys.displayhook = sys.stdout.write
    sys.modules["nasty_module"] = sys
    logging.basicConfig(level=logging.DEBUG, force=True)
    logging.disable(logging.CRITICAL)
    random.seed(1)
    warnings.simplefilter("error")
    socket.setdefaulttimeout(1)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    decimal.getcontext().prec = 3
    tempfile.tempdir = "/nasty"
    builtins.print = None
    gc.disable()
    locale.setlocale(locale.LC_ALL, "C")
    time.tzset()
    threading.Thread(target=time.sleep, args=(60,), daemon=True).start()
    threading.stack_size(1 << 20)
    sys.stdout = None
