"""What every source goes through: its original is read into text, and the text is filed on the board."""
