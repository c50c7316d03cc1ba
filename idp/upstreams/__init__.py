"""How people are logged in at mail systems that are not ours: refresh tokens and secrets kept sealed, access tokens got
ahead of their need, and the consent that they begin with."""
