"""Speech to text: Whisper in a process of its own on this machine, or a server that speaks OpenAI's protocol."""
