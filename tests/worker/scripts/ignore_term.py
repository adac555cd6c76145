import signal
import time


def main(input_paths, output_paths, environ_vars, job_args):
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    print("deaf")
    while True:
        time.sleep(60)
