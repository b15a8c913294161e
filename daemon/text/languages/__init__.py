"""What the narrator says of its own, a file a language; `phrases.py` reads them."""
