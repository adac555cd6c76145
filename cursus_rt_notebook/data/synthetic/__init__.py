"""Made-up data that fits a step's inputs: recipes out of schemas, samples and scripts; values; files as scripts expect them."""
