"""The pages for people: server-rendered, in Japanese and English, usable without a script."""
