from pathlib import Path
def inspect_runs(folder: Path): raise NotImplementedError
