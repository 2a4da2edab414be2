"""Numbers that `find_tempo` works with; the last three were fitted by `python benchmarks/fit_tempo.py`."""

USUAL_BPM = 115.0
"""Around which tempos are more likely."""
NO_BEAT = 0.73
"""From which probability there is no beat: docs/results.md has what this leaves out."""
LEAST_CONFIDENCE = 0.3
"""Below, there is no number either."""

# Of octaves from the usual tempo, of their square, and of no beat.
TEMPO = (0.093, -3.968, 6.268)
# Of likeness after BEATS, then of PULSES, in the order of tempo_evidence.py.
EVIDENCE = (
    *(1.889, 4.781, 2.918, 2.062, 0.572, 0.227, 0.251, 0.105, 0.462, 4.069, 1.489, 1.620),  # all bands
    *(-0.391, -0.056, 1.688, -0.561, 2.407, 0.254, 0.723, 1.658, 1.164, 3.024, 1.168, 1.374),  # low bands
    *(0.514, 0.427, 0.795, -1.463, 0.782, -0.076, 0.388, -0.489, -0.218, 2.818, 0.772, 1.496),  # high bands
)
# Intercept and slope, by the logarithm of a probability's odds.
CONFIDENCE = (0.026, 1.106)
