"""How long things take, as ratios to plain httpx and to gradio_client, taken in one run on one machine.

Figures of different runs or machines say nothing about each other, so that none are printed: each round runs
every contestant once, and the median of the rounds' ratios is what is reported.
"""
