"""Songs that are likely in the wrong folder, or have a wrong genre tag: found, shown, and planned."""
