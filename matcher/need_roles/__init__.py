"""Says what each sentence of a need is: a greeting, who writes, a problem, a wish, a condition and so on."""
