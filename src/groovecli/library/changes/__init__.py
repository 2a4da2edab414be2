"""Songs moved or tagged as the user asks: written down first, done one by one, taken back byte for byte."""
