"""Networks with weights: their files, which one serves, and what they say of songs."""
