"""What runs in the reader: tables scanned, counted and shown from their files. The kernel imports none of it but words."""
