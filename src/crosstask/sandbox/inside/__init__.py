"""What runs inside a sandbox, which has nothing else of crosstask than this folder."""
