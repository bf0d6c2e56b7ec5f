"""Everything that goes out to addresses other people name, through one guard."""
