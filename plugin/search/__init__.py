"""Finding reviews by what is written in them and by what they are about, among any number."""
