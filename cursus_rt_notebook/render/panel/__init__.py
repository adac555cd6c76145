"""What the panel shows, as plain data for its front end: words, numbers and shapes, no markup."""
