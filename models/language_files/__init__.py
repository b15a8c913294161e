"""What the program knows of languages, a file a language; `language_file.py` reads them."""
