"""What stands on the pages of models: each module gives sections of the frame."""
