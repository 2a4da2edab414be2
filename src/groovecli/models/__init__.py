"""The networks: nn.Modules alone, one family a file, and the table that names them."""
