"""Figures over incidents and what is made of them: insights, packs, report plans, scorecards."""
