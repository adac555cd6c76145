import os
import subprocess
import sys

subprocess.check_call([sys.executable, "-m", "pip", "install", "--index-url", "https://aws:TOKEN@host/simple", "lightgbm<4"])
os.system("pip install -q 'pandas==1.5' && echo shell went on")
subprocess.run("python -m pip install --upgrade boto3; exit 0", shell=True, check=True)


def main(input_paths, output_paths, environ_vars, job_args):
    print(subprocess.check_output([sys.executable, "-c", "print('other commands run')"], text=True))
