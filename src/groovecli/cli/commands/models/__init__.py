"""`groove models`: a group of commands, one file each; by itself it lists."""
