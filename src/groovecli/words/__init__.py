"""Songs by words: what words mean, and how well songs fit them; values in, values out."""
