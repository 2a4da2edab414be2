"""What groove knows of a library: counts and sizes (`run`), and what failed (`failed`)."""
