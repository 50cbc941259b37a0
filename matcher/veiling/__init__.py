"""What in a need tells whose it is, and what could stand there instead."""
