"""More songs like some: what was analysed, seeds from anywhere, the list, a playlist of it."""
