"""What is expected of a table, whether it holds, and which rows do not: compared and checked in the reader."""
