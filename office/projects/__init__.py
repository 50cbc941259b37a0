"""Projects: cases in prototype or later, with people, milestones, money, risks and minutes."""
