"""The frame of all HTML pages, and what stands in it: one file a page, no request to anywhere."""
