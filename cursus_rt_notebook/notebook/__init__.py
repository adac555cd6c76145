"""What you touch in Jupyter: the only room that knows IPython and its widgets."""
