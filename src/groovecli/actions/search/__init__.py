"""Songs by words: from what was analysed, measured and tagged to a list."""
