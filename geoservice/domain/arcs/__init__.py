"""Streets to cover: every required street is walked or driven, and what is gone besides is as short as can be."""
