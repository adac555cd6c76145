"""What it looks like: data becomes text, HTML and pictures here, and nowhere else."""
