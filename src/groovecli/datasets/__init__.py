"""Songs on sides, cut into clips, their features cached: what networks are trained and measured on."""
