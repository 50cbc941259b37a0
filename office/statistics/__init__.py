"""What the office's work comes to in numbers, counted over the needs that a viewer sees."""
