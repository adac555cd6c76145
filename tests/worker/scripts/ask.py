import pdb


def main(input_paths, output_paths, environ_vars, job_args):
    if job_args.how == "input":
        input("Name? ")
    elif job_args.how == "breakpoint":
        breakpoint()
    else:
        pdb.set_trace()
    print("after")
