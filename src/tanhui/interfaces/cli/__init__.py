"""The command line: `tanhui <command>`; every command takes --json."""
