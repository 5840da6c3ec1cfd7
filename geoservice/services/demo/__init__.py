"""The demo city: an invented place with its people and thirty days of patrols, made from a seed and a date.

`city.make_city` makes it out of nothing (no database, no clock); `seeding` stores it; `logins` names its users.
"""
