"""Pictures of figures and of sound, as PNG files drawn without a screen."""
