"""Ask for what nobody gives."""


def main(inputs, outputs, env, args, model, seed):
    return inputs, outputs, env, args, model, seed
