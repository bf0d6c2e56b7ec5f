"""What holds a hostile reader in: a closed view of the machine around the zygote, and bonds on each child."""
